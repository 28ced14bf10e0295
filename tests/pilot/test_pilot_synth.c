/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The synthesis: edge figures of control_pilot.md 1.3, equal bits for any blocks, exact phase after hours, noise
 * statistics. */
#include "pilot_emulator/synth.h"
#include "tests/support/check.h"

#include <math.h>

static const struct pb_front_end fine = {.period_num_ns = 20, .period_den = 1, .uv_num = 500, .uv_den = 1};
static const struct pb_front_end daq = {
    .period_num_ns = 2000, .period_den = 1, .uv_num = 610, .uv_den = 1, .noise_volts = 5e-3};

static struct pb_cp_load load_of(double ohms, double farads) {
    return (struct pb_cp_load){ohms, true, 0.7, INFINITY, farads};
}

/* 10-90 % generator edge of 2 us */
static struct pb_cp_pwm pwm_of(int64_t first_rise_ns, int64_t uhz, int64_t duty_ppm) {
    return (struct pb_cp_pwm){12.0, -12.0, 1000.0, uhz, duty_ppm, first_rise_ns, 2.5e-6, 0.0};
}

static double crossing_us(const int16_t *counts, int from, double level) {
    bool is_rise = counts[from] < level;
    for (int i = from + 1;; i++)
        if ((counts[i] >= level) == is_rise)
            return 0.02 * (i - 1 + (level - counts[i - 1]) / (counts[i] - counts[i - 1]));
}

static void test_edge_figures_agree_with_the_reference_table(void **context) {
    (void)context;
    static const struct {
        double picofarads, ohms, rise_us, fall_us, width_error_us, settle_us;
    } rows[] = {
        {300, INFINITY, 2.06, 2.06, 0, 2.8},   {300, 2740, 1.97, 2.10, -0.05, 0},
        {300, 881.7, 1.83, 2.10, -0.10, 0},    {300, 245.8, 1.42, 1.84, -0.12, 0},
        {1600, INFINITY, 4.11, 4.11, 0, 6.2},  {1600, 2740, 3.31, 4.14, -0.23, 0},
        {1600, 881.7, 2.58, 4.21, -0.50, 0},   {1600, 245.8, 1.98, 4.24, -0.75, 0},
        {3100, INFINITY, 7.13, 7.13, 0, 10.6}, {3100, 2740, 5.54, 7.12, -0.49, 0},
        {3100, 881.7, 4.08, 7.17, -0.96, 0},   {3100, 245.8, 2.87, 7.28, -1.40, 0},
        {5500, INFINITY, 12.2, 12.2, 0, 17.8}, {5500, 2740, 9.34, 12.1, -0.92, 0},
        {5500, 881.7, 6.71, 12.2, -1.81, 0},   {5500, 245.8, 4.51, 12.3, -2.64, 0},
    };
    static int16_t counts[150000];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pb_synth synth;
        pb_synth_init(&synth, &fine, 1);
        struct pb_cp_load load = load_of(rows[i].ohms, 1e-12 * rows[i].picofarads);
        struct pb_cp_pwm pwm = pwm_of(0, 1000000000, 500000);
        PB_CHECK_TRUE(pb_synth_set_load(&synth, 0, &load), "refused");
        PB_CHECK_TRUE(pb_synth_set_pwm(&synth, 0, &pwm), "refused");
        pb_synth_make(&synth, counts, 150000);
        double low = counts[49999], high = counts[74999], swing = high - low;
        double rise_us = crossing_us(counts, 49999, low + 0.9 * swing) - crossing_us(counts, 49999, low + 0.1 * swing);
        double fall_us = crossing_us(counts, 74999, low + 0.1 * swing) - crossing_us(counts, 74999, low + 0.9 * swing);
        double width_us = crossing_us(counts, 74999, 0) - crossing_us(counts, 49999, 0);
        /* The table's diode drops 0.7 V at any current, ours up to 60 mV more in states C and D. */
        PB_CHECK_NEAR(rise_us, rows[i].rise_us, 0.05, "us");
        PB_CHECK_NEAR(fall_us, rows[i].fall_us, 0.05, "us");
        PB_CHECK_NEAR(width_us - 500.0, rows[i].width_error_us, 0.03, "us");
        if (rows[i].settle_us > 0)
            PB_CHECK_NEAR(crossing_us(counts, 49999, high - 0.05 * swing) - 1000.0, rows[i].settle_us, 0.06, "us");
    }
}

