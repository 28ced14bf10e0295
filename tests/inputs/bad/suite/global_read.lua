-- expect: 2: found the unknown word 'custmer', expected one that `pilotbench list --words` shows
use_case "X" {   title = "t",   step { id = "1", actor = custmer, evidence = "added", text = "plugs in" }, } 
