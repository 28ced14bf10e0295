-- L4: a customer connects the vehicle at a public place (its first scenario is the curbside). RECONSTRUCTED except
-- step 1 and the begin of step 2, which public copies of its opening show; the rest is L2's, with terms and payment
-- for a customer who is not enrolled.
local location = include "_location"
local S = location.S
local own = ics.connection .. "."

local function steps(is_enrolled)
  local payer = is_enrolled and "customer" or "on_the_spot"
  local L = location.new { evidence = "carried", payer = payer,
                           payer_text = is_enrolled and "the enrolled customer" or "the customer, on the spot," }
  local row = L.row
  local agree_terms = row("3-pay", {
    actor = customer, to = utility, evidence = "inferred", when = not is_enrolled,
    note = is_enrolled and "the customer is enrolled with the provider" or nil,
    text = "agrees to the terms (price, time limit, parking) and pays on the spot",
    sends = message.payment_agreement { accepted = true, payment = "card", vin = S.vin } })
  local identify = {
    row("3", { actor = pev, to = esci, text = "opens a session with the curbside gateway and identifies itself",
               sends = message.session_open { initiator = "pev" } }),
    row("3-vin", { actor = pev, to = utility, text = "sends its VIN", sends = message.vin { vin = S.vin } }),
    agree_terms }
  local bind = {
    row("3-verify", { actor = utility, to = esci, text = is_enrolled
                      and "authenticates the enrolled customer by vehicle or customer identity"
                      or "verifies the vehicle for this one session",
                      sends = message.id_verification { vin = S.vin, customer = is_enrolled and "C-1" or nil } }),
    row("3-confirm", { actor = utility, to = eumd, text = "confirms the binding to the meter, through the gateway",
                       sends = message.binding_confirmation { success = true } }) }
  local request = {
    row("4-bill", { actor = pev, to = utility, text = "sends the billing request",
                    sends = message.billing_request { payer = payer } }),
    L.request() }
  local grant = L.grant "(provider) sends the energy available, with price and conditions"
  local receipt = row("11-receipt", {
    actor = utility, to = customer, evidence = "inferred", when = not is_enrolled,
    note = is_enrolled and "the session is on the customer's bill" or nil,
    text = "gives a receipt for the session that was paid on the spot",
    sends = message.receipt { cost = "1.00", energy_wh = "@energy", payment = "card" } })
  return {
    row("pre", { actor = customer, to = utility, evidence = "found",
                 text = is_enrolled and "is enrolled with the curbside energy provider, at special rates or conditions"
                        or "is not enrolled with the curbside energy provider (it may be or not)",
                 sends = is_enrolled and message.enrollment { customer = "C-1", premise = "P-1", vin = S.vin }
                         or nil }),
    row("1", { actor = customer, to = evse, evidence = "found",
               text = "connects to the curbside device: the start is that of " .. ics.connection }),
    S.startup { prefix = own },
    row("2", { actor = pev, evidence = "found",
               text = "prepares for charger size or ALC, the lower; it senses power at its charger: " .. own .. "6" }),
    ics.binds_first and { identify, bind, request, grant } or { identify, request, bind, grant },
    L.charge(), L.report "(provider) records the session; settles with the home utility, if there is one",
    receipt, L.finish(),
    row("post", { actor = utility, evidence = "inferred",
                  text = "has a record of the session and of who paid: that of step 11" }),
  }
end

use_case "L4" {
  title = "Customer connects in public; enrolled",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, L4 (opening), scenario A curbside; L2",
  needs = location.needs, steps(true),
}

use_case "L4-pay" {
  title = "Customer connects in public; pays there",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, L4 (opening), scenario A curbside; S1 8a",
  needs = location.needs, steps(false),
}

return { steps = steps }
