-- expect: 2: found an error that is a table, expected a text
error { code = 7 }
