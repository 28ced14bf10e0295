---@meta
-- Words of suites, for editors. Printed by `pilotbench list --stubs`.

--- A case: numbered steps, in order. `reconstructed`: a boolean; true: no text of its steps was read, and every list
--- and report says so. `unless`: a boolean, or a text that says why; true or a text: not applicable to this DUT.
--- `needs` lists roles or groups of roles of the bench; a bench that lacks one does not run the case, and says so.
--- `mutates`: what is done to the messages that the bench sends in this case. A case whose steps inject only what is
--- not for the device of the cast is not run.
---   use_case "ID" { title=, source=, needs=, unless=, reconstructed=, mutates=, step {...}, ... }
function use_case(...) end

--- A step as the source numbers it. `actor` does it; `does` is the stimulus when the bench plays that actor; `sees`
--- (one or a list) is what can be observed, made by `of` (default: the actor): judged when the DUT is one of them.
--- `within` limits the time of expectations that have no limit row of their own; `lasts` stays in the step, `ends`
--- until a clock time; `starts` waits for one; `holds` is what must not change until then. `sends` and `to`: a message
--- and its receiver; `via`: who passes it on; `party` and `to_party`: as whom actor and receiver do, where the message
--- leaves a choice (docs/messages.md: "system_operator"; default: the first that they play). When the DUT says it,
--- `expects = { field = relation, ... }` is what must hold (a value: equal), `within` how soon (default: limits row
--- `time.message`), `often` how many ("once", "at least once", "at most once", "any"; "never": none that fits `expects`
--- in the whole case); what the DUT passes on must be as it was given. `when`: a boolean; false: not run. `evidence`:
--- found, carried, inferred, remembered or added; `seed`: number of the source text; `note`: why it cannot be observed.
--- `evse_does`: what a bench with a pilot generator (role cp.source) does after `sees`, whoever the actor is, unless
--- the EVSE is under test. `pev_told`: a line to the console of a vehicle under test: its owner's wish. `cord = 2`: all
--- of this is about the second cord of a station (`needs` names its roles: cord[2]). `injects`: one or a list of inject
--- {...}, from the actor to `to` over the way of its messages. `mutates`: as a case's, for this step alone.
---   step { id=, actor=, text=, does=, sees=, of=, within=, lasts=, sends=, to=, via=, expects=, often=, when=,
---   starts=, ends=, holds=, evidence=, seed=, note=, evse_does=, pev_told=, injects=, mutates=, cord=, party=,
---   to_party= }
function step(...) end

