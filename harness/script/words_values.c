/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words that make the value of a step's field: quantities, clock times, limits, messages, actions, expectations. */
#include "harness/script/vocabulary.h"

#include "harness/engine/announce.h"
#include "harness/engine/messages.h"
#include "pilot_emulator/duty.h"
#include "pilot_emulator/state.h"

#include <math.h>
#include <string.h>

/* ---- quantities ---- */

static int make_quantity(lua_State *L, enum pb_unit unit, double steps) {
    if (lua_type(L, 1) != LUA_TNUMBER)
        return luaL_error(L, "found a %s, expected a number of %s", pb_lua_kind(L, 1), pb_unit_symbol(unit));
    double value = lua_tonumber(L, 1) * steps;
    if (!(fabs(value) < 9.2e18)) return luaL_error(L, "found %s, expected a number that fits", lua_tostring(L, 1));
    pb_lua_push_quantity(L, (int64_t)llround(value), unit, "", PB_CONFIDENCE_K);
    return 1;
}
int pb_word_us(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 1e3); }
int pb_word_ms(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 1e6); }
int pb_word_s(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 1e9); }
int pb_word_minutes(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 60e9); }
int pb_word_hours(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 3600e9); }
int pb_word_volts(lua_State *L) { return make_quantity(L, PB_UNIT_VOLT, 1e6); }
int pb_word_amps(lua_State *L) { return make_quantity(L, PB_UNIT_AMPERE, 1e3); }
int pb_word_pct(lua_State *L) { return make_quantity(L, PB_UNIT_PERCENT, 1e4); }

/* "6 A to 51 A or 52.5 A to 80 A" */
static void describe_codes(const struct pb_duty_law *law, char *ret_text, size_t size) {
    snprintf(ret_text, size, "%s", law->announced_count ? "" : "a law, which there is none of");
    for (size_t i = 0; i < law->announced_count; i++) {
        char from[40], to[40];
        size_t used = strlen(ret_text);
        snprintf(ret_text + used, size - used, "%s%s to %s", i ? " or " : "",
                 pb_quantity_format(law->announced[i].from, PB_UNIT_AMPERE, 6, from, sizeof from),
                 pb_quantity_format(law->announced[i].to, PB_UNIT_AMPERE, 6, to, sizeof to));
    }
}

int pb_word_duty_for(lua_State *L) {
    const struct pb_lua_quantity *current = pb_lua_check_quantity(L, 1, PB_UNIT_AMPERE);
    const struct pb_limits *limits = pb_script_of(L)->setup->limits;
    int64_t duty_ppm = pb_duty_announce(&limits->law, current->quantity.value);
    if (!duty_ppm) {
        char codes[200];
        describe_codes(&limits->law, codes, sizeof codes);
        return luaL_error(L, "found %f A, for which there is no duty, expected %s (duty_of_current of %s)",
                          (double)current->quantity.value / 1e3, codes, limits->name);
    }
    pb_lua_push_quantity(L, duty_ppm, PB_UNIT_PERCENT, current->origin, current->confidence);
    pb_lua_note_law(L, pb_limits_announced(limits, current->quantity.value));
    return 1;
}

int pb_word_limit(lua_State *L) {
    const struct pb_script *script = pb_script_of(L);
    if (lua_type(L, 1) != LUA_TSTRING)
        return luaL_error(L, "found a %s, expected the id of a limit", pb_lua_kind(L, 1));
    const char *id = lua_tostring(L, 1);
    const struct pb_limit *row = pb_limits_find(script->setup->limits, id);
    if (!row)
        return luaL_error(L, "found the unknown limit '%s', expected a row of %s", id, script->setup->limits->name);
    struct pb_limit *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = *row;
    luaL_setmetatable(L, PB_LUA_LIMIT);
    return 1;
}

int pb_word_wh(lua_State *L) { return make_quantity(L, PB_UNIT_WATT_HOUR, 1); }
int pb_word_watts(lua_State *L) { return make_quantity(L, PB_UNIT_WATT, 1e3); }

/* ---- the session's schedule ---- */

static const int64_t day_ns = INT64_C(86400000000000);

