/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages and what is expected of them: message.NAME {...} becomes the catalogue's JSON, relations become conditions of a step's pattern. A
 * mistake is found by the codec, at the suite's line. */
#include "harness/script/vocabulary.h"

#include "messages/codec.h"
#include "messages/match.h"

#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const placeholders[] = {"@energy",  "@duration", "@interval_energy", "@interval_duration",
                                           "@session", NULL};

static bool takes_placeholder(const struct pb_field_row *row) {
    return row->type == PB_FIELD_QUANTITY || row->type == PB_FIELD_INTEGER;
}

static bool is_placeholder(const char *text) {
    size_t i = 0;
    while (placeholders[i] && strcmp(placeholders[i], text) != 0) i++;
    return placeholders[i] != NULL;
}

/* ---- values: JSON texts on Lua's stack, so that an error leaves nothing behind ---- */

static void raise_field(lua_State *L, const struct pb_field_row *row, int index) {
    if (row->type == PB_FIELD_QUANTITY)
        luaL_error(L, "found a %s for field '%s', expected a quantity in %s", pb_lua_kind(L, index), row->name,
                   pb_unit_symbol(row->unit));
    else if (row->type == PB_FIELD_INSTANT)
        luaL_error(L, "found a value for field '%s', expected none: it is an instant of the bench clock", row->name);
    else
        luaL_error(L, "found a %s for field '%s', expected a %s", pb_lua_kind(L, index), row->name,
                   pb_field_type_names[row->type]);
}

static void push_text(lua_State *L, const char *text) {
    json_t *string = json_string(text);
    char *dumped = string ? json_dumps(string, JSON_ENCODE_ANY) : NULL;
    lua_pushstring(L, dumped ? dumped : "null");
    free(dumped);
    json_decref(string);
}

static void push_value(lua_State *L, int index, const struct pb_field_row *row);

static void push_members(lua_State *L, int item, const struct pb_field_row *row) {
    const char *between = "";
    lua_pushliteral(L, "{");
    for (size_t k = 0; k < row->member_count; k++) {
        if (lua_getfield(L, item, row->members[k].name) == LUA_TNIL) {
            lua_pop(L, 1);
            continue;
        }
        push_value(L, lua_gettop(L), &row->members[k]);
        lua_pushfstring(L, "%s%s\"%s\":%s", lua_tostring(L, -3), between, row->members[k].name, lua_tostring(L, -1));
        lua_replace(L, -4);
        lua_pop(L, 2);
        between = ",";
    }
    lua_pushliteral(L, "}");
    lua_concat(L, 2);
}

static void push_list(lua_State *L, int list, const struct pb_field_row *row) {
    lua_Integer count = pb_lua_check_list(L, list, row->name);
    lua_pushliteral(L, "[");
    for (lua_Integer i = 1; i <= count; i++) {
        lua_rawgeti(L, list, i);
        if (!lua_istable(L, -1)) raise_field(L, row, lua_gettop(L));
        push_members(L, lua_gettop(L), row);
        lua_remove(L, -2);
        if (i < count) lua_pushliteral(L, ",");
        lua_concat(L, i < count ? 3 : 2);
    }
    lua_pushliteral(L, "]");
    lua_concat(L, 2);
}

/* A value as the wire has it. */
static void push_value(lua_State *L, int index, const struct pb_field_row *row) {
    const struct pb_lua_quantity *quantity = luaL_testudata(L, index, PB_LUA_QUANTITY);
    const struct pb_lua_clock *time = luaL_testudata(L, index, PB_LUA_CLOCK);
    bool is_text = lua_type(L, index) == LUA_TSTRING;
    bool takes_text = row->type == PB_FIELD_CHOICE || row->type == PB_FIELD_TEXT || row->type == PB_FIELD_DECIMAL ||
                      row->type == PB_FIELD_CLOCK;
    luaL_checkstack(L, 8, "fields");
    if (row->type == PB_FIELD_QUANTITY && quantity && quantity->quantity.unit == row->unit)
        lua_pushfstring(L, "%I", (LUAI_UACINT)llround((double)quantity->quantity.value / (double)row->step));
    else if (row->type == PB_FIELD_QUANTITY && quantity)
        luaL_error(L, "found a quantity in %s for field '%s', expected one in %s",
                   pb_unit_symbol(quantity->quantity.unit), row->name, pb_unit_symbol(row->unit));
    else if (row->type == PB_FIELD_INTEGER && lua_isinteger(L, index))
        lua_pushfstring(L, "%I", (LUAI_UACINT)lua_tointeger(L, index));
    else if (row->type == PB_FIELD_BOOLEAN && lua_isboolean(L, index))
        lua_pushstring(L, lua_toboolean(L, index) ? "true" : "false");
    else if (row->type == PB_FIELD_CLOCK && time) push_text(L, time->text);
    else if (takes_text && is_text) push_text(L, lua_tostring(L, index));
    else if (row->type == PB_FIELD_LIST && lua_istable(L, index)) push_list(L, index, row);
    else raise_field(L, row, index);
}

