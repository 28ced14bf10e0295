-- expect: 2: found the unknown word 'pairs', expected one that `pilotbench list --words` shows
pairs("x")
