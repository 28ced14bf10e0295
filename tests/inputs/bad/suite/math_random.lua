-- expect: 2: found the unknown word 'math.random', expected one of: abs
local a = math.random()
