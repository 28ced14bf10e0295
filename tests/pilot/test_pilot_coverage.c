/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does U hold what it promises? Each declared source of error is drawn from its declared distribution; per quantity,
 * state and difference of the clocks, the true value must lie within U in 95 % of the cases: a cell fails when the exact
 * 99.9 % binomial interval of its coverage lies below that. Mean U over mean |error| shows an inflated U: 2.5 is that of
 * a normal error. 5,000 waveforms; with PB_SOAK 40,000. */
#include "pilot_emulator/periods.h"
#include "pilot_emulator/resistance.h"
#include "tests/pilot/source.h"
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PERIODS = 100, SAMPLES = 52000, QUANTITIES = 4, STATES = 4, CLOCKS = 4 };
static int16_t counts[SAMPLES];

static const char *const quantity_names[QUANTITIES] = {"high", "low", "duty", "frequency"};
/* The 20 mV and 0.01 % (at 1000 Hz); what it promises of the duty holds for a sweep, and is checked there. */
static const double u_most[QUANTITIES] = {20000, 20000, 1e6, 1e5};
static const struct {
    const char *name;
    double ohms, min_ohms, max_ohms; /* nominal, and the corners of control_pilot.md 1.2 */
} states[STATES] = {{"A", 0, 0, 0}, {"B", 2740, 1870, 4610}, {"C", 881.7, 611.7, 1254.2}, {"D", 245.8, 130, 408}};
/* The pilot's clock against the sampler's, ppm; the last is any frequency of the standard. */
static const double clock_ppm[CLOCKS] = {0, 1, 5, -1};
static const char *const clock_names[CLOCKS] = {"0 ppm", "1 ppm", "5 ppm", "any"};

struct cell {
    int trials, inside, unsettled;
    double error_sum, u_sum, u_max;
};
static struct cell cells[QUANTITIES][STATES][CLOCKS];

static void cell_add(struct cell *cell, double value, double truth, double u) {
    double error = fabs(value - truth);
    cell->trials++;
    cell->inside += error <= u;
    cell->error_sum += error;
    cell->u_sum += u;
    if (u > cell->u_max) cell->u_max = u;
}

/* Probability of at most k of n at p. */
static double binomial_at_most(int k, int n, double p) {
    double sum = 0.0, log_term = n * log1p(-p);
    for (int i = 0; i <= k; i++) {
        sum += exp(log_term);
        log_term += log((double)(n - i) / (i + 1)) + log(p) - log1p(-p);
    }
    return sum;
}

/* The exact (Clopper-Pearson) interval lies below 95 %: so few inside would come in less than 0.05 % of the runs. */
static int is_below(const struct cell *cell) {
    return cell->trials > 0 && binomial_at_most(cell->inside, cell->trials, 0.95) < 0.0005;
}

static double pick(struct random *random, const double *of, int count) {
    return of[(int)random_uniform(random, 0, count)];
}

static struct source source;

static void draw(struct random *random, int state, int clock) {
    static const double duties[] = {0.03, 0.05, 0.10, 0.2666667, 0.5333333, 0.85, 0.96, 0.97};
    static const double farads[] = {300e-12, 1600e-12, 3100e-12, 5500e-12};
    static const double ramps_ns[] = {100, 125, 1000, 2500};
    bool is_corner = random_uniform(random, 0, 1) < 0.3;
    source = (struct source){.noise_volts = 5e-3,
                             .sampling = {.period_num_ns = 2000,
                                          .period_den = 1,
                                          .uv_num = 458,
                                          .uv_den = 1,
                                          .u_level_uv = 4000,
                                          .u_time_ns = 60,
                                          .u_rate_ppb = 2000}};
    source.high_volts = is_corner ? pick(random, (double[]){11.4, 12.6}, 2) : random_uniform(random, 11.4, 12.6);
    source.low_volts = is_corner ? -pick(random, (double[]){11.4, 12.6}, 2) : -random_uniform(random, 11.4, 12.6);
    source.source_ohms = is_corner ? pick(random, (double[]){970, 1030}, 2) : random_uniform(random, 970, 1030);
    source.load_ohms = is_corner ? pick(random, (double[]){states[state].min_ohms, states[state].max_ohms}, 2)
                                 : states[state].ohms * random_uniform(random, 0.97, 1.03);
    source.diode_volts = random_uniform(random, 0.55, 0.85);
    source.farads = is_corner ? pick(random, farads, 4) : exp(random_uniform(random, log(300e-12), log(5500e-12)));
    source.ramp_ns = is_corner ? pick(random, ramps_ns, 4) : random_uniform(random, 125, 2500);
    source.duty = is_corner ? pick(random, duties, 8) : random_uniform(random, 0.03, 0.97);
    source.hz = clock_ppm[clock] < 0
                    ? random_uniform(random, 980, 1020)
                    : 1000.0 * (1.0 + 1e-6 * clock_ppm[clock] * (random_uniform(random, 0, 1) < 0.5 ? 1 : -1));
    source.first_ns = random_uniform(random, 20000, 900000);
    source.level_error_volts = random_normal(random, 0.5e-6 * (double)source.sampling.u_level_uv);
    source.rate_error = random_normal(random, 0.5e-9 * (double)source.sampling.u_rate_ppb);
    if (clock_ppm[clock] >= 0) source.rate_error = 0.0; /* their difference is what is set */
    source.jitter_ns = 0.5 * (double)source.sampling.u_time_ns;
    source_prepare(&source);
}

