-- expect: 4: found `in_place` in step '1', expected `sends`
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says", injects = inject { raw = "x", in_place = true } },
}
