/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The vocabulary of suites. A word makes a value (action, expectation, quantity, step); use_case puts the steps into the plan. The table at the
 * end is also the manual and the editors' stubs. */
#include "harness/script/words.h"

#include "pilot_emulator/node.h"
#include "pilot_emulator/state.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- quantities ---- */

static int make_quantity(lua_State *L, enum pb_unit unit, double steps) {
    double value = luaL_checknumber(L, 1) * steps;
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
    if (!duty_ppm) return luaL_error(L, "found %f A, for which there is no duty (6 to 51 A, 52.5 to 80 A)", (double)current->quantity.value / 1e3);
    pb_lua_push_quantity(L, duty_ppm, PB_UNIT_PERCENT, current->origin, current->confidence);
    return 1;
}

static int word_limit(lua_State *L) {
    const struct pb_script *script = pb_script_of(L);
    const char *id = luaL_checkstring(L, 1);
    const struct pb_limit *row = pb_limits_find(script->setup->limits, id);
    if (!row) return luaL_error(L, "found limit '%s', which %s does not have", id, script->setup->limits->name);
    struct pb_limit *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = *row;
    luaL_setmetatable(L, PB_LUA_LIMIT);
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
#define ACTION(word, text, ...)                                                                                       \
    static int word(lua_State *L) {                                                                                   \
        static const struct pb_write writes[] = {__VA_ARGS__};                                                        \
        return push_action(L, PB_DEED_WRITE, text, writes, sizeof writes / sizeof *writes);                           \
    }
ACTION(word_mains_on, "supply on", {"mains.switch", 1})
ACTION(word_mains_off, "supply off", {"mains.switch", 0})
ACTION(word_coupler_insert, "coupler inserted", {"coupler", 1})
ACTION(word_coupler_remove, "coupler pulled", {"coupler", 0})
ACTION(word_pev_ready, "vehicle closes S2", {"cp.load.s2", 1})
ACTION(word_pev_not_ready, "vehicle stops drawing and opens S2", {"load", 0}, {"cp.load.s2", 0})
ACTION(word_pev_short_diode, "vehicle's diode shorted", {"cp.load.diode_short", 1})
static int word_pev_take_rate(lua_State *L) { return push_action(L, PB_DEED_TAKE_RATE, "vehicle takes its rate", NULL, 0); }

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
    lua_Number volts = luaL_checknumber(L, arg);
    int index = volts >= 3 && volts <= 12 ? (int)volts : 0;
    if ((lua_Number)index != volts || !letters[index]) luaL_error(L, "found %s V, expected 12, 9, 6 or 3", lua_tostring(L, arg));
    return letters[index];
}

/* A limit on a time: a row of the limits file, an IXIT value, or the suite's own figure. */
static void check_within(lua_State *L, int arg, struct pb_limit *ret_limit) {
    const struct pb_limit *row = luaL_testudata(L, arg, PB_LUA_LIMIT);
    if (row) {
        if (row->unit != PB_UNIT_SECOND) luaL_error(L, "found limit row %s in %s, expected one in s", row->id, pb_unit_symbol(row->unit));
        *ret_limit = *row;
        return;
    }
    const struct pb_lua_quantity *span = pb_lua_check_quantity(L, arg, PB_UNIT_SECOND);
    if (span->quantity.value <= 0) luaL_error(L, "found a time of %f s, expected more than 0", (double)span->quantity.value / 1e9);
    bool is_dut = span->origin[0] != 0;
    *ret_limit = (struct pb_limit){.min = INT64_MIN, .max = span->quantity.value, .unit = PB_UNIT_SECOND, .confidence = span->confidence};
    snprintf(ret_limit->id, sizeof ret_limit->id, "%s", is_dut ? span->origin : "suite");
    snprintf(ret_limit->clause, sizeof ret_limit->clause, "%s", is_dut ? "the DUT statement's own" : "the suite's own figure");
    snprintf(ret_limit->source, sizeof ret_limit->source, "%s", is_dut ? "DUT statement" : "suite");
}

static int expect_letter(lua_State *L, enum pb_expect_kind kind) {
    struct pb_limit within = {0};
    char letter = check_letter(L, 1);
    if (!lua_isnoneornil(L, 2)) check_within(L, 2, &within);
    push_expectation(L, kind, letter)->within = within;
    return 1;
}
static int word_pilot_level(lua_State *L) { return expect_letter(L, PB_EXPECT_LEVEL); }
static int word_pilot_no_pwm_before(lua_State *L) { return expect_letter(L, PB_EXPECT_NO_PWM_BEFORE); }
static int word_contactor_closes(lua_State *L) { return expect_letter(L, PB_EXPECT_CLOSES); }
static int word_contactor_opens(lua_State *L) { return expect_letter(L, PB_EXPECT_OPENS); }
static int word_contactor_not_closed_before(lua_State *L) { return expect_letter(L, PB_EXPECT_NOT_CLOSED_BEFORE); }

