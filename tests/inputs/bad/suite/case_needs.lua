-- expect: 2: found a string for `needs`, expected a list of roles
use_case "X" { title = "t", needs = "cp", step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
