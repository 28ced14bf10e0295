-- expect: 5: found the unknown field 'size' in energy_request, expected one of: alc, amount
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.energy_request { size = wh(1) } },
}
