/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A board for the EVSE's core, in software: the HAL on one side, wire records on the other. It models what is on the board
 * and nothing that is outside of it: supply, pilot driver and its ADC, comparator of the residual current, coil driver.
 * The contactor's mechanics, the vehicle and the mains are the world's. Time moves only by board_run(). */
#ifndef EVSE_BOARD_H
#define EVSE_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware_stub/evse/core/evse.h"
#include "firmware_stub/evse/core/sharing.h"
#include "world/wire/pb_wire.h"

/* All members are 32 bits wide: a row of a table can name any by its offset. */
struct board_parameters {
    int32_t high_mv, low_mv; /* pilot driver, no load */
    int32_t source_milliohm; /* R1 */
    int32_t ramp_ns;         /* the driver's edge when it rises, 0 to 100 % */
    int32_t fall_ramp_ns;    /* when it falls */
    int32_t frequency_ppm;   /* off 1 kHz */
    int32_t driver_max_ua;   /* what the pilot driver can give at its high level; INT32_MAX: any */
    int32_t coil_release_ms; /* coil driver: from the core's command to the coil without current */
    int32_t release_from;    /* ... from this opening on, counted from power-on */
    int32_t reclose_ms;   /* the coil is on again by itself for 300 ms, so long after it was switched off; 0: never */
    int32_t closings_max; /* closings from power-on that the coil driver can make; INT32_MAX: any */
    int32_t coil_chatter_ms;  /* the coil goes on and off for so long after it was switched on */
    int32_t coil_warm_ms;     /* held so long in all since power-on, the coil driver lets go; INT32_MAX: never */
    int32_t dropout_every_ms; /* PWM breaks off this often; 0: never */
    int32_t dropout_ms;       /* for this long */
    int32_t switch_ma;        /* the installer's current switch */
    int32_t is_ventilated;    /* the site's ventilation contact is wired */
    int32_t supply_min_mv;    /* mains below: no supply */
    int32_t ccid_trip_ua;     /* residual current at which the comparator turns */
    int32_t is_metered;       /* counts the energy and reports it to the gateway */
    int32_t
        report_delay_ms; /* from the end of charging to the report at least, 1 s more at most; INT32_MAX: none comes */
    int32_t reports_max; /* since power-on; what would come after them does not */
    int32_t report_doubled; /* number of the report, from 1, that is said twice; 0: none */
};

/* A healthy board: 32 A. */
extern const struct board_parameters board_parameters_standard;
extern const struct station_parameters station_parameters_standard; /* one cord */

/* How a station of several cords puts its boards together. All members are 32 bits wide. */
struct station_parameters {
    int32_t cords;
    int32_t coil_of[EVSE_CORDS_MAX];    /* the coil driver of each cord switches the coils of these, a bit each */
    int32_t is_one_record;              /* one report takes the energy of all cords */
    int32_t vehicle_of[EVSE_CORDS_MAX]; /* the cord whose vehicle stands in each cord's reports */
};

/* What one board and its core are made of, and a station of such boards. */
struct board_setup {
    struct board_parameters board;
    struct evse_parameters core;
    struct evse_sharing_parameters sharing;
    struct station_parameters station;
};

#define BOARD_OUTPUT_MAX 128

/* Things that the board itself will do: what is due when, in ns. */
enum board_due {
    BOARD_SUPPLY, /* the supply has risen */
    BOARD_ALARM,
    BOARD_ADC,     /* the window watchdog has sampled */
    BOARD_CCID,    /* the comparator has turned */
    BOARD_RELEASE, /* the coil's current has gone */
    BOARD_RECLOSE, /* the coil goes on by itself */
    BOARD_CHATTER, /* the coil goes on or off by itself */
    BOARD_WARM,    /* the coil driver has become too warm */
    BOARD_DROPOUT, /* PWM breaks off or comes back */
    BOARD_REPORT,  /* the meter hands over what it has counted */
    BOARD_DUE_COUNT
};

/* Energy since the last report. */
struct board_meter {
    int64_t energy_nj, charging_ms;
    int64_t counted_ns;    /* up to here */
    int64_t amps_ma;       /* through pole 0 */
    uint32_t reports;      /* sent so far: the next one's id */
    int32_t reports_since; /* power-on */
};

struct board {
    struct board_parameters parameters;
    struct evse_parameters core_parameters;
    struct evse core;
    uint64_t random;
    int64_t now_ns, powered_ns;
    int64_t due_ns[BOARD_DUE_COUNT]; /* PBW_NEVER: nothing */
    /* tolerances of this specimen */
    int32_t adc_gain_ppm, adc_offset_mv;
    /* what comes from outside */
    struct pbw_cp_load load;
    int64_t mains_mv, pole_mv[4], residual_ua, temperature_millidegrees;
    bool is_supply_on, is_ground_ok, has_ventilation;
    /* what the board does */
    bool is_powered, is_running; /* running: the supply has risen, the core is alive */
    enum evse_drive drive;
    uint32_t duty_ppm;
    bool is_dropped_out;
    bool is_coil_on, is_ccid_test, is_ccid_tripped, is_load_side_live;
    int64_t chatter_end_ns, coil_on_ns;
    int64_t held_ms;            /* the coil, before coil_on_ns */
    int32_t openings, closings; /* commanded since power-on */
    struct board_meter meter;
    bool is_watching;
    struct evse_window window;
    uint8_t kept;            /* the byte that outlives the supply */
    struct station *station; /* that it is a cord of, with others; NULL: it is alone */
    uint32_t cord, granted_ma;
    /* records made at now_ns, not sent yet; seq and t_ns are filled by who sends them */
    struct pbw_record output[BOARD_OUTPUT_MAX];
    size_t output_count;
};

/* What the station asks its boards for, and does with them. Coil: as the core's own command. */
void board_switch_coil(struct board *board, bool is_on);
/* The energy and time that the meter has counted and not reported yet; it begins anew. */
void board_take_counts(struct board *board, int64_t *add_energy_nj, int64_t *add_charging_ms);
/* What the station grants this cord has changed. */
void board_grant(struct board *board, uint32_t ma);

/* A board without mains, cold, nothing plugged. The seed makes its tolerances, noise and latencies. */
void board_init(struct board *board, const struct board_setup *setup, uint64_t seed);
/* An input record, already found well-formed, takes effect at now_ns. */
void board_input(struct board *board, const struct pbw_record *record);
/* When the board will next do something by itself; PBW_NEVER. */
int64_t board_next_ns(const struct board *board);
/* Does all that is due up to and including until_ns, but stops at the first instant with output. now_ns is then that
 * instant, else until_ns. */
void board_run(struct board *board, int64_t until_ns);

#endif
