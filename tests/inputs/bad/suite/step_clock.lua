-- expect: 4: found clock "16:00" before any schedule, expected schedule {...} first
use_case "X" {
  title = "t",
  step { id = "1", actor = customer, evidence = "added", text = "plugs in", starts = clock "16:00" },
}
