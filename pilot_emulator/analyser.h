/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From samples to what the pilot does: periods (edges interpolated at the zero crossing, plateaus from settled
 * samples only) and the state tracker A1..F with transitions dated on the sample clock. Streaming, any block size
 * gives the same bits, allocates nothing, uses no libm; integer and plain double arithmetic only (built with
 * -ffp-contract=off), because the judge must get equal bits on any machine. Several channels: one struct each. */
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
    int64_t u_start_ns; /* of all dates together, expanded: how well the first sample is dated. Nothing to durations. */
    int64_t front_rise_ns; /* 10 to 90 % time of the calibrated front end itself, its filter included; 0: not known */
};
/* Rounded down to ns. Indices and instants within +-2^61. */
int64_t pb_sampling_ns_of(const struct pb_sampling *sampling, int64_t index);
int64_t pb_sampling_index_at(const struct pb_sampling *sampling, int64_t at_ns); /* first sample at or after */

/* What the tracker reports. left_ns is the first sample outside the window of the state before (the excursion from
 * which every reaction time counts), seen_ns the first sample inside the new window. In detail:
 * - An excursion counts from its first sample, unless the old level is settled again (12 us, at least 3 samples,
 *   in its window).
 * - A level settled in a gap keeps the state; leaving counts from the first sample that leaves the gap.
 * - With PWM only the high phase is compared. A change of load during the low phase is dated at the first sample
 *   of the next high phase that is outside; u_ns then covers the time since the last sample inside.
 * - PWM on: left_ns at the first sample that leaves the steady level, seen_ns at the first rising edge after it.
 * - PWM off (to x1 or F): both at the last falling edge; it really stopped up to one period later, which u_ns
 *   covers.
 * - An edge is dated at the first sample beyond the lower limit of window E.
 * - The first state after NONE: left_ns is the first sample fed, seen_ns the first inside.
 * - Dates never run backwards and are never older than pb_cp_tracker_lag_ns() when reported. */
struct pb_cp_transition {
    enum pb_cp_state from, to;
    int64_t left_ns, seen_ns;
    int64_t u_ns; /* of both dates, expanded; without the time base's u_rate_ppb, which belongs to durations */
};
typedef void pb_cp_transition_fn(void *user, const struct pb_cp_transition *transition);

/* Levels settle before they count: 250 us of one window when the pilot is steady, 12 us in a PWM phase (at least 3
 * samples each). Suffix 2 begins with the second edge of a pair, and ends 1.75 ms after the last edge. A low phase
 * is anything below window E: its level is the meter's to judge. Coming from NONE, E, F or INVALID the suffix is
 * known only after an edge pair or 1.75 ms. */
struct pb_cp_tracker { /* caller's; from `next_index` on the implementation's */
    struct pb_sampling sampling;
    struct pb_cp_windows windows;
    pb_cp_transition_fn *report;
    void *user;
    enum pb_cp_state state;
    int64_t next_index;
    /* Bands between the window limits, in raw counts. */
    int32_t band_min[13], band_max[13];
    int64_t settle_pwm, settle_steady, silence, lag; /* samples */
    /* Runs of samples: in one band; on one side of the lower limit of window E. */
    int band;
    int64_t band_first, side_run_first;
    bool is_low_run;
    /* The side that is settled, and since when. */
    bool has_side, is_low_side;
    int64_t side_first;
    int edges;                   /* in a row, none further apart than the silence */
    bool is_pwm, is_steady;      /* neither: not known yet */
    int settled_band, high_band; /* last settled on this side; last settled on the high side since its edge; -1: none */
    int64_t settled_first, high_first;
    int home_band;                   /* where the state's level is settled; -1 */
    int64_t left_index, last_inside; /* -1: no excursion */
    int64_t pwm_left, pwm_rise, last_fall, fall_before;
    int64_t reported_ns;
};
void pb_cp_tracker_init(struct pb_cp_tracker *tracker, const struct pb_sampling *sampling,
                        const struct pb_cp_windows *windows, pb_cp_transition_fn *report, void *user);
/* Samples in order, indices within +-2^61; values of the sampling beyond 1e12 (or divisors below 1) are clamped. A
 * gap (first_index after the end of the block before) that no pb_cp_tracker_steady() covered is a loss: returns
 * false, and the tracker starts again from NONE at first_index; so does a block that overlaps the one before. */
bool pb_cp_tracker_feed(struct pb_cp_tracker *tracker, int64_t first_index, const int16_t *counts, size_t count);
/* A modelled stretch up to (not including) index: nothing changed in it; state is kept, phase is forgotten, and so
 * is an excursion not yet reported: sample on for pb_cp_tracker_lag_ns() after a change before a modelled stretch.
 * No effect on an index already passed. */