static int word_contactor_stays_open(lua_State *L) {
    push_expectation(L, PB_EXPECT_STAYS_OPEN, pb_lua_check_quantity(L, 1, PB_UNIT_SECOND)->quantity.value);
    return 1;
}

static int word_pilot_pwm(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        const char *key = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "[number]";
        if (strcmp(key, "duty") != 0) return luaL_error(L, "found field '%s' in pilot.pwm, expected duty", key);
    }
    lua_getfield(L, 1, "duty");
    push_expectation(L, PB_EXPECT_PWM, pb_lua_check_quantity(L, -1, PB_UNIT_PERCENT)->quantity.value);
    return 1;
}

static int word_pilot_state(lua_State *L) {
    const char *name = luaL_checkstring(L, 1);
    enum pb_cp_state state = pb_cp_state_find(name);
    if (state == PB_CP_STATE_COUNT || !pb_cp_state_letter(state)) return luaL_error(L, "found state '%s', expected A1, A2, B1 ... D2, E or F", name);
    push_expectation(L, PB_EXPECT_STATE, state);
    return 1;
}

/* ---- steps ---- */

struct lua_step {
    struct pb_step step;
    struct pb_limit within;
    int line;
};

static int current_line(lua_State *L) {
    lua_Debug place;
    return lua_getstack(L, 1, &place) && lua_getinfo(L, "l", &place) ? place.currentline : 0;
}

static const char *field_text(lua_State *L, const char *name, size_t room, bool is_required) {
    lua_getfield(L, 1, name);
    if (lua_isnil(L, -1) && !is_required) return "";
    if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "found %s for `%s`, expected a text", luaL_typename(L, -1), name);
    size_t length;
    const char *text = lua_tolstring(L, -1, &length);
    if (length >= room) luaL_error(L, "found %d bytes for `%s`, expected at most %d", (int)length, name, (int)room - 1);
    if (strlen(text) != length) luaL_error(L, "found a zero byte in `%s`", name);
    return text; /* stays on the stack, and so alive, until the word returns */
}

static unsigned check_actors(lua_State *L, int index) {
    unsigned actors = 0;
    const enum pb_actor *one = luaL_testudata(L, index, PB_LUA_ACTOR);
    if (one) return PB_ACTOR_BIT(*one);
    if (!lua_istable(L, index)) luaL_error(L, "found %s for `of`, expected an actor or a list of actors", luaL_typename(L, index));
    for (lua_Integer i = 1; lua_rawgeti(L, index, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
        one = luaL_testudata(L, -1, PB_LUA_ACTOR);
        if (!one) luaL_error(L, "found %s in `of`, expected an actor", luaL_typename(L, -1));
        else actors |= PB_ACTOR_BIT(*one);
    }
    lua_pop(L, 1);
    return actors;
}

static void take_expectation(lua_State *L, int index, struct pb_step *step) {
    const struct pb_expectation *one = luaL_testudata(L, index, PB_LUA_EXPECTATION);
    if (!one) luaL_error(L, "found %s in `sees`, expected pilot.level(...), contactor.closes(...) and the like", luaL_typename(L, index));
    else if (step->sees_count == PB_STEP_EXPECTATIONS) luaL_error(L, "found more than %d in `sees`", PB_STEP_EXPECTATIONS);
    else step->sees[step->sees_count++] = *one;
}

static void take_sees(lua_State *L, struct pb_step *step) {
    lua_getfield(L, 1, "sees");
    if (lua_isnil(L, -1)) return;
    if (!lua_istable(L, -1)) {
        take_expectation(L, lua_gettop(L), step);
        return;
    }
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) take_expectation(L, lua_gettop(L), step);
    lua_pop(L, 1);
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
        if (!known[i]) luaL_error(L, "found field '%s' in %s, which it does not have", key, what);
    }
}

/* The step's `within` goes to the expectations that have no limit row of their own. */
static void spread_within(struct lua_step *made) {
    for (size_t i = 0; i < made->step.sees_count; i++) {
        struct pb_expectation *expectation = &made->step.sees[i];
        bool has_row = expectation->kind == PB_EXPECT_CLOSES || expectation->kind == PB_EXPECT_OPENS;
        if (!expectation->within.id[0] && !has_row) expectation->within = made->within;
    }
}

