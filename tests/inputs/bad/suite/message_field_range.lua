-- expect: 5: found 3000000, expected
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.energy_request { amount = wh(3000000), rate = watts(1) } },
}
