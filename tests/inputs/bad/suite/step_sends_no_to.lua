-- expect: 4: found `sends` without `to`, expected a receiver
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sends = message.vin { vin = "1PB00000000000001" } },
}
