-- expect: 2: found 5000 bytes for `title`, expected at most 199
use_case "X" { title = ("x"):rep(5000), step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up } }
