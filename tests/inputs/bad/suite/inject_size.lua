-- expect: 4: found size 200000, expected 1 to 100000 bytes
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says", injects = inject { raw = "x", size = 200000 } },
}
