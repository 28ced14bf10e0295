/* SPDX-License-Identifier: GPL-3.0-or-later */
/* step makes a step and keeps it; use_case puts its steps into the plan; what was left lying is found at the end. */
#include "harness/script/vocabulary.h"

#include "harness/engine/expect.h"
#include "harness/engine/messages.h"

#include <string.h>

struct lua_step {
    struct pb_step step;
    int32_t within;
    struct pb_lua_place place;
    bool is_used; /* stands in a use_case */
};
static const char every_step[] = "pilotbench steps"; /* of the registry: a list of all that were made */

static unsigned check_actors(lua_State *L, int index) {
    unsigned actors = 0;
    const enum pb_actor *one = luaL_testudata(L, index, PB_LUA_ACTOR);
    if (one) return PB_ACTOR_BIT(*one);
    if (!lua_istable(L, index))
        luaL_error(L, "found a %s for `of`, expected an actor or a list of actors", pb_lua_kind(L, index));
    if (!pb_lua_check_list(L, index, "`of`"))
        luaL_error(L, "found an empty list for `of`, expected at least one actor");
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
    if (!pb_lua_check_list(L, lua_gettop(L), field))
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

/* `party`, `to_party`: one of the parties that the message has and the actor plays; without, pb_message_party(). */
static enum pb_party take_party(lua_State *L, const char *field, uint32_t parties, enum pb_actor actor) {
    lua_getfield(L, 1, field);
    if (lua_isnil(L, -1)) return pb_message_party(parties, actor);
    const char *name = pb_lua_check_id(L, lua_gettop(L), field, 39);
    enum pb_party party = pb_party_find(name);
    if (party == PB_PARTY_COUNT || !(parties & PB_PARTY_BIT(party)) || (int)pb_parties[party].actor != (int)actor)
        luaL_error(L, "found %s '%s', expected a party of the message that %s plays (docs/messages.md)", field, name,
                   pb_actor_name(actor));
    return party;
}

static void refuse_party(lua_State *L, const char *field) {
    if (lua_getfield(L, 1, field) != LUA_TNIL)
        luaL_error(L, "found `%s` without `sends`, expected a message for it", field);
}

/* What the step says is a value of its own, which the step (the value at `index`) keeps. */
static struct pb_saying *make_saying(lua_State *L, int index, const struct pb_message *message) {
    struct pb_saying *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct pb_saying){.message = *message};
    lua_setiuservalue(L, index, 1);
    return made;
}

static void take_message(lua_State *L, int index, struct pb_step *step) {
    lua_getfield(L, 1, "to");
    if (!lua_isnil(L, -1)) {
        const enum pb_actor *to = luaL_testudata(L, -1, PB_LUA_ACTOR);
        if (!to) luaL_error(L, "found a %s for `to`, expected an actor", pb_lua_kind(L, -1));
        else step->to = *to;
    }
    if (lua_getfield(L, 1, "sends") == LUA_TNIL) {
        refuse_party(L, "party");
        refuse_party(L, "to_party");
        return;
    }
    const struct pb_message *message = luaL_testudata(L, -1, PB_LUA_MESSAGE);
    if (!message) luaL_error(L, "found a %s for `sends`, expected message.NAME {...}", pb_lua_kind(L, -1));
    else if (step->to == PB_ACTOR_COUNT) luaL_error(L, "found `sends` without `to`, expected a receiver");
    else step->says = make_saying(L, index, message);
    const struct pb_message_row *row = &pb_catalogue[pb_catalogue_find(step->says->message.name)];
    step->says->from = take_party(L, "party", row->from, step->actor);
    step->says->to = take_party(L, "to_party", row->to, step->to);
    if (step->says->from == PB_PARTY_COUNT || step->says->to == PB_PARTY_COUNT)
        luaL_error(L, "found message %s from %s to %s, expected parties that docs/messages.md gives it", row->name,
                   pb_actor_name(step->actor), pb_actor_name(step->to));
}

static void refuse_without_message(lua_State *L, const struct pb_step *step, const char *field) {
    if (!lua_isnil(L, -1) && !step->says) luaL_error(L, "found `%s` without `sends`, expected a message for it", field);
}

