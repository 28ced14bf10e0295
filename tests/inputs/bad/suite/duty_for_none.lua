-- expect: 2: found 5.0 A, for which there is no duty, expected 6 to 51 A
local a = duty_for(amps(5))
