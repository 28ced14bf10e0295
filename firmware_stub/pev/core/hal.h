/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the vehicle's core asks of a board. One table of functions, the board's own pointer first in each. The core is tickless: it arms one
 * alarm and is then called only when something happens (pev_event() in pev.h). Nothing here may call back into the core. Times are the board's
 * milliseconds, which may wrap. */
#ifndef PEV_HAL_H
#define PEV_HAL_H

#include <stdbool.h>
#include <stdint.h>

/* The pilot at the inlet: peaks by the ADC, width and period of the positive pulse by a capture timer. */
struct pev_pilot {
    int16_t high_mv, low_mv;
    uint32_t width_ns, period_ns; /* period 0: steady */
};

struct pev_hal {
    uint32_t (*now_ms)(void *board);
    /* One alarm: PEV_ON_ALARM once, when now_ms() reaches the deadline. A new one replaces the old one. */
    void (*alarm_set)(void *board, uint32_t deadline_ms);
    void (*alarm_clear)(void *board);

    struct pev_pilot (*pilot_read)(void *board);
    int16_t (*proximity_mv)(void *board); /* at the inlet's divider */
    int32_t (*inlet_mv)(void *board);     /* rms */
    void (*s2)(void *board, bool is_closed);
    void (*latch)(void *board, bool holds);
    void (*charger)(void *board, uint32_t ma); /* what it is to draw; never more than its size */
    uint32_t (*charger_max_ma)(void *board);
    void (*console_write)(void *board, const char *text, uint8_t length);
};

#endif
