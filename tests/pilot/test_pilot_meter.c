/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The meter against pilots whose figures are known from the node equation: errors stay within U as often as U
 * promises. */
#include "pilot_emulator/analyser.h"
#include "pilot_emulator/synth.h"
#include "tests/support/check.h"

#include <math.h>

static const struct pb_front_end daq = {
    .period_num_ns = 2000, .period_den = 1, .uv_num = 610, .uv_den = 1, .noise_volts = 5e-3};
static const struct pb_sampling sampling = {2000, 1, 610, 1, 0, 0, 0, 0, 0, 0};
static const struct pb_cp_load load_b = {2740.0, true, 0.7, INFINITY, 5e-10};

enum { TOTAL = 25600 }; /* 51.2 ms: 50 whole periods */
static int16_t counts[TOTAL];

static struct pb_cp_pwm pwm_of(int64_t first_rise_ns, int64_t uhz, int64_t duty_ppm) {
    return (struct pb_cp_pwm){12.0, -12.0, 1000.0, uhz, duty_ppm, first_rise_ns, 2.5e-6, 0.0};
}

static void make(const struct pb_front_end *front_end, const struct pb_cp_load *load, const struct pb_cp_pwm *pwm,
                 uint64_t seed) {
    static struct pb_synth synth;
    pb_synth_init(&synth, front_end, seed);
    pb_synth_set_load(&synth, 0, load);
    pb_synth_set_pwm(&synth, 0, pwm);
    pb_synth_skip_to(&synth, 5000);
    pb_synth_make(&synth, counts, TOTAL);
}

static struct pb_cp_measurement measure(const struct pb_sampling *with, size_t total, size_t block) {
    struct pb_cp_meter meter;
    struct pb_cp_measurement measurement;
    pb_cp_meter_init(&meter, with);
    for (size_t i = 0; i < total; i += block)
        pb_cp_meter_feed(&meter, counts + i, total - i < block ? total - i : block);
    pb_cp_meter_finish(&meter, &measurement);
    return measurement;
}

/* How much the node shortens the pulse, between zero crossings: from the ramp and the closed form, by bisection. */
static double crossing_s(const struct pb_cp_load *load, double start_volts, double ramp_volts_per_s) {
    struct pb_cp_drive drive = {ramp_volts_per_s > 0 ? -12.0 : 12.0, 1000.0, false};
    double volts = start_volts, at = 0.0, dt = 1e-9;
    for (;; at += dt) {
        drive.open_volts = ramp_volts_per_s * (at + dt / 2) + (ramp_volts_per_s > 0 ? -12.0 : 12.0);
        if (drive.open_volts > 12.0) drive.open_volts = 12.0;
        if (drive.open_volts < -12.0) drive.open_volts = -12.0;
        double next = pb_cp_node_after(&drive, load, volts, dt);
        if ((next >= 0.0) != (start_volts >= 0.0)) return at + dt * volts / (volts - next);
        volts = next;
    }
}

static double true_duty_ppm(const struct pb_cp_load *load, const struct pb_cp_pwm *pwm) {
    struct pb_cp_drive high = {12.0, 1000.0, false};
    double rise = crossing_s(load, -12.0, 24.0 / 2.5e-6),
           fall = crossing_s(load, pb_cp_node_settled(&high, load), -24.0 / 2.5e-6);
    return (double)pwm->duty_ppm + 1e6 * (fall - rise) * 1e-6 * (double)pwm->frequency_uhz;
}

static int is_outside(double value, double truth, int64_t u) { return fabs(value - truth) > (double)u; }

struct misses {
    int trials, duty, frequency, high, low;
    int64_t most_u_duty_ppm;
};

