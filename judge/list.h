/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A growing array for what is loaded from a run file. Inside judge/ and reports/. */
#ifndef PB_JUDGE_LIST_H
#define PB_JUDGE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

/* Makes room for one more in an array of `count` (grown at powers of two); false: out of memory, the array is as it
 * was. */
static inline bool pb_list_has_room(void **items, size_t count, size_t item_size) {
    if (count & (count - 1)) return true;
    size_t capacity = count ? 2 * count : 1;
    void *grown = reallocarray(*items, capacity, item_size);
    if (grown) *items = grown;
    return grown != NULL;
}

#endif
