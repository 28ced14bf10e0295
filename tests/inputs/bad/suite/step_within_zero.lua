-- expect: 4: found a time of 0.0 s, expected more than 0
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.level(9), within = ms(0) },
}
