-- expect: 2: found the unknown word 'dofile', expected one that `pilotbench list --words` shows
dofile("x")
