-- expect: 4: found a `cord` that is none, expected 1 to 2
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", cord = 3 },
}
