/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vocabulary of suites. A word makes a value (action, expectation, quantity, step); use_case puts the steps into the plan. The table at the
 * end is also the manual and the editors' stubs. */
#include "harness/script/words.h"

#include "base/text.h"
#include "harness/engine/expect.h"
#include "harness/engine/messages.h"
#include "pilot_emulator/node.h"
#include "pilot_emulator/state.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- arguments ---- */

static void check_table(lua_State *L, const char *expected) {
    if (!lua_istable(L, 1)) luaL_error(L, "found a %s, expected %s", pb_lua_kind(L, 1), expected);
    lua_settop(L, 1);
}

static void check_fields(lua_State *L, const char *what, const char *const *known) {
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            if (strcmp(what, "use_case") == 0) continue;
            luaL_error(L, "found an element without a name in %s, expected named fields only", what);
        }
        const char *key = lua_tostring(L, -2);
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0) i++;
        if (known[i]) continue;
        char list[160] = "";
        for (i = 0; known[i]; i++) {
            if (i) strncat(list, ", ", sizeof list - strlen(list) - 1);
            strncat(list, known[i], sizeof list - strlen(list) - 1);
        }
        luaL_error(L, "found the unknown field '%s' in %s, expected one of: %s", key, what, list);
    }
}

/* Elements of the list at an index. A hole (a nil between others, such as a misspelt field gives) would end the list early, without a word. */
static lua_Integer check_list(lua_State *L, int index, const char *what) {
    lua_Integer count = 0, last = 0;
    for (lua_pushnil(L); lua_next(L, index); lua_pop(L, 1)) {
        if (!lua_isinteger(L, -2)) continue;
        lua_Integer at = lua_tointeger(L, -2);
        if (at < 1) luaL_error(L, "found index %I in %s, expected a list", (LUAI_UACINT)at, what);
        count++;
        if (at > last) last = at;
    }
    if (count != last) luaL_error(L, "found nil as an element of %s, expected a list without holes", what);
    return count;
}

/* Text for people: UTF-8 of one line. */
static const char *check_line(lua_State *L, int index, const char *name, size_t room) {
    size_t length;
    if (lua_type(L, index) != LUA_TSTRING)
        luaL_error(L, "found a %s for `%s`, expected a text", pb_lua_kind(L, index), name);
    const char *text = lua_tolstring(L, index, &length);
    if (length >= room) luaL_error(L, "found %d bytes for `%s`, expected at most %d", (int)length, name, (int)room - 1);
    bool is_line = pb_text_utf8_length(text, length) == length;
    for (size_t i = 0; i < length; i++) is_line = is_line && (unsigned char)text[i] >= 0x20 && text[i] != 0x7F;
    if (!is_line)
        luaL_error(L, "found bytes in `%s` that are no characters, expected printable UTF-8 of one line", name);
    return text; /* stays on the stack, and so alive, until the word returns */
}

static const char *field_text(lua_State *L, const char *name, size_t room, bool is_required) {
    if (lua_getfield(L, 1, name) == LUA_TNIL && !is_required) return "";
    const char *text = check_line(L, lua_gettop(L), name, room);
    if (is_required && !*text) luaL_error(L, "found nothing for `%s`, expected a text", name);
    return text;
}

/* What stands in names of checks, and on command lines. */
static const char *check_id(lua_State *L, int index, const char *what, size_t most) {
    const char *id = check_line(L, index, what, most + 1);
    size_t length = strlen(id);
    if (!length || strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") != length)
        luaL_error(L, "found '%s' for `%s`, expected letters, digits, '-', '_' or '.'", id, what);
    return id;
}

/* ---- quantities ---- */

static int make_quantity(lua_State *L, enum pb_unit unit, double steps) {
    if (lua_type(L, 1) != LUA_TNUMBER)
        return luaL_error(L, "found a %s, expected a number of %s", pb_lua_kind(L, 1), pb_unit_symbol(unit));
    double value = lua_tonumber(L, 1) * steps;
    if (!(fabs(value) < 9.2e18)) return luaL_error(L, "found %s, expected a number that fits", lua_tostring(L, 1));
    pb_lua_push_quantity(L, (int64_t)llround(value), unit, "", PB_CONFIDENCE_K);
    return 1;
}
static int word_us(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 1e3); }
static int word_ms(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 1e6); }
static int word_s(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 1e9); }
static int word_minutes(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 60e9); }
static int word_hours(lua_State *L) { return make_quantity(L, PB_UNIT_SECOND, 3600e9); }
static int word_volts(lua_State *L) { return make_quantity(L, PB_UNIT_VOLT, 1e6); }
static int word_amps(lua_State *L) { return make_quantity(L, PB_UNIT_AMPERE, 1e3); }
static int word_pct(lua_State *L) { return make_quantity(L, PB_UNIT_PERCENT, 1e4); }

static int word_duty_for(lua_State *L) {
    const struct pb_lua_quantity *current = pb_lua_check_quantity(L, 1, PB_UNIT_AMPERE);
    long duty_ppm = pb_cp_duty_of_ma((long)current->quantity.value);
    if (!duty_ppm)
        return luaL_error(L, "found %f A, for which there is no duty, expected 6 to 51 A or 52.5 to 80 A",
                          (double)current->quantity.value / 1e3);
    pb_lua_push_quantity(L, duty_ppm, PB_UNIT_PERCENT, current->origin, current->confidence);
    return 1;
}

