-- expect: 4: found `version` without a message in inject
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says", injects = inject { raw = "x", version = 2 } },
}
