-- expect: 4: found the unknown field 'dyty' in pilot.pwm, expected one of: duty
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.pwm { dyty = pct(5) } },
}
