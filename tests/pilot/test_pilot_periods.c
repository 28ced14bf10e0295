/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The analyser of periods: what holds for any waveform, and what is said of odd ones. */
#include "pilot_emulator/periods.h"
#include "tests/pilot/source.h"
#include "tests/support/check.h"

#include <math.h>
#include <string.h>

enum { TOTAL = 60000 };
static int16_t counts[TOTAL];
static struct source source;
static struct random random_state;

static const struct pb_sampling plain = {.period_num_ns = 2000, .period_den = 1, .uv_num = 458, .uv_den = 1};

static void pilot(double load_ohms, double farads, double duty, double hz) {
    random_state = (struct random){99};
    source = (struct source){.high_volts = 12,
                             .low_volts = -12,
                             .source_ohms = 1000,
                             .load_ohms = load_ohms,
                             .diode_volts = 0.7,
                             .farads = farads,
                             .ramp_ns = 1000,
                             .hz = hz,
                             .duty = duty,
                             .first_ns = 100300,
                             .sampling = plain,
                             .noise_volts = 5e-3};
}

static void make(void) {
    source_prepare(&source);
    source_make(&source, &random_state, counts, TOTAL);
}

struct log {
    struct pb_cp_period period[256];
    int count;
};

static void take_period(void *user, const struct pb_cp_period *period) {
    struct log *log = user;
    if (log->count < 256) log->period[log->count++] = *period;
}

static struct pb_cp_measurement measure_with(struct pb_cp_analyser_setup setup, int total, int block, struct log *log) {
    static struct pb_cp_analyser analyser;
    struct pb_cp_measurement measurement;
    memset(&measurement, 0, sizeof measurement);
    log->count = 0;
    setup.report = take_period;
    setup.user = log;
    pb_cp_analyser_init(&analyser, &setup);
    for (int i = 0; i < total; i += block)
        pb_cp_analyser_feed(&analyser, counts + i, (size_t)(total - i < block ? total - i : block));
    pb_cp_analyser_measure(&analyser, &measurement);
    return measurement;
}

static struct log seen;

static struct pb_cp_measurement measure(void) {
    return measure_with((struct pb_cp_analyser_setup){.sampling = source.sampling}, TOTAL, TOTAL, &seen);
}

static void check_equal(const struct pb_cp_measurement *a, const struct pb_cp_measurement *b) {
#define SAME(member) PB_CHECK_INT(a->member, b->member, "(" #member ")")
    SAME(periods);
    SAME(samples);
    SAME(duty_ppm);
    SAME(u_duty_ppm);
    SAME(frequency_uhz);
    SAME(u_frequency_uhz);
    SAME(high_uv);
    SAME(u_high_uv);
    SAME(low_uv);
    SAME(u_low_uv);
    SAME(is_high_settled);
    SAME(is_low_settled);
    SAME(is_saturated);
    SAME(is_coherent);
    SAME(ripple_high_uv);
    SAME(ripple_low_uv);
    SAME(odd_periods);
    SAME(missing_pulses);
    SAME(glitches);
    SAME(losses);
    SAME(is_rise_measured);
    SAME(is_fall_measured);
    SAME(rise_ns);
    SAME(u_rise_ns);
    SAME(fall_ns);
    SAME(u_fall_ns);
#undef SAME
}

/* Anything: a pilot with what may go wrong with it, or no pilot at all. */
static struct pb_cp_analyser_setup anything(struct random *random) {
    static const int64_t periods_ns[] = {50, 200, 1000, 2000, 10000, 100000};
    pilot(random_uniform(random, 0, 1) < 0.3 ? 0 : random_uniform(random, 100, 5000),
          random_uniform(random, 1e-10, 6e-9), random_uniform(random, -0.1, 1.1), random_uniform(random, 100, 5000));
    source.sampling.period_num_ns = periods_ns[(int)random_uniform(random, 0, 6)];
    if (random_uniform(random, 0, 1) < 0.3) source.sampling.uv_num = -source.sampling.uv_num;
    source.sampling.uv_offset = (int64_t)random_uniform(random, -2e6, 2e6);
    source.noise_volts = random_uniform(random, 0, 1) < 0.5 ? 0.005 : random_uniform(random, 0, 3);
    source_prepare(&source);
    source_make(&source, random, counts, TOTAL);
    for (int i = (int)random_uniform(random, 0, 20); i > 0; i--) {
        int at = (int)random_uniform(random, 0, TOTAL),
            length = (int)random_uniform(random, 1, random_uniform(random, 0, 1) < 0.5 ? 4 : 3000);
        int16_t value = (int16_t)random_uniform(random, -32768, 32767);
        if (random_uniform(random, 0, 1) < 0.1) value = INT16_MAX;
        for (int k = at; k < at + length && k < TOTAL; k++) counts[k] = value;
    }
    struct pb_cp_analyser_setup setup = {source.sampling, {13000, 10000}, NULL, NULL};
    setup.sampling.front_rise_ns = random_uniform(random, 0, 1) < 0.5 ? 100 : 0;
    return setup;
}

