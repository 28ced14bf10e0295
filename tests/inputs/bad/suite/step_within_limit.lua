-- expect: 4: found limit row cp.level.a in V, expected one in s
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.level(9), within = limit "cp.level.a" },
}