/* How the message goes, and what of it is judged. */
static void take_manner(lua_State *L, struct pb_step *step) {
    static const char *const often[] = {"once", "at least once", "at most once", "any", "never", NULL};
    size_t i = 0;
    step->via = PB_ACTOR_COUNT;
    strcpy(step->often, often[0]);
    bool is_said = step->says != NULL || lua_getfield(L, 1, "injects") != LUA_TNIL;
    lua_getfield(L, 1, "via");
    if (!is_said) refuse_without_message(L, step, "via");
    const enum pb_actor *via = luaL_testudata(L, -1, PB_LUA_ACTOR);
    if (via) step->via = *via;
    else if (!lua_isnil(L, -1)) luaL_error(L, "found a %s for `via`, expected an actor", pb_lua_kind(L, -1));
    lua_getfield(L, 1, "often");
    refuse_without_message(L, step, "often");
    if (!lua_isnil(L, -1)) {
        const char *word = pb_lua_check_line(L, lua_gettop(L), "often", sizeof step->often);
        while (often[i] && strcmp(often[i], word) != 0) i++;
        if (!often[i])
            luaL_error(L, "found often '%s', expected once, at least once, at most once, any or never", word);
        strcpy(step->often, word);
    }
    lua_getfield(L, 1, "expects");
    refuse_without_message(L, step, "expects");
    if (!lua_isnil(L, -1))
        pb_lua_take_expects(L, step->says->message.name, step->says->expects, sizeof step->says->expects);
}

/* A time is judged, and no row of the limits file stands behind it. */
static bool needs_within(enum pb_expect_kind kind) {
    const struct pb_expect_row *row = &pb_expect_rows[kind];
    for (size_t i = 0; i < row->check_count; i++)
        if (pb_extractor_unit(row->checks[i].extractor) == PB_UNIT_SECOND && !row->checks[i].limit) return true;
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
    if (has_within && !is_needed && made->step.says) {
        made->step.message_within = made->within;
        is_needed = true;
    }
    if (has_within && !is_needed)
        luaL_error(L, "found `within` in step '%s', expected none: nothing that it sees uses it", made->step.id);
}

static void take_action(lua_State *L, const char *field, struct pb_action *action) {
    lua_getfield(L, 1, field);
    if (lua_isnil(L, -1)) return;
    const struct pb_action *found = luaL_testudata(L, -1, PB_LUA_ACTION);
    if (!found) luaL_error(L, "found a %s for `%s`, expected mains.on() and the like", pb_lua_kind(L, -1), field);
    else *action = *found;
}

/* `cord = 2`: counted from 1, as people do. */
static unsigned take_cord(lua_State *L) {
    if (lua_getfield(L, 1, "cord") == LUA_TNIL) return 0;
    if (!lua_isinteger(L, -1) || lua_tointeger(L, -1) < 1 || lua_tointeger(L, -1) > PB_BENCH_CORDS_MAX)
        luaL_error(L, "found a `cord` that is none, expected 1 to %d", PB_BENCH_CORDS_MAX);
    return (unsigned)lua_tointeger(L, -1) - 1;
}

