-- PR: what is done with a session. Only the name of the series is in the sources; L1, L2 and L4 say that it sums up
-- what came before. PR-charge strings E, the chosen U, S and L1 together. The rest of S1's list is not built, and says
-- so.
local P = include "_programs"
local E = include "E"
local L1 = include "L1"
local S = include(ics.connection)

local enrolled = {}
for i, row in ipairs(P.rows) do
  if program[row.name] then enrolled[#enrolled + 1] = P.enrol { number = i, prefix = row.name .. "." } end
end

use_case "PR-charge" {
  title = "Charging, whole: E, the chosen U, S and L1",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, PR series (name); E, U, S, L",
  needs = S.needs,
  E.setup "E.", enrolled, L1.steps "L1.",
}

local function not_built(id, title, text, why)
  use_case(id) {
    title = title, reconstructed = true,
    source = "Vehicle Use Case Task Force, S1 section 4 (list of what a session does)",
    step { id = "1", actor = pev, to = evse, when = false, evidence = "found", seed = "000", text = text,
           note = "not built: " .. why },
  }
end
local reverse = "no role of a bench takes energy from a vehicle"
not_built("PR-discharge", "Discharging (not built)", "gives energy back through the EVSE", reverse)
not_built("PR-V2G", "Vehicle to grid (not built)", "feeds the grid", reverse)
not_built("PR-V2H", "Vehicle to home (not built)", "feeds the home", reverse)
not_built("PR-V2L", "Vehicle to load (not built)", "feeds a load that is plugged into it", reverse)
not_built("PR-V2V", "Vehicle to vehicle (not built)", "charges another vehicle", reverse)
not_built("PR-maker", "Specific to a vehicle's manufacturer (not built)", "does what its manufacturer defines",
          "no text says what it is")
