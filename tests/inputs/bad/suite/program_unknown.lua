-- expect: 2: found the unknown word 'program.U9', expected one of: U1
local a = program.U9