static void test_blocks_never_change_a_bit(void **context) {
    (void)context;
    static struct log whole_log, part_log;
    struct random random = {5};
    for (int trial = 0; trial < 300; trial++) {
        struct pb_cp_analyser_setup setup = anything(&random);
        int total = trial % 3 ? TOTAL : (int)random_uniform(&random, 0, 3000);
        struct pb_cp_measurement whole = measure_with(setup, total, TOTAL, &whole_log);
        for (int i = 0; i < 4; i++) {
            int block = i == 0 ? 1 + trial % 7 : (int)exp(random_uniform(&random, 0, log(TOTAL)));
            struct pb_cp_measurement parts = measure_with(setup, total, block, &part_log);
            check_equal(&parts, &whole);
            PB_CHECK_INT(part_log.count, whole_log.count, "periods");
            for (int k = 0; k < part_log.count; k++) {
                PB_CHECK_INT(part_log.period[k].rise, whole_log.period[k].rise, "(rise)");
                PB_CHECK_INT(part_log.period[k].fall, whole_log.period[k].fall, "(fall)");
                PB_CHECK_INT(part_log.period[k].level_uv[0], whole_log.period[k].level_uv[0], "(low)");
                PB_CHECK_INT(part_log.period[k].level_uv[1], whole_log.period[k].level_uv[1], "(high)");
                PB_CHECK_INT(part_log.period[k].ripple_uv[1], whole_log.period[k].ripple_uv[1], "(ripple)");
                PB_CHECK_INT(part_log.period[k].edge_ps[1], whole_log.period[k].edge_ps[1], "(rise time)");
                PB_CHECK_INT(part_log.period[k].flags, whole_log.period[k].flags, "(flags)");
            }
        }
    }
}

static void test_figures_of_anything_are_possible_figures(void **context) {
    (void)context;
    struct random random = {6};
    for (int trial = 0; trial < 400; trial++) {
        struct pb_cp_analyser_setup setup = anything(&random);
        struct pb_cp_measurement m = measure_with(setup, TOTAL, TOTAL, &seen);
        PB_CHECK_BETWEEN(m.duty_ppm, 0, 1000000, "ppm");
        PB_CHECK_BETWEEN(m.frequency_uhz, 0, INT64_MAX, "uHz");
        PB_CHECK_TRUE(m.u_duty_ppm >= 0 && m.u_frequency_uhz >= 0 && m.u_high_uv >= 0 && m.u_low_uv >= 0, "U below 0");
        int64_t range = 32768 * llabs(setup.sampling.uv_num) + llabs(setup.sampling.uv_offset) + 1;
        PB_CHECK_BETWEEN(m.high_uv, -range, range, "uV");
        PB_CHECK_BETWEEN(m.low_uv, -range, range, "uV");
        PB_CHECK_BETWEEN(m.ripple_high_uv, 0, 2 * range, "uV");
        for (int k = 0; k < seen.count; k++) {
            const struct pb_cp_period *p = &seen.period[k];
            PB_CHECK_TRUE(p->rise < p->fall && p->fall < p->end, "period %d: %lld, %lld, %lld", k, (long long)p->rise,
                          (long long)p->fall, (long long)p->end);
            if (k > 0) PB_CHECK_INT(p->rise, seen.period[k - 1].end, "(rise)");
            PB_CHECK_BETWEEN(p->duty_ppm, 0, 1000000, "ppm");
            PB_CHECK_TRUE(p->width_ps > 0 && p->width_ps < p->period_ps, "width");
        }
    }
}

