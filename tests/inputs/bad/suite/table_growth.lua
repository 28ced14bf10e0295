-- expect: 3: found a suite that wants more than 64 MB, expected less
local t = {}
for i = 1, 1e9 do t[i] = i end
