/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Words for what the bench says to a device beside the choreography: inject and what it waits for, mutate. What is wrong in a message is said to be
 * wrong (`wrong`, `without`, `version`, `raw`): a slip in a suite is still a mistake of the suite. */
#include "harness/script/vocabulary.h"

#include "harness/engine/expect.h"
#include "harness/engine/messages.h"
#include "harness/engine/mutations.h"

#include <jansson.h>
#include <string.h>

struct lua_trigger {
    enum pb_inject_when when;
    size_t heard; /* ON_HEARD: the message's number */
    char text[60];
};

/* ---- events ---- */

static int push_trigger(lua_State *L, enum pb_inject_when when, size_t heard, const char *text) {
    struct lua_trigger *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct lua_trigger){.when = when, .heard = heard};
    snprintf(made->text, sizeof made->text, "%s", text);
    luaL_setmetatable(L, PB_LUA_TRIGGER);
    return 1;
}
int pb_word_contactor_closed(lua_State *L) {
    return push_trigger(L, PB_INJECT_ON_CLOSED, 0, "when the contactor closes");
}
int pb_word_contactor_opened(lua_State *L) {
    return push_trigger(L, PB_INJECT_ON_OPENED, 0, "when the contactor opens");
}
int pb_word_heard(lua_State *L) {
    const char *name = pb_lua_check_line(L, 1, "heard", 40);
    char text[60];
    size_t number = pb_catalogue_find(name);
    if (number == pb_catalogue_count)
        return luaL_error(L, "found the unknown message '%s', expected a name of `message`", name);
    snprintf(text, sizeof text, "when %s is heard", name);
    return push_trigger(L, PB_INJECT_ON_HEARD, number, text);
}

/* `on`: a trigger, or a state or level of the pilot as `sees` has them. */
static void take_on(lua_State *L, struct pb_inject *inject, char *ret_when, size_t size) {
    lua_getfield(L, 1, "on");
    if (lua_isnil(L, -1)) return;
    const struct lua_trigger *trigger = luaL_testudata(L, -1, PB_LUA_TRIGGER);
    const struct pb_expectation *seen = luaL_testudata(L, -1, PB_LUA_EXPECTATION);
    if (trigger) {
        inject->when = trigger->when;
        inject->heard = trigger->heard;
        snprintf(ret_when, size, "%s", trigger->text);
        return;
    }
    if (!seen || (seen->kind != PB_EXPECT_STATE && seen->kind != PB_EXPECT_LEVEL)) {
        luaL_error(L,
                   "found a %s for `on`, expected pilot.state \"C2\", pilot.level(6), contactor.closed(), "
                   "contactor.opened() or heard \"NAME\"",
                   pb_lua_kind(L, -1));
        return;
    }
    bool is_state = seen->kind == PB_EXPECT_STATE;
    inject->when = PB_INJECT_ON_STATE;
    inject->mask = is_state ? UINT64_C(1) << seen->value : pb_state_mask((char)seen->value);
    if (is_state)
        snprintf(ret_when, size, "when the pilot comes to %s", pb_cp_state_name((enum pb_cp_state)seen->value));
    else snprintf(ret_when, size, "when the pilot comes to %c", (char)seen->value);
}

/* ---- what is said ---- */

/* A scalar as JSON, whatever the catalogue says of it. */
static json_t *scalar(lua_State *L, int index) {
    if (lua_isboolean(L, index)) return json_boolean(lua_toboolean(L, index));
    if (lua_isinteger(L, index)) return json_integer((json_int_t)lua_tointeger(L, index));
    if (lua_type(L, index) == LUA_TNUMBER) return json_real(lua_tonumber(L, index));
    return lua_type(L, index) == LUA_TSTRING ? json_string(lua_tostring(L, index)) : NULL;
}

