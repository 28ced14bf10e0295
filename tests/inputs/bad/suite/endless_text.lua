-- expect: 4: found a suite that runs on and on
local a, b = ("x"):rep(20000000), ("x"):rep(19999999) .. "x"
local n = 0
while a == b do n = n + 1 end
