/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantities in Lua: they know their unit, add and compare only with their like, and are exact integers inside. */
#include "harness/script/words.h"

#include <math.h>
#include <string.h>

void pb_lua_push_quantity(lua_State *L, int64_t value, enum pb_unit unit, const char *origin,
                          enum pb_confidence confidence) {
    struct pb_lua_quantity *made = lua_newuserdatauv(L, sizeof *made, 0);
    *made = (struct pb_lua_quantity){.quantity = {.value = value, .unit = unit}, .confidence = confidence};
    snprintf(made->origin, sizeof made->origin, "%s", origin);
    luaL_setmetatable(L, PB_LUA_QUANTITY);
}

void pb_lua_note_law(lua_State *L, const struct pb_limit *law) {
    ((struct pb_lua_quantity *)lua_touserdata(L, -1))->law = law;
}

const char *pb_lua_kind(lua_State *L, int index) {
    if (lua_type(L, index) != LUA_TUSERDATA || luaL_getmetafield(L, index, "__name") != LUA_TSTRING)
        return luaL_typename(L, index);
    const char *kind = lua_tostring(L, -1);
    lua_pop(L, 1); /* its metatable keeps the text */
    return kind;
}

const struct pb_lua_quantity *pb_lua_check_quantity(lua_State *L, int arg, enum pb_unit unit) {
    const struct pb_lua_quantity *found = luaL_testudata(L, arg, PB_LUA_QUANTITY);
    if (!found) luaL_error(L, "found a %s, expected a quantity in %s", pb_lua_kind(L, arg), pb_unit_symbol(unit));
    else if (found->quantity.unit != unit)
        luaL_error(L, "found a quantity in %s, expected one in %s", pb_unit_symbol(found->quantity.unit),
                   pb_unit_symbol(unit));
    return found;
}

static const struct pb_lua_quantity *check_any(lua_State *L, int arg) {
    const struct pb_lua_quantity *found = luaL_testudata(L, arg, PB_LUA_QUANTITY);
    if (!found) luaL_error(L, "found a %s, expected a quantity with a unit", pb_lua_kind(L, arg));
    return found;
}

static void check_pair(lua_State *L, const char *what, const struct pb_lua_quantity **ret_a,
                       const struct pb_lua_quantity **ret_b) {
    *ret_a = check_any(L, 1);
    *ret_b = check_any(L, 2);
    if ((*ret_a)->quantity.unit != (*ret_b)->quantity.unit)
        luaL_error(L, "found %s and %s, which one cannot %s, expected two of one unit",
                   pb_unit_symbol((*ret_a)->quantity.unit), pb_unit_symbol((*ret_b)->quantity.unit), what);
}

static int push_result(lua_State *L, double value, enum pb_unit unit) {
    if (!(fabs(value) < 9.2e18)) return luaL_error(L, "found a result that does not fit, expected one within 63 bits");
    pb_lua_push_quantity(L, (int64_t)llround(value), unit, "", PB_CONFIDENCE_K);
    return 1;
}

static int q_add(lua_State *L) {
    const struct pb_lua_quantity *a, *b;
    check_pair(L, "add", &a, &b);
    pb_lua_push_quantity(L, pb_add_saturating(a->quantity.value, b->quantity.value), a->quantity.unit, "",
                         PB_CONFIDENCE_K);
    return 1;
}
static int q_sub(lua_State *L) {
    const struct pb_lua_quantity *a, *b;
    check_pair(L, "subtract", &a, &b);
    pb_lua_push_quantity(L, pb_add_saturating(a->quantity.value, pb_mul_saturating(b->quantity.value, -1)),
                         a->quantity.unit, "", PB_CONFIDENCE_K);
    return 1;
}
static double check_factor(lua_State *L, int arg) {
    if (lua_type(L, arg) != LUA_TNUMBER)
        luaL_error(L, "found a %s as factor of a quantity, expected a number", pb_lua_kind(L, arg));
    return lua_tonumber(L, arg);
}
static int q_mul(lua_State *L) {
    int quantity = lua_type(L, 1) == LUA_TNUMBER ? 2 : 1;
    const struct pb_lua_quantity *a = check_any(L, quantity);
    return push_result(L, (double)a->quantity.value * check_factor(L, 3 - quantity), a->quantity.unit);
}
static int q_div(lua_State *L) {
    const struct pb_lua_quantity *a = check_any(L, 1), *b = luaL_testudata(L, 2, PB_LUA_QUANTITY);
    if (!b) return push_result(L, (double)a->quantity.value / check_factor(L, 2), a->quantity.unit);
    check_pair(L, "divide", &a, &b);
    lua_pushnumber(L, (double)a->quantity.value / (double)b->quantity.value);
    return 1;
}
static int q_unm(lua_State *L) {
    const struct pb_lua_quantity *a = check_any(L, 1);
    pb_lua_push_quantity(L, pb_mul_saturating(a->quantity.value, -1), a->quantity.unit, "", PB_CONFIDENCE_K);
    return 1;
}
static int q_eq(lua_State *L) {
    const struct pb_lua_quantity *a, *b;
    check_pair(L, "compare", &a, &b);
    lua_pushboolean(L, a->quantity.value == b->quantity.value);
    return 1;
}
static int q_lt(lua_State *L) {
    const struct pb_lua_quantity *a, *b;
    check_pair(L, "compare", &a, &b);
    lua_pushboolean(L, a->quantity.value < b->quantity.value);
    return 1;
}
static int q_le(lua_State *L) {
    const struct pb_lua_quantity *a, *b;
    check_pair(L, "compare", &a, &b);
    lua_pushboolean(L, a->quantity.value <= b->quantity.value);
    return 1;
}
static int q_tostring(lua_State *L) {
    char text[64];
    const struct pb_lua_quantity *a = check_any(L, 1);
    lua_pushstring(L, pb_quantity_format(a->quantity.value, a->quantity.unit, 9, text, sizeof text));
    return 1;
}

void pb_lua_open_quantities(lua_State *L) {
    static const luaL_Reg methods[] = {{"__add", q_add},           {"__sub", q_sub}, {"__mul", q_mul}, {"__div", q_div},
                                       {"__unm", q_unm},           {"__eq", q_eq},   {"__lt", q_lt},   {"__le", q_le},
                                       {"__tostring", q_tostring}, {NULL, NULL}};
    luaL_newmetatable(L, PB_LUA_QUANTITY);
    luaL_setfuncs(L, methods, 0);
    lua_pop(L, 1);
}
