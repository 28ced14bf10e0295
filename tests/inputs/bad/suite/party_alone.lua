-- expect: 4: found `party` without `sends`
use_case "X" {
  title = "t",
  step { id = "1", actor = utility, evidence = "added", text = "t", party = "scheduler" },
}
