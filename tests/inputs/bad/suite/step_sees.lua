-- expect: 4: found a action in `sees`, expected pilot.level(...)
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = mains.on() },
}
