-- expect: 2: found the unknown limit 'time.opne', expected a row of SAE J1772
local a = limit "time.opne"
