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

-- Of the vehicle that identified itself (o.ev); its owner is o.owner. The portal stands at P-1 and is C-1's.
local function its() return of("1.1.1", "ev") end

local function opening(o)
  return {
    row("1", pev, esci, "is plugged in by the customer and asks station and portal for a charge",
        message.portal_charging_request { ev = o.ev }),
    row("1.1.1", pev, esci, "identifies itself and tells what charge it needs (there is no row 1.1)",
        message.portal_ev_identification { ev = o.ev, amount = wh(4320) }),
    row("1.1.2", esci, utility, "forwards customer, vehicle and the portal's location to the operation system",
        message.portal_location_report { customer = "C-1", ev = o.ev, location = "P-1", amount = wh(4320) },
        { expects = { customer = as_sent(), ev = its(), location = as_sent(), amount = is(of("1.1.1", "amount")) } }),
  }
end

-- Rows n.1 (rate) to n.2.1: the utility's own, up to the start time.
local function slot(n, rate, requirements)
  return {
    row(rate, utility, utility, n == "2" and "finds the rate that applies (the source has data in the producer's place)"
        or "finds the rate that applies",
        message.portal_rates { customer = n == "2" and "C-1" or "C-2", ev = n == "2" and "EV-1" or "EV-2",
                               price = "0.08" },
        { expects = { customer = n == "2" and of("1.1.2", "customer") or of("3.1.1", "customer"), ev = its() } }),
    row(requirements, utility, utility, "confirms the charge requirements",
        message.portal_requirements { amount = wh(4320), ev = n == "2" and "EV-1" or "EV-2" },
        { expects = { amount = of("1.1.2", "amount"), ev = its() } }),
    row(n .. ".2", utility, utility, n == "2"
        and "asks the scheduler, who gives a slot (the source shows the reply's direction)"
        or "asks the scheduler, who gives a slot",
        message.portal_slot { start = S.full[1], ev = n == "2" and "EV-1" or "EV-2" }, { expects = { ev = its() } }),
    row(n .. ".2.1", utility, esci, n == "2" and "(scheduler) tells the portal the start time"
        or "(scheduler) tells the portal the start time (text and producer of the source differ in who tells)",
        message.portal_start_time { start = S.full[1], ev = n == "2" and "EV-1" or "EV-2" },
        { party = "scheduler", expects = { start = of(n .. ".2", "start"), ev = its() } }),
  }
end

-- Rows n.3 to n.3.4: charging at the slot. The station is turned on before the meter is told to measure: the source's
-- order.
local function charging(n, ev)
  return {
    row(n .. ".3", esci, evse, "turns the station on at its slot", message.portal_start_charging { ev = ev },
        { starts = S.full[1], expects = { ev = its() } }),
    row(n .. ".3.1", esci, eumd, "tells the meter to measure (after the station is on: so in the source)",
        message.portal_start_measuring { ev = ev }, { expects = { ev = its() } }),
    S.draw { id = n .. ".3-pilot", evidence = "added", ends = clock "02:00",
             text = "closes S2 and draws; the EVSE closes its switches" },
    row(n .. ".3.2", pev, evse, "is charged and turns the station off", message.portal_power_off { ev = ev }),
    S.rest { id = n .. ".3.2-pilot", evidence = "added",
             text = "stops drawing and opens S2; the EVSE opens its switches" },
    row(n .. ".3.3", eumd, esci, "hands the energy used to the portal",
        message.portal_consumption { energy_wh = "@energy", duration_s = "@duration", ev = ev }),
    row(n .. ".3.4", esci, utility, n == "2"
        and "reports completion (the home branch has no row that takes the energy along; the message carries it)"
        or "reports completion",
        message.portal_completion { energy_wh = "@energy", duration_s = "@duration", ev = ev },
        { expects = { energy_wh = of(n .. ".3.3", "energy_wh"), duration_s = of(n .. ".3.3", "duration_s"),
                      ev = its() } }),
  }
end

local function home()
  return {
    row("1.2", utility, utility, "decides: charging at home",
        message.portal_charging_type { place = "home", ev = "EV-1" }, { expects = { place = as_sent(), ev = its() } }),
    slot("2", "2.1", "2.1.1"), charging("2", "EV-1"),
  }
end

-- EV-2 is another customer's, and so it is to stand in the register of a utility under test.
local function third_party()
  return {
    row("1.2", utility, utility, "decides: charging at a third party's",
        message.portal_charging_type { place = "third_party", ev = "EV-2" },
        { expects = { place = as_sent(), ev = its() } }),
    row("3.1", utility, utility, "marks it as a third-party event (the source names no producer)",
        message.portal_third_party_flag { ev = "EV-2" }, { expects = { ev = its() } }),
    row("3.1.1", utility, utility, "gathers the identities of the vehicle's owner, the vehicle and the portal's owner",
        message.portal_identities { customer = "C-2", ev = "EV-2", portal_customer = "C-1" },
        { expects = { customer = as_sent(), ev = its(), portal_customer = of("1.1.2", "customer") } }),
    slot("3", "3.1.2", "3.1.3"), charging("3", "EV-2"),
    row("3.3.5", esci, utility, "has the usage assigned to the vehicle owner's account",
        message.portal_usage_assignment { customer = "C-2", ev = "EV-2", energy_wh = "@energy" },
        { expects = { customer = of("3.1.1", "customer"), ev = its(), energy_wh = of("3.3.3", "energy_wh") } }),
  }
end

-- Common to both branches: the source leaves the event blank. `rate`: the row that found the rate; `energy`: the one
-- that brought the energy. The bill's cost is not judged: no relation multiplies the fields of two messages.
local function billing(o)
  return {
    row("4.1", utility, utility, "sends energy and rate to billing",
        message.portal_billing_usage { customer = o.owner, energy_wh = "@energy", ev = o.ev, price = "0.08" },
        { expects = { customer = of(o.rate, "customer"), energy_wh = of(o.energy, "energy_wh"), ev = its(),
                      price = is(of(o.rate, "price")) } }),
    row("4.1.1", utility, esci, "(billing) tells the vehicle owner's portal what it costs",
        message.portal_bill { cost = "0.35", customer = o.owner, energy_wh = "@energy" },
        { expects = { customer = of("4.1", "customer"), energy_wh = of("4.1", "energy_wh") } }),
    row("4.1.2", utility, utility, "tells the scheduler of the completion, only after billing: so in the source",
        message.portal_acknowledgement { ev = o.ev }, { expects = { ev = its() } }),
  }
end

local at_home = { ev = "EV-1", owner = "C-1", rate = "2.1", energy = "2.3.4" }
local at_anothers = { ev = "EV-2", owner = "C-2", rate = "3.1.2", energy = "3.3.5" }
local absent = "the DUT statement says that it takes no part in it (ics.%s: false)"
local source = "IntelliGrid, consumer portal, electric vehicle function"
use_case "Portal" {
  title = "Charging through the consumer portal, at home",
  source = source, needs = S.needs, unless = not ics.portal and absent:format "portal",
  S.startup { prefix = own }, opening(at_home), home(), billing(at_home), S.finish { prefix = own },
}
use_case "Portal-third-party" {
  title = "Charging through the consumer portal, at a third party's",
  source = source, needs = S.needs, unless = not ics.portal_third_party and absent:format "portal_third_party",
  S.startup { prefix = own }, opening(at_anothers), third_party(), billing(at_anothers), S.finish { prefix = own },
}
