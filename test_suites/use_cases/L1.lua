-- L1: a customer connects the vehicle at home. RECONSTRUCTED: of its text the opening was read, not the steps; they
-- are those of L2, which calls itself the fourth of a series and so was made from this one.
local location = include "_location"

local function steps(prefix)
  local L = location.new {
    prefix = prefix, evidence = "carried", payer = "premise", payer_text = "the home account",
    texts = { ["11"] = "records the session for the home account, tied to premise and vehicle" } }
  return { L.connect "is connected at the customer's own home, by cordset or premise EVSE; no question who pays",
           L.agree(), L.charge(), L.report(), L.finish(), L.after() }
end

use_case "L1" {
  title = "Customer connects at home",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, L1 (opening); L2",
  needs = location.needs,
  location.new { evidence = "carried" }.before(), steps(),
}

return { steps = steps }