int pb_word_step(lua_State *L) {
    static const char *const known[] = {"id",       "actor",   "text",    "does", "sees",    "of",       "within",
                                        "lasts",    "sends",   "to",      "when", "starts",  "ends",     "holds",
                                        "evidence", "seed",    "note",    "via",  "expects", "often",    "evse_does",
                                        "pev_told", "injects", "mutates", "cord", "party",   "to_party", NULL};
    static const char *const evidences[] = {"found", "carried", "inferred", "remembered", "added", NULL};
    pb_lua_check_table(L, "step { id = ..., actor = ..., text = ..., evidence = ... }");
    pb_lua_check_fields(L, "step", known);
    struct lua_step *made = lua_newuserdatauv(L, sizeof *made, 1);
    int index = lua_gettop(L);
    *made = (struct lua_step){.place = pb_lua_place_at(L, 1)};
    luaL_setmetatable(L, PB_LUA_STEP);
    struct pb_step *step = &made->step;
    step->to = PB_ACTOR_COUNT;
    lua_getfield(L, 1, "id");
    strcpy(step->id, pb_lua_check_id(L, lua_gettop(L), "id", sizeof step->id - 1));
    strcpy(step->text, pb_lua_field_text(L, "text", sizeof step->text, true));
    strcpy(step->seed, pb_lua_field_text(L, "seed", sizeof step->seed, false));
    strcpy(step->reason, pb_lua_field_text(L, "note", sizeof step->reason, false));
    strcpy(step->evidence, pb_lua_field_text(L, "evidence", sizeof step->evidence, true));
    size_t i = 0;
    while (evidences[i] && strcmp(evidences[i], step->evidence) != 0) i++;
    if (!evidences[i])
        return luaL_error(L, "found evidence '%s', expected found, carried, inferred, remembered or added",
                          step->evidence);
    lua_getfield(L, 1, "actor");
    const enum pb_actor *actor = luaL_testudata(L, -1, PB_LUA_ACTOR);
    if (!actor)
        return luaL_error(L, "found a %s for `actor`, expected customer, evse, pev, esci, eumd or utility",
                          pb_lua_kind(L, -1));
    step->actor = *actor;
    take_action(L, "does", &step->does);
    take_action(L, "evse_does", &step->evse_does);
    strcpy(step->pev_told, pb_lua_field_text(L, "pev_told", sizeof step->pev_told, false));
    lua_getfield(L, 1, "of");
    if (!lua_isnil(L, -1)) step->of = check_actors(L, lua_gettop(L));
    take_expectations(L, "sees", step->sees, &step->sees_count);
    take_expectations(L, "holds", step->holds, &step->holds_count);
    take_message(L, index, step);
    take_manner(L, step);
    pb_lua_take_injects(L, step);
    step->mutates = pb_lua_take_mutates(L);
    take_when(L, step);
    step->cord = take_cord(L);
    step->has_start = take_clock(L, "starts", &step->starts);
    step->has_end = take_clock(L, "ends", &step->ends);
    lua_getfield(L, 1, "within");
    if (!lua_isnil(L, -1)) made->within = pb_lua_check_within(L, lua_gettop(L));
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

/* Raises the error at a step's own place. */
static int raise_at(lua_State *L, const struct pb_lua_place *place, const struct pb_error *error) {
    lua_pushfstring(L, "%s:%d: %s%s%s", place->chunk, place->line, error->where[0] ? error->where : "",
                    error->where[0] ? ": " : "", error->text);
    return lua_error(L);
}

static void take_needs(lua_State *L, const struct pb_script *script) {
    lua_getfield(L, 1, "needs");
    if (lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return;
    }
    if (!lua_istable(L, -1)) luaL_error(L, "found a %s for `needs`, expected a list of roles", pb_lua_kind(L, -1));
    pb_lua_check_list(L, lua_gettop(L), "`needs`");
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) {
        pb_plan_case_needs(script->plan, script->setup->bench, script->setup->dut,
                           pb_lua_check_line(L, lua_gettop(L), "needs", 64));
    }
    lua_pop(L, 2);
}

/* Steps, and lists of steps (an included file's), as one list behind the `count` that are in it; how many there are then. */
static lua_Integer lay_flat(lua_State *L, int from, int to, lua_Integer count, const char *id) {
    luaL_checkstack(L, 4, "steps");
    lua_Integer most = pb_lua_check_list(L, from, "use_case");
    for (lua_Integer i = 1; i <= most; i++, lua_pop(L, 1)) {
        lua_rawgeti(L, from, i);
        struct lua_step *step = luaL_testudata(L, -1, PB_LUA_STEP);
        if (!step && lua_type(L, -1) != LUA_TTABLE)
            luaL_error(L, "found a %s as element %d of use_case \"%s\", expected step {...} or a list of steps",
                       pb_lua_kind(L, -1), (int)i, id);
        else if (!step) count = lay_flat(L, lua_gettop(L), to, count, id);
        else {
            step->is_used = true;
            lua_pushvalue(L, -1);
            lua_rawseti(L, to, ++count);
        }
    }
    return count;
}

static bool take_boolean(lua_State *L, const char *field) {
    lua_getfield(L, 1, field);
    if (!lua_isnil(L, -1) && !lua_isboolean(L, -1))
        luaL_error(L, "found a %s for `%s`, expected a boolean", pb_lua_kind(L, -1), field);
    bool is_true = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return is_true;
}