void pb_cp_tracker_steady(struct pb_cp_tracker *tracker, int64_t to_index);
/* Everything dated before this has been reported. */
int64_t pb_cp_tracker_complete_ns(const struct pb_cp_tracker *tracker);
/* Longest time from date to report, ns: 4.1 ms (and a few samples). */
int64_t pb_cp_tracker_lag_ns(const struct pb_cp_tracker *tracker);

/* A range of samples measured as a whole: what the judge's pilot extractors call. All U are expanded (k=2). */
struct pb_cp_measurement {
    int64_t periods; /* whole periods found; 0: steady */
    int64_t samples;
    int64_t duty_ppm, u_duty_ppm;
    int64_t frequency_uhz, u_frequency_uhz;
    int64_t high_uv, u_high_uv; /* plateau of the high phase; the level itself when steady */
    int64_t low_uv, u_low_uv;
    /* false: phase too short for the settled window, or steady without that phase */
    bool is_high_settled, is_low_settled;
    bool is_saturated; /* a sample sat at the end of the converter's range */
    /* From here on only pb_cp_analyser_measure() (periods.h). */
    bool is_coherent; /* the sampling kept its phase to the pilot: errors of the edges' places did not average out */
    int64_t ripple_high_uv, ripple_low_uv; /* greatest peak to peak within a settled window */
    int64_t odd_periods, missing_pulses, glitches, losses;
    bool is_rise_measured, is_fall_measured; /* false: not measurable with this front end, or no edge to be had */
    int64_t rise_ns, u_rise_ns, fall_ns, u_fall_ns; /* 10 to 90 % */
};
struct pb_cp_sums {
    int64_t sum, samples;
    uint64_t square_sum;
}; /* counts */
/* Settled samples in phases; the spread of the phases' means is the type A of the level. */
struct pb_cp_level_sums {
    struct pb_cp_sums all;
    int64_t phases, first_mean, mean_sum; /* means in 1/4096 count; sums less the first */
    unsigned __int128 mean_square_sum;
};
/* A streaming accumulator, so that a range may come in blocks. Duty is high time between zero crossings,
 * interpolated linearly, over the whole periods from first to last rise. Levels: the mean of the samples from 26
 * us (high) or 35 us (low) after an edge to at least 8 us before the next; is_..._settled is false when only
 * samples from 10 us on were to be had, or none (U is then the converter's range). A phase cut by an end of the
 * range is left out. Without an edge, all samples make the level.
 * U: type A from the spread of periods or phases (a range of 1 ms counts as a phase when steady) times Student's
 * t; type B: u_level_uv, half a count, u_time_ns, u_rate_ppb, and for each edge the interpolation: rectangular
 * with half width 1/8 or 1/4 of the sample period, or all that the interval allows, when both, one or none of the
 * two samples around the crossing is on the edge. Its mean square over the edges is kept in full, because a sample
 * clock locked to the pilot repeats the same error in every period. */
struct pb_cp_meter { /* caller's; members are the implementation's */
    struct pb_sampling sampling;
    int64_t samples;
    bool is_saturated;
    struct {
        int32_t min, max;
    } on_side[2], beyond[2]; /* [low, high]: counts on that side of 0 V; past the hysteresis */
    int64_t skip[2][2];      /* samples after an edge: [low, high][floor, full] */
    int64_t guard, chunk;    /* samples */
    int side;                /* -1 unknown, 0 low, 1 high */
    int16_t last[2];         /* newest first */
    int64_t crossing_index;  /* of the first sample past 0 V; -1: none under way */
    int16_t crossing[4];     /* two samples before it, itself, one after */
    int64_t edges;
    int64_t phase_first; /* first sample of the present phase */
    struct pb_cp_sums done[2], held[2],
        open[2]; /* [floor, full]: safe from the next edge, chunk before, newest chunk */
    struct pb_cp_level_sums levels[2][2], steady; /* [low, high][floor, full] */
    struct pb_cp_sums steady_open;
    int64_t first_rise, last_rise, last_fall; /* 1/2^20 sample */
    int64_t periods, first_width, first_period, width_sum;
    __int128 width_dev, period_dev, width_square, period_square, product; /* deviations from the first, 1/2^20 sample */
    uint64_t interpolation_square[2]; /* half widths, 1/2^20 sample, squared and summed: [fall, rise] */
    int64_t interpolations[2];
    int64_t slope_min[2]; /* counts a sample: [fall, rise] */
};
void pb_cp_meter_init(struct pb_cp_meter *meter, const struct pb_sampling *sampling);
void pb_cp_meter_feed(struct pb_cp_meter *meter, const int16_t *counts, size_t count);
void pb_cp_meter_finish(const struct pb_cp_meter *meter, struct pb_cp_measurement *ret_measurement);

#endif
