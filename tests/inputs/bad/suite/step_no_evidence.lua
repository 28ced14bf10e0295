-- expect: 4: found a nil for `evidence`, expected a text
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, text = "plugs in" },
}
