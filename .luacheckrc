-- Lua 5.4. A suite makes no globals and has no way out of its sandbox.
std = "lua54"
max_line_length = 120
color = false

-- Not there: os, io, debug, load and its kin, package, coroutine (only the vocabulary yields), and pcall (a bench
-- failure ends the test, and no script may hide it).
local sandbox = {
  "assert", "error", "getmetatable", "ipairs", "math", "next", "pairs", "print", "rawequal", "rawget", "rawlen",
  "rawset", "select", "setmetatable", "string", "table", "tonumber", "tostring", "type", "utf8",
}

-- Words of pilotbench that suites may read; none may be set.
local vocabulary = {}

stds.suite = { read_globals = {} }
for _, list in ipairs({ sandbox, vocabulary }) do
  for _, name in ipairs(list) do
    stds.suite.read_globals[#stds.suite.read_globals + 1] = name
  end
end

files["test_suites/**/*.lua"] = { std = "suite" }
