-- expect: 4: found check X/1/reaches_b twice, expected one expectation of a kind in a step
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = { pilot.level(9), pilot.level(9) }, of = evse, within = s(1) },
}
