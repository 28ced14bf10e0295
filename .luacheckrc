-- Lua 5.4. A suite makes no globals and has no way out of its sandbox.
std = "lua54"
max_line_length = 120
color = false

-- What there is of Lua (harness/script/script.c; a test compares). Not there: os, io, debug, load and its kin, package, coroutine,
-- pcall (no script may hide a mistake), metatables, and pairs (its order differs from run to run).
local sandbox = {
  "assert", "error", "ipairs", "math", "select", "string", "table", "tonumber", "tostring", "type",
}

-- Words of pilotbench that suites may read; none may be set (a test compares).
local vocabulary = {
  "amps", "any", "any_order", "as_sent", "ascending", "at_least", "at_most", "clock", "console", "contactor", "contactor_switch", "coupler", "current", "current_of",
  "customer", "device", "differs", "duty_for", "each", "esci", "eumd", "evse", "fault", "heard", "hours", "ics", "include", "inject", "is", "items", "ixit", "limit", "mains", "message",
  "min_of", "minutes", "ms", "mutate", "near", "of", "pct", "pev", "pilot", "program", "s", "schedule", "sent", "source", "station", "step", "us", "use_case", "utility", "vehicle", "volts", "watts", "wh",
}

stds.suite = { read_globals = {} }
for _, list in ipairs({ sandbox, vocabulary }) do
  for _, name in ipairs(list) do
    stds.suite.read_globals[#stds.suite.read_globals + 1] = name
  end
end

files["test_suites/**/*.lua"] = { std = "suite" }
files["tests/**/*.lua"] = { std = "suite" }
-- The stubs define what suites only read.
files["test_suites/_api.lua"] = { std = "max", globals = vocabulary, ignore = { "122", "143", "212" } }
-- Wrong on purpose.
-- Templates: the tests put something in for words in capitals.
exclude_files = { "tests/inputs/bad/**", "build*/**", "tests/acceptance/charge.lua", "tests/acceptance/inject.lua" }
files["test_suites/control_pilot/vehicle.lua"] = { max_line_length = 160 } -- its rows are a table
files["test_suites/use_cases/_connection.lua"] = { max_line_length = 160 }
