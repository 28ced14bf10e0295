-- expect: 4: found a string for `of`, expected an actor or a list of actors
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.level(9), within = s(1), of = "evse" },
}
