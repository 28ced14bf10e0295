/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The node equation against the worked figures of control_pilot.md 1.2 and 2.1, against small steps, and the duty
 * law against 3.2. */
#include "pilot_emulator/node.h"
#include "tests/support/check.h"

#include <math.h>

static struct pb_cp_load load_of(double ohms) { return (struct pb_cp_load){ohms, true, 0.7, INFINITY, 1e-9}; }

static const struct pb_cp_drive up = {12.0, 1000.0, false}, down = {-12.0, 1000.0, false};

static void test_settled_levels_agree_with_the_state_table(void **context) {
    (void)context;
    static const struct {
        double ohms, volts;
    } rows[] = {
        {INFINITY, 12.0},
        {2740.0, 8.979},
        {881.7, 5.995},
        {245.8, 2.929},
        {1870.0, 8.06},
        {4610.0, 9.99},
        {1870.0 * 909 / (1870 + 909), 4.99},
        {4610.0 * 1723 / (4610 + 1723), 6.99},
        {1870.0 * 140 / (1870 + 140), 2.00},
        {4610.0 * 448 / (4610 + 448), 3.98},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pb_cp_load load = load_of(rows[i].ohms);
        PB_CHECK_NEAR(pb_cp_node_settled(&up, &load), rows[i].volts, 0.006, "V");
        PB_CHECK_NEAR(pb_cp_node_settled(&down, &load), -12.0, 1e-6, "V");
    }
}

static void test_a_shorted_diode_pulls_the_low_level_up(void **context) {
    (void)context;
    struct pb_cp_load load = load_of(2740.0);
    load.has_diode = false;
    PB_CHECK_NEAR(pb_cp_node_settled(&down, &load), -12.0 * 2740 / 3740, 1e-9, "V");
    PB_CHECK_NEAR(pb_cp_node_settled(&up, &load), 12.0 * 2740 / 3740, 1e-9, "V");
}

static void test_a_short_to_pe_gives_state_e(void **context) {
    (void)context;
    struct pb_cp_load load = load_of(2740.0);
    load.short_ohms = 80.0;
    PB_CHECK_NEAR(pb_cp_node_settled(&up, &load), 12.0 * (1 / (1000.0 * (1 / 1000.0 + 1 / 80.0 + 1 / 2740.0))), 0.04,
                  "V");
    load.short_ohms = 0.0;
    PB_CHECK_NEAR(pb_cp_node_settled(&up, &load), 0.0, 1e-4, "V");
}

static void test_a_node_that_nothing_drives_falls_to_zero(void **context) {
    (void)context;
    const struct pb_cp_drive none = {12.0, 1000.0, true};
    struct pb_cp_load load = load_of(INFINITY);
    PB_CHECK_NEAR(pb_cp_node_settled(&none, &load), 0.0, 1e-9, "V");
    PB_CHECK_NEAR(pb_cp_node_after(&none, &load, 9.0, 1e-4), 9.0 * exp(-1.0), 1e-6, "V");
}

/* Explicit small steps of the same circuit. */
static double stepped(const struct pb_cp_drive *drive, const struct pb_cp_load *load, double volts, double seconds) {
    int steps = 200000;
    double dt = seconds / steps;
    for (int i = 0; i < steps; i++) {
        double amps = (drive->open_volts - volts) / drive->source_ohms - volts / load->short_ohms;
        double across = load->has_diode ? volts - load->diode_volts : volts;
        if (!load->has_diode || across > 0) amps -= across / load->ohms;
        volts += dt * amps / load->farads;
    }
    return volts;
}

