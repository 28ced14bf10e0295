-- expect: 4: found no share in mutate
use_case "X" {
  title = "t",
  mutates = mutate { only = "vin" }, step { id = "1", actor = pev, evidence = "added", text = "x" },
}
