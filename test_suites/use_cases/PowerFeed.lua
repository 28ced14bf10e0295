-- The triggers of the same source: prices and control from the network's and the charging provider start a cycle at a
-- set time. The source gives no steps for it; ours are numbered t0 on. Feeding back is not built.
local S = include(ics.connection)
local own = ics.connection .. "."
local at = clock "23:08"

local function row(id, from, to_, text, sends, more)
  more = more or {}
  more.id, more.actor, more.to, more.text, more.sends = id, from, to_, text, sends
  more.evidence, more.seed = more.evidence or "found", "004"
  return step(more)
end

local absent = "the DUT statement says that it takes no part in it (ics.power_feed: false)"
use_case "PowerFeed" {
  title = "Charging cycle that prices and control start at a set time",
  source = "ETSI TR 102 935 V2.1.1, PEV charging and power feed, triggers; oneM2M TR-0001 9.3",
  needs = S.needs,
  unless = not ics.power_feed and absent,
  S.startup { prefix = own },
  row("t0", evse, utility, "its charging parameters go to the charging provider: step 5 of the example flow",
      message.charging_parameters { vehicle = "PEV1", amount = wh(4320), flow = "charge" },
      { via = esci, evidence = "carried" }),
  row("t1", utility, utility, "(network provider) announces prices to the charging provider",
      message.price_announcement { prices = { { from = "00:00", price = "0.061" },
                                              { from = "07:00", price = "0.099" } } },
      { expects = { prices = ascending "from" } }),
  row("t2", utility, evse, "(charging provider) has the EVCE charge from a set time",
      message.feed_control { flow = "charge", start = at, duration_s = minutes(60) },
      { party = "charging_provider", via = esci,
        expects = { flow = of("t0", "flow") } }),
  S.draw { id = "t3", starts = at, ends = clock "00:08", evidence = "inferred",
           text = "the cycle begins: S2 closes, the EVSE closes its switches and keeps them so" },
  S.rest { id = "t4", evidence = "inferred", text = "the cycle ends: S2 opens, the EVSE opens its switches" },
  row("t5", evse, esci, "sends metering and time of the cycle towards the charging provider",
      message.charging_information { vehicle = "PEV1", energy_wh = "@energy", duration_s = "@duration",
                                     flow = "charge" }),
  row("t5-on", esci, utility, "(communication operator) forwards them: they are the charging provider's to collect",
      message.charging_information { vehicle = "PEV1", energy_wh = "@energy", duration_s = "@duration",
                                     flow = "charge" },
      { expects = { vehicle = of("t5", "vehicle"), energy_wh = is(of("t5", "energy_wh")),
                    duration_s = is(of("t5", "duration_s")), flow = of("t5", "flow") } }),
  row("t6", utility, evse, "(charging provider) has the EVCE feed back", nil,
      { when = false, note = "not built: no role of a bench takes energy from a vehicle" }),
  S.finish { prefix = own },
}