--- The session's clock times; stands before the first `clock`. Where the bench file has `measuring: {schedule_window: 6
--- min}`, the time from connection to departure is pressed into that window: order and ratios stay, limits of the pilot
--- are not touched.
---   schedule { connects = "16:00", departs = "06:30" }
function schedule(...) end

--- A clock time of the schedule, for `starts` and `ends` of a step and for fields of messages.
---   clock "23:08"
function clock(...) end

--- A line to the DUT's console.
---   console "stop"
function console(...) end

--- The DUT sends that message within the time, counted from when the pilot last left that level; without a level, from
--- the step's begin.
---   sent("interval_metering", ixit.report, 6)
function sent(...) end

--- Steps whose messages the DUT may say in any order among each other.
---   any_order { step {...}, step {...} }
function any_order(...) end

--- For `injects`: what the bench says to the device beside the choreography, valid or not. One of: a message; `raw`,
--- bytes; `replay = "8"`, what that step said, byte for byte. Of a message `wrong = { vin = "x" }` sets fields against
--- the catalogue, `without = "vin"` leaves one out, `version = 2` is the envelope's. `size` fills any of them up with
--- blanks. It goes out at the step's begin, `after = s(2)` so much later, `on` an event of the case from then on
--- (pilot.state "C2", pilot.level(6), contactor.closed(), contactor.opened(), heard "vin"; with `after`, so much after
--- it), or with `in_place = true` instead of what the step `sends`. A case that could not inject is inconc.
---   inject { message.vin {...}, raw=, replay=, wrong=, without=, version=, size=, after=, on=, in_place= }
function inject(...) end

--- For `on` of inject: the device says such a message.
---   heard "energy_request"
function heard(...) end

--- For `mutates`: shares of the bench's messages to the device, as pct(n), that get lost, come late (`by`), twice,
--- after the next one, with a bit flipped, cut short, filled up to `size` bytes, followed by the first one again, or
--- with a character of `member` ("vin") changed; `only` those of one name; by the run's seed. A message check that
--- fails after that is inconc, unless `judged = true`: the case says what it expects of a device that is told such
--- things.
---   mutate { drop=, delay=, double=, reorder=, flip=, truncate=, oversize=, replay=, wrong_identity=, by=, only=,
---   size=, member=, judged= }
function mutate(...) end

--- In `expects`: the field is at most that, or at most a field `of` another step.
---   at_most(watts(1440))
function at_most(...) end

--- In `expects`: likewise, at least.
---   at_least(of("9", "amount"))
function at_least(...) end

--- In `expects`: equal within a tolerance.
---   near(watts(1261), watts(5))
function near(...) end

--- In `expects`: the lesser of the two; a third argument is a tolerance.
---   min_of(of("9", "rate"), watts(1440))
function min_of(...) end

--- In `expects`: what `sends` says, within the tolerance (none: exactly).
---   as_sent(wh(20))
function as_sent(...) end

--- In `expects`, of a list: that member never falls from item to item.
---   ascending("from")
function ascending(...) end

--- In `expects`, of a list: what holds of that member of every item: a value, at_most, at_least or near.
---   each("price", at_most("2"))
function each(...) end

--- In `expects`, of a list: it has so many items; items(2, 48): from 2 to 48. A list's relations may be several: {
--- ascending("from"), items(24) }; as_sent(): item for item what `sends` says.
---   items(24)
function items(...) end

--- In `expects`: the field is there and equal. (What is said of an optional field otherwise holds where it is there.)
---   is(true)
function is(...) end

--- In `expects`, of a number: the field is there and not equal.
---   differs(of("1-m", "session"))
function differs(...) end

--- In `expects`: the field is there, whatever it says.
---   any()
function any(...) end

--- In `expects`: a field of the message of that step; of the step itself: of its previous message.
---   of("8", "vin")
function of(...) end

--- A row of the limits file, for `within`.
---   limit "time.open"
function limit(...) end

--- The duty that announces a current (SAE J1772, IEC 61851-1 Table A.7).
---   duty_for(ics.rated_current)
function duty_for(...) end

--- Microseconds.
---   us(n)
function us(...) end

--- Milliseconds.
---   ms(n)
function ms(...) end

--- Seconds.
---   s(n)
function s(...) end

--- Minutes.
---   minutes(n)
function minutes(...) end

--- Hours.
---   hours(n)
function hours(...) end

--- Volts.
---   volts(n)
function volts(...) end

--- Amperes.
---   amps(n)
function amps(...) end

--- Per cent.
---   pct(n)
function pct(...) end

--- Watt-hours.
---   wh(n)
function wh(...) end

--- Watts.
---   watts(n)
function watts(...) end

pilot = {}

--- The pilot reaches 12, 9, 6 or 3 V (state A, B, C, D) in time, and the level is inside its limits.
---   pilot.level(9)
function pilot.level(...) end

--- PWM starts in time after the vehicle was connected; frequency, duty and low level are right.
---   pilot.pwm { duty = duty_for(ics.rated_current) }
function pilot.pwm(...) end

--- No PWM from the case's begin until the pilot first moves towards that level.
---   pilot.no_pwm_before(9)
function pilot.no_pwm_before(...) end

--- The pilot comes to exactly that state in time.
---   pilot.state "A1"
function pilot.state(...) end

--- The pilot driver's resistor, from the levels that were read in states A and B and the bench's calibrated load.
---   pilot.source_resistance()
function pilot.source_resistance(...) end

--- The PWM that runs rises (10 to 90 %) within `cp.rise` of state A, B, C or D (12, 9, 6, 3 V). Measured by `cp.sense`
--- where its calibrated front end and its sample period are at most a third of the limit, else by `scope`; where
--- neither is, "not measurable on this bench", inconc.
---   pilot.rise_time(9)
function pilot.rise_time(...) end

--- Likewise falls (90 to 10 %) within `cp.fall`.
---   pilot.fall_time(9)
function pilot.fall_time(...) end

--- In `holds`: the pilot's state does not change for the rest of the step.
---   pilot.stays()
function pilot.stays(...) end

--- A vehicle under test brings the pilot to 9, 6 or 3 V in time, and the level (`ev.level`) is that of its resistors
--- and diode.
---   pilot.loaded(9, limit "time.plug_to_b")
function pilot.loaded(...) end

--- In `holds`: a vehicle under test does not close S2 for the rest of the step, and has not closed it.
---   pilot.not_loaded()
function pilot.not_loaded(...) end

--- In `sees`, while PWM is on: the capacitance of a vehicle under test, from the pilot's falling edges
--- (`cp.capacitance.vehicle`).
---   pilot.capacitance()
function pilot.capacitance(...) end

--- In `holds`: a vehicle under test goes to state C and back as often (`ev.bcb.count`) and for as long
--- (`ev.bcb.shortest`, `ev.bcb.longest`) as a BCB toggle has it.
---   pilot.toggles()
function pilot.toggles(...) end

--- The pilot of the step's cord comes to announce that current in time, give or take the tolerance of a duty. Needs a
--- bench with two cords.
---   pilot.announces(ics.share)
function pilot.announces(...) end

station = {}

--- At no instant from the case's begin on do the cords' pilots together announce more to their vehicles, but for the
--- duty's tolerance. With a time: waits so long for the first announcement of the step's cord.
---   station.announces_at_most(ics.rated_current, ixit.pwm_start)
function station.announces_at_most(...) end

--- The contactor of the step's cord closes no sooner than that time after the other cord's pilot was last brought to
--- announce less.
---   station.lets_follow(limit "time.ev_follow")
function station.lets_follow(...) end

current = {}

--- In `holds`: the greatest current of a vehicle under test for the rest of the step is no more than that (and what
--- `ev.current.over` adds).
---   current.at_most(current_of(pct(30)))
function current.at_most(...) end

--- Within `time.ev_follow` (or a second argument) a vehicle under test draws no more than that, and stays there.
---   current.follows(amps(10))
function current.follows(...) end

--- Within `time.ev_stop` (or the argument) a vehicle under test draws less than 1 A, and stays there.
---   current.stops(limit "time.ev_s3")
function current.stops(...) end

--- A vehicle under test draws 1 A or more in time.
---   current.starts(ixit.draw)
function current.starts(...) end

--- After `does = console "energy?"`: what a vehicle under test answers is what the bench has counted, to `ev.energy`.
---   current.told()
function current.told(...) end

--- From when the pilot left 6 V (or 3 V, as told) on, a vehicle under test draws no more than `ev.current.at_s2`: the
--- load is off before S2 opens.
---   current.shed(6)
function current.shed(...) end

--- The current that a duty allows a vehicle (`current_of_duty` of the limits).
---   current_of(pct(30))
function current_of(...) end

source = {}

--- As the EVSE: the pilot is steady at 12, 0 or -12 V.
---   source.steady(12)
function source.steady(...) end

--- As the EVSE: nothing drives the pilot.
---   source.open()
function source.open(...) end

--- As the EVSE: PWM of that duty.
---   source.duty(pct(30))
function source.duty(...) end

--- As the EVSE: the frequency of PWM, Hz.
---   source.frequency(980)
function source.frequency(...) end

--- As the EVSE: the high level.
---   source.high(volts(11.4))
function source.high(...) end

--- As the EVSE: the low level.
---   source.low(volts(-11.4))
function source.low(...) end

contactor_switch = {}

--- As the EVSE: closes its contactor.
---   contactor_switch.close()
function contactor_switch.close(...) end

--- As the EVSE: opens it.
---   contactor_switch.open()
function contactor_switch.open(...) end

contactor = {}

--- Every pole conducts within `time.close` (or a second argument) of the first excursion towards that level.
---   contactor.closes(6)
function contactor.closes(...) end

--- The last pole opens within `time.open` (or the second argument) of the first excursion away from that level.
---   contactor.opens(6, limit "time.open_unplug")
function contactor.opens(...) end

--- No pole conducts from the case's begin until the pilot first moves towards that level.
---   contactor.not_closed_before(6)
function contactor.not_closed_before(...) end

--- No pole conducts for so long from the step's begin. Without a time, in `holds`: no pole conducts again, since
--- `contactor.opens` or `contactor.opens_within` last saw it in the case (else since its begin).
---   contactor.stays_open(s(5))
function contactor.stays_open(...) end

--- In `holds`: every pole conducts for the rest of the step.
---   contactor.stays_closed()
function contactor.stays_closed(...) end

--- The last pole opens within that time of the step's stimulus.
---   contactor.opens_within(limit "time.open_ccid")
function contactor.opens_within(...) end

--- For `on` of inject: every pole conducts.
---   contactor.closed()
function contactor.closed(...) end

--- For `on` of inject: no pole conducts any more.
---   contactor.opened()
function contactor.opened(...) end

mains = {}

--- Switches the supply of the DUT on.
---   mains.on()
function mains.on(...) end

--- Switches it off.
---   mains.off()
function mains.off(...) end

coupler = {}

--- Connects the vehicle (R2 through its diode).
---   coupler.insert()
function coupler.insert(...) end

--- Pulls the coupler.
---   coupler.remove()
function coupler.remove(...) end

--- Presses the latch button of the connector (S3).
---   coupler.press()
function coupler.press(...) end

--- Lets go of it.
---   coupler.release()
function coupler.release(...) end

vehicle = {}

--- Closes S2: the vehicle asks for energy.
---   vehicle.ready()
function vehicle.ready(...) end

--- Stops drawing, then opens S2.
---   vehicle.not_ready()
function vehicle.not_ready(...) end

--- Shorts the vehicle's diode, a fault that the EVSE must see.
---   vehicle.short_diode()
function vehicle.short_diode(...) end

--- Reads the duty and plans to draw the lowest of that current, the charger's size and the argument, if there is one.
---   vehicle.take_rate(amps(10))
function vehicle.take_rate(...) end

--- Will draw so much, and closes S2.
---   vehicle.resume(amps(5))
function vehicle.resume(...) end

--- Asks for energy with ventilation (state D).
---   vehicle.ask_ventilation()
function vehicle.ask_ventilation(...) end

fault = {}

--- Connects 80 ohm from pilot to earth.
---   fault.short_pilot()
function fault.short_pilot(...) end

--- Breaks the protective earth.
---   fault.break_earth()
function fault.break_earth(...) end

--- Makes a residual current flow.
---   fault.residual(amps(0.03))
function fault.residual(...) end

--- Actor: the person.
---   customer
customer = {}

--- Actor: the supply equipment.
---   evse
evse = {}

--- Actor: the vehicle.
---   pev
pev = {}

--- Actor: the premise gateway.
---   esci
esci = {}

--- Actor: the charging meter.
---   eumd
eumd = {}

--- Actor: the utility.
---   utility
utility = {}

--- The table that the suite file of that name in the same folder returns: its steps, for cases of this file. The file's
--- own cases are not added.
---   include "S2"
function include(...) end

--- For `when`: true when the session uses that utility program (U1 to U5; `programs` in the DUT statement's ICS).
---   program.U1
program = {}

--- True when the device under test is that actor: for `unless` of what the bench cannot play beside it.
---   device.esci
device = {}

--- A message of docs/messages.md, for `sends`. Fields are quantities, clock times, texts, booleans, numbers and lists
--- of such; "@energy" and "@duration" stand for what the bench's meter has counted, "@interval_energy" and
--- "@interval_duration" for the same since they last stood in a message, "@session" for the number of the case.
---   message.energy_request { amount = wh(5760) }
message = {}

--- What the DUT statement says the device can do; quantities, truth values and texts.
---   ics.NAME
ics = {}

--- Extra information for testing from the DUT statement.
---   ixit.NAME
ixit = {}

--- the current that the EVSE announces as available (ALC)
ics.rated_current = nil

--- true: charges vehicles that ask for ventilation (state D)
ics.ventilation = nil

--- true: a vehicle that asks for ventilation (state D)
ics.asks_ventilation = nil

--- true: a vehicle that toggles between B and C while it waits for PWM (ISO 15118-3)
ics.bcb_toggle = nil

--- true: a vehicle that waits so many seconds before it charges after a line `start in 120` on its console
ics.console_schedule = nil

--- true: a vehicle that answers a line `energy?` on its console by `energy 1234 Wh`: taken since it was plugged in
ics.console_energy = nil

--- true: a line `stop` on the console stops charging, for good, until `start`
ics.console_stop = nil

--- what the EVSE and its meter say on message links: all, none, or names of messages (docs/messages.md)
ics.evse_messages = nil

--- what a vehicle that is the device says on message links: all, none, or names of messages
ics.pev_messages = nil

--- utility programs that a session uses: some of U1 to U5
ics.programs = nil

--- cords of the EVSE; with two of them it divides rated_current
ics.cords = nil

--- the current that it announces on each of two cords while both are in use; 0 A: half of rated_current
ics.share = nil

--- how a session connects: S1 cordset, S2 premise EVSE, S3 premise EVSE with charger
ics.connection = nil

--- true: keeps a clock of its own that the bench cannot set; how far each session's schedule is from it stands in the
--- record and in the reports (see ixit.clock_ahead)
ics.own_clock = nil

--- true: the vehicle binds before it asks for energy (the order of L2); false: after it (the order of S1)
ics.binds_first = nil

--- true: transfers DC by high-level communication, and announces it with 5 % duty
ics.dc_hlc = nil

--- false: takes no part in the consumer portal's flow at home (Portal), whose case is not run
ics.portal = nil

--- false: takes no part in the same at a third party's (Portal-third-party), whose case is not run
ics.portal_third_party = nil

--- false: takes no part in the health check of a vehicle (HealthCheck), whose case is not run
ics.health_check = nil

--- false: takes no part in charging by prices and control from the network (PowerFeed), whose case is not run
ics.power_feed = nil

--- longest time from supply on to 12 V on the pilot
ixit.power_up = nil

--- longest time from vehicle connected to PWM on
ixit.pwm_start = nil

--- longest time in which a vehicle closes S2: from an offer, or from being told to charge
ixit.s2_close = nil

--- longest time in which a vehicle opens S2 when it is told to stop
ixit.s2_open = nil

--- longest time from supply at a vehicle's inlet to current
ixit.draw = nil

--- longest time from loss of earth to open contacts
ixit.earth_loss = nil

--- longest time from a stop at the device to open contacts (the vehicle has 6 s to stop drawing)
ixit.stop = nil

--- longest time from the end of charging to the device's report of energy
ixit.report = nil

--- how the device's clock is set to the schedule's time at each connection: a console line with {time} in it, which
--- becomes HH:MM:SS, or time_of_day, the message of that name to a gateway or vehicle; empty: there is no way
ixit.set_clock = nil

--- own_clock: how far the device's clock is ahead of UTC; on simulated time of a day that begins with the run
ixit.clock_ahead = nil
