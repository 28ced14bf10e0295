/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Small runs for the judge's tests: a plan, events, a synthesised pilot with known properties, and judging as the live
 * run does it. */
#ifndef PB_TESTS_JUDGED_RUN_H
#define PB_TESTS_JUDGED_RUN_H

#include "judge/summary.h"
#include "record/write/writer.h"

/* What the synthesised pilot is, and the samples that tell it: state B2, 26.67 % at 1 kHz, then steady 12 V; 250 kS/s.
 */
enum { PILOT_DUTY_PPM = 266700, PILOT_HZ = 1000 };
enum { EDGE_LIMIT_NS = 30000 }; /* of checks of its edges */
enum { PWM_FIRST = 1000, PWM_COUNT = 25000, STEADY_FIRST = 30000, STEADY_COUNT = 5000 };
#define MS INT64_C(1000000)

void add_row(struct pb_writer *writer, const struct pb_row *row, int64_t *ret_seq);
void add_case(struct pb_writer *writer, int32_t case_no, const char *id);
void add_step(struct pb_writer *writer, int32_t case_no, int32_t step_no, const char *id, enum pb_step_mode mode);
void add_check(struct pb_writer *writer, const struct pb_check *check);
void add_event(struct pb_writer *writer, const char *name, int64_t at_ns, int64_t value, int64_t other_ns,
               int64_t u_ns);
/* Captures of channel cp.sense: the PWM and the steady stretch, not what lies between. */
void add_pilot(struct pb_writer *writer);
/* The same pilot as channel cp.small, whose converter ends at 8.2 V and whose front end's rise time is not known. */
void add_saturated_pilot(struct pb_writer *writer);
/* The PWM at 1 MS/s as channel cp.fast. */
void add_fast_pilot(struct pb_writer *writer);
/* The same as channel cp.slow, whose front end takes 20 us. */
void add_slow_pilot(struct pb_writer *writer);

/* Checks of case 1, step 1, numbered from 1, one an extractor, with limits that the pilot and the events of make_run()
 * keep. */
struct pb_check check_of(enum pb_extractor extractor);
struct pb_recipe recipe_of(enum pb_extractor extractor);
/* Changes a row before it is added; may be NULL. */
typedef void change_fn(struct pb_row *row);
/* Reads, adds the reading row, decides, adds the verdict row. */
void judge_live(struct pb_writer *writer, const struct pb_check *check, const struct pb_recipe *recipe,
                change_fn *change);
/* What the judge reads of the run as it is by now. */
struct pb_reading read_with(struct pb_writer *writer, const struct pb_recipe *recipe);
/* No value, for this reason. */
void check_outcome(const struct pb_reading *reading, enum pb_outcome outcome, const char *reason);
/* Tear-down: the run, a writer, is given up, and its folder emptied. */
int run_abandon(void **state);
/* A verdict without a reading; check_no 0: of the case. */
void add_verdict(struct pb_writer *writer, const struct pb_check *check, enum pb_verdict verdict, const char *reason);
/* A run with one case "S1", one step and a check of each extractor, all judged, and the case's verdict; not closed. */
void fill_run(struct pb_writer *writer, change_fn *change);

#endif
