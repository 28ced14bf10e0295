-- expect: 4: found message session_report from pev to utility, expected parties
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.session_report { energy_wh = wh(1), duration_s = s(1), premise = "P", vin = "1PB00000000000001" } },
}
