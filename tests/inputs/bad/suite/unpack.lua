-- expect: 2: found an error as the suite ran (too many results to unpack
local a = { table.unpack({}, 1, 1e8) }
