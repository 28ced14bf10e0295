/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The healthy EVSE's numbers: see parameters.h for their meaning and source. */
#include "firmware_stub/evse/core/parameters.h"

#include "firmware_stub/evse/core/pilot.h"

const struct evse_parameters evse_parameters_standard = {
    .boot_ms = 400,
    .sample_ms = 4,
    .sample_count = 4,
    .diode_states = EVSE_IN(EVSE_B) | EVSE_IN(EVSE_C) | EVSE_IN(EVSE_D),
    .low_min_mv = -13000,
    .low_max_mv = -11000,
    .offer_states = EVSE_IN(EVSE_B) | EVSE_IN(EVSE_C) | EVSE_IN(EVSE_D),
    .close_states = EVSE_IN(EVSE_C) | EVSE_IN(EVSE_D),
    .hold_states = EVSE_IN(EVSE_C) | EVSE_IN(EVSE_D),
    .ventilated_states = EVSE_IN(EVSE_D),
    .pwm_start_ms = 500,
    .x1_hold_ms = 3100,
    .duty_hold_ms = 5000,
    .close_ms = 150,
    .feedback_ms = 250,
    .vehicle_stop_ms = 6100,
    .leave_ms = 500,
    .ccid_test_ms = 40,
    .ccid_trips = 4,
    .ground_ms = 40,
    .is_stop_kept = 1,
    .fault_hold_limit_ms = UINT32_MAX,
    .wake_after_ms = 0,
    .wake_ms = 4000,
    .derate_millidegrees = 70000,
    .derate_end_millidegrees = 60000,
    .hot_millidegrees = 85000,
    .hot_end_millidegrees = 70000,
    .current_offset_ma = 0,
    .duty_offset_ppm = 0,
};
