-- expect: 2: found a change of string.rep, expected a table of your own
string.rep = nil
