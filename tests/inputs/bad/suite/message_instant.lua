-- expect: 5: found a value for field 'since_ns', expected none
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = esci, evidence = "added", text = "says",
         sends = message.charging_status { charging = "fault", since_ns = 7 } },
}
