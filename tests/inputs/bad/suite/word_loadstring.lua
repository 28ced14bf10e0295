-- expect: 2: found the unknown word 'loadstring', expected one that `pilotbench list --words` shows
loadstring("x")
