-- expect: 2: found inf, expected a number that fits
local a = hours(math.huge)
