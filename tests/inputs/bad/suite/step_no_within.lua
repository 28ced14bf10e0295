-- expect: 4: found no `within` in step '1', expected one: what it sees must be due some time
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.level(9), of = evse },
}
