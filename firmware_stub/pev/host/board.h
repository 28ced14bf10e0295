/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A board for the vehicle's core, in software: the HAL on one side, wire records on the other. It models what is in the vehicle: resistors and
 * diode on the pilot, ADC and capture timer, the proximity divider, the charger. The coupler, the supply and the EVSE are the world's. */
#ifndef PEV_BOARD_H
#define PEV_BOARD_H

#include "firmware_stub/device/wire.h"
#include "firmware_stub/pev/core/pev.h"

/* All members are 32 bits wide: a row of a table can name any by its offset. */
struct board_parameters {
    int32_t r2_ohm, r3_ohm, ventilated_ohm; /* R3 without and with ventilation asked for */
    int32_t has_diode, diode_mv;
    int32_t capacitance_pf;
    int32_t charger_ma; /* its size */
    int32_t asks_ventilation;
};

/* A healthy board: 32 A, no ventilation. */
extern const struct board_parameters board_parameters_standard;

/* What one board and its core are made of. */
struct board_setup {
    struct board_parameters board;
    struct pev_parameters core;
};

/* Things that the board itself will do: what is due when, in ns. */
enum board_due {
    BOARD_START, /* the controller runs */
    BOARD_ALARM,
    BOARD_PILOT,     /* the capture timer or the ADC has seen another pilot */
    BOARD_PROXIMITY, /* behind its filter */
    BOARD_INLET,     /* the charger's input stage has noticed */
    BOARD_DUE_COUNT
};

struct board {
    struct device device; /* first */
    struct board_setup setup;
    struct pev core;
    uint64_t random;
    int64_t due_ns[BOARD_DUE_COUNT]; /* PBW_NEVER: nothing */
    bool is_running;
    /* tolerances of this specimen */
    int32_t adc_gain_ppm, adc_offset_mv, clock_ppm, charger_ppm;
    /* what comes from outside; `is` what the board has noticed of it */
    struct pbw_ev_pilot pilot;
    int64_t pp_milliohm, pole_mv[4];
    int64_t seen_pp_milliohm, seen_inlet_mv;
    /* what the vehicle does */
    bool is_s2_closed, is_latching;
    int64_t draw_ma;
};

/* The kind of all boards; `device` is a struct board with its setup filled in. */
extern const struct device_kind board_kind;

#endif
