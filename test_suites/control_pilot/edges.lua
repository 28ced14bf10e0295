-- The edges of the PWM that an EVSE under test drives: control_pilot.md 1.3, IEC 61851-1 A.4.6. Limits stand in the
-- limits file: cp.rise and cp.fall of each state, with clause, source and confidence. A bench whose front end or sample
-- rate is not three times as fast as a limit gives no number: "not measurable on this bench", inconc.

local needs = { "cp.sense", "coupler", "mains", "cp.load" }

local function by(actor, id, text, fields)
  fields.id, fields.actor, fields.text, fields.evidence, fields.of = id, actor, text, "added", evse
  return step(fields)
end
local function bench(id, text, fields) return by(pev, id, text, fields) end

local function edges(volts_) return { pilot.rise_time(volts_), pilot.fall_time(volts_) } end

-- Up to state B with PWM. What goes before the edges is S1's to judge: here it only has to come.
local function offered()
  return {
    by(customer, "on", "switches the supply on",
       { does = mains.on(), sees = pilot.state "A1", within = ixit.power_up }),
    by(customer, "plug", "plugs the connector in",
       { does = coupler.insert(), sees = pilot.state "B1", within = limit "time.plug_to_b" }),
    by(evse, "offer", "offers a current by PWM", { sees = pilot.state "B2", within = ixit.pwm_start }),
  }
end
local function case(id, title, source_, ...)
  use_case("edges-" .. id) { title = title, source = source_, needs = needs, ... }
end

-- The generator's own edges show where no vehicle loads them: PWM stays on for a moment after the plug is pulled (A2).
case("a", "The generator's edges, without a vehicle (A2)", "IEC 61851-1 Table A.2; SAE J1772 pilot generator",
  offered(), by(customer, "pull", "pulls the plug while PWM is on", { does = coupler.remove(), sees = edges(12) }))

case("b", "Edges in state B", "IEC 61851-1 A.4.6; SAE J1772",
  offered(), bench("wait", "waits in state B", { sees = edges(9) }))

case("c", "Edges in state C", "IEC 61851-1 A.4.6; SAE J1772",
  offered(), bench("s2", "closes S2", { does = vehicle.ready(), sees = edges(6) }))

case("d", "Edges in state D", "IEC 61851-1 A.4.6; SAE J1772",
  offered(), bench("s2", "asks for ventilation", { does = vehicle.ask_ventilation(), sees = edges(3) }))
