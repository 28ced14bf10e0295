/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Defects that a bench must find: each is a row of numbers that the healthy setup does not have. The tables of a peer know nothing of them. */
#ifndef PEER_DEFECTS_H
#define PEER_DEFECTS_H

#include "firmware_stub/peer/core/peer.h"

#define DEFECT_SETTINGS_MAX 2

/* member (32 bits, at this offset of struct peer_parameters) becomes fixed + factor * the defect's value. */
struct defect_setting {
    size_t member;
    int32_t fixed, factor;
};

struct defect {
    const char *name, *text;
    const char *unit; /* of the value; "": it takes none */
    int32_t value, min, max;
    struct defect_setting settings[DEFECT_SETTINGS_MAX];
    int setting_count;
};

struct defect_list {
    const struct defect *rows;
    size_t count;
};

/* "NAME" or "NAME=VALUE". NULL, or what is wrong with it. */
const char *defect_apply(const struct defect_list *list, struct peer_parameters *parameters,
                         const char *name_and_value);
void defects_print(const struct defect_list *list);

#endif
