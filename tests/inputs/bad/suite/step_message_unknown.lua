-- expect: 4: found the unknown word 'message.vinn', expected one of:
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sends = message.vinn {}, to = esci },
}
