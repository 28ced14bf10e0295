/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The core's one-shot timers: deadlines on the board's wrapping milliseconds, none longer than 24 days. */
#ifndef EVSE_TIMERS_H
#define EVSE_TIMERS_H

#include <stdbool.h>
#include <stdint.h>

enum evse_timer {
    EVSE_TIMER_BOOT,
    EVSE_TIMER_TEST,
    EVSE_TIMER_SAMPLE,
    EVSE_TIMER_PWM_START,
    EVSE_TIMER_X1_HOLD,
    EVSE_TIMER_DUTY_HOLD,
    EVSE_TIMER_CLOSE,
    EVSE_TIMER_FEEDBACK,
    EVSE_TIMER_VEHICLE_STOP,
    EVSE_TIMER_LEAVE,
    EVSE_TIMER_GROUND,
    EVSE_TIMER_FAULT_HOLD,
    EVSE_TIMER_WAKE,
    EVSE_TIMER_COUNT
};

struct evse_timers {
    uint32_t deadline_ms[EVSE_TIMER_COUNT];
    uint16_t running; /* a bit each */
};

/* Runs out when at least span_ms have gone by. */
void evse_timer_start(struct evse_timers *timers, enum evse_timer timer, uint32_t now_ms, uint32_t span_ms);
void evse_timer_stop(struct evse_timers *timers, enum evse_timer timer);
bool evse_timer_is_running(const struct evse_timers *timers, enum evse_timer timer);
/* The running timer with the earliest deadline; EVSE_TIMER_COUNT if none runs. Equal deadlines: the lower number. */
enum evse_timer evse_timer_next(const struct evse_timers *timers, uint32_t now_ms);
/* Has this deadline come? */
bool evse_timer_is_due(const struct evse_timers *timers, enum evse_timer timer, uint32_t now_ms);

#endif
