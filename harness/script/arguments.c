/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What words ask of their arguments. */
#include "harness/script/vocabulary.h"

#include "base/text.h"

#include <string.h>

void pb_lua_check_table(lua_State *L, const char *expected) {
    if (!lua_istable(L, 1)) luaL_error(L, "found a %s, expected %s", pb_lua_kind(L, 1), expected);
    lua_settop(L, 1);
}

void pb_lua_check_fields(lua_State *L, const char *what, const char *const *known) {
    for (lua_pushnil(L); lua_next(L, 1); lua_pop(L, 1)) {
        if (lua_type(L, -2) != LUA_TSTRING) {
            if (strcmp(what, "use_case") == 0 || strcmp(what, "inject") == 0) continue;
            luaL_error(L, "found an element without a name in %s, expected named fields only", what);
        }
        const char *key = lua_tostring(L, -2);
        size_t i = 0;
        while (known[i] && strcmp(known[i], key) != 0) i++;
        if (known[i]) continue;
        char list[240] = "";
        for (i = 0; known[i]; i++) {
            if (i) strncat(list, ", ", sizeof list - strlen(list) - 1);
            strncat(list, known[i], sizeof list - strlen(list) - 1);
        }
        luaL_error(L, "found the unknown field '%s' in %s, expected one of: %s", key, what, list);
    }
}

lua_Integer pb_lua_check_list(lua_State *L, int index, const char *what) {
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

const char *pb_lua_check_line(lua_State *L, int index, const char *name, size_t room) {
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

const char *pb_lua_field_text(lua_State *L, const char *name, size_t room, bool is_required) {
    if (lua_getfield(L, 1, name) == LUA_TNIL && !is_required) return "";
    const char *text = pb_lua_check_line(L, lua_gettop(L), name, room);
    if (is_required && !*text) luaL_error(L, "found nothing for `%s`, expected a text", name);
    return text;
}

const char *pb_lua_check_id(lua_State *L, int index, const char *what, size_t most) {
    const char *id = pb_lua_check_line(L, index, what, most + 1);
    size_t length = strlen(id);
    if (!length || strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") != length)
        luaL_error(L, "found '%s' for `%s`, expected letters, digits, '-', '_' or '.'", id, what);
    return id;
}
