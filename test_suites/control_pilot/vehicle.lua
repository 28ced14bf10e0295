-- The vehicle under test, in front of a bench that is the EVSE: what control_pilot.md 3.1 and Table A.6 of IEC 61851-1 ask of it.
-- Limits stand in the limits file: ev.level, ev.current, time.ev_...; each with clause, source and confidence. A vehicle whose charger is
-- smaller than 80 A shows less of the rows above its size. docs/vehicle-conformance.md: which clause is shown by which case.

local needs = { "cp.source", "cp.sense", "current", "coupler", "mains", "contactor.switch" }

local function by(actor, id, text, fields)
  fields.id, fields.actor, fields.text, fields.evidence, fields.of = id, actor, text, fields.evidence or "added", pev
  return step(fields)
end
local function bench(id, text, fields) return by(evse, id, text, fields) end

-- What a vehicle may take of a duty; "draws nothing" is less than 1 A.
local nothing = amps(0.999)
-- Volts at which it asks for energy.
local ready = ics.asks_ventilation and 3 or 6

local function plug(n)
  return by(customer, "plug" .. n, "plugs the connector into the vehicle: its R2 and diode pull the pilot to 9 V",
            { does = coupler.insert(), sees = pilot.loaded(9, limit "time.plug_to_b") })
end
local function connect()
  return {
    by(customer, "on", "switches the supply on", { does = mains.on(), evse_does = source.steady(12) }),
    plug "",
  }
end
local function offer(duty, sees, n, over)
  n = n or ""
  return {
    bench("pwm" .. n, "offers a current: the vehicle closes S2",
          { does = source.duty(duty), sees = pilot.loaded(ready, ixit.s2_close) }),
    bench("close" .. n, "closes the contactor: the vehicle draws, and no more than the duty allows",
          { does = contactor_switch.close(), sees = current.starts(ixit.draw), lasts = over or s(6),
            holds = sees or current.at_most(current_of(duty)) }),
  }
end
-- The vehicle has stopped: the EVSE opens, and 9 V come back.
local function rest(id)
  return bench(id or "rest", "opens the contactor; with steady 12 V the vehicle is back at 9 V",
               { does = contactor_switch.open(), evse_does = source.steady(12) })
end
local function case(id, title, source_, ...)
  use_case("vehicle-" .. id) { title = title, source = source_, needs = needs, ... }
end
-- A case for vehicles that can what it shows.
local function case_if(can, id, title, source_, ...)
  use_case("vehicle-" .. id) { title = title, source = source_, needs = needs, unless = not can, ... }
end

case_if(not ics.bcb_toggle, "plug", "Vehicle shows its resistors and waits for an offer",
  "IEC 61851-1 Table A.6 sequence 1.1, Table A.3",
  connect(),
  bench("wait", "leaves the pilot at steady 12 V: S2 stays open", { does = source.steady(12), lasts = s(5), holds = pilot.not_loaded() }))

case("charge", "Vehicle closes S2 and draws what is offered, no more", "IEC 61851-1 Table A.6 sequences 3.1 and 4",
  connect(), offer(pct(26.667)), rest())

case("capacitance", "Vehicle hangs no more capacitance on the pilot than it may", "SAE J1772, IEC 61851-1 Table A.2",
  connect(),
  bench("pwm", "offers a current: while the vehicle asks for it, its falling edges show the capacitance",
        { does = source.duty(pct(26.667)), sees = { pilot.loaded(ready, ixit.s2_close), pilot.capacitance() } }))

case("follow", "Vehicle follows a lower and a higher duty", "IEC 61851-1 Table A.6 sequence 6",
  connect(), offer(pct(50)),
  bench("lower", "lowers the duty from 50 to 16.667 %", { does = source.duty(pct(16.667)),
    sees = current.follows(current_of(pct(16.667))), lasts = s(5), holds = current.at_most(current_of(pct(16.667))) }),
  bench("higher", "raises it to 40 %", { does = source.duty(pct(40)), sees = current.starts(ixit.draw), lasts = s(8),
    holds = current.at_most(current_of(pct(40))) }))

case("pwm-stop", "Vehicle stops and opens S2 when the PWM ends", "IEC 61851-1 Table A.6 sequences 7 and 10.1",
  connect(), offer(pct(26.667)),
  bench("stop", "ends the PWM: steady 12 V", { does = source.steady(12), sees = current.stops() }),
  bench("open", "opens its contactor; S2 is open", { does = contactor_switch.open(), lasts = s(3), holds = pilot.not_loaded() }))