static int word_limit(lua_State *L) {
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

static int word_wh(lua_State *L) { return make_quantity(L, PB_UNIT_WATT_HOUR, 1); }
static int word_watts(lua_State *L) { return make_quantity(L, PB_UNIT_WATT, 1e3); }

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

static int word_schedule(lua_State *L) {
    static const char *const known[] = {"connects", "departs", NULL};
    struct pb_script *script = pb_script_of(L);
    check_table(L, "schedule { connects = \"HH:MM\", departs = \"HH:MM\" }");
    check_fields(L, "schedule", known);
    script->connects_ns = check_time_of_day(L, field_text(L, "connects", 16, true));
    script->departs_ns = span_of_day(script->connects_ns, check_time_of_day(L, field_text(L, "departs", 16, true)));
    if (!script->departs_ns) return luaL_error(L, "found one time for connects and departs, expected two");
    int64_t window_ns = script->setup->bench->measuring.schedule_window_ns;
    script->schedule_scale = window_ns ? (double)window_ns / (double)script->departs_ns : 1;
    return 0;
}

static int word_clock(lua_State *L) {
    const struct pb_script *script = pb_script_of(L);
    const char *text = check_line(L, 1, "clock", 16);
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

/* ---- messages ---- */

/* A field's value as JSON: a quantity as {"unit":..,"value":..}, a clock time or text as text, a boolean. */
static json_t *field_json(lua_State *L, int index) {
    const struct pb_lua_quantity *quantity = luaL_testudata(L, index, PB_LUA_QUANTITY);
    const struct pb_lua_clock *time = luaL_testudata(L, index, PB_LUA_CLOCK);
    if (quantity)
        return json_pack("{s:s,s:f}", "unit", pb_unit_symbol(quantity->quantity.unit), "value",
                         (double)quantity->quantity.value / (double)pb_unit_steps(quantity->quantity.unit));
    if (time) return json_string(time->text);
    if (lua_type(L, index) == LUA_TSTRING) return json_string(lua_tostring(L, index));
    if (lua_isboolean(L, index)) return json_boolean(lua_toboolean(L, index));
    return NULL;
}

/* message.NAME { field = value, ... }: upvalue 1 is the name. */
static int message_body(lua_State *L) {
    if (!lua_isnone(L, 1)) check_table(L, "the message's fields, { name = value, ... }, or ()");
    lua_settop(L, 1);
    enum { made_at = 2 };
    struct pb_message *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct pb_message){0};
    luaL_setmetatable(L, PB_LUA_MESSAGE);
    snprintf(made->name, sizeof made->name, "%s", lua_tostring(L, lua_upvalueindex(1)));
    json_t *fields = json_object();
    const char *bad = NULL;
    if (lua_istable(L, 1))
        for (lua_pushnil(L); !bad && lua_next(L, 1); lua_pop(L, 1)) {
            if (lua_type(L, -2) != LUA_TSTRING) bad = "an element without a name";
            else if (json_object_set_new(fields, lua_tostring(L, -2), field_json(L, lua_gettop(L))) != 0)
                bad = lua_tostring(L, -2);
        }
    size_t length = json_dumpb(fields, made->fields, sizeof made->fields - 1, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(fields);
    if (bad)
        return luaL_error(L, "found field '%s' of message %s, expected quantities, clock times, texts or booleans", bad,
                          made->name);
    if (length >= sizeof made->fields)
        return luaL_error(L, "found %d bytes of fields in message %s, expected at most %d", (int)length, made->name,
                          (int)sizeof made->fields - 1);
    made->fields[length] = 0;
    lua_settop(L, made_at);
    return 1;
}

static void push_messages(lua_State *L) {
    lua_newtable(L);
    for (size_t i = 0; i < pb_message_count; i++) {
        lua_pushstring(L, pb_message_names[i]);
        lua_pushcclosure(L, message_body, 1);
        lua_setfield(L, -2, pb_message_names[i]);
    }
    pb_lua_seal(L, "message");
    lua_setfield(L, -2, "message");
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
    static int word(lua_State *L) {                                                                                    \
        static const struct pb_write writes[] = {__VA_ARGS__};                                                         \
        return push_action(L, PB_DEED_WRITE, text, writes, sizeof writes / sizeof *writes);                            \
    }
ACTION(word_mains_on, "supply on", {"mains.switch", 1})
ACTION(word_mains_off, "supply off", {"mains.switch", 0})
ACTION(word_coupler_insert, "coupler inserted", {"coupler", 1})
ACTION(word_coupler_remove, "coupler pulled", {"coupler", 0})
ACTION(word_pev_ready, "vehicle closes S2", {"cp.load.s2", 1})
ACTION(word_pev_not_ready, "vehicle stops drawing and opens S2", {"load", 0}, {"cp.load.s2", 0})
ACTION(word_pev_short_diode, "vehicle's diode shorted", {"cp.load.diode_short", 1})
ACTION(word_vehicle_ask_ventilation, "vehicle asks for ventilation: R3 = 270 ohm, S2 closed", {"cp.load.r3", 270000},
       {"cp.load.s2", 1})
ACTION(word_fault_short_pilot, "80 ohm from pilot to earth", {"cp.load.short", 80000})
ACTION(word_fault_break_earth, "earth broken", {"pe.break", 1})

static int64_t check_current(lua_State *L, int arg) {
    int64_t ma = pb_lua_check_quantity(L, arg, PB_UNIT_AMPERE)->quantity.value;
    if (ma < 0) luaL_error(L, "found %f A, expected no less than 0", (double)ma / 1e3);
    return ma;
}

static int word_pev_take_rate(lua_State *L) {
    int64_t most_ma = lua_isnoneornil(L, 1) ? 0 : check_current(L, 1);
    push_action(L, PB_DEED_TAKE_RATE, "vehicle takes its rate", NULL, 0);
    ((struct pb_action *)lua_touserdata(L, -1))->most_ma = most_ma;
    return 1;
}

/* Draws so much as soon as there is voltage behind the contactor, and closes S2. */
static int word_vehicle_resume(lua_State *L) {
    int64_t ma = check_current(L, 1);
    const struct pb_write writes[] = {{"load", ma}, {"cp.load.s2", 1}};
    return push_action(L, PB_DEED_WRITE, "vehicle takes a rate and closes S2", writes, 2);
}

/* The channel takes uA, the bench's resolution of residual current. */
static int word_fault_residual(lua_State *L) {
    int64_t ma = check_current(L, 1);
    return push_action(L, PB_DEED_WRITE, "residual current", &(struct pb_write){"residual_current", ma}, 1);
}

static int word_console(lua_State *L) {
    return push_action(L, PB_DEED_CONSOLE, check_line(L, 1, "console", 80), NULL, 0);
}

/* ---- expectations ---- */

static struct pb_expectation *push_expectation(lua_State *L, enum pb_expect_kind kind, int64_t value) {
    struct pb_expectation *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct pb_expectation){.kind = kind, .value = value};
    luaL_setmetatable(L, PB_LUA_EXPECTATION);
    return made;
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

/* A limit on a time: a row of the limits file, an IXIT value, or the suite's own figure. Its number in the plan's list. */
static int32_t check_within(lua_State *L, int arg) {
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
    if (!lua_isnoneornil(L, 2)) within = check_within(L, 2);
    push_expectation(L, kind, letter)->within = within;
    return 1;
}
static int word_pilot_level(lua_State *L) { return expect_letter(L, PB_EXPECT_LEVEL); }
static int word_pilot_no_pwm_before(lua_State *L) { return expect_letter(L, PB_EXPECT_NO_PWM_BEFORE); }
static int word_contactor_closes(lua_State *L) { return expect_letter(L, PB_EXPECT_CLOSES); }
static int word_contactor_opens(lua_State *L) { return expect_letter(L, PB_EXPECT_OPENS); }
static int word_contactor_not_closed_before(lua_State *L) { return expect_letter(L, PB_EXPECT_NOT_CLOSED_BEFORE); }

static int word_contactor_stays_open(lua_State *L) {
    const struct pb_lua_quantity *span = pb_lua_check_quantity(L, 1, PB_UNIT_SECOND);
    if (span->quantity.value <= 0)
        return luaL_error(L, "found a time of %f s, expected more than 0", (double)span->quantity.value / 1e9);
    push_expectation(L, PB_EXPECT_STAYS_OPEN, span->quantity.value);
    return 1;
}

static int word_contactor_opens_within(lua_State *L) {
    int32_t within = check_within(L, 1);
    push_expectation(L, PB_EXPECT_OPENS_AFTER, 0)->within = within;
    return 1;
}
static int word_contactor_stays_closed(lua_State *L) {
    push_expectation(L, PB_EXPECT_STAYS_CLOSED, 0);
    return 1;
}
static int word_pilot_stays(lua_State *L) {
    push_expectation(L, PB_EXPECT_STAYS_STEADY, 0);
    return 1;
}
static int word_pilot_source_resistance(lua_State *L) {
    push_expectation(L, PB_EXPECT_SOURCE_RESISTANCE, 0);
    return 1;
}
static int word_sent(lua_State *L) {
    const char *name = check_line(L, 1, "sent", 64);
    if (pb_message_number(name) == pb_message_count)
        return luaL_error(L, "found the unknown message '%s', expected a name of `message`", name);
    int32_t within = check_within(L, 2);
    char letter = lua_isnoneornil(L, 3) ? 0 : check_letter(L, 3);
    struct pb_expectation *made = push_expectation(L, PB_EXPECT_MESSAGE, letter);
    made->within = within;
    snprintf(made->name, sizeof made->name, "%s", name);
    return 1;
}

static int word_pilot_pwm(lua_State *L) {
    static const char *const known[] = {"duty", NULL};
    check_table(L, "pilot.pwm { duty = ... }");
    check_fields(L, "pilot.pwm", known);
    lua_getfield(L, 1, "duty");
    int64_t duty_ppm = pb_lua_check_quantity(L, -1, PB_UNIT_PERCENT)->quantity.value;
    if (duty_ppm <= 0 || duty_ppm >= 1000000)
        return luaL_error(L, "found a duty of %f %%, expected more than 0 and less than 100 %%",
                          (double)duty_ppm / 1e4);
    push_expectation(L, PB_EXPECT_PWM, duty_ppm);
    return 1;
}

static int word_pilot_state(lua_State *L) {
    if (lua_type(L, 1) != LUA_TSTRING)
        return luaL_error(L, "found a %s, expected a state such as \"A1\"", pb_lua_kind(L, 1));
    const char *name = lua_tostring(L, 1);
    enum pb_cp_state state = pb_cp_state_find(name);
    if (state == PB_CP_STATE_COUNT || !pb_cp_state_letter(state))
        return luaL_error(L, "found state '%s', expected A1, A2, B1 ... D2, E or F", name);
    push_expectation(L, PB_EXPECT_STATE, state);
    return 1;
}

/* ---- steps ---- */

struct lua_step {
    struct pb_step step;
    int32_t within;
    int line;
    bool is_used; /* stands in a use_case */
};
static const char every_step[] = "pilotbench steps"; /* of the registry: a list of all that were made */

static int current_line(lua_State *L) {
    lua_Debug place;
    return lua_getstack(L, 1, &place) && lua_getinfo(L, "l", &place) ? place.currentline : 0;
}

static unsigned check_actors(lua_State *L, int index) {
    unsigned actors = 0;
    const enum pb_actor *one = luaL_testudata(L, index, PB_LUA_ACTOR);
    if (one) return PB_ACTOR_BIT(*one);
    if (!lua_istable(L, index))
        luaL_error(L, "found a %s for `of`, expected an actor or a list of actors", pb_lua_kind(L, index));
    if (!check_list(L, index, "`of`")) luaL_error(L, "found an empty list for `of`, expected at least one actor");
    for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
        one = luaL_testudata(L, -1, PB_LUA_ACTOR);
        if (!one) luaL_error(L, "found a %s in `of`, expected an actor", pb_lua_kind(L, -1));
        else actors |= PB_ACTOR_BIT(*one);
    }
    lua_pop(L, 1);
    return actors;
}

static bool is_held(enum pb_expect_kind kind) { return pb_expect_rows[kind].anchor == PB_ANCHOR_HELD; }

/* The expectations of a field: one, or a list. A held one belongs to `holds`, any other to `sees`. */
static void take_expectation(lua_State *L, int index, const char *field, struct pb_expectation *list, size_t *count) {
    const struct pb_expectation *one = luaL_testudata(L, index, PB_LUA_EXPECTATION);
    if (!one)
        luaL_error(L, "found a %s in `%s`, expected pilot.level(...), contactor.closes(...) and the like",
                   pb_lua_kind(L, index), field);
    else if (is_held(one->kind) != (strcmp(field, "holds") == 0))
        luaL_error(L, "found an expectation in `%s`, expected it in `%s`", field,
                   is_held(one->kind) ? "holds" : "sees");
    else if (*count == PB_STEP_EXPECTATIONS)
        luaL_error(L, "found more than %d in `%s`, expected at most that", PB_STEP_EXPECTATIONS, field);
    else list[(*count)++] = *one;
}

static void take_expectations(lua_State *L, const char *field, struct pb_expectation *list, size_t *count) {
    lua_getfield(L, 1, field);
    if (lua_isnil(L, -1)) return;
    if (!lua_istable(L, -1)) {
        take_expectation(L, lua_gettop(L), field, list, count);
        return;
    }
    if (!check_list(L, lua_gettop(L), field))
        luaL_error(L, "found an empty list for `%s`, expected at least one expectation", field);
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1))
        take_expectation(L, lua_gettop(L), field, list, count);
    lua_pop(L, 1);
}

