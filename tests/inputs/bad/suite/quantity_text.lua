-- expect: 2: found a string, expected a number of s
local a = ms("5")
