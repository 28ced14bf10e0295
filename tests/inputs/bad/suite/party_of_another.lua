-- expect: 4: found to_party 'scheduler', expected a party of the message that utility plays (docs/messages.md)
use_case "X" {
  title = "t",
  step { id = "1", actor = utility, to = utility, evidence = "added", text = "t", party = "vehicle_provider",
         to_party = "scheduler", sends = message.part_order { vehicle = "V-1", part = "p" } },
}
