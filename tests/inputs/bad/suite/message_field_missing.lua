-- expect: 5: found nothing, expected the field
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.energy_request { amount = wh(1) } },
}
