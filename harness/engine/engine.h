/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Carries a plan out on a bench and writes the record: plan rows, actions, events, captures, readings, verdicts. */
#ifndef PB_HARNESS_ENGINE_H
#define PB_HARNESS_ENGINE_H

#include "harness/engine/plan.h"
#include "record/write/writer.h"

#include <signal.h>

/* Called for every verdict, after it is durable. reading: NULL where there is none. */
typedef void pb_progress_fn(void *user, const struct pb_check *check, const struct pb_reading *reading,
                            enum pb_verdict verdict, const char *reason);

struct pb_engine_setup {
    const struct pb_bench *bench;
    const struct pb_dut *dut;
    const struct pb_plan *plan;
    const struct pb_cp_windows *windows; /* by which states are told */
    const struct pb_duty_law *law;       /* by which the bench's vehicle reads the duty */
    struct pb_writer *writer;
    uint64_t seed;
    const struct pb_mutations *mutations; /* of all messages to the device; NULL: none */
    const char *log_path, *control_path;
    const char *snapshot_path; /* for windows; NULL: none */
    const char *run_name, *version;
    pb_progress_fn *progress;    /* NULL: none */
    void (*turning)(void *user); /* NULL: none. Before time passes: what progress has put together can be shown */
    /* A person is asked for something. Called once with the text, then, with NULL, at every turn until it is answered: true when the terminal has
     * the answer, whose text is in ret_answer. NULL: only the control socket answers. */
    bool (*ask)(void *user, const char *text, char *ret_answer, size_t size);
    void *user;
    const volatile sig_atomic_t *stop;
    int64_t speed_milli; /* simulated clock: 1000 is real time; 0: as fast as possible */
};

/* PB_OK: the plan was walked to its end. PB_ERR_INTERRUPTED: a signal or a request ended it. Anything else: the bench failed; the verdicts in the record
 * say where. In every case the outputs are safe (or the error says which are not), and what was not reached has its verdict row.
 * *ret_ended: the bench's last instant. */
PB_MUST_CHECK enum pb_status pb_engine_run(const struct pb_engine_setup *setup, pb_instant *ret_ended,
                                           struct pb_error *error);

/* The plan as rows of the record (rows.c). */
PB_MUST_CHECK enum pb_status pb_plan_record(const struct pb_plan *plan, struct pb_writer *writer,
                                            struct pb_error *error);

#endif
