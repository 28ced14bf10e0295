-- expect: 4: found evidence 'rumour', expected found, carried, inferred, remembered or added
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "rumour", text = "plugs in" },
}
