/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vocabulary of suites as one table, which is also the manual and the editors' stubs, and its opening. */
#include "harness/script/vocabulary.h"

#include <string.h>

/* One word: where it stands (group "" for a plain global), how it is written, what it means. */
struct word {
    const char *group, *name, *signature, *text;
    lua_CFunction function; /* NULL: a value that is set up below (actors, ics, ixit) */
};
static const struct word words[] = {
    {"", "use_case", "use_case \"ID\" { title=, source=, needs=, unless=, reconstructed=, mutates=, step {...}, ... }",
     "A case: numbered steps, in order. `reconstructed`: a boolean; true: no text of its steps was read, and every list and report says so. `unless`: a boolean, or a text that says why; true or a text: not applicable to this DUT. `needs` lists roles or groups of roles of the bench; a bench that lacks one does not run the case, and says so. `mutates`: what is done to the messages that the bench sends in this case. A case whose steps inject only what is not for the device of the cast is not run.",
     pb_word_use_case},
    {"", "step",
     "step { id=, actor=, text=, does=, sees=, of=, within=, lasts=, sends=, to=, via=, expects=, often=, when=, starts=, ends=, holds=, evidence=, seed=, note=, evse_does=, pev_told=, injects=, mutates=, cord=, party=, to_party= }", "A step as the source numbers it. `actor` does it; `does` is the stimulus when the bench plays that actor; `sees` (one or a list) is what can be observed, made by `of` (default: the actor): judged when the DUT is one of them. `within` limits the time of expectations that have no limit row of their own; `lasts` stays in the step, `ends` until a clock time; `starts` waits for one; `holds` is what must not change until then. `sends` and `to`: a message and its receiver; `via`: who passes it on; `party` and `to_party`: as whom actor and receiver do, where the message leaves a choice (docs/messages.md: \"system_operator\"; default: the first that they play). When the DUT says it, `expects = { field = relation, ... }` is what must hold (a value: equal), `within` how soon (default: limits row `time.message`), `often` how many (\"once\", \"at least once\", \"at most once\", \"any\"; \"never\": none that fits `expects` in the whole case); what the DUT passes on must be as it was given. `when`: a boolean; false: not run. `evidence`: found, carried, inferred, remembered or added; `seed`: number of the source text; `note`: why it cannot be observed. `evse_does`: what a bench with a pilot generator (role cp.source) does after `sees`, whoever the actor is, unless the EVSE is under test. `pev_told`: a line to the console of a vehicle under test: its owner's wish. `cord = 2`: all of this is about the second cord of a station (`needs` names its roles: cord[2]). `injects`: one or a list of inject {...}, from the actor to `to` over the way of its messages. `mutates`: as a case's, for this step alone.",
     pb_word_step},
    {"", "schedule", "schedule { connects = \"16:00\", departs = \"06:30\" }",
     "The session's clock times; stands before the first `clock`. Where the bench file has `measuring: {schedule_window: 6 min}`, the time from connection to departure is pressed into that window: order and ratios stay, limits of the pilot are not touched.",
     pb_word_schedule},
    {"", "clock", "clock \"23:08\"",
     "A clock time of the schedule, for `starts` and `ends` of a step and for fields of messages.", pb_word_clock},
    {"", "console", "console \"stop\"", "A line to the DUT's console.", pb_word_console},
    {"", "sent", "sent(\"interval_metering\", ixit.report, 6)",
     "The DUT sends that message within the time, counted from when the pilot last left that level; without a level, "
     "from the step's begin.",
     pb_word_sent},
    {"", "any_order", "any_order { step {...}, step {...} }",
     "Steps whose messages the DUT may say in any order among each other.", pb_word_any_order},
    {"", "inject",
     "inject { message.vin {...}, raw=, replay=, wrong=, without=, version=, size=, after=, on=, in_place= }",
     "For `injects`: what the bench says to the device beside the choreography, valid or not. One of: a message; `raw`, bytes; `replay = \"8\"`, what that step said, byte for byte. Of a message `wrong = { vin = \"x\" }` sets fields against the catalogue, `without = \"vin\"` leaves one out, `version = 2` is the envelope's. `size` fills any of them up with blanks. It goes out at the step's begin, `after = s(2)` so much later, `on` an event of the case from then on (pilot.state \"C2\", pilot.level(6), contactor.closed(), contactor.opened(), heard \"vin\"; with `after`, so much after it), or with `in_place = true` instead of what the step `sends`. A case that could not inject is inconc.",
     pb_word_inject},
    {"", "heard", "heard \"energy_request\"", "For `on` of inject: the device says such a message.", pb_word_heard},
    {"", "mutate",
     "mutate { drop=, delay=, double=, reorder=, flip=, truncate=, oversize=, replay=, wrong_identity=, by=, only=, size=, member=, judged= }",
     "For `mutates`: shares of the bench's messages to the device, as pct(n), that get lost, come late (`by`), twice, after the next one, with a bit flipped, cut short, filled up to `size` bytes, followed by the first one again, or with a character of `member` (\"vin\") changed; `only` those of one name; by the run's seed. A message check that fails after that is inconc, unless `judged = true`: the case says what it expects of a device that is told such things.",
     pb_word_mutate},
    {"", "at_most", "at_most(watts(1440))",
     "In `expects`: the field is at most that, or at most a field `of` another step.", pb_word_at_most},
    {"", "at_least", "at_least(of(\"9\", \"amount\"))", "In `expects`: likewise, at least.", pb_word_at_least},
    {"", "near", "near(watts(1261), watts(5))", "In `expects`: equal within a tolerance.", pb_word_near},
    {"", "min_of", "min_of(of(\"9\", \"rate\"), watts(1440))",
     "In `expects`: the lesser of the two; a third argument is a tolerance.", pb_word_min_of},
    {"", "as_sent", "as_sent(wh(20))", "In `expects`: what `sends` says, within the tolerance (none: exactly).",
     pb_word_as_sent},
    {"", "ascending", "ascending(\"from\")", "In `expects`, of a list: that member never falls from item to item.",
     pb_word_ascending},
    {"", "each", "each(\"price\", at_most(\"2\"))",
     "In `expects`, of a list: what holds of that member of every item: a value, at_most, at_least or near.",
     pb_word_each},
    {"", "items", "items(24)",
     "In `expects`, of a list: it has so many items; items(2, 48): from 2 to 48. A list's relations may be several: { ascending(\"from\"), items(24) }; as_sent(): item for item what `sends` says.",
     pb_word_items},
    {"", "is", "is(true)",
     "In `expects`: the field is there and equal. (What is said of an optional field otherwise holds where it is there.)",
     pb_word_is},
    {"", "differs", "differs(of(\"1-m\", \"session\"))", "In `expects`, of a number: the field is there and not equal.",
     pb_word_differs},
    {"", "any", "any()", "In `expects`: the field is there, whatever it says.", pb_word_any},
    {"", "of", "of(\"8\", \"vin\")",
     "In `expects`: a field of the message of that step; of the step itself: of its previous message.",
     pb_word_field_of},
    {"", "limit", "limit \"time.open\"", "A row of the limits file, for `within`.", pb_word_limit},
    {"", "duty_for", "duty_for(ics.rated_current)",
     "The duty that announces a current (SAE J1772, IEC 61851-1 Table A.7).", pb_word_duty_for},
    {"", "us", "us(n)", "Microseconds.", pb_word_us},
    {"", "ms", "ms(n)", "Milliseconds.", pb_word_ms},
    {"", "s", "s(n)", "Seconds.", pb_word_s},
    {"", "minutes", "minutes(n)", "Minutes.", pb_word_minutes},
    {"", "hours", "hours(n)", "Hours.", pb_word_hours},
    {"", "volts", "volts(n)", "Volts.", pb_word_volts},
    {"", "amps", "amps(n)", "Amperes.", pb_word_amps},
    {"", "pct", "pct(n)", "Per cent.", pb_word_pct},
    {"", "wh", "wh(n)", "Watt-hours.", pb_word_wh},
    {"", "watts", "watts(n)", "Watts.", pb_word_watts},
    {"pilot", "level", "pilot.level(9)",
     "The pilot reaches 12, 9, 6 or 3 V (state A, B, C, D) in time, and the level is inside its limits.",
     pb_word_pilot_level},
    {"pilot", "pwm", "pilot.pwm { duty = duty_for(ics.rated_current) }",
     "PWM starts in time after the vehicle was connected; frequency, duty and low level are right.", pb_word_pilot_pwm},
    {"pilot", "no_pwm_before", "pilot.no_pwm_before(9)",
     "No PWM from the case's begin until the pilot first moves towards that level.", pb_word_pilot_no_pwm_before},
    {"pilot", "state", "pilot.state \"A1\"", "The pilot comes to exactly that state in time.", pb_word_pilot_state},
    {"pilot", "source_resistance", "pilot.source_resistance()",
     "The pilot driver's resistor, from the levels that were read in states A and B and the bench's calibrated load.",
     pb_word_pilot_source_resistance},
    {"pilot", "rise_time", "pilot.rise_time(9)",
     "The PWM that runs rises (10 to 90 %) within `cp.rise` of state A, B, C or D (12, 9, 6, 3 V). Measured by `cp.sense` where its calibrated front end and its sample period are at most a third of the limit, else by `scope`; where neither is, \"not measurable on this bench\", inconc.",
     pb_word_pilot_rise_time},
    {"pilot", "fall_time", "pilot.fall_time(9)", "Likewise falls (90 to 10 %) within `cp.fall`.",
     pb_word_pilot_fall_time},
    {"pilot", "stays", "pilot.stays()", "In `holds`: the pilot's state does not change for the rest of the step.",
     pb_word_pilot_stays},
    {"pilot", "loaded", "pilot.loaded(9, limit \"time.plug_to_b\")",
     "A vehicle under test brings the pilot to 9, 6 or 3 V in time, and the level (`ev.level`) is that of its resistors and diode.",
     pb_word_pilot_loaded},
    {"pilot", "not_loaded", "pilot.not_loaded()",
     "In `holds`: a vehicle under test does not close S2 for the rest of the step, and has not closed it.",
     pb_word_pilot_not_loaded},
    {"pilot", "capacitance", "pilot.capacitance()",
     "In `sees`, while PWM is on: the capacitance of a vehicle under test, from the pilot's falling edges (`cp.capacitance.vehicle`).",
     pb_word_pilot_capacitance},
    {"pilot", "toggles", "pilot.toggles()",
     "In `holds`: a vehicle under test goes to state C and back as often (`ev.bcb.count`) and for as long (`ev.bcb.shortest`, `ev.bcb.longest`) as a BCB toggle has it.",
     pb_word_pilot_toggles},
    {"pilot", "announces", "pilot.announces(ics.share)",
     "The pilot of the step's cord comes to announce that current in time, give or take the tolerance of a duty. Needs a bench with two cords.",
     pb_word_pilot_announces},
    {"station", "announces_at_most", "station.announces_at_most(ics.rated_current, ixit.pwm_start)",
     "At no instant from the case's begin on do the cords' pilots together announce more to their vehicles, but for the duty's tolerance. With a time: waits so long for the first announcement of the step's cord.",
     pb_word_station_announces_at_most},
    {"station", "lets_follow", "station.lets_follow(limit \"time.ev_follow\")",
     "The contactor of the step's cord closes no sooner than that time after the other cord's pilot was last brought to announce less.",
     pb_word_station_lets_follow},
    {"current", "at_most", "current.at_most(current_of(pct(30)))",
     "In `holds`: the greatest current of a vehicle under test for the rest of the step is no more than that (and what `ev.current.over` adds).",
     pb_word_current_at_most},
    {"current", "follows", "current.follows(amps(10))",
     "Within `time.ev_follow` (or a second argument) a vehicle under test draws no more than that, and stays there.",
     pb_word_current_follows},
    {"current", "stops", "current.stops(limit \"time.ev_s3\")",
     "Within `time.ev_stop` (or the argument) a vehicle under test draws less than 1 A, and stays there.",
     pb_word_current_stops},
    {"current", "starts", "current.starts(ixit.draw)", "A vehicle under test draws 1 A or more in time.",
     pb_word_current_starts},
    {"current", "told", "current.told()",
     "After `does = console \"energy?\"`: what a vehicle under test answers is what the bench has counted, to `ev.energy`.",
     pb_word_current_told},
    {"current", "shed", "current.shed(6)",
     "From when the pilot left 6 V (or 3 V, as told) on, a vehicle under test draws no more than `ev.current.at_s2`: the load is off before S2 opens.",
     pb_word_current_shed},
    {"", "current_of", "current_of(pct(30))",
     "The current that a duty allows a vehicle (`current_of_duty` of the limits).", pb_word_current_of},
    {"source", "steady", "source.steady(12)", "As the EVSE: the pilot is steady at 12, 0 or -12 V.",
     pb_word_source_steady},
    {"source", "open", "source.open()", "As the EVSE: nothing drives the pilot.", pb_word_source_open},
    {"source", "duty", "source.duty(pct(30))", "As the EVSE: PWM of that duty.", pb_word_source_duty},
    {"source", "frequency", "source.frequency(980)", "As the EVSE: the frequency of PWM, Hz.",
     pb_word_source_frequency},
    {"source", "high", "source.high(volts(11.4))", "As the EVSE: the high level.", pb_word_source_high},
    {"source", "low", "source.low(volts(-11.4))", "As the EVSE: the low level.", pb_word_source_low},
    {"contactor_switch", "close", "contactor_switch.close()", "As the EVSE: closes its contactor.",
     pb_word_switch_close},
    {"contactor_switch", "open", "contactor_switch.open()", "As the EVSE: opens it.", pb_word_switch_open},
    {"contactor", "closes", "contactor.closes(6)",
     "Every pole conducts within `time.close` (or a second argument) of the first excursion towards that level.",
     pb_word_contactor_closes},
    {"contactor", "opens", "contactor.opens(6, limit \"time.open_unplug\")",
     "The last pole opens within `time.open` (or the second argument) of the first excursion away from that level.",
     pb_word_contactor_opens},
    {"contactor", "not_closed_before", "contactor.not_closed_before(6)",
     "No pole conducts from the case's begin until the pilot first moves towards that level.",
     pb_word_contactor_not_closed_before},
    {"contactor", "stays_open", "contactor.stays_open(s(5))",
     "No pole conducts for so long from the step's begin. Without a time, in `holds`: no pole conducts again, since `contactor.opens` or "
     "`contactor.opens_within` last saw it in the case (else since its begin).",
     pb_word_contactor_stays_open},
    {"contactor", "stays_closed", "contactor.stays_closed()",
     "In `holds`: every pole conducts for the rest of the step.", pb_word_contactor_stays_closed},
    {"contactor", "opens_within", "contactor.opens_within(limit \"time.open_ccid\")",
     "The last pole opens within that time of the step's stimulus.", pb_word_contactor_opens_within},
    {"contactor", "closed", "contactor.closed()", "For `on` of inject: every pole conducts.", pb_word_contactor_closed},
    {"contactor", "opened", "contactor.opened()", "For `on` of inject: no pole conducts any more.",
     pb_word_contactor_opened},
    {"mains", "on", "mains.on()", "Switches the supply of the DUT on.", pb_word_mains_on},
    {"mains", "off", "mains.off()", "Switches it off.", pb_word_mains_off},
    {"coupler", "insert", "coupler.insert()", "Connects the vehicle (R2 through its diode).", pb_word_coupler_insert},
    {"coupler", "remove", "coupler.remove()", "Pulls the coupler.", pb_word_coupler_remove},
    {"coupler", "press", "coupler.press()", "Presses the latch button of the connector (S3).", pb_word_coupler_press},
    {"coupler", "release", "coupler.release()", "Lets go of it.", pb_word_coupler_release},
    {"vehicle", "ready", "vehicle.ready()", "Closes S2: the vehicle asks for energy.", pb_word_pev_ready},
    {"vehicle", "not_ready", "vehicle.not_ready()", "Stops drawing, then opens S2.", pb_word_pev_not_ready},
    {"vehicle", "short_diode", "vehicle.short_diode()", "Shorts the vehicle's diode, a fault that the EVSE must see.",
     pb_word_pev_short_diode},
    {"vehicle", "take_rate", "vehicle.take_rate(amps(10))",
     "Reads the duty and plans to draw the lowest of that current, the charger's size and the argument, if there is one.",
     pb_word_pev_take_rate},
    {"vehicle", "resume", "vehicle.resume(amps(5))", "Will draw so much, and closes S2.", pb_word_vehicle_resume},
    {"vehicle", "ask_ventilation", "vehicle.ask_ventilation()", "Asks for energy with ventilation (state D).",
     pb_word_vehicle_ask_ventilation},
    {"fault", "short_pilot", "fault.short_pilot()", "Connects 80 ohm from pilot to earth.", pb_word_fault_short_pilot},
    {"fault", "break_earth", "fault.break_earth()", "Breaks the protective earth.", pb_word_fault_break_earth},
    {"fault", "residual", "fault.residual(amps(0.03))", "Makes a residual current flow.", pb_word_fault_residual},
    {"", "customer", "customer", "Actor: the person.", NULL},
    {"", "evse", "evse", "Actor: the supply equipment.", NULL},
    {"", "pev", "pev", "Actor: the vehicle.", NULL},
    {"", "esci", "esci", "Actor: the premise gateway.", NULL},
    {"", "eumd", "eumd", "Actor: the charging meter.", NULL},
    {"", "utility", "utility", "Actor: the utility.", NULL},
    {"", "include", "include \"S2\"",
     "The table that the suite file of that name in the same folder returns: its steps, for cases of this file. The file's own cases are not added.",
     pb_word_include},
    {"", "program", "program.U1",
     "For `when`: true when the session uses that utility program (U1 to U5; `programs` in the DUT statement's ICS).",
     NULL},
    {"", "device", "device.esci",
     "True when the device under test is that actor: for `unless` of what the bench cannot play beside it.", NULL},
    {"", "message", "message.energy_request { amount = wh(5760) }",
     "A message of docs/messages.md, for `sends`. Fields are quantities, clock times, texts, booleans, numbers and lists of such; \"@energy\" and \"@duration\" stand for what the bench's meter has counted, \"@interval_energy\" and \"@interval_duration\" for the same since they last stood in a message, \"@session\" for the number of the case.",
     NULL},
    {"", "ics", "ics.NAME", "What the DUT statement says the device can do; quantities, truth values and texts.", NULL},
    {"", "ixit", "ixit.NAME", "Extra information for testing from the DUT statement.", NULL},
};
static const size_t word_count = sizeof words / sizeof *words;

