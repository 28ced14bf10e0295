-- expect: 5: found 1 arguments, expected 2
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.energy_request { amount = wh(1), rate = watts(1) }, expects = { amount = near(wh(1)) } },
}
