-- expect: 2: found V and s, which one cannot add, expected two of one unit
local a = volts(1) + ms(1)