static struct pb_cp_measurement measure_behind(int64_t samples, int64_t front_rise_ns) {
    static struct pb_cp_analyser analyser;
    struct pb_cp_measurement m;
    struct pb_cp_analyser_setup setup = {.sampling = source.sampling};
    setup.sampling.front_rise_ns = front_rise_ns;
    pb_cp_analyser_init(&analyser, &setup);
    pb_cp_analyser_feed(&analyser, counts, (size_t)samples);
    pb_cp_analyser_measure(&analyser, &m);
    return m;
}

static struct pb_cp_measurement measure(int64_t samples) { return measure_behind(samples, 0); }

static int waveforms(void) { return getenv("PB_SOAK") ? 40000 : 5000; }

static void heading(void) {
    print_message("%-10s %-5s %-6s %6s %9s %7s %12s %12s %12s %9s\n", "quantity", "state", "clocks", "trials",
                  "unsettled", "inside", "mean |error|", "mean U", "greatest U", "U/|error|");
}

/* 1 when the cell fails. */
static int show(const struct cell *cell, const char *quantity, const char *state, const char *clocks) {
    double error = cell->error_sum / cell->trials, u = cell->u_sum / cell->trials;
    print_message("%-10s %-5s %-6s %6d %9d %5.1f %% %12.1f %12.1f %12.1f %9.1f%s\n", quantity, state, clocks,
                  cell->trials, cell->unsettled, 100.0 * cell->inside / cell->trials, error, u, cell->u_max, u / error,
                  is_below(cell) ? "  BELOW 95 %" : "");
    return is_below(cell);
}

static void level_add(struct cell *cell, bool is_settled, int64_t uv, int64_t u_uv, double truth_volts) {
    if (is_settled) cell_add(cell, (double)uv, 1e6 * truth_volts, (double)u_uv);
    else cell->unsettled++;
}

static void one(struct random *random, int state, int clock) {
    draw(random, state, clock);
    source_make(&source, random, counts, SAMPLES);
    struct pb_cp_measurement m = measure(SAMPLES);
    PB_CHECK_BETWEEN(m.periods, PERIODS - 1, PERIODS + 6, "periods");
    PB_CHECK_INT(m.odd_periods + m.missing_pulses + m.glitches + m.losses, 0, "odd, missing, glitches, losses");
    level_add(&cells[0][state][clock], m.is_high_settled, m.high_uv, m.u_high_uv, source.high_true);
    level_add(&cells[1][state][clock], m.is_low_settled, m.low_uv, m.u_low_uv, source.low_true);
    cell_add(&cells[2][state][clock], (double)m.duty_ppm, 1e6 * source.duty_true, (double)m.u_duty_ppm);
    cell_add(&cells[3][state][clock], (double)m.frequency_uhz, 1e6 * source.hz_true, (double)m.u_frequency_uhz);
}

static void test_the_truth_of_a_pwm_lies_within_u(void **context) {
    (void)context;
    struct random random = {1};
    int trials = waveforms(), failed = 0;
    for (int i = 0; i < trials; i++) one(&random, i % STATES, i / STATES % CLOCKS);
    heading();
    for (int q = 0; q < QUANTITIES; q++)
        for (int s = 0; s < STATES; s++)
            for (int c = 0; c < CLOCKS; c++) {
                const struct cell *cell = &cells[q][s][c];
                failed += show(cell, quantity_names[q], states[s].name, clock_names[c]);
                PB_CHECK_BETWEEN(cell->u_max, 0, u_most[q], "of the greatest U");
                PB_CHECK_TRUE(cell->unsettled * 5 < trials / STATES / CLOCKS, "%d not settled", cell->unsettled);
            }
    PB_CHECK_INT(failed, 0, "cells below 95 %");
}

