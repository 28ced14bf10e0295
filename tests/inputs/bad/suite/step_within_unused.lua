-- expect: 4: found `within` in step '1', expected none: nothing that it sees uses it
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", within = s(1) },
}
