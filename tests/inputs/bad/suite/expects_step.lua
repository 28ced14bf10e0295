-- expect: 2: found of("7", "vin") in step "1", expected a step of this case whose message has such a field
use_case "X" {
  title = "t",
  step { id = "1", actor = pev, to = utility, evidence = "added", text = "says",
         sends = message.vin { vin = "1PB00000000000001" }, expects = { vin = of("7", "vin") } },
}
