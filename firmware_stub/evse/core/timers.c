/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deadlines are compared by their signed distance from now, so that the wrap of the clock does not matter. */
#include "firmware_stub/evse/core/timers.h"

_Static_assert(EVSE_TIMER_COUNT <= 16, "a bit for each timer");

static int32_t time_left(const struct evse_timers *timers, enum evse_timer timer, uint32_t now_ms) {
    return (int32_t)(timers->deadline_ms[timer] - now_ms);
}

void evse_timer_start(struct evse_timers *timers, enum evse_timer timer, uint32_t now_ms, uint32_t span_ms) {
    timers->deadline_ms[timer] = now_ms + span_ms + 1; /* now_ms is up to a millisecond old */
    timers->running = (uint16_t)(timers->running | 1u << timer);
}

void evse_timer_stop(struct evse_timers *timers, enum evse_timer timer) {
    timers->running = (uint16_t)(timers->running & ~(1u << timer));
}

bool evse_timer_is_running(const struct evse_timers *timers, enum evse_timer timer) {
    return timers->running >> timer & 1u;
}

enum evse_timer evse_timer_next(const struct evse_timers *timers, uint32_t now_ms) {
    enum evse_timer next = EVSE_TIMER_COUNT;
    for (enum evse_timer timer = 0; timer < EVSE_TIMER_COUNT; timer++) {
        if (!evse_timer_is_running(timers, timer)) continue;
        if (next == EVSE_TIMER_COUNT || time_left(timers, timer, now_ms) < time_left(timers, next, now_ms))
            next = timer;
    }
    return next;
}

bool evse_timer_is_due(const struct evse_timers *timers, enum evse_timer timer, uint32_t now_ms) {
    return evse_timer_is_running(timers, timer) && time_left(timers, timer, now_ms) <= 0;
}
