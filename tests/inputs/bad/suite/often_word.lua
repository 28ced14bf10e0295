-- expect: 4: found often 'twice', expected once
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.vin { vin = "1PB00000000000001" }, often = "twice" },
}
