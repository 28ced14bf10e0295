-- A session of steady charge, LASTS seconds long, and a case after it: for tests that interrupt, kill or sample it. bench.py puts LASTS in.
use_case "charge" {
  title = "Steady charge", source = "none: made for tests/acceptance", needs = { "cp", "coupler", "mains", "contactor" },
  step { id = "1", actor = customer, evidence = "added", text = "switches the mains on",
         does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up },
  step { id = "2", actor = customer, evidence = "added", text = "plugs in",
         does = coupler.insert(), sees = { pilot.level(9), pilot.pwm { duty = duty_for(ics.rated_current) } },
         of = { evse, pev }, within = ixit.pwm_start },
  step { id = "3", actor = pev, evidence = "added", text = "takes its rate", does = vehicle.take_rate() },
  step { id = "4", actor = pev, evidence = "added", text = "charges",
         does = vehicle.ready(), sees = { pilot.level(6), contactor.not_closed_before(6), contactor.closes(6) }, of = { evse, pev },
         within = limit "time.plug_to_b", lasts = s(LASTS) },
  step { id = "5", actor = pev, evidence = "added", text = "stops",
         does = vehicle.not_ready(), sees = contactor.opens(6), of = evse },
}
use_case "after" {
  title = "What comes after the charge", source = "none: made for tests/acceptance", needs = { "cp", "mains" },
  step { id = "1", actor = customer, evidence = "added", text = "switches the mains on",
         does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up },
}
