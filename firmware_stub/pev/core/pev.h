/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A vehicle's side of the control pilot and its charger's set point. Portable, without a tick, without allocation. The board calls
 * pev_power_on() once and pev_event() when something happened; the core answers through the HAL. */
#ifndef PEV_PEV_H
#define PEV_PEV_H

#include "firmware_stub/pev/core/hal.h"
#include "firmware_stub/pev/core/parameters.h"
#include "firmware_stub/pev/core/pilot.h"
#include "firmware_stub/pev/core/timers.h"

#define PEV_VERSION "stub-pev 0.1.0"
#define PEV_LINE_MAX 48

enum pev_event_kind {
    PEV_ON_ALARM,
    PEV_ON_PILOT,     /* anything about the pilot has changed */
    PEV_ON_PROXIMITY, /* the divider's voltage has changed */
    PEV_ON_INLET,     /* supply came or went */
    PEV_EVENT_COUNT
};

/* J1772's proximity: nothing in the inlet; a connector whose latch button (S3) is pressed; one that is latched. */
enum pev_plug { PEV_UNPLUGGED, PEV_PRESSED, PEV_LATCHED };

struct pev {
    const struct pev_parameters *parameters;
    const struct pev_hal *hal;
    void *board;
    struct pev_timers timers;
    enum pev_plug plug;
    struct pev_reading seen, candidate;
    uint8_t sample_count;
    bool is_awake, is_stopped /* by the console */, is_full;
    bool is_released; /* the latch's button counts: no current, S2 open */
    bool is_s2_closed;
    bool is_spent;       /* has had all that this session gives */
    uint8_t bcb_done;    /* of this session: twice a toggle; odd: S2 is closed by one */
    bool is_bcb_over;    /* for this session */
    bool is_stopping;    /* on the way to S2 open, until it is */
    uint32_t setting_ma; /* by the console; 0: none */
    uint32_t offer_ma;   /* that it keeps to */
    uint32_t current_ma; /* that the charger is told */
    uint32_t goal_ma;    /* of the ramp; with what it overshoots */
    uint64_t energy_nj;  /* of this session */
    uint32_t counted_ms; /* up to here */
    int32_t counted_mv;  /* supply since */
    char line[PEV_LINE_MAX];
    uint8_t line_length;
    bool is_line_too_long;
};

/* parameters, hal and board must stay. S2 and the charger are taken to be off. It begins asleep. */
void pev_power_on(struct pev *pev, const struct pev_parameters *parameters, const struct pev_hal *hal, void *board);
void pev_event(struct pev *pev, enum pev_event_kind event);
/* Bytes from the console; a line ends with a line feed (a carriage return before it is fine). */
void pev_console(struct pev *pev, const uint8_t *bytes, uint8_t length);

/* For the console. Wh of this session, as counted. */
uint32_t pev_energy_wh(struct pev *pev);
/* Charges from this second of its clock on; so many seconds from now on. */
void pev_start_at(struct pev *pev, uint32_t second);
void pev_start_in(struct pev *pev, uint32_t seconds);

#endif
