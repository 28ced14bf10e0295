/* Samples of a pilot as a DAQ would deliver them: quantised, noisy, with exponential edges, from drive and load that change at
 * given instants. Streaming: the caller says what changes when, then asks for samples up to an index. Allocates nothing.
 * Deterministic: the same seed and calls give the same samples, whatever the block sizes. */
#ifndef PB_PILOT_SYNTH_H
#define PB_PILOT_SYNTH_H

#include "pilot_emulator/node.h"

#include <stddef.h>
#include <stdint.h>

struct pb_front_end {          /* the DAQ channel behind its divider; calibrated figures */
    int64_t period_num_ns, period_den; /* sample period as a rational: sample i is taken at i * num / den ns */
    int64_t uv_num, uv_den;    /* volts of one count: num / den uV */
    int64_t uv_offset;         /* uV at count 0 */
    double noise_volts;        /* rms, before quantisation */
};

/* Steady PWM of the generator: rising edges (generator starts to move) at first_rise_ns + n * 1e15 / uhz ns. */
struct pb_cp_pwm {
    double high_volts, low_volts, source_ohms;
    int64_t frequency_uhz;
    int64_t duty_ppm;
    int64_t first_rise_ns;
    double ramp_seconds;       /* generator's own edge, linear, 0 to 100 % */
};

struct pb_synth {              /* caller's; members are the implementation's */
    struct pb_front_end front_end;
    struct pb_cp_load load;
    struct pb_cp_drive drive;  /* used when !is_pwm */
    struct pb_cp_pwm pwm;
    bool is_pwm;
    double volts;              /* node at time at_ns */
    int64_t at_ns;
    int64_t next_index;
    uint64_t random[4];
    uint64_t spare[8];
};

void pb_synth_init(struct pb_synth *synth, const struct pb_front_end *front_end, uint64_t seed);
/* Changes take effect at at_ns, which must not lie before an earlier change or a sample already made (returns false then). */
bool pb_synth_set_drive(struct pb_synth *synth, int64_t at_ns, const struct pb_cp_drive *drive);
bool pb_synth_set_pwm(struct pb_synth *synth, int64_t at_ns, const struct pb_cp_pwm *pwm);
bool pb_synth_set_load(struct pb_synth *synth, int64_t at_ns, const struct pb_cp_load *load);
/* Index of the first sample at or after an instant. */
int64_t pb_synth_index_at(const struct pb_front_end *front_end, int64_t at_ns);
int64_t pb_synth_time_of(const struct pb_front_end *front_end, int64_t index);
/* Jumps over a stretch without making its samples (a modelled stretch): the next sample made is `index`. The node is carried
 * along. */
void pb_synth_skip_to(struct pb_synth *synth, int64_t index);
/* Makes the next `count` samples into ret_counts (clipped to int16). The caller makes a change before samples past it. */
void pb_synth_make(struct pb_synth *synth, int16_t *ret_counts, size_t count);

#endif
