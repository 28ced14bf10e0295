-- PEV charging and power feed, home scenario (ETSI TR 102 935, oneM2M TR-0001 9.3): the example flow. The source
-- numbers two steps 2 and has no 7; here the second 2 is 3, as its own cross-reference demands, and the next two one
-- more. Providers and operators are the actor utility, the communication operator is esci, the EVCE is evse. The
-- system operator stands in the flow, not in the list of actors. What goes between a provider's centre and what is
-- plugged in goes through the communication operator: the source's description and its list of actors say so.
local S = include(ics.connection)
local own = ics.connection .. "."

local function row(id, from, to_, text, sends, more)
  more = more or {}
  more.id, more.actor, more.to, more.text, more.sends = id, from, to_, text, sends
  more.evidence, more.seed = "found", "004"
  return step(more)
end
local ev, part = "PEV1", "coolant-pump"
-- A subscription may stand from an earlier connection: nothing tells a utility under test to make it now.
local often = device.utility and "any" or "once"
-- Of the vehicle that was plugged in; of the part that it found.
local function its() return of("2b", "vehicle") end
local function that() return of("8", "part") end

use_case "HealthCheck" {
  title = "Health check of a vehicle that is plugged in for charging",
  source = "ETSI TR 102 935 V2.1.1, PEV charging and power feed; oneM2M TR-0001 9.3",
  needs = S.needs,
  unless = not ics.health_check and "the DUT statement says that it takes no part in it (ics.health_check: false)",
  any_order {
    row("1", utility, utility, "(vehicle provider) subscribes to information on the vehicle",
        message.subscription { topic = "vehicle", vehicle = ev },
        { party = "vehicle_provider", often = often, expects = { vehicle = as_sent() } }),
    row("1-charging", utility, utility, "(charging provider) does so too",
        message.subscription { topic = "vehicle", vehicle = ev },
        { party = "charging_provider", often = often, expects = { vehicle = as_sent() } }),
  },
  row("2a", customer, evse, "plugs the vehicle in: the pilot's steps are those of " .. ics.connection),
  S.startup { prefix = own },
  row("2b", pev, esci, "tells the communication operator which vehicle it is",
      message.pev_information { vehicle = ev }),
  row("2c", evse, esci, "tells the communication operator the charging period",
      message.charging_information { vehicle = ev, duration_s = hours(1), flow = "charge" }),
  any_order {
    row("3", esci, utility, "(communication operator) forwards both to the system operator; 2 again in the source",
        message.pev_information { vehicle = ev }, { expects = { vehicle = its() } }),
    row("3-charging", esci, utility, "(communication operator) forwards both: what it heard of the charging",
        message.charging_information { vehicle = ev, duration_s = hours(1), flow = "charge" },
        { expects = { vehicle = of("2c", "vehicle"), duration_s = is(of("2c", "duration_s")),
                      flow = of("2c", "flow") } }),
  },
  any_order {
    row("4", utility, utility, "(system operator) notifies who subscribed: the vehicle provider",
        message.subscription_notification { vehicle = ev },
        { to_party = "vehicle_provider", expects = { vehicle = of("3", "vehicle") } }),
    row("4-charging", utility, utility, "(system operator) notifies the charging provider",
        message.subscription_notification { vehicle = ev },
        { to_party = "charging_provider", expects = { vehicle = of("3", "vehicle") } }),
  },
  row("5", pev, utility, "charging parameters go to the charging provider, pulled or pushed (there is no answer)",
      message.charging_parameters { vehicle = ev, amount = wh(4320), flow = "charge" }, { via = esci }),
  S.draw { id = "5-pilot", evidence = "added", lasts = minutes(10),
           text = "closes S2 and draws; the EVSE closes its switches, and keeps them closed as the check goes on" },
  row("6", utility, utility, "(vehicle provider) has a health check started",
      message.health_check_start { vehicle = ev },
      { party = "vehicle_provider", expects = { vehicle = of("3", "vehicle") } }),
  row("7", utility, pev, "(system operator) starts the health check, through the communication operator",
      message.health_check_start { vehicle = ev },
      { party = "system_operator", via = esci, expects = { vehicle = of("6", "vehicle") } }),
  row("8", pev, esci, "finds a defective part and tells the communication operator",
      message.defect_detected { vehicle = ev, part = part }),
  row("9", esci, utility, "(communication operator) forwards the defect to the system operator",
      message.defect_detected { vehicle = ev, part = part }, { expects = { vehicle = its(), part = that() } }),
  row("10", utility, utility, "(system operator) notifies the vehicle provider of the defect",
      message.defect_notification { vehicle = ev, part = part },
      { expects = { vehicle = of("9", "vehicle"), part = of("9", "part") } }),
  row("11", utility, utility, "(vehicle provider) orders the part",
      message.part_order { vehicle = ev, part = part },
      { party = "vehicle_provider", to_party = "system_operator",
        expects = { vehicle = of("10", "vehicle"), part = of("10", "part") } }),
  row("12", utility, utility, "(system operator) orders it from the manufacturer",
      message.part_order { vehicle = ev, part = part },
      { party = "system_operator", to_party = "manufacturer",
        expects = { vehicle = of("11", "vehicle"), part = of("11", "part") } }),
  S.rest { id = "stop", evidence = "added", text = "stops drawing and opens S2" },
  S.finish { prefix = own, leaves = clock "17:00" },
}