/* A clock time of the schedule, for `starts` and `ends`. */
static bool take_clock(lua_State *L, const char *field, pb_span *ret_after) {
    lua_getfield(L, 1, field);
    if (lua_isnil(L, -1)) return false;
    const struct pb_lua_clock *time = luaL_testudata(L, -1, PB_LUA_CLOCK);
    if (!time) luaL_error(L, "found a %s for `%s`, expected clock \"HH:MM\"", pb_lua_kind(L, -1), field);
    else *ret_after = time->after;
    return true;
}

/* `when = program.U2`: not chosen means not run, with the note as reason. */
static void take_when(lua_State *L, struct pb_step *step) {
    lua_getfield(L, 1, "when");
    if (lua_isnil(L, -1)) return;
    if (!lua_isboolean(L, -1))
        luaL_error(L, "found a %s for `when`, expected program.U1 and the like", pb_lua_kind(L, -1));
    if (lua_toboolean(L, -1)) return;
    step->mode = PB_STEP_NOT_RUN;
    if (!step->reason[0])
        snprintf(step->reason, sizeof step->reason, "its utility program is not chosen for this session");
}

static void take_message(lua_State *L, struct pb_step *step) {
    lua_getfield(L, 1, "to");
    if (!lua_isnil(L, -1)) {
        const enum pb_actor *to = luaL_testudata(L, -1, PB_LUA_ACTOR);
        if (!to) luaL_error(L, "found a %s for `to`, expected an actor", pb_lua_kind(L, -1));
        else step->to = *to;
    }
    lua_getfield(L, 1, "sends");
    if (lua_isnil(L, -1)) return;
    const struct pb_message *message = luaL_testudata(L, -1, PB_LUA_MESSAGE);
    if (!message) luaL_error(L, "found a %s for `sends`, expected message.NAME {...}", pb_lua_kind(L, -1));
    else if (step->to == PB_ACTOR_COUNT) luaL_error(L, "found `sends` without `to`, expected a receiver");
    else step->sends = *message;
}

