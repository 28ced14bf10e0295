-- expect: 4: found 300 bytes for `text`, expected at most 199
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = ("x"):rep(300) },
}