/* ics and ixit: a table of quantities from a parameter table. */
static void push_params(lua_State *L, const char *name, const struct pb_param *params, size_t count, const void *from,
                        enum pb_confidence confidence) {
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
        const char *member = (const char *)from + params[i].offset;
        if (params[i].type == PB_PARAM_QUANTITY) {
            char origin[40];
            int64_t value;
            memcpy(&value, member, sizeof value);
            snprintf(origin, sizeof origin, "%s.%s", name, params[i].name);
            if (params[i].unit == PB_UNIT_NONE) lua_pushinteger(L, value); /* a count */
            else pb_lua_push_quantity(L, value, params[i].unit, origin, confidence);
        } else if (params[i].type == PB_PARAM_TEXT) {
            const char *value;
            memcpy(&value, member, sizeof value);
            lua_pushstring(L, value);
        } else if (params[i].type == PB_PARAM_CHOICE) {
            int value;
            memcpy(&value, member, sizeof value);
            lua_pushstring(L, params[i].choices[value]);
        } else {
            bool value;
            memcpy(&value, member, sizeof value);
            lua_pushboolean(L, value);
        }
        lua_setfield(L, -2, params[i].name);
    }
    pb_lua_seal(L, name);
    lua_setfield(L, -2, name);
}

/* program.U1 ... U5: is it one of ics.programs? */
static void push_programs(lua_State *L, const char *chosen) {
    lua_newtable(L);
    for (int i = 1; i <= 5; i++) {
        char name[4];
        snprintf(name, sizeof name, "U%d", i);
        lua_pushboolean(L, strstr(chosen, name) != NULL);
        lua_setfield(L, -2, name);
    }
    pb_lua_seal(L, "program");
    lua_setfield(L, -2, "program");
}

