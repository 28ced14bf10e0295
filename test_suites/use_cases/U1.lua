-- U1: time of use. The customer has agreed to limit charging to the utility's schedule: the granted full and balance
-- times.
local U = include "_enrolled"

use_case "U1" {
  title = "Customer enrols in time of use",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, U1 (title); S1 9a and 12a",
  needs = U.needs, U.steps { number = 1, charge = { pause = "keeps to the utility's schedule" } },
}
