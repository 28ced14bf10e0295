-- expect: 4: found a function for `does`, expected mains.on() and the like
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on },
}
