-- expect: 6: found step '2' outside of any use_case, expected it inside its braces
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up },
}
step { id = "2", actor = customer, evidence = "added", text = "plugs in" }
