/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Verdicts of TTCN-3 (ETSI ES 201 873-1): the worst wins. fail is the product, error is the bench, inconc is neither
 * shown. */
#ifndef PB_JUDGE_VERDICT_H
#define PB_JUDGE_VERDICT_H

enum pb_verdict {
    PB_VERDICT_NONE,
    PB_VERDICT_PASS,
    PB_VERDICT_INCONC,
    PB_VERDICT_FAIL,
    PB_VERDICT_ERROR,
    PB_VERDICT_COUNT
};

const char *pb_verdict_name(enum pb_verdict verdict); /* "pass" */
static inline enum pb_verdict pb_verdict_worst(enum pb_verdict a, enum pb_verdict b) { return a > b ? a : b; }

#endif
