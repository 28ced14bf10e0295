-- expect: 2: found an error that is a nil, expected a text
error()
