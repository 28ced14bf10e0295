-- Injections on each of their times and events, for test_injected.py: an EVSE with its gateway charges; the gateway is
-- told things meanwhile. The test puts words in for OPENED, WRONG and JUDGED.
local function row(id, actor_, text, more)
  more.id, more.actor, more.text, more.evidence = id, actor_, text, "added"
  return step(more)
end
local asks = message.energy_request { amount = wh(5760), rate = watts(1920) }

use_case "Times" {
  title = "Injections at their times", needs = { "cp", "coupler", "mains", "contactor" },
  row("1", pev, "says things at times and on events", {
    to = utility, via = esci,
    injects = {
      inject { message.vehicle_status { soc = pct(50) }, after = ms(1500) },
      inject { raw = "on C2", on = pilot.state "C2" },
      inject { raw = "closed", on = contactor.closed(), after = s(1) },
      inject { raw = "OPENED", on = OPENED },
    } }),
  row("2", customer, "connects the supply", { does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up }),
  row("3", customer, "connects the vehicle", { does = coupler.insert(), sees = pilot.level(9), of = evse,
                                               within = limit "time.plug_to_b", lasts = ixit.pwm_start }),
  row("4", pev, "charges", { does = vehicle.resume(amps(6)), sees = contactor.closes(6), of = evse, lasts = s(3) }),
  row("5", pev, "stops", { does = vehicle.not_ready(), sees = contactor.opens(6), of = evse, lasts = s(1) }),
}

use_case "Place" {
  title = "Injection in place of a step's own message",
  row("7", pev, "opens a session", { to = esci, sends = message.session_open { initiator = "pev" } }),
  row("7r", esci, "answers", { to = pev, sends = message.session_open { initiator = "pev" } }),
  row("9", pev, "asks for nothing that can be", {
    to = utility, via = esci, sends = asks, often = "never", within = s(1),
    injects = inject { asks, WRONG in_place = true } }),
}

use_case "Spoilt" {
  title = "Messages of a case are mutated", mutates = mutate { drop = pct(100), only = "energy_request" JUDGED },
  row("7", pev, "opens a session", { to = esci, sends = message.session_open { initiator = "pev" } }),
  row("7r", esci, "answers", { to = pev, sends = message.session_open { initiator = "pev" } }),
  row("9", pev, "asks for energy", { to = utility, via = esci, sends = asks }),
  row("8p", pev, "gives its status, cut short", {
    to = utility, via = esci, sends = message.billing_request { payer = "premise" },
    mutates = { mutate { truncate = pct(100), judged = true }, mutate { flip = pct(50), judged = true } } }),
}
