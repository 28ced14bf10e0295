-- expect: 4: found an empty list for `of`, expected at least one actor
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.level(9), within = s(1), of = {} },
}