static void test_the_truth_of_a_steady_level_lies_within_u(void **context) {
    (void)context;
    static const struct {
        const char *name;
        int state;
        double share; /* of the high rail; below 0: the low rail */
    } rows[] = {{"A1", 0, 1}, {"B1", 1, 1}, {"C1", 2, 1}, {"D1", 3, 1}, {"E", 0, 0}, {"F", 0, -1}};
    struct random random = {2};
    int failed = 0;
    heading();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cell cell = {0};
        for (int trial = 0; trial < waveforms() / 25; trial++) {
            draw(&random, rows[i].state, 0);
            source.duty = 1.0;
            source.high_volts = rows[i].share < 0 ? source.low_volts : rows[i].share * source.high_volts;
            source_prepare(&source);
            source_make(&source, &random, counts, SAMPLES / 4);
            struct pb_cp_measurement m = measure(SAMPLES / 4);
            PB_CHECK_INT(m.periods, 0, "periods");
            level_add(&cell, m.is_high_settled, m.high_uv, m.u_high_uv, source.high_true);
        }
        PB_CHECK_INT(cell.unsettled, 0, "levels not settled");
        failed += show(&cell, "steady", rows[i].name, "-");
    }
    PB_CHECK_INT(failed, 0, "cells below 95 %");
}

/* Phases of 28 to 45 us with large capacitances: settling is what U is made of. */
static void test_the_truth_of_a_level_that_hardly_settles_lies_within_u(void **context) {
    (void)context;
    struct random random = {4};
    int failed = 0;
    heading();
    for (int state = 0; state < STATES; state++) {
        struct cell cell[2] = {{0}};
        for (int trial = 0; trial < waveforms() / 10; trial++) {
            draw(&random, state, 3);
            bool is_low = trial & 1;
            source.farads = random_uniform(&random, 2e-9, 5.5e-9);
            source.duty = random_uniform(&random, 0.028, 0.045);
            if (is_low) source.duty = 1.0 - source.duty;
            source.level_error_volts *= 0.1;
            source.sampling.u_level_uv /= 10;
            source_prepare(&source);
            source_make(&source, &random, counts, SAMPLES / 2);
            struct pb_cp_measurement m = measure(SAMPLES / 2);
            if (is_low) level_add(&cell[0], m.is_low_settled, m.low_uv, m.u_low_uv, source.low_true);
            else level_add(&cell[1], m.is_high_settled, m.high_uv, m.u_high_uv, source.high_true);
        }
        failed += show(&cell[1], "high", states[state].name, "-") + show(&cell[0], "low", states[state].name, "-");
        PB_CHECK_BETWEEN(cell[0].u_max, 1, 20000, "uV");
        PB_CHECK_BETWEEN(cell[1].u_max, 1, 20000, "uV");
    }
    PB_CHECK_INT(failed, 0, "cells below 95 %");
}

static int64_t samples_of_sweep(void) { return (int64_t)((source.first_ns + PERIODS * 1e9 / source.hz) / 2000.0) + 8; }

/* 100 periods in which the sample phase sweeps so many intervals, either way. Edges of 0.1 to 2 us, with what hangs on them. */
static void sweep(struct random *random, int state, double intervals, bool is_quiet) {
    draw(random, state, 0);
    source.ramp_ns = exp(random_uniform(random, log(100), log(2000)));
    source.hz = 1e9 / (2000.0 * (500.0 + intervals / PERIODS * (random_uniform(random, 0, 1) < 0.5 ? 1 : -1)));
    if (is_quiet) source.sampling.u_time_ns = 0;
    source.jitter_ns = 0.5 * (double)source.sampling.u_time_ns;
    source_prepare(&source);
    source_make(&source, random, counts, samples_of_sweep());
}

/* The figure. Each edge has passed a sample, and something of it must have been seen twice to tell how far the phase
 * went: sure a little beyond one interval. With edges that jitter by 30 ns of themselves it takes a second interval. */
