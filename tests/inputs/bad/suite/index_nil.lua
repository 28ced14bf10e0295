-- expect: 3: found an error as the suite ran (attempt to index a nil value (local 't'))
local t
local a = t.x
