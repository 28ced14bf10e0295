-- expect: 2: found a string as element 1 of use_case "X", expected step {...}
use_case "X" { title = "t", "step" }