/* `wrong = { vin = "X" }` over the message's fields. A name may be one that the catalogue does not know. */
static void take_wrong(lua_State *L, json_t *fields, char *ret_names, size_t size) {
    size_t used = 0;
    lua_getfield(L, 1, "wrong");
    if (lua_isnil(L, -1)) return;
    if (!lua_istable(L, -1))
        luaL_error(L, "found a %s for `wrong`, expected { field = value, ... }", pb_lua_kind(L, -1));
    for (lua_pushnil(L); lua_next(L, -2); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING)
            luaL_error(L, "found an element without a name in `wrong`, expected fields");
        json_t *value = scalar(L, lua_gettop(L));
        if (!value || json_object_set_new(fields, lua_tostring(L, -2), value) != 0)
            luaL_error(L, "found a %s for field '%s' in `wrong`, expected a text, a number or a boolean",
                       pb_lua_kind(L, -1), lua_tostring(L, -2));
        if (used < size) used += (size_t)snprintf(ret_names + used, size - used, ", wrong %.30s", lua_tostring(L, -2));
    }
}

static void take_without(lua_State *L, json_t *fields, const struct pb_message *message, char *ret_names, size_t size) {
    size_t used = strlen(ret_names);
    lua_getfield(L, 1, "without");
    if (lua_isnil(L, -1)) return;
    const char *name = pb_lua_check_line(L, lua_gettop(L), "without", 40);
    if (json_object_del(fields, name) != 0)
        luaL_error(L, "found without = \"%s\", expected a field that the message %s has here", name, message->name);
    snprintf(ret_names + used, size - used, ", without %.30s", name);
}

/* A field that a message of the suite has, spoilt; its JSON is freed also when Lua raises, because Lua owns it. */
static int free_fields(lua_State *L) {
    json_decref(*(json_t **)lua_touserdata(L, 1));
    return 0;
}

static json_t **push_fields(lua_State *L, const struct pb_message *message) {
    json_t **owner = lua_newuserdatauv(L, sizeof *owner, 0);
    *owner = NULL;
    if (luaL_newmetatable(L, "fields of an injected message")) {
        lua_pushcfunction(L, free_fields);
        lua_setfield(L, -2, "__gc");
    }
    lua_setmetatable(L, -2);
    *owner = json_loads(message->fields, 0, NULL);
    return owner;
}

static void take_envelope(lua_State *L, struct pb_inject *inject, const struct pb_message *message, char *ret_what,
                          size_t size) {
    char names[60] = "", version[30] = "";
    json_t **fields = push_fields(L, message);
    inject->what = PB_INJECT_MESSAGE;
    inject->version = PB_MESSAGE_VERSION;
    take_wrong(L, *fields, names, sizeof names);
    take_without(L, *fields, message, names, sizeof names);
    lua_getfield(L, 1, "version");
    if (!lua_isnil(L, -1)) {
        if (!lua_isinteger(L, -1))
            luaL_error(L, "found a %s for `version`, expected a whole number", pb_lua_kind(L, -1));
        inject->version = lua_tointeger(L, -1);
        snprintf(version, sizeof version, ", version %lld", (long long)inject->version);
    }
    inject->message = *message;
    size_t length =
        json_dumpb(*fields, inject->message.fields, sizeof inject->message.fields - 1, JSON_COMPACT | JSON_SORT_KEYS);
    if (length >= sizeof inject->message.fields)
        luaL_error(L, "found %d bytes of fields, expected fewer than %d", (int)length, PB_MESSAGE_BYTES);
    inject->message.fields[length] = 0;
    snprintf(ret_what, size, "%s%s%s", message->name, names, version);
}

