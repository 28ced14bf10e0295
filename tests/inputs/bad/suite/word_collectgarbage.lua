-- expect: 2: found the unknown word 'collectgarbage', expected one that `pilotbench list --words` shows
collectgarbage("x")
