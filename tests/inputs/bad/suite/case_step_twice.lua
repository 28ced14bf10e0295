-- expect: 5: found step id '1' a second time, expected each once in a case
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up },
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up },
}
