/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whose fault a failed check is, where EVSE and vehicle are both under test (docs/decisions/0013-fault-side.md): a pure function of the
 * record of one case. What only one of them can have done is its; a level that both make is decided by which single part, out of its
 * tolerance while all others keep theirs, explains all levels of the case; where parts of both sides do, it is either's. */
#ifndef PB_JUDGE_FAULT_H
#define PB_JUDGE_FAULT_H

#include "judge/judge.h"

enum pb_side { PB_SIDE_NONE, PB_SIDE_EVSE, PB_SIDE_PEV, PB_SIDE_EITHER, PB_SIDE_BOTH, PB_SIDE_COUNT };
const char *pb_side_name(enum pb_side side); /* "evse", "pev", "evse or pev", "evse and pev" */
/* Of several failed checks together: what is decided outweighs what is not. */
enum pb_side pb_side_join(enum pb_side a, enum pb_side b);

enum { PB_FAULT_WHY_SIZE = 200 };
struct pb_fault {
    const struct pb_check *check;
    enum pb_side side; /* EVSE, PEV or EITHER */
    char why[PB_FAULT_WHY_SIZE];
};
typedef enum pb_status pb_fault_fn(void *user, const struct pb_fault *fault);
/* Calls found() for each check of the case that binds a side and whose verdict is fail, in order of the plan. plan_row: the
 * case's own row. The reader is free while found() runs. Errors: of the file, of a row that is not what it must be, found()'s. */
PB_MUST_CHECK enum pb_status pb_fault_judge(struct pb_reader *reader, int64_t plan_row, int32_t case_no,
                                            pb_fault_fn *found, void *user, struct pb_error *error);

#endif
