-- expect: 4: found `expects` without `sends`
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         expects = { vin = any() } },
}