static int word_step(lua_State *L) {
    static const char *const known[] = {"id", "actor", "text", "does", "sees", "of", "within", "lasts", "evidence", "seed", "note", NULL};
    static const char *const evidences[] = {"found", "carried", "inferred", "added", NULL};
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    check_fields(L, "step", known);
    struct lua_step *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct lua_step){.line = current_line(L)};
    luaL_setmetatable(L, PB_LUA_STEP);
    struct pb_step *step = &made->step;
    strcpy(step->id, field_text(L, "id", sizeof step->id, true));
    strcpy(step->text, field_text(L, "text", sizeof step->text, true));
    strcpy(step->seed, field_text(L, "seed", sizeof step->seed, false));
    strcpy(step->reason, field_text(L, "note", sizeof step->reason, false));
    strcpy(step->evidence, field_text(L, "evidence", sizeof step->evidence, true));
    size_t i = 0;
    while (evidences[i] && strcmp(evidences[i], step->evidence) != 0) i++;
    if (!evidences[i]) return luaL_error(L, "found evidence '%s', expected found, carried, inferred or added", step->evidence);
    lua_getfield(L, 1, "actor");
    const enum pb_actor *actor = luaL_testudata(L, -1, PB_LUA_ACTOR);
    if (!actor) return luaL_error(L, "found %s for `actor`, expected customer, evse, pev, esci, eumd or utility", luaL_typename(L, -1));
    step->actor = *actor;
    lua_getfield(L, 1, "does");
    if (!lua_isnil(L, -1)) {
        const struct pb_action *action = luaL_testudata(L, -1, PB_LUA_ACTION);
        if (!action) return luaL_error(L, "found %s for `does`, expected mains.on() and the like", luaL_typename(L, -1));
        step->does = *action;
    }
    lua_getfield(L, 1, "of");
    if (!lua_isnil(L, -1)) step->of = check_actors(L, lua_gettop(L));
    take_sees(L, step);
    lua_getfield(L, 1, "within");
    if (!lua_isnil(L, -1)) check_within(L, lua_gettop(L), &made->within);
    lua_getfield(L, 1, "lasts");
    if (!lua_isnil(L, -1)) step->lasts = pb_ns(pb_lua_check_quantity(L, lua_gettop(L), PB_UNIT_SECOND)->quantity.value);
    spread_within(made);
    lua_settop(L, 2);
    return 1;
}

/* Raises the error at a step's own line. */
static int raise_at(lua_State *L, int line, const struct pb_error *error) {
    lua_pushfstring(L, "\1:%d: %s%s%s", line, error->where[0] ? error->where : "", error->where[0] ? ": " : "", error->text);
    return lua_error(L);
}

static void take_needs(lua_State *L, const struct pb_script *script) {
    lua_getfield(L, 1, "needs");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1)) luaL_error(L, "found %s for `needs`, expected a list of roles", luaL_typename(L, -1));
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
        if (lua_type(L, -1) != LUA_TSTRING) luaL_error(L, "found %s in `needs`, expected a role's name", luaL_typename(L, -1));
        pb_plan_case_needs(script->plan, script->setup->bench, lua_tostring(L, -1));
    }
    lua_pop(L, 2);
}

/* use_case "S1" { ... }: upvalue 1 is the id. */
static int use_case_body(lua_State *L) {
    static const char *const known[] = {"title", "source", "needs", NULL};
    struct pb_script *script = pb_script_of(L);
    struct pb_case made = {0};
    struct pb_error error;
    int line = current_line(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    check_fields(L, "use_case", known);
    snprintf(made.id, sizeof made.id, "%s", lua_tostring(L, lua_upvalueindex(1)));
    strcpy(made.title, field_text(L, "title", sizeof made.title, true));
    strcpy(made.source, field_text(L, "source", sizeof made.source, false));
    lua_Integer count = luaL_len(L, 1);
    if (!count) return luaL_error(L, "found no step in use_case \"%s\"", made.id);
    if (script->wanted && strcmp(script->wanted, made.id) != 0) return 0;
    for (size_t i = 0; i < script->plan->case_count; i++)
        if (strcmp(script->plan->cases[i].id, made.id) == 0) return luaL_error(L, "found use_case \"%s\" twice", made.id);
    if (pb_plan_add_case(script->plan, &made, &error) != PB_OK) return raise_at(L, line, &error);
    take_needs(L, script);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, 1, i);
        const struct lua_step *step = luaL_testudata(L, -1, PB_LUA_STEP);
        if (!step) return luaL_error(L, "found %s as element %d of use_case \"%s\", expected step {...}", luaL_typename(L, -1), (int)i, made.id);
        for (size_t k = script->plan->cases[script->plan->case_count - 1].first_step; k < script->plan->step_count; k++)
            if (strcmp(script->plan->steps[k].id, step->step.id) == 0) {
                (void)pb_fail(&error, PB_ERR_INPUT, 0, "", "found step id '%s' twice", step->step.id);
                return raise_at(L, step->line, &error);
            }
        if (pb_plan_add_step(script->plan, &step->step, script->setup->dut, script->setup->limits, script->setup->rule, &error) != PB_OK)
            return raise_at(L, step->line, &error);
        lua_pop(L, 1);
    }
    return 0;
}

