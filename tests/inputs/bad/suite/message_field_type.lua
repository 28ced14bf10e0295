-- expect: 5: found a string for field 'amount', expected a quantity in Wh
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.energy_request { amount = "1", rate = watts(1) } },
}
