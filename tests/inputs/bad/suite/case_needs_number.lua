-- expect: 2: found a number for `needs`, expected a text
use_case "X" { title = "t", needs = { 5 }, step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
