-- What S1, S2 and S3 have in common: a session from connecting to unplugging, in the numbers of S1; S3 counts one more
-- from step 6 on. Each S file says what differs and returns the table that new() makes; L, U, E and PR take their
-- parts of a session from it. Parts: startup, session, charge, report, finish; each is a list of steps, and a function
-- of o:
--   prefix    stands before the step's number ("S1." in a case that is not S1's own)
--   programs  the utility programs of the session (default: the DUT statement's)
--   again     startup, finish: the second connection of a case; what the first has shown is not judged anew
--   windows   charge: { { from=, to=, amps=, before=, after= }, ... }: steps before S2 closes, after it charged
--   begins    charge: steps between readiness and charging (L 7)
--   leaves    finish: a clock time
--   idle      finish: nothing was charged, and a step of the case's own says that the EVSE kept its switches open
--   as        the steps of another use case that are the same ones: { id = function(key) } gives its own number for S1's
--             ("8a"), { dress = function(key, fields) } its words and evidence
--   beside    report: a step that the utility may do before or after its record
--   payer     who is to be billed (default: the premise)
local P = include "_programs"

local rated = ics.rated_current
-- Volts at which the vehicle asks for energy: the source's 6 V (no ventilation needed) or 3 V (ventilation needed).
local ready = ics.asks_ventilation and 3 or 6
-- The grant gives the energy of the requested 180 min in 274 min.
local granted = rated * (180 / 274)

-- what: name, shift, evidence, watts, power_up {text, evidence}, connect (text), agree(id) -> steps after the PWM,
-- duty, rate (text)
local function new(what)
  local S = { rated = rated, granted = granted, full = P.full, balance = P.balance, vin = P.vin, premise = "P-1",
              watts = what.watts }
  local shift, evidence = what.shift or 0, what.evidence
  local duty = what.duty or duty_for(rated)

  local function id(o, number, sub)
    if o.as then return o.as.id(number .. (sub or "")) end
    return (o.prefix or "") .. (tonumber(number) and number > 5 and number + shift or number) .. (sub or "")
  end
  -- A step of the source.
  local function row(o, number, sub, fields)
    fields.id, fields.evidence, fields.seed = id(o, number, sub), fields.evidence or evidence, "000"
    if o.as then o.as.dress(number .. (sub or ""), fields) end
    return step(fields)
  end
  -- A step that no source has.
  local function added(o, name, fields)
    fields.id, fields.evidence = (o.prefix or "") .. name, "added"
    return step(fields)
  end
  -- Likewise, by the number that it belongs to.
  local function extra(o, number, sub, fields)
    fields.id, fields.evidence = id(o, number, sub), "added"
    if o.as then o.as.dress(number .. (sub or ""), fields) end
    return step(fields)
  end

  function S.startup(o)
    o = o or {}
    local power = o.again and {} or {
      row(o, 1, nil, { actor = customer, to = evse, evidence = what.power_up.evidence, text = what.power_up.text,
                       does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up,
                       evse_does = source.steady(12) }) }
    return {
      power,
      row(o, 2, nil, { actor = customer, to = pev, text = what.connect,
                       does = coupler.insert(), pev_told = "stop",
                       sees = not o.again and { pilot.loaded(9), pilot.level(9), pilot.source_resistance() } or nil,
                       of = { evse, pev }, within = not o.again and limit "time.plug_to_b" or nil }),
      row(o, 3, nil, { actor = pev, text = "wakes up by the pilot and latches its power" }),
      row(o, 4, nil, { actor = evse, text = "watches the pilot drop from 12 V to 9 V: a vehicle is connected",
                       note = "happens inside the EVSE; what follows from it is judged in step 5" }),
      row(o, 5, nil, { actor = evse, to = pev, text = what.announce, evidence = what.announce_evidence,
                       sees = not o.again and { pilot.no_pwm_before(9), pilot.pwm { duty = duty } } or nil,
                       within = not o.again and ixit.pwm_start or nil, lasts = o.again and ixit.pwm_start or nil,
                       evse_does = source.duty(duty) }),
      what.agree and what.agree(o.prefix or "") or {},
      row(o, 6, nil, { actor = pev, text = what.rate, does = vehicle.take_rate() }),
    }
  end

  function S.identify(o)
    return {
      row(o, 7, nil, { actor = pev, to = esci, text = "opens a secure session with the gateway (either side may)",
                       sends = message.session_open { initiator = "pev" } }),
      extra(o, 7, "r", { actor = esci, to = pev, text = "answers: the session is open",
                                 sends = message.session_open { initiator = "pev" },
                                 expects = { initiator = as_sent() } }),
      row(o, 8, nil, { actor = pev, to = utility, via = esci, text = "sends its VIN",
                       sends = message.vin { vin = S.vin } }),
      row(o, 8, "p", { actor = esci, to = utility, evidence = "carried", text = "sends the premise's identity with it",
                       sends = message.premise_id { premise = S.premise }, expects = { premise = as_sent() } }),
      o.bills_later and {} or S.bill(o),
    }
  end

  function S.bill(o)
    return row(o, 8, "a", { actor = pev, to = utility, via = esci, text = "sends the billing request: bill this premise",
                            sends = message.billing_request { payer = o.payer or "premise" } })
  end

  function S.bind(o)
    return {
      row(o, 10, nil, { actor = utility, to = esci,
                        text = "verifies the vehicle's, premise's or customer's ID to the gateway: the vehicle binds",
                        sends = message.id_verification { vin = S.vin, premise = S.premise, verified = true },
                        expects = { vin = of(id(o, 8), "vin"), premise = of(id(o, 8, "p"), "premise"),
                                    verified = true } }),
      any_order {
        row(o, 11, nil, { actor = utility, to = eumd, via = esci,
                          text = "confirms the binding to the meter, through the gateway",
                          sends = message.binding_confirmation { success = true, vin = S.vin, premise = S.premise },
                          expects = { success = true, vin = of(id(o, 8), "vin"),
                                      premise = of(id(o, 8, "p"), "premise") } }),
        row(o, 11, "v", { actor = esci, to = pev, evidence = "carried",
                          text = "confirms the binding to the vehicle, which shows it",
                          sends = message.binding_confirmation { success = true, vin = S.vin, premise = S.premise },
                          expects = { success = true, vin = of(id(o, 8), "vin"), premise = as_sent() } }),
      },
    }
  end

  function S.request(o)
    return {
      row(o, 9, nil, { actor = pev, to = utility, via = esci,
                       text = "sends the energy request: amount by the state of charge, rate " .. what.lesser,
                       sends = message.energy_request { amount = wh(S.watts * 3), rate = watts(S.watts) } }),
      P.requests(id(o, 9), not o.as, o.programs or program, o.as and o.as.evidence or evidence) }
  end

  function S.grant(o)
    return any_order {
      row(o, 12, nil, { actor = utility, to = pev, via = esci, text = "sends the energy available: amount and rate",
                        sends = message.energy_available { amount = wh(S.watts * 3),
                                                           rate = watts(S.watts * 180 / 274) },
                        expects = { amount = at_most(of(id(o, 9), "amount")), rate = at_most(of(id(o, 9), "rate")) } }),
      P.answers(id(o, 12), not o.as, o.programs or program, o.as and o.as.evidence or evidence) }
  end

  function S.session(o)
    o = o or {}
    -- S1 requests, then verifies; L2 binds, then requests. The DUT statement says which order is the device's.
    if ics.binds_first then return { S.identify(o), S.bind(o), S.request(o), S.grant(o) } end
    return { S.identify(o), S.request(o), S.bind(o), S.grant(o) }
  end

  -- Charging in windows; between two of them the vehicle opens S2.
  function S.charge(o)
    o = o or {}
    local windows = o.windows or { { from = S.full[1], to = S.full[2] },
                                   { from = S.balance[1], to = S.balance[2], amps = granted * 0.2 } }
    local steps = { extra(o, 12, "z", { actor = pev, text = "takes the granted rate and waits for its time",
                                                does = vehicle.take_rate(windows[1].amps or granted) }) }
    for i, window in ipairs(windows) do
      local last, again = windows[i - 1], i > 2 and tostring(i - 1) or ""
      if not last then
        steps[#steps + 1] = window.before or {}
        steps[#steps + 1] = row(o, 13, nil, {
          actor = pev, to = evse, starts = window.from,
          text = "switches a further resistor in, the pilot falls to 6 V; the EVSE closes its switches",
          does = vehicle.ready(), pev_told = "start", evse_does = contactor_switch.close(),
          sees = { pilot.loaded(ready, ixit.s2_close), pilot.level(6), contactor.not_closed_before(6), contactor.closes(6) },
          of = { evse, pev }, within = limit "time.plug_to_b" })
        steps[#steps + 1] = o.begins or {}
        steps[#steps + 1] = row(o, 14, nil, {
          actor = eumd, to = esci, ends = window.to,
          text = "the vehicle charges; the meter records the energy of the session",
          sees = current.starts(ixit.draw),
          holds = { contactor.stays_closed(), pilot.stays(), current.at_most(rated) }, of = { evse, eumd, pev } })
      else
        steps[#steps + 1] = extra(o, 14, "p" .. again, {
          actor = pev, to = evse, starts = last.to,
          text = (o.pause or "pauses between full and balance charge") .. ": opens S2; the EVSE opens its switches",
          does = vehicle.not_ready(), pev_told = "stop", evse_does = contactor_switch.open(),
          sees = { pilot.loaded(9, ixit.s2_open), contactor.opens(6), current.shed(ready) }, of = { evse, pev } })
        steps[#steps + 1] = extra(o, 14, "m" .. again, {
          actor = eumd, to = esci, text = "hands the energy of the interval to the gateway", within = ixit.report,
          sends = S.interval(), expects = S.metered })
        steps[#steps + 1] = window.before or {}
        steps[#steps + 1] = extra(o, 14, "b" .. again, {
          actor = pev, to = evse, starts = window.from, ends = window.to,
          text = (o.resume or "balance charge") .. ": closes S2 again; the EVSE closes its switches again",
          does = vehicle.resume(window.amps or granted), pev_told = "start", evse_does = contactor_switch.close(),
          sees = { pilot.loaded(ready, ixit.s2_close), contactor.closes(6) },
          holds = { contactor.stays_closed(), current.at_most(rated) }, of = { evse, pev } })
      end
      steps[#steps + 1] = window.after or {}
    end
    steps[#steps + 1] = added(o, "stop", {
      actor = pev, to = evse, text = "has its energy: stops drawing and opens S2; the EVSE opens its switches",
      does = vehicle.not_ready(), pev_told = "stop", evse_does = contactor_switch.open(),
      sees = { pilot.loaded(9, ixit.s2_open), contactor.opens(6), current.shed(ready) }, of = { evse, pev } })
    return steps
  end

  -- For a flow with a charge of its own: steps (fields: id, text, evidence and when) in which the vehicle draws, and stops.
  function S.draw(fields)
    fields.actor, fields.to, fields.of = pev, evse, { evse, pev }
    fields.does, fields.pev_told, fields.evse_does = vehicle.resume(granted), "start", contactor_switch.close()
    fields.sees = { pilot.loaded(ready, ixit.s2_close), pilot.level(6), contactor.not_closed_before(6),
                    contactor.closes(6) }
    fields.within, fields.holds = limit "time.plug_to_b", { contactor.stays_closed(), pilot.stays() }
    return step(fields)
  end
  function S.rest(fields)
    fields.actor, fields.to, fields.of = pev, evse, { evse, pev }
    fields.does, fields.pev_told, fields.evse_does = vehicle.not_ready(), "stop", contactor_switch.open()
    fields.sees = { pilot.loaded(9, ixit.s2_open), contactor.opens(6) }
    return step(fields)
  end

  -- What the bench's own count of energy and time allows a meter or a gateway.
  S.metered = { energy_wh = as_sent(wh(what.watts * 3 * 0.02)), duration_s = as_sent(s(10)) }
  function S.interval()
    return message.interval_metering { energy_wh = "@interval_energy", duration_s = "@interval_duration" }
  end
  -- The end of a session for the gateway: its report goes to utility and vehicle, after a running sum of each interval.
  local function sums(o)
    local function says(sub, to_, is_running, fields)
      fields.actor, fields.to = esci, to_
      fields.sends = message.session_report { energy_wh = "@energy", duration_s = "@duration", vin = S.vin,
                                              premise = S.premise, running = is_running, session = "@session" }
      return row(o, 15, sub, fields)
    end
    local function whole(of_sum)
      return { energy_wh = S.metered.energy_wh, duration_s = S.metered.duration_s, vin = as_sent(), premise = as_sent(),
               running = false, session = of(id(o, 15, of_sum), "session") }
    end
    local function sum(sub)
      return { running = is(true), energy_wh = at_least(of(id(o, 15, sub), "energy_wh")), vin = as_sent(),
               premise = as_sent() }
    end
    return {
      extra(o, 15, "c", { actor = pev, to = esci, text = "says that charging is complete",
                          sends = message.charging_status { charging = "complete" } }),
      any_order {
        says(nil, utility, nil, { text = "sends date, time, duration and energy delivered to utility and vehicle",
                                  expects = whole "r" }),
        says("v", pev, nil, { text = "sends the same to the vehicle", expects = whole "rv", evidence = "carried" }),
        says("r", utility, true, { text = "has sent a running sum of each interval", often = "at least once",
                                   expects = sum "r", evidence = "carried" }),
        says("rv", pev, true, { text = "has sent the running sum to the vehicle too", often = "at least once",
                                expects = sum "rv", evidence = "carried" }),
      },
    }
  end

  function S.report(o)
    o = o or {}
    local report = id(o, 15)
    local record = row(o, 16, nil, {
      actor = utility, to = utility, text = "records the session for the account tied to this premise and vehicle",
      sends = message.session_record { energy_wh = "@energy", duration_s = "@duration", vin = S.vin,
                                       premise = S.premise, payer = o.payer or "premise", session = "@session" },
      expects = { energy_wh = of(report, "energy_wh"), duration_s = of(report, "duration_s"), vin = of(report, "vin"),
                  premise = of(report, "premise"), session = of(report, "session"),
                  payer = of(id(o, 8, "a"), "payer") } })
    return {
      extra(o, 15, "m", { actor = eumd, to = esci, text = "hands the energy of the last interval to the gateway",
                          within = ixit.report, lasts = ixit.report, sends = S.interval(), expects = S.metered }),
      sums(o),
      o.beside and any_order { record, o.beside } or record,
    }
  end

  function S.finish(o)
    o = o or {}
    return {
      added(o, "unplug", { actor = customer, to = pev, starts = o.leaves or clock "06:30",
                           text = "pulls the coupler; the EVSE stops the PWM and goes back to steady 12 V",
                           does = coupler.remove(), evse_does = source.steady(12),
                           sees = not o.again and pilot.state "A1" or nil, of = evse,
                           within = not o.again and limit "time.a2_to_a1" or nil,
                           lasts = s(5), holds = not (o.again or o.idle) and contactor.stays_open() or nil }),
      added(o, "gone", { actor = pev, to = esci, text = "is not connected any more: no session is left open",
                         sends = message.charging_status { charging = "not_connected" } }),
    }
  end

  -- What the source demands beforehand and afterwards.
  function S.before(o)
    o = o or {}
    return {
      row(o, "pre", nil, {
        actor = customer, to = utility,
        text = "is enrolled, with the vehicle: the utility has the agreement that ties it to the premise",
        sends = message.enrollment { customer = "C-1", premise = S.premise, vin = S.vin } }),
      row(o, "pre", "-ok", { actor = utility, to = customer, evidence = "carried", text = "confirms the enrolment",
                             sends = message.enrollment_confirmation { accepted = true, customer = "C-1", vin = S.vin },
                             expects = { accepted = true, customer = as_sent(), vin = as_sent() } }),
    }
  end
  function S.after(o)
    return step { id = (o and o.prefix or "") .. "post", actor = pev, evidence = evidence, seed = "000",
                  text = "was bound, or bound anew, with the utility: what steps 10 to 16 recorded shows it" }
  end

  S.needs = { "cp", "coupler", "mains", "contactor" }
  return S
end

return { new = new }
