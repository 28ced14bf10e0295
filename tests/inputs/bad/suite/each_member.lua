-- expect: 4: found each("cost") for field 'prices', expected a list with such a member
use_case "X" {
  title = "t",
  step { id = "1", actor = utility, to = pev, evidence = "added", text = "says",
         sends = message.hourly_prices { prices = { { from = "00:00", price = "0.1" } } },
         expects = { prices = each("cost", at_most("2")) } },
}
