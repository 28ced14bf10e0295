-- expect: 2: found a number for `use_case`, expected a text
use_case(5) { title = "t", step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