/* ---- messages ---- */

static enum pb_party first_party(uint32_t parties) {
    unsigned party = 0;
    while (party < PB_PARTY_COUNT - 1 && !(parties & PB_PARTY_BIT(party))) party++;
    return (enum pb_party)party;
}

/* The fields as the codec writes them, or its complaint. Placeholders are numbers only while it looks. */
static enum pb_status canonical_fields(const struct pb_message_row *row, const char *text, struct pb_message *made,
                                       struct pb_error *error) {
    static _Thread_local struct pb_message_value value;
    char envelope[PB_MESSAGE_BYTES + 400];
    size_t length = 0;
    json_t *fields = json_loads(text, 0, NULL), *probe = json_deep_copy(fields), *said;
    for (size_t i = 0; i < row->field_count; i++)
        if (takes_placeholder(&row->fields[i]) && json_is_string(json_object_get(fields, row->fields[i].name)))
            json_object_set_new(probe, row->fields[i].name, json_integer(row->fields[i].min));
    char *filled = json_dumps(probe, JSON_COMPACT);
    json_decref(probe);
    enum pb_status status =
        filled && strlen(filled) < PB_MESSAGE_BYTES
            ? PB_OK
            : pb_fail(error, PB_ERR_RANGE, 0, "", "found more than %d bytes, expected fewer", PB_MESSAGE_BYTES);
    if (status == PB_OK) {
        length = (size_t)snprintf(
            envelope, sizeof envelope, "{\"fields\":%s,\"from\":\"%s\",\"id\":1,\"to\":\"%s\",\"type\":\"%s\",\"v\":1}",
            filled, pb_parties[first_party(row->from)].name, pb_parties[first_party(row->to)].name, row->name);
        status = pb_message_decode(envelope, length, &value, error);
    }
    free(filled);
    if (status == PB_OK) status = pb_message_encode(&value, envelope, sizeof envelope, &length, error);
    json_t *whole = status == PB_OK ? json_loads(envelope, 0, NULL) : NULL;
    probe = json_object_get(whole, "fields");
    for (size_t i = 0; whole && i < row->field_count; i++)
        if (takes_placeholder(&row->fields[i]) && json_is_string(said = json_object_get(fields, row->fields[i].name)))
            json_object_set(probe, row->fields[i].name, said);
    if (whole) length = json_dumpb(probe, made->fields, sizeof made->fields - 1, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(whole);
    json_decref(fields);
    if (status != PB_OK) return status;
    if (length >= sizeof made->fields)
        return pb_fail(error, PB_ERR_RANGE, 0, "", "found %zu bytes, expected at most %zu", length,
                       sizeof made->fields - 1);
    made->fields[length] = 0;
    return PB_OK;
}

/* message.NAME { field = value, ... }: upvalue 1 is the number in the catalogue. */
static int message_body(lua_State *L) {
    const struct pb_message_row *row = &pb_catalogue[lua_tointeger(L, lua_upvalueindex(1))];
    const char *known[PB_MESSAGE_FIELDS_MAX + 1] = {NULL}, *between = "";
    struct pb_error error;
    if (lua_isnone(L, 1)) lua_newtable(L);
    pb_lua_check_table(L, "the message's fields, { name = value, ... }, or ()");
    for (size_t i = 0; i < row->field_count; i++) known[i] = row->fields[i].name;
    pb_lua_check_fields(L, row->name, known);
    lua_settop(L, 1);
    lua_pushliteral(L, "{");
    for (size_t i = 0; i < row->field_count; i++) {
        if (lua_getfield(L, 1, known[i]) == LUA_TNIL) {
            lua_pop(L, 1);
            continue;
        }
        const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : "";
        if (takes_placeholder(&row->fields[i]) && is_placeholder(text)) push_text(L, text);
        else push_value(L, lua_gettop(L), &row->fields[i]);
        lua_pushfstring(L, "%s%s\"%s\":%s", lua_tostring(L, 2), between, known[i], lua_tostring(L, -1));
        lua_replace(L, 2);
        lua_settop(L, 2);
        between = ",";
    }
    lua_pushliteral(L, "}");
    lua_concat(L, 2);
    struct pb_message *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct pb_message){0};
    luaL_setmetatable(L, PB_LUA_MESSAGE);
    snprintf(made->name, sizeof made->name, "%s", row->name);
    if (canonical_fields(row, lua_tostring(L, 2), made, &error) != PB_OK)
        return luaL_error(L, "%s (%s of message %s)", error.text, error.where[0] ? error.where : "fields", row->name);
    return 1;
}