/* A session with everything in it, made in blocks of the given sizes. */
static void make_session(int16_t *counts, int64_t total, const int *sizes, int size_count) {
    struct pb_synth synth;
    pb_synth_init(&synth, &daq, 7);
    struct pb_cp_drive drive = {12.0, 1000.0, false};
    struct pb_cp_load b = load_of(2740, 2e-9), c = load_of(881.7, 2e-9);
    struct pb_cp_pwm pwm = pwm_of(20000123, 1000300000, 266667);
    pb_synth_set_drive(&synth, 0, &drive);
    const int64_t changes_ns[] = {9000777, 20000123, 31234567, INT64_MAX};
    int change = 0, block = 0;
    while (synth.next_index < total) {
        int64_t until = changes_ns[change] == INT64_MAX ? total : pb_synth_index_at(&daq, changes_ns[change]);
        while (synth.next_index < until) {
            int64_t count = sizes[block++ % size_count];
            if (count > until - synth.next_index) count = until - synth.next_index;
            pb_synth_make(&synth, counts + synth.next_index, (size_t)count);
        }
        if (change == 0) PB_CHECK_TRUE(pb_synth_set_load(&synth, changes_ns[0], &b), "refused");
        if (change == 1) PB_CHECK_TRUE(pb_synth_set_pwm(&synth, changes_ns[1], &pwm), "refused");
        if (change == 2) PB_CHECK_TRUE(pb_synth_set_load(&synth, changes_ns[2], &c), "refused");
        change++;
    }
}

static void test_block_sizes_do_not_change_a_bit(void **context) {
    (void)context;
    enum { TOTAL = 25000 };
    static int16_t whole[TOTAL], parts[TOTAL];
    static const int one[] = {TOTAL}, mixed[] = {1, 2, 3, 5, 997, 4, 7, 64, 5000, 6}, single[] = {1};
    make_session(whole, TOTAL, one, 1);
    make_session(parts, TOTAL, mixed, 10);
    PB_CHECK_INT(memcmp(whole, parts, sizeof whole), 0, "difference");
    make_session(parts, TOTAL, single, 1);
    PB_CHECK_INT(memcmp(whole, parts, sizeof whole), 0, "difference");
}

static void test_phase_is_exact_after_fourteen_hours(void **context) {
    (void)context;
    const int64_t uhz = 999700123, hours14_ns = 14LL * 3600 * 1000000000;
    const struct pb_front_end ns = {.period_num_ns = 1, .period_den = 1, .uv_num = 500, .uv_den = 1};
    struct pb_synth synth;
    pb_synth_init(&synth, &ns, 1);
    struct pb_cp_load load = load_of(INFINITY, 1e-12);
    struct pb_cp_pwm pwm = pwm_of(12345, uhz, 250000);
    pwm.ramp_seconds = 0.0;
    pb_synth_set_load(&synth, 0, &load);
    pb_synth_set_pwm(&synth, 0, &pwm);
    __int128 n = (__int128)hours14_ns * uhz / 1000000000000000;
    int64_t rise_ns = 12345 + (int64_t)(n * 1000000000000000 / uhz);
    int64_t fall_ns = 12345 + (int64_t)((n * 1000000 + 250000) * 1000000000 / uhz);
    static int16_t counts[40];
    pb_synth_skip_to(&synth, rise_ns - 20);
    pb_synth_make(&synth, counts, 40);
    PB_CHECK_INT(counts[20], -24000, "counts");
    PB_CHECK_BETWEEN(counts[21], -12000, 24000, "counts"); /* 1 pF behind 1 kohm: 1 ns */
    pb_synth_skip_to(&synth, fall_ns - 20);
    pb_synth_make(&synth, counts, 40);
    PB_CHECK_INT(counts[20], 24000, "counts");
    PB_CHECK_BETWEEN(counts[21], -24000, 12000, "counts");
}

static void test_a_skipped_stretch_leaves_the_samples_after_it_as_they_were(void **context) {
    (void)context;
    enum { TOTAL = 500000, TAIL = 5000 };
    static int16_t whole[TOTAL], tail[TAIL];
    for (int is_skipped = 0; is_skipped < 2; is_skipped++) {
        struct pb_synth synth;
        pb_synth_init(&synth, &daq, 3);
        struct pb_cp_load load = load_of(2740, 2e-9);
        struct pb_cp_pwm pwm = pwm_of(0, 1000300000, 266667);
        pb_synth_set_load(&synth, 0, &load);
        pb_synth_set_pwm(&synth, 0, &pwm);
        if (is_skipped) pb_synth_skip_to(&synth, TOTAL - TAIL);
        else pb_synth_make(&synth, whole, TOTAL - TAIL);
        pb_synth_make(&synth, tail, TAIL);
        if (!is_skipped) memcpy(whole + TOTAL - TAIL, tail, sizeof tail);
    }
    PB_CHECK_INT(memcmp(whole + TOTAL - TAIL, tail, sizeof tail), 0, "difference");
}

