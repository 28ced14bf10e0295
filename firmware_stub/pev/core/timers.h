/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core's one-shot timers: deadlines on the board's wrapping milliseconds, none longer than 24 days. */
#ifndef PEV_TIMERS_H
#define PEV_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

enum pev_timer {
    PEV_TIMER_SAMPLE,
    PEV_TIMER_S2,
    PEV_TIMER_FOLLOW,
    PEV_TIMER_STOP,
    PEV_TIMER_OPEN,
    PEV_TIMER_S3,
    PEV_TIMER_RAMP,
    PEV_TIMER_FULL,
    PEV_TIMER_START,
    PEV_TIMER_SLEEP,
    PEV_TIMER_BCB,
    PEV_TIMER_COUNT
};

struct pev_timers {
    uint32_t deadline_ms[PEV_TIMER_COUNT];
    uint16_t running; /* a bit each */
};

/* Runs out when at least span_ms have gone by. */
void pev_timer_start(struct pev_timers *timers, enum pev_timer timer, uint32_t now_ms, uint32_t span_ms);
void pev_timer_stop(struct pev_timers *timers, enum pev_timer timer);
bool pev_timer_is_running(const struct pev_timers *timers, enum pev_timer timer);
/* The running timer with the earliest deadline; PEV_TIMER_COUNT if none runs. Equal deadlines: the lower number. */
enum pev_timer pev_timer_next(const struct pev_timers *timers, uint32_t now_ms);
bool pev_timer_is_due(const struct pev_timers *timers, enum pev_timer timer, uint32_t now_ms);

#endif
