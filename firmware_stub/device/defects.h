/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Defects that a bench must find: each is a row of numbers that the healthy setup does not have. What is defective knows nothing of them. */
#ifndef DEVICE_DEFECTS_H
#define DEVICE_DEFECTS_H

#include <stddef.h>
#include <stdint.h>

#define DEFECT_SETTINGS_MAX 3

/* member (32 bits, at this offset of the setup) becomes fixed + factor * the defect's value. */
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

struct defect_list {
    const struct defect *rows;
    size_t count;
};

/* "NAME" or "NAME=VALUE". NULL, or what is wrong with it. */
const char *defect_apply(const struct defect_list *list, void *setup, const char *name_and_value);
void defects_print(const struct defect_list *list);

#endif
