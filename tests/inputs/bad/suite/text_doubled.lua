-- expect: 3: found a suite that wants more than 64 MB, expected less
local a = "x"
while true do a = a .. a end
