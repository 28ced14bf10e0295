-- expect: 2: found a nil for `title`, expected a text
use_case "X" { step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
