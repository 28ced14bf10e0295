-- expect: 5: found "nobody", expected
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.billing_request { payer = "nobody" } },
}
