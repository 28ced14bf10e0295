-- expect: 2: found the global 'leak', expected `local leak`
_ENV.leak = 1
