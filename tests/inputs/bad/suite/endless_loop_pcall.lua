-- expect: 2: found the unknown word 'pcall'
while true do pcall(function() while true do end end) end
