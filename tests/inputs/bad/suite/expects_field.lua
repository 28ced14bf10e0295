-- expect: 4: found field 'size' in `expects`, expected a field of message energy_request
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.energy_request { amount = wh(1), rate = watts(1) }, expects = { size = any() } },
}
