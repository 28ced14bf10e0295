-- expect: 2: found an error as the suite ran (bad argument #1 to 'format' (no value))
local a = ("%s"):format()
