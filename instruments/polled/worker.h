/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A device that is asked and told over a slow link, on a thread of its own: reads its groups when they are due, carries out commands between them,
 * dates what it read, gets a lost device back by bounded tries, and hands all over through a ring that the engine's thread drains.
 *
 * What is wrong and what follows: an answer that says no (PB_ERR_UNSUPPORTED, _NOT_FOUND, _RANGE, _BUSY) is asked again `tries` times; anything else
 * (silence, nonsense, a closed link) drops the link, because what would come over it next may belong to an older question, and connects again `tries`
 * times, `retry` apart. A count starts again at the next good reading. Used up, or another device at the other end (PB_ERR_CHANGED): every poll fails
 * from then on. An output that cannot be shown to have survived a lost link is PB_ERR_CHANGED, too. */
#ifndef PB_INSTRUMENTS_WORKER_H
#define PB_INSTRUMENTS_WORKER_H

#include "instruments/polled/profile.h"

/* What is read in one transaction. */
struct pb_worker_group {
    const unsigned *channels; /* rows of the profile */
    size_t count;
    pb_span period;
};

/* Of a driver; all run on one thread at a time: the opener's, then the worker's, then the closer's. */
struct pb_worker_ops {
    /* Opens the link and proves the device's identity: PB_ERR_CHANGED for another than the first time. */
    enum pb_status (*connect)(void *device, struct pb_error *error);
    void (*disconnect)(void *device); /* also when connect() failed half-way, or twice */
    /* One transaction: a value for each channel of the group, checked. */
    enum pb_status (*read)(void *device, size_t group, int64_t *ret_values, struct pb_error *error);
    enum pb_status (*write)(void *device, unsigned channel, int64_t value, struct pb_error *error);
    /* What the device has for an output; PB_ERR_UNSUPPORTED: it cannot be asked. */
    enum pb_status (*read_back)(void *device, unsigned channel, int64_t *ret_value, struct pb_error *error);
};

struct pb_worker_setup {
    const char *where; /* of messages; must outlive the worker */
    const struct pb_profile *profile;
    const struct pb_worker_ops *ops;
    void *device;
    const struct pb_worker_group *groups;
    size_t group_count;
    pb_instant wall_zero;
    struct pb_sink sink;
    unsigned tries;
    pb_span retry;
    pb_span transaction; /* no transaction of the device takes longer */
};

struct pb_worker;

/* Connects, brings every output to its safe value, reads every group once, starts the thread. */
PB_MUST_CHECK enum pb_status pb_worker_start(const struct pb_worker_setup *setup, struct pb_worker **ret_worker,
                                             struct pb_error *error);
/* Ends the thread, then safe values first, then disconnects. NULL is fine. */
void pb_worker_stop(struct pb_worker *worker);
/* As pb_out_ops.set: range, hand-over, bounded wait, read back. PB_ERR_GONE while the link is down, PB_ERR_TIMEOUT when the thread did not get to it (then it
 * is not done later) or did not finish, PB_ERR_CHANGED when the device says it has another value. */
PB_MUST_CHECK enum pb_status pb_worker_set(struct pb_worker *worker, unsigned channel, int64_t value,
                                           struct pb_error *error);
int pb_worker_descriptor(const struct pb_worker *worker);
/* As pb_live_ops.poll. */
PB_MUST_CHECK enum pb_status pb_worker_poll(struct pb_worker *worker, pb_instant now, struct pb_error *error);
/* As pb_live_ops.lag: the longest silence that its tries can make. */
pb_span pb_worker_lag(const struct pb_worker *worker);

#endif
