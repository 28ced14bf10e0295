-- expect: 4: found state 'G1', expected A1
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.state "G1" },
}
