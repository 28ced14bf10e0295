-- expect: 4: found a `lasts` of -1.0 s, expected 0 or more
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", lasts = s(-1) },
}
