-- S1: a customer connects a vehicle to the premise with a cordset EVSE (120 V). Numbers are the source's; texts are
-- our own words. Steps marked "added" stand in no source: the source ends with the record of a session and says
-- nothing of stopping and unplugging, nor of what goes wrong. The steps themselves are in _connection.lua, for S2 and
-- S3 too.

local rated = ics.rated_current

local S = include "_connection".new {
  name = "S1", evidence = "found", watts = 120 * (rated / amps(1)),
  power_up = { evidence = "found",
               text = "plugs the cordset into the energy portal; with grid power the EVSE puts 12 V on the pilot" },
  connect = "plugs the cordset into the vehicle; a resistor there pulls the pilot down to 9 V",
  announce = "starts the PWM whose duty announces the available line current",
  rate = "prepares for the lower of charger size and available line current",
  lesser = "the lesser of ALC and charger",
}

use_case "S1" {
  title = "Customer connects vehicle to premise using a cordset EVSE",
  source = "Vehicle Use Case Task Force, S1, revision D",
  needs = S.needs,
  S.before(), S.startup(), S.session(), S.charge(), S.report(), S.finish(), S.after(),
}

-- What follows stands in no source of S1. Without it an EVSE could pass step 13 and be unsafe.

local function power()
  return step { id = "p1", actor = customer, evidence = "added", text = "plugs the cordset into the energy portal",
                does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up }
end
local function connect()
  return step { id = "p2", actor = customer, evidence = "added", text = "plugs the cordset into the vehicle",
                does = coupler.insert(), pev_told = "stop",
                sees = { pilot.level(9), pilot.pwm { duty = duty_for(rated) } }, of = { evse, pev },
                within = ixit.pwm_start }
end
local function charge()
  return step { id = "p3", actor = pev, evidence = "added", text = "closes S2 and draws",
                does = vehicle.resume(rated * 0.9), pev_told = "start",
                sees = { pilot.loaded(ics.asks_ventilation and 3 or 6, ixit.s2_close), pilot.level(6),
                         contactor.closes(6) }, of = { evse, pev },
                within = limit "time.plug_to_b", lasts = s(5), holds = contactor.stays_closed() }
end
local roles = { "cp", "coupler", "mains", "contactor" }
local and_load = { "cp", "coupler", "mains", "contactor", "cp.load" } -- the bench's own vehicle, which can be bad

use_case "S1-diode" {
  title = "EVSE does not energise a vehicle whose pilot diode is shorted",
  source = "IEC 61851-1 Annex A; EVerest bring-up guide", needs = and_load,
  power(), connect(),
  step { id = "3", actor = pev, evidence = "added", text = "its diode fails short", does = vehicle.short_diode() },
  step { id = "4", actor = pev, evidence = "added", text = "closes S2 all the same; the EVSE must not energise",
         does = vehicle.ready(), sees = contactor.stays_open(s(5)), of = evse },
}

use_case "S1-pulled" {
  title = "EVSE opens when the coupler is pulled under load",
  source = "IEC 61851-1 Table A.6 sequence 2.2", needs = roles,
  power(), connect(), charge(),
  step { id = "1", actor = customer, evidence = "added", text = "pulls the coupler while current flows",
         does = coupler.remove(), sees = { contactor.opens(6, limit "time.open_unplug"), pilot.state "A1" }, of = evse,
         within = limit "time.a2_to_a1", lasts = s(5), holds = contactor.stays_open() },
}

use_case "S1-short" {
  title = "EVSE opens when the pilot is shorted to earth while charging",
  source = "IEC 61851-1 A.4.9, Table A.6 sequence 12", needs = and_load,
  power(), connect(), charge(),
  step { id = "1", actor = pev, evidence = "added", text = "80 ohm from pilot to earth, after 5 s of charging",
         does = fault.short_pilot(), sees = contactor.opens(6, limit "time.open_short"), of = evse },
}

use_case "S1-earth" {
  title = "EVSE opens when the protective earth breaks while charging",
  source = "SAE J1772 loss of earth", needs = { "cp", "coupler", "mains", "contactor", "pe" },
  power(), connect(), charge(),
  step { id = "1", actor = customer, evidence = "added", text = "the earth conductor breaks",
         does = fault.break_earth(), sees = contactor.opens_within(ixit.earth_loss), of = evse },
}

use_case "S1-ventilation" {
  title = "EVSE without ventilation does not energise a vehicle that asks for it",
  source = "SAE J1772 state D", needs = and_load, unless = ics.ventilation,
  power(), connect(),
  step { id = "1", actor = pev, evidence = "added", text = "asks for energy with ventilation: the pilot falls to 3 V",
         does = vehicle.ask_ventilation(), sees = { pilot.level(3), contactor.stays_open(s(5)) }, of = evse,
         within = limit "time.plug_to_b" },
}

use_case "S1-leakage" {
  title = "EVSE trips on residual current and stays off",
  source = "UL 2231-2", needs = { "cp", "coupler", "mains", "contactor", "cp.load", "residual_current" },
  power(), connect(), charge(),
  step { id = "1", actor = pev, evidence = "added", text = "30 mA flow to earth",
         does = fault.residual(amps(0.03)), sees = contactor.opens_within(limit "time.open_ccid"), of = evse },
  step { id = "2", actor = pev, evidence = "added",
         text = "the leakage is gone, the vehicle still asks; the EVSE stays off",
         does = fault.residual(amps(0)), sees = contactor.stays_open(s(20)), of = evse },
}

use_case "S1-power-cut" {
  title = "EVSE that was stopped stays stopped over a power cut",
  source = "OpenEVSE issue 279", needs = { "cp", "coupler", "mains", "contactor", "dut.console" },
  unless = not ics.console_stop,
  power(), connect(), charge(),
  step { id = "1", actor = customer, evidence = "added", text = "stops charging at the EVSE's console",
         does = console "stop", sees = contactor.opens_within(ixit.stop), of = evse },
  step { id = "2", actor = customer, evidence = "added", text = "the supply fails", does = mains.off(), lasts = s(5) },
  step { id = "3", actor = customer, evidence = "added", text = "the supply comes back; the EVSE stays stopped",
         does = mains.on(), sees = contactor.stays_open(s(15)), of = evse },
  step { id = "post", actor = customer, evidence = "added", text = "starts the EVSE again, for the next case",
         does = console "start" },
}

return S
