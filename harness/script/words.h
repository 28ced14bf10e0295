/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of harness/script: what its files share. */
#ifndef PB_HARNESS_WORDS_H
#define PB_HARNESS_WORDS_H

#include "harness/script/script.h"

#include <lauxlib.h>
#include <lua.h>

/* Where something stands in the suite or in a file that it includes. */
struct pb_lua_place {
    char chunk[64]; /* as Lua has it */
    int line;
};

/* What a word reaches through the registry: the run's facts and the plan in the making. */
struct pb_script {
    const struct pb_script_setup *setup;
    struct pb_plan *plan;
    const char *wanted;
    char open_case[48]; /* use_case "ID" whose body has not come yet; "" for none */
    struct pb_lua_place open_place;
    int64_t connects_ns, departs_ns; /* of the suite's schedule: time of day, span to departure */
    const char *folder;              /* of the suite's file, for include */
    int groups;                      /* any_order blocks so far */
    int including;                   /* how deep in included files: their cases are not this file's */
    double schedule_scale;           /* what clock times are multiplied by; 0: no schedule yet */
};
struct pb_script *pb_script_of(lua_State *L);

/* Of the suite's code that runs now, `level` functions up (1: the one that called the word). */
struct pb_lua_place pb_lua_place_at(lua_State *L, int level);
/* include "S2": what the file returns. */
int pb_word_include(lua_State *L);

/* A quantity in Lua: value in steps of its unit, and where it comes from ("ixit.power_up"; "" for a figure of the suite). */
struct pb_lua_quantity {
    struct pb_quantity quantity;
    char origin[40];
    enum pb_confidence confidence;
    const struct pb_limit *law; /* row of the duty law that made it, of the run's limits; NULL: none did */
};
#define PB_LUA_QUANTITY "quantity"
#define PB_LUA_ACTION "action"
#define PB_LUA_EXPECTATION "expectation"
#define PB_LUA_LIMIT "limit row"
#define PB_LUA_ACTOR "actor"
#define PB_LUA_STEP "step"
#define PB_LUA_CLOCK "clock time"
#define PB_LUA_MESSAGE "message"
#define PB_LUA_RELATION "relation"
#define PB_LUA_OPERAND "field of a step's message"
#define PB_LUA_INJECT "injection"
#define PB_LUA_TRIGGER "event to inject on"
#define PB_LUA_MUTATIONS "mutations"

/* A clock time of the session's schedule: from the connection, compressed where the bench file says so; text is the time of day that messages carry. */
struct pb_lua_clock {
    pb_span after;
    char text[12];
};

void pb_lua_open_quantities(lua_State *L);
void pb_lua_push_quantity(lua_State *L, int64_t value, enum pb_unit unit, const char *origin,
                          enum pb_confidence confidence);
/* Says of the quantity on top that this row of the duty law made it. */
void pb_lua_note_law(lua_State *L, const struct pb_limit *law);
/* "number", "quantity", "step": what a message calls the value. */
const char *pb_lua_kind(lua_State *L, int index);
/* The quantity at an argument, of that unit; raises otherwise. */
const struct pb_lua_quantity *pb_lua_check_quantity(lua_State *L, int arg, enum pb_unit unit);

/* Puts every word into the table on top of the stack. */
void pb_lua_open_words(lua_State *L);
/* After the suite has run: raises for what it wrote and left lying, a step outside of any case, a case without its body. */
void pb_lua_check_end(lua_State *L);
/* Replaces the table on top by one that can only be read, and that raises for a member that is not there. */
void pb_lua_seal(lua_State *L, const char *name);

/* What suites have of Lua's own libraries ("" for the base); ended by a NULL library. */
struct pb_lua_part {
    const char *library;
    const char *const *names;
};
extern const struct pb_lua_part pb_lua_parts[];

#endif
