-- expect: 2: found a result that does not fit, expected one within 63 bits
local a = ms(2) / 0
