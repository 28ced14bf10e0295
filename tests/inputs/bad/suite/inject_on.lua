-- expect: 4: found a number for `on`, expected pilot.state
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says", injects = inject { raw = "x", on = 6 } },
}
