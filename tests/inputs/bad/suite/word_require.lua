-- expect: 2: found the unknown word 'require', expected one that `pilotbench list --words` shows
require("x")
