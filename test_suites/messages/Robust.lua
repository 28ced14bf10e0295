-- What a gateway or a utility does with messages that are not as they should be: it leaves them alone, and the session
-- goes on. No source says so; without it one bad message ends or falsifies a session. Each case is the messages of S1
-- from 7 to 12 (or to 16), without a pilot: what is judged is what the device says.
local vin, other, premise = "1PB00000000000001", "1PB00000000000002", "P-1"

local function row(id, actor_, to_, text, more)
  more.id, more.actor, more.to, more.text, more.evidence = id, actor_, to_, text, "added"
  return step(more)
end
local function asks(amount)
  return message.energy_request { amount = amount or wh(5760), rate = watts(1920) }
end

local open = {
  row("7", pev, esci, "opens a session", { sends = message.session_open { initiator = "pev" } }),
  row("7r", esci, pev, "answers", { sends = message.session_open { initiator = "pev" },
                                    expects = { initiator = as_sent() } }),
}
local identify = {
  row("8", pev, utility, "sends its VIN", { via = esci, sends = message.vin { vin = vin } }),
  row("8p", esci, utility, "sends the premise's identity with it", { sends = message.premise_id { premise = premise },
                                                                     expects = { premise = as_sent() } }),
}
local request = row("9", pev, utility, "asks for energy", { via = esci, sends = asks() })
local verify = row("10", utility, esci, "verifies the vehicle", {
  sends = message.id_verification { vin = vin, premise = premise, verified = true },
  expects = { vin = of("8", "vin"), verified = true } })
local bound = row("11v", esci, pev, "confirms the binding to the vehicle", {
  sends = message.binding_confirmation { success = true, vin = vin, premise = premise },
  expects = { success = true, vin = of("8", "vin") } })
local bind = any_order {
  row("11", utility, eumd, "confirms the binding to the meter", {
    via = esci, sends = message.binding_confirmation { success = true, vin = vin, premise = premise },
    expects = { success = true, vin = of("8", "vin") } }),
  bound,
}
local grant = row("12", utility, pev, "sends the energy available", {
  via = esci, sends = message.energy_available { amount = wh(5760), rate = watts(1261) },
  expects = { amount = at_most(of("9", "amount")), rate = at_most(of("9", "rate")) } })
local source = "what S1 7 to 16 leave out"

-- A step that says nothing of its own.
local function nonsense(id, actor_, to_, text, injects, more)
  more = more or {}
  more.injects, more.lasts = injects, more.lasts or s(3)
  return row(id, actor_, to_, text, more)
end

use_case "Robust-invalid" {
  title = "A message that is none, or has a field that cannot be, is left alone", source = source,
  open,
  nonsense("8x", pev, utility, "sends what is no message", {
    inject { raw = "{\"type\":\"vin\"", after = ms(100) },
    inject { raw = "\xFF\x00\xFE nothing that can be read", after = ms(200) },
    inject { message.vin { vin = vin }, wrong = { vin = "none" }, after = ms(300) },
    inject { message.vin { vin = vin }, without = "vin", after = ms(400) },
  }, { via = esci }),
  identify,
  nonsense("9x", pev, utility, "asks for less than nothing",
           inject { asks(), wrong = { rate = -1 }, after = ms(100) }, { via = esci }),
  request, verify, bind, grant,
}

use_case "Robust-version" {
  title = "A message of a version that is not agreed on is left alone", source = source,
  open, identify, request, verify, bind, grant,
  nonsense("9x", pev, utility, "asks for energy in a later version", inject { asks(wh(1000)), version = 2 },
           { via = esci }),
}

use_case "Robust-replay" {
  title = "A request that comes again counts once", source = source,
  open, identify, request, verify, bind, grant,
  nonsense("9x", pev, utility, "its request comes again", inject { replay = "9" }, { via = esci }),
}

use_case "Robust-long" {
  title = "After a message that is too long the session goes on", source = source,
  open,
  nonsense("8x", pev, utility, "sends 70,000 bytes",
           inject { message.customer_id { customer = "C-1" }, size = 70000 }, { via = esci }),
  identify, request, verify, bind, grant,
}

use_case "Robust-vehicle" {
  title = "The gateway binds its vehicle only when the utility has verified this one", source = source,
  open, identify, request,
  nonsense("10x", utility, esci, "verifies another vehicle",
           inject { message.id_verification { vin = other, premise = premise, verified = true } },
           { lasts = ms(10) }),
  row("11x", esci, pev, "tells the vehicle that it is not bound", {
    sends = message.binding_confirmation { success = false }, expects = { success = false } }),
  verify, bound, grant,
  nonsense("10y", utility, esci, "its verification comes again", inject { replay = "10" }),
}

use_case "Robust-early" {
  title = "A grant that nobody asked for does not reach the vehicle", source = source,
  open,
  nonsense("12x", utility, pev, "grants energy as soon as it hears of the vehicle",
           inject { message.energy_available { amount = wh(99), rate = watts(99) }, on = heard "vin" },
           { via = esci, lasts = ms(10) }),
  identify, request, verify, bind, grant,
}

local function report(id, text, more)
  more.sends = message.session_report { energy_wh = wh(1500), duration_s = s(600), vin = vin, premise = premise,
                                        running = false, session = "@session" }
  return row(id, esci, utility, text, more)
end
local record = row("16", utility, utility, "records the session", {
  sends = message.session_record { energy_wh = wh(1500), duration_s = s(600), vin = vin, premise = premise,
                                   payer = "premise", session = "@session" },
  expects = { energy_wh = of("15", "energy_wh"), vin = of("15", "vin"), session = of("15", "session") } })

use_case "Robust-record" {
  title = "A session whose report comes again is recorded once", source = source,
  open, identify, request, verify, bind, grant,
  report("15", "reports the session", {}), record,
  nonsense("15x", esci, utility, "its report comes again", inject { replay = "15" }),
}

use_case "Robust-report" {
  title = "The report of another vehicle is not recorded", source = source,
  open, identify, request, verify, bind, grant,
  nonsense("15x", esci, utility, "reports a session of another vehicle",
           inject { message.session_report { energy_wh = wh(9000), duration_s = s(9), vin = other, premise = premise,
                                             running = false, session = "@session" } }),
  report("15", "reports the session", {}), record,
}

use_case "Robust-hasty" {
  title = "A session is not recorded before its vehicle is verified", source = source,
  open,
  nonsense("15x", esci, utility, "reports before the vehicle was verified",
           inject { message.session_report { energy_wh = wh(9000), duration_s = s(9), vin = vin, premise = premise,
                                             running = false, session = "@session" }, after = ms(250) },
           { lasts = ms(10) }),
  identify, request, verify, bind, grant,
  row("14", pev, nil, "charges; who has recorded the hasty report says so now", { lasts = s(5) }),
  report("15", "reports the session", {}), record,
}
