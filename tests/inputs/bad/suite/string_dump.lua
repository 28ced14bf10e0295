-- expect: 2: found the unknown word 'string.dump', expected one of: byte, char, format
string.dump(function() end)
