-- A session of 14.5 h that asks an EVSE for its time of day (test_clock.py).
schedule { connects = "16:00", departs = "06:30" }

use_case "Clock" {
  title = "What the device's clock shows", source = "test", needs = { "coupler", "mains" },
  step { id = "1", actor = customer, evidence = "added", text = "supply on", does = mains.on(), lasts = s(5) },
  step { id = "2", actor = customer, evidence = "added", text = "connects", does = coupler.insert(), lasts = s(10) },
  step { id = "3", actor = customer, evidence = "added", text = "asks the EVSE", does = console "clock", lasts = s(1) },
  step { id = "4", actor = customer, evidence = "added", text = "leaves", starts = clock "06:30",
         does = coupler.remove(), sees = pilot.state "A1", of = evse, within = s(5) },
}
