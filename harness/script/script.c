/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sandbox a suite runs in. What a suite could do to the host is not there at all; what it could use up is bounded: memory, instructions, and wall
 * time, for a few instructions on long texts can take for ever. */
#include "harness/script/vocabulary.h"

#include "base/text.h"
#include "base/wall.h"

#include <errno.h>
#include <lualib.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 64 << 20, FILE_MAX = 1 << 20, INSTRUCTIONS_MAX = 20000000, HOOK_EVERY = 100, SECONDS_MAX = 10 };
enum { PLACE_MARK = 1 }; /* the chunk's name: a message that Lua gave a place begins with it */

struct sandbox {
    struct pb_script script;
    lua_State *L;
    size_t memory;
    int memory_line; /* where memory was last refused */
    long instructions;
    pb_instant give_up;
    bool is_loading; /* the text is not yet compiled */
};

struct pb_lua_place pb_lua_place_at(lua_State *L, int level) {
    struct pb_lua_place found = {{PLACE_MARK}, 0};
    lua_Debug place;
    if (!lua_getstack(L, level, &place) || !lua_getinfo(L, "Sl", &place) || place.currentline <= 0) return found;
    snprintf(found.chunk, sizeof found.chunk, "%s", place.short_src);
    found.line = place.currentline;
    return found;
}

/* Of the suite's line that runs now; line 0 if none does. Allocates nothing. */
static struct pb_lua_place place_now(lua_State *L) {
    lua_Debug place;
    int level = 0;
    while (lua_getstack(L, level, &place) && !(lua_getinfo(L, "l", &place) && place.currentline > 0)) level++;
    return pb_lua_place_at(L, level);
}

/* Lua's allocator with a ceiling. */
static void *allocate(void *user, void *block, size_t old_size, size_t new_size) {
    struct sandbox *sandbox = user;
    if (!block) old_size = 0;
    if (!new_size) {
        sandbox->memory -= old_size;
        free(block);
        return NULL;
    }
    if (new_size > old_size && sandbox->memory + (new_size - old_size) > MEMORY_MAX) {
        if (sandbox->L) sandbox->memory_line = place_now(sandbox->L).line;
        return NULL;
    }
    void *moved = realloc(block, new_size);
    if (moved) sandbox->memory += new_size - old_size;
    return moved;
}

static struct sandbox *sandbox_of(lua_State *L) {
    void *user;
    lua_getallocf(L, &user);
    return user;
}
struct pb_script *pb_script_of(lua_State *L) {
    return &sandbox_of(L)->script;
}

/* Counts instructions; past the budget it raises at every line and instruction, so that nothing that catches errors can go on. */
static void count_hook(lua_State *L, lua_Debug *place) {
    struct sandbox *sandbox = sandbox_of(L);
    (void)place;
    sandbox->instructions += HOOK_EVERY;
    bool is_late = pb_between(sandbox->give_up, pb_wall_now()).ns > 0;
    if (sandbox->instructions < INSTRUCTIONS_MAX && !is_late) return;
    sandbox->instructions = INSTRUCTIONS_MAX;
    lua_sethook(L, count_hook, LUA_MASKLINE | LUA_MASKCOUNT, 1);
    luaL_error(L, "found a suite that runs on and on, expected it to end within %d million instructions and %d s",
               INSTRUCTIONS_MAX / 1000000, SECONDS_MAX);
}

/* ---- the environment ---- */

/* What there is of Lua's own. No pairs and no next: their order differs from run to run, and with it the plan would. */
static const char *const base_names[] = {"assert", "error", "ipairs", "select", "tonumber", "tostring", "type", NULL};
static const char *const string_names[] = {"byte", "char", "format", "len", "lower", "rep", "sub", "upper", NULL};
static const char *const table_names[] = {"concat", "insert", "remove", "unpack", NULL};
static const char *const math_names[] = {"abs", "ceil", "floor", "huge", "max", "min", "pi", "tointeger", NULL};
const struct pb_lua_part pb_lua_parts[] = {
    {"", base_names}, {"string", string_names}, {"table", table_names}, {"math", math_names}, {NULL, NULL}};

static int refuse_global(lua_State *L) {
    const char *name = luaL_tolstring(L, 2, NULL);
    return luaL_error(L, "found the global '%s', expected `local %s` (a suite makes no globals)", name, name);
}
static int refuse_unknown(lua_State *L) {
    return luaL_error(L, "found the unknown word '%s', expected one that `pilotbench list --words` shows",
                      luaL_tolstring(L, 2, NULL));
}
static int refuse_change(lua_State *L) {
    return luaL_error(L, "found a change of %s.%s, expected a table of your own (words cannot be changed)",
                      lua_tostring(L, lua_upvalueindex(1)), luaL_tolstring(L, 2, NULL));
}

