-- expect: 4: found 1 steps in any_order, expected two or more
use_case "X" {
  title = "t",
  any_order { step { id = "1", actor = pev, evidence = "added", text = "says" } },
}
