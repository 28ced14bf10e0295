-- S1: a customer connects a vehicle to the premise with a cordset EVSE (120 V). First half: from the outlet to energy flowing,
-- then stop and unplug. Numbers are the source's; texts are our own words. Steps 7 to 12 and 14 to 16 are messages: not built yet.

use_case "S1" {
  title = "Customer connects vehicle to premise using a cordset EVSE (steps 1-6, 13, stop, unplug)",
  source = "Vehicle Use Case Task Force, S1, revision D",
  needs = { "cp", "coupler", "mains", "contactor" },

  step { id = "1", actor = customer, evidence = "found", seed = "000",
         text = "plugs the cordset into the energy portal; with grid power the EVSE puts 12 V on the pilot",
         does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up },

  step { id = "2", actor = customer, evidence = "found", seed = "000",
         text = "plugs the cordset into the vehicle; a resistor there pulls the pilot down to 9 V",
         does = coupler.insert(), sees = pilot.level(9), of = { evse, pev }, within = limit "time.plug_to_b" },

  step { id = "3", actor = pev, evidence = "found", seed = "000",
         text = "wakes up and latches its power" },

  step { id = "4", actor = evse, evidence = "found", seed = "000",
         text = "watches the pilot drop from 12 V to 9 V",
         note = "happens inside the EVSE; what follows from it is judged in step 5" },

  step { id = "5", actor = evse, evidence = "found", seed = "000",
         text = "starts the PWM whose duty announces the available line current",
         sees = { pilot.no_pwm_before(9), pilot.pwm { duty = duty_for(ics.rated_current) } }, within = ixit.pwm_start },

  step { id = "6", actor = pev, evidence = "found", seed = "000",
         text = "prepares for the lower of charger size and available line current",
         does = vehicle.take_rate() },

  step { id = "13", actor = pev, evidence = "found", seed = "000",
         text = "switches a further resistor in, the pilot falls to 6 V; the EVSE closes its switches",
         does = vehicle.ready(),
         sees = { pilot.level(6), contactor.not_closed_before(6), contactor.closes(6) },
         of = { evse, pev }, within = limit "time.plug_to_b", lasts = ixit.charge_time },

  step { id = "stop", actor = pev, evidence = "added",
         text = "stops drawing and opens S2; the EVSE opens its switches",
         does = vehicle.not_ready(), sees = contactor.opens(6), of = evse },

  step { id = "unplug", actor = customer, evidence = "added",
         text = "pulls the coupler; the EVSE stops the PWM and goes back to steady 12 V",
         does = coupler.remove(), sees = pilot.state "A1", of = evse, within = limit "time.a2_to_a1" },
}

-- Not in the source: what the EVSE must do when the vehicle's diode is missing, without which step 13 would be unsafe.
use_case "S1-diode" {
  title = "EVSE does not energise a vehicle whose pilot diode is shorted",
  source = "IEC 61851-1 Annex A; EVerest bring-up guide",
  needs = { "cp", "coupler", "mains", "contactor" },

  step { id = "1", actor = customer, evidence = "added", text = "plugs the cordset into the energy portal",
         does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up },
  step { id = "2", actor = customer, evidence = "added", text = "plugs the cordset into the vehicle",
         does = coupler.insert(), sees = pilot.level(9), of = { evse, pev }, within = limit "time.plug_to_b" },
  step { id = "3", actor = pev, evidence = "added", text = "its diode fails short", does = vehicle.short_diode() },
  step { id = "4", actor = pev, evidence = "added", text = "closes S2 all the same; the EVSE must not energise",
         does = vehicle.ready(), sees = contactor.stays_open(s(5)), of = evse },
}
