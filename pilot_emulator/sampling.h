/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A recorded sampling made fit for arithmetic: whatever a damaged record says, products stay inside 128 bits and
 * divisors above 0. Internal to pilot_emulator. */
#ifndef PB_PILOT_SAMPLING_H
#define PB_PILOT_SAMPLING_H

#include "pilot_emulator/analyser.h"

#include "pilot_emulator/sample_clock.h"

#define PB_SAMPLING_MAX 1000000000000

static inline int64_t pb_clamped(int64_t value, int64_t min, int64_t max) {
    return value < min ? min : value > max ? max : value;
}

static inline struct pb_sampling pb_sampling_sane(const struct pb_sampling *sampling) {
    struct pb_sampling s = *sampling;
    s.period_num_ns = pb_clamped(s.period_num_ns, 1, PB_SAMPLING_MAX);
    s.period_den = pb_clamped(s.period_den, 1, PB_SAMPLING_MAX);
    s.uv_num = pb_clamped(s.uv_num == 0 ? 1 : s.uv_num, -PB_SAMPLING_MAX, PB_SAMPLING_MAX);
    s.uv_den = pb_clamped(s.uv_den, 1, PB_SAMPLING_MAX);
    s.uv_offset = pb_clamped(s.uv_offset, -PB_SAMPLING_MAX, PB_SAMPLING_MAX);
    s.u_level_uv = pb_clamped(s.u_level_uv, 0, PB_SAMPLING_MAX);
    s.u_time_ns = pb_clamped(s.u_time_ns, 0, PB_SAMPLING_MAX);
    s.u_rate_ppb = pb_clamped(s.u_rate_ppb, 0, PB_SAMPLING_MAX);
    s.u_start_ns = pb_clamped(s.u_start_ns, 0, PB_SAMPLING_MAX);
    s.front_rise_ns = pb_clamped(s.front_rise_ns, 0, PB_SAMPLING_MAX);
    return s;
}

/* Samples that cover a time, at least `least`. */
static inline int64_t pb_sampling_count(const struct pb_sampling *sane, int64_t ns, int64_t least) {
    return pb_clamped(pb_clock_index_at(sane->period_num_ns, sane->period_den, ns), least, (int64_t)1 << 40);
}

/* The lowest count whose level reaches uv, for a slope of |uv_num|; from INT16_MIN to one past INT16_MAX. */
static inline int32_t pb_sampling_limit(const struct pb_sampling *sane, int64_t uv) {
    int64_t slope = sane->uv_num < 0 ? -sane->uv_num : sane->uv_num;
    __int128 count = -pb_clock_floor_div(-((__int128)uv - sane->uv_offset) * sane->uv_den, slope);
    return (int32_t)(count < INT16_MIN ? INT16_MIN : count > INT16_MAX + 1 ? INT16_MAX + 1 : count);
}

#endif
