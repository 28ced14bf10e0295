-- Diagnostics (May 2009): the vehicle tells the utility the state of its connection, and why it is or is not charging;
-- without a path to the utility the data stand at a port. RECONSTRUCTED: purpose and scope were read, no steps;
-- numbers and reason codes are ours.
local S = include(ics.connection)
local own = ics.connection .. "."
local ready = ics.asks_ventilation and 3 or 6

local function status(id, evidence, text, fields, more)
  more = more or {}
  more.id, more.actor, more.to, more.evidence, more.text = id, more.actor or pev, more.to or esci, evidence, text
  fields.vin = S.vin
  more.sends = message.charging_status(fields)
  return step(more)
end

-- What the gateway tells others of the vehicle's status. prefix: of the ids 3a and 3b.
local function told(prefix, after, state, reason)
  local expects = { charging = as_sent(), reason = as_sent(), vin = as_sent() }
  return {
    status(prefix .. "b" .. after, "inferred", "tells the customer, too", { charging = state, reason = reason },
           { actor = esci, to = customer, expects = expects }),
    status(prefix .. "a" .. after, "found", "passes it on to the utility", { charging = state, reason = reason },
           { actor = esci, to = utility, expects = expects }),
  }
end

-- The vehicle has stopped drawing: what flowed is handed over, as between two charges of a session.
local function interval()
  return step { id = "3m", actor = eumd, to = esci, evidence = "added",
                text = "hands the energy of the interval to the gateway", within = ixit.report, lasts = ixit.report,
                sends = S.interval(), expects = S.metered }
end

use_case "Diagnostics" {
  title = "Why charging stopped: found, told, cleared, resumed",
  reconstructed = true,
  source = "PEV Diagnostics, 18 May 2009 (purpose and scope)",
  needs = S.needs,
  S.startup { prefix = own }, S.identify { prefix = own }, S.bind { prefix = own },
  step { id = "pre", actor = pev, to = evse, evidence = "added", lasts = minutes(1),
         text = "charges: closes S2, the EVSE closes its switches",
         does = vehicle.resume(S.granted), pev_told = "start", evse_does = contactor_switch.close(),
         sees = { pilot.loaded(ready, ixit.s2_close), pilot.level(6), contactor.closes(6) }, of = { evse, pev },
         within = limit "time.plug_to_b", holds = contactor.stays_closed() },
  step { id = "1", actor = pev, to = evse, evidence = "inferred",
         text = "finds a fault of its own: stops drawing and opens S2; the EVSE opens its switches",
         does = vehicle.not_ready(), pev_told = "stop", evse_does = contactor_switch.open(),
         sees = { pilot.loaded(9, ixit.s2_open), contactor.opens(6) }, of = { evse, pev } },
  step { id = "2", actor = pev, evidence = "inferred",
         text = "puts it into a class: pilot, EVSE, session, authentication, program, vehicle" },
  status("3", "found", "tells the gateway why it is not charging", { charging = "fault", reason = "vehicle",
                                                                      text = "battery too warm" }),
  any_order { told("3", "", "fault", "vehicle") },
  interval(),
  step { id = "4", actor = utility, evidence = "inferred", text = "decides, or asks for more",
         lasts = minutes(5) },
  step { id = "5", actor = pev, evidence = "inferred", text = "the fault is cleared" },
  step { id = "6", actor = pev, to = evse, evidence = "inferred", lasts = minutes(1),
         text = "resumes: closes S2; the EVSE closes its switches again",
         does = vehicle.resume(S.granted), pev_told = "start", evse_does = contactor_switch.close(),
         sees = { pilot.loaded(ready, ixit.s2_close), contactor.closes(6) }, of = { evse, pev },
         holds = contactor.stays_closed() },
  status("6a", "found", "tells the gateway that it is charging", { charging = "charging", reason = "none" }),
  step { id = "stop", actor = pev, to = evse, evidence = "added", text = "stops drawing and opens S2",
         does = vehicle.not_ready(), pev_told = "stop", evse_does = contactor_switch.open(),
         sees = { pilot.loaded(9, ixit.s2_open), contactor.opens(6) }, of = { evse, pev } },
  S.report { prefix = own }, S.finish { prefix = own, leaves = clock "17:00" },
  step { id = "post", actor = utility, evidence = "inferred",
         text = "knows that it charged, that it stopped, and why" },
}

