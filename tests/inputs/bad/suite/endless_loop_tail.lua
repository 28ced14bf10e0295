-- expect: 3: found a suite that runs on and on
local function f() return f() end
f()