/* One of: a message, `raw`, `replay`. */
static void take_what(lua_State *L, struct pb_inject *inject, char *ret_what, size_t size) {
    size_t length;
    lua_rawgeti(L, 1, 1);
    const struct pb_message *message = luaL_testudata(L, -1, PB_LUA_MESSAGE);
    bool has_other = !lua_isnil(L, -1) && !message;
    lua_getfield(L, 1, "raw");
    lua_getfield(L, 1, "replay");
    int given = (message != NULL) + !lua_isnil(L, -2) + !lua_isnil(L, -1);
    if (has_other || given != 1) {
        luaL_error(L, "found %d of message, `raw` and `replay` in inject, expected one", given);
    } else if (message) {
        take_envelope(L, inject, message, ret_what, size);
    } else if (!lua_isnil(L, -1)) {
        inject->what = PB_INJECT_REPLAY;
        strcpy(inject->replay, pb_lua_check_id(L, lua_gettop(L), "replay", sizeof inject->replay - 1));
        snprintf(ret_what, size, "what step %s said, again", inject->replay);
    } else {
        if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "found a %s for `raw`, expected a text", pb_lua_kind(L, -2));
        const char *bytes = lua_tolstring(L, -2, &length);
        if (!length || length > sizeof inject->raw)
            luaL_error(L, "found %d bytes for `raw`, expected 1 to %d (`size` fills up)", (int)length,
                       (int)sizeof inject->raw);
        inject->what = PB_INJECT_RAW;
        inject->raw_size = length;
        memcpy(inject->raw, bytes, length);
        snprintf(ret_what, size, "%d raw bytes", (int)length);
    }
}

/* Fields that only an envelope has. */
static void refuse_without_envelope(lua_State *L, const struct pb_inject *inject) {
    static const char *const fields[] = {"wrong", "without", "version"};
    for (size_t i = 0; inject->what != PB_INJECT_MESSAGE && i < sizeof fields / sizeof *fields; i++)
        if (lua_getfield(L, 1, fields[i]) != LUA_TNIL)
            luaL_error(L, "found `%s` without a message in inject, expected message.NAME {...} as its first element",
                       fields[i]);
}

static void take_time(lua_State *L, struct pb_inject *inject, const char *when) {
    char after[48] = "", *text = inject->text;
    size_t used = strlen(text), room = sizeof inject->text - used;
    lua_getfield(L, 1, "after");
    if (!lua_isnil(L, -1)) {
        inject->after = pb_ns(pb_lua_check_quantity(L, -1, PB_UNIT_SECOND)->quantity.value);
        if (inject->after.ns < 0) luaL_error(L, "found a time below 0 for `after`, expected 0 or more");
        pb_quantity_format(inject->after.ns, PB_UNIT_SECOND, 6, after, sizeof after);
    }
    lua_getfield(L, 1, "in_place");
    if (!lua_isnil(L, -1) && !lua_isboolean(L, -1))
        luaL_error(L, "found a %s for `in_place`, expected a boolean", pb_lua_kind(L, -1));
    if (lua_toboolean(L, -1)) {
        if (when[0] || after[0]) luaL_error(L, "found `in_place` with `on` or `after`, expected it alone");
        inject->when = PB_INJECT_IN_PLACE;
        snprintf(text + used, room, ", in place of the step's own");
    } else if (when[0]) snprintf(text + used, room, ", %s%s%s", after, after[0] ? " after it: " : "", when);
    else if (after[0]) snprintf(text + used, room, ", %s after the step's begin", after);
}

