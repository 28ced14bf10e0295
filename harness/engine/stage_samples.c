/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Samples: what comes of them goes to the tracker and into a ring; what a transition or a reading rests on goes from there into the record. */
#include "harness/engine/stage_private.h"
#include "pilot_emulator/periods.h"

#include <string.h>

/* ---- as they come ---- */

enum pb_status pb_stage__keep_samples(struct cord *cord, int64_t first, int64_t end, struct pb_error *error) {
    struct pb_stage *stage = cord->stage;
    if (first < cord->valid_from) first = cord->valid_from;
    if (first < cord->next_index - RING) first = cord->next_index - RING;
    if (end > cord->next_index) end = cord->next_index;
    while (first < end) { /* in pieces that do not wrap */
        int64_t offset = first & (RING - 1), count = end - first;
        if (count > RING - offset) count = RING - offset;
        enum pb_status status = pb_writer_capture(stage->setup.writer, stage->now, cord->channel, &cord->sampling,
                                                  first, cord->ring + offset, (size_t)count, error);
        if (status != PB_OK) return status;
        first += count;
    }
    return PB_OK;
}

/* A block of the oscilloscope goes into the record as it comes. */
static void take_scope(struct pb_stage *stage, int64_t first_index, const int16_t *counts, size_t count) {
    struct pb_error error;
    pb_stage__fail_later(stage,
                         pb_writer_capture(stage->setup.writer, stage->now, "scope", &stage->scope.sampling,
                                           first_index, counts, count, &error),
                         &error);
    stage->scope.next_index = first_index + (int64_t)count;
}

void pb_stage__samples(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t count) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    struct pb_error error;
    if (slot->meanings[channel].is_scope) take_scope(stage, first_index, counts, count);
    if (!slot->meanings[channel].is_pilot) return;
    struct cord *cord = &stage->cords[slot->meanings[channel].cord];
    if (cord->next_index == 0 && first_index > 0) pb_cp_tracker_steady(&cord->tracker, first_index);
    if (first_index != cord->next_index) cord->valid_from = first_index;
    for (size_t done = 0; done < count;) {
        size_t offset = (size_t)((first_index + (int64_t)done) & (RING - 1)), n = count - done;
        if (n > RING - offset) n = RING - offset;
        memcpy(cord->ring + offset, counts + done, n * sizeof *counts);
        done += n;
    }
    cord->next_index = first_index + (int64_t)count;
    if (!pb_cp_tracker_feed(&cord->tracker, first_index, counts, count))
        pb_stage__fail_later(stage,
                             pb_fail(&error, PB_ERR_OVERRUN, 0, cord->channel, "samples were lost before number %lld",
                                     (long long)first_index),
                             &error);
    if (stage->cord_count > 1) pb_announce_feed(&cord->announce, first_index, counts, count);
}

void pb_stage__modelled(void *user, unsigned channel, int64_t to_index) {
    struct driver_slot *slot = user;
    struct pb_stage *stage = slot->stage;
    struct cord *cord = &stage->cords[slot->meanings[channel].cord];
    struct pb_error error;
    if (!slot->meanings[channel].is_pilot || to_index <= cord->next_index) return;
    pb_stage__fail_later(stage,
                         pb_stage__record(stage, PB_ROW_MODELLED,
                                          (pb_instant){pb_sampling_ns_of(&cord->sampling, cord->next_index)},
                                          cord->channel, pb_sampling_ns_of(&cord->sampling, to_index),
                                          to_index - cord->next_index, 0, 0, "", &error),
                         &error);
    cord->next_index = cord->valid_from = to_index;
    pb_cp_tracker_steady(&cord->tracker, to_index);
}

/* ---- on demand ---- */

static enum pb_status gather(struct pb_stage *stage, pb_instant from, pb_span span, int64_t *ret_first,
                             int64_t *ret_end, struct pb_error *error) {
    struct cord *cord = pb_stage__present(stage);
    if (!cord->has_pilot)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, stage->bench->name, "the bench has no channel for role %s",
                       cord->channel);
    int64_t first = pb_sampling_index_at(&cord->sampling, from.ns),
            end = pb_sampling_index_at(&cord->sampling, pb_after(from, span).ns);
    pb_instant until = {pb_sampling_ns_of(&cord->sampling, end)};
    enum pb_status status = stage->bench->instruments[cord->pilot_slot].driver->stream->keep_until(
        stage->slots[cord->pilot_slot].instrument, cord->pilot_channel, until, error);
    cord->capture_from = first;
    while (status == PB_OK && cord->next_index < end) status = pb_stage__turn_towards(stage, until, error);
    cord->capture_from = INT64_MAX;
    if (status == PB_OK && (first < cord->valid_from || cord->next_index - first > RING))
        return pb_fail(error, PB_ERR_OVERRUN, 0, cord->channel,
                       "the samples of a reading were not kept (from %lld, held from %lld)", (long long)first,
                       (long long)cord->valid_from);
    *ret_first = first;
    *ret_end = end;
    return status;
}

enum pb_status pb_stage_capture(struct pb_stage *stage, pb_instant from, pb_span span, int64_t *ret_first,
                                int64_t *ret_count, struct pb_error *error) {
    int64_t first = 0, end = 0;
    enum pb_status status = gather(stage, from, span, &first, &end, error);
    if (status == PB_OK) status = pb_stage__keep_samples(pb_stage__present(stage), first, end, error);
    if (status != PB_OK) return status;
    *ret_first = first;
    *ret_count = end - first;
    return PB_OK;
}

enum pb_status pb_stage_measure(struct pb_stage *stage, pb_span span, struct pb_cp_measurement *ret_measurement,
                                struct pb_error *error) {
    struct pb_cp_analyser analyser;
    struct cord *cord = pb_stage__present(stage);
    int64_t first = 0, end = 0;
    stage->clock->tick(stage);
    enum pb_status status = gather(stage, stage->now, span, &first, &end, error);
    if (status != PB_OK) return status;
    pb_cp_analyser_init(&analyser, &(struct pb_cp_analyser_setup){.sampling = cord->sampling});
    while (first < end) { /* in pieces that do not wrap */
        int64_t offset = first & (RING - 1), count = end - first;
        if (count > RING - offset) count = RING - offset;
        pb_cp_analyser_feed(&analyser, cord->ring + offset, (size_t)count);
        first += count;
    }
    pb_cp_analyser_measure(&analyser, ret_measurement);
    return PB_OK;
}

const struct pb_sampling *pb_stage_sampling(const struct pb_stage *stage) {
    const struct cord *cord = &stage->cords[stage->cord];
    return cord->has_pilot ? &cord->sampling : NULL;
}

bool pb_stage_has_scope(const struct pb_stage *stage) { return stage->scope.is_there && stage->cord == 0; }

enum pb_status pb_stage_capture_scope(struct pb_stage *stage, pb_span span, int64_t *ret_first, int64_t *ret_count,
                                      struct pb_error *error) {
    const struct pb_burst_ops *burst = stage->bench->instruments[stage->scope.slot].driver->burst;
    pb_instant until = pb_after(stage->now, span);
    int64_t first = 0, count = 0;
    enum pb_status status = burst->take(stage->slots[stage->scope.slot].instrument, stage->scope.channel, stage->now,
                                        span, &first, &count, error);
    stage->scope.next_index = first;
    while (status == PB_OK && stage->scope.next_index < first + count)
        status = pb_stage__turn_towards(stage, until, error);
    if (status != PB_OK) return status;
    *ret_first = first;
    *ret_count = count;
    return PB_OK;
}
