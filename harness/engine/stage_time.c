/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Simulated time belongs to one driver, which is asked to advance. Wall time passes by itself: the engine sleeps in one poll of all drivers'
 * descriptors, at most TURN_NS so that the guardian gets its beat, and asks every driver for what it has. */
#include "base/wall.h"
#include "harness/engine/stage_private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

enum { TURN_NS = 20000000, PACE_NS = 20000000 };

/* ---- simulated ---- */

/* Where a speed is asked for: the wall clock is waited for, 20 ms of it at a time. Returns how far a turn may go. */
static pb_instant pace(struct pb_stage *stage, pb_instant until) {
    int64_t speed = stage->setup.speed_milli;
    if (!speed) return until;
    if (!stage->wall_zero.ns) stage->wall_zero = pb_wall_now();
    pb_instant due = pb_after(stage->wall_zero, pb_ns((int64_t)((double)stage->now.ns * 1e3 / (double)speed)));
    (void)poll(NULL, 0, pb_wall_poll_ms(due));
    return pb_earlier(until, pb_after(stage->now, pb_ns(pb_mul_saturating(PACE_NS / 1000, speed))));
}

static enum pb_status advance_simulated(struct pb_stage *stage, pb_instant until, bool may_wake,
                                        struct pb_error *error) {
    const struct driver_slot *slot = &stage->slots[stage->time_slot];
    const struct pb_time_ops *time = stage->bench->instruments[stage->time_slot].driver->time;
    if (may_wake) until = pace(stage, until);
    return time->advance(slot->instrument, until, may_wake ? slot->wake_mask : 0, &stage->now, error);
}

static void tick_simulated(struct pb_stage *stage) { (void)stage; }

/* A turn of no length comes back when everything before it was carried out. */
static void let_arrive_simulated(struct pb_stage *stage) {
    struct pb_error ignored;
    (void)!advance_simulated(stage, stage->now, false, &ignored);
}

/* ---- wall ---- */

PB_HOT static void tick_wall(struct pb_stage *stage) {
    stage->now = pb_later(stage->now, (pb_instant){pb_between(stage->wall_zero, pb_wall_now()).ns});
}

/* Returns when a driver has something, at `until`, when the record is due to be committed, or after TURN_NS. */
PB_HOT static enum pb_status sleep_until(struct pb_stage *stage, pb_instant until, pb_instant due,
                                         struct pb_error *error) {
    struct pollfd fds[PB_INSTRUMENTS_MAX];
    nfds_t count = 0;
    for (size_t i = 0; i < stage->bench->instrument_count; i++) {
        const struct pb_live_ops *live = stage->bench->instruments[i].driver->live;
        if (live) fds[count++] = (struct pollfd){.fd = live->descriptor(stage->slots[i].instrument), .events = POLLIN};
    }
    pb_instant wall_until = pb_after(stage->wall_zero, pb_between(PB_INSTANT_ZERO, until));
    pb_instant turn_over = pb_earlier(due, pb_after(pb_wall_now(), pb_ns(TURN_NS)));
    struct timespec left = pb_wall_left(pb_earlier(wall_until, turn_over));
    int whole_ms =
        (int)(left.tv_nsec / 1000000); /* at most a turn. poll(2) comes back sooner: it need not say what is left */
    int ready = whole_ms ? poll(fds, count, whole_ms) : ppoll(fds, count, &left, NULL);
    if (ready >= 0 || errno == EINTR) return PB_OK;
    return pb_fail(error, PB_ERR_IO, errno, stage->bench->name, "its instruments cannot be waited for (%s)",
                   strerror(errno));
}

PB_HOT static enum pb_status advance_wall(struct pb_stage *stage, pb_instant until, bool may_wake,
                                          struct pb_error *error) {
    (void)may_wake;
    pb_instant due;
    enum pb_status status = pb_writer_settle(stage->setup.writer, &due, error); /* while there is time */
    if (status == PB_OK) status = sleep_until(stage, until, due, error);
    for (size_t i = 0; status == PB_OK && i < stage->bench->instrument_count; i++) {
        const struct pb_live_ops *live = stage->bench->instruments[i].driver->live;
        tick_wall(stage); /* each declares completeness to a moment before it was asked */
        if (live) status = live->poll(stage->slots[i].instrument, stage->now, error);
    }
    tick_wall(stage);
    return status;
}

/* A driver's set() comes back when the output has its value. */
static void let_arrive_wall(struct pb_stage *stage) { (void)stage; }

const struct stage_clock *pb_stage__clock(enum pb_clock_kind kind) {
    static const struct stage_clock clocks[] = {
        [PB_CLOCK_SIMULATED] = {advance_simulated, tick_simulated, let_arrive_simulated},
        [PB_CLOCK_WALL] = {advance_wall, tick_wall, let_arrive_wall},
    };
    return &clocks[kind];
}