static void test_noise_has_the_rms_asked_for_and_no_mean(void **context) {
    (void)context;
    enum { TOTAL = 400000 };
    static int16_t counts[TOTAL];
    struct pb_synth synth;
    pb_synth_init(&synth, &daq, 11);
    struct pb_cp_drive drive = {6.0, 1000.0, false};
    pb_synth_set_drive(&synth, 0, &drive);
    pb_synth_make(&synth, counts, 1000);
    pb_synth_make(&synth, counts, TOTAL);
    double sum = 0, square = 0, cube = 0, fourth = 0, product = 0;
    for (int i = 0; i < TOTAL; i++) sum += counts[i];
    double mean = sum / TOTAL;
    for (int i = 0; i < TOTAL; i++) {
        double d = counts[i] - mean;
        square += d * d;
        cube += d * d * d;
        fourth += d * d * d * d;
        if (i > 0) product += d * (counts[i - 1] - mean);
    }
    double sigma = sqrt(square / TOTAL);
    PB_CHECK_NEAR(mean * 610e-6, 6.0, 5 * 5e-3 / sqrt(TOTAL), "V");
    PB_CHECK_NEAR(sigma * 610e-6, sqrt(5e-3 * 5e-3 + 610e-6 * 610e-6 / 12), 3e-5, "V");
    PB_CHECK_NEAR(cube / TOTAL / (sigma * sigma * sigma), 0.0, 0.02, "(skewness)");
    PB_CHECK_NEAR(fourth / TOTAL / (sigma * sigma * sigma * sigma), 3.0, 0.1, "(kurtosis)");
    PB_CHECK_NEAR(product / square, 0.0, 0.01, "(correlation of neighbours)");
}

static void test_a_change_in_the_past_is_refused(void **context) {
    (void)context;
    static int16_t counts[100];
    struct pb_synth synth;
    pb_synth_init(&synth, &daq, 1);
    struct pb_cp_drive drive = {12.0, 1000.0, false};
    PB_CHECK_TRUE(pb_synth_set_drive(&synth, 1000, &drive), "refused");
    PB_CHECK_TRUE(!pb_synth_set_drive(&synth, 999, &drive), "accepted before an earlier change");
    pb_synth_make(&synth, counts, 100);
    PB_CHECK_INT(synth.next_index, 101, "samples"); /* sample 0 lies before the change: skipped */
    PB_CHECK_TRUE(!pb_synth_set_drive(&synth, 199000, &drive), "accepted before a sample made");
    PB_CHECK_TRUE(pb_synth_set_drive(&synth, 200001, &drive), "refused");
    struct pb_cp_pwm pwm = pwm_of(0, 0, 500000);
    PB_CHECK_TRUE(!pb_synth_set_pwm(&synth, 300000, &pwm), "accepted without a frequency");
}

static void test_samples_lie_at_the_rational_instants(void **context) {
    (void)context;
    const struct pb_front_end thirds = {.period_num_ns = 10000, .period_den = 3, .uv_num = 610, .uv_den = 1};
    for (int64_t i = -10; i < 1000; i++) {
        int64_t at_ns = pb_synth_time_of(&thirds, i);
        PB_CHECK_INT(pb_synth_index_at(&thirds, at_ns), i, "(index)");
        PB_CHECK_INT(pb_synth_index_at(&thirds, at_ns + 1), i + 1, "(index)");
    }
}

static void test_the_level_is_clipped_to_the_converter(void **context) {
    (void)context;
    const struct pb_front_end narrow = {
        .period_num_ns = 2000, .period_den = 1, .uv_num = 100, .uv_den = 1, .noise_volts = 1e-3};
    static int16_t counts[100];
    struct pb_synth synth;
    pb_synth_init(&synth, &narrow, 1);
    struct pb_cp_drive drive = {12.0, 1000.0, false};
    pb_synth_set_drive(&synth, 0, &drive);
    pb_synth_make(&synth, counts, 100);
    PB_CHECK_INT(counts[99], INT16_MAX, "counts");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_edge_figures_agree_with_the_reference_table),
        cmocka_unit_test(test_block_sizes_do_not_change_a_bit),
        cmocka_unit_test(test_phase_is_exact_after_fourteen_hours),
        cmocka_unit_test(test_a_skipped_stretch_leaves_the_samples_after_it_as_they_were),
        cmocka_unit_test(test_noise_has_the_rms_asked_for_and_no_mean),
        cmocka_unit_test(test_a_change_in_the_past_is_refused),
        cmocka_unit_test(test_samples_lie_at_the_rational_instants),
        cmocka_unit_test(test_the_level_is_clipped_to_the_converter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
