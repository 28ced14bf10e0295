-- expect: 2: found a quantity in s, expected one in A
local a = duty_for(ms(5))