static void test_a_period_has_the_figures_of_its_pilot(void **context) {
    (void)context;
    pilot(2740, 5e-10, 0.266667, 1000.7);
    make();
    struct pb_cp_measurement m = measure();
    PB_CHECK_INT(seen.count, m.periods, "periods");
    PB_CHECK_BETWEEN(m.periods, 118, 120, "periods");
    for (int k = 0; k < seen.count; k++) {
        const struct pb_cp_period *p = &seen.period[k];
        PB_CHECK_NEAR(p->duty_ppm, 1e6 * source.duty_true, 2000, "ppm");
        PB_CHECK_NEAR(p->period_ps, 1e12 / 1000.7, 2000000, "ps");
        PB_CHECK_NEAR(p->level_uv[PB_CP_HIGH], 1e6 * source.high_true, 2000, "uV");
        PB_CHECK_NEAR(p->level_uv[PB_CP_LOW], -12e6, 2000, "uV");
        PB_CHECK_BETWEEN(p->ripple_uv[PB_CP_HIGH], 15000, 45000, "uV");
        PB_CHECK_TRUE(p->is_settled[PB_CP_LOW] && p->is_settled[PB_CP_HIGH], "not settled");
        PB_CHECK_INT(p->flags, 0, "flags");
        PB_CHECK_INT(p->edge_ps[PB_CP_HIGH] + p->edge_ps[PB_CP_LOW], 0, "ps: a time that this front end cannot see");
    }
}

/* The figures: 500 kS/s, 16 bit over +-15 V, 5 mV rms noise, 100 periods. */
static void test_uncertainties_are_as_small_as_promised(void **context) {
    (void)context;
    /* Clock differences that move the sampling by two intervals and more in 100 periods: both rows of places. */
    static const double hz[] = {1000.04, 999.95, 1000.3, 1000.7, 1003.1, 985.3, 1018.9};
    static const double ramps_ns[] = {125, 1000, 2500};
    for (size_t i = 0; i < sizeof hz / sizeof hz[0]; i++)
        for (size_t k = 0; k < 3; k++) {
            pilot(2740, 3e-10, 0.53333, hz[i]);
            source.ramp_ns = ramps_ns[k];
            make();
            struct pb_cp_measurement m =
                measure_with((struct pb_cp_analyser_setup){.sampling = plain}, 51000, 51000, &seen);
            PB_CHECK_BETWEEN(m.u_duty_ppm, 1, 500, "ppm");
            PB_CHECK_BETWEEN(m.u_frequency_uhz, 1, 100000, "uHz");
            PB_CHECK_BETWEEN(m.u_high_uv, 1, 20000, "uV");
            PB_CHECK_BETWEEN(m.u_low_uv, 1, 20000, "uV");
            PB_CHECK_NEAR(m.duty_ppm, 1e6 * source.duty_true, m.u_duty_ppm, "ppm");
        }
}

static void test_a_filter_over_two_samples_keeps_u_small_when_the_clocks_are_locked(void **context) {
    (void)context;
    static const double ppm[] = {0, 1, 5};
    static const double ramps_ns[] = {125, 1000, 2500};
    for (int i = 0; i < 9; i++)
        for (int state = 0; state < 4; state++) {
            static const double ohms[] = {0, 2740, 881.7, 245.8};
            pilot(ohms[state], 5e-10, 0.3, 1000.0 * (1 + 1e-6 * ppm[i % 3]));
            source.ramp_ns = ramps_ns[i / 3];
            source.filter_ns = 1200; /* two poles: 10 to 90 % in 3.36 of it */
            source.first_ns += 137.0 * i;
            make();
            struct pb_cp_analyser_setup setup = {.sampling = plain};
            setup.sampling.front_rise_ns = 4032;
            struct pb_cp_measurement m = measure_with(setup, 51000, 51000, &seen);
            PB_CHECK_BETWEEN(m.u_duty_ppm, 1, 500, "ppm");
            PB_CHECK_NEAR(m.duty_ppm, 1e6 * source.duty_true, m.u_duty_ppm, "ppm");
        }
}

static void test_a_locked_pilot_does_not_average(void **context) {
    (void)context;
    pilot(0, 1e-11, 0.3, 1000.0);
    source.ramp_ns = 100;
    make();
    struct pb_cp_measurement locked = measure();
    PB_CHECK_TRUE(locked.is_coherent, "not seen to be coherent");
    /* Two edges, each anywhere in its interval. */
    PB_CHECK_BETWEEN(locked.u_duty_ppm, 1600, 2400, "ppm");
    source.hz = 1000.7;
    make();
    struct pb_cp_measurement swept = measure();
    PB_CHECK_TRUE(!swept.is_coherent, "seen to be coherent");
    PB_CHECK_BETWEEN(swept.u_duty_ppm, 1, 500, "ppm");
}

