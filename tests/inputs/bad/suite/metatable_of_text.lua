-- expect: 2: found the unknown word 'getmetatable'
getmetatable("").__index = nil
