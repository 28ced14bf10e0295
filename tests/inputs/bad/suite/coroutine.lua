-- expect: 2: found the unknown word 'coroutine'
coroutine.wrap(function() while true do end end)()