/* "23:08" to a time of day. */
static int64_t check_time_of_day(lua_State *L, const char *text) {
    static const char form[] = "dd:dd";
    size_t i = 0;
    while (form[i] && (form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i])) i++;
    int hours = i == 5 ? (text[0] - '0') * 10 + text[1] - '0' : 24,
        minutes = i == 5 ? (text[3] - '0') * 10 + text[4] - '0' : 60;
    if (text[i] || hours > 23 || minutes > 59) luaL_error(L, "found clock time '%s', expected HH:MM", text);
    return ((int64_t)hours * 60 + minutes) * INT64_C(60000000000);
}

static int64_t span_of_day(int64_t from_ns, int64_t to_ns) {
    return to_ns >= from_ns ? to_ns - from_ns : to_ns - from_ns + day_ns;
}

int pb_word_schedule(lua_State *L) {
    static const char *const known[] = {"connects", "departs", NULL};
    struct pb_script *script = pb_script_of(L);
    pb_lua_check_table(L, "schedule { connects = \"HH:MM\", departs = \"HH:MM\" }");
    pb_lua_check_fields(L, "schedule", known);
    script->connects_ns = check_time_of_day(L, pb_lua_field_text(L, "connects", 16, true));
    script->departs_ns =
        span_of_day(script->connects_ns, check_time_of_day(L, pb_lua_field_text(L, "departs", 16, true)));
    if (!script->departs_ns) return luaL_error(L, "found one time for connects and departs, expected two");
    int64_t window_ns = script->setup->bench->measuring.schedule_window_ns;
    script->schedule_scale = window_ns ? (double)window_ns / (double)script->departs_ns : 1;
    return 0;
}

int pb_word_clock(lua_State *L) {
    const struct pb_script *script = pb_script_of(L);
    const char *text = pb_lua_check_line(L, 1, "clock", 16);
    if (!(script->schedule_scale > 0))
        return luaL_error(L, "found clock \"%s\" before any schedule, expected schedule {...} first", text);
    int64_t after_ns = span_of_day(script->connects_ns, check_time_of_day(L, text));
    if (after_ns > script->departs_ns)
        return luaL_error(L, "found clock time %s, expected one between connection and departure", text);
    struct pb_lua_clock *made = lua_newuserdatauv(L, sizeof *made, 0);
    made->after = pb_ns((int64_t)((double)after_ns * script->schedule_scale));
    int64_t seconds = ((script->connects_ns + made->after.ns) % day_ns) / 1000000000;
    snprintf(made->text, sizeof made->text, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60),
             (int)(seconds % 60));
    luaL_setmetatable(L, PB_LUA_CLOCK);
    return 1;
}

/* ---- actions ---- */

static int push_action(lua_State *L, enum pb_deed deed, const char *text, const struct pb_write *writes, size_t count) {
    struct pb_action *action = lua_newuserdatauv(L, sizeof *action, 0);
    *action = (struct pb_action){.deed = deed, .write_count = count};
    snprintf(action->text, sizeof action->text, "%s", text);
    if (count) memcpy(action->writes, writes, count * sizeof *writes);
    luaL_setmetatable(L, PB_LUA_ACTION);
    return 1;
}
#define ACTION(word, text, ...)                                                                                        \
    int word(lua_State *L) {                                                                                           \
        static const struct pb_write writes[] = {__VA_ARGS__};                                                         \
        return push_action(L, PB_DEED_WRITE, text, writes, sizeof writes / sizeof *writes);                            \
    }
ACTION(pb_word_mains_on, "supply on", {"mains.switch", 1})
ACTION(pb_word_mains_off, "supply off", {"mains.switch", 0})
ACTION(pb_word_coupler_insert, "coupler inserted", {"coupler", 1})
ACTION(pb_word_coupler_remove, "coupler pulled", {"coupler", 0})
ACTION(pb_word_pev_ready, "vehicle closes S2", {"cp.load.s2", 1})
ACTION(pb_word_pev_not_ready, "vehicle stops drawing and opens S2", {"load", 0}, {"cp.load.s2", 0})
ACTION(pb_word_pev_short_diode, "vehicle's diode shorted", {"cp.load.diode_short", 1})
ACTION(pb_word_vehicle_ask_ventilation, "vehicle asks for ventilation: R3 = 270 ohm, S2 closed", {"cp.load.r3", 270000},
       {"cp.load.s2", 1})