static void test_a_sweep_of_an_interval_gives_the_duty_to_a_twentieth_of_a_percent(void **context) {
    (void)context;
    static const struct {
        const char *name;
        double least, most;
        bool is_quiet;
        double large_share; /* how many may have a larger U */
    } rows[] = {{"0..1", 0.0, 1.0, true, 1.0},  {"1..", 1.0, 1.12, true, 0.1},    {"1.12..", 1.12, 1.5, true, 0.0},
                {"1.5..", 1.5, 3.0, true, 0.0}, {"30 ns:", 0.0, 1.0, false, 1.0}, {"1..", 1.0, 2.0, false, 0.3},
                {"2..", 2.0, 3.0, false, 0.0}};
    struct random random = {7};
    int failed = 0;
    heading();
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++)
        for (int state = 0; state < STATES; state++) {
            struct cell cell = {0};
            int large = 0, trials = waveforms() / 40;
            for (int trial = 0; trial < trials; trial++) {
                sweep(&random, state, random_uniform(&random, rows[row].least, rows[row].most), rows[row].is_quiet);
                struct pb_cp_measurement m = measure(samples_of_sweep());
                PB_CHECK_BETWEEN(m.periods, PERIODS - 1, PERIODS, "periods");
                cell_add(&cell, (double)m.duty_ppm, 1e6 * source.duty_true, (double)m.u_duty_ppm);
                large += m.u_duty_ppm > 500;
            }
            failed += show(&cell, "duty", states[state].name, rows[row].name);
            PB_CHECK_BETWEEN(large, 0, rows[row].large_share * trials, "readings with U above 500 ppm");
        }
    PB_CHECK_INT(failed, 0, "cells below 95 %");
}

/* Edges that come earlier and later than anybody declared: then the places contradict each other, and U is the large one. */
static void test_undeclared_jitter_makes_u_larger(void **context) {
    (void)context;
    static const double jitters_ns[] = {10, 30, 100, 300};
    struct random random = {8};
    int failed = 0;
    heading();
    for (size_t i = 0; i < sizeof jitters_ns / sizeof jitters_ns[0]; i++) {
        struct cell cell = {0};
        char name[16];
        snprintf(name, sizeof name, "%.0f ns", jitters_ns[i]);
        for (int trial = 0; trial < waveforms() / 8; trial++) {
            int state = trial % STATES;
            sweep(&random, state, exp(random_uniform(&random, log(0.05), log(20.0))), true);
            source.jitter_ns = jitters_ns[i];
            source_make(&source, &random, counts, samples_of_sweep());
            struct pb_cp_measurement m = measure(samples_of_sweep());
            cell_add(&cell, (double)m.duty_ppm, 1e6 * source.duty_true, (double)m.u_duty_ppm);
        }
        failed += show(&cell, "duty", "all", name);
    }
    PB_CHECK_INT(failed, 0, "cells below 95 %");
}

/* Both levels carry the same error of the calibration, or each its own: U must hold for either. */
static void test_the_truth_of_a_source_resistance_lies_within_u(void **context) {
    (void)context;
    static const char *const kinds[] = {"shared", "own"};
    struct random random = {9};
    int failed = 0;
    heading();
    for (int kind = 0; kind < 2; kind++) {
        struct cell cell = {0};
        for (int trial = 0; trial < waveforms(); trial++) {
            double ohms = random_uniform(&random, 970, 1030), load = 2740, diode = 0.7,
                   open = random_uniform(&random, 11.4, 12.6);
            double loaded = (open * load + diode * ohms) / (load + ohms), u_level = 5e-3, u_load = 2.74,
                   u_diode = 20e-3;
            double shared = random_normal(&random, 0.5 * u_level);
            struct pb_cp_two_levels levels = {.u_open_uv = (int64_t)(1e6 * u_level),
                                              .u_loaded_uv = (int64_t)(1e6 * u_level),
                                              .u_load_mohm = (int64_t)(1e3 * u_load),
                                              .u_diode_uv = (int64_t)(1e6 * u_diode)};
            levels.open_uv = (int64_t)(1e6 * (open + (kind ? random_normal(&random, 0.5 * u_level) : shared)));
            levels.loaded_uv = (int64_t)(1e6 * (loaded + (kind ? random_normal(&random, 0.5 * u_level) : shared)));
            levels.load_mohm = (int64_t)(1e3 * (load + random_normal(&random, 0.5 * u_load)));
            levels.diode_uv = (int64_t)(1e6 * (diode + random_normal(&random, 0.5 * u_diode)));
            int64_t mohm = 0, u_mohm = 0;
            PB_CHECK_TRUE(pb_cp_source_resistance(&levels, 3, &mohm, &u_mohm), "no resistance");
            PB_CHECK_BETWEEN(u_mohm, 1, 7500, "mohm, a quarter of the tolerance");
            cell_add(&cell, (double)mohm, 1e3 * ohms, (double)u_mohm);
        }
        failed += show(&cell, "resistance", "A, B", kinds[kind]);
    }
    PB_CHECK_INT(failed, 0, "cells below 95 %");
}

