/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Levels to states by one table, highest first. */
#include "firmware_stub/evse/core/pilot.h"

#include <stddef.h>

struct level {
    enum evse_pilot state;
    char letter;
    int16_t min_mv, max_mv;
};

/* The windows of Table A.4, each 350 mV wider where it has a neighbour: a vehicle at the end of its window is still
 * seen right by an ADC and a driver that are a little off. 300 mV remain for hysteresis. */
static const struct level levels[] = {
    {EVSE_A, 'A', 10650, 13000}, {EVSE_B, 'B', 7650, 10350}, {EVSE_C, 'C', 4650, 7350},
    {EVSE_D, 'D', 1650, 4350},   {EVSE_E, 'E', -1000, 1350},
};
#define LEVEL_COUNT (sizeof levels / sizeof levels[0])

static const struct level *level_find(enum evse_pilot state) {
    for (size_t i = 0; i < LEVEL_COUNT; i++)
        if (levels[i].state == state) return &levels[i];
    return NULL;
}

static enum evse_pilot gap_between(const struct level *upper, const struct level *lower, int16_t mv,
                                   enum evse_pilot previous) {
    if (previous == upper->state || previous == lower->state) return previous;
    return mv >= (upper->min_mv + lower->max_mv) / 2 ? upper->state : lower->state;
}

static enum evse_pilot state_of_high(int16_t mv, enum evse_pilot previous) {
    if (mv > levels[0].max_mv) return EVSE_INVALID;
    for (size_t i = 0; i < LEVEL_COUNT; i++) {
        if (mv >= levels[i].min_mv) return levels[i].state;
        if (i + 1 < LEVEL_COUNT && mv > levels[i + 1].max_mv)
            return gap_between(&levels[i], &levels[i + 1], mv, previous);
    }
    return EVSE_INVALID;
}

enum evse_pilot evse_pilot_of(struct evse_peaks peaks, enum evse_pilot previous, bool is_pwm,
                              const struct evse_parameters *parameters) {
    enum evse_pilot state = state_of_high(peaks.high_mv, previous);
    if (!is_pwm || !(parameters->diode_states & EVSE_IN(state))) return state;
    bool is_low_right = peaks.low_mv >= parameters->low_min_mv && peaks.low_mv <= parameters->low_max_mv;
    return is_low_right ? state : EVSE_DIODE;
}

struct evse_window evse_pilot_window(enum evse_pilot state, bool is_pwm, const struct evse_parameters *parameters) {
    struct evse_window window = {INT16_MAX, INT16_MIN, INT16_MIN, INT16_MAX};
    const struct level *level = level_find(state);
    if (!level) return window;
    bool is_top = level == levels, is_bottom = level == &levels[LEVEL_COUNT - 1];
    window.high_max_mv = is_top ? level->max_mv : level[-1].min_mv;
    window.high_min_mv = is_bottom ? level->min_mv : level[1].max_mv;
    if (is_pwm && (parameters->diode_states & EVSE_IN(state))) {
        window.low_min_mv = (int16_t)parameters->low_min_mv;
        window.low_max_mv = (int16_t)parameters->low_max_mv;
    }
    return window;
}

char evse_pilot_letter(enum evse_pilot state) {
    const struct level *level = level_find(state);
    return level ? level->letter : '?';
}

uint32_t evse_duty_ppm(uint32_t ma) {
    if (ma > EVSE_MA_MAX) ma = EVSE_MA_MAX;
    if (ma >= 52500) return ma * 4 + 640000;
    if (ma > 51000) ma = 51000;
    return (ma * 50 + 1) / 3;
}