int pb_word_inject(lua_State *L) {
    static const char *const known[] = {"raw",   "replay", "wrong", "without",  "version",
                                        "after", "on",     "size",  "in_place", NULL};
    char what[100], when[60] = "";
    int32_t number = 0;
    struct pb_error error;
    struct pb_inject inject = {.when = PB_INJECT_AT_BEGIN};
    pb_lua_check_table(L, "inject { message.NAME {...}, after = s(2) }");
    pb_lua_check_fields(L, "inject", known);
    take_what(L, &inject, what, sizeof what);
    refuse_without_envelope(L, &inject);
    take_on(L, &inject, when, sizeof when);
    lua_getfield(L, 1, "size");
    if (!lua_isnil(L, -1)) {
        lua_Integer size = luaL_checkinteger(L, -1);
        if (size < 1 || size > PB_MUTATIONS_SIZE_MAX)
            return luaL_error(L, "found size %I, expected 1 to %d bytes", (LUAI_UACINT)size, PB_MUTATIONS_SIZE_MAX);
        inject.size = (size_t)size;
    }
    snprintf(inject.text, sizeof inject.text, "%s", what);
    if (inject.size)
        snprintf(inject.text + strlen(inject.text), sizeof inject.text - strlen(inject.text), ", %zu bytes long",
                 inject.size);
    take_time(L, &inject, when);
    if (pb_plan_add_inject(pb_script_of(L)->plan, &inject, &number, &error) != PB_OK)
        return luaL_error(L, "%s", error.text);
    int32_t *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = number;
    luaL_setmetatable(L, PB_LUA_INJECT);
    return 1;
}

static void take_inject(lua_State *L, int index, struct pb_step *step) {
    const int32_t *one = luaL_testudata(L, index, PB_LUA_INJECT);
    const struct pb_script *script = pb_script_of(L);
    if (!one) {
        luaL_error(L, "found a %s in `injects`, expected inject { ... }", pb_lua_kind(L, index));
        return;
    }
    const struct pb_inject *inject = &script->plan->injects[*one - 1];
    size_t row = pb_catalogue_find(inject->message.name);
    if (inject->what == PB_INJECT_MESSAGE && (pb_message_party(pb_catalogue[row].from, step->actor) == PB_PARTY_COUNT ||
                                              pb_message_party(pb_catalogue[row].to, step->to) == PB_PARTY_COUNT))
        luaL_error(L, "found message %s injected from %s to %s, expected parties that docs/messages.md gives it",
                   inject->message.name, pb_actor_name(step->actor), pb_actor_name(step->to));
    if (inject->when == PB_INJECT_IN_PLACE && !step->says)
        luaL_error(L, "found `in_place` in step '%s', expected `sends` for it to replace", step->id);
    if (step->inject_count == PB_STEP_INJECTS)
        luaL_error(L, "found more than %d in `injects`, expected at most that", PB_STEP_INJECTS);
    step->injects[step->inject_count++] = *one;
}

void pb_lua_take_injects(lua_State *L, struct pb_step *step) {
    lua_getfield(L, 1, "injects");
    if (lua_isnil(L, -1)) return;
    if (step->to == PB_ACTOR_COUNT) luaL_error(L, "found `injects` without `to`, expected a receiver");
    if (!lua_istable(L, -1)) {
        take_inject(L, lua_gettop(L), step);
        return;
    }
    if (!pb_lua_check_list(L, lua_gettop(L), "`injects`"))
        luaL_error(L, "found an empty list for `injects`, expected at least one");
    for (lua_Integer i = 1; lua_rawgeti(L, -1, i) != LUA_TNIL; i++, lua_pop(L, 1)) take_inject(L, lua_gettop(L), step);
    lua_pop(L, 1);
}

/* ---- mutations ---- */

static const char *optional_text(lua_State *L, const char *name) { return pb_lua_field_text(L, name, 40, false); }

static void take_shares(lua_State *L, struct pb_mutations *mutations, const struct pb_mutations_manner *manner) {
    struct pb_error error;
    for (int i = PB_MUTATE_NONE + 1; i < PB_MUTATE_COUNT; i++) {
        if (lua_getfield(L, 1, pb_mutation_names[i]) == LUA_TNIL) continue;
        int64_t ppm = pb_lua_check_quantity(L, -1, PB_UNIT_PERCENT)->quantity.value;
        if (ppm < 0 || ppm > 1000000)
            luaL_error(L, "found %f %% for `%s`, expected 0 to 100 %%", (double)ppm / 1e4, pb_mutation_names[i]);
        if (pb_mutations_add(mutations, (enum pb_mutation)i, (uint32_t)ppm, manner, &error) != PB_OK)
            luaL_error(L, "%s", error.text);
    }
    if (!mutations->count) luaL_error(L, "found no share in mutate, expected one such as drop = pct(1)");
}

