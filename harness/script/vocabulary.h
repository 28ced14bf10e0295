/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of the vocabulary: words.c names every word, words_values.c and words_steps.c are what they do. */
#ifndef PB_HARNESS_VOCABULARY_H
#define PB_HARNESS_VOCABULARY_H

#include "harness/script/words.h"

/* Arguments; every one of these raises for what does not fit. The argument is a table, and the only one. */
void pb_lua_check_table(lua_State *L, const char *expected);
/* Its fields are of the known ones (ended by NULL). Of use_case, elements without a name are allowed too. */
void pb_lua_check_fields(lua_State *L, const char *what, const char *const *known);
/* Elements of the list at an index. A hole (a nil between others, such as a misspelt field gives) would end the list early, without a word. */
lua_Integer pb_lua_check_list(lua_State *L, int index, const char *what);
/* Text for people: UTF-8 of one line, shorter than room bytes. It lives as long as its value is on the stack. */
const char *pb_lua_check_line(lua_State *L, int index, const char *name, size_t room);
/* The same of a field, whose value is left on the stack; "" for a missing one that is not required. */
const char *pb_lua_field_text(lua_State *L, const char *name, size_t room, bool is_required);
/* What stands in names of checks, and on command lines: at most so many bytes. */
const char *pb_lua_check_id(lua_State *L, int index, const char *what, size_t most);
/* A limit on a time: a row of the limits file, an IXIT value, or the suite's own figure. Its number in the plan's list. */
int32_t pb_lua_check_within(lua_State *L, int arg);

/* The table of relations on top of the stack, for a message of that name, as JSON conditions. */
void pb_lua_take_expects(lua_State *L, const char *name, char *ret_text, size_t size);
/* Fields of a step (and, the second, of a case) whose table is argument 1: what it injects; number of what it does to messages, 0 for nothing. */
void pb_lua_take_injects(lua_State *L, struct pb_step *step);
int32_t pb_lua_take_mutates(lua_State *L);
/* Puts `message`, a maker for each name of the protocol, into the table on top of the stack. */
void pb_lua_push_messages(lua_State *L);

typedef int pb_lua_function(lua_State *L);
extern pb_lua_function pb_word_us, pb_word_ms, pb_word_s, pb_word_minutes, pb_word_hours, pb_word_volts, pb_word_amps,
    pb_word_pct, pb_word_duty_for, pb_word_limit, pb_word_wh, pb_word_watts, pb_word_schedule, pb_word_clock,
    pb_word_mains_on, pb_word_mains_off, pb_word_coupler_insert, pb_word_coupler_remove, pb_word_pev_ready,
    pb_word_pev_not_ready, pb_word_pev_short_diode, pb_word_vehicle_ask_ventilation, pb_word_fault_short_pilot,
    pb_word_fault_break_earth, pb_word_pev_take_rate, pb_word_vehicle_resume, pb_word_fault_residual, pb_word_console,
    pb_word_pilot_level, pb_word_pilot_no_pwm_before, pb_word_contactor_closes, pb_word_contactor_opens,
    pb_word_contactor_not_closed_before, pb_word_contactor_stays_open, pb_word_contactor_opens_within,
    pb_word_contactor_stays_closed, pb_word_pilot_stays, pb_word_pilot_source_resistance, pb_word_pilot_rise_time,
    pb_word_pilot_fall_time, pb_word_sent, pb_word_pilot_pwm, pb_word_pilot_state, pb_word_pilot_loaded,
    pb_word_pilot_not_loaded, pb_word_current_at_most, pb_word_current_follows, pb_word_current_stops,
    pb_word_current_starts, pb_word_current_shed, pb_word_current_of, pb_word_pilot_capacitance, pb_word_pilot_toggles,
    pb_word_current_told, pb_word_source_steady, pb_word_source_open, pb_word_source_duty, pb_word_source_frequency,
    pb_word_source_high, pb_word_source_low, pb_word_switch_close, pb_word_switch_open, pb_word_coupler_press,
    pb_word_coupler_release;
extern pb_lua_function pb_word_step, pb_word_use_case, pb_word_any_order;
extern pb_lua_function pb_word_inject, pb_word_mutate, pb_word_heard, pb_word_contactor_closed,
    pb_word_contactor_opened;
extern pb_lua_function pb_word_at_most, pb_word_at_least, pb_word_near, pb_word_as_sent, pb_word_min_of,
    pb_word_ascending, pb_word_each, pb_word_items, pb_word_any, pb_word_is, pb_word_differs, pb_word_field_of;
extern pb_lua_function pb_word_pilot_announces, pb_word_station_announces_at_most, pb_word_station_lets_follow;

#endif