static void test_short_phases_are_settled_where_they_are_seen_to_be(void **context) {
    (void)context;
    static const struct {
        double farads, duty;
        bool is_high_settled, is_low_settled;
    } rows[] = {
        {5e-10, 0.03, true, true},   {5e-10, 0.97, true, true},    {5e-10, 0.96, true, true},
        {5.5e-9, 0.97, true, false}, {5.5e-9, 0.015, false, true}, {5e-10, 0.985, true, false},
        {5.5e-9, 0.5, true, true},   {5.5e-9, 0.05, true, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pilot(2740, rows[i].farads, rows[i].duty, 1000.3);
        make();
        struct pb_cp_measurement m = measure();
        PB_CHECK_TRUE(m.is_high_settled == rows[i].is_high_settled, "high settled: %d, row %zu", m.is_high_settled, i);
        PB_CHECK_TRUE(m.is_low_settled == rows[i].is_low_settled, "low settled: %d, row %zu", m.is_low_settled, i);
        if (m.is_high_settled) PB_CHECK_NEAR(m.high_uv, 1e6 * source.high_true, m.u_high_uv + 1000, "uV");
        if (m.is_low_settled) PB_CHECK_NEAR(m.low_uv, -12e6, m.u_low_uv + 1000, "uV");
    }
}

static void test_a_window_that_few_phases_have_does_not_make_the_level(void **context) {
    (void)context;
    for (int i = 0; i <= 40; i++) { /* low phases of 42 to 46 us, with the first sample of the full window or without */
        pilot(2740, 5e-10, 0.954 + 0.0001 * i, 1000.02);
        make();
        struct pb_cp_measurement m = measure();
        PB_CHECK_TRUE(m.is_low_settled, "not settled at %f", source.duty);
        PB_CHECK_BETWEEN(m.u_low_uv, 1, 5000, "uV");
        PB_CHECK_NEAR(m.low_uv, -12e6, m.u_low_uv, "uV");
    }
}

static void test_what_is_wrong_with_a_pilot_is_counted(void **context) {
    (void)context;
    pilot(2740, 5e-10, 0.3, 1000.0);
    make();
    int64_t periods = measure().periods;
    counts[20300] = 14000; /* in a low phase */
    struct pb_cp_measurement m = measure();
    PB_CHECK_INT(m.glitches, 1, "glitches");
    PB_CHECK_INT(m.periods, periods, "periods");
    for (int i = 30050; i < 30250; i++) counts[i] = -26200; /* a pulse */
    m = measure();
    PB_CHECK_INT(m.missing_pulses, 1, "missing pulses");
    PB_CHECK_INT(m.odd_periods, 1, "odd periods");
    for (int i = 40050; i < 41750; i++) counts[i] = -26200;
    m = measure();
    PB_CHECK_INT(m.losses, 1, "losses");
    PB_CHECK_INT(m.odd_periods, 2, "odd periods");
    for (int i = 0; i < seen.count; i++) {
        bool is_lost = (seen.period[i].flags & PB_CP_PERIOD_LOST) != 0;
        PB_CHECK_INT(is_lost, seen.period[i].period_ps > 3000000000, "(lost)");
    }
    for (int i = 50250; i < TOTAL; i++) counts[i] = -26200;
    m = measure();
    PB_CHECK_INT(m.losses, 2, "losses");
    PB_CHECK_TRUE(!m.is_saturated, "saturated");
    counts[1234] = INT16_MIN;
    PB_CHECK_TRUE(measure().is_saturated, "not saturated");
}

static void test_a_steady_level_is_the_high_level_without_periods(void **context) {
    (void)context;
    static const double levels_volts[] = {12, 0, -12};
    for (size_t i = 0; i < 3; i++) {
        pilot(0, 5e-10, 1.0, 1000);
        source.high_volts = levels_volts[i];
        make();
        struct pb_cp_measurement m = measure();
        PB_CHECK_INT(m.periods, 0, "periods");
        PB_CHECK_NEAR(m.high_uv, 1e6 * levels_volts[i], m.u_high_uv, "uV");
        PB_CHECK_BETWEEN(m.u_high_uv, 1, 2000, "uV");
        PB_CHECK_TRUE(m.is_high_settled && !m.is_low_settled, "settled");
        m = measure_with((struct pb_cp_analyser_setup){.sampling = plain}, 2, 1, &seen);
        PB_CHECK_NEAR(m.high_uv, 1e6 * levels_volts[i], 40000, "uV");
        PB_CHECK_TRUE(m.is_high_settled, "not settled");
    }
    struct pb_cp_measurement none = measure_with((struct pb_cp_analyser_setup){.sampling = plain}, 0, 1, &seen);
    PB_CHECK_TRUE(!none.is_high_settled && !none.is_low_settled && none.samples == 0, "of nothing");
}

static void test_edge_times_are_numbers_only_where_the_front_end_is_fast_enough(void **context) {
    (void)context;
    for (int i = 0; i < 3; i++) {
        pilot(2740, 3.1e-9, 0.3, 1003.0);
        source.ramp_ns = 2500;
        source.sampling.period_num_ns = 50; /* 20 MS/s */
        make();
        static const int64_t front_rise_ns[] = {0, 3000, 10000};
        struct pb_cp_analyser_setup setup = {source.sampling, {13000, 10000}, NULL, NULL};
        setup.sampling.front_rise_ns = front_rise_ns[i];
        PB_CHECK_INT(pb_cp_edge_is_measurable(&setup, PB_CP_HIGH), i == 1, "(measurable)");
        struct pb_cp_measurement m = measure_with(setup, TOTAL, TOTAL, &seen);
        PB_CHECK_INT(m.is_rise_measured, i == 1, "(rise)");
        PB_CHECK_INT(m.is_fall_measured, i == 1, "(fall)");
        if (i != 1) PB_CHECK_INT(m.rise_ns + m.fall_ns, 0, "ns of edges that cannot be measured");
    }
    /* Within U of the truth, for a front end of 350 ns. */
    source.filter_ns = 350 / 3.36;
    make();
    double seen_ns[2] = {source.edge_ns_true[0], source.edge_ns_true[1]};
    struct pb_cp_analyser_setup setup = {source.sampling, {13000, 10000}, NULL, NULL};
    setup.sampling.front_rise_ns = 350;
    struct pb_cp_measurement m = measure_with(setup, TOTAL, TOTAL, &seen);
    PB_CHECK_NEAR(m.rise_ns, sqrt(seen_ns[1] * seen_ns[1] - 350 * 350), m.u_rise_ns, "ns");
    PB_CHECK_NEAR(m.fall_ns, sqrt(seen_ns[0] * seen_ns[0] - 350 * 350), m.u_fall_ns, "ns");
    PB_CHECK_BETWEEN(m.u_rise_ns, 1, 200, "ns");
    setup.sampling.period_num_ns = 5000; /* one of the limit's thirds is less than a sample */
    PB_CHECK_TRUE(!pb_cp_edge_is_measurable(&setup, PB_CP_HIGH), "measurable");
}

static void test_an_inverting_divider_gives_the_same_figures(void **context) {
    (void)context;
    pilot(2740, 5e-10, 0.3, 1000.7);
    make();
    struct pb_cp_measurement upright = measure();
    for (int i = 0; i < TOTAL; i++) counts[i] = (int16_t)-counts[i];
    source.sampling.uv_num = -458;
    struct pb_cp_measurement m = measure();
    PB_CHECK_NEAR(m.duty_ppm, upright.duty_ppm, 2, "ppm");
    PB_CHECK_NEAR(m.high_uv, upright.high_uv, 1, "uV");
    PB_CHECK_NEAR(m.low_uv, upright.low_uv, 1, "uV");
    PB_CHECK_INT(m.periods, upright.periods, "periods");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_never_change_a_bit),
        cmocka_unit_test(test_figures_of_anything_are_possible_figures),
        cmocka_unit_test(test_a_period_has_the_figures_of_its_pilot),
        cmocka_unit_test(test_uncertainties_are_as_small_as_promised),
        cmocka_unit_test(test_a_filter_over_two_samples_keeps_u_small_when_the_clocks_are_locked),
        cmocka_unit_test(test_a_locked_pilot_does_not_average),
        cmocka_unit_test(test_short_phases_are_settled_where_they_are_seen_to_be),
        cmocka_unit_test(test_a_window_that_few_phases_have_does_not_make_the_level),
        cmocka_unit_test(test_what_is_wrong_with_a_pilot_is_counted),
        cmocka_unit_test(test_a_steady_level_is_the_high_level_without_periods),
        cmocka_unit_test(test_edge_times_are_numbers_only_where_the_front_end_is_fast_enough),
        cmocka_unit_test(test_an_inverting_divider_gives_the_same_figures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
