-- expect: 2: found a suite that wants more than 64 MB, expected less
local function f() return 1 + f() end
f()