case("shed", "Vehicle sheds its load before it opens S2", "IEC 61851-1 Table A.6 sequence 7",
  connect(), offer(pct(26.667)),
  bench("stop", "ends the PWM: the vehicle opens S2 when less than 1 A flows",
        { does = source.steady(12), sees = { pilot.loaded(9, limit "time.ev_stop"), current.shed(ready) } }))

-- E, F and what follows: S2 is open when the pilot is back.
local function fault(id, title, text, volts_)
  case(id, title, "IEC 61851-1 Table A.6 sequence 11",
    connect(), offer(pct(26.667)),
    bench("fault", text, { does = source.steady(volts_), sees = current.stops(limit "time.ev_stop_e_f"), lasts = s(3),
      holds = current.at_most(nothing) }),
    bench("back", "opens its contactor", { does = contactor_switch.open() }),
    bench("again", "lets the pilot come back to steady 12 V: S2 is open",
          { does = source.steady(12), sees = pilot.loaded(9, limit "time.plug_to_b"), lasts = s(2), holds = pilot.not_loaded() }))
end
fault("f", "Vehicle stops in state F and opens S2", "drives the pilot to -12 V", -12)
fault("e", "Vehicle stops in state E and opens S2", "drives the pilot to 0 V", 0)

case("lost", "Vehicle stops when nothing drives the pilot", "SAE J1772 invalid or lost pilot",
  connect(), offer(pct(26.667)),
  bench("lost", "lets go of the pilot", { does = source.open(), sees = current.stops(limit "time.ev_invalid"), lasts = s(3),
    holds = current.at_most(nothing) }))

case("s3", "Vehicle stops drawing when the latch of the connector is pressed", "SAE J1772 proximity, S3",
  connect(), offer(pct(26.667)),
  by(customer, "press", "presses the latch button while current flows",
     { does = coupler.press(), sees = current.stops(limit "time.ev_s3"), lasts = s(2), holds = current.at_most(nothing) }))

-- Duties that offer nothing.
local function refuse(id, duty)
  return bench(id, "announces " .. duty .. " %: S2 stays open",
               { does = source.duty(pct(duty)), lasts = s(10), holds = pilot.not_loaded() })
end
local function refused(id, title, duty)
  case(id, title, "IEC 61851-1 Table A.8", connect(), refuse("pwm", duty))
end
refused("digital", "Vehicle without digital communication does not charge at 5 %", 5)
refused("reserved-2", "Vehicle does not charge at 2 %", 2)
refused("reserved-7", "Vehicle does not charge at 7.5 %", 7.5)
refused("reserved-98", "Vehicle does not charge at 98 %", 98)

-- Corners of what an EVSE may drive. 90 % at 980 and 1020 Hz: who reads a width there is off by 4.5 A.
local function corner(id, title, duty, ...)
  case(id, title, "IEC 61851-1 Table A.2; SAE J1772", connect(), { ... }, offer(pct(duty)))
end
corner("980-hz", "Vehicle reads the ratio at 980 Hz", 90, bench("f", "PWM of 980 Hz", { does = source.frequency(980) }))
corner("1020-hz", "Vehicle reads the ratio at 1020 Hz", 90, bench("f", "PWM of 1020 Hz", { does = source.frequency(1020) }))

-- Levels at a corner belong to no row of ev.level (12 V): what is shown is that it charges.
local function at_level(id, title, high, low)
  case(id, title, "IEC 61851-1 Table A.2; SAE J1772",
    connect(),
    bench("high", "high level at its corner", { does = source.high(high) }),
    bench("low", "low level at its corner", { does = source.low(low) }),
    bench("pwm", "offers a current", { does = source.duty(pct(26.667)), lasts = ixit.s2_close }),
    bench("close", "closes the contactor: the vehicle draws", { does = contactor_switch.close(), sees = current.starts(ixit.draw),
      lasts = s(3), holds = current.at_most(current_of(pct(26.667))) }))
end
at_level("low-levels", "Vehicle charges at 11.4 V and -11.4 V", volts(11.4), volts(-11.4))
at_level("high-levels", "Vehicle charges at 12.6 V and -12.6 V", volts(12.6), volts(-12.6))

case_if(not ics.bcb_toggle, "wake-up", "Vehicle that has gone to sleep is woken by PWM", "IEC 61851-1 A.5.3",
  connect(),
  bench("sleep", "leaves it alone for five minutes", { does = source.steady(12), lasts = minutes(5), holds = pilot.not_loaded() }),
  offer(pct(26.667)))

