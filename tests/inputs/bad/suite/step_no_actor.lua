-- expect: 4: found a nil for `actor`, expected customer, evse, pev, esci, eumd or utility
use_case "X" {
  title = "t",
  step { id = "1", evidence = "added", text = "plugs in" },
}
