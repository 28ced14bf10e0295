/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Defects that a bench must find: each is a row of numbers that the healthy setup does not have. The core and the board
 * know nothing of them. Most are defects of real products. */
#ifndef EVSE_DEFECTS_H
#define EVSE_DEFECTS_H

#include <stddef.h>

#include "firmware_stub/evse/host/board.h"

#define DEFECT_SETTINGS_MAX 3

/* member (32 bits, at this offset of struct board_setup) becomes fixed + factor * the defect's value. */
struct defect_setting {
    size_t member;
    int32_t fixed, factor;
};

struct defect {
    const char *name, *text, *unit; /* unit "": takes no value */
    int32_t value, min, max;        /* value: when none is given */
    int setting_count;
    struct defect_setting settings[DEFECT_SETTINGS_MAX];
};

extern const struct defect defects[];
extern const size_t defect_count;

/* Applies "name" or "name=value". NULL, or a text that says what is wrong. */
const char *defect_apply(struct board_setup *setup, const char *name_and_value);

#endif
