-- U3: periodic or hourly prices. The vehicle charges in the intervals whose price is not above the customer's limit,
-- as far as departure allows; here 23:00 to 02:00 and 04:00 to 05:00.
local U = include "_enrolled"

use_case "U3" {
  title = "Customer enrols in real-time prices",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, U3 (opening); S1 9c and 12c",
  needs = U.needs,
  U.steps { number = 3, charge = {
    pause = "the price rises above the customer's limit", resume = "the price is at the limit again",
    windows = { { from = clock "23:00", to = clock "02:00" }, { from = clock "04:00", to = clock "05:00" } } } },
}
