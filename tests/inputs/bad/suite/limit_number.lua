-- expect: 2: found a number, expected the id of a limit
local a = limit(5)
