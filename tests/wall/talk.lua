-- A gateway that opens a session and passes a VIN on: all that a link needs to show, in a second.
use_case "talk" {
  title = "A gateway that opens a session and passes a VIN on", source = "none: made for tests/wall",
  needs = { "esci", "utility" },
  step { id = "1", actor = pev, to = esci, evidence = "added", text = "opens a session",
         sends = message.session_open { initiator = "pev" } },
  step { id = "2", actor = esci, to = pev, evidence = "added", text = "answers",
         sends = message.session_open { initiator = "pev" }, expects = { initiator = as_sent() } },
  step { id = "3", actor = pev, to = utility, via = esci, evidence = "added", text = "sends its VIN",
         sends = message.vin { vin = "1PB00000000000001" } },
  step { id = "4", actor = pev, to = esci, evidence = "added", text = "says that charging is complete",
         sends = message.charging_status { charging = "complete" } },
}
