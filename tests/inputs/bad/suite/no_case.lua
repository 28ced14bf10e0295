-- expect: found no use_case in the suite, expected at least one
local a = 1
