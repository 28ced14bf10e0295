-- expect: 2: found the unknown word 'rawset', expected one that `pilotbench list --words` shows
rawset("x")