static void run(struct misses *misses, long ma, int seed, bool is_locked) {
    struct pb_cp_drive high = {12.0, 1000.0, false};
    int64_t uhz = is_locked ? 1000000000 : 980000000 + (int64_t)(((uint64_t)(unsigned)seed * 2654435761u) % 40000000u);
    struct pb_cp_pwm pwm = pwm_of((seed * 7919L + ma) % 2000, uhz, ma > 51000 ? 640000 + ma * 4 : (ma * 100 + 3) / 6);
    make(&daq, &load_b, &pwm, (uint64_t)seed * 1000 + (uint64_t)ma);
    struct pb_cp_measurement m = measure(&sampling, TOTAL, TOTAL);
    PB_CHECK_BETWEEN(m.periods, 48, 52, "periods");
    misses->trials++;
    misses->duty += is_outside((double)m.duty_ppm, true_duty_ppm(&load_b, &pwm), m.u_duty_ppm);
    misses->frequency += is_outside((double)m.frequency_uhz, (double)uhz, m.u_frequency_uhz);
    if (m.is_high_settled)
        misses->high += is_outside((double)m.high_uv, 1e6 * pb_cp_node_settled(&high, &load_b), m.u_high_uv);
    if (m.is_low_settled) misses->low += is_outside((double)m.low_uv, -12e6, m.u_low_uv);
    if (m.u_duty_ppm > misses->most_u_duty_ppm) misses->most_u_duty_ppm = m.u_duty_ppm;
    PB_CHECK_BETWEEN(m.u_high_uv, 1, 5000, "uV");
    PB_CHECK_BETWEEN(m.u_frequency_uhz, 1, 1000000, "uHz");
}

/* 95.45 % of n trials, less three standard deviations of a binomial count. */
static void check_misses(int misses, int trials, const char *what) {
    double expected = 0.0455 * trials;
    PB_CHECK_TRUE(misses <= expected + 3 * sqrt(expected), "%d of %d outside U: %s", misses, trials, what);
}

static void check_coverage(bool is_locked) {
    static const long currents_ma[] = {6000, 10000, 16000, 24000, 32000, 48000, 51000, 60000, 70000, 80000};
    struct misses misses = {0};
    for (size_t i = 0; i < sizeof currents_ma / sizeof currents_ma[0]; i++)
        for (int seed = 1; seed <= 40; seed++) run(&misses, currents_ma[i], seed, is_locked);
    print_message("%d trials, outside: duty %d, frequency %d, high %d, low %d; most U of duty %d ppm\n", misses.trials,
                  misses.duty, misses.frequency, misses.high, misses.low, (int)misses.most_u_duty_ppm);
    check_misses(misses.duty, misses.trials, "duty");
    check_misses(misses.frequency, misses.trials, "frequency");
    check_misses(misses.high, misses.trials, "high level");
    check_misses(misses.low, misses.trials, "low level");
    PB_CHECK_BETWEEN(misses.most_u_duty_ppm, 1, 1000, "ppm");
}

static void test_errors_stay_within_u_from_6_to_80_amperes(void **context) {
    (void)context;
    check_coverage(false);
}

static void test_errors_stay_within_u_when_the_sample_clock_is_locked_to_the_pilot(void **context) {
    (void)context;
    check_coverage(true);
}

static void test_edges_without_a_sample_on_them_keep_the_whole_interval_in_u(void **context) {
    (void)context;
    struct pb_cp_load open = {INFINITY, true, 0.7, INFINITY, 1e-12};
    struct pb_cp_pwm pwm = pwm_of(500, 1000000000, 300000);
    pwm.ramp_seconds = 0.0;
    make(&daq, &open, &pwm, 1);
    struct pb_cp_measurement m = measure(&sampling, TOTAL, TOTAL);
    /* Two edges, each rectangular over half a sample either way: 2 * sqrt(2) * 1 us / sqrt(3). */
    PB_CHECK_BETWEEN(m.u_duty_ppm, 1630, 1700, "ppm");
    PB_CHECK_NEAR(m.duty_ppm, 300000, m.u_duty_ppm, "ppm");
}

static void test_block_sizes_do_not_change_a_bit(void **context) {
    (void)context;
    struct pb_cp_pwm pwm = pwm_of(777, 1000100000, 266667);
    make(&daq, &load_b, &pwm, 5);
    struct pb_cp_measurement whole = measure(&sampling, TOTAL, TOTAL);
    for (size_t block = 1; block <= 5000; block += block < 20 ? 1 : 331) {
        struct pb_cp_measurement parts = measure(&sampling, TOTAL, block);
        PB_CHECK_INT(parts.duty_ppm, whole.duty_ppm, "ppm");
        PB_CHECK_INT(parts.u_duty_ppm, whole.u_duty_ppm, "ppm");
        PB_CHECK_INT(parts.frequency_uhz, whole.frequency_uhz, "uHz");
        PB_CHECK_INT(parts.u_frequency_uhz, whole.u_frequency_uhz, "uHz");
        PB_CHECK_INT(parts.high_uv, whole.high_uv, "uV");
        PB_CHECK_INT(parts.u_high_uv, whole.u_high_uv, "uV");
        PB_CHECK_INT(parts.low_uv, whole.low_uv, "uV");
        PB_CHECK_INT(parts.u_low_uv, whole.u_low_uv, "uV");
        PB_CHECK_INT(parts.samples, whole.samples, "samples");
    }
}

