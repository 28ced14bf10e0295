-- expect: 2: found '../x' for `use_case`, expected letters, digits
use_case "../x" { title = "t", step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
