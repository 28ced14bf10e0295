-- expect: 2: found the unknown field 'titel' in use_case, expected one of: title
use_case "X" { titel = "t", step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
