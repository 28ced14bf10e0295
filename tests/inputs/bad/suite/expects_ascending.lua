-- expect: 4: found ascending("tear") for field
use_case "X" {
  title = "t",
  step { id = "1", actor = utility, to = pev, evidence = "added", text = "says",
         sends = message.hourly_prices { prices = { { from = "00:00", price = "1" } } }, expects = { prices = ascending("tear") } },
}
