-- expect: 2: found a no value, expected a number of s
local a = ms()
