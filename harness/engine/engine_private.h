/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What engine.c (walks cases and steps) and engine_judge.c (reads and judges) share. */
#ifndef PB_HARNESS_ENGINE_PRIVATE_H
#define PB_HARNESS_ENGINE_PRIVATE_H

#include "harness/engine/engine.h"
#include "harness/engine/show.h"
#include "harness/engine/stage.h"
#include "judge/fold.h"

enum { PB_UNTOLD_MAX = 64 };

/* A verdict that has its row, and of which nobody was told yet. */
struct pb_untold {
    const struct pb_check *check;
    enum pb_verdict verdict;
    bool has_reading;
    struct pb_reading reading;
    char reason[PB_REASON_SIZE];
};

struct pb_engine {
    const struct pb_engine_setup *setup;
    struct pb_stage *stage;
    struct pb_reader *reader;
    struct pb_control *control;
    struct pb_show *show;
    uint64_t random;
    pb_instant case_began, step_began, held_from, said_at;
    pb_span step_u;       /* how much earlier the step may have begun: a person's doing */
    pb_instant connected; /* when the coupler was inserted: the schedule's zero */
    char clock_note[160]; /* of the case: where the device's own clock stood then; "": it has none, or was set */
    pb_instant opened
        [PB_BENCH_CORDS_MAX]; /* when a check last saw the last pole open, and contacts had settled; else the case's begin */
    struct {
        int64_t first, count;
    } level_range[PB_BENCH_CORDS_MAX][128]; /* samples of the last level reading, by cord and letter */
    uint8_t *judged;                        /* by check: has its verdict row */
    struct pb_fold checks;                  /* of the case, that have a verdict */
    int64_t plan_row, first_row;            /* of the case: where its plan stands, and its first row after that */
    const struct pb_case *current;
    size_t untold_count;
    struct pb_untold untold[PB_UNTOLD_MAX];
    char missing[200]; /* why the case does not show what it is for; "": it does */
    struct {
        bool is_open, is_answered;
        bool is_refused; /* in this case: nobody did what was asked */
        char answer[120];
    } prompt;
};

PB_MUST_CHECK enum pb_status pb_engine__add(struct pb_engine *engine, const struct pb_row *row, struct pb_error *error);
/* Writes a verdict. reading: NULL, reading_seq 0: it rests on none. */
PB_MUST_CHECK enum pb_status pb_engine__conclude(struct pb_engine *engine, const struct pb_check *check,
                                                 const struct pb_reading *reading, int64_t reading_seq,
                                                 enum pb_verdict verdict, const char *reason, struct pb_error *error);
/* Commits what is written, then tells the program and the windows the verdicts that nobody was told yet: one that is seen is durable, and those of one
 * instant share a commit. Called before time passes, before a person is asked, and at a case's end. */
PB_MUST_CHECK enum pb_status pb_engine__tell(struct pb_engine *engine, struct pb_error *error);
/* Reading, reading row, verdict, verdict row; *ret_verdict says whether the case can go on. */
PB_MUST_CHECK enum pb_status pb_engine__judge(struct pb_engine *engine, const struct pb_check *check,
                                              const struct pb_recipe *recipe, enum pb_verdict *ret_verdict,
                                              struct pb_error *error);
/* Waits for, reads and judges each expectation of a step. *ret_blocked: the rest of the case cannot be reached. */
PB_MUST_CHECK enum pb_status pb_engine__meet_all(struct pb_engine *engine, const struct pb_step *step,
                                                 const struct pb_expectation *expectations, size_t count,
                                                 bool *ret_blocked, struct pb_error *error);
/* How long what a limit bounds is looked for: longer than allowed, so that a late reaction is measured, not only missed. */
pb_span pb_engine__observation(const struct pb_limit *limit);

#endif
