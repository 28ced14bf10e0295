-- PEV charging and power feed, home scenario (ETSI TR 102 935, oneM2M TR-0001 9.3): the example flow. The source
-- numbers two steps 2 and has no 7; here the second 2 is 3, as its own cross-reference demands, and the next two one
-- more. Providers and operators are the actor utility, the communication operator is esci, the EVCE is evse. The
-- system operator stands in the flow, not in the list of actors.
local S = include(ics.connection)
local own = ics.connection .. "."

local function row(id, from, to_, text, sends)
  return step { id = id, actor = from, to = to_, evidence = "found", seed = "004", text = text, sends = sends }
end
local ev = "PEV1"

use_case "HealthCheck" {
  title = "Health check of a vehicle that is plugged in for charging",
  source = "ETSI TR 102 935 V2.1.1, PEV charging and power feed; oneM2M TR-0001 9.3",
  needs = S.needs,
  unless = not ics.health_check and "the DUT statement says that it takes no part in it (ics.health_check: false)",
  row("1", utility, utility, "(vehicle and charging providers) subscribe to information on the vehicle",
      message.subscription { topic = "vehicle", vehicle = ev }),
  row("2a", customer, evse, "plugs the vehicle in: the pilot's steps are those of " .. ics.connection),
  S.startup { prefix = own },
  row("2b", pev, esci, "tells the communication operator which vehicle it is",
      message.pev_information { vehicle = ev }),
  row("2c", evse, esci, "tells the communication operator the charging period",
      message.charging_information { vehicle = ev, duration_s = hours(1), flow = "charge" }),
  row("3", esci, utility, "(communication operator) forwards both to the system operator; 2 again in the source",
      message.pev_information { vehicle = ev }),
  row("4", utility, utility, "(system operator) notifies who subscribed",
      message.subscription_notification { vehicle = ev }),
  row("5", pev, utility, "charging parameters go to the charging provider, pulled or pushed (there is no answer)",
      message.charging_parameters { vehicle = ev, amount = wh(4320), flow = "charge" }),
  step { id = "5-pilot", actor = pev, to = evse, evidence = "added", lasts = minutes(10),
         text = "closes S2 and draws; the EVSE closes its switches, and keeps them closed as the check goes on",
         does = vehicle.resume(S.granted), sees = { pilot.level(6), contactor.closes(6) }, of = { evse, pev },
         within = limit "time.plug_to_b", holds = { contactor.stays_closed(), pilot.stays() } },
  row("6", utility, utility, "(vehicle provider) has a health check started",
      message.health_check_start { vehicle = ev }),
  row("7", utility, pev, "(system operator) starts the health check, through the communication operator",
      message.health_check_start { vehicle = ev }),
  row("8", pev, esci, "finds a defective part and tells the communication operator",
      message.defect_detected { vehicle = ev, part = "coolant-pump" }),
  row("9", esci, utility, "(communication operator) forwards the defect to the system operator",
      message.defect_detected { vehicle = ev, part = "coolant-pump" }),
  row("10", utility, utility, "(system operator) notifies the vehicle provider of the defect",
      message.defect_notification { vehicle = ev, part = "coolant-pump" }),
  row("11", utility, utility, "(vehicle provider) orders the part",
      message.part_order { vehicle = ev, part = "coolant-pump" }),
  row("12", utility, utility, "(system operator) orders it from the manufacturer",
      message.part_order { vehicle = ev, part = "coolant-pump" }),
  step { id = "stop", actor = pev, to = evse, evidence = "added", text = "stops drawing and opens S2",
         does = vehicle.not_ready(), sees = contactor.opens(6), of = evse },
  S.finish { prefix = own, leaves = clock "17:00" },
}
