/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The control pilot period by period, and a range of it as a whole with uncertainty: what versions 2 and 3 of the judge's pilot
 * extractors call. One pass, streaming, allocates nothing; the blocks in which samples come never change a bit. Several
 * channels: one struct each. Integers, and plain doubles for conversions and uncertainties (no libm, built with
 * -ffp-contract=off): equal bits on any machine. How U comes about: docs/uncertainty.md. */
#ifndef PB_PILOT_PERIODS_H
#define PB_PILOT_PERIODS_H

#include "pilot_emulator/analyser.h"
#include "pilot_emulator/places.h"
#include "pilot_emulator/scan.h"

enum { PB_CP_LOW, PB_CP_HIGH };

enum pb_cp_period_flag {
    PB_CP_PERIOD_ODD = 1,     /* shorter or longer than 800 to 1200 Hz allow */
    PB_CP_PERIOD_MISSING = 2, /* so long that at least one pulse is missing (1.5 ms) */
    PB_CP_PERIOD_GLITCH = 4,  /* holds a single sample on the wrong side of 0 V, or is shorter than half a period */
    PB_CP_PERIOD_LOST = 8     /* a phase of it lasted 1.75 ms: the PWM had stopped */
};

/* One period, from rise to rise. Without U: that belongs to a range. */
struct pb_cp_period {
    int64_t rise, fall, end; /* zero crossings, interpolated, 1/2^20 sample from the first sample fed */
    int64_t width_ps, period_ps, duty_ppm;
    int64_t level_uv[2], ripple_uv[2]; /* [low, high]: mean and peak to peak of the settled window */
    bool is_settled[2];                /* false: the phase was too short to have a window */
    int64_t edge_ps[2];                /* [fall, rise]: 10 to 90 %, front end taken out; 0: not measurable here */
    unsigned flags;                    /* of enum pb_cp_period_flag */
};
typedef void pb_cp_period_fn(void *user, const struct pb_cp_period *period);

struct pb_cp_analyser_setup {
    struct pb_sampling sampling;
    int64_t edge_limit_ns[2]; /* [fall, rise]: what the edges will be held against; 0: nothing */
    pb_cp_period_fn *report;  /* called in pb_cp_analyser_feed(); NULL: nobody */
    void *user;
};

/* Edge times are numbers only where front end and sample period are at most a third of the limit. */
bool pb_cp_edge_is_measurable(const struct pb_cp_analyser_setup *setup, int side);

enum { PB_CP_REACH_MAX = 1024 }; /* samples looked back or ahead at most */

struct pb_cp_window { /* samples of a phase by their time after the crossing */
    struct pb_scan_sums part[3];
};
struct pb_cp_plateau { /* over phases; means in 1/4096 count, sums less the first */
    int64_t sum, samples, phases, first_mean, mean_sum;
    unsigned __int128 mean_square_sum;
    int32_t ripple_counts; /* greatest */
};
struct pb_cp_edge_sums {
    int64_t edges, slope_min; /* counts a sample */
    uint64_t limit_square;    /* half widths of the crossings' places, 1/2^20 sample, squared */
    int64_t timed, time_sum;  /* 10 to 90 %, 1/2^20 sample */
    unsigned __int128 time_square;
    int64_t twice_sum, range_sum; /* of what the samples leave: least plus most, most less least */
    unsigned __int128 twice_square;
};
struct pb_cp_analyser { /* caller's; members are the implementation's */
    struct pb_cp_analyser_setup setup;
    double ps_per_q, uv_per_q, uv_offset;
    int16_t past_min[2], past_max[2];     /* counts past 0 V on that side */
    int16_t within_min[3], within_max[3]; /* [low, high, unknown]: counts that make no edge and are not saturated */
    int64_t zero_q8;                      /* 0 V in 1/256 count */
    int64_t part_first[2][3];             /* samples after a crossing: where a phase's parts begin */
    int64_t guard, chunk, silence, back, ahead;
    int64_t period_min, period_max, period_nominal; /* 1/2^20 sample */
    bool is_timed[2], is_inverted, is_smooth;
    /* Samples fed; looked at for crossings; summed. */
    int64_t fed, next, taken;
    int side;
    bool is_saturated;
    int64_t edges, phase_first; /* first sample past 0 V */
    struct pb_cp_window phase;
    struct pb_scan_sums steady_open;
    struct pb_cp_plateau steady, plateau[2][2]; /* [low, high][short, full] */
    struct pb_scan_sums early[2][2];            /* [low, high][part 0, part 1] */
    int64_t level_q[2];                         /* the last phase's, for 10 and 90 % */
    bool has_level[2];
    struct pb_cp_edge_sums edge[2]; /* [fall, rise] */
    struct pb_cp_period period;     /* under way */
    int64_t rise_index, fall_index;
    int64_t first_rise, last_rise;
    int64_t periods, first_width, first_period, width_sum;
    int64_t count_sum, first_index[2], last_index[2]; /* first samples past 0 V: [fall, rise] */
    __int128 width_dev, period_dev, width_square, period_square, product;
    int64_t odd, missing, glitches, losses;
    int32_t carried; /* samples [fed - carried, fed) are the end of carry */
    int16_t carry[4 * PB_CP_REACH_MAX + 64];
    struct pb_places places;
};
void pb_cp_analyser_init(struct pb_cp_analyser *analyser, const struct pb_cp_analyser_setup *setup);
void pb_cp_analyser_feed(struct pb_cp_analyser *analyser, const int16_t *counts, size_t count);
/* Of all that was fed; more may follow. A phase cut by an end of the range is left out. */
void pb_cp_analyser_measure(const struct pb_cp_analyser *analyser, struct pb_cp_measurement *ret_measurement);
/* As a version of the judge's pilot extractors measures, 2 or 3: the samples of an old run give what they gave. */
void pb_cp_analyser_measure_as(const struct pb_cp_analyser *analyser, int version,
                               struct pb_cp_measurement *ret_measurement);

#endif
