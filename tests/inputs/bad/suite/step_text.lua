-- expect: 3: found a string, expected step { id
use_case "X" { title = "t",
  step "1" }
