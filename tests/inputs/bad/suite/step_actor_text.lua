-- expect: 4: found a string for `actor`, expected customer
use_case "X" {
  title = "t",
  step { id = "1", actor = "customer", evidence = "added", text = "plugs in" },
}
