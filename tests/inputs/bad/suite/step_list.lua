-- expect: 4: found an element without a name in step, expected named fields only
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", pilot.level(9) },
}
