-- expect: 4: found no `by` with it
use_case "X" {
  title = "t",
  mutates = mutate { delay = pct(1) }, step { id = "1", actor = pev, evidence = "added", text = "x" },
}
