-- expect: 4: found the unknown message 'nothing' for `only`
use_case "X" {
  title = "t",
  mutates = mutate { drop = pct(1), only = "nothing" }, step { id = "1", actor = pev, evidence = "added", text = "x" },
}
