-- expect: 4: found a string, expected the message's fields
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sends = message.vin "x", to = esci },
}
