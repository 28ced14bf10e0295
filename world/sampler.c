/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lazy: nothing is done between changes. Calls arrive in time order, so at a change the past is known and can be told. */
#include "world/sampler.h"

#define BLOCK_NS 10000000

static int64_t index_at(const struct pb_sampler *sampler, pb_instant at) {
    return pb_synth_index_at(&sampler->synth.front_end, at.ns);
}

void pb_sampler_init(struct pb_sampler *sampler, const struct pb_front_end *front_end, uint64_t seed,
                     pb_span keep_before, pb_span keep_after, unsigned cord, const struct pb_sampler_sink *sink) {
    *sampler = (struct pb_sampler){.sink = *sink,
                                   .cord = cord,
                                   .keep_before = keep_before,
                                   .keep_after = keep_after,
                                   .keep_until = {INT64_MIN},
                                   .block_from = -1};
    pb_synth_init(&sampler->synth, front_end, seed);
    int64_t samples = pb_synth_index_at(front_end, BLOCK_NS);
    sampler->block_size = samples < 1 ? 1 : samples > PB_SAMPLER_BLOCK ? PB_SAMPLER_BLOCK : samples;
}

static void tell_samples(struct pb_sampler *sampler, int64_t end) {
    int16_t counts[PB_SAMPLER_BLOCK];
    if (sampler->told_index < end && sampler->block_from < 0) sampler->block_from = sampler->told_index;
    while (sampler->told_index < end) {
        int64_t left = end - sampler->told_index;
        size_t count = (size_t)(left < sampler->block_size ? left : sampler->block_size);
        pb_synth_make(&sampler->synth, counts, count);
        sampler->sink.samples(sampler->sink.user, sampler->cord, sampler->told_index, counts, count);
        sampler->told_index += (int64_t)count;
    }
}

static void tell_modelled(struct pb_sampler *sampler, int64_t end) {
    if (sampler->told_index >= end) return;
    pb_synth_skip_to(&sampler->synth, end);
    sampler->told_index = end;
    sampler->sink.modelled(sampler->sink.user, sampler->cord, end);
}

/* What of [told, end) is inside the time that is kept. */
static void tell_kept(struct pb_sampler *sampler, int64_t end) {
    if (sampler->keep_until.ns == INT64_MIN) return;
    int64_t kept_end = sampler->keep_until.ns == INT64_MAX ? end : index_at(sampler, sampler->keep_until);
    tell_samples(sampler, kept_end < end ? kept_end : end);
}

void pb_sampler_keep(struct pb_sampler *sampler, pb_instant until) {
    sampler->keep_until = pb_later(sampler->keep_until, until);
}

static void tell_before_change(struct pb_sampler *sampler, pb_instant now) {
    int64_t end = index_at(sampler, now);
    tell_kept(sampler, end);
    int64_t before_ns = now.ns > sampler->keep_before.ns ? now.ns - sampler->keep_before.ns : 0;
    tell_modelled(sampler, index_at(sampler, (pb_instant){before_ns}));
    tell_samples(sampler, end);
    pb_sampler_keep(sampler, pb_after(now, sampler->keep_after));
    if (sampler->block_from < 0) sampler->block_from = sampler->told_index;
}

/* The setters refuse only times before the synthesis has got to; tell_before_change() stops short of now, so none is refused. */
void pb_sampler_set_drive(struct pb_sampler *sampler, pb_instant now, const struct pb_cp_drive *drive) {
    tell_before_change(sampler, now);
    (void)pb_synth_set_drive(&sampler->synth, now.ns, drive);
}

void pb_sampler_set_pwm(struct pb_sampler *sampler, pb_instant now, const struct pb_cp_pwm *pwm) {
    tell_before_change(sampler, now);
    (void)pb_synth_set_pwm(&sampler->synth, now.ns, pwm);
}

void pb_sampler_set_load(struct pb_sampler *sampler, pb_instant now, const struct pb_cp_load *load) {
    tell_before_change(sampler, now);
    (void)pb_synth_set_load(&sampler->synth, now.ns, load);
}

void pb_sampler_complete(struct pb_sampler *sampler, pb_instant now) {
    int64_t end = index_at(sampler, now);
    tell_kept(sampler, end);
    tell_modelled(sampler, end);
}

void pb_sampler_start_block(struct pb_sampler *sampler) {
    bool is_kept = pb_synth_time_of(&sampler->synth.front_end, sampler->told_index) < sampler->keep_until.ns;
    sampler->block_from = is_kept ? sampler->told_index : -1;
}

pb_instant pb_sampler_block_end(const struct pb_sampler *sampler) {
    if (sampler->block_from < 0) return PB_INSTANT_NEVER;
    pb_instant full = {pb_synth_time_of(&sampler->synth.front_end, sampler->block_from + sampler->block_size)};
    return pb_earlier(full, sampler->keep_until);
}