/* A time is judged, and no row of the limits file stands behind it. */
static bool needs_within(enum pb_expect_kind kind) {
    const struct pb_expect_row *row = &pb_expect_rows[kind];
    for (size_t i = 0; i < row->check_count; i++)
        if (row->checks[i].extractor == PB_EXTRACT_SPAN_TO_FIRST && !row->checks[i].limit) return true;
    return false;
}

/* The step's `within` goes to the expectations that have no limit row of their own. */
static void spread_within(lua_State *L, struct lua_step *made) {
    bool has_within = made->within != 0, is_needed = false;
    for (size_t i = 0; i < made->step.sees_count; i++) {
        struct pb_expectation *expectation = &made->step.sees[i];
        if (expectation->within || !needs_within(expectation->kind)) continue;
        if (!has_within)
            luaL_error(L, "found no `within` in step '%s', expected one: what it sees must be due some time",
                       made->step.id);
        expectation->within = made->within;
        is_needed = true;
    }
    if (has_within && !is_needed)
        luaL_error(L, "found `within` in step '%s', expected none: nothing that it sees uses it", made->step.id);
}

static int word_step(lua_State *L) {
    static const char *const known[] = {"id",     "actor", "text",     "does", "sees", "of",
                                        "within", "lasts", "sends",    "to",   "when", "starts",
                                        "ends",   "holds", "evidence", "seed", "note", NULL};
    static const char *const evidences[] = {"found", "carried", "inferred", "added", NULL};
    check_table(L, "step { id = ..., actor = ..., text = ..., evidence = ... }");
    check_fields(L, "step", known);
    struct lua_step *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct lua_step){.line = current_line(L)};
    luaL_setmetatable(L, PB_LUA_STEP);
    struct pb_step *step = &made->step;
    step->to = PB_ACTOR_COUNT;
    lua_getfield(L, 1, "id");
    strcpy(step->id, check_id(L, lua_gettop(L), "id", sizeof step->id - 1));
    strcpy(step->text, field_text(L, "text", sizeof step->text, true));
    strcpy(step->seed, field_text(L, "seed", sizeof step->seed, false));
    strcpy(step->reason, field_text(L, "note", sizeof step->reason, false));
    strcpy(step->evidence, field_text(L, "evidence", sizeof step->evidence, true));
    size_t i = 0;
    while (evidences[i] && strcmp(evidences[i], step->evidence) != 0) i++;
    if (!evidences[i])
        return luaL_error(L, "found evidence '%s', expected found, carried, inferred or added", step->evidence);
    lua_getfield(L, 1, "actor");
    const enum pb_actor *actor = luaL_testudata(L, -1, PB_LUA_ACTOR);
    if (!actor)
        return luaL_error(L, "found a %s for `actor`, expected customer, evse, pev, esci, eumd or utility",
                          pb_lua_kind(L, -1));
    step->actor = *actor;
    lua_getfield(L, 1, "does");
    if (!lua_isnil(L, -1)) {
        const struct pb_action *action = luaL_testudata(L, -1, PB_LUA_ACTION);
        if (!action)
            return luaL_error(L, "found a %s for `does`, expected mains.on() and the like", pb_lua_kind(L, -1));
        step->does = *action;
    }
    lua_getfield(L, 1, "of");
    if (!lua_isnil(L, -1)) step->of = check_actors(L, lua_gettop(L));
    take_expectations(L, "sees", step->sees, &step->sees_count);
    take_expectations(L, "holds", step->holds, &step->holds_count);
    take_message(L, step);
    take_when(L, step);
    step->has_start = take_clock(L, "starts", &step->starts);
    step->has_end = take_clock(L, "ends", &step->ends);
    lua_getfield(L, 1, "within");
    if (!lua_isnil(L, -1)) made->within = check_within(L, lua_gettop(L));
    lua_getfield(L, 1, "lasts");
    if (!lua_isnil(L, -1)) step->lasts = pb_ns(pb_lua_check_quantity(L, lua_gettop(L), PB_UNIT_SECOND)->quantity.value);
    if (step->lasts.ns < 0)
        return luaL_error(L, "found a `lasts` of %f s, expected 0 or more", (double)step->lasts.ns / 1e9);
    spread_within(L, made);
    lua_settop(L, 2);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, every_step);
    lua_pushvalue(L, 2);
    lua_rawseti(L, -2, luaL_len(L, -2) + 1);
    lua_pop(L, 1);
    return 1;
}