case("resume", "Vehicle charges again when PWM comes back", "IEC 61851-1 Table A.6 sequences 9.1 to 9.3",
  connect(), offer(pct(26.667)),
  bench("stop", "ends the PWM: steady 12 V", { does = source.steady(12), sees = current.stops() }),
  bench("open", "opens its contactor, and waits longer than the 3 s of x1",
        { does = contactor_switch.open(), lasts = s(4), holds = pilot.not_loaded() }),
  offer(pct(26.667), nil, "-again"), rest())

case("invalid", "Vehicle stops when the duty becomes a reserved one", "SAE J1772 invalid or lost pilot; IEC 61851-1 Table A.8",
  connect(), offer(pct(26.667)),
  bench("reserved", "announces 7.5 %, which offers nothing", { does = source.duty(pct(7.5)),
    sees = current.stops(limit "time.ev_invalid"), lasts = s(3), holds = current.at_most(nothing) }),
  rest())

case("legacy-wake-up", "Vehicle is roused by state F, 12 V and PWM", "IEC 61851-1 A.5.3",
  connect(),
  bench("f", "drives the pilot to -12 V for 4 s", { does = source.steady(-12), lasts = s(4) }),
  bench("x1", "lets it come back to steady 12 V; PWM follows", { does = source.steady(12) }),
  offer(pct(26.667)))

case_if(ics.bcb_toggle, "bcb", "Vehicle that waits for PWM toggles between B and C", "ISO 15118-3 BCB toggle",
  connect(),
  bench("wait", "leaves the pilot at steady 12 V", { does = source.steady(12), lasts = s(10), holds = pilot.toggles() }))

case_if(ics.console_schedule, "schedule", "Vehicle with a schedule waits for its time, and keeps it", "S1 step 9a; L2 step 7",
  connect(),
  by(customer, "program", "has the vehicle wait a minute", { does = console "start in 60" }),
  bench("pwm", "offers a current: S2 stays open", { does = source.duty(pct(26.667)), lasts = s(50), holds = pilot.not_loaded() }),
  bench("time", "goes on offering: the vehicle closes S2 when its time has come",
        { sees = pilot.loaded(ready, s(12) + ixit.s2_close) }))

case_if(ics.console_energy, "energy", "Vehicle counts the energy that it takes", "L2 step 7: the vehicle's own running total",
  connect(), offer(pct(26.667), nil, nil, minutes(10)),
  by(customer, "ask", "asks the vehicle for the energy it has taken", { does = console "energy?", sees = current.told() }))

-- Every row of the duty table, and its edges, a generator tolerance (0.5 pp) to either side. At an edge itself the vehicle may read either
-- row; where one of them offers nothing, it may also stop, and then gets a new session.
local duties = { 2.5, 3, 3.5, 5, 6.5, 7, 7.5, 8, 8.5, 9, 9.5, 10, 10.5, 13.333, 16.667, 20, 26.667, 33.333, 40, 50, 53.333, 60, 66.667, 80,
                 84.5, 85, 85.5, 88, 90, 92, 94, 95.5, 96, 96.5, 97, 97.5 }
local function rows_at(duty)
  local least, most = current_of(pct(duty)), current_of(pct(duty))
  for _, beside in ipairs { current_of(pct(duty - 0.0001)), current_of(pct(duty + 0.0001)) } do
    least, most = beside < least and beside or least, beside > most and beside or most
  end
  return least, most
end
local sweep, is_charging = {}, false
local function add(steps) sweep[#sweep + 1] = steps end
local function end_session(i)
  add { rest("rest" .. i),
        by(customer, "pull" .. i, "pulls the connector", { does = coupler.remove() }), plug(i) }
  is_charging = false
end
for i, duty in ipairs(duties) do
  local least, most = rows_at(duty)
  if most == amps(0) then
    if is_charging then end_session(i) end
    add(refuse("up" .. i, duty))
  elseif least == amps(0) then
    if not is_charging then add(offer(pct(13.333), nil, i)) end
    add(bench("up" .. i, "announces " .. duty .. " %: the row's edge, which may offer nothing",
              { does = source.duty(pct(duty)), sees = current.follows(most), lasts = s(5), holds = current.at_most(most) }))
    end_session(i)
  elseif not is_charging then
    add(offer(pct(duty), current.at_most(most), i))
    is_charging = true
  else
    add(bench("up" .. i, "announces " .. duty .. " %",
              { does = source.duty(pct(duty)), sees = current.starts(ixit.draw), lasts = s(8), holds = current.at_most(most) }))
  end
end
case("sweep", "Vehicle keeps to every row of the duty table, 6 to 80 A", "IEC 61851-1 Table A.8; control_pilot.md 3.1",
  connect(), sweep, rest())