/* device.evse and the like: is the DUT that actor? */
static void push_device(lua_State *L, unsigned actors) {
    lua_newtable(L);
    for (int actor = 0; actor < PB_ACTOR_COUNT; actor++) {
        lua_pushboolean(L, (PB_ACTOR_BIT(actor) & actors) != 0);
        lua_setfield(L, -2, pb_actor_name((enum pb_actor)actor));
    }
    pb_lua_seal(L, "device");
    lua_setfield(L, -2, "device");
}

static bool is_first_of_group(size_t word) {
    for (size_t i = 0; i < word; i++)
        if (strcmp(words[i].group, words[word].group) == 0) return false;
    return words[word].group[0];
}

void pb_lua_open_words(lua_State *L) {
    static const char *const kinds[] = {PB_LUA_CLOCK,   PB_LUA_MESSAGE, PB_LUA_ACTION,  PB_LUA_EXPECTATION,
                                        PB_LUA_LIMIT,   PB_LUA_ACTOR,   PB_LUA_STEP,    PB_LUA_RELATION,
                                        PB_LUA_OPERAND, PB_LUA_INJECT,  PB_LUA_TRIGGER, PB_LUA_MUTATIONS};
    const struct pb_script *script = pb_script_of(L);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        luaL_newmetatable(L, kinds[i]);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < word_count; i++) {
        const struct word *word = &words[i];
        if (!word->function) continue;
        if (word->group[0] && lua_getfield(L, -1, word->group) == LUA_TNIL) {
            lua_pop(L, 1);
            lua_newtable(L);
            lua_pushvalue(L, -1);
            lua_setfield(L, -3, word->group);
        }
        lua_pushcfunction(L, word->function);
        lua_setfield(L, -2, word->name);
        if (word->group[0]) lua_pop(L, 1);
    }
    for (size_t i = 0; i < word_count; i++) {
        if (!is_first_of_group(i)) continue;
        lua_getfield(L, -1, words[i].group);
        pb_lua_seal(L, words[i].group);
        lua_setfield(L, -2, words[i].group);
    }
    for (int actor = 0; actor < PB_ACTOR_COUNT; actor++) {
        enum pb_actor *made = lua_newuserdatauv(L, sizeof *made, 0);
        *made = (enum pb_actor)actor;
        luaL_setmetatable(L, PB_LUA_ACTOR);
        lua_setfield(L, -2, pb_actor_name((enum pb_actor)actor));
    }
    pb_lua_push_messages(L);
    push_programs(L, script->setup->dut->ics.programs);
    push_device(L, script->setup->dut->actors);
    push_params(L, "ics", pb_dut_ics_params, pb_dut_ics_count, &script->setup->dut->ics, PB_CONFIDENCE_DUT);
    push_params(L, "ixit", pb_dut_ixit_params, pb_dut_ixit_count, &script->setup->dut->ixit, PB_CONFIDENCE_DUT);
}

