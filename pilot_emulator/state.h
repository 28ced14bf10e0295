/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Control-pilot states and the voltage windows that tell them apart (data: limits files have them). Suffix 1: steady pilot, 2: PWM.
 * E: about 0 V. F: about -12 V steady. NONE: not yet known, or a level that no window holds. */
#ifndef PB_PILOT_STATE_H
#define PB_PILOT_STATE_H

#include <stdbool.h>
#include <stdint.h>

enum pb_cp_state {
    PB_CP_NONE,
    PB_CP_A1,
    PB_CP_A2,
    PB_CP_B1,
    PB_CP_B2,
    PB_CP_C1,
    PB_CP_C2,
    PB_CP_D1,
    PB_CP_D2,
    PB_CP_E,
    PB_CP_F,
    PB_CP_INVALID, /* settled outside every window and every gap */
    PB_CP_STATE_COUNT
};
const char *pb_cp_state_name(enum pb_cp_state state); /* "B2", "none", "invalid"; "?" for no state at all */
enum pb_cp_state pb_cp_state_find(const char *name);  /* PB_CP_STATE_COUNT if there is none */
/* 'A'..'F', 0 for NONE and INVALID. */
char pb_cp_state_letter(enum pb_cp_state state);
bool pb_cp_state_has_pwm(enum pb_cp_state state);

/* Windows of the high level (uV, inclusive), descending from a to f; between two windows lies a gap, in which the state before is kept. */
struct pb_cp_windows {
    struct {
        int64_t min_uv, max_uv;
    } a, b, c, d, e, f;
};

#endif
