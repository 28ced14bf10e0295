-- expect: 2: found replay = "7" in step "1", expected an earlier step
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says", injects = inject { replay = "7" } },
}