void pb_lua_push_messages(lua_State *L) {
    lua_newtable(L);
    for (size_t i = 0; i < pb_catalogue_count; i++) {
        if (pb_catalogue[i].is_pilot) continue;
        lua_pushinteger(L, (lua_Integer)i);
        lua_pushcclosure(L, message_body, 1);
        lua_setfield(L, -2, pb_catalogue[i].name);
    }
    pb_lua_seal(L, "message");
    lua_setfield(L, -2, "message");
}

/* ---- relations ---- */

/* Operands and tolerance are at uservalues 1 to 3. */
struct lua_relation {
    enum pb_relation relation;
    bool is_as_sent, is_any, is_required, is_each;
    char member[40]; /* ASCENDING, each */
    int least, most; /* ITEMS */
};
struct lua_operand {
    char step[24], field[40];
};

static struct lua_relation *push_relation(lua_State *L, enum pb_relation relation) {
    int top = lua_gettop(L);
    struct lua_relation *made = lua_newuserdatauv(L, sizeof *made, 3);
    *made = (struct lua_relation){.relation = relation};
    luaL_setmetatable(L, PB_LUA_RELATION);
    for (int i = 1; i <= 3 && i <= top; i++) {
        lua_pushvalue(L, i);
        lua_setiuservalue(L, -2, i);
    }
    return made;
}

static int check_count(lua_State *L, int least, int most) {
    int found = lua_gettop(L);
    if (found < least || found > most)
        return luaL_error(L, "found %d arguments, expected %d to %d", found, least, most);
    return found;
}

int pb_word_at_most(lua_State *L) { return check_count(L, 1, 1), push_relation(L, PB_RELATION_AT_MOST), 1; }
int pb_word_at_least(lua_State *L) { return check_count(L, 1, 1), push_relation(L, PB_RELATION_AT_LEAST), 1; }
int pb_word_any(lua_State *L) {
    check_count(L, 0, 0);
    push_relation(L, PB_RELATION_PRESENT)->is_any = true;
    return 1;
}

int pb_word_is(lua_State *L) {
    check_count(L, 1, 1);
    push_relation(L, PB_RELATION_EQUAL)->is_required = true;
    return 1;
}

int pb_word_differs(lua_State *L) {
    check_count(L, 1, 1);
    push_relation(L, PB_RELATION_NOT_EQUAL)->is_required = true;
    return 1;
}

/* near(value, tolerance): the tolerance is uservalue 3. */
int pb_word_near(lua_State *L) {
    check_count(L, 2, 2);
    lua_pushnil(L);
    lua_insert(L, 2);
    push_relation(L, PB_RELATION_EQUAL);
    return 1;
}

int pb_word_as_sent(lua_State *L) {
    if (check_count(L, 0, 1) == 0) lua_pushnil(L);
    lua_pushnil(L);
    lua_pushnil(L);
    lua_rotate(L, 1, 2);
    push_relation(L, PB_RELATION_EQUAL)->is_as_sent = true;
    return 1;
}

