-- expect: 2: found a quantity as factor of a quantity, expected a number
local a = ms(2) * ms(2)
