-- expect: 5: found a quantity in W for field
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.energy_request { amount = watts(1), rate = watts(1) } },
}
