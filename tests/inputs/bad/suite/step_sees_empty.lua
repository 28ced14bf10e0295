-- expect: 4: found an empty list for `sees`, expected at least one expectation
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = {} },
}
