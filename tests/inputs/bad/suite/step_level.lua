-- expect: 4: found 10 V, expected 12, 9, 6 or 3
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.level(10) },
}