static void test_a_steady_level_is_the_high_level_without_periods(void **context) {
    (void)context;
    static const double levels_volts[] = {12.0, 0.0, -12.0};
    for (size_t i = 0; i < 3; i++) {
        struct pb_cp_pwm pwm = pwm_of(0, 1000000000, 1000000);
        pwm.high_volts = levels_volts[i];
        struct pb_cp_load open = {INFINITY, true, 0.7, INFINITY, 5e-10};
        make(&daq, &open, &pwm, 3);
        struct pb_cp_measurement m = measure(&sampling, TOTAL, 999);
        PB_CHECK_INT(m.periods, 0, "periods");
        PB_CHECK_NEAR(m.high_uv, 1e6 * levels_volts[i], m.u_high_uv, "uV");
        PB_CHECK_BETWEEN(m.u_high_uv, 1, 2000, "uV");
        PB_CHECK_TRUE(m.is_high_settled && !m.is_low_settled, "settled");
        PB_CHECK_TRUE(!m.is_saturated, "saturated");
    }
}

static void test_u_of_a_level_holds_the_calibration(void **context) {
    (void)context;
    struct pb_sampling calibrated = sampling;
    calibrated.u_level_uv = 20000;
    struct pb_cp_pwm pwm = pwm_of(0, 1000000000, 500000);
    make(&daq, &load_b, &pwm, 3);
    struct pb_cp_measurement m = measure(&calibrated, TOTAL, TOTAL);
    PB_CHECK_BETWEEN(m.u_high_uv, 20000, 20100, "uV");
    calibrated = sampling;
    calibrated.u_rate_ppb = 50000;
    m = measure(&calibrated, TOTAL, TOTAL);
    PB_CHECK_BETWEEN(m.u_frequency_uhz, 50000, 100000, "uHz");
    calibrated = sampling;
    calibrated.u_time_ns = 1000;
    m = measure(&calibrated, TOTAL, TOTAL);
    PB_CHECK_BETWEEN(m.u_duty_ppm, 1414, 2000, "ppm");
}