/* ---- the manual ---- */

static void print_params(FILE *out, const char *name, const struct pb_param *params, size_t count) {
    for (size_t i = 0; i < count; i++) fprintf(out, "| `%s.%s` | %s |\n", name, params[i].name, params[i].text);
}

void pb_script_print_words(FILE *out) {
    fputs(
        "# Words of suites\n\nPrinted by `pilotbench list --words`. One grammar: a case is `use_case \"ID\" { fields, step {...}, ... }`; everything "
        "else makes a value for a step's field.\nQuantities know their unit: they add, subtract and compare only with their like, and multiply with plain "
        "numbers.\n\n| word | meaning |\n|---|---|\n",
        out);
    for (size_t i = 0; i < word_count; i++) fprintf(out, "| `%s` | %s |\n", words[i].signature, words[i].text);
    print_params(out, "ics", pb_dut_ics_params, pb_dut_ics_count);
    print_params(out, "ixit", pb_dut_ixit_params, pb_dut_ixit_count);
    fputs("\n## What there is of Lua\n\nThe language itself (5.4), and of its libraries:\n\n", out);
    for (const struct pb_lua_part *part = pb_lua_parts; part->library; part++) {
        fputs("- ", out);
        for (size_t i = 0; part->names[i]; i++)
            fprintf(out, "%s`%s%s%s`", i ? ", " : "", part->library, part->library[0] ? "." : "", part->names[i]);
        fputc('\n', out);
    }
    fputs(
        "\nThere is no way out of the sandbox (os, io, debug, load, require), nothing that hides an error (pcall), no pairs (its order differs from run to\n"
        "run), and no global can be made: a word that is not there is an error, so is a global. A suite is a text of at most 1 MB of UTF-8; it may use\n"
        "64 MB, 20 million instructions and 10 s.\n",
        out);
}

