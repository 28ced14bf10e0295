-- expect: 4: found more than 6 in `sees`, expected at most that
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = { pilot.level(9), pilot.level(9), pilot.level(9), pilot.level(9), pilot.level(9), pilot.level(9), pilot.level(9), }, within = s(1) },
}
