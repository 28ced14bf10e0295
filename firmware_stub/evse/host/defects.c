/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows. Sources of the real ones: field.md section B. */
#include "firmware_stub/evse/host/defects.h"

#include "firmware_stub/evse/host/board.h"

#define CORE(member) offsetof(struct board_setup, core.member)
#define BOARD(member) offsetof(struct board_setup, board.member)

#define SHARING(member) offsetof(struct board_setup, sharing.member)
#define STATION(member) offsetof(struct board_setup, station.member)

#define A EVSE_IN(EVSE_A)
#define B EVSE_IN(EVSE_B)
#define C EVSE_IN(EVSE_C)
#define D EVSE_IN(EVSE_D)
#define E EVSE_IN(EVSE_E)

/* clang-format off */
static const struct defect rows[] = {
    /* what the pilot offers */
    {"boots_late", "the self-test at power-on takes this long", "ms", 12000, 400, 600000, 1, {{CORE(boot_ms), 0, 1}}},
    {"duty_low_3a", "offers a current that is too low by this", "mA", 3000, 0, 80000, 1,
     {{CORE(current_offset_ma), 0, -1}}},
    {"duty_offset_6pct", "the duty is too high by this", "ppm", 60000, -500000, 500000, 1, {{CORE(duty_offset_ppm), 0, 1}}},
    {"duty_changes_fast", "changes the duty again after this, not 5 s", "ms", 200, 0, 4000, 1,
     {{CORE(duty_hold_ms), 0, 1}}},
    {"no_pwm", "never offers a current", "", 0, 0, 0, 1, {{CORE(offer_states), 0, 0}}},
    {"pwm_before_vehicle", "PWM in state A, at once", "", 0, 0, 0, 2,
     {{CORE(offer_states), A | B | C | D, 0}, {CORE(pwm_start_ms), 10, 0}}},
    {"pwm_again_early", "PWM comes back after this of x1, not 3 s", "ms", 600, 0, 2900, 1, {{CORE(x1_hold_ms), 0, 1}}},
    {"a2_too_long", "PWM stays this long after unplugging", "ms", 4000, 1, 600000, 1, {{CORE(leave_ms), 0, 1}}},
    /* how the pilot looks */
    {"high_rail_11v", "the pilot driver's high level, open", "mV", 11000, 10700, 12900, 1, {{BOARD(high_mv), 0, 1}}},
    {"low_rail_10v7", "the pilot driver's low level, below zero; the diode check has been loosened to it", "mV", 10700, 9500,
     12900, 2, {{BOARD(low_mv), 0, -1}, {CORE(low_max_mv), 500, -1}}},
    {"weak_driver", "the pilot driver gives no more than this", "uA", 5000, 500, 11000, 1, {{BOARD(driver_max_ua), 0, 1}}},
    {"wrong_source_resistance", "the pilot driver's resistor", "ohm", 1100, 800, 1600, 1, {{BOARD(source_milliohm), 0, 1000}}},
    {"slow_edges", "the pilot driver's edges", "ns", 8000, 1, 50000, 2, {{BOARD(ramp_ns), 0, 1}, {BOARD(fall_ramp_ns), 0, 1}}},
    {"slow_rise", "the pilot driver's rising edge", "ns", 4000, 1, 50000, 1, {{BOARD(ramp_ns), 0, 1}}},
    {"slow_fall", "the pilot driver's falling edge", "ns", 4000, 1, 50000, 1, {{BOARD(fall_ramp_ns), 0, 1}}},
    {"pwm_freq_3pct", "the PWM frequency is too high by this", "ppm", 30000, -200000, 200000, 1,
     {{BOARD(frequency_ppm), 0, 1}}},
    {"pwm_dropouts", "PWM breaks off for 100 ms this often", "ms", 10000, 200, 3600000, 2,
     {{BOARD(dropout_every_ms), 0, 1}, {BOARD(dropout_ms), 100, 0}}},
    /* when the contactor moves */
    {"contactor_open_late", "the coil is released this late", "ms", 250, 1, 60000, 1, {{BOARD(coil_release_ms), 0, 1}}},
    {"contactor_reopen_late", "the coil is released this late from the second opening after power-on on", "ms", 180, 1, 60000, 2,
     {{BOARD(coil_release_ms), 0, 1}, {BOARD(release_from), 2, 0}}},
    {"contactor_recloses", "the coil is on again for 300 ms, so long after it was switched off; nobody looks at the load side", "ms", 1000,
     500, 86400000, 2, {{BOARD(reclose_ms), 0, 1}, {CORE(feedback_ms), 86400000, 0}}},
    {"contactor_bounce", "the coil chatters for this long after closing", "ms", 200, 40, 240, 1, {{BOARD(coil_chatter_ms), 0, 1}}},
    {"opens_while_charging", "lets the coil go once it was held for this long in all since power-on", "ms", 600000, 1, 86400000, 1,
     {{BOARD(coil_warm_ms), 0, 1}}},
    {"no_second_close", "closes no more often than this after power-on", "times", 1, 1, 1000, 1, {{BOARD(closings_max), 0, 1}}},
    {"contactor_close_late", "closes this long after state C", "ms", 4000, 1, 600000, 1, {{CORE(close_ms), 0, 1}}},
    {"contactor_stuck_after_unplug", "stays closed in state A", "", 0, 0, 0, 1, {{CORE(hold_states), A | C | D, 0}}},
    {"closes_in_b", "closes without state C", "", 0, 0, 0, 2,
     {{CORE(close_states), B | C | D, 0}, {CORE(hold_states), B | C | D, 0}}},
    {"slow_detection", "time between the four samples of a new state", "ms", 60, 5, 2000, 1, {{CORE(sample_ms), 0, 1}}},
    {"opens_under_load", "gives the vehicle this long after PWM stops, not 6 s", "ms", 1000, 0, 5000, 1,
     {{CORE(vehicle_stop_ms), 0, 1}}},
    {"stops_late", "gives the vehicle this long after PWM stops, not 6 s", "ms", 15000, 6101, 86400000, 1,
     {{CORE(vehicle_stop_ms), 0, 1}}},
    {"short_not_opened", "stays closed in state E", "", 0, 0, 0, 1, {{CORE(hold_states), C | D | E, 0}}},
    {"ignores_ventilation", "charges in state D without ventilation", "", 0, 0, 0, 1, {{CORE(ventilated_states), 0, 0}}},
    /* what it does not notice, or forgets */
    {"no_diode_check", "does not look at the pilot's low level", "", 0, 0, 0, 1, {{CORE(diode_states), 0, 0}}},
    {"ground_not_watched", "notices lost earth only after this", "ms", 600000, 100, 86400000, 1, {{CORE(ground_ms), 0, 1}}},
    {"ccid_trip_high", "trips only above this residual current", "uA", 100000, 20001, 10000000, 1,
     {{BOARD(ccid_trip_ua), 0, 1}}},
    {"weld_not_watched", "looks at the load side only so long after the coil", "ms", 86400000, 400, 86400000, 1,
     {{CORE(feedback_ms), 0, 1}}},
    {"fault_overwritten", "forgets any fault after this", "ms", 1000, 300, 600000, 1, {{CORE(fault_hold_limit_ms), 0, 1}}},
    {"restarts_after_power_cut", "forgets with the mains that it was stopped", "", 0, 0, 0, 1, {{CORE(is_stop_kept), 0, 0}}},
    /* what its meter reports (with --meter) */
    {"late_report_of_energy", "reports the energy this long after charging (--meter)", "ms", 60000, 2000, 86400000, 1,
     {{BOARD(report_delay_ms), 0, 1}}},
    {"never_reports", "never reports the energy (--meter)", "", 0, 0, 0, 1, {{BOARD(report_delay_ms), INT32_MAX, 0}}},
    {"reports_once", "reports no interval after the first (--meter)", "", 0, 0, 0, 1, {{BOARD(reports_max), 1, 0}}},
    /* how a station divides its current, and whose record is whose (with --cords 2) */
    {"first_keeps_all", "the first cord goes on with the whole current when a vehicle comes to the second (--cords 2)", "", 0, 0, 0, 1,
     {{SHARING(share_ppm[0]), 1000000, 0}}},
    {"second_cord_starved", "a second vehicle is offered this share of the supply (--cords 2)", "ppm", 0, 0, 490000, 1,
     {{SHARING(share_ppm[1]), 0, 1}}},
    {"idle_cords_offered", "PWM in state A, at once, on cords without a vehicle (--cords 2)", "", 0, 0, 0, 3,
     {{SHARING(idle_ma), 6000, 0}, {CORE(offer_states), A | B | C | D, 0}, {CORE(pwm_start_ms), 10, 0}}},
    {"sum_above_supply", "the second cord announces the whole current beside the first's half (--cords 2)", "", 0, 0, 0, 2,
     {{SHARING(share_ppm[1]), 1000000, 0}, {SHARING(bound_ma), -1, 0}}},
    {"second_cord_early", "a vehicle gets this long to follow a lower current, not 5 s (--cords 2)", "ms", 0, 0, 4000, 1,
     {{SHARING(follow_ms), 0, 1}}},
    {"share_not_restored", "the cord that is left keeps its half (--cords 2)", "", 0, 0, 0, 1, {{SHARING(is_restored), 0, 0}}},
    {"share_restored_early", "a vehicle that has charged and does so no more does not count (--cords 2)", "", 0, 0, 0, 1,
     {{SHARING(is_kept_in_b), 0, 0}}},
    {"contactor_of_other_cord", "the first cord's coil driver switches the second's coil (--cords 2)", "", 0, 0, 0, 1,
     {{STATION(coil_of[0]), 2, 0}}},
    {"contactors_in_parallel", "the first cord's coil driver switches both coils (--cords 2)", "", 0, 0, 0, 1,
     {{STATION(coil_of[0]), 3, 0}}},
    {"one_record_for_both", "one report takes the energy of both cords (--cords 2 --meter)", "", 0, 0, 0, 1, {{STATION(is_one_record), 1, 0}}},
    {"records_swapped", "each cord's report names the other's vehicle (--cords 2 --meter)", "", 0, 0, 0, 2,
     {{STATION(vehicle_of[0]), 1, 0}, {STATION(vehicle_of[1]), 0, 0}}},
    {"second_record_untied", "the second cord's report names the first's vehicle (--cords 2 --meter)", "", 0, 0, 0, 1,
     {{STATION(vehicle_of[1]), 0, 0}}},
    {"report_twice", "says this report twice (--meter)", "number", 2, 1, 1000, 1, {{BOARD(report_doubled), 0, 1}}},
};
/* clang-format on */
const struct defect_list evse_defects = {rows, sizeof rows / sizeof rows[0]};

_Static_assert(sizeof(int32_t) == sizeof((struct evse_parameters *)0)->close_ms, "any member takes a 32-bit number");