/* The sampling locked to the pilot behind a filter that spreads edges over two samples and more. */
static void test_the_truth_of_a_filtered_duty_lies_within_u(void **context) {
    (void)context;
    struct random random = {5};
    int failed = 0;
    heading();
    for (int state = 0; state < STATES; state++) {
        struct cell cell = {0};
        for (int trial = 0; trial < waveforms() / 20; trial++) {
            draw(&random, state, trial % 3);
            source.filter_ns = random_uniform(&random, 1200, 2500);
            source_prepare(&source);
            source_make(&source, &random, counts, SAMPLES);
            struct pb_cp_measurement m = measure_behind(SAMPLES, (int64_t)(3.36 * source.filter_ns));
            PB_CHECK_BETWEEN(m.u_duty_ppm, 1, 550, "ppm");
            cell_add(&cell, (double)m.duty_ppm, 1e6 * source.duty_true, (double)m.u_duty_ppm);
        }
        failed += show(&cell, "filtered", states[state].name, "-");
    }
    PB_CHECK_INT(failed, 0, "cells below 95 %");
}

/* A time base and dates so poor that they are all that counts. */
static void test_the_truth_lies_within_u_of_a_poor_clock(void **context) {
    (void)context;
    struct random random = {6};
    struct cell cell = {0};
    heading();
    for (int trial = 0; trial < waveforms() / 20; trial++) {
        draw(&random, 1, 3);
        source.sampling.u_rate_ppb = 200000;
        source.rate_error = random_normal(&random, 100e-6);
        source_make(&source, &random, counts, SAMPLES);
        struct pb_cp_measurement m = measure(SAMPLES);
        cell_add(&cell, (double)m.frequency_uhz, 1e6 * source.hz_true, (double)m.u_frequency_uhz);
    }
    PB_CHECK_INT(show(&cell, "frequency", "B", "poor"), 0, "cells below 95 %");
}

/* At 20 MS/s behind a front end of 350 ns, which the truth does not have. */
static void test_the_truth_of_an_edge_time_lies_within_u(void **context) {
    (void)context;
    static struct pb_cp_analyser analyser;
    struct random random = {3};
    int failed = 0;
    heading();
    for (int state = 0; state < STATES; state++) {
        struct cell edge[2] = {{0}};
        for (int trial = 0; trial < waveforms() / 50; trial++) {
            draw(&random, state, 3);
            source.duty = 0.05;
            source.hz = 1018; /* two whole periods */
            source.sampling.period_num_ns = 50;
            source.first_ns = 20000;
            source_prepare(&source);
            double true_ns[2] = {source.edge_ns_true[0], source.edge_ns_true[1]};
            source.filter_ns = 350 / 3.36;
            source_prepare(&source);
            source_make(&source, &random, counts, SAMPLES);
            struct pb_cp_measurement m;
            struct pb_cp_analyser_setup setup = {.sampling = source.sampling, .edge_limit_ns = {13000, 10000}};
            setup.sampling.front_rise_ns = 350;
            pb_cp_analyser_init(&analyser, &setup);
            pb_cp_analyser_feed(&analyser, counts, SAMPLES);
            pb_cp_analyser_measure(&analyser, &m);
            bool is_long = true_ns[0] > 3 * 350.0 && true_ns[1] > 3 * 350.0;
            if (!is_long) continue;
            PB_CHECK_TRUE(m.is_rise_measured && m.is_fall_measured, "no edge was measured");
            cell_add(&edge[0], (double)m.fall_ns, true_ns[0], (double)m.u_fall_ns);
            cell_add(&edge[1], (double)m.rise_ns, true_ns[1], (double)m.u_rise_ns);
        }
        failed += show(&edge[1], "rise", states[state].name, "-") + show(&edge[0], "fall", states[state].name, "-");
    }
    PB_CHECK_INT(failed, 0, "cells below 95 %");
}

/* Edges of 0.2 to 10 us, from a tenth of a sample to two hundred: ramps, exponentials, and both, the sampling locked to the
 * pilot or not. */