static void test_closed_form_agrees_with_small_steps_across_the_diode(void **context) {
    (void)context;
    static const double starts[] = {-12.0, -3.0, 0.69, 0.7, 0.71, 5.0, 12.0}, spans[] = {1e-7, 1e-6, 5e-6, 4e-5};
    static const double ohms[] = {INFINITY, 2740.0, 245.8};
    for (size_t r = 0; r < 3; r++)
        for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++)
            for (size_t t = 0; t < sizeof spans / sizeof spans[0]; t++) {
                struct pb_cp_load load = load_of(ohms[r]);
                load.farads = 5.5e-9;
                PB_CHECK_NEAR(pb_cp_node_after(&up, &load, starts[s], spans[t]),
                              stepped(&up, &load, starts[s], spans[t]), 1e-3, "V");
                PB_CHECK_NEAR(pb_cp_node_after(&down, &load, starts[s], spans[t]),
                              stepped(&down, &load, starts[s], spans[t]), 1e-3, "V");
            }
}

static void test_two_spans_one_after_the_other_make_the_long_one(void **context) {
    (void)context;
    struct pb_cp_load load = load_of(881.7);
    double half = pb_cp_node_after(&up, &load, -12.0, 7e-7);
    PB_CHECK_NEAR(pb_cp_node_after(&up, &load, half, 6e-7), pb_cp_node_after(&up, &load, -12.0, 1.3e-6), 1e-9, "V");
}

static void test_duty_law_gives_the_worked_values_both_ways(void **context) {
    (void)context;
    static const struct {
        long ma, ppm;
    } rows[] = {
        {6000, 100000},  {16000, 266667}, {30000, 500000}, {60000, 880000}, {8000, 133333},  {18000, 300000},
        {32000, 533333}, {63000, 892000}, {10000, 166667}, {20000, 333333}, {36000, 600000}, {65000, 900000},
        {12000, 200000}, {24000, 400000}, {40000, 666667}, {70000, 920000}, {13000, 216667}, {25000, 416667},
        {48000, 800000}, {75000, 940000}, {15000, 250000}, {28000, 466667}, {51000, 850000}, {80000, 960000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        PB_CHECK_INT(pb_cp_duty_of_ma(rows[i].ma), rows[i].ppm, "ppm");
        PB_CHECK_INT(pb_cp_ma_of_duty(rows[i].ppm), rows[i].ma, "mA");
    }
}

static void test_every_milliampere_with_a_code_reads_back(void **context) {
    (void)context;
    for (long ma = 0; ma <= 90000; ma++) {
        long duty_ppm = pb_cp_duty_of_ma(ma);
        bool has_code = (ma >= 6000 && ma <= 51000) || (ma >= 52500 && ma <= 80000);
        PB_CHECK_INT(duty_ppm != 0, has_code, "code");
        if (has_code && ma != 52500) PB_CHECK_INT(pb_cp_ma_of_duty(duty_ppm), ma, "mA");
    }
}

static void test_duties_without_a_current_give_none(void **context) {
    (void)context;
    static const struct {
        long ppm, ma;
    } rows[] = {
        {0, 0},          {30000, 0},      {50000, 0},      {70000, 0},      {79999, 0},  {80000, 6000}, {99999, 6000},
        {850000, 51000}, {850004, 52501}, {960000, 80000}, {970000, 80000}, {970001, 0}, {1000000, 0},  {-5, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        PB_CHECK_INT(pb_cp_ma_of_duty(rows[i].ppm), rows[i].ma, "mA");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settled_levels_agree_with_the_state_table),
        cmocka_unit_test(test_a_shorted_diode_pulls_the_low_level_up),
        cmocka_unit_test(test_a_short_to_pe_gives_state_e),
        cmocka_unit_test(test_a_node_that_nothing_drives_falls_to_zero),
        cmocka_unit_test(test_closed_form_agrees_with_small_steps_across_the_diode),
        cmocka_unit_test(test_two_spans_one_after_the_other_make_the_long_one),
        cmocka_unit_test(test_duty_law_gives_the_worked_values_both_ways),
        cmocka_unit_test(test_every_milliampere_with_a_code_reads_back),
        cmocka_unit_test(test_duties_without_a_current_give_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
