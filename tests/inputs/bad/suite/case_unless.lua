-- expect: 2: found a string for `unless`, expected a boolean
use_case "X" { title = "t", unless = "no", step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
