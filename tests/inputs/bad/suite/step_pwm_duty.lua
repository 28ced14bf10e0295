-- expect: 4: found a duty of 120.0 %, expected more than 0
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.pwm { duty = pct(120) } },
}