int pb_word_mutate(lua_State *L) {
    static const char *const known[] = {"drop",     "delay",    "double", "reorder",        "flip",
                                        "truncate", "oversize", "replay", "wrong_identity", "by",
                                        "only",     "size",     "member", "judged",         NULL};
    struct pb_mutations_manner manner = {.type = "", .member = ""};
    pb_lua_check_table(L, "mutate { drop = pct(1), ... }");
    pb_lua_check_fields(L, "mutate", known);
    struct pb_mutations *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct pb_mutations){.count = 0};
    luaL_setmetatable(L, PB_LUA_MUTATIONS);
    manner.type = optional_text(L, "only");
    if (manner.type[0] && pb_catalogue_find(manner.type) == pb_catalogue_count)
        return luaL_error(L, "found the unknown message '%s' for `only`, expected a name of `message`", manner.type);
    manner.member = optional_text(L, "member");
    if (lua_getfield(L, 1, "by") != LUA_TNIL) {
        manner.by = pb_ns(pb_lua_check_quantity(L, -1, PB_UNIT_SECOND)->quantity.value);
        if (manner.by.ns <= 0) return luaL_error(L, "found no time for `by`, expected more than 0 s");
    }
    if (lua_getfield(L, 1, "size") != LUA_TNIL) {
        lua_Integer size = luaL_checkinteger(L, -1);
        if (size < 1 || size > PB_MUTATIONS_SIZE_MAX)
            return luaL_error(L, "found size %I, expected 1 to %d bytes", (LUAI_UACINT)size, PB_MUTATIONS_SIZE_MAX);
        manner.size = (size_t)size;
    }
    lua_getfield(L, 1, "judged");
    if (!lua_isnil(L, -1) && !lua_isboolean(L, -1))
        return luaL_error(L, "found a %s for `judged`, expected a boolean", pb_lua_kind(L, -1));
    made->is_judged = lua_toboolean(L, -1);
    take_shares(L, made, &manner);
    lua_settop(L, 2);
    return 1;
}

static void merge(lua_State *L, int index, struct pb_mutations *into) {
    const struct pb_mutations *one = luaL_testudata(L, index, PB_LUA_MUTATIONS);
    if (!one) {
        luaL_error(L, "found a %s for `mutates`, expected mutate { ... }", pb_lua_kind(L, index));
        return;
    }
    if (into->count && into->is_judged != one->is_judged)
        luaL_error(L, "found `judged` in one mutate of a list alone, expected it in all or in none");
    into->is_judged = one->is_judged;
    for (size_t i = 0; i < one->count; i++) {
        if (into->count == PB_MUTATE_RULES_MAX)
            luaL_error(L, "found more than %d mutations, expected at most that", PB_MUTATE_RULES_MAX);
        into->rules[into->count++] = one->rules[i];
    }
}

int32_t pb_lua_take_mutates(lua_State *L) {
    struct pb_mutations all = {.count = 0};
    struct pb_error error;
    int32_t number = 0;
    if (lua_getfield(L, 1, "mutates") == LUA_TNIL) {
        lua_pop(L, 1);
        return 0;
    }
    if (!lua_istable(L, -1)) merge(L, lua_gettop(L), &all);
    else {
        lua_Integer count = pb_lua_check_list(L, lua_gettop(L), "`mutates`");
        if (!count) luaL_error(L, "found an empty list for `mutates`, expected at least one");
        for (lua_Integer i = 1; i <= count; i++, lua_pop(L, 1)) {
            lua_rawgeti(L, -1, i);
            merge(L, lua_gettop(L), &all);
        }
    }
    lua_pop(L, 1);
    if (pb_plan_add_mutations(pb_script_of(L)->plan, &all, &number, &error) != PB_OK) luaL_error(L, "%s", error.text);
    return number;
}
