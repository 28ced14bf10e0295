-- expect: 2: found the unknown word 'setmetatable'
local t = setmetatable({}, { __gc = function() while true do end end })
