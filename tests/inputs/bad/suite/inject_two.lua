-- expect: 4: found 2 of message, `raw` and `replay` in inject, expected one
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says", injects = inject { raw = "x", replay = "1" } },
}