static int word_use_case(lua_State *L) {
    size_t length;
    const char *id = luaL_checklstring(L, 1, &length);
    if (!length || length > 40 || strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") != length)
        return luaL_error(L, "found use_case id '%s', expected 1 to 40 letters, digits, '-', '_' or '.'", id);
    lua_settop(L, 1);
    lua_pushcclosure(L, use_case_body, 1);
    return 1;
}

/* ---- the table ---- */

const struct pb_word pb_words[] = {
    {"", "use_case", "use_case \"ID\" { title=, source=, needs=, step {...}, ... }", "A case: numbered steps, in order. `needs` lists roles or groups of roles of the bench; a bench that lacks one does not run the case, and says so.", word_use_case},
    {"", "step", "step { id=, actor=, text=, does=, sees=, of=, within=, lasts=, evidence=, seed=, note= }", "A step as the source numbers it. `actor` does it; `does` is the stimulus when the bench plays that actor; `sees` (one or a list) is what can be observed, made by `of` (default: the actor): judged when the DUT is one of them. `within` limits the time of expectations that have no limit row of their own; `lasts` stays in the step. `evidence`: found, carried, inferred or added; `seed`: number of the source text; `note`: why it cannot be observed.", word_step},
    {"", "limit", "limit \"time.open\"", "A row of the limits file, for `within`.", word_limit},
    {"", "duty_for", "duty_for(ics.rated_current)", "The duty that announces a current (SAE J1772, IEC 61851-1 Table A.7).", word_duty_for},
    {"", "us", "us(n)", "Microseconds.", word_us},
    {"", "ms", "ms(n)", "Milliseconds.", word_ms},
    {"", "s", "s(n)", "Seconds.", word_s},
    {"", "minutes", "minutes(n)", "Minutes.", word_minutes},
    {"", "hours", "hours(n)", "Hours.", word_hours},
    {"", "volts", "volts(n)", "Volts.", word_volts},
    {"", "amps", "amps(n)", "Amperes.", word_amps},
    {"", "pct", "pct(n)", "Per cent.", word_pct},
    {"pilot", "level", "pilot.level(9)", "The pilot reaches 12, 9, 6 or 3 V (state A, B, C, D) in time, and the level is inside its limits.", word_pilot_level},
    {"pilot", "pwm", "pilot.pwm { duty = duty_for(ics.rated_current) }", "PWM starts in time after the vehicle was connected; frequency, duty and low level are right.", word_pilot_pwm},
    {"pilot", "no_pwm_before", "pilot.no_pwm_before(9)", "No PWM from the case's begin until the pilot first moves towards that level.", word_pilot_no_pwm_before},
    {"pilot", "state", "pilot.state \"A1\"", "The pilot comes to exactly that state in time.", word_pilot_state},
    {"contactor", "closes", "contactor.closes(6)", "Every pole conducts within `time.close` (or a second argument) of the first excursion towards that level.", word_contactor_closes},
    {"contactor", "opens", "contactor.opens(6, limit \"time.open_unplug\")", "The last pole opens within `time.open` (or the second argument) of the first excursion away from that level.", word_contactor_opens},
    {"contactor", "not_closed_before", "contactor.not_closed_before(6)", "No pole conducts from the case's begin until the pilot first moves towards that level.", word_contactor_not_closed_before},
    {"contactor", "stays_open", "contactor.stays_open(s(5))", "No pole conducts for so long from the step's begin.", word_contactor_stays_open},
    {"mains", "on", "mains.on()", "Switches the supply of the DUT on.", word_mains_on},
    {"mains", "off", "mains.off()", "Switches it off.", word_mains_off},
    {"coupler", "insert", "coupler.insert()", "Connects the vehicle (R2 through its diode).", word_coupler_insert},
    {"coupler", "remove", "coupler.remove()", "Pulls the coupler.", word_coupler_remove},
    {"vehicle", "ready", "vehicle.ready()", "Closes S2: the vehicle asks for energy.", word_pev_ready},
    {"vehicle", "not_ready", "vehicle.not_ready()", "Stops drawing, then opens S2.", word_pev_not_ready},
    {"vehicle", "short_diode", "vehicle.short_diode()", "Shorts the vehicle's diode, a fault that the EVSE must see.", word_pev_short_diode},
    {"vehicle", "take_rate", "vehicle.take_rate()", "Reads the duty and plans to draw the lower of that current and the charger's size.", word_pev_take_rate},
    {"", "customer", "customer", "Actor: the person.", NULL},
    {"", "evse", "evse", "Actor: the supply equipment.", NULL},
    {"", "pev", "pev", "Actor: the vehicle.", NULL},
    {"", "esci", "esci", "Actor: the premise gateway.", NULL},
    {"", "eumd", "eumd", "Actor: the charging meter.", NULL},
    {"", "utility", "utility", "Actor: the utility.", NULL},
    {"", "ics", "ics.rated_current", "What the DUT statement says the device can do. Names: see docs/files.md.", NULL},
    {"", "ixit", "ixit.power_up", "Extra information for testing from the DUT statement.", NULL},
};
const size_t pb_word_count = sizeof pb_words / sizeof *pb_words;

/* ics and ixit: a table of quantities from a parameter table; an unknown name raises. */
static int unknown_param(lua_State *L) {
    return luaL_error(L, "found %s.%s, which a DUT statement does not have", lua_tostring(L, lua_upvalueindex(1)), lua_tostring(L, 2));
}
static void push_params(lua_State *L, const char *name, const struct pb_param *params, size_t count, const void *from, enum pb_confidence confidence) {
    lua_newtable(L);
    for (size_t i = 0; i < count; i++) {
        const char *member = (const char *)from + params[i].offset;
        if (params[i].type == PB_PARAM_QUANTITY) {
            char origin[40];
            int64_t value;
            memcpy(&value, member, sizeof value);
            snprintf(origin, sizeof origin, "%s.%s", name, params[i].name);
            pb_lua_push_quantity(L, value, params[i].unit, origin, confidence);
        } else {
            bool value;
            memcpy(&value, member, sizeof value);
            lua_pushboolean(L, value);
        }
        lua_setfield(L, -2, params[i].name);
    }
    lua_newtable(L);
    lua_pushstring(L, name);
    lua_pushcclosure(L, unknown_param, 1);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, name);
}

