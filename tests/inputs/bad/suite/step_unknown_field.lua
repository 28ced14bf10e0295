-- expect: 4: found the unknown field 'form' in step, expected one of: id, actor
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", form = 1 },
}
