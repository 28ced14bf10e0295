-- expect: 2: found a number, expected a quantity with a unit
local a = volts(1) > 3