static void test_phases_too_short_to_settle_are_said_to_be(void **context) {
    (void)context;
    static const struct {
        int64_t duty_ppm;
        bool is_high_settled, is_low_settled;
    } rows[] = {
        {30000, false, true},
        {50000, true, true},
        {500000, true, true},
        {970000, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pb_cp_pwm pwm = pwm_of(0, 1000000000, rows[i].duty_ppm);
        make(&daq, &load_b, &pwm, 3);
        struct pb_cp_measurement m = measure(&sampling, TOTAL, TOTAL);
        PB_CHECK_INT(m.is_high_settled, rows[i].is_high_settled, "(high)");
        PB_CHECK_INT(m.is_low_settled, rows[i].is_low_settled, "(low)");
    }
}

static void test_the_greatest_capacitance_does_not_spoil_the_level(void **context) {
    (void)context;
    struct pb_cp_drive high = {12.0, 1000.0, false};
    struct pb_cp_load load = load_b;
    load.farads = 5.5e-9;
    struct pb_cp_pwm pwm = pwm_of(0, 1000300000, 50000);
    make(&daq, &load, &pwm, 3);
    struct pb_cp_measurement m = measure(&sampling, TOTAL, TOTAL);
    PB_CHECK_NEAR(m.high_uv, 1e6 * pb_cp_node_settled(&high, &load), 30000, "uV");
    PB_CHECK_NEAR(m.duty_ppm, true_duty_ppm(&load, &pwm), m.u_duty_ppm, "ppm");
}

static void test_one_odd_sample_makes_no_period(void **context) {
    (void)context;
    struct pb_cp_pwm pwm = pwm_of(777, 1000100000, 266667);
    make(&daq, &load_b, &pwm, 5);
    int64_t periods = measure(&sampling, TOTAL, TOTAL).periods;
    for (int i = 60; i < TOTAL; i += 1733) counts[i] = (int16_t)(counts[i] > 0 ? -19000 : 14000);
    PB_CHECK_INT(measure(&sampling, TOTAL, 77).periods, periods, "periods");
}

static void test_a_sample_at_the_end_of_the_range_is_saturation(void **context) {
    (void)context;
    struct pb_cp_pwm pwm = pwm_of(777, 1000100000, 266667);
    make(&daq, &load_b, &pwm, 5);
    PB_CHECK_TRUE(!measure(&sampling, TOTAL, TOTAL).is_saturated, "saturated");
    counts[12345] = INT16_MAX;
    PB_CHECK_TRUE(measure(&sampling, TOTAL, TOTAL).is_saturated, "not saturated");
}

static void test_an_inverting_divider_gives_the_same_figures(void **context) {
    (void)context;
    struct pb_cp_pwm pwm = pwm_of(777, 1000100000, 266667);
    make(&daq, &load_b, &pwm, 5);
    struct pb_cp_measurement upright = measure(&sampling, TOTAL, TOTAL);
    for (int i = 0; i < TOTAL; i++) counts[i] = (int16_t)-counts[i];
    struct pb_sampling inverted = sampling;
    inverted.uv_num = -610;
    struct pb_cp_measurement m = measure(&inverted, TOTAL, TOTAL);
    PB_CHECK_NEAR(m.duty_ppm, upright.duty_ppm, 1, "ppm");
    PB_CHECK_NEAR(m.high_uv, upright.high_uv, 1, "uV");
    PB_CHECK_INT(m.periods, upright.periods, "periods");
}

/* Runs of recipe version 1 are judged again by the meter as it was: equal samples, equal bits, for ever. That each figure
 * follows from the samples: test_pilot_reckoning.py, which reads them here. */
static void test_the_meter_says_what_it_always_said(void **context) {
    (void)context;
    static const struct pb_sampling calibrated = {.period_num_ns = 2000,
                                                  .period_den = 1,
                                                  .uv_num = 610,
                                                  .uv_den = 1,
                                                  .uv_offset = 1500,
                                                  .u_level_uv = 10000,
                                                  .u_time_ns = 100,
                                                  .u_rate_ppb = 20000};
    int level = 0;
    for (int i = 0; i < TOTAL; i++) {
        level += ((i % 501 < 140 ? 14720 : -19672) - level) / 3;
        counts[i] = (int16_t)(level + (i * 7919 % 31) - 15);
    }
    struct pb_cp_measurement m = measure(&calibrated, TOTAL, TOTAL);
    PB_CHECK_INT(m.periods, 50, "periods");
    PB_CHECK_INT(m.duty_ppm, 278075, "ppm");
    PB_CHECK_INT(m.u_duty_ppm, 432, "ppm");
    PB_CHECK_INT(m.frequency_uhz, 998003968, "uHz");
    PB_CHECK_INT(m.u_frequency_uhz, 21781, "uHz");
    PB_CHECK_INT(m.high_uv, 8978747, "uV");
    PB_CHECK_INT(m.u_high_uv, 10007, "uV");
    PB_CHECK_INT(m.low_uv, -11997161, "uV");
    PB_CHECK_INT(m.u_low_uv, 10007, "uV");
}

static void test_no_samples_give_no_figures(void **context) {
    (void)context;
    struct pb_cp_measurement m = measure(&sampling, 0, 1);
    PB_CHECK_INT(m.samples + m.periods, 0, "samples");
    PB_CHECK_TRUE(!m.is_high_settled && !m.is_low_settled, "settled");
    PB_CHECK_BETWEEN(m.u_high_uv, 39000000, INT64_MAX, "uV");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_stay_within_u_from_6_to_80_amperes),
        cmocka_unit_test(test_errors_stay_within_u_when_the_sample_clock_is_locked_to_the_pilot),
        cmocka_unit_test(test_edges_without_a_sample_on_them_keep_the_whole_interval_in_u),
        cmocka_unit_test(test_block_sizes_do_not_change_a_bit),
        cmocka_unit_test(test_a_steady_level_is_the_high_level_without_periods),
        cmocka_unit_test(test_u_of_a_level_holds_the_calibration),
        cmocka_unit_test(test_phases_too_short_to_settle_are_said_to_be),
        cmocka_unit_test(test_the_greatest_capacitance_does_not_spoil_the_level),
        cmocka_unit_test(test_one_odd_sample_makes_no_period),
        cmocka_unit_test(test_a_sample_at_the_end_of_the_range_is_saturation),
        cmocka_unit_test(test_an_inverting_divider_gives_the_same_figures),
        cmocka_unit_test(test_the_meter_says_what_it_always_said),
        cmocka_unit_test(test_no_samples_give_no_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
