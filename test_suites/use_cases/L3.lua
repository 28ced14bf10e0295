-- L3: a customer connects the vehicle at another home outside the utility's territory. RECONSTRUCTED: only its title
-- is known. L2's steps, with what a visited utility needs: it asks the home utility, which accepts, denies, or does
-- not answer.
local location = include "_location"

-- answer: what the home utility says; nil: nothing
local function roam(L, payer, answer)
  return {
    L.row("2b", { actor = utility, to = utility, evidence = "inferred",
                  text = "(visited) does not know the vehicle and asks the home utility for enrolment and payer",
                  sends = message.roaming_query { vin = L.S.vin, payer = payer } }),
    L.row("2c", { actor = utility, to = utility, evidence = "inferred", when = answer ~= nil,
                  note = answer == nil and "the home utility does not answer in this branch" or nil,
                  text = "(home) confirms or denies: " .. (answer and "confirms" or "denies"),
                  sends = message.roaming_answer { vin = L.S.vin, accepted = answer == true, customer = "C-1" } }),
  }
end

-- A home utility beside a utility under test: both are the same actor, and the bench plays none of it.
local no_utility = device.utility and "the bench cannot play a home utility beside a utility under test: not built"
                   or false

local where = "is connected at a premise that another utility serves"
local needs = location.needs

local function accepted()
  local L = location.new {
    evidence = "carried", payer = "home_utility", payer_text = "the home utility (roaming)",
    texts = { ["11"] = "(visited) records the session, and passes it to the home utility for settlement" } }
  return {
    L.before(), L.connect(where),
    L.agree(roam(L, "home_utility", true),
            "shows that it is bound; the home program's rate normally does not apply here"),
    L.charge(), L.report(),
    L.row("12", { actor = utility, to = utility, evidence = "inferred",
                  text = "(home) posts it to the customer's account",
                  sends = message.session_record { energy_wh = "@energy", duration_s = "@duration", vin = L.S.vin,
                                                   premise = "P-1", account = "C-1", payer = "home_utility" } }),
    L.finish(), L.after(),
  }
end

use_case "L3" {
  title = "Outside the territory; home utility pays",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, L3 (title); L2; S1 8a",
  needs = needs, unless = no_utility, accepted(),
}

-- Denied: the vehicle is refused, and nobody energises it.
local D = location.new { evidence = "carried", payer = "home_utility", payer_text = "the home utility (roaming)" }
use_case "L3-denied" {
  title = "Outside the territory; home utility denies",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, L3 (title); L2; S1 8a",
  needs = needs, unless = no_utility,
  D.before(), D.connect(where), D.identify(), roam(D, "home_utility", false),
  D.row("2d", { actor = utility, to = esci, evidence = "inferred",
                text = "(visited) tells the gateway that the vehicle is not verified: refused, the host does not pay",
                sends = message.id_verification { vin = D.S.vin, premise = "P-1", verified = false } }),
  D.row("2-shown", { actor = esci, to = pev, evidence = "inferred", text = "tells the vehicle that it is not bound",
                     sends = message.binding_confirmation { success = false, vin = D.S.vin, premise = "P-1" },
                     expects = { success = false } }),
  D.row("3", { actor = pev, to = customer, evidence = "inferred",
               text = "shows that it was not bound; it asks for no energy, so the EVSE must keep its switches open",
               sees = contactor.stays_open(s(5)), of = evse }),
  D.finish(true), D.after "(visited) has no record of energy bought",
}

-- Unreachable: the host pays the premise's ordinary tariff.
local N = location.new {
  evidence = "carried", payer = "premise", payer_text = "the host premise", evidences = { ["2-verify"] = "inferred" },
  texts = { ["2-verify"] = "(visited) charges at the host premise's ordinary tariff: verifies the premise",
            ["11"] = "(visited) records the session and bills the host" } }
use_case "L3-unreachable" {
  title = "Outside the territory; home utility silent",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, L3 (title); L2; S1 8a",
  needs = needs, unless = no_utility,
  N.before(), N.connect(where), N.identify(), roam(N, "premise", nil), N.verify(),
  N.show "shows that it may charge at the premise's ordinary tariff", N.request(), N.grant(), N.charge(),
  N.report(), N.finish(), N.after(),
}

return { steps = accepted }
