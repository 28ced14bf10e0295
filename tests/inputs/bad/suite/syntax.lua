-- expect: 4: found a syntax error ('}' expected (to close '{' at line 2) near 'step'), expected Lua
use_case "X" {
  title = "t"
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up }
}