int pb_word_min_of(lua_State *L) {
    if (check_count(L, 2, 3) == 2) lua_pushnil(L);
    push_relation(L, PB_RELATION_MIN_OF);
    return 1;
}

int pb_word_ascending(lua_State *L) {
    const char *member = pb_lua_check_id(L, 1, "ascending", 39);
    char copy[40];
    snprintf(copy, sizeof copy, "%s", member);
    lua_settop(L, 0);
    strcpy(push_relation(L, PB_RELATION_ASCENDING)->member, copy);
    return 1;
}

/* each("price", at_most("2")): what holds of each item's member is uservalue 1. */
int pb_word_each(lua_State *L) {
    char member[40];
    check_count(L, 2, 2);
    snprintf(member, sizeof member, "%s", pb_lua_check_id(L, 1, "each", 39));
    lua_remove(L, 1);
    struct lua_relation *made = push_relation(L, PB_RELATION_EQUAL);
    made->is_each = true;
    strcpy(made->member, member);
    return 1;
}

int pb_word_items(lua_State *L) {
    int found = check_count(L, 1, 2);
    lua_Integer least = luaL_checkinteger(L, 1), most = found == 2 ? luaL_checkinteger(L, 2) : least;
    if (least < 0 || most < least || most > PB_LIST_ITEMS_MAX)
        return luaL_error(L, "found items(%I, %I), expected 0 to %d, the least first", (LUAI_UACINT)least,
                          (LUAI_UACINT)most, PB_LIST_ITEMS_MAX);
    lua_settop(L, 0);
    struct lua_relation *made = push_relation(L, PB_RELATION_ITEMS);
    made->least = (int)least;
    made->most = (int)most;
    return 1;
}

int pb_word_field_of(lua_State *L) {
    struct lua_operand operand;
    check_count(L, 2, 2);
    snprintf(operand.step, sizeof operand.step, "%s", pb_lua_check_id(L, 1, "of", sizeof operand.step - 1));
    snprintf(operand.field, sizeof operand.field, "%s", pb_lua_check_id(L, 2, "of", sizeof operand.field - 1));
    struct lua_operand *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = operand;
    luaL_setmetatable(L, PB_LUA_OPERAND);
    return 1;
}

static bool is_number_type(enum pb_field_type type) { return type != PB_FIELD_TEXT && type != PB_FIELD_LIST; }

/* A constant as the matcher has it: a text, or a number as in memory. */
static void push_constant(lua_State *L, int index, const struct pb_field_row *row) {
    const struct pb_lua_quantity *quantity = luaL_testudata(L, index, PB_LUA_QUANTITY);
    const struct pb_lua_clock *time = luaL_testudata(L, index, PB_LUA_CLOCK);
    int64_t number = 0;
    if (row->type == PB_FIELD_LIST) raise_field(L, row, index);
    push_value(L, index, row);
    if (row->type == PB_FIELD_TEXT || row->type == PB_FIELD_CHOICE || row->type == PB_FIELD_INTEGER) return;
    if (row->type == PB_FIELD_QUANTITY) number = quantity ? quantity->quantity.value : 0;
    else if (row->type == PB_FIELD_BOOLEAN) number = lua_toboolean(L, index);
    else {
        const char *text = time ? time->text : lua_tostring(L, index);
        bool is_right = row->type == PB_FIELD_CLOCK ? pb_clock_parse(text, &number) : pb_decimal_parse(text, &number);
        if (!is_right)
            luaL_error(L, "found '%s' for field '%s', expected a %s", text, row->name, pb_field_type_names[row->type]);
    }
    lua_pop(L, 1);
    lua_pushfstring(L, "%I", (LUAI_UACINT)number);
}

static void push_operand(lua_State *L, int index, const struct pb_field_row *row) {
    const struct lua_operand *operand = luaL_testudata(L, index, PB_LUA_OPERAND);
    if (operand) lua_pushfstring(L, "{\"field\":\"%s\",\"step\":\"%s\"}", operand->field, operand->step);
    else push_constant(L, index, row);
}

