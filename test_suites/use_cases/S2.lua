-- S2: a customer connects a vehicle to the premise with a premise EVSE (240 V, to 80 A) whose charger is in the
-- vehicle. RECONSTRUCTED: of its text only the opening was read; that programs stand at its steps 9 and 12, as in S1,
-- is the ground for taking S1's steps over. With several cords the EVSE divides its current, and each vehicle has a
-- session record of its own.

local rated = ics.rated_current

local S = include "_connection".new {
  name = "S2", evidence = "carried", watts = 240 * (rated / amps(1)),
  power_up = { evidence = "inferred",
               text = "has the premise EVSE's 240 V supply on (hard-wired: no act of a session); 12 V on the pilot" },
  connect = "connects the premise EVSE's own cord to the vehicle; a resistor there pulls the pilot down to 9 V",
  announce = "starts the PWM whose duty announces the available line current (up to 80 A: 96 %)",
  rate = "prepares for the lower of charger size and available line current",
  lesser = "the lesser of ALC and charger",
}

use_case "S2" {
  title = "Customer connects by a premise EVSE",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, S2, revision D (opening); S1",
  needs = S.needs,
  S.before(), S.startup(), S.session(), S.charge(), S.report(), S.finish(), S.after(),
}

-- Two cords, two vehicles. The source says no more than that an EVSE may have several cords; what follows from it are
-- our own steps, by the numbers of S1 with the cord before them. What a cord gets while both are in use is the maker's
-- rule, and stands in the DUT statement (ICS share); that the sum is never above the supply, and that a vehicle has
-- its 5 s to follow (IEC 61851-1 Table A.6 sequence 6), is not left to it.

local least = amps(6) -- no duty announces less: such a device has nothing to divide, and S2-cords is not for it
local can_share = ics.share > amps(0) or rated * 0.5 >= least
local share = ics.share > amps(0) and ics.share or can_share and rated * 0.5 or least
local vins = { S.vin, "1PB00000000000002" }
local metered = { energy_wh = as_sent(wh(60)), duration_s = as_sent(s(10)) }

-- A step about one cord: its number with the cord before it.
local function at(cord, number, fields)
  fields.cord, fields.id, fields.evidence = cord, cord .. "-" .. number, "inferred"
  return step(fields)
end

local function bind(cord)
  return at(cord, "11", {
    actor = utility, to = eumd, via = esci, text = "confirms to the meter whose session that of this cord is",
    sends = message.binding_confirmation { cord = cord, success = true, vin = vins[cord], premise = S.premise } })
end

local function connect(cord, text)
  return at(cord, "2", { actor = customer, to = pev, text = text, does = coupler.insert(), sees = pilot.level(9),
                         of = evse, within = limit "time.plug_to_b" })
end

local function take(cord, number, text)
  return at(cord, number, { actor = pev, text = text, does = vehicle.take_rate() })
end

local function stop(cord)
  return at(cord, "stop", { actor = pev, to = evse, text = "has its energy: stops drawing and opens S2",
                            does = vehicle.not_ready(), sees = contactor.opens(6), of = evse, lasts = ms(500) })
end

local function report(cord, session)
  return at(cord, "15", {
    actor = eumd, to = esci, text = "reports the session of this cord, with its vehicle: its own energy and no other",
    within = ixit.report, lasts = ixit.report,
    sends = message.interval_metering { cord = cord, energy_wh = "@interval_energy", duration_s = "@interval_duration",
                                        session = cord, vin = vins[cord] },
    expects = { cord = is(cord), vin = is(vins[cord]), session = session, energy_wh = metered.energy_wh,
                duration_s = metered.duration_s } })
end

local function leave(cord)
  return at(cord, "unplug", { actor = customer, to = pev, text = "pulls the coupler of this cord",
                              does = coupler.remove(), sees = pilot.state "A1", of = evse,
                              within = limit "time.a2_to_a1" })
end

local function record(cord)
  return at(cord, "16", {
    actor = utility, to = utility, text = "records the session for the account tied to this vehicle",
    sends = message.session_record { energy_wh = "@energy", duration_s = "@duration", vin = vins[cord],
                                     premise = S.premise, session = cord } })
end

use_case "S2-cords" {
  title = "Premise EVSE with two cords divides its current",
  reconstructed = true,
  source = "Vehicle Use Case Task Force, S2: may have more than one cord",
  needs = { "cp", "coupler", "mains", "contactor", "cord[2]", "cord[2].cp", "cord[2].coupler", "cord[2].contactor" },
  unless = ics.cords < 2 or not can_share and "half of its current is less than 6 A, which no duty announces" or false,
  at(1, "1", { actor = customer, to = evse, text = "has the premise EVSE's supply on", does = mains.on(),
               sees = pilot.level(12), of = evse, within = ixit.power_up }),
  connect(1, "connects a vehicle to the first cord"),
  at(1, "5", { actor = evse, to = pev, text = "announces its whole current on the only cord in use",
               sees = { pilot.no_pwm_before(9), pilot.pwm { duty = duty_for(rated) } }, within = ixit.pwm_start }),
  bind(1),
  take(1, "6", "prepares for the lower of charger size and the whole current"),
  at(1, "13", { actor = pev, to = evse, text = "asks for energy; the EVSE closes the switches of this cord",
                does = vehicle.ready(), sees = { pilot.level(6), contactor.not_closed_before(6), contactor.closes(6) },
                of = evse, within = limit "time.plug_to_b" }),
  at(2, "13o", { actor = evse, text = "leaves the switches of the other cord open",
                 sees = contactor.stays_open(s(2)) }),
  at(1, "14", { actor = eumd, to = esci, text = "the first vehicle charges alone", lasts = minutes(10),
                holds = contactor.stays_closed(), of = { evse, eumd } }),

  connect(2, "connects another vehicle to the second cord"),
  at(1, "5s", { actor = evse, to = pev, text = "announces no more than its share to the first vehicle from now on",
                sees = pilot.announces(share), within = ixit.pwm_start }),
  take(1, "6s", "follows within its 5 s: draws no more than what is announced now"),
  at(2, "5", { actor = evse, to = pev, text = "announces the second cord's share, the sum never above the supply",
               sees = { station.announces_at_most(rated, ixit.pwm_start), pilot.pwm { duty = duty_for(share) } },
               within = ixit.pwm_start }),
  bind(2),
  at(2, "13", { actor = pev, to = evse, text = "asks for energy at once; its switches close when the first had its 5 s",
                does = vehicle.resume(share), sees = { pilot.level(6), contactor.closes(6),
                                                       station.lets_follow(limit "time.ev_follow") },
                of = evse, within = limit "time.plug_to_b" }),
  at(2, "14", { actor = eumd, to = esci, text = "both vehicles charge, each by its share", lasts = minutes(10),
                holds = { contactor.stays_closed(), pilot.stays() }, of = { evse, eumd } }),

  stop(1), report(1, any()), leave(1),
  at(2, "5r", { actor = evse, to = pev, text = "announces its whole current again to the vehicle that is left",
                sees = { pilot.announces(rated), station.announces_at_most(rated) }, within = ixit.pwm_start }),
  take(2, "6r", "takes what is announced now"),
  at(2, "14r", { actor = eumd, to = esci, text = "the second vehicle charges alone", lasts = minutes(10),
                 holds = contactor.stays_closed(), of = { evse, eumd } }),
  stop(2), report(2, differs(of("1-15", "session"))), leave(2),
  record(1), record(2),
}

return S
