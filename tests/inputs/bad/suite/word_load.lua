-- expect: 2: found the unknown word 'load', expected one that `pilotbench list --words` shows
load("x")
