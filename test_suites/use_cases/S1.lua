-- S1: a customer connects a vehicle to the premise with a cordset EVSE (120 V). Numbers are the source's; texts are our
-- own words. Steps marked "added" stand in no source: the source ends with the record of a session and says nothing of
-- stopping and unplugging, nor of what goes wrong.

-- The only worked times of the source (section 5.3, message diagram). Requested: full charge 20:00-23:00, balance
-- 23:01-23:30.
schedule { connects = "16:00", departs = "06:30" }
local full, balance = { clock "23:08", clock "03:42" }, { clock "03:44", clock "04:12" } -- granted

-- Rate: the lesser of available line current and charger; the grant gives the energy of the requested 180 min in
-- 274 min.
local rated = ics.rated_current
local requested_watts = 120 * (rated / amps(1))
local granted = rated * (180 / 274)

use_case "S1" {
  title = "Customer connects vehicle to premise using a cordset EVSE",
  source = "Vehicle Use Case Task Force, S1, revision D",
  needs = { "cp", "coupler", "mains", "contactor" },

  step { id = "1", actor = customer, to = evse, evidence = "found", seed = "000",
         text = "plugs the cordset into the energy portal; with grid power the EVSE puts 12 V on the pilot",
         does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up },

  step { id = "2", actor = customer, to = pev, evidence = "found", seed = "000",
         text = "plugs the cordset into the vehicle; a resistor there pulls the pilot down to 9 V",
         does = coupler.insert(), sees = { pilot.level(9), pilot.source_resistance() }, of = { evse, pev },
         within = limit "time.plug_to_b" },

  step { id = "3", actor = pev, evidence = "found", seed = "000",
         text = "wakes up by the pilot and latches its power" },

  step { id = "4", actor = evse, evidence = "found", seed = "000",
         text = "watches the pilot drop from 12 V to 9 V: a vehicle is connected",
         note = "happens inside the EVSE; what follows from it is judged in step 5" },

  step { id = "5", actor = evse, to = pev, evidence = "found", seed = "000",
         text = "starts the PWM whose duty announces the available line current",
         sees = { pilot.no_pwm_before(9), pilot.pwm { duty = duty_for(rated) } }, within = ixit.pwm_start },

  step { id = "6", actor = pev, evidence = "found", seed = "000",
         text = "prepares for the lower of charger size and available line current",
         does = vehicle.take_rate() },

  step { id = "7", actor = pev, to = esci, evidence = "found", seed = "000",
         text = "opens a secure session with the gateway (either side may)",
         sends = message.session_open { initiator = "pev" } },

  step { id = "8", actor = pev, to = utility, evidence = "found", seed = "000",
         text = "sends its VIN",
         sends = message.vin { vin = "1PB00000000000001" } },

  step { id = "8a", actor = pev, to = utility, evidence = "found", seed = "000",
         text = "sends the billing request: bill this premise",
         sends = message.billing_request { payer = "premise" } },

  step { id = "9", actor = pev, to = utility, evidence = "found", seed = "000",
         text = "sends the energy request: amount by the state of charge, rate the lesser of ALC and charger",
         sends = message.energy_request { amount = wh(requested_watts * 3), rate = watts(requested_watts) } },

  step { id = "9a", actor = pev, to = utility, when = program.U1, evidence = "found", seed = "000",
         text = "sends the schedule for its request (U1, time of use)",
         sends = message.schedule_request { connection_from = clock "16:00", connection_to = clock "06:30",
                                            full_from = clock "20:00", full_to = clock "23:00",
                                            balance_from = clock "23:01", balance_to = clock "23:30" } },
  step { id = "9b", actor = pev, to = utility, when = program.U2, evidence = "found", seed = "000",
         text = "asks for information on discrete events (U2)", sends = message.event_info_request {} },
  step { id = "9c", actor = pev, to = utility, when = program.U3, evidence = "found", seed = "000",
         text = "sends the customer's price information (U3, periodic prices)",
         sends = message.price_information { most = "0.15" } },
  step { id = "9d", actor = pev, to = utility, when = program.U4, evidence = "found", seed = "000",
         text = "asks for critical-peak or periodic prices (U4)", sends = message.cpp_info_request {} },
  step { id = "9e", actor = pev, to = utility, when = program.U5, evidence = "found", seed = "000",
         text = "sends its active-management message (U5; blank in the source)",
         sends = message.active_management_request {} },

  step { id = "10", actor = utility, to = esci, evidence = "found", seed = "000",
         text = "verifies the vehicle's, premise's or customer's ID to the gateway: the vehicle binds",
         sends = message.id_verification { vin = "1PB00000000000001", premise = "P-1" } },

  step { id = "11", actor = utility, to = eumd, evidence = "found", seed = "000",
         text = "confirms the binding to the meter, through the gateway",
         sends = message.binding_confirmation { success = true } },

  step { id = "12", actor = utility, to = pev, evidence = "found", seed = "000",
         text = "sends the energy available: amount and rate",
         sends = message.energy_available { amount = wh(requested_watts * 3),
                                            rate = watts(requested_watts * 180 / 274) } },

  step { id = "12a", actor = utility, to = pev, when = program.U1, evidence = "found", seed = "000",
         text = "sends the schedule for the energy available (U1)",
         sends = message.schedule_available { connection_from = clock "16:00", connection_to = clock "06:30",
                                              full_from = full[1],
                                              full_to = full[2], balance_from = balance[1], balance_to = balance[2] } },
  step { id = "12b", actor = utility, to = pev, when = program.U2, evidence = "found", seed = "000",
         text = "sends alerts of discrete events (U2)", sends = message.event_alert {} },
  step { id = "12c", actor = utility, to = pev, when = program.U3, evidence = "found", seed = "000",
         text = "sends periodic or hourly prices (U3)", sends = message.hourly_prices {} },
  step { id = "12d", actor = utility, to = pev, when = program.U4, evidence = "found", seed = "000",
         text = "sends critical-peak or hourly prices (U4)", sends = message.cpp_prices {} },
  step { id = "12e", actor = utility, to = pev, when = program.U5, evidence = "found", seed = "000",
         text = "sends its active-management message (U5; blank in the source)", sends = message.active_management {} },

  step { id = "12z", actor = pev, evidence = "added",
         text = "takes the granted rate and waits for its time", does = vehicle.take_rate(granted) },

  step { id = "13", actor = pev, to = evse, starts = full[1], evidence = "found", seed = "000",
         text = "switches a further resistor in, the pilot falls to 6 V; the EVSE closes its switches",
         does = vehicle.ready(),
         sees = { pilot.level(6), contactor.not_closed_before(6), contactor.closes(6) },
         of = { evse, pev }, within = limit "time.plug_to_b" },

  step { id = "14", actor = eumd, to = esci, ends = full[2], evidence = "found", seed = "000",
         text = "the vehicle charges; the meter records the energy of the session",
         holds = { contactor.stays_closed(), pilot.stays() }, of = { evse, eumd } },

  step { id = "14p", actor = pev, to = evse, starts = full[2], evidence = "added",
         text = "pauses between full and balance charge: opens S2; the EVSE opens its switches",
         does = vehicle.not_ready(), sees = contactor.opens(6), of = evse },

  step { id = "14b", actor = pev, to = evse, starts = balance[1], ends = balance[2], evidence = "added",
         text = "balance charge: closes S2 again; the EVSE closes its switches again",
         does = vehicle.resume(granted * 0.2), sees = contactor.closes(6),
         holds = contactor.stays_closed(), of = evse },

  step { id = "stop", actor = pev, to = evse, evidence = "added",
         text = "has its energy: stops drawing and opens S2; the EVSE opens its switches",
         does = vehicle.not_ready(), sees = contactor.opens(6), of = evse },

  step { id = "15m", actor = eumd, to = esci, evidence = "added",
         text = "hands the energy of the session to the gateway",
         sends = message.interval_metering { energy_wh = "@energy", duration_s = "@duration" },
         sees = sent("interval_metering", ixit.report, 6) },

  step { id = "15", actor = esci, to = utility, evidence = "found", seed = "000",
         text = "sends date, time, duration and energy delivered to utility and vehicle",
         sends = message.session_report { energy_wh = "@energy", duration_s = "@duration",
                                          vin = "1PB00000000000001", premise = "P-1" } },

  step { id = "16", actor = utility, evidence = "found", seed = "000",
         text = "records the session for the account tied to this premise and vehicle" },

  step { id = "unplug", actor = customer, to = pev, starts = clock "06:30", evidence = "added",
         text = "pulls the coupler; the EVSE stops the PWM and goes back to steady 12 V",
         does = coupler.remove(), sees = pilot.state "A1", of = evse, within = limit "time.a2_to_a1" },
}

