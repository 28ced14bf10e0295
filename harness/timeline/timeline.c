/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A binary heap by (at, source, order). */
#include "harness/timeline/timeline.h"

#include <assert.h>
#include <stdlib.h>

struct source {
    const char *name;
    pb_instant complete;
    pb_span lag;
};
struct pb_timeline {
    struct source sources[PB_TIMELINE_SOURCES];
    uint16_t source_count;
    uint64_t order;
    size_t count, capacity;
    struct pb_event heap[];
};

enum pb_status pb_timeline_create(size_t capacity, struct pb_timeline **ret_timeline, struct pb_error *error) {
    struct pb_timeline *timeline = calloc(1, sizeof *timeline + capacity * sizeof *timeline->heap);
    if (!timeline) return pb_fail(error, PB_ERR_MEMORY, 0, "timeline", "no memory for %zu events", capacity);
    timeline->capacity = capacity;
    *ret_timeline = timeline;
    return PB_OK;
}

void pb_timeline_destroy(struct pb_timeline *timeline) { free(timeline); }

uint16_t pb_timeline_add_source(struct pb_timeline *timeline, const char *name, pb_span lag) {
    assert(timeline->source_count < PB_TIMELINE_SOURCES);
    timeline->sources[timeline->source_count] = (struct source){.name = name, .lag = lag};
    return timeline->source_count++;
}

PB_HOT static bool is_earlier(const struct pb_event *a, const struct pb_event *b) {
    if (a->at.ns != b->at.ns) return a->at.ns < b->at.ns;
    if (a->source != b->source) return a->source < b->source;
    return a->order < b->order;
}

PB_HOT enum pb_status pb_timeline_push(struct pb_timeline *timeline, const struct pb_event *event,
                                       struct pb_error *error) {
    const struct source *source = &timeline->sources[event->source];
    if (timeline->count == timeline->capacity)
        return pb_fail(error, PB_ERR_OVERRUN, 0, source->name, "more than %zu events wait to be ordered",
                       timeline->capacity);
    if (pb_is_before(event->at, source->complete))
        return pb_fail(error, PB_ERR_PROTOCOL, 0, source->name,
                       "an event dated %lld ns came after completeness to %lld ns", (long long)event->at.ns,
                       (long long)source->complete.ns);
    size_t i = timeline->count++;
    struct pb_event moving = *event;
    moving.order = timeline->order++;
    for (; i > 0 && is_earlier(&moving, &timeline->heap[(i - 1) / 2]); i = (i - 1) / 2)
        timeline->heap[i] = timeline->heap[(i - 1) / 2];
    timeline->heap[i] = moving;
    return PB_OK;
}

PB_HOT void pb_timeline_complete(struct pb_timeline *timeline, uint16_t source, pb_instant to) {
    timeline->sources[source].complete = pb_later(timeline->sources[source].complete, to);
}

PB_HOT pb_instant pb_timeline_known(const struct pb_timeline *timeline) {
    pb_instant known = PB_INSTANT_NEVER;
    for (uint16_t i = 0; i < timeline->source_count; i++) known = pb_earlier(known, timeline->sources[i].complete);
    return known;
}

bool pb_timeline_is_waiting(const struct pb_timeline *timeline) { return timeline->count != 0; }

PB_HOT bool pb_timeline_pop(struct pb_timeline *timeline, struct pb_event *ret_event) {
    if (!timeline->count || !pb_is_before(timeline->heap[0].at, pb_timeline_known(timeline))) return false;
    *ret_event = timeline->heap[0];
    struct pb_event moving = timeline->heap[--timeline->count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < timeline->count; i = child) {
        if (child + 1 < timeline->count && is_earlier(&timeline->heap[child + 1], &timeline->heap[child])) child++;
        if (!is_earlier(&timeline->heap[child], &moving)) break;
        timeline->heap[i] = timeline->heap[child];
    }
    timeline->heap[i] = moving;
    return true;
}

PB_HOT enum pb_status pb_timeline_check_lag(const struct pb_timeline *timeline, pb_instant now,
                                            struct pb_error *error) {
    for (uint16_t i = 0; i < timeline->source_count; i++) {
        const struct source *source = &timeline->sources[i];
        pb_span behind = pb_between(source->complete, now);
        if (pb_is_shorter(source->lag, behind))
            return pb_fail(error, PB_ERR_OVERRUN, 0, source->name, "is %lld ns behind the clock, declared lag %lld ns",
                           (long long)behind.ns, (long long)source->lag.ns);
    }
    return PB_OK;
}
