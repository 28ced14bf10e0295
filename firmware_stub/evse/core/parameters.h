/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The numbers of the EVSE's core, in one struct, with the values a healthy EVSE has. Sources: IEC 61851-1:2017 Tables A.2,
 * A.4, A.6, SAE J1772, UL 2231-2; own choices are marked (own). All members are 32 bits wide. */
#ifndef EVSE_PARAMETERS_H
#define EVSE_PARAMETERS_H

#include <stdint.h>

/* Sets of pilot states: bit numbers are enum evse_pilot. */
#define EVSE_IN(state) (UINT32_C(1) << (state))

struct evse_parameters {
    uint32_t boot_ms;               /* self-test at power-on lasts at least this (own) */
    uint32_t sample_ms;             /* between two samples of a debounce (own) */
    uint32_t sample_count;          /* equal samples that make a state; total detection 50 ms at most */
    uint32_t diode_states;          /* states in which the low level must be in the -12 V window */
    int32_t low_min_mv, low_max_mv; /* that window, Table A.4 */
    uint32_t offer_states;          /* PWM is offered in these */
    uint32_t close_states;          /* the contactor may close in these */
    uint32_t hold_states;           /* and stay closed in these */
    uint32_t ventilated_states;     /* in these only with ventilation */
    uint32_t pwm_start_ms;          /* from a vehicle to PWM (own; no limit in Table A.6 sequence 3) */
    uint32_t x1_hold_ms;            /* PWM off at least this before it comes again: sequence 9.2 */
    uint32_t duty_hold_ms;          /* between two changes of duty: sequence 6 */
    uint32_t close_ms;              /* from state C to the coil; 3 s at most, sequence 4 */
    uint32_t feedback_ms;           /* from the coil to the poles having followed */
    uint32_t vehicle_stop_ms;       /* PWM off until opening under load: sequence 10.2 */
    uint32_t leave_ms;              /* A2 to A1 (own; J1772 2 s) */
    uint32_t ccid_test_ms;          /* the comparator must answer the test winding within this, both ways (own) */
    uint32_t ccid_trips;            /* automatic recoveries before a trip is final (own) */
    uint32_t ground_ms;             /* earth missing for this long (own; 100 ms in all) */
    uint32_t is_stop_kept;          /* the console's `stop` outlives the mains (own) */
    uint32_t fault_hold_limit_ms;   /* no fault holds longer; UINT32_MAX: as in the table of faults */
    uint32_t wake_after_ms;         /* legacy wake-up A.5.3: B2 without C for this long; 0: none */
    uint32_t wake_ms;               /* and then state F for this long */
    int32_t derate_millidegrees, derate_end_millidegrees, hot_millidegrees, hot_end_millidegrees; /* (own) */
    int32_t current_offset_ma; /* calibration of the offer, mA */
    int32_t duty_offset_ppm;   /* calibration of the timer, ppm of a period */
};

/* A healthy EVSE. */
extern const struct evse_parameters evse_parameters_standard;

#endif
