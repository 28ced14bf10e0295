-- expect: 4: found '../1' for `id`, expected letters, digits
use_case "X" {
  title = "t",
  step { id = "../1", actor = customer, evidence = "added", text = "plugs in" },
}