ACTION(pb_word_fault_short_pilot, "80 ohm from pilot to earth", {"cp.load.short", 80000})
ACTION(pb_word_fault_break_earth, "earth broken", {"pe.break", 1})

ACTION(pb_word_switch_close, "EVSE closes its contactor", {"contactor.switch", 1})
ACTION(pb_word_switch_open, "EVSE opens its contactor", {"contactor.switch", 0})
ACTION(pb_word_coupler_press, "latch button of the connector pressed", {"pp.s3", 1})
ACTION(pb_word_coupler_release, "latch button of the connector released", {"pp.s3", 0})
ACTION(pb_word_source_open, "EVSE lets go of the pilot", {"cp.source", 0})

/* What cp.source can be (instruments/virtual): a letter of the state, or PWM. */
enum { SOURCE_HIGH = 1, SOURCE_LOW, SOURCE_ZERO, SOURCE_PWM };

int pb_word_source_steady(lua_State *L) {
    lua_Number volts = luaL_checknumber(L, 1);
    if (volts != 12 && volts != 0 && volts != -12)
        return luaL_error(L, "found %f V, expected 12, 0 or -12", (double)volts);
    int64_t kind = volts > 0 ? SOURCE_HIGH : volts < 0 ? SOURCE_LOW : SOURCE_ZERO;
    return push_action(L, PB_DEED_WRITE, "EVSE's pilot is steady", &(struct pb_write){"cp.source", kind}, 1);
}

static int push_of_source(lua_State *L, const char *role, int64_t value, bool is_pwm) {
    const struct pb_write writes[] = {{role, value}, {"cp.source", SOURCE_PWM}};
    return push_action(L, PB_DEED_WRITE, "EVSE's pilot", writes, is_pwm ? 2 : 1);
}
static int64_t quantity_of(lua_State *L, enum pb_unit unit) {
    return pb_lua_check_quantity(L, 1, unit)->quantity.value;
}

int pb_word_source_duty(lua_State *L) {
    int64_t ppm = quantity_of(L, PB_UNIT_PERCENT);
    if (ppm <= 0 || ppm >= 1000000)
        return luaL_error(L, "found a duty of %f %%, expected more than 0 and less than 100 %%", (double)ppm / 1e4);
    return push_of_source(L, "cp.source.duty", ppm, true);
}
int pb_word_source_frequency(lua_State *L) {
    lua_Number hertz = luaL_checknumber(L, 1);
    if (!(hertz >= 100 && hertz <= 10000)) return luaL_error(L, "found %f Hz, expected 100 to 10000", (double)hertz);
    return push_of_source(L, "cp.source.frequency", (int64_t)llround(hertz * 1e6), false);
}
int pb_word_source_high(lua_State *L) {
    return push_of_source(L, "cp.source.high", quantity_of(L, PB_UNIT_VOLT), false);
}
int pb_word_source_low(lua_State *L) { return push_of_source(L, "cp.source.low", quantity_of(L, PB_UNIT_VOLT), false); }

/* What a duty allows a vehicle, by the limits file. */
int pb_word_current_of(lua_State *L) {
    const struct pb_limits *limits = pb_script_of(L)->setup->limits;
    int64_t duty_ppm = quantity_of(L, PB_UNIT_PERCENT), ma = 0;
    const struct pb_limit *law = pb_limits_read_duty(limits, duty_ppm);
    pb_duty_read(&limits->law, duty_ppm, &ma);
    pb_lua_push_quantity(L, ma, PB_UNIT_AMPERE, "current_of_duty", law ? law->confidence : PB_CONFIDENCE_C);
    pb_lua_note_law(L, law);
    return 1;
}

static int64_t check_current(lua_State *L, int arg) {
    int64_t ma = pb_lua_check_quantity(L, arg, PB_UNIT_AMPERE)->quantity.value;
    if (ma < 0) luaL_error(L, "found %f A, expected no less than 0", (double)ma / 1e3);
    return ma;
}

int pb_word_pev_take_rate(lua_State *L) {
    int64_t most_ma = lua_isnoneornil(L, 1) ? 0 : check_current(L, 1);
    push_action(L, PB_DEED_TAKE_RATE, "vehicle takes its rate", NULL, 0);
    ((struct pb_action *)lua_touserdata(L, -1))->most_ma = most_ma;
    return 1;
}

