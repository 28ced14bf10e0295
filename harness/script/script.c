/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sandbox a suite runs in. What a suite could do to the host is not there at all; what it could use up is bounded. */
#include "harness/script/words.h"

#include <lualib.h>
#include <stdlib.h>
#include <string.h>

enum { MEMORY_MAX = 64 << 20, FILE_MAX = 1 << 20, INSTRUCTIONS_MAX = 20000000, HOOK_EVERY = 10000 };

struct sandbox {
    struct pb_script script;
    size_t memory;
    long instructions;
    bool is_out_of_memory, is_over_budget;
};

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
        sandbox->is_out_of_memory = true;
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
struct pb_script *pb_script_of(lua_State *L) { return &sandbox_of(L)->script; }

/* Counts instructions; past the budget it raises at every line and instruction, so that nothing that catches errors can go on. */
static void count_hook(lua_State *L, lua_Debug *place) {
    struct sandbox *sandbox = sandbox_of(L);
    (void)place;
    sandbox->instructions += HOOK_EVERY;
    if (sandbox->instructions < INSTRUCTIONS_MAX) return;
    sandbox->is_over_budget = true;
    lua_sethook(L, count_hook, LUA_MASKLINE | LUA_MASKCOUNT, 1);
    luaL_error(L, "found a suite that runs on and on, expected it to end within %d million instructions", INSTRUCTIONS_MAX / 1000000);
}

static int refuse_global(lua_State *L) {
    return luaL_error(L, "found the global '%s', expected `local %s` (a suite makes no globals)", luaL_tolstring(L, 2, NULL), lua_tostring(L, -1));
}
static int refuse_unknown(lua_State *L) { return luaL_error(L, "found the unknown word '%s'", luaL_tolstring(L, 2, NULL)); }

/* Keeps only the named members of a library in the table on top. */
static void keep_members(lua_State *L, lua_CFunction open, const char *library, const char *const *names) {
    luaL_requiref(L, library, open, 0);
    lua_newtable(L);
    for (size_t i = 0; names[i]; i++) {
        lua_getfield(L, -2, names[i]);
        lua_setfield(L, -2, names[i]);
    }
    lua_setfield(L, -3, library);
    lua_pop(L, 1);
}

/* The environment: an empty table over a table of words, which is the only thing in reach. */
static void push_environment(lua_State *L) {
    static const char *const strings[] = {"format", "rep", "upper", "lower", "sub", "len", "byte", "char", NULL};
    static const char *const tables[] = {"insert", "remove", "concat", "unpack", NULL};
    static const char *const maths[] = {"abs", "ceil", "floor", "max", "min", "huge", "pi", "tointeger", NULL};
    static const char *const bases[] = {"assert", "error", "ipairs", "next", "pairs", "select", "tonumber", "tostring", "type", NULL};
    lua_newtable(L); /* environment */
    lua_newtable(L); /* its metatable */
    lua_newtable(L); /* words */
    keep_members(L, luaopen_string, "string", strings);
    keep_members(L, luaopen_table, "table", tables);
    keep_members(L, luaopen_math, "math", maths);
    luaL_requiref(L, "_G", luaopen_base, 0);
    for (size_t i = 0; bases[i]; i++) {
        lua_getfield(L, -1, bases[i]);
        lua_setfield(L, -3, bases[i]);
    }
    lua_pop(L, 1);
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
    /* Strings' methods are the kept ones too: ("x"):rep(n). */
    lua_pushliteral(L, "");
    lua_getmetatable(L, -1);
    luaL_getsubtable(L, LUA_REGISTRYINDEX, "pb_strings");
    lua_getfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
    lua_getfield(L, -1, "string");
    for (size_t i = 0; strings[i]; i++) {
        lua_getfield(L, -1, strings[i]);
        lua_setfield(L, -4, strings[i]);
    }
    lua_pop(L, 2);
    lua_setfield(L, -2, "__index");
    lua_pop(L, 2);
}

struct job {
    const char *text;
    size_t length;
};

static int run_protected(lua_State *L) {
    const struct job *job = lua_touserdata(L, 1);
    lua_sethook(L, count_hook, LUA_MASKCOUNT, HOOK_EVERY);
    pb_lua_open_quantities(L);
    push_environment(L);
    if (luaL_loadbufferx(L, job->text, job->length, "=\1", "t") != LUA_OK) return lua_error(L);
    lua_insert(L, -2);
    lua_setupvalue(L, -2, 1);
    lua_call(L, 0, 0);
    return 0;
}

/* "\1:12: text" -> place "path:12", text. */
static enum pb_status report(const char *path, const struct sandbox *sandbox, const char *message, struct pb_error *error) {
    char where[160];
    int line = 0, used = 0;
    if (sandbox->is_out_of_memory)
        return pb_fail(error, PB_ERR_INPUT, 0, path, "found a suite that wants more than %d MB, expected less", MEMORY_MAX >> 20);
    if (message && message[0] == 1 && sscanf(message + 1, ":%d: %n", &line, &used) == 1 && used) {
        snprintf(where, sizeof where, "%.140s:%d", path, line);
        return pb_fail(error, PB_ERR_INPUT, 0, where, "%s", message + 1 + used);
    }
    return pb_fail(error, PB_ERR_INPUT, 0, path, "%s", message ? message : "an error that is not a text");
}

static enum pb_status read_file(const char *path, char **ret_text, size_t *ret_length, struct pb_error *error) {
    FILE *file = fopen(path, "rb");
    if (!file) return pb_fail(error, PB_ERR_IO, 0, path, "cannot be read");
    char *text = malloc(FILE_MAX + 1);
    size_t length = text ? fread(text, 1, FILE_MAX + 1, file) : 0;
    bool failed = ferror(file) != 0;
    fclose(file);
    if (!text || failed || length > FILE_MAX) {
        free(text);
        return failed ? pb_fail(error, PB_ERR_IO, 0, path, "cannot be read")
                      : pb_fail(error, PB_ERR_INPUT, 0, path, "found more than 1 MB, expected a suite of at most that");
    }
    *ret_text = text;
    *ret_length = length;
    return PB_OK;
}

enum pb_status pb_script_load(const char *path, const char *wanted, const struct pb_script_setup *setup, struct pb_plan *plan,
                              struct pb_error *error) {
    struct sandbox sandbox = {.script = {.setup = setup, .plan = plan, .wanted = wanted}};
    struct job job = {0};
    char *text = NULL;
    enum pb_status status = read_file(path, &text, &job.length, error);
    if (status != PB_OK) return status;
    job.text = text;
    lua_State *L = lua_newstate(allocate, &sandbox);
    if (!L) {
        free(text);
        return pb_fail(error, PB_ERR_MEMORY, 0, path, "no memory");
    }
    lua_pushcfunction(L, run_protected);
    lua_pushlightuserdata(L, &job);
    if (lua_pcall(L, 1, 0, 0) != LUA_OK) status = report(path, &sandbox, lua_tostring(L, -1), error);
    lua_close(L);
    free(text);
    return status;
}
