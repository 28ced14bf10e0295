-- expect: 4: found a suite that wants more than 64 MB, expected less
local t, chunk = {}, ("x"):rep(1 << 20)
for i = 1, 50 do t[i] = chunk .. i end
local a = table.concat(t)
