/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows. */
#include "firmware_stub/pev/host/defects.h"

#include "firmware_stub/pev/host/board.h"

#define CORE(member) offsetof(struct board_setup, core.member)
#define BOARD(member) offsetof(struct board_setup, board.member)

#define OFFER PEV_IN(PEV_OFFER)
#define STEADY PEV_IN(PEV_STEADY)
#define ZERO PEV_IN(PEV_ZERO)
#define F PEV_IN(PEV_F)
#define DIGITAL PEV_IN(PEV_DIGITAL)
#define RESERVED PEV_IN(PEV_RESERVED)

/* clang-format off */
static const struct defect rows[] = {
    /* how much it draws */
    {"draws_over_alc", "draws more than is offered, by this", "ppm", 200000, 40000, 5000000, 1, {{CORE(current_ppm), 1000000, 1}}},
    {"draws_nothing", "closes S2 and draws nothing", "", 0, 0, 0, 1, {{CORE(current_ppm), 0, 0}}},
    {"overshoot_on_ramp", "goes beyond the offer by this at the end of a ramp", "mA", 6000, 1000, 80000, 1, {{CORE(overshoot_ma), 0, 1}}},
    {"reads_width_not_ratio", "takes the pulse's width for the duty, whatever the frequency", "", 0, 0, 0, 1, {{CORE(is_ratio), 0, 0}}},
    {"slow_duty_follow", "follows another duty after this, not within 5 s", "ms", 8000, 5000, 600000, 1, {{CORE(follow_ms), 0, 1}}},
    {"never_ramps_down", "does not follow a lower duty", "", 0, 0, 0, 1, {{CORE(is_decrease_followed), 0, 0}}},
    /* which duties it takes */
    {"accepts_7_5_pct", "takes a reserved duty from this on for an offer", "ppm", 71000, 70001, 79000, 1, {{CORE(accept_min_ppm), 0, 1}}},
    {"accepts_over_97_pct", "takes a duty up to this for an offer", "ppm", 990000, 971000, 999999, 1, {{CORE(accept_max_ppm), 0, 1}}},
    {"charges_on_5_pct", "charges at the digital duty, without communication", "", 0, 0, 0, 3,
     {{CORE(close_in), OFFER | DIGITAL, 0}, {CORE(hold_in), OFFER | DIGITAL, 0}, {CORE(draw_in), OFFER | DIGITAL, 0}}},
    {"charges_on_reserved", "charges at any reserved duty", "", 0, 0, 0, 3,
     {{CORE(close_in), OFFER | RESERVED, 0}, {CORE(hold_in), OFFER | RESERVED, 0}, {CORE(draw_in), OFFER | RESERVED, 0}}},
    {"keeps_on_reserved", "charges on when the duty becomes a reserved one", "", 0, 0, 0, 2,
     {{CORE(hold_in), OFFER | RESERVED, 0}, {CORE(draw_in), OFFER | RESERVED, 0}}},
    {"no_6_a_below_10_pct", "takes no duty below this for an offer", "ppm", 100000, 81000, 200000, 1, {{CORE(accept_min_ppm), 0, 1}}},
    {"narrow_frequency", "sees no PWM off 1 kHz by more than this", "Hz", 10, 1, 200, 2,
     {{CORE(frequency_min_hz), 1000, -1}, {CORE(frequency_max_hz), 1000, 1}}},
    /* when it stops */
    {"ignores_pwm_stop", "charges on when PWM has ended", "", 0, 0, 0, 2,
     {{CORE(hold_in), OFFER | STEADY, 0}, {CORE(draw_in), OFFER | STEADY, 0}}},
    {"late_pwm_stop", "begins to stop this long after PWM has ended", "ms", 5000, 3000, 600000, 1, {{CORE(stop_ms), 0, 1}}},
    {"holds_s2_on_f", "S2 stays closed in state F", "", 0, 0, 0, 1, {{CORE(hold_in), OFFER | F, 0}}},
    {"draws_on_e", "charges on in state E and without a pilot", "", 0, 0, 0, 2,
     {{CORE(hold_in), OFFER | ZERO, 0}, {CORE(draw_in), OFFER | ZERO, 0}}},
    {"ignores_s3", "does not heed the latch's button", "", 0, 0, 0, 1, {{CORE(s3_ms), -1, 0}}},
    {"late_s3", "stops this long after the latch's button", "ms", 500, 150, 60000, 1, {{CORE(s3_ms), 0, 1}}},
    {"s2_under_load", "opens S2 before the load is off", "", 0, 0, 0, 2, {{CORE(is_shed_first), 0, 0}, {CORE(open_ms), 0, 0}}},
    /* when it begins */
    {"no_wake_up", "nothing on pilot or proximity wakes it", "", 0, 0, 0, 1, {{CORE(wake_sources), 0, 0}}},
    {"sleeps_through_pwm", "after this long without an offer PWM does not wake it", "ms", 30000, 1, 3600000, 2,
     {{CORE(sleep_ms), 0, 1}, {CORE(wake_sources), PEV_WAKE_PLUG, 0}}},
    {"late_s2", "closes S2 this long after the offer", "ms", 30000, 1000, 600000, 1, {{CORE(s2_ms), 0, 1}}},
    {"s2_before_pwm", "closes S2 without an offer", "", 0, 0, 0, 2,
     {{CORE(close_in), OFFER | STEADY, 0}, {CORE(hold_in), OFFER | STEADY, 0}}},
    {"starts_early", "starts a scheduled charge too early by this", "s", 600, 1, 86400, 1, {{CORE(start_early_s), 0, 1}}},
    {"starts_no_more", "does not charge again in a session when PWM comes back", "", 0, 0, 0, 1, {{CORE(is_resumed), 0, 0}}},
    {"stays_off_after_f", "does not charge again in a session that was in state F", "", 0, 0, 0, 1, {{CORE(is_f_forgotten), 0, 0}}},
    {"toggles_long", "stays so long in each state of a BCB toggle", "ms", 600, 401, 5000, 1, {{CORE(bcb_ms), 0, 1}}},
    {"toggles_short", "stays so short in each state of a BCB toggle", "ms", 100, 20, 199, 1, {{CORE(bcb_ms), 0, 1}}},
    {"toggles_often", "so many BCB toggles", "", 5, 4, 100, 1, {{CORE(bcb_count), 0, 1}}},
    {"toggles_never", "no BCB toggle", "", 0, 0, 0, 1, {{CORE(bcb_count), 0, 0}}},
    /* how it looks on the pilot */
    {"no_diode", "the diode is shorted", "", 0, 0, 0, 1, {{BOARD(has_diode), 0, 0}}},
    {"wrong_r2", "R2", "ohm", 3300, 1000, 10000, 1, {{BOARD(r2_ohm), 0, 1}}},
    {"wrong_r3", "R3", "ohm", 1600, 100, 10000, 1, {{BOARD(r3_ohm), 0, 1}}},
    {"wrong_ventilation_r3", "R3 of a vehicle that asks for ventilation", "ohm", 400, 50, 10000, 1, {{BOARD(ventilated_ohm), 0, 1}}},
    {"too_much_capacitance", "between pilot and earth", "pF", 5000, 2500, 100000, 1, {{BOARD(capacitance_pf), 0, 1}}},
    /* what it tells */
    {"counts_too_little", "counts less energy than flows, by this", "ppm", 200000, 1000, 1000000, 1, {{CORE(energy_ppm), 1000000, -1}}},
};
/* clang-format on */
const struct defect_list pev_defects = {rows, sizeof rows / sizeof rows[0]};
