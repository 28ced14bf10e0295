-- The first half of S1 (steps 1 to 6 and 13) and the way back, for the bench of bench.yaml: what real drivers see
-- and do. The messages between stand in
-- test_suites/use_cases/S1.lua; this bench has no links for them.
local rated = ics.rated_current

use_case "S1-half" {
  title = "First half of S1 on a bench of real drivers",
  source = "Vehicle Use Case Task Force, S1, revision D",
  needs = { "cp", "coupler", "mains", "contactor" },

  step { id = "1", actor = customer, to = evse, evidence = "found", seed = "000",
         text = "plugs the cordset into the energy portal; with grid power the EVSE puts 12 V on the pilot",
         does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up },

  step { id = "2", actor = customer, to = pev, evidence = "found", seed = "000",
         text = "plugs the cordset into the vehicle; a resistor there pulls the pilot down to 9 V",
         does = coupler.insert(), sees = { pilot.level(9), pilot.source_resistance() }, of = { evse, pev },
         within = limit "time.plug_to_b" },

  step { id = "5", actor = evse, to = pev, evidence = "found", seed = "000",
         text = "starts the PWM whose duty announces the available line current",
         sees = { pilot.no_pwm_before(9), pilot.pwm { duty = duty_for(rated) } }, within = ixit.pwm_start },

  step { id = "6", actor = pev, evidence = "found", seed = "000",
         text = "prepares for the lower of charger size and available line current", does = vehicle.take_rate() },

  step { id = "13", actor = pev, to = evse, evidence = "found", seed = "000",
         text = "switches a further resistor in, the pilot falls to 6 V; the EVSE closes its switches",
         does = vehicle.ready(), sees = { pilot.level(6), contactor.not_closed_before(6), contactor.closes(6) },
         of = { evse, pev }, within = limit "time.plug_to_b" },

  step { id = "stop", actor = pev, to = evse, evidence = "added",
         text = "stops drawing and opens S2; the EVSE opens its switches",
         does = vehicle.not_ready(), sees = contactor.opens(6), of = evse },

  step { id = "unplug", actor = customer, to = pev, evidence = "added", text = "unplugs the vehicle",
         does = coupler.remove(), sees = pilot.state "A1", of = evse, within = limit "time.a2_to_a1" },
}
