/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sample clock, exactly: sample i is taken at i * num / den ns. Internal to pilot_emulator. */
#ifndef PB_PILOT_SAMPLE_CLOCK_H
#define PB_PILOT_SAMPLE_CLOCK_H

#include <stdint.h>

/* divisor > 0 */
static inline __int128 pb_clock_floor_div(__int128 dividend, __int128 divisor) {
    return dividend / divisor - (dividend % divisor < 0);
}

static inline int64_t pb_clock_clipped(__int128 value) {
    return value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : (int64_t)value;
}

/* Rounded down to ns. */
static inline int64_t pb_clock_ns_of(int64_t num_ns, int64_t den, int64_t index) {
    return pb_clock_clipped(pb_clock_floor_div((__int128)index * num_ns, den));
}

/* The first sample at or after. */
static inline int64_t pb_clock_index_at(int64_t num_ns, int64_t den, int64_t at_ns) {
    return pb_clock_clipped(-pb_clock_floor_div(-(__int128)at_ns * den, num_ns));
}

#endif
