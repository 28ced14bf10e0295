-- L2: a customer connects the vehicle at another home inside the utility's territory. A: the premise pays; B: the
-- vehicle's customer does. The source's steps 2 to 11 are the same words in both, so that nothing in them decides who
-- pays; here the billing request does (S1's 8a). The source's order is bind, then request; `ics.binds_first` says
-- whether the device has it or S1's.
local location = include "_location"

local function steps(payer, payer_text, where)
  local L = location.new { evidence = "found", payer = payer, payer_text = payer_text }
  return { L.before(), L.connect(where), L.agree(), L.charge(), L.report(), L.finish(), L.after() }
end

use_case "L2-A" {
  title = "Customer connects at another home; the premise pays",
  source = "Vehicle Use Case Task Force, L2, scenario A",
  needs = location.needs,
  steps("premise", "the premise",
        "is connected at another customer's premise of the same utility; the host is willing to pay"),
}

use_case "L2-B" {
  title = "Customer connects at another home; the customer pays",
  source = "Vehicle Use Case Task Force, L2, scenario B",
  needs = location.needs,
  steps("customer", "the vehicle's customer",
        "is connected at another customer's premise of the same utility; the vehicle's owner will pay"),
}

return { steps = steps }
