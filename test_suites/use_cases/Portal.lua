-- The IntelliGrid consumer portal's electric-vehicle function: 28 rows in two branches and a common end. On-board
-- system: pev; charging station: evse; customer's portal: esci; meter: eumd; operation system, scheduler and billing:
-- utility. The source's defects stand where they are. The pilot's own steps are the S file's, before row 1 and beside
-- rows n.3 and n.3.2.
local S = include(ics.connection)
local own = ics.connection .. "."

local function row(id, from, to_, text, sends, more)
  more = more or {}
  more.id, more.actor, more.to, more.text, more.sends = id, from, to_, text, sends
  more.evidence, more.seed = "found", "002"
  return step(more)
end

local function opening()
  return {
    row("1", pev, esci, "is plugged in by the customer and asks station and portal for a charge",
        message.portal_charging_request { ev = "EV-1" }),
    row("1.1.1", pev, esci, "identifies itself and tells what charge it needs (there is no row 1.1)",
        message.portal_ev_identification { ev = "EV-1", amount = wh(4320) }),
    row("1.1.2", esci, utility, "forwards customer, vehicle and the portal's location to the operation system",
        message.portal_location_report { customer = "C-1", ev = "EV-1", location = "P-1", amount = wh(4320) }),
  }
end

-- Rows n.3 to n.3.4: charging at the slot. The station is turned on before the meter is told to measure: the source's
-- order.
local function charging(n)
  return {
    row(n .. ".3", esci, evse, "turns the station on at its slot", message.portal_start_charging { ev = "EV-1" },
        { starts = S.full[1] }),
    row(n .. ".3.1", esci, eumd, "tells the meter to measure (after the station is on: so in the source)",
        message.portal_start_measuring { ev = "EV-1" }),
    step { id = n .. ".3-pilot", actor = pev, to = evse, evidence = "added", ends = clock "02:00",
           text = "closes S2 and draws; the EVSE closes its switches",
           does = vehicle.resume(S.granted),
           sees = { pilot.level(6), contactor.not_closed_before(6), contactor.closes(6) },
           of = { evse, pev }, within = limit "time.plug_to_b", holds = { contactor.stays_closed(), pilot.stays() } },
    row(n .. ".3.2", pev, evse, "is charged and turns the station off", message.portal_power_off { ev = "EV-1" }),
    step { id = n .. ".3.2-pilot", actor = pev, to = evse, evidence = "added",
           text = "stops drawing and opens S2; the EVSE opens its switches",
           does = vehicle.not_ready(), sees = contactor.opens(6), of = evse },
    row(n .. ".3.3", eumd, esci, "hands the energy used to the portal",
        message.portal_consumption { energy_wh = "@energy", duration_s = "@duration", ev = "EV-1" }),
    row(n .. ".3.4", esci, utility, n == "2"
        and "reports completion (the home branch has no row that takes the energy along; the message carries it)"
        or "reports completion",
        message.portal_completion { energy_wh = "@energy", duration_s = "@duration", ev = "EV-1" }),
  }
end

local function home()
  return {
    row("1.2", utility, utility, "decides: charging at home",
        message.portal_charging_type { place = "home", ev = "EV-1" }),
    row("2.1", utility, utility, "finds the rate that applies (the source has data in the producer's place)",
        message.portal_rates { customer = "C-1", ev = "EV-1", price = "0.08" }),
    row("2.1.1", utility, utility, "confirms the charge requirements",
        message.portal_requirements { amount = wh(4320), ev = "EV-1" }),
    row("2.2", utility, utility, "asks the scheduler, who gives a slot (the source shows the reply's direction)",
        message.portal_slot { start = S.full[1], ev = "EV-1" }),
    row("2.2.1", utility, esci, "(scheduler) tells the portal the start time",
        message.portal_start_time { start = S.full[1], ev = "EV-1" }),
    charging "2",
  }
end

local function third_party()
  return {
    row("1.2", utility, utility, "decides: charging at a third party's",
        message.portal_charging_type { place = "third_party", ev = "EV-1" }),
    row("3.1", utility, utility, "marks it as a third-party event (the source names no producer)",
        message.portal_third_party_flag { ev = "EV-1" }),
    row("3.1.1", esci, utility, "gathers the identities of the vehicle's owner, the vehicle and the portal's owner",
        message.portal_identities { customer = "C-1", ev = "EV-1", portal_customer = "C-2" }),
    row("3.1.2", utility, utility, "finds the rate that applies",
        message.portal_rates { customer = "C-1", ev = "EV-1", price = "0.08" }),
    row("3.1.3", utility, utility, "confirms the charge requirements",
        message.portal_requirements { amount = wh(4320), ev = "EV-1" }),
    row("3.2", utility, utility, "asks the scheduler, who gives a slot",
        message.portal_slot { start = S.full[1], ev = "EV-1" }),
    row("3.2.1", utility, esci, "tells the portal the start time (text and producer of the source differ in who tells)",
        message.portal_start_time { start = S.full[1], ev = "EV-1" }),
    charging "3",
    row("3.3.5", esci, utility, "has the usage assigned to the vehicle owner's account",
        message.portal_usage_assignment { customer = "C-1", energy_wh = "@energy" }),
  }
end

-- Common to both branches: the source leaves the event blank.
local function billing()
  return {
    row("4.1", utility, utility, "sends energy and rate to billing",
        message.portal_billing_usage { customer = "C-1", energy_wh = "@energy", ev = "EV-1", price = "0.08" }),
    row("4.1.1", utility, esci, "(billing) tells the vehicle owner's portal what it costs",
        message.portal_bill { cost = "0.35", customer = "C-1", energy_wh = "@energy" }),
    row("4.1.2", utility, utility, "tells the scheduler of the completion, only after billing: so in the source",
        message.portal_acknowledgement { ev = "EV-1" }),
  }
end

local absent = "the DUT statement says that it takes no part in it (ics.%s: false)"
local source = "IntelliGrid, consumer portal, electric vehicle function"
use_case "Portal" {
  title = "Charging through the consumer portal, at home",
  source = source, needs = S.needs, unless = not ics.portal and absent:format "portal",
  S.startup { prefix = own }, opening(), home(), billing(), S.finish { prefix = own },
}
use_case "Portal-third-party" {
  title = "Charging through the consumer portal, at a third party's",
  source = source, needs = S.needs, unless = not ics.portal_third_party and absent:format "portal_third_party",
  S.startup { prefix = own }, opening(), third_party(), billing(), S.finish { prefix = own },
}
