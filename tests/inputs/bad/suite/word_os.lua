-- expect: 2: found the unknown word 'os', expected one that `pilotbench list --words` shows
os.exit(0)
