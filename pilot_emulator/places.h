/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the edges lie between their samples, from all periods at once. An edge of a steady pilot comes at r + j P, and each
 * of its samples says on which side of it r lies: over a sweep of the sample phase that is far sharper than one interval.
 * docs/uncertainty.md derives it. Internal to pilot_emulator. */
#ifndef PB_PILOT_PLACES_H
#define PB_PILOT_PLACES_H

#include <stdbool.h>
#include <stdint.h>

enum { PB_PLACES_MAX = 128 };

/* Edges kept, of every stride-th period; at least half as many as there is room for once there were so many. */
struct pb_places {
    int64_t stride;
    int count[2]; /* [fall, rise] */
    struct pb_place {
        int64_t period, index;   /* number of its period; the first sample past 0 V */
        int32_t fraction, limit; /* where the line crosses 0 V after the sample before, and half width; 1/2^20 sample */
        int16_t c[4];            /* two samples before 0 V, two after */
    } at[2][PB_PLACES_MAX];
};
void pb_places_add(struct pb_places *places, int side, const struct pb_place *place);

/* What is known beforehand. */
struct pb_places_known {
    double period_least, period_most; /* samples */
    double noise_counts;              /* two samples further apart than this differ */
    double jitter[2];                 /* [fall, rise]: by how much an edge may come early or late, samples */
    bool is_inverted;
};
/* Samples: the width of the high phase, and the sum of the squares of its half widths, which are independent: place of
 * the fall, of the rise, and what the length of a period makes of the time between. */
struct pb_places_width {
    double middle, square;
};
/* false: no such pilot; edges do not repeat, come unevenly, or are too few. */
bool pb_places_width(const struct pb_places *places, const struct pb_places_known *known,
                     struct pb_places_width *ret_width);

#endif
