-- expect: 2: found no step in use_case "X", expected at least one
use_case "X" { title = "t" }
