-- expect: 4: found 200 bytes for `id`, expected at most 23
use_case "X" {
  title = "t",
  step { id = ("x"):rep(200), actor = customer, evidence = "added", text = "plugs in" },
}
