/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The samples of one control pilot, made only where something changes: from keep_before before each change (as far as not yet
 * told) to keep_after after the last one. The rest is told as a modelled stretch. Every sample index is told exactly once, in order. */
#ifndef PB_WORLD_SAMPLER_H
#define PB_WORLD_SAMPLER_H

#include "base/instant.h"
#include "pilot_emulator/synth.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PB_SAMPLER_BLOCK 5000 /* samples in one call of the sink, at most */

struct pb_sampler_sink {
    void *user;
    void (*samples)(void *user, unsigned cord, int64_t first_index, const int16_t *counts, size_t count);
    void (*modelled)(void *user, unsigned cord,
                     int64_t to_index); /* from the index after the last told to to_index, not included */
};

struct pb_sampler {
    struct pb_synth synth;
    struct pb_sampler_sink sink;
    unsigned cord;
    pb_span keep_before, keep_after;
    pb_instant keep_until; /* real samples before this */
    int64_t told_index;    /* first index not told yet */
    int64_t block_from;    /* first real sample since pb_sampler_start_block(); -1: none yet */
    int64_t block_size;
};

void pb_sampler_init(struct pb_sampler *sampler, const struct pb_front_end *front_end, uint64_t seed,
                     pb_span keep_before, pb_span keep_after, unsigned cord, const struct pb_sampler_sink *sink);
/* Real samples until then. */
void pb_sampler_keep(struct pb_sampler *sampler, pb_instant until);
/* Changes at now; not before an earlier call's now. What was before is told first. */
void pb_sampler_set_drive(struct pb_sampler *sampler, pb_instant now, const struct pb_cp_drive *drive);
void pb_sampler_set_pwm(struct pb_sampler *sampler, pb_instant now, const struct pb_cp_pwm *pwm);
void pb_sampler_set_load(struct pb_sampler *sampler, pb_instant now, const struct pb_cp_load *load);
/* Tells everything dated before now. */
void pb_sampler_complete(struct pb_sampler *sampler, pb_instant now);
/* A new block begins. pb_sampler_block_end(): when it will be complete: 10 ms or PB_SAMPLER_BLOCK of real samples, or the end of what
 * is kept; PB_INSTANT_NEVER while nothing is kept. */
void pb_sampler_start_block(struct pb_sampler *sampler);
pb_instant pb_sampler_block_end(const struct pb_sampler *sampler);

#endif
