-- The triggers of the same source: prices and control from the network's and the charging provider start a cycle at a
-- set time. The source gives no steps for it; ours are numbered t1 on. Feeding back is not built.
local S = include(ics.connection)
local own = ics.connection .. "."
local at = clock "23:08"

local function row(id, from, to_, text, sends, more)
  more = more or {}
  more.id, more.actor, more.to, more.text, more.sends = id, from, to_, text, sends
  more.evidence, more.seed = "found", "004"
  return step(more)
end

use_case "PowerFeed" {
  title = "Charging cycle that prices and control start at a set time",
  source = "ETSI TR 102 935 V2.1.1, PEV charging and power feed, triggers; oneM2M TR-0001 9.3",
  needs = S.needs,
  unless = not ics.power_feed and "the DUT statement says that it takes no part in it (ics.power_feed: false)",
  S.startup { prefix = own },
  row("t1", utility, utility, "(network provider) announces prices to the charging provider",
      message.price_announcement { prices = { { from = "00:00", price = "0.061" },
                                              { from = "07:00", price = "0.099" } } }),
  row("t2", utility, evse, "(charging provider) has the EVCE charge from a set time",
      message.feed_control { flow = "charge", start = at, duration_s = minutes(60) }),
  step { id = "t3", actor = pev, to = evse, starts = at, ends = clock "00:08", evidence = "inferred",
         text = "the cycle begins: S2 closes, the EVSE closes its switches and keeps them so",
         does = vehicle.resume(S.granted),
         sees = { pilot.level(6), contactor.not_closed_before(6), contactor.closes(6) },
         of = { evse, pev }, within = limit "time.plug_to_b", holds = { contactor.stays_closed(), pilot.stays() } },
  step { id = "t4", actor = pev, to = evse, evidence = "inferred",
         text = "the cycle ends: S2 opens, the EVSE opens its switches",
         does = vehicle.not_ready(), sees = contactor.opens(6), of = evse },
  row("t5", evse, esci, "sends metering and time of the cycle towards the charging provider",
      message.charging_information { vehicle = "PEV1", energy_wh = "@energy", duration_s = "@duration",
                                     flow = "charge" }),
  row("t6", utility, evse, "(charging provider) has the EVCE feed back", nil,
      { when = false, note = "not built: no role of a bench takes energy from a vehicle" }),
  S.finish { prefix = own },
}
