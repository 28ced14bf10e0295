-- L4: a customer connects the vehicle at a public place (its first scenario is the curbside). RECONSTRUCTED except
-- step 1 and the begin of step 2, which public copies of its opening show; the rest is L2's, with terms and payment
-- for a customer who is not enrolled.
local location = include "_location"
local S = location.S
local own = ics.connection .. "."

local function steps(is_enrolled)
  local payer = is_enrolled and "customer" or "on_the_spot"
  local L = location.new {
    evidence = "carried", payer = payer, bills_later = true, evidences = { ["pre"] = "found" },
    payer_text = is_enrolled and "the enrolled customer" or "the customer, on the spot,",
    numbers = { ["7"] = "3", ["7r"] = "3-open", ["8"] = "3-vin", ["8p"] = "3-premise", ["10"] = "3-verify",
                ["11"] = "3-confirm", ["11v"] = "3-shown", ["8a"] = "4-bill" },
    texts = {
      ["pre"] = "is enrolled with the curbside energy provider, at special rates or conditions",
      ["3"] = "opens a session with the curbside gateway and identifies itself",
      ["3-verify"] = is_enrolled and "authenticates the enrolled customer by vehicle or customer identity"
                     or "verifies the vehicle for this one session",
      ["4-bill"] = "sends the billing request",
      ["5"] = "(provider) sends the energy available, with price and conditions",
      ["11"] = "(provider) records the session; settles with the home utility, if there is one" } }
  local row = L.row
  local identify = { L.identify(), row("3-pay", {
    actor = customer, to = utility, evidence = "inferred", when = not is_enrolled,
    note = is_enrolled and "the customer is enrolled with the provider" or nil,
    text = "agrees to the terms (price, time limit, parking) and pays on the spot",
    sends = message.payment_agreement { accepted = true, payment = "card", vin = S.vin } }) }
  local bind, request, grant = L.verify(), { L.bill(), L.request() }, L.grant()
  local receipt = row("11-receipt", {
    actor = utility, to = customer, evidence = "inferred", when = not is_enrolled,
    note = is_enrolled and "the session is on the customer's bill" or nil,
    text = "gives a receipt for the session that was paid on the spot",
    sends = message.receipt { cost = "1.00", energy_wh = "@energy", payment = "card" } })
  return {
    is_enrolled and L.before()
      or row("pre", { actor = customer, to = utility, evidence = "found",
                      text = "is not enrolled with the curbside energy provider (it may be or not)" }),
    row("1", { actor = customer, to = evse, evidence = "found",
               text = "connects to the curbside device: the start is that of " .. ics.connection }),
    S.startup { prefix = own },
    row("2", { actor = pev, evidence = "found",
               text = "prepares for charger size or ALC, the lower; it senses power at its charger: " .. own .. "6" }),
    ics.binds_first and { identify, bind, request, grant } or { identify, request, bind, grant },
    L.charge(), L.report(receipt), L.finish(),
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
