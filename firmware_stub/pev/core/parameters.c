/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The healthy vehicle's numbers: see parameters.h for their meaning and source. */
#include "firmware_stub/pev/core/parameters.h"

#include "firmware_stub/pev/core/pilot.h"

const struct pev_parameters pev_parameters_standard = {
    .sample_ms = 20,
    .sample_count = 3,
    .is_ratio = 1,
    .frequency_min_hz = 800,
    .frequency_max_hz = 1200,
    .digital_min_ppm = 30000,
    .digital_max_ppm = 70000,
    .accept_min_ppm = 80000,
    .accept_max_ppm = 970000,
    .close_in = PEV_IN(PEV_OFFER),
    .hold_in = PEV_IN(PEV_OFFER),
    .draw_in = PEV_IN(PEV_OFFER),
    .s2_ms = 500,
    .follow_ms = 300,
    .is_decrease_followed = 1,
    .stop_ms = 200,
    .open_ms = 100,
    .is_shed_first = 1,
    .s3_ms = 10,
    .ramp_ms = 100,
    .ramp_up_ma = 2500,
    .ramp_down_ma = 10000,
    .overshoot_ma = 0,
    .current_ppm = 1000000,
    .inlet_min_mv = 80000,
    .wake_sources = PEV_WAKE_PLUG | PEV_WAKE_PWM | PEV_WAKE_TOGGLE,
    .sleep_ms = 120000,
    .start_s = 0,
    .start_early_s = 0,
    .is_resumed = 1,
    .is_f_forgotten = 1,
    .bcb_count = 0,
    .bcb_ms = 300,
    .bcb_after_ms = 5000,
    .want_wh = 0,
    .energy_ppm = 1000000,
};