/* Of what the steps inject something can be said to the device; also where nothing is injected. */
static bool is_for_device(lua_State *L, int flat, lua_Integer count, const struct pb_dut *dut) {
    size_t injecting = 0;
    for (lua_Integer i = 1; i <= count; i++, lua_pop(L, 1)) {
        lua_rawgeti(L, flat, i);
        const struct lua_step *step = luaL_testudata(L, -1, PB_LUA_STEP);
        if (!step->step.inject_count || step->step.mode == PB_STEP_NOT_RUN) continue;
        injecting++;
        if (!pb_plan_is_injected(&step->step, dut)) continue;
        lua_pop(L, 1);
        return true;
    }
    return !injecting;
}

/* What the bench does in a step of the case, it needs a role for, whether `needs` names it or not. */
static void take_deeds(lua_State *L, const struct pb_script *script, int flat, lua_Integer count) {
    const struct pb_script_setup *setup = script->setup;
    char name[PB_ROLE_NAME_SIZE];
    for (lua_Integer i = 1; i <= count; i++, lua_pop(L, 1)) {
        lua_rawgeti(L, flat, i);
        const struct pb_step *step = &((const struct lua_step *)luaL_testudata(L, -1, PB_LUA_STEP))->step;
        const struct pb_action *does = &step->does;
        if (step->mode == PB_STEP_NOT_RUN || (PB_ACTOR_BIT(step->actor) & setup->dut->actors)) continue;
        if (does->deed == PB_DEED_TAKE_RATE)
            pb_plan_case_needs(script->plan, setup->bench, setup->dut, pb_bench_cord_role(step->cord, "load", name));
        for (size_t k = 0; k < does->write_count; k++)
            pb_plan_case_needs(script->plan, setup->bench, setup->dut,
                               pb_bench_cord_role(step->cord, does->writes[k].role, name));
    }
}

/* `unless`: true, or a text that says why. What the bench lacks is said first: with it the question would not come up. */
static void take_unless(lua_State *L, struct pb_case *in) {
    lua_getfield(L, 1, "unless");
    bool is_text = lua_type(L, -1) == LUA_TSTRING;
    lua_pop(L, 1);
    const char *why = is_text                     ? pb_lua_field_text(L, "unless", sizeof in->reason - 20, true)
                      : take_boolean(L, "unless") ? "the DUT statement's capabilities (ICS) exclude it"
                                                  : NULL;
    if (why && !in->reason[0]) snprintf(in->reason, sizeof in->reason, "not applicable: %s", why);
    if (is_text) lua_pop(L, 1);
}

