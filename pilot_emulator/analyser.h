/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From samples to what the pilot does: periods (edges interpolated at the zero crossing, plateaus from settled samples only)
 * and the state tracker A1..F with transitions dated on the sample clock. Streaming, any block size gives the same bits,
 * allocates nothing, uses no libm; integer and plain double arithmetic only (built with -ffp-contract=off), because the judge
 * must get equal bits on any machine. Several channels: one struct each. */
#ifndef PB_PILOT_ANALYSER_H
#define PB_PILOT_ANALYSER_H

#include "pilot_emulator/state.h"

#include <stddef.h>
#include <stdint.h>

/* The sampling of a channel, as recorded with every capture. Integers: bits must not depend on the machine. */
struct pb_sampling {
    int64_t period_num_ns, period_den; /* sample i at i * num / den ns of the bench clock */
    int64_t uv_num, uv_den, uv_offset; /* uV = offset + count * num / den */
    int64_t u_level_uv;                /* type B of a level, expanded k=2: calibration, divider, linearity */
    int64_t u_time_ns;                 /* of an edge's date, expanded: jitter and dating */
    int64_t u_rate_ppb;                /* of the time base, relative, expanded */
};
int64_t pb_sampling_ns_of(const struct pb_sampling *sampling, int64_t index);
int64_t pb_sampling_index_at(const struct pb_sampling *sampling, int64_t at_ns); /* first sample at or after */

/* What the tracker reports. Dates: left_ns is the first sample outside the window of the state before (the excursion from which
 * every reaction time counts), seen_ns the first sample inside the new window (or the first rising edge for "PWM on", the last
 * falling edge for "PWM off"). Reported later than dated: by at most pb_tracker_lag(). */
struct pb_cp_transition {
    enum pb_cp_state from, to;
    int64_t left_ns, seen_ns;
    int64_t u_ns;              /* of both dates, expanded */
};
typedef void pb_cp_transition_fn(void *user, const struct pb_cp_transition *transition);

struct pb_cp_tracker {         /* caller's; members are the implementation's */
    struct pb_sampling sampling;
    struct pb_cp_windows windows;
    pb_cp_transition_fn *report;
    void *user;
    enum pb_cp_state state;
    int64_t implementation[48];
};
void pb_cp_tracker_init(struct pb_cp_tracker *tracker, const struct pb_sampling *sampling,
                        const struct pb_cp_windows *windows, pb_cp_transition_fn *report, void *user);
/* Samples in order. A gap (first_index after the end of the block before) that no pb_cp_tracker_steady() covered is a loss:
 * returns false, and the tracker starts again from NONE at first_index. */
bool pb_cp_tracker_feed(struct pb_cp_tracker *tracker, int64_t first_index, const int16_t *counts, size_t count);
/* A modelled stretch up to (not including) index: nothing changed in it; state is kept, phase is forgotten. */
void pb_cp_tracker_steady(struct pb_cp_tracker *tracker, int64_t to_index);
/* Everything dated before this has been reported. */
int64_t pb_cp_tracker_complete_ns(const struct pb_cp_tracker *tracker);
/* Longest time from date to report, ns. */
int64_t pb_cp_tracker_lag_ns(const struct pb_cp_tracker *tracker);

/* A range of samples measured as a whole: what the judge's pilot extractors call. All U are expanded (k=2). */
struct pb_cp_measurement {
    int64_t periods;           /* whole periods found; 0: steady */
    int64_t samples;
    int64_t duty_ppm, u_duty_ppm;
    int64_t frequency_uhz, u_frequency_uhz;
    int64_t high_uv, u_high_uv; /* plateau of the high phase; the level itself when steady */
    int64_t low_uv, u_low_uv;
    bool is_high_settled, is_low_settled; /* false: phase too short for the settled window, or steady without that phase */
    bool is_saturated;         /* a sample sat at the end of the converter's range */
};
/* A caller-allocated streaming accumulator, so that a range may come in blocks. */
struct pb_cp_meter { int64_t implementation[128]; };
void pb_cp_meter_init(struct pb_cp_meter *meter, const struct pb_sampling *sampling);
void pb_cp_meter_feed(struct pb_cp_meter *meter, const int16_t *counts, size_t count);
void pb_cp_meter_finish(const struct pb_cp_meter *meter, struct pb_cp_measurement *ret_measurement);

#endif
