-- expect: 2: found the global 'leak', expected `local leak`
leak = 1
