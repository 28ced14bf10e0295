/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the window says in words: times, readings, states, verdicts, events. Pure; every function fills ret_text and returns it. */
#ifndef PB_DASHBOARD_WORDS_H
#define PB_DASHBOARD_WORDS_H

#include "base/instant.h"
#include "base/quantity.h"
#include "dashboard/theme.h"
#include "harness/snapshot/snapshot.h"
#include "judge/verdict.h"

#include <stddef.h>

/* "14:02:05.250" of the bench clock (it starts at 0; days are counted in hours, from 1000 h on without ms). */
char *pb_words_clock(pb_instant at, char *ret_text, size_t size);
/* "350 ms", "12.3 s", "3 min 05 s", "4 h 12 min"; negative spans as 0. */
char *pb_words_span(pb_span span, char *ret_text, size_t size);
/* "9.012 ± 0.021 V": U with two digits, rounded up, the value to the same place; at most so many places after the point. u 0: the
 * value alone. */
char *pb_words_reading(struct pb_quantity quantity, int most_places, char *ret_text, size_t size);
/* What a pilot state means: "connected". */
const char *pb_words_state(int32_t cp_state);
/* What a run waits for, from the name of an event. */
const char *pb_words_waiting(const char *event_name);
/* "pilot", "contactor"; then what happened to it: "B2", "2 poles closed", "15.9 A". */
const char *pb_words_event_name(const char *event_name);
char *pb_words_event_value(const struct pb_snapshot_event *event, char *ret_text, size_t size);

const struct pb_sign *pb_sign_of_verdict(enum pb_verdict verdict);
/* is_over: what has not begun will not. */
const struct pb_sign *pb_sign_of_step(const struct pb_snapshot_step *step, bool is_current, bool is_over);
const struct pb_sign *pb_sign_of_check(const struct pb_snapshot_check *check, bool is_over);
/* The run's verdict as far as the snapshot tells: fail before error, error, inconc (not all judged), pass. */
enum pb_verdict pb_verdict_of_run(const struct pb_snapshot_body *body);

#endif
