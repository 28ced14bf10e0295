-- expect: 2: found the unknown word 'string.gsub', expected one of: byte
local a = ("x"):gsub("x", "y")
