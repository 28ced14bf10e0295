-- expect: 2: found the unknown word 'print', expected one that `pilotbench list --words` shows
print("x")
