-- expect: 2: found the unknown word 'debug', expected one that `pilotbench list --words` shows
debug.exit(0)