/* Draws so much as soon as there is voltage behind the contactor, and closes S2. */
int pb_word_vehicle_resume(lua_State *L) {
    int64_t ma = check_current(L, 1);
    const struct pb_write writes[] = {{"load", ma}, {"cp.load.s2", 1}};
    return push_action(L, PB_DEED_WRITE, "vehicle takes a rate and closes S2", writes, 2);
}

/* The channel takes uA, the bench's resolution of residual current. */
int pb_word_fault_residual(lua_State *L) {
    int64_t ma = check_current(L, 1);
    return push_action(L, PB_DEED_WRITE, "residual current", &(struct pb_write){"residual_current", ma}, 1);
}

int pb_word_console(lua_State *L) {
    return push_action(L, PB_DEED_CONSOLE, pb_lua_check_line(L, 1, "console", 80), NULL, 0);
}

/* ---- expectations ---- */

static struct pb_expectation *push_expectation(lua_State *L, enum pb_expect_kind kind, int64_t value) {
    struct pb_expectation *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct pb_expectation){.kind = kind, .value = value};
    luaL_setmetatable(L, PB_LUA_EXPECTATION);
    return made;
}
/* A word without a time or law of its own. */
static int expect(lua_State *L, enum pb_expect_kind kind, int64_t value) {
    push_expectation(L, kind, value);
    return 1;
}

/* 12, 9, 6 or 3 volts to the state's letter. */
static char check_letter(lua_State *L, int arg) {
    static const char letters[] = {[12] = 'A', [9] = 'B', [6] = 'C', [3] = 'D'};
    if (lua_type(L, arg) != LUA_TNUMBER)
        luaL_error(L, "found a %s, expected 12, 9, 6 or 3 (volts)", pb_lua_kind(L, arg));
    lua_Number volts = lua_tonumber(L, arg);
    int index = volts >= 3 && volts <= 12 ? (int)volts : 0;
    if ((lua_Number)index != volts || !letters[index])
        luaL_error(L, "found %s V, expected 12, 9, 6 or 3", lua_tostring(L, arg));
    return letters[index];
}

static struct pb_limit limit_of_span(lua_State *L, int arg) {
    const struct pb_lua_quantity *span = pb_lua_check_quantity(L, arg, PB_UNIT_SECOND);
    if (span->quantity.value <= 0)
        luaL_error(L, "found a time of %f s, expected more than 0", (double)span->quantity.value / 1e9);
    bool is_dut = span->origin[0] != 0;
    struct pb_limit limit = {
        .min = INT64_MIN, .max = span->quantity.value, .unit = PB_UNIT_SECOND, .confidence = span->confidence};
    snprintf(limit.id, sizeof limit.id, "%s", is_dut ? span->origin : "suite");
    snprintf(limit.clause, sizeof limit.clause, "%s", is_dut ? "the DUT statement's own" : "the suite's own figure");
    snprintf(limit.source, sizeof limit.source, "%s", is_dut ? "DUT statement" : "suite");
    return limit;
}

int32_t pb_lua_check_within(lua_State *L, int arg) {
    const struct pb_limit *row = luaL_testudata(L, arg, PB_LUA_LIMIT);
    struct pb_error error;
    int32_t number = 0;
    if (row && row->unit != PB_UNIT_SECOND)
        luaL_error(L, "found limit row %s in %s, expected one in s", row->id, pb_unit_symbol(row->unit));
    if (row && row->max == INT64_MAX)
        luaL_error(L, "found limit row %s without a max, expected one that says how soon", row->id);
    struct pb_limit limit = row ? *row : limit_of_span(L, arg);
    if (pb_plan_add_limit(pb_script_of(L)->plan, &limit, &number, &error) != PB_OK) luaL_error(L, "%s", error.text);
    return number;
}

static int expect_letter(lua_State *L, enum pb_expect_kind kind) {
    int32_t within = 0;
    char letter = check_letter(L, 1);
    if (!lua_isnoneornil(L, 2)) within = pb_lua_check_within(L, 2);
    push_expectation(L, kind, letter)->within = within;
    return 1;
}
int pb_word_pilot_level(lua_State *L) { return expect_letter(L, PB_EXPECT_LEVEL); }

