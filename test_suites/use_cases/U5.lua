-- U5: active load management. Both its messages are blank in the source; as flow reservation (IEEE 2030.5) the vehicle
-- asks for energy, power and window, the utility answers with begin, duration and power, and may revise them while
-- energy flows.
local U = include "_enrolled"
local half = U.S.granted * 0.5

use_case "U5" {
  title = "Customer enrols in active load management",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, U5 (title); S1 9e and 12e (blank); IEEE 2030.5 flow reservation",
  needs = U.needs,
  U.steps { number = 5, charge = { windows = {
    { from = U.S.full[1], to = clock "01:00", after = {
      -- It may: a utility under test revises when it likes, or not at all.
      step { id = "7-revise", actor = utility, to = pev, via = esci, evidence = "inferred",
             often = device.utility and "at most once" or "once",
             text = "revises the reservation while energy flows: half the power",
             sends = message.active_management { from = clock "01:00", duration_s = minutes(162),
                                                 rate = watts(U.S.watts * 0.25) },
             expects = device.utility and { rate = at_most(watts(1440)) } or nil },
      step { id = "7-follow", actor = pev, to = evse, ends = U.S.full[2], evidence = "inferred",
             text = "takes the lower power without a pause; the EVSE keeps its switches closed",
             does = vehicle.take_rate(half), holds = contactor.stays_closed(), of = evse },
    } },
  } } },
}