/* use_case "S1" { ... }: upvalue 1 is the id. */
static int use_case_body(lua_State *L) {
    static const char *const known[] = {"title", "source", "needs", "unless", "reconstructed", "mutates", NULL};
    struct pb_script *script = pb_script_of(L);
    struct pb_case made = {0};
    struct pb_error error;
    struct pb_lua_place place = pb_lua_place_at(L, 1);
    pb_lua_check_table(L, "use_case \"ID\" { title = ..., step {...}, ... }");
    pb_lua_check_fields(L, "use_case", known);
    snprintf(made.id, sizeof made.id, "%s", lua_tostring(L, lua_upvalueindex(1)));
    script->open_case[0] = 0;
    strcpy(made.title, pb_lua_field_text(L, "title", sizeof made.title, true));
    strcpy(made.source, pb_lua_field_text(L, "source", sizeof made.source, false));
    lua_newtable(L); /* the steps, lists of them laid out flat */
    int flat = lua_gettop(L);
    lua_Integer count = lay_flat(L, 1, flat, 0, made.id);
    if (!count) return luaL_error(L, "found no step in use_case \"%s\", expected at least one", made.id);
    if (script->including) return 0;
    if (script->wanted && strcmp(script->wanted, made.id) != 0) return 0;
    if (script->setup->suffix) {
        size_t length = strlen(made.id);
        if (length + strlen(script->setup->suffix) > PB_CASE_ID_MAX)
            return luaL_error(L,
                              "found use_case \"%s%s\", expected an id of at most %d characters with its combination",
                              made.id, script->setup->suffix, PB_CASE_ID_MAX);
        snprintf(made.id + length, sizeof made.id - length, "%s", script->setup->suffix);
    }
    for (size_t i = 0; i < script->plan->case_count; i++)
        if (strcmp(script->plan->cases[i].id, made.id) == 0)
            return luaL_error(L, "found use_case \"%s\" a second time, expected each once", made.id);
    made.is_reconstructed = take_boolean(L, "reconstructed");
    made.mutates = pb_lua_take_mutates(L);
    if (!made.reason[0] && !is_for_device(L, flat, count, script->setup->dut))
        snprintf(made.reason, sizeof made.reason, "nothing that it injects is for this device");
    made.has_schedule = script->schedule_scale > 0;
    made.connects = pb_ns(script->connects_ns);
    if (pb_plan_add_case(script->plan, &made, &error) != PB_OK) return raise_at(L, &place, &error);
    take_needs(L, script);
    take_deeds(L, script, flat, count);
    take_unless(L, &script->plan->cases[script->plan->case_count - 1]);
    lua_createtable(L, 0, (int)count); /* the ids of the case's steps */
    int seen = lua_gettop(L);
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, flat, i);
        const struct lua_step *step = luaL_testudata(L, -1, PB_LUA_STEP);
        if (lua_getfield(L, seen, step->step.id) != LUA_TNIL) {
            (void)pb_fail(&error, PB_ERR_INPUT, 0, "", "found step id '%s' a second time, expected each once in a case",
                          step->step.id);
            return raise_at(L, &step->place, &error);
        }
        lua_pop(L, 1);
        lua_pushboolean(L, true);
        lua_setfield(L, seen, step->step.id);
        if (pb_plan_add_step(script->plan, &step->step, script->setup->dut, script->setup->limits, script->setup->rule,
                             &error) != PB_OK)
            return raise_at(L, &step->place, &error);
        lua_pop(L, 1);
    }
    if (pb_plan_end_case(script->plan, script->setup->dut, script->setup->limits, script->setup->rule, &error) != PB_OK)
        return raise_at(L, &place, &error);
    return 0;
}

/* Marks the steps of a list, and of the lists in it; how many there are. */
static int mark_group(lua_State *L, int list, int group) {
    int marked = 0;
    luaL_checkstack(L, 4, "any_order");
    lua_Integer count = pb_lua_check_list(L, list, "any_order");
    for (lua_Integer i = 1; i <= count; i++, lua_pop(L, 1)) {
        lua_rawgeti(L, list, i);
        struct lua_step *step = luaL_testudata(L, -1, PB_LUA_STEP);
        if (!step && lua_type(L, -1) != LUA_TTABLE)
            luaL_error(L, "found a %s in any_order, expected step {...} or a list of steps", pb_lua_kind(L, -1));
        else if (!step) marked += mark_group(L, lua_gettop(L), group);
        else {
            step->step.group = group;
            marked++;
        }
    }
    return marked;
}

/* any_order { step, step }: the same list, its steps marked. */
int pb_word_any_order(lua_State *L) {
    if (lua_type(L, 1) != LUA_TTABLE || lua_gettop(L) != 1)
        return luaL_error(L, "found a %s, expected any_order { step {...}, step {...} }", pb_lua_kind(L, 1));
    int marked = mark_group(L, 1, ++pb_script_of(L)->groups);
    if (marked < 2) return luaL_error(L, "found %d steps in any_order, expected two or more", marked);
    return 1;
}

int pb_word_use_case(lua_State *L) {
    struct pb_script *script = pb_script_of(L);
    const char *id = pb_lua_check_id(L, 1, "use_case", PB_CASE_ID_MAX);
    if (script->open_case[0])
        return luaL_error(L, "found use_case \"%s\" before the body of \"%s\", expected { ... }", id,
                          script->open_case);
    snprintf(script->open_case, sizeof script->open_case, "%s", id);
    script->open_place = pb_lua_place_at(L, 1);
    lua_settop(L, 1);
    lua_pushcclosure(L, use_case_body, 1);
    return 1;
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
        raise_at(L, &step->place, &error);
    }
    if (!script->open_case[0]) return;
    (void)pb_fail(&error, PB_ERR_INPUT, 0, "",
                  "found use_case \"%s\" without its body, expected { title = ..., step {...}, ... }",
                  script->open_case);
    raise_at(L, &script->open_place, &error);
}
