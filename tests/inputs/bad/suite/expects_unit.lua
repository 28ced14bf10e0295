-- expect: 4: found a quantity in W for field 'amount'
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.energy_request { amount = wh(1), rate = watts(1) }, expects = { amount = at_most(watts(1)) } },
}
