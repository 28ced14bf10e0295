-- expect: 2: found the global 'helper', expected `local helper`
function helper() end
