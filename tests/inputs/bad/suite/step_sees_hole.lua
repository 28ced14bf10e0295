-- expect: 4: found nil as an element of sees, expected a list without holes
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = { nil, pilot.level(9) }, within = s(1) },
}
