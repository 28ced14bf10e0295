use_case "relays" {
  title = "A contactor that follows the supply and S2", source = "none: made for tests/wall",
  needs = { "mains", "cp.load.s2", "load", "contactor" },
  step { id = "1", actor = customer, evidence = "added", text = "switches the supply on", does = mains.on(),
         sees = contactor.not_closed_before(6), of = evse },
  step { id = "2", actor = pev, evidence = "added", text = "closes S2", does = vehicle.ready(), lasts = ms(700) },
  step { id = "3", actor = evse, evidence = "added", text = "keeps its contactor closed", lasts = ms(400),
         holds = contactor.stays_closed() },
  step { id = "4", actor = pev, evidence = "added", text = "opens S2", does = vehicle.not_ready(), lasts = ms(300) },
}