/* The tolerance at an index, as in memory; 0 for none. */
static int64_t tolerance_of(lua_State *L, int index, const struct pb_field_row *row) {
    int64_t tolerance = 0;
    if (lua_isnil(L, index)) return 0;
    const struct pb_lua_quantity *span = luaL_testudata(L, index, PB_LUA_QUANTITY);
    if (row->type == PB_FIELD_CLOCK && span && span->quantity.unit == PB_UNIT_SECOND) tolerance = span->quantity.value;
    else {
        push_constant(L, index, row);
        tolerance = (int64_t)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    if (tolerance < 0) luaL_error(L, "found a tolerance below 0 for field '%s', expected 0 or more", row->name);
    return tolerance;
}

/* What is said of an optional field holds where it is there. */
static const char *where_there(const struct pb_field_row *row) {
    return row->is_optional ? ",\"if_present\":true" : "";
}

/* Of the relation at an index: pushes the operands, tolerance and their keys in the order of JSON's. */
static void push_relation_json(lua_State *L, int index, const struct lua_relation *relation,
                               const struct pb_field_row *row) {
    const char *name = pb_relation_names[relation->relation];
    if (row->type == PB_FIELD_LIST || (relation->relation != PB_RELATION_EQUAL && !is_number_type(row->type)))
        luaL_error(L, "found '%s' for field '%s', which is a %s, expected a number for it", name, row->name,
                   pb_field_type_names[row->type]);
    int base = lua_gettop(L);
    for (int i = 1; i <= 3; i++) lua_getiuservalue(L, index, i);
    if (relation->is_as_sent) lua_pushfstring(L, "{\"sent\":\"%s\"}", row->name);
    else push_operand(L, base + 1, row);
    if (relation->relation == PB_RELATION_MIN_OF) {
        push_operand(L, base + 2, row);
        lua_pushfstring(L, "%s,\"b\":%s", lua_tostring(L, -2), lua_tostring(L, -1));
    }
    int64_t tolerance = tolerance_of(L, base + 3, row);
    lua_pushfstring(L, "{\"a\":%s,\"field\":\"%s\"%s,\"relation\":\"%s\",\"tolerance\":%I}", lua_tostring(L, -1),
                    row->name, relation->is_required ? "" : where_there(row), name, (LUAI_UACINT)tolerance);
    lua_replace(L, base + 1);
    lua_settop(L, base + 1);
}

static void push_condition(lua_State *L, int index, const struct pb_field_row *row);

/* Of each item's member: the member's own condition, under the list's name. */
static void push_each(lua_State *L, int index, const struct lua_relation *relation, const struct pb_field_row *row) {
    size_t i = 0;
    while (i < row->member_count && strcmp(row->members[i].name, relation->member) != 0) i++;
    if (i == row->member_count) {
        luaL_error(L, "found each(\"%s\") for field '%s', expected a list with such a member", relation->member,
                   row->name);
        return;
    }
    lua_getiuservalue(L, index, 1);
    int value = lua_gettop(L);
    const struct lua_relation *inner = luaL_testudata(L, value, PB_LUA_RELATION);
    bool is_plain = !inner || inner->relation == PB_RELATION_AT_MOST || inner->relation == PB_RELATION_AT_LEAST ||
                    (inner->relation == PB_RELATION_EQUAL && !inner->is_as_sent && !inner->is_each && !inner->is_any);
    if (!is_plain || luaL_testudata(L, value, PB_LUA_OPERAND))
        luaL_error(L,
                   "found a relation to another message in each(\"%s\"), expected a value, at_most, at_least or near",
                   relation->member);
    char field[60], both[110];
    push_condition(L, value, &row->members[i]);
    snprintf(field, sizeof field, "\"field\":\"%s\"", relation->member);
    snprintf(both, sizeof both, "\"field\":\"%s\",\"member\":\"%s\"", row->name, relation->member);
    luaL_gsub(L, lua_tostring(L, -1), field, both);
    lua_replace(L, value);
    lua_settop(L, value);
}

/* Pushes the condition that the value at an index states of the field. */
static void push_condition(lua_State *L, int index, const struct pb_field_row *row) {
    const struct lua_relation *relation = luaL_testudata(L, index, PB_LUA_RELATION);
    if (!relation) {
        push_operand(L, index, row);
        lua_pushfstring(L, "{\"a\":%s,\"field\":\"%s\"%s,\"relation\":\"%s\"}", lua_tostring(L, -1), row->name,
                        where_there(row), pb_relation_names[PB_RELATION_EQUAL]);
        lua_remove(L, -2);
    } else if (relation->is_any) {
        lua_pushfstring(L, "{\"field\":\"%s\",\"relation\":\"%s\"}", row->name, pb_relation_names[PB_RELATION_PRESENT]);
    } else if (relation->is_each) {
        push_each(L, index, relation, row);
    } else if (relation->relation == PB_RELATION_ITEMS) {
        if (row->type != PB_FIELD_LIST)
            luaL_error(L, "found items() for field '%s', which is a %s, expected a list", row->name,
                       pb_field_type_names[row->type]);
        lua_pushfstring(L, "{\"a\":%d,\"b\":%d,\"field\":\"%s\",\"relation\":\"%s\"}", relation->least, relation->most,
                        row->name, pb_relation_names[PB_RELATION_ITEMS]);
    } else if (row->type == PB_FIELD_LIST && relation->is_as_sent) {
        lua_pushfstring(L, "{\"a\":{\"sent\":\"%s\"},\"field\":\"%s\",\"relation\":\"%s\"}", row->name, row->name,
                        pb_relation_names[PB_RELATION_EQUAL]);
    } else if (relation->relation == PB_RELATION_ASCENDING) {
        size_t i = 0;
        while (i < row->member_count && strcmp(row->members[i].name, relation->member) != 0) i++;
        if (i == row->member_count || row->members[i].type == PB_FIELD_TEXT)
            luaL_error(L, "found ascending(\"%s\") for field '%s', expected a list with such a number",
                       relation->member, row->name);
        lua_pushfstring(L, "{\"a\":\"%s\",\"field\":\"%s\",\"relation\":\"%s\"}", relation->member, row->name,
                        pb_relation_names[PB_RELATION_ASCENDING]);
    } else push_relation_json(L, index, relation, row);
}

void pb_lua_take_expects(lua_State *L, const char *name, char *ret_text, size_t size) {
    const struct pb_message_row *row = &pb_catalogue[pb_catalogue_find(name)];
    int table = lua_gettop(L);
    if (!lua_istable(L, table))
        luaL_error(L, "found a %s for `expects`, expected { field = relation, ... }", pb_lua_kind(L, table));
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1)) {
        const char *field = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "(no name)";
        if (pb_message_row_field(row, field) == row->field_count)
            luaL_error(L, "found field '%s' in `expects`, expected a field of message %s", field, name);
    }
    size_t count = 0;
    lua_pushliteral(L, "[");
    int list = lua_gettop(L);
    for (size_t i = 0; i < row->field_count; i++, lua_settop(L, list)) {
        int type = lua_getfield(L, table, row->fields[i].name), value = lua_gettop(L);
        if (type == LUA_TNIL) continue;
        bool are_many = type == LUA_TTABLE && row->fields[i].type == PB_FIELD_LIST;
        lua_Integer most = are_many ? pb_lua_check_list(L, value, row->fields[i].name) : 1;
        if (!most)
            luaL_error(L, "found an empty list for field '%s' in `expects`, expected relations", row->fields[i].name);
        for (lua_Integer k = 1; k <= most; k++, lua_settop(L, value)) {
            if (are_many) lua_rawgeti(L, value, k);
            push_condition(L, lua_gettop(L), &row->fields[i]);
            lua_pushfstring(L, "%s%s%s", lua_tostring(L, list), count++ ? "," : "", lua_tostring(L, -1));
            lua_replace(L, list);
        }
    }
    lua_pushliteral(L, "]");
    lua_concat(L, 2);
    if (count > PB_MATCH_CONDITIONS_MAX || lua_rawlen(L, -1) >= size)
        luaL_error(L, "found %d relations in `expects`, expected at most %d", (int)count, PB_MATCH_CONDITIONS_MAX);
    strcpy(ret_text, lua_tostring(L, -1));
    lua_settop(L, table);
}
