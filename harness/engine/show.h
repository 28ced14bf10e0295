/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keeps the snapshot (harness/snapshot) of a run up to date for windows. Costs a few microseconds a turn and nothing that could fail later. */
#ifndef PB_HARNESS_SHOW_H
#define PB_HARNESS_SHOW_H

#include "harness/engine/plan.h"
#include "harness/engine/stage.h"

struct pb_show;

struct pb_show_names {
    const char *run, *dut, *bench, *version;
};
PB_MUST_CHECK enum pb_status pb_show_open(const char *path, const struct pb_plan *plan, const struct pb_duty_law *law,
                                          const struct pb_cp_windows *windows, const struct pb_show_names *names,
                                          int64_t speed_milli, struct pb_show **ret_show, struct pb_error *error);
/* All that follow take NULL for a run without a snapshot. */
void pb_show_turn(struct pb_show *show, const struct pb_stage *stage);
void pb_show_step(struct pb_show *show, const struct pb_case *in, const struct pb_step *step, pb_instant now,
                  bool is_begin);
void pb_show_verdict(struct pb_show *show, const struct pb_check *check, const struct pb_reading *reading,
                     enum pb_verdict verdict, const char *reason);
/* A message between two actors of the bench; one from the DUT is an event of the stage. */
void pb_show_message(struct pb_show *show, pb_instant at, const char *name);
/* The run is over; the file goes away, who has it mapped keeps its last picture. */
void pb_show_close(struct pb_show *show, int exit_status);

#endif
