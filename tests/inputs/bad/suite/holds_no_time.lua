-- expect: found `holds` in step "1", which takes no time, expected `lasts` or `ends` with it
use_case "X" { title = "t",
  step { id = "1", actor = evse, text = "t", evidence = "added", holds = pilot.stays() } }
