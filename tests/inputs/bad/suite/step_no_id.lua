-- expect: 4: found a nil for `id`, expected a text
use_case "X" {
  title = "t",
  step { actor = customer, evidence = "added", text = "plugs in" },
}
