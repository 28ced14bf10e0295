-- expect: 2: found V and s, which one cannot compare
local a = volts(1) == ms(1)
