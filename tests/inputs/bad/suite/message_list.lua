-- expect: 5: found a number for field
use_case "X" {
  title = "t",
  step { id = "1", actor = utility, to = pev, evidence = "added", text = "says",
         sends = message.hourly_prices { prices = 7 } },
}
