/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Deadlines are compared by their signed distance from now, so that the wrap of the clock does not matter. */
#include "firmware_stub/pev/core/timers.h"

_Static_assert(PEV_TIMER_COUNT <= 16, "a bit for each timer");

static int32_t time_left(const struct pev_timers *timers, enum pev_timer timer, uint32_t now_ms) {
    return (int32_t)(timers->deadline_ms[timer] - now_ms);
}

void pev_timer_start(struct pev_timers *timers, enum pev_timer timer, uint32_t now_ms, uint32_t span_ms) {
    timers->deadline_ms[timer] = now_ms + span_ms + 1; /* now_ms is up to a millisecond old */
    timers->running = (uint16_t)(timers->running | 1u << timer);
}

void pev_timer_stop(struct pev_timers *timers, enum pev_timer timer) {
    timers->running = (uint16_t)(timers->running & ~(1u << timer));
}

bool pev_timer_is_running(const struct pev_timers *timers, enum pev_timer timer) {
    return timers->running >> timer & 1u;
}

enum pev_timer pev_timer_next(const struct pev_timers *timers, uint32_t now_ms) {
    enum pev_timer next = PEV_TIMER_COUNT;
    for (enum pev_timer timer = 0; timer < PEV_TIMER_COUNT; timer++) {
        if (!pev_timer_is_running(timers, timer)) continue;
        if (next == PEV_TIMER_COUNT || time_left(timers, timer, now_ms) < time_left(timers, next, now_ms)) next = timer;
    }
    return next;
}

bool pev_timer_is_due(const struct pev_timers *timers, enum pev_timer timer, uint32_t now_ms) {
    return pev_timer_is_running(timers, timer) && time_left(timers, timer, now_ms) <= 0;
}
