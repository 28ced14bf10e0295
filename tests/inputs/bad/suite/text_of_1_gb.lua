-- expect: 2: found a suite that wants more than 64 MB, expected less
local a = ("x"):rep(1 << 30)
