/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Snapshots as a run of S1 would make them, for tests and pictures: plan, verdicts, trace, events of one moment. */
#ifndef PB_TESTS_SCENES_H
#define PB_TESTS_SCENES_H

#include "harness/snapshot/snapshot.h"

#define PB_SCENE_MAP(X)                                                                                                \
    X(EMPTY, "empty")           /* just opened: no plan, no samples */                                                 \
    X(CONNECTING, "connecting") /* step 5, waits for PWM */                                                            \
    X(CHARGING, "charging")     /* step 13, waits for the contactor */                                                 \
    X(STEADY, "steady")         /* hours of charging, not sampled */                                                   \
    X(FAILING, "failing")       /* step 13 after failures */                                                           \
    X(PASSED, "passed")         /* over */                                                                             \
    X(FAILED, "failed")         /* over */                                                                             \
    X(ERROR, "error")           /* over, the bench failed */                                                           \
    X(STALLED, "stalled")       /* nothing heard for a minute */                                                       \
    X(GONE, "gone")             /* the process is dead */                                                              \
    X(LONG, "long")             /* every text as long as there is room, some of it not Latin, some not UTF-8 */        \
    X(NON_LATIN, "non-latin")   /* Greek, Cyrillic, Chinese */                                                         \
    X(FULL, "full")             /* as many steps, checks and poles as fit, everything failed, huge numbers */

enum pb_scene {
#define X(name, word) PB_SCENE_##name,
    PB_SCENE_MAP(X)
#undef X
        PB_SCENE_COUNT
};
const char *pb_scene_name(enum pb_scene scene);
enum pb_scene pb_scene_find(const char *name); /* PB_SCENE_COUNT: none */
/* now_ns: wall clock, for wall_ns. */
void pb_scene_fill(enum pb_scene scene, int64_t now_ns, struct pb_snapshot_body *ret_body);
/* The next moment: clock and trace go on by ns (at most 16 ms of samples are made). */
void pb_scene_advance(struct pb_snapshot_body *body, int64_t ns, int64_t now_ns);

#endif
