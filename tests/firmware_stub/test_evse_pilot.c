/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The EVSE core's reading of levels and its duty law, against values worked by hand from the standard's tables. */
#include "firmware_stub/evse/core/pilot.h"
#include "tests/support/check.h"

static enum evse_pilot state_of(int16_t high_mv, int16_t low_mv, enum evse_pilot previous, bool is_pwm) {
    struct evse_peaks peaks = {high_mv, low_mv};
    return evse_pilot_of(peaks, previous, is_pwm, &evse_parameters_standard);
}

static void test_duty_follows_the_law_from_6_to_80_amperes(void **state) {
    (void)state;
    static const struct {
        uint32_t ma, duty_ppm;
    } rows[] = {
        {6000, 100000},  {8000, 133333},  {10000, 166667}, {12000, 200000}, {13000, 216667}, {15000, 250000},
        {16000, 266667}, {18000, 300000}, {20000, 333333}, {24000, 400000}, {25000, 416667}, {28000, 466667},
        {30000, 500000}, {32000, 533333}, {36000, 600000}, {40000, 666667}, {48000, 800000}, {51000, 850000},
        {60000, 880000}, {63000, 892000}, {65000, 900000}, {70000, 920000}, {75000, 940000}, {80000, 960000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        PB_CHECK_INT(evse_duty_ppm(rows[i].ma), rows[i].duty_ppm, "ppm");
}

static void test_currents_without_a_code_are_said_lower(void **state) {
    (void)state;
    PB_CHECK_INT(evse_duty_ppm(52000), 850000, "ppm");
    PB_CHECK_INT(evse_duty_ppm(52500), 850000, "ppm");
    PB_CHECK_INT(evse_duty_ppm(100000), 960000, "ppm");
}

static void test_each_window_is_its_state_up_to_both_ends(void **state) {
    (void)state;
    static const struct {
        enum evse_pilot state;
        int16_t min_mv, max_mv;
    } rows[] = {
        {EVSE_A, 11000, 13000}, {EVSE_B, 8000, 10000}, {EVSE_C, 5000, 7000},
        {EVSE_D, 2000, 4000},   {EVSE_E, -1000, 1000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (enum evse_pilot previous = EVSE_UNKNOWN; previous <= EVSE_INVALID; previous++) {
            PB_CHECK_INT(state_of(rows[i].min_mv, rows[i].min_mv, previous, false), rows[i].state, "(state)");
            PB_CHECK_INT(state_of(rows[i].max_mv, rows[i].max_mv, previous, false), rows[i].state, "(state)");
        }
    }
    PB_CHECK_INT(state_of(13001, 13001, EVSE_A, false), EVSE_INVALID, "(state)");
    PB_CHECK_INT(state_of(-1001, -1001, EVSE_E, false), EVSE_INVALID, "(state)");
}

static void test_between_two_windows_a_neighbour_stays(void **state) {
    (void)state;
    for (int16_t gap_mv = 1500; gap_mv < 11000; gap_mv = (int16_t)(gap_mv + 3000)) {
        enum evse_pilot upper = state_of((int16_t)(gap_mv + 1000), 0, EVSE_UNKNOWN, false);
        enum evse_pilot lower = state_of((int16_t)(gap_mv - 1000), 0, EVSE_UNKNOWN, false);
        for (int16_t off_mv = -100; off_mv <= 100; off_mv = (int16_t)(off_mv + 100)) {
            PB_CHECK_INT(state_of((int16_t)(gap_mv + off_mv), 0, upper, false), upper, "(state)");
            PB_CHECK_INT(state_of((int16_t)(gap_mv + off_mv), 0, lower, false), lower, "(state)");
        }
        PB_CHECK_INT(lower, upper + 1, "(state)");
    }
    PB_CHECK_INT(state_of(1290, 0, EVSE_C, false), EVSE_E, "(state)"); /* neither neighbour: the nearer */
    PB_CHECK_INT(state_of(4800, 0, EVSE_A, false), EVSE_C, "(state)");
}

static void test_low_level_outside_its_window_is_a_diode_fault_only_with_pwm(void **state) {
    (void)state;
    PB_CHECK_INT(state_of(9000, -8790, EVSE_B, true), EVSE_DIODE, "(state)");
    PB_CHECK_INT(state_of(6000, -10999, EVSE_C, true), EVSE_DIODE, "(state)");
    PB_CHECK_INT(state_of(6000, -11000, EVSE_C, true), EVSE_C, "(state)");
    PB_CHECK_INT(state_of(3000, -13001, EVSE_D, true), EVSE_DIODE, "(state)");
    PB_CHECK_INT(state_of(9000, 9000, EVSE_B, false), EVSE_B, "(state)");
    PB_CHECK_INT(state_of(900, -900, EVSE_C, true), EVSE_E, "(state)"); /* a short is no diode */
}

static void test_watched_window_reaches_to_the_neighbours(void **state) {
    (void)state;
    struct evse_window b = evse_pilot_window(EVSE_B, true, &evse_parameters_standard);
    PB_CHECK_INT(b.high_min_mv, 7350, "mV");
    PB_CHECK_INT(b.high_max_mv, 10650, "mV");
    PB_CHECK_INT(b.low_min_mv, -13000, "mV");
    PB_CHECK_INT(b.low_max_mv, -11000, "mV");
    struct evse_window a = evse_pilot_window(EVSE_A, false, &evse_parameters_standard);
    PB_CHECK_INT(a.high_min_mv, 10350, "mV");
    PB_CHECK_INT(a.high_max_mv, 13000, "mV");
    PB_CHECK_INT(a.low_max_mv, INT16_MAX, "mV");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duty_follows_the_law_from_6_to_80_amperes),
        cmocka_unit_test(test_currents_without_a_code_are_said_lower),
        cmocka_unit_test(test_each_window_is_its_state_up_to_both_ends),
        cmocka_unit_test(test_between_two_windows_a_neighbour_stays),
        cmocka_unit_test(test_low_level_outside_its_window_is_a_diode_fault_only_with_pwm),
        cmocka_unit_test(test_watched_window_reaches_to_the_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
