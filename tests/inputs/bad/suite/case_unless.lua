-- expect: 2: found a number for `unless`, expected a boolean
use_case "X" { title = "t", unless = 3, step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
