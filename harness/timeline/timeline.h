/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The merge of all sources of events by time. Sized once; nothing is allocated afterwards. Equal instants come out in the order of their sources, then
 * of their arrival, so that the order is the same in every run. One thread. */
#ifndef PB_HARNESS_TIMELINE_H
#define PB_HARNESS_TIMELINE_H

#include "base/instant.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PB_TIMELINE_SOURCES = 16 };

struct pb_event {
    pb_instant at;    /* the date that counts for order */
    pb_instant other; /* second date, where the kind has one (a state: when the new window was reached) */
    int64_t value, before;
    int64_t u_ns;  /* of the dates, expanded */
    uint16_t name; /* what happened: the engine's table of event names */
    uint16_t source;
    uint8_t cord;   /* of a station, from 0; of what a station has once: 0 */
    uint64_t order; /* of arrival; given by push */
};

struct pb_timeline;

PB_MUST_CHECK enum pb_status pb_timeline_create(size_t capacity, struct pb_timeline **ret_timeline,
                                                struct pb_error *error);
void pb_timeline_destroy(struct pb_timeline *timeline);
/* Adds a source; complete up to zero. lag: how far behind the clock it may be before that is a bench error. Returns its number. */
uint16_t pb_timeline_add_source(struct pb_timeline *timeline, const char *name, pb_span lag);
/* PB_ERR_OVERRUN when full; PB_ERR_PROTOCOL for an event dated before its source's completeness (it would come too late). */
PB_MUST_CHECK enum pb_status pb_timeline_push(struct pb_timeline *timeline, const struct pb_event *event,
                                              struct pb_error *error);
/* The source has pushed everything dated before `to`. Never goes back. */
void pb_timeline_complete(struct pb_timeline *timeline, uint16_t source, pb_instant to);
/* Everything dated before this is known: the least of all sources. A deadline at or before it has expired. */
pb_instant pb_timeline_known(const struct pb_timeline *timeline);
/* Events that are pushed, and not known yet. */
bool pb_timeline_is_waiting(const struct pb_timeline *timeline);
/* The earliest event, if it is dated before what is known. */
bool pb_timeline_pop(struct pb_timeline *timeline, struct pb_event *ret_event);
/* PB_ERR_OVERRUN, with the source's name, when one is further behind `now` than its lag. */
PB_MUST_CHECK enum pb_status pb_timeline_check_lag(const struct pb_timeline *timeline, pb_instant now,
                                                   struct pb_error *error);

#endif
