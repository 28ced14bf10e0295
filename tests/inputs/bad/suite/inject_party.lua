-- expect: 4: found message id_verification injected from pev to utility
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says", injects = inject { message.id_verification { vin = "1PB00000000000001", verified = true } } },
}