/* Text behind the lead, folded to the width that luacheck allows. */
static void print_comment(FILE *out, const char *lead, const char *text) {
    size_t width = 120 - strlen(lead);
    while (*text) {
        size_t length = strlen(text);
        if (length > width) {
            length = width;
            while (length && text[length] != ' ') length--;
            if (!length) length = width;
        }
        fprintf(out, "%s%.*s\n", lead, (int)length, text);
        for (text += length; *text == ' '; text++) {}
    }
}

static void print_param_stub(FILE *out, const char *name, const struct pb_param *params, size_t count) {
    for (size_t i = 0; i < count; i++) {
        fputc('\n', out);
        print_comment(out, "--- ", params[i].text);
        fprintf(out, "%s.%s = nil\n", name, params[i].name);
    }
}

void pb_script_print_stubs(FILE *out) {
    fputs("---@meta\n-- Words of suites, for editors. Printed by `pilotbench list --stubs`.\n", out);
    for (size_t i = 0; i < word_count; i++) {
        const struct word *word = &words[i];
        if (is_first_of_group(i)) fprintf(out, "\n%s = {}\n", word->group);
        fputc('\n', out);
        print_comment(out, "--- ", word->text);
        print_comment(out, "---   ", word->signature);
        if (!word->function) fprintf(out, "%s = {}\n", word->name);
        else fprintf(out, "function %s%s%s(...) end\n", word->group, word->group[0] ? "." : "", word->name);
    }
    print_param_stub(out, "ics", pb_dut_ics_params, pb_dut_ics_count);
    print_param_stub(out, "ixit", pb_dut_ixit_params, pb_dut_ixit_count);
}