static int expect_edge(lua_State *L, enum pb_expect_kind kind) { return expect(L, kind, check_letter(L, 1)); }
int pb_word_pilot_rise_time(lua_State *L) { return expect_edge(L, PB_EXPECT_RISE_TIME); }
int pb_word_pilot_fall_time(lua_State *L) { return expect_edge(L, PB_EXPECT_FALL_TIME); }

int pb_word_pilot_no_pwm_before(lua_State *L) { return expect_letter(L, PB_EXPECT_NO_PWM_BEFORE); }
int pb_word_contactor_closes(lua_State *L) { return expect_letter(L, PB_EXPECT_CLOSES); }
int pb_word_contactor_opens(lua_State *L) { return expect_letter(L, PB_EXPECT_OPENS); }
int pb_word_contactor_not_closed_before(lua_State *L) { return expect_letter(L, PB_EXPECT_NOT_CLOSED_BEFORE); }

int pb_word_pilot_loaded(lua_State *L) { return expect_letter(L, PB_EXPECT_LOADS); }
int pb_word_pilot_not_loaded(lua_State *L) { return expect(L, PB_EXPECT_STAYS_UNLOADED, 'C'); }

/* current...(within): how much is nothing, and how much is something (IEC 61851-1 Table A.6 sequence 7). */
static const int64_t light_load_ma = 1000;

/* The number, in the plan's list, of the duty law's row behind the quantity at an argument; 0: none. */
static int32_t law_behind(lua_State *L, int arg) {
    const struct pb_lua_quantity *quantity = luaL_testudata(L, arg, PB_LUA_QUANTITY);
    struct pb_error error;
    int32_t number = 0;
    if (quantity && quantity->law && pb_plan_add_limit(pb_script_of(L)->plan, quantity->law, &number, &error) != PB_OK)
        luaL_error(L, "%s", error.text);
    return number;
}

static int expect_current(lua_State *L, enum pb_expect_kind kind, int64_t value, int within_arg) {
    int32_t within = 0;
    if (!lua_isnoneornil(L, within_arg)) within = pb_lua_check_within(L, within_arg);
    push_expectation(L, kind, value)->within = within;
    return 1;
}
int pb_word_current_at_most(lua_State *L) {
    int64_t most_ma = check_current(L, 1);
    int32_t law = law_behind(L, 1);
    push_expectation(L, PB_EXPECT_CURRENT_AT_MOST, most_ma)->law = law;
    return 1;
}
int pb_word_current_follows(lua_State *L) {
    int64_t most_ma = check_current(L, 1);
    if (!most_ma) return luaL_error(L, "found 0 A, expected more; what ends is current.stops()");
    int32_t law = law_behind(L, 1);
    expect_current(L, PB_EXPECT_CURRENT_FOLLOWS, most_ma, 2);
    ((struct pb_expectation *)lua_touserdata(L, -1))->law = law;
    return 1;
}
int pb_word_current_stops(lua_State *L) { return expect_current(L, PB_EXPECT_CURRENT_STOPS, light_load_ma - 1, 1); }
int pb_word_current_starts(lua_State *L) { return expect_current(L, PB_EXPECT_CURRENT_STARTS, light_load_ma, 1); }
int pb_word_current_shed(lua_State *L) {
    return expect(L, PB_EXPECT_CURRENT_SHED, lua_isnoneornil(L, 1) ? 'C' : check_letter(L, 1));
}
int pb_word_current_told(lua_State *L) { return expect(L, PB_EXPECT_TELLS_ENERGY, 0); }
int pb_word_pilot_capacitance(lua_State *L) { return expect(L, PB_EXPECT_CAPACITANCE, 0); }
int pb_word_pilot_toggles(lua_State *L) { return expect(L, PB_EXPECT_TOGGLES, 'C'); }

int pb_word_contactor_stays_open(lua_State *L) {
    if (lua_isnoneornil(L, 1)) return expect(L, PB_EXPECT_STAYS_OPENED, 0);
    const struct pb_lua_quantity *span = pb_lua_check_quantity(L, 1, PB_UNIT_SECOND);
    if (span->quantity.value <= 0)
        return luaL_error(L, "found a time of %f s, expected more than 0", (double)span->quantity.value / 1e9);
    push_expectation(L, PB_EXPECT_STAYS_OPEN, span->quantity.value);
    return 1;
}