/* Raises the error at a step's own line. */
static int raise_at(lua_State *L, int line, const struct pb_error *error) {
    lua_pushfstring(L, "\1:%d: %s%s%s", line, error->where[0] ? error->where : "", error->where[0] ? ": " : "",
                    error->text);
    return lua_error(L);
}

static void take_needs(lua_State *L, const struct pb_script *script) {
    lua_getfield(L, 1, "needs");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1)) luaL_error(L, "found a %s for `needs`, expected a list of roles", pb_lua_kind(L, -1));
    check_list(L, lua_gettop(L), "`needs`");
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
        pb_plan_case_needs(script->plan, script->setup->bench, check_line(L, lua_gettop(L), "needs", 64));
    }
    lua_pop(L, 2);
}

/* use_case "S1" { ... }: upvalue 1 is the id. */
static int use_case_body(lua_State *L) {
    static const char *const known[] = {"title", "source", "needs", "unless", NULL};
    struct pb_script *script = pb_script_of(L);
    struct pb_case made = {0};
    struct pb_error error;
    int line = current_line(L);
    check_table(L, "use_case \"ID\" { title = ..., step {...}, ... }");
    check_fields(L, "use_case", known);
    snprintf(made.id, sizeof made.id, "%s", lua_tostring(L, lua_upvalueindex(1)));
    script->open_case[0] = 0;
    strcpy(made.title, field_text(L, "title", sizeof made.title, true));
    strcpy(made.source, field_text(L, "source", sizeof made.source, false));
    lua_Integer count = check_list(L, 1, "use_case");
    if (!count) return luaL_error(L, "found no step in use_case \"%s\", expected at least one", made.id);
    for (lua_Integer i = 1; i <= count; i++, lua_pop(L, 1)) {
        lua_rawgeti(L, 1, i);
        struct lua_step *step = luaL_testudata(L, -1, PB_LUA_STEP);
        if (!step)
            return luaL_error(L, "found a %s as element %d of use_case \"%s\", expected step {...}", pb_lua_kind(L, -1),
                              (int)i, made.id);
        step->is_used = true;
    }
    if (script->wanted && strcmp(script->wanted, made.id) != 0) return 0;
    for (size_t i = 0; i < script->plan->case_count; i++)
        if (strcmp(script->plan->cases[i].id, made.id) == 0)
            return luaL_error(L, "found use_case \"%s\" a second time, expected each once", made.id);
    lua_getfield(L, 1, "unless");
    if (!lua_isnil(L, -1) && !lua_isboolean(L, -1))
        return luaL_error(L, "found a %s for `unless`, expected a boolean", pb_lua_kind(L, -1));
    if (lua_toboolean(L, -1))
        snprintf(made.reason, sizeof made.reason, "not applicable: the DUT statement's capabilities (ICS) exclude it");
    lua_pop(L, 1);
    if (pb_plan_add_case(script->plan, &made, &error) != PB_OK) return raise_at(L, line, &error);
    take_needs(L, script);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        const struct lua_step *step = luaL_testudata(L, -1, PB_LUA_STEP);
        for (size_t k = script->plan->cases[script->plan->case_count - 1].first_step; k < script->plan->step_count; k++)
            if (strcmp(script->plan->steps[k].id, step->step.id) == 0) {
                (void)pb_fail(&error, PB_ERR_INPUT, 0, "",
                              "found step id '%s' a second time, expected each once in a case", step->step.id);
                return raise_at(L, step->line, &error);
            }
        if (pb_plan_add_step(script->plan, &step->step, script->setup->dut, script->setup->limits, script->setup->rule,
                             &error) != PB_OK)
            return raise_at(L, step->line, &error);
        lua_pop(L, 1);
    }
    return 0;
}

