-- expect: 4: found a quantity in V, expected one in s
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.level(9), within = volts(5) },
}
