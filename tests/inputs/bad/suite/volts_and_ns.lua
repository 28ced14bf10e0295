-- expect: 2: found V and s, which one cannot compare, expected two of one unit
local a = volts(1) < ms(1)