enum { LENGTHS = 6, RATES = 3 };
static const double lengths_ns[LENGTHS] = {200, 500, 1000, 2000, 4000, 10000};
static const struct {
    const char *name;
    int64_t period_ns, front_ns;
    int samples;
} rates[RATES] = {{"0.5 M", 2000, 60, 6000}, {"1 M", 1000, 60, 12000}, {"20 M", 50, 35, SAMPLES}};

static void draw_edge(struct random *random, double length_ns, int rate) {
    draw(random, (int)random_uniform(random, 0, 2), 3);
    double ramp_share = (int)random_uniform(random, 0, 3) / 2.0; /* exponential, both, ramp */
    source.source_ohms = 1000;
    source.ramp_ns = fmax(length_ns / 0.8 * ramp_share, 10.0);
    source.farads = fmax(1e-9 * length_ns / 2197.2 * (1.0 - ramp_share), 1e-12);
    source.duty = random_uniform(random, 0.2, 0.8);
    source.hz = random_uniform(random, 0, 1) < 0.5 ? 1000 : 1018;
    source.sampling.period_num_ns = rates[rate].period_ns;
    source.sampling.u_time_ns = 10;
    source.jitter_ns = 5;
    source.first_ns = random_uniform(random, 20000, 22000);
    source_prepare(&source);
}

static void test_the_truth_of_edges_of_any_length_lies_within_u(void **context) {
    (void)context;
    static struct pb_cp_analyser analyser;
    struct random random = {4};
    int failed = 0;
    heading();
    for (int rate = 0; rate < RATES; rate++)
        for (int length = 0; length < LENGTHS; length++) {
            struct cell edge[2] = {{0}};
            for (int trial = 0; trial < waveforms() / (rate < 2 ? 20 : 50); trial++) {
                draw_edge(&random, lengths_ns[length], rate);
                double true_ns[2] = {source.edge_ns_true[0], source.edge_ns_true[1]};
                source.filter_ns = (double)rates[rate].front_ns / 3.36;
                source_prepare(&source);
                source_make(&source, &random, counts, rates[rate].samples);
                struct pb_cp_measurement m;
                struct pb_cp_analyser_setup setup = {.sampling = source.sampling, .edge_limit_ns = {13000, 10000}};
                setup.sampling.front_rise_ns = rates[rate].front_ns;
                pb_cp_analyser_init(&analyser, &setup);
                pb_cp_analyser_feed(&analyser, counts, (size_t)rates[rate].samples);
                pb_cp_analyser_measure(&analyser, &m);
                PB_CHECK_TRUE(m.is_rise_measured && m.is_fall_measured, "no edge was measured");
                cell_add(&edge[0], (double)m.fall_ns, true_ns[0], (double)m.u_fall_ns);
                cell_add(&edge[1], (double)m.rise_ns, true_ns[1], (double)m.u_rise_ns);
            }
            char name[16];
            snprintf(name, sizeof name, "%.1fus", 1e-3 * lengths_ns[length]);
            failed += show(&edge[1], "rise", name, rates[rate].name) + show(&edge[0], "fall", name, rates[rate].name);
            /* Between which samples it lies is known to one either way. At 20 MS/s there are two falls: Student's t is 14. */
            double most_ns = 1.2 * (double)rates[rate].period_ns + 0.02 * lengths_ns[length];
            for (int side = 0; side < 2 && rate < 2; side++) PB_CHECK_BETWEEN(edge[side].u_max, 1.0, most_ns, "ns");
        }
    PB_CHECK_INT(failed, 0, "cells below 95 %");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_truth_of_a_pwm_lies_within_u),
        cmocka_unit_test(test_the_truth_of_a_steady_level_lies_within_u),
        cmocka_unit_test(test_the_truth_of_a_level_that_hardly_settles_lies_within_u),
        cmocka_unit_test(test_a_sweep_of_an_interval_gives_the_duty_to_a_twentieth_of_a_percent),
        cmocka_unit_test(test_undeclared_jitter_makes_u_larger),
        cmocka_unit_test(test_the_truth_of_a_source_resistance_lies_within_u),
        cmocka_unit_test(test_the_truth_of_a_filtered_duty_lies_within_u),
        cmocka_unit_test(test_the_truth_lies_within_u_of_a_poor_clock),
        cmocka_unit_test(test_the_truth_of_an_edge_time_lies_within_u),
        cmocka_unit_test(test_the_truth_of_edges_of_any_length_lies_within_u),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
