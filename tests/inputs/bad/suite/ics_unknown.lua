-- expect: 2: found the unknown word 'ics.rated_curent', expected one of:
local a = ics.rated_curent