-- What follows stands in no source of S1. Without it an EVSE could pass step 13 and be unsafe.

local function power()
  return step { id = "p1", actor = customer, evidence = "added", text = "plugs the cordset into the energy portal",
                does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up }
end
local function connect()
  return step { id = "p2", actor = customer, evidence = "added", text = "plugs the cordset into the vehicle",
                does = coupler.insert(), sees = { pilot.level(9), pilot.pwm { duty = duty_for(rated) } },
                of = { evse, pev }, within = ixit.pwm_start }
end
local function charge()
  return step { id = "p3", actor = pev, evidence = "added", text = "closes S2 and draws",
                does = vehicle.resume(rated * 0.9), sees = { pilot.level(6), contactor.closes(6) }, of = { evse, pev },
                within = limit "time.plug_to_b", lasts = s(5), holds = contactor.stays_closed() }
end
local roles = { "cp", "coupler", "mains", "contactor" }

use_case "S1-diode" {
  title = "EVSE does not energise a vehicle whose pilot diode is shorted",
  source = "IEC 61851-1 Annex A; EVerest bring-up guide", needs = roles,
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
         within = limit "time.a2_to_a1" },
}

use_case "S1-short" {
  title = "EVSE opens when the pilot is shorted to earth while charging",
  source = "IEC 61851-1 A.4.9, Table A.6 sequence 12", needs = roles,
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
  source = "SAE J1772 state D", needs = roles, unless = ics.ventilation,
  power(), connect(),
  step { id = "1", actor = pev, evidence = "added", text = "asks for energy with ventilation: the pilot falls to 3 V",
         does = vehicle.ask_ventilation(), sees = { pilot.level(3), contactor.stays_open(s(5)) }, of = evse,
         within = limit "time.plug_to_b" },
}

use_case "S1-leakage" {
  title = "EVSE trips on residual current and stays off",
  source = "UL 2231-2", needs = { "cp", "coupler", "mains", "contactor", "residual_current" },
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
}
