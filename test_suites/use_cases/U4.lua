-- U4: critical-peak prices. The ordinary tariff, and a short announced period at a much higher price, here 00:00 to
-- 02:00; the vehicle avoids it unless the customer overrides.
local U = include "_enrolled"

use_case "U4" {
  title = "Customer enrols in critical-peak prices",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, U4 (title); S1 9d and 12d",
  needs = U.needs,
  U.steps { number = 4, charge = {
    pause = "the critical period begins", resume = "the critical period is over",
    windows = { { from = U.S.full[1], to = clock "00:00" }, { from = clock "02:00", to = U.S.balance[2] } } } },
}

use_case "U4-override" {
  title = "Customer overrides a critical period",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, U4 (title); S1 5.4 charge cycle override",
  needs = U.needs,
  U.steps { number = 4, charge = { windows = {
    { from = U.S.full[1], to = U.S.balance[2], before = step {
      id = "7-override", actor = customer, to = pev, evidence = "carried", seed = "000",
      text = "overrides the charge cycle: charge now, whatever the price",
      sends = message.charge_cycle_override { on = true } } },
  } } },
}