void pb_lua_open_words(lua_State *L) {
    static const char *const kinds[] = {PB_LUA_ACTION, PB_LUA_EXPECTATION, PB_LUA_LIMIT, PB_LUA_ACTOR, PB_LUA_STEP};
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
    for (int actor = 0; actor < PB_ACTOR_COUNT; actor++) {
        enum pb_actor *made = lua_newuserdatauv(L, sizeof *made, 0);
        *made = (enum pb_actor)actor;
        luaL_setmetatable(L, PB_LUA_ACTOR);
        lua_setfield(L, -2, pb_actor_name((enum pb_actor)actor));
    }
    push_params(L, "ics", pb_dut_ics_params, pb_dut_ics_count, &script->setup->dut->ics, PB_CONFIDENCE_DUT);
    push_params(L, "ixit", pb_dut_ixit_params, pb_dut_ixit_count, &script->setup->dut->ixit, PB_CONFIDENCE_DUT);
}

void pb_script_print_words(FILE *out) {
    fprintf(out, "# Words of suites\n\nPrinted by `pilotbench list --words`. One grammar: a case is `use_case \"ID\" { fields, step {...}, ... }`; "
                 "everything else makes a value for a step's field.\n\n| word | meaning |\n|---|---|\n");
    for (size_t i = 0; i < pb_word_count; i++) fprintf(out, "| `%s` | %s |\n", pb_words[i].signature, pb_words[i].text);
}

void pb_script_print_stubs(FILE *out) {
    fprintf(out, "---@meta\n-- Words of suites, for editors. Printed by `pilotbench list --stubs`.\n");
    for (size_t i = 0; i < pb_word_count; i++) {
        const struct pb_word *word = &pb_words[i];
        bool is_first = word->group[0] != 0;
        for (size_t k = 0; k < i; k++)
            if (strcmp(pb_words[k].group, word->group) == 0) is_first = false;
        if (is_first) fprintf(out, "\n%s = {}\n", word->group);
        fprintf(out, "\n--- %s\n---   %s\n", word->text, word->signature);
        if (!word->function) fprintf(out, "%s = {}\n", word->name);
        else fprintf(out, "function %s%s%s(...) end\n", word->group, word->group[0] ? "." : "", word->name);
    }
}
