-- expect: 2: found an error as the suite ran (assertion failed!)
assert(1 == 2)
