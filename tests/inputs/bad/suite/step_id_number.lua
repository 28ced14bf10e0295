-- expect: 4: found a number for `id`, expected a text
use_case "X" {
  title = "t",
  step { id = 1, actor = customer, evidence = "added", text = "plugs in" },
}
