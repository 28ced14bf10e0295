-- expect: 4: found a expectation for `does`, expected mains.on() and the like
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = pilot.level(9) },
}
