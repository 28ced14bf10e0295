/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the EVSE's core asks of a board. One table of functions, the board's own pointer first in each.
 * The core is tickless: it arms one alarm and one analogue window watchdog and is then called only when something happens
 * (evse_event() in evse.h). Nothing here may call back into the core. Times are the board's milliseconds since power-on,
 * which may wrap. */
#ifndef EVSE_HAL_H
#define EVSE_HAL_H

#include <stdbool.h>
#include <stdint.h>

/* Peaks of the pilot at the EVSE's output over the last period; equal when the level is steady. */
struct evse_peaks {
    int16_t high_mv, low_mv;
};

/* Both peaks inside: the watchdog is silent. */
struct evse_window {
    int16_t high_min_mv, high_max_mv, low_min_mv, low_max_mv;
};

struct evse_hal {
    uint32_t (*now_ms)(void *board);
    /* One alarm: EVSE_ON_ALARM once, when now_ms() reaches the deadline. A new one replaces the old one. */
    void (*alarm_set)(void *board, uint32_t deadline_ms);
    void (*alarm_clear)(void *board);

    void (*pilot_steady)(void *board, bool is_high); /* +12 V, else -12 V */
    void (*pilot_pwm)(void *board, uint32_t duty_ppm);
    struct evse_peaks (*pilot_peaks)(void *board);
    /* EVSE_ON_PILOT once, when a peak is or goes outside; then silent until armed again. NULL: silent. */
    void (*pilot_watch)(void *board, const struct evse_window *window);

    void (*coil)(void *board, bool is_energised);
    bool (*is_load_side_live)(void *board); /* any pole */
    bool (*is_ground_ok)(void *board);
    bool (*is_ventilated)(void *board);
    bool (*is_leaking)(void *board); /* CCID comparator */
    void (*ccid_test)(void *board, bool is_driven);
    int32_t (*temperature_millidegrees)(void *board);
    uint32_t (*current_switch_ma)(void *board); /* the installer's switch: what the supply circuit bears */
    /* What the station grants this cord of the supply that its cords share; UINT32_MAX: the cord has it alone. */
    uint32_t (*current_granted_ma)(void *board);
    /* One byte that outlives the supply. */
    uint8_t (*kept_get)(void *board);
    void (*kept_set)(void *board, uint8_t value);
    void (*console_write)(void *board, const char *text, uint8_t length);
};

#endif
