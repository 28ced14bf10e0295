-- expect: 2: found an error as the suite ran (attempt to concatenate a quantity value
local a = "x" .. ms(5)
