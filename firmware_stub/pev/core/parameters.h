/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of the vehicle's core, in one struct, with the values a healthy vehicle has. Sources: IEC 61851-1:2017 Tables A.3, A.6 and A.8,
 * SAE J1772; own choices are marked (own). All members are 32 bits wide. */
#ifndef PEV_PARAMETERS_H
#define PEV_PARAMETERS_H

#include <stdint.h>

/* Sets of conditions of the pilot: bit numbers are enum pev_condition. */
#define PEV_IN(condition) (UINT32_C(1) << (condition))
/* What rouses it: a connector, PWM that begins, the pilot coming back from 0 V or -12 V. */
#define PEV_WAKE_PLUG 1u
#define PEV_WAKE_PWM 2u
#define PEV_WAKE_TOGGLE 4u

struct pev_parameters {
    uint32_t sample_ms, sample_count; /* equal samples that make a condition (own) */
    uint32_t is_ratio;                /* duty is width over period; 0: width over a millisecond */
    int32_t frequency_min_hz,
        frequency_max_hz;                     /* PWM outside is none (own, wider than the generator's 980 to 1020 Hz) */
    int32_t digital_min_ppm, digital_max_ppm; /* Table A.8: digital communication */
    int32_t accept_min_ppm, accept_max_ppm;   /* Table A.8: a current */
    uint32_t close_in;                        /* S2 may close in these conditions */
    uint32_t hold_in;                         /* and stay closed in these */
    uint32_t draw_in;                         /* and in these it draws */
    uint32_t s2_ms;                           /* from an offer to S2 (own; sequence 4 has no limit for the vehicle) */
    uint32_t follow_ms;                       /* from another duty to following it (own; 5 s at most, sequence 6) */
    uint32_t is_decrease_followed;
    uint32_t stop_ms; /* from an offer's end to the beginning of stopping (own; 3 s at most, sequences 10.1 and 11) */
    uint32_t open_ms; /* from less than 1 A to S2 open (own) */
    uint32_t is_shed_first;            /* sequence 7: no load before S2 opens */
    int32_t s3_ms;                     /* from the latch's button to no current (own; J1772 100 ms); below 0: never */
    uint32_t ramp_ms;                  /* between two steps of the charger (own) */
    uint32_t ramp_up_ma, ramp_down_ma; /* a step (own) */
    uint32_t overshoot_ma;             /* beyond the goal at the end of a ramp up */
    uint32_t current_ppm;              /* drawn of what is offered */
    uint32_t inlet_min_mv;             /* supply below is none (own) */
    uint32_t wake_sources;             /* PEV_WAKE_... */
    uint32_t sleep_ms;                 /* asleep after so long with nothing to do (own) */
    uint32_t start_s;                  /* charges from this second of its clock on; 0: at once */
    uint32_t start_early_s;            /* ... so much earlier */
    uint32_t is_resumed;               /* charges again when PWM comes back within a session */
    uint32_t is_f_forgotten;           /* and after state F */
    uint32_t bcb_count, bcb_ms; /* toggles of S2 while it waits for PWM, and each stay (ISO 15118-3: 200 to 400 ms) */
    uint32_t bcb_after_ms;      /* from steady 12 V to the first (own) */
    uint32_t want_wh;           /* full after so much in a session; 0: never */
    uint32_t energy_ppm;        /* counted of what flows */
};

/* A healthy vehicle. */
extern const struct pev_parameters pev_parameters_standard;

#endif