static int by_text(const void *a, const void *b) { return strcmp(*(const char *const *)a, *(const char *const *)b); }

/* Names of the table's members, sorted, for a message. */
static const char *push_members(lua_State *L, int table) {
    const char *names[64];
    size_t count = 0;
    for (lua_pushnil(L); lua_next(L, table); lua_pop(L, 1))
        if (count < sizeof names / sizeof *names) names[count++] = lua_tostring(L, -2);
    qsort(names, count, sizeof *names, by_text);
    luaL_Buffer list;
    luaL_buffinit(L, &list);
    for (size_t i = 0; i < count; i++) {
        if (i) luaL_addstring(&list, ", ");
        luaL_addstring(&list, names[i]);
    }
    luaL_pushresult(&list);
    return lua_tostring(L, -1);
}

/* Upvalues: the table, its name. */
static int read_member(lua_State *L) {
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 1;
    const char *member = luaL_tolstring(L, 2, NULL);
    lua_pushvalue(L, lua_upvalueindex(1));
    return luaL_error(L, "found the unknown word '%s.%s', expected one of: %s", lua_tostring(L, lua_upvalueindex(2)),
                      member, push_members(L, lua_gettop(L)));
}

void pb_lua_seal(lua_State *L, const char *name) {
    lua_newtable(L); /* what is seen of it */
    lua_newtable(L); /* its metatable */
    lua_pushvalue(L, -3);
    lua_pushstring(L, name);
    lua_pushcclosure(L, read_member, 2);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, name);
    lua_pushcclosure(L, refuse_change, 1);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
    lua_remove(L, -2);
}

/* Puts the kept members of a library into the table on top: by the library's name, or (base) as they are. */
static void keep_members(lua_State *L, lua_CFunction open, const struct pb_lua_part *part) {
    bool is_base = !part->library[0];
    luaL_requiref(L, is_base ? LUA_GNAME : part->library, open, 0);
    if (is_base) lua_pushvalue(L, -2);
    else lua_newtable(L);
    for (size_t i = 0; part->names[i]; i++) {
        lua_getfield(L, -2, part->names[i]);
        lua_setfield(L, -2, part->names[i]);
    }
    if (is_base) {
        lua_pop(L, 2);
        return;
    }
    pb_lua_seal(L, part->library);
    lua_setfield(L, -3, part->library);
    lua_pop(L, 1);
}

/* The environment: an empty table over a table of words, which is the only thing in reach. */
static void push_environment(lua_State *L) {
    static const lua_CFunction opens[] = {luaopen_base, luaopen_string, luaopen_table, luaopen_math};
    lua_newtable(L); /* environment */
    lua_newtable(L); /* its metatable */
    lua_newtable(L); /* words */
    for (size_t i = 0; pb_lua_parts[i].library; i++) keep_members(L, opens[i], &pb_lua_parts[i]);
    /* Strings' methods are the kept ones too: ("x"):rep(n). */
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    lua_getfield(L, -3, "string");
    lua_setfield(L, -2, "__index");
    lua_pop(L, 2);
    pb_lua_open_words(L);
    lua_newtable(L);
    lua_pushcfunction(L, refuse_unknown);
    lua_setfield(L, -2, "__index");
    lua_setmetatable(L, -2);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, refuse_global);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

/* ---- running ---- */

static const char environment[] = "pilotbench environment", included[] = "pilotbench included"; /* of the registry */

struct job {
    const char *text;
    size_t length;
};

static int run_protected(lua_State *L) {
    static const char chunk[] = {'=', PLACE_MARK, 0};
    const struct job *job = lua_touserdata(L, 1);
    lua_sethook(L, count_hook, LUA_MASKCOUNT, HOOK_EVERY);
    pb_lua_open_quantities(L);
    push_environment(L);
    sandbox_of(L)->is_loading = true;
    if (luaL_loadbufferx(L, job->text, job->length, chunk, "t") != LUA_OK) return lua_error(L);
    sandbox_of(L)->is_loading = false;
    lua_insert(L, -2);
    lua_setupvalue(L, -2, 1);
    lua_pushvalue(L, -1);
    lua_getupvalue(L, -1, 1);
    lua_setfield(L, LUA_REGISTRYINDEX, environment);
    lua_pop(L, 1);
    lua_call(L, 0, 0);
    pb_lua_check_end(L);
    return 0;
}

