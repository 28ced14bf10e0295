/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Folding verdicts, of checks into a case and of everything into a run: the engine, summary and rejudge must agree. */
#ifndef PB_JUDGE_FOLD_H
#define PB_JUDGE_FOLD_H

#include "judge/verdict.h"

#include <stdbool.h>
#include <stdint.h>

struct pb_fold {
    enum pb_verdict worst; /* of a case: its verdict; NONE when it has no checks */
    bool has_fail;         /* of a check or a case: an error beside it does not hide it */
};
/* A check's verdict; NONE (planned, never judged) counts as inconc. */
void pb_fold_check(struct pb_fold *fold, enum pb_verdict verdict);
/* A case's own verdict, as the engine gave it; NONE adds nothing. */
void pb_fold_case(struct pb_fold *fold, enum pb_verdict verdict);
/* A run's verdict from its cases': the worst, but fail whenever anything failed, so that its word and its exit status
 * agree, and inconc when nothing was judged. */
enum pb_verdict pb_fold_of_run(const struct pb_fold *fold, int64_t judged_count);

#endif
