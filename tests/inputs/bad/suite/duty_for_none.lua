-- expect: 2: found 5.0 A, for which there is no duty, expected 6 A to 51 A or 52.5 A to 80 A
local a = duty_for(amps(5))