/* Gives an error that came without a place the line that runs, and one that is no text a text. */
static int place_error(lua_State *L) {
    bool is_text = lua_type(L, 1) == LUA_TSTRING;
    if (is_text && lua_tostring(L, 1)[0] == PLACE_MARK) return 1;
    struct pb_lua_place place = place_now(L);
    if (is_text) lua_pushfstring(L, "%s:%d: %s", place.chunk, place.line, lua_tostring(L, 1));
    else
        lua_pushfstring(L, "%s:%d: found an error that is a %s, expected a text", place.chunk, place.line,
                        luaL_typename(L, 1));
    return 1;
}

/* "path:12:3"; of a long path the end is kept. Numbers of 0 are left out. */
static void write_place(const char *path, int line, int column, char *ret_where, size_t size) {
    char numbers[32] = "";
    if (line && column) snprintf(numbers, sizeof numbers, ":%d:%d", line, column);
    else if (line) snprintf(numbers, sizeof numbers, ":%d", line);
    size_t length = strlen(path), room = size - sizeof numbers - 4;
    const char *from = path + (length > room ? length - room : 0);
    while (from > path && ((unsigned char)*from & 0xC0) == 0x80) from++;
    snprintf(ret_where, size, "%s%s%s", from > path ? "..." : "", from, numbers);
}

static bool says_found(const char *text) { return strncmp(text, "found ", 6) == 0; }

/* Splits the place off: "\1S2.lua:12: text", without the name in the suite's own file. Returns the text. */
static const char *split_place(const char *message, char *ret_name, size_t size, int *ret_line) {
    int used = 0;
    size_t length = strcspn(message + 1, ":");
    ret_name[0] = 0;
    if (message[0] != PLACE_MARK || sscanf(message + 1 + length, ":%d: %n", ret_line, &used) != 1 || !used)
        return message;
    snprintf(ret_name, size, "%.*s", (int)length, message + 1);
    return message + 1 + length + used;
}

/* "\1:12: text" -> place "path:12", found, expected. */
static enum pb_status report(const char *path, const struct sandbox *sandbox, int code, const char *message,
                             struct pb_error *error) {
    char where[160], name[64], other[4200];
    int line = 0;
    if (code == LUA_ERRMEM) {
        write_place(path, sandbox->memory_line, 0, where, sizeof where);
        return pb_fail(error, PB_ERR_INPUT, 0, where, "found a suite that wants more than %d MB, expected less",
                       MEMORY_MAX >> 20);
    }
    if (!message) message = "no text";
    message = split_place(message, name, sizeof name, &line);
    snprintf(other, sizeof other, "%s/%s", sandbox->script.folder, name);
    write_place(name[0] ? other : path, line, 0, where, sizeof where);
    if (says_found(message)) return pb_fail(error, PB_ERR_INPUT, 0, where, "%s", message);
    if (sandbox->is_loading)
        return pb_fail(error, PB_ERR_INPUT, 0, where, "found a syntax error (%.240s), expected Lua", message);
    return pb_fail(error, PB_ERR_INPUT, 0, where,
                   "found an error as the suite ran (%.240s), expected it to run to its end", message);
}

/* NULL: it cannot be read, *ret_status says why. The caller frees it. */
static char *read_file(const char *path, size_t *ret_length, enum pb_status *ret_status, struct pb_error *error) {
    static const char format[] = "found no readable file (%s), expected a suite";
    FILE *file = fopen(path, "rbe");
    if (!file) {
        *ret_status = pb_fail(error, PB_ERR_IO, errno, path, format, strerror(errno));
        return NULL;
    }
    char *text = malloc(FILE_MAX + 1);
    *ret_length = text ? fread(text, 1, FILE_MAX + 1, file) : 0;
    int reason = ferror(file) ? errno : 0;
    fclose(file);
    if (!text) *ret_status = pb_fail(error, PB_ERR_MEMORY, 0, path, "no memory");
    if (!reason) return text;
    *ret_status = pb_fail(error, PB_ERR_IO, reason, path, format, strerror(reason));
    free(text);
    return NULL;
}

