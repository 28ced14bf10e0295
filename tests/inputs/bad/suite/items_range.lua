-- expect: 6: found items(3, 2), expected 0 to 48, the least first
use_case "X" {
  title = "t",
  step { id = "1", actor = utility, to = pev, evidence = "added", text = "says",
         sends = message.hourly_prices { prices = { { from = "00:00", price = "0.1" } } },
         expects = { prices = items(3, 2) } },
}
