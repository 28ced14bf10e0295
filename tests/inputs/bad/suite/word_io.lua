-- expect: 2: found the unknown word 'io', expected one that `pilotbench list --words` shows
io.exit(0)