/* Text that people can read in every report that quotes it: UTF-8 of lines. */
static enum pb_status check_text(const char *path, const char *text, size_t length, struct pb_error *error) {
    char where[160];
    size_t good = 0, whole = pb_text_utf8_length(text, length);
    int line = 1, column = 1;
    if (length > FILE_MAX)
        return pb_fail(error, PB_ERR_INPUT, 0, path, "found more than 1 MB, expected a suite of at most that");
    if (length && text[0] == LUA_SIGNATURE[0])
        return pb_fail(error, PB_ERR_INPUT, 0, path, "found a compiled suite, expected Lua as text");
    for (; good < whole; good++) {
        unsigned char byte = (unsigned char)text[good];
        if ((byte < 0x20 && byte != '\t' && byte != '\n' && byte != '\r') || byte == 0x7F) break;
        if (byte == '\n') line++, column = 1;
        else if ((byte & 0xC0) != 0x80) column++;
    }
    if (good == length) return PB_OK;
    write_place(path, line, column, where, sizeof where);
    return pb_fail(error, PB_ERR_INPUT, 0, where, "found the byte 0x%02X, expected printable UTF-8",
                   (unsigned char)text[good]);
}

static int raise(lua_State *L, const struct pb_error *error) {
    return luaL_error(L, "%s%s%s", error->where, error->where[0] ? ": " : "", error->text);
}

/* Leaves the compiled file on the stack. */
static void load_included(lua_State *L, const char *name) {
    char path[4200], chunk[64];
    size_t length = 0;
    enum pb_status status = PB_OK;
    struct pb_error error;
    snprintf(path, sizeof path, "%s/%s.lua", pb_script_of(L)->folder, name);
    snprintf(chunk, sizeof chunk, "=%c%s.lua", PLACE_MARK, name);
    char *text = read_file(path, &length, &status, &error);
    if (text) status = check_text(path, text, length, &error);
    if (status != PB_OK) {
        free(text);
        raise(L, &error);
        return;
    }
    sandbox_of(L)->is_loading = true;
    int code = luaL_loadbufferx(L, text, length, chunk, "t");
    free(text);
    if (code != LUA_OK) lua_error(L);
    sandbox_of(L)->is_loading = false;
}

int pb_word_include(lua_State *L) {
    struct pb_script *script = pb_script_of(L);
    const char *name = pb_lua_check_id(L, 1, "include", 40);
    lua_settop(L, 1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, included);
    if (lua_getfield(L, 2, name) == LUA_TTABLE) return 1;
    if (!lua_isnil(L, -1)) return luaL_error(L, "found an include of '%s' within itself, expected no circle", name);
    lua_pushboolean(L, false);
    lua_setfield(L, 2, name);
    load_included(L, name);
    lua_getfield(L, LUA_REGISTRYINDEX, environment);
    lua_setupvalue(L, -2, 1);
    script->including++;
    lua_call(L, 0, 1);
    script->including--;
    if (!lua_istable(L, -1))
        return luaL_error(L, "found nothing to include from %s.lua, expected it to return a table of steps", name);
    lua_pushvalue(L, -1);
    lua_setfield(L, 2, name);
    return 1;
}

enum pb_status pb_script_load_text(const char *name, const char *text, size_t length, const char *wanted,
                                   const struct pb_script_setup *setup, struct pb_plan *plan, struct pb_error *error) {
    static const char byte_order_mark[] = "\xEF\xBB\xBF";
    char folder[4096] = ".";
    const char *slash = strrchr(name, '/');
    if (slash) snprintf(folder, sizeof folder, "%.*s", slash > name ? (int)(slash - name) : 1, name);
    struct sandbox sandbox = {.script = {.setup = setup, .plan = plan, .wanted = wanted, .folder = folder},
                              .give_up = pb_after(pb_wall_now(), pb_s(SECONDS_MAX))};
    if (length >= 3 && memcmp(text, byte_order_mark, 3) == 0) text += 3, length -= 3;
    struct job job = {text, length};
    enum pb_status status = check_text(name, text, length, error);
    if (status != PB_OK) return status;
    lua_State *L = lua_newstate(allocate, &sandbox);
    if (!L) return pb_fail(error, PB_ERR_MEMORY, 0, name, "no memory");
    sandbox.L = L;
    lua_pushcfunction(L, place_error);
    lua_pushcfunction(L, run_protected);
    lua_pushlightuserdata(L, &job);
    int code = lua_pcall(L, 1, 0, 1);
    if (code != LUA_OK) status = report(name, &sandbox, code, lua_tostring(L, -1), error);
    sandbox.L = NULL;
    lua_close(L);
    return status;
}

enum pb_status pb_script_load(const char *path, const char *wanted, const struct pb_script_setup *setup,
                              struct pb_plan *plan, struct pb_error *error) {
    size_t length = 0;
    enum pb_status status = PB_OK;
    char *text = read_file(path, &length, &status, error);
    if (text) status = pb_script_load_text(path, text, length, wanted, setup, plan, error);
    free(text);
    return status;
}
