-- expect: 4: found the unknown word 'pilot.levle', expected one of: announces, capacitance, fall_time, level
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", sees = pilot.levle(12) },
}