-- Each reason in a state in which it is true; the vehicle asks for no energy, so no pole may conduct.
local reasons = {
  { "session", "the session with the gateway cannot be opened" },
  { "authentication", "the utility does not know it" },
  { "program", "its program holds it back" },
  { "schedule", "its time has not come" },
  { "customer", "the customer has stopped it" },
  { "evse", "the EVSE offers too little" },
}
local waiting = {}
for i, reason in ipairs(reasons) do
  local state = reason[1] == "session" and "connected" or "waiting"
  waiting[i] = { status("3-" .. reason[1], "inferred", "tells why it is not charging: " .. reason[2],
                        { charging = state, reason = reason[1] }),
                 any_order { told("3", "-" .. reason[1], state, reason[1]) } }
end

use_case "Diagnostics-reasons" {
  title = "Each reason why a vehicle does not charge is told",
  reconstructed = true,
  source = "PEV Diagnostics, 18 May 2009 (purpose and scope)",
  needs = S.needs,
  status("3-not-connected", "inferred", "tells that it is not connected",
         { charging = "not_connected", reason = "none" }),
  S.startup { prefix = own }, waiting,
  step { id = "4", actor = utility, evidence = "inferred", text = "knows each reason; the EVSE keeps its switches open",
         sees = contactor.stays_open(s(5)), of = evse },
  S.finish { prefix = own, leaves = clock "16:10", idle = true },
}

use_case "Diagnostics-pilot" {
  title = "A fault of the pilot is told with its reason",
  reconstructed = true,
  source = "PEV Diagnostics, 18 May 2009 (purpose and scope); IEC 61851-1 A.4.9",
  needs = { "cp", "coupler", "mains", "contactor", "cp.load" },
  S.startup { prefix = own }, S.identify { prefix = own }, S.bind { prefix = own },
  step { id = "pre", actor = pev, to = evse, evidence = "added", lasts = s(5),
         text = "charges: closes S2, the EVSE closes its switches",
         does = vehicle.resume(S.granted), pev_told = "start", evse_does = contactor_switch.close(),
         sees = { pilot.loaded(ready, ixit.s2_close), pilot.level(6), contactor.closes(6) }, of = { evse, pev },
         within = limit "time.plug_to_b", holds = contactor.stays_closed() },
  step { id = "1", actor = pev, to = evse, evidence = "inferred", text = "80 ohm from pilot to earth; the EVSE opens",
         does = fault.short_pilot(), sees = contactor.opens(6, limit "time.open_short"), of = evse },
  status("3", "found", "tells the gateway why it is not charging", { charging = "fault", reason = "pilot" }),
  any_order { told("3", "", "fault", "pilot") },
  S.report { prefix = own },
}

use_case "Diagnostics-port" {
  title = "Without a path to the utility the data stand at a port",
  reconstructed = true,
  source = "PEV Diagnostics, 18 May 2009 (purpose and scope)",
  needs = S.needs,
  S.startup { prefix = own },
  step { id = "1", actor = pev, to = esci, evidence = "inferred", text = "finds no gateway that answers" },
  step { id = "2", actor = pev, evidence = "inferred", text = "stores its state and the reason, with the time" },
  status("3", "found", "shows its state and the reason at a port of the vehicle or of the EVSE, to whoever reads it",
         { charging = "connected", reason = "no_communication" }, { to = customer }),
  S.finish { prefix = own, leaves = clock "16:10" },
}
