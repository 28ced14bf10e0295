/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples of a pilot as a DAQ would deliver them: quantised, noisy, with the edges of the node equation (node.h), from
 * drive and load that change at given instants. Streaming: the caller says what changes when, then asks for samples up to
 * an index. Allocates nothing. The circuit is solved once for a change, an edge again only when it starts elsewhere than
 * the one before. Deterministic: the same seed and calls give the same samples, whatever the block sizes. */
#ifndef PB_PILOT_SYNTH_H
#define PB_PILOT_SYNTH_H

#include "pilot_emulator/node.h"

#include <stddef.h>
#include <stdint.h>

struct pb_front_end {                  /* the DAQ channel behind its divider; calibrated figures */
    int64_t period_num_ns, period_den; /* sample period as a rational: sample i is taken at i * num / den ns */
    int64_t uv_num, uv_den;            /* volts of one count: num / den uV */
    int64_t uv_offset;                 /* uV at count 0 */
    double noise_volts;                /* rms, before quantisation */
};

/* Steady PWM of the generator: rising edges (generator starts to move) at first_rise_ns + n * 1e15 / uhz ns. */
struct pb_cp_pwm {
    double high_volts, low_volts, source_ohms;
    int64_t frequency_uhz;
    int64_t duty_ppm;
    int64_t first_rise_ns;
    double ramp_seconds;      /* generator's own edge, linear, 0 to 100 % */
    double fall_ramp_seconds; /* of its falls, where they differ; 0: they take ramp_seconds too */
};

struct pb_synth { /* caller's; all but the first six members are the implementation's */
    struct pb_front_end front_end;
    struct pb_cp_load load;
    struct pb_cp_drive drive; /* used when !is_pwm */
    struct pb_cp_pwm pwm;
    bool is_pwm;
    int64_t next_index; /* of the next sample to be made */
    int64_t changed_ns; /* the last change */
    struct pb_cp_node node;
    /* Generator: from open_volts at origin_ns to target_volts in ramp_seconds; the next edge of the PWM at end_ns. */
    double open_volts, target_volts, ramp_seconds;
    int64_t origin_ns, end_ns, end_index, next_edge;
    /* Node: the way of the last fall and the last rise. A path starts at origin_ns. */
    struct pb_synth_edge {
        bool is_solved;
        double start_volts, open_volts, target_volts;
        struct pb_cp_path path;
    } edges[2];
    int rise, piece; /* the edge and its piece under way */
    /* Samples of the piece, in 1/4096 counts. */
    int64_t piece_end_index;
    double level, level_step, deviation, decay;
    bool is_steady;
    uint64_t seed;
    int32_t normal[256]; /* noise quantiles */
};

/* Starts at 0 ns with nothing driven and nothing connected. Noise is a function of seed and sample index alone, so
 * a skipped stretch does not change the noise after it. It is the sum of two quantile tables: Gaussian within 4
 * sigma, none beyond. */
void pb_synth_init(struct pb_synth *synth, const struct pb_front_end *front_end, uint64_t seed);
/* Changes take effect at at_ns, which must not lie before an earlier change or a sample already made (returns
 * false then, and for a frequency outside 1 uHz to 1 MHz). Samples before at_ns that were not made are skipped, as
 * by pb_synth_skip_to(): make the samples up to pb_synth_index_at(at_ns) first, then the change.
 * set_pwm: the generator moves at its ramp from where it is, so a rise at at_ns out of the steady high level is no
 * edge; before first_rise_ns the PWM runs backwards. Duty <= 0 and >= 1000000 ppm are the steady levels. set_drive
 * is a step. */
bool pb_synth_set_drive(struct pb_synth *synth, int64_t at_ns, const struct pb_cp_drive *drive);
bool pb_synth_set_pwm(struct pb_synth *synth, int64_t at_ns, const struct pb_cp_pwm *pwm);
bool pb_synth_set_load(struct pb_synth *synth, int64_t at_ns, const struct pb_cp_load *load);
/* Index of the first sample at or after an instant; the instant of a sample, rounded down to ns. */
int64_t pb_synth_index_at(const struct pb_front_end *front_end, int64_t at_ns);
int64_t pb_synth_time_of(const struct pb_front_end *front_end, int64_t index);
/* Jumps over a stretch without making its samples (a modelled stretch): the next sample made is `index`; no effect
 * when that lies behind. The node is carried along in bounded time: more than 64 PWM periods are taken as
 * periodic. */
void pb_synth_skip_to(struct pb_synth *synth, int64_t index);
/* Makes the next `count` samples into ret_counts (clipped to int16). The caller makes a change before samples past
 * it. */
void pb_synth_make(struct pb_synth *synth, int16_t *ret_counts, size_t count);

#endif