int pb_word_contactor_opens_within(lua_State *L) {
    int32_t within = pb_lua_check_within(L, 1);
    push_expectation(L, PB_EXPECT_OPENS_AFTER, 0)->within = within;
    return 1;
}
int pb_word_contactor_stays_closed(lua_State *L) { return expect(L, PB_EXPECT_STAYS_CLOSED, 0); }
int pb_word_pilot_stays(lua_State *L) { return expect(L, PB_EXPECT_STAYS_STEADY, 0); }
int pb_word_pilot_source_resistance(lua_State *L) { return expect(L, PB_EXPECT_SOURCE_RESISTANCE, 0); }
int pb_word_sent(lua_State *L) {
    const char *name = pb_lua_check_line(L, 1, "sent", 64);
    if (pb_catalogue_find(name) == pb_catalogue_count)
        return luaL_error(L, "found the unknown message '%s', expected a name of `message`", name);
    int32_t within = pb_lua_check_within(L, 2);
    char letter = lua_isnoneornil(L, 3) ? 0 : check_letter(L, 3);
    struct pb_expectation *made = push_expectation(L, PB_EXPECT_MESSAGE, letter);
    made->within = within;
    snprintf(made->name, sizeof made->name, "%s", name);
    return 1;
}

int pb_word_pilot_pwm(lua_State *L) {
    static const char *const known[] = {"duty", NULL};
    pb_lua_check_table(L, "pilot.pwm { duty = ... }");
    pb_lua_check_fields(L, "pilot.pwm", known);
    lua_getfield(L, 1, "duty");
    int64_t duty_ppm = pb_lua_check_quantity(L, -1, PB_UNIT_PERCENT)->quantity.value;
    if (duty_ppm <= 0 || duty_ppm >= 1000000)
        return luaL_error(L, "found a duty of %f %%, expected more than 0 and less than 100 %%",
                          (double)duty_ppm / 1e4);
    int32_t law = law_behind(L, -1);
    push_expectation(L, PB_EXPECT_PWM, duty_ppm)->law = law;
    return 1;
}

int pb_word_pilot_state(lua_State *L) {
    if (lua_type(L, 1) != LUA_TSTRING)
        return luaL_error(L, "found a %s, expected a state such as \"A1\"", pb_lua_kind(L, 1));
    const char *name = lua_tostring(L, 1);
    enum pb_cp_state state = pb_cp_state_find(name);
    if (state == PB_CP_STATE_COUNT || !pb_cp_state_letter(state))
        return luaL_error(L, "found state '%s', expected A1, A2, B1 ... D2, E or F", name);
    push_expectation(L, PB_EXPECT_STATE, state);
    return 1;
}

/* What the tolerance of a duty makes of a current. */
static int64_t give_of(lua_State *L, int64_t ma) {
    const struct pb_limits *limits = pb_script_of(L)->setup->limits;
    const struct pb_limit *tolerance = pb_limits_find(limits, "cp.duty.tolerance");
    if (!tolerance || tolerance->unit != PB_UNIT_PERCENT || tolerance->max == INT64_MAX)
        luaL_error(L, "found no row cp.duty.tolerance with a max in %%, expected it in %s", limits->name);
    return tolerance ? pb_announce_give(&limits->law, ma, tolerance->max) : 0;
}

static struct pb_expectation *push_announced(lua_State *L, enum pb_expect_kind kind) {
    int64_t ma = check_current(L, 1);
    struct pb_expectation *made = push_expectation(L, kind, ma);
    made->give_ma = give_of(L, ma);
    return made;
}
int pb_word_pilot_announces(lua_State *L) { return push_announced(L, PB_EXPECT_ANNOUNCES), 1; }
int pb_word_station_announces_at_most(lua_State *L) {
    int32_t within = lua_isnoneornil(L, 2) ? 0 : pb_lua_check_within(L, 2);
    push_announced(L, PB_EXPECT_SUM_ANNOUNCED)->within = within;
    return 1;
}
int pb_word_station_lets_follow(lua_State *L) {
    int32_t within = pb_lua_check_within(L, 1);
    push_expectation(L, PB_EXPECT_FOLLOWED, 0)->within = within;
    return 1;
}
