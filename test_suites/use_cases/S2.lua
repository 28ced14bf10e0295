-- S2: a customer connects a vehicle to the premise with a premise EVSE (240 V, to 80 A) whose charger is in the
-- vehicle. RECONSTRUCTED: of its text only the opening was read; that programs stand at its steps 9 and 12, as in S1,
-- is the ground for taking S1's steps over. With several cords the EVSE divides its current, and each vehicle has a
-- session record of its own.

local rated = ics.rated_current

local S = include "_connection".new {
  name = "S2", evidence = "carried", watts = 240 * (rated / amps(1)),
  power_up = { evidence = "inferred",
               text = "has the premise EVSE's 240 V supply on (hard-wired: no act of a session); 12 V on the pilot" },
  connect = "connects the premise EVSE's own cord to the vehicle; a resistor there pulls the pilot down to 9 V",
  announce = "starts the PWM whose duty announces the available line current (up to 80 A: 96 %)",
  rate = "prepares for the lower of charger size and available line current",
  lesser = "the lesser of ALC and charger",
}

use_case "S2" {
  title = "Customer connects by a premise EVSE",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, S2, revision D (opening); S1",
  needs = S.needs,
  S.before(), S.startup(), S.session(), S.charge(), S.report(), S.finish(), S.after(),
}

use_case "S2-cords" {
  title = "Premise EVSE with two cords divides its current",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, S2: may have more than one cord",
  needs = { "cp", "coupler", "mains", "contactor", "cord[2]" },
  step { id = "1", actor = customer, to = evse, evidence = "inferred", text = "has the premise EVSE's supply on",
         does = mains.on() },
  step { id = "2", actor = customer, to = pev, evidence = "inferred", text = "connects a vehicle to the first cord",
         does = coupler.insert() },
  step { id = "5", actor = evse, to = pev, evidence = "inferred", text = "announces its whole current on that cord",
         sees = pilot.pwm { duty = duty_for(rated) }, within = ixit.pwm_start },
  step { id = "2-2", actor = customer, to = pev, evidence = "inferred",
         text = "connects another vehicle to the second cord" },
  step { id = "5-2", actor = evse, to = pev, evidence = "inferred",
         text = "announces currents whose sum is not above what the supply gives" },
  step { id = "16", actor = utility, evidence = "inferred", text = "records two sessions, each tied to its vehicle" },
}

return S
