-- expect: 2: found 200 bytes for `use_case`, expected at most 40
use_case(("x"):rep(200)) { title = "t", step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