static int word_use_case(lua_State *L) {
    struct pb_script *script = pb_script_of(L);
    const char *id = check_id(L, 1, "use_case", 40);
    if (script->open_case[0])
        return luaL_error(L, "found use_case \"%s\" before the body of \"%s\", expected { ... }", id,
                          script->open_case);
    snprintf(script->open_case, sizeof script->open_case, "%s", id);
    script->open_line = current_line(L);
    lua_settop(L, 1);
    lua_pushcclosure(L, use_case_body, 1);
    return 1;
}

/* ---- the table ---- */

const struct pb_word pb_words[] = {
    {"", "use_case", "use_case \"ID\" { title=, source=, needs=, unless=, step {...}, ... }",
     "A case: numbered steps, in order. `unless`: a boolean; true: not applicable to this DUT. `needs` lists roles or groups of roles of the bench; a bench that lacks one does not run the case, and says so.",
     word_use_case},
    {"", "step",
     "step { id=, actor=, text=, does=, sees=, of=, within=, lasts=, sends=, to=, when=, starts=, ends=, holds=, evidence=, seed=, note= }",
     "A step as the source numbers it. `actor` does it; `does` is the stimulus when the bench plays that actor; `sees` (one or a list) is what can be observed, made by `of` (default: the actor): judged when the DUT is one of them. `within` limits the time of expectations that have no limit row of their own; `lasts` stays in the step, `ends` until a clock time; `starts` waits for one; `holds` is what must not change until then. `sends` and `to`: a message and its receiver. `when`: a boolean; false: not run. `evidence`: found, carried, inferred or added; `seed`: number of the source text; `note`: why it cannot be observed.",
     word_step},
    {"", "schedule", "schedule { connects = \"16:00\", departs = \"06:30\" }",
     "The session's clock times; stands before the first `clock`. Where the bench file has `measuring: {schedule_window: 6 min}`, the time from connection to departure is pressed into that window: order and ratios stay, limits of the pilot are not touched.",
     word_schedule},
    {"", "clock", "clock \"23:08\"",
     "A clock time of the schedule, for `starts` and `ends` of a step and for fields of messages.", word_clock},
    {"", "console", "console \"stop\"", "A line to the DUT's console.", word_console},
    {"", "sent", "sent(\"interval_metering\", ixit.report, 6)",
     "The DUT sends that message within the time, counted from when the pilot last left that level; without a level, "
     "from the step's begin.",
     word_sent},
    {"", "limit", "limit \"time.open\"", "A row of the limits file, for `within`.", word_limit},
    {"", "duty_for", "duty_for(ics.rated_current)",
     "The duty that announces a current (SAE J1772, IEC 61851-1 Table A.7).", word_duty_for},
    {"", "us", "us(n)", "Microseconds.", word_us},
    {"", "ms", "ms(n)", "Milliseconds.", word_ms},
    {"", "s", "s(n)", "Seconds.", word_s},
    {"", "minutes", "minutes(n)", "Minutes.", word_minutes},
    {"", "hours", "hours(n)", "Hours.", word_hours},
    {"", "volts", "volts(n)", "Volts.", word_volts},
    {"", "amps", "amps(n)", "Amperes.", word_amps},
    {"", "pct", "pct(n)", "Per cent.", word_pct},
    {"", "wh", "wh(n)", "Watt-hours.", word_wh},
    {"", "watts", "watts(n)", "Watts.", word_watts},
    {"pilot", "level", "pilot.level(9)",
     "The pilot reaches 12, 9, 6 or 3 V (state A, B, C, D) in time, and the level is inside its limits.",
     word_pilot_level},
    {"pilot", "pwm", "pilot.pwm { duty = duty_for(ics.rated_current) }",
     "PWM starts in time after the vehicle was connected; frequency, duty and low level are right.", word_pilot_pwm},
    {"pilot", "no_pwm_before", "pilot.no_pwm_before(9)",
     "No PWM from the case's begin until the pilot first moves towards that level.", word_pilot_no_pwm_before},
    {"pilot", "state", "pilot.state \"A1\"", "The pilot comes to exactly that state in time.", word_pilot_state},
    {"pilot", "source_resistance", "pilot.source_resistance()",
     "The pilot driver's resistor, from the levels that were read in states A and B and the bench's calibrated load.",
     word_pilot_source_resistance},
    {"pilot", "stays", "pilot.stays()", "In `holds`: the pilot's state does not change for the rest of the step.",
     word_pilot_stays},
    {"contactor", "closes", "contactor.closes(6)",
     "Every pole conducts within `time.close` (or a second argument) of the first excursion towards that level.",
     word_contactor_closes},
    {"contactor", "opens", "contactor.opens(6, limit \"time.open_unplug\")",
     "The last pole opens within `time.open` (or the second argument) of the first excursion away from that level.",
     word_contactor_opens},
    {"contactor", "not_closed_before", "contactor.not_closed_before(6)",
     "No pole conducts from the case's begin until the pilot first moves towards that level.",
     word_contactor_not_closed_before},
    {"contactor", "stays_open", "contactor.stays_open(s(5))", "No pole conducts for so long from the step's begin.",
     word_contactor_stays_open},
    {"contactor", "stays_closed", "contactor.stays_closed()",
     "In `holds`: every pole conducts for the rest of the step.", word_contactor_stays_closed},
    {"contactor", "opens_within", "contactor.opens_within(limit \"time.open_ccid\")",
     "The last pole opens within that time of the step's stimulus.", word_contactor_opens_within},
    {"mains", "on", "mains.on()", "Switches the supply of the DUT on.", word_mains_on},
    {"mains", "off", "mains.off()", "Switches it off.", word_mains_off},
    {"coupler", "insert", "coupler.insert()", "Connects the vehicle (R2 through its diode).", word_coupler_insert},
    {"coupler", "remove", "coupler.remove()", "Pulls the coupler.", word_coupler_remove},
    {"vehicle", "ready", "vehicle.ready()", "Closes S2: the vehicle asks for energy.", word_pev_ready},
    {"vehicle", "not_ready", "vehicle.not_ready()", "Stops drawing, then opens S2.", word_pev_not_ready},
    {"vehicle", "short_diode", "vehicle.short_diode()", "Shorts the vehicle's diode, a fault that the EVSE must see.",
     word_pev_short_diode},
    {"vehicle", "take_rate", "vehicle.take_rate(amps(10))",
     "Reads the duty and plans to draw the lowest of that current, the charger's size and the argument, if there is one.",
     word_pev_take_rate},
    {"vehicle", "resume", "vehicle.resume(amps(5))", "Will draw so much, and closes S2.", word_vehicle_resume},
    {"vehicle", "ask_ventilation", "vehicle.ask_ventilation()", "Asks for energy with ventilation (state D).",
     word_vehicle_ask_ventilation},
    {"fault", "short_pilot", "fault.short_pilot()", "Connects 80 ohm from pilot to earth.", word_fault_short_pilot},
    {"fault", "break_earth", "fault.break_earth()", "Breaks the protective earth.", word_fault_break_earth},
    {"fault", "residual", "fault.residual(amps(0.03))", "Makes a residual current flow.", word_fault_residual},
    {"", "customer", "customer", "Actor: the person.", NULL},
    {"", "evse", "evse", "Actor: the supply equipment.", NULL},
    {"", "pev", "pev", "Actor: the vehicle.", NULL},
    {"", "esci", "esci", "Actor: the premise gateway.", NULL},
    {"", "eumd", "eumd", "Actor: the charging meter.", NULL},
    {"", "utility", "utility", "Actor: the utility.", NULL},
    {"", "program", "program.U1",
     "For `when`: true when the session uses that utility program (U1 to U5; `programs` in the DUT statement's ICS).",
     NULL},
    {"", "message", "message.energy_request { amount = wh(5760) }",
     "A message, for `sends`. Fields are quantities, clock times, texts and booleans; \"@energy\" (Wh) and \"@duration\" (s) stand for what the bench's meter has counted.",
     NULL},
    {"", "ics", "ics.NAME", "What the DUT statement says the device can do; quantities, truth values and texts.", NULL},
    {"", "ixit", "ixit.NAME", "Extra information for testing from the DUT statement.", NULL},
};
const size_t pb_word_count = sizeof pb_words / sizeof *pb_words;

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
            pb_lua_push_quantity(L, value, params[i].unit, origin, confidence);
        } else if (params[i].type == PB_PARAM_TEXT) {
            const char *value;
            memcpy(&value, member, sizeof value);
            lua_pushstring(L, value);
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

static bool is_first_of_group(size_t word) {
    for (size_t i = 0; i < word; i++)
        if (strcmp(pb_words[i].group, pb_words[word].group) == 0) return false;
    return pb_words[word].group[0];
}

void pb_lua_open_words(lua_State *L) {
    static const char *const kinds[] = {PB_LUA_CLOCK, PB_LUA_MESSAGE, PB_LUA_ACTION, PB_LUA_EXPECTATION,
                                        PB_LUA_LIMIT, PB_LUA_ACTOR,   PB_LUA_STEP};
    const struct pb_script *script = pb_script_of(L);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        luaL_newmetatable(L, kinds[i]);
        lua_pop(L, 1);
    }
    for (size_t i = 0; i < pb_word_count; i++) {
        const struct pb_word *word = &pb_words[i];
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
    for (size_t i = 0; i < pb_word_count; i++) {
        if (!is_first_of_group(i)) continue;
        lua_getfield(L, -1, pb_words[i].group);
        pb_lua_seal(L, pb_words[i].group);
        lua_setfield(L, -2, pb_words[i].group);
    }
    for (int actor = 0; actor < PB_ACTOR_COUNT; actor++) {
        enum pb_actor *made = lua_newuserdatauv(L, sizeof *made, 0);
        *made = (enum pb_actor)actor;
        luaL_setmetatable(L, PB_LUA_ACTOR);
        lua_setfield(L, -2, pb_actor_name((enum pb_actor)actor));
    }
    push_messages(L);
    push_programs(L, script->setup->dut->ics.programs);
    push_params(L, "ics", pb_dut_ics_params, pb_dut_ics_count, &script->setup->dut->ics, PB_CONFIDENCE_DUT);
    push_params(L, "ixit", pb_dut_ixit_params, pb_dut_ixit_count, &script->setup->dut->ixit, PB_CONFIDENCE_DUT);
}

void pb_lua_check_end(lua_State *L) {
    const struct pb_script *script = pb_script_of(L);
    struct pb_error error;
    luaL_getsubtable(L, LUA_REGISTRYINDEX, every_step);
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
        const struct lua_step *step = lua_touserdata(L, -1);
        if (step->is_used) continue;
        (void)pb_fail(&error, PB_ERR_INPUT, 0, "",
                      "found step '%s' outside of any use_case, expected it inside its braces", step->step.id);
        raise_at(L, step->line, &error);
    }
    if (!script->open_case[0]) return;
    (void)pb_fail(&error, PB_ERR_INPUT, 0, "",
                  "found use_case \"%s\" without its body, expected { title = ..., step {...}, ... }",
                  script->open_case);
    raise_at(L, script->open_line, &error);
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
    for (size_t i = 0; i < pb_word_count; i++) fprintf(out, "| `%s` | %s |\n", pb_words[i].signature, pb_words[i].text);
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

/* "--- text", folded to the width that luacheck allows. */
static void print_comment(FILE *out, const char *lead, const char *text) {
    enum { WIDTH = 116 };
    while (*text) {
        size_t length = strlen(text);
        if (length > WIDTH) {
            length = WIDTH;
            while (length && text[length] != ' ') length--;
            if (!length) length = WIDTH;
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
    for (size_t i = 0; i < pb_word_count; i++) {
        const struct pb_word *word = &pb_words[i];
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
