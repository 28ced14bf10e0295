-- expect: expected a number that fits
local a = ms(0 / 0)
