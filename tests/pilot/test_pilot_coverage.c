/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Does U hold what it promises? Each declared source of error is drawn from its declared distribution; per quantity,
 * state and difference of the clocks, the true value must lie within U in 95 % of the cases: a cell fails when the exact
 * 99.9 % binomial interval of its coverage lies below that. The mean of U over |error| shows an inflated U. With PB_SOAK
 * 5,000 waveforms and more, else fewer. */
#include "pilot_emulator/periods.h"
#include "tests/pilot/source.h"
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum { PERIODS = 100, SAMPLES = 52000, QUANTITIES = 4, STATES = 4, CLOCKS = 4 };
static int16_t counts[SAMPLES];

static const char *const quantity_names[QUANTITIES] = {"high", "low", "duty", "frequency"};
static const struct {
    const char *name;
    double ohms, min_ohms, max_ohms; /* nominal, and the corners of control_pilot.md 1.2 */
} states[STATES] = {{"A", 0, 0, 0}, {"B", 2740, 1870, 4610}, {"C", 881.7, 611.7, 1254.2}, {"D", 245.8, 130, 408}};
/* The pilot's clock against the sampler's, ppm; the last is any frequency of the standard. */
static const double clock_ppm[CLOCKS] = {0, 1, 5, -1};
static const char *const clock_names[CLOCKS] = {"0 ppm", "1 ppm", "5 ppm", "any"};

struct cell {
    int trials, inside, unsettled;
    double ratio_sum, u_max, error_square, u_sum;
};
static struct cell cells[QUANTITIES][STATES][CLOCKS];

static void cell_add(struct cell *cell, double value, double truth, double u) {
    double error = fabs(value - truth);
    cell->trials++;
    cell->inside += error <= u;
    cell->error_square += error * error;
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

static struct pb_cp_measurement measure(int64_t samples) {
    static struct pb_cp_analyser analyser;
    struct pb_cp_measurement m;
    pb_cp_analyser_init(&analyser, &(struct pb_cp_analyser_setup){.sampling = source.sampling});
    pb_cp_analyser_feed(&analyser, counts, (size_t)samples);
    pb_cp_analyser_measure(&analyser, &m);
    return m;
}

static int waveforms(int few) { return getenv("PB_SOAK") ? 5000 : few; }

static void one(struct random *random, int number) {
    int state = number % STATES, clock = number / STATES % CLOCKS;
    draw(random, state, clock);
    source_make(&source, random, counts, SAMPLES);
    struct pb_cp_measurement m = measure(SAMPLES);
    PB_CHECK_BETWEEN(m.periods, PERIODS - 1, PERIODS + 6, "periods");
    if (m.odd_periods + m.glitches + m.losses)
        print_message("odd %d missing %d glitch %d loss %d; %s duty %f C %.0f pF first %.0f hz %f periods %d\n",
                      (int)m.odd_periods, (int)m.missing_pulses, (int)m.glitches, (int)m.losses, states[state].name,
                      source.duty, 1e12 * source.farads, source.first_ns, source.hz, (int)m.periods);
    PB_CHECK_INT(m.odd_periods + m.missing_pulses + m.glitches + m.losses, 0, "odd, missing, glitches, losses");
    if (m.is_high_settled)
        cell_add(&cells[0][state][clock], (double)m.high_uv, 1e6 * source.high_true, (double)m.u_high_uv);
    else cells[0][state][clock].unsettled++;
    if (m.is_low_settled)
        cell_add(&cells[1][state][clock], (double)m.low_uv, 1e6 * source.low_true, (double)m.u_low_uv);
    else cells[1][state][clock].unsettled++;
    cell_add(&cells[2][state][clock], (double)m.duty_ppm, 1e6 * source.duty_true, (double)m.u_duty_ppm);
    cell_add(&cells[3][state][clock], (double)m.frequency_uhz, 1e6 * source.hz_true, (double)m.u_frequency_uhz);
    if (getenv("PB_SHOW") && fabs((double)m.duty_ppm - 1e6 * source.duty_true) > (double)m.u_duty_ppm)
        print_message("duty %s %s: %.1f ppm off, U %d, coherent %d; C %.0f pF ramp %.0f duty %.4f\n",
                      states[state].name, clock_names[clock], (double)m.duty_ppm - 1e6 * source.duty_true,
                      (int)m.u_duty_ppm, m.is_coherent, 1e12 * source.farads, source.ramp_ns, source.duty);
    if (getenv("PB_SHOW") && clock == 3 && m.u_duty_ppm > 500)
        print_message("any: U %d; hz %.4f duty %.4f %s coherent %d C %.0f\n", (int)m.u_duty_ppm, source.hz, source.duty,
                      states[state].name, m.is_coherent, 1e12 * source.farads);
    for (int q = 0; getenv("PB_SHOW") && q < 2; q++) {
        double e = q ? (double)m.low_uv - 1e6 * source.low_true : (double)m.high_uv - 1e6 * source.high_true,
               u = q ? (double)m.u_low_uv : (double)m.u_high_uv;
        if ((q ? m.is_low_settled : m.is_high_settled) && fabs(e) > u)
            print_message("%s %s: %.0f uV off, U %.0f; C %.0f pF duty %.4f\n", quantity_names[q], states[state].name, e,
                          u, 1e12 * source.farads, source.duty);
    }
}

static void test_the_truth_lies_within_u(void **context) {
    (void)context;
    struct random random = {1};
    int trials = waveforms(1600), below = 0;
    for (int i = 0; i < trials; i++) one(&random, i);
    print_message("%-10s %-5s %-6s %6s %9s %6s %10s %10s %10s\n", "quantity", "state", "clocks", "trials", "unsettled",
                  "inside", "rms error", "mean U", "greatest U");
    for (int q = 0; q < QUANTITIES; q++)
        for (int s = 0; s < STATES; s++)
            for (int c = 0; c < CLOCKS; c++) {
                const struct cell *cell = &cells[q][s][c];
                double rms = sqrt(cell->error_square / cell->trials), mean = cell->u_sum / cell->trials;
                below += is_below(cell);
                print_message("%-10s %-5s %-6s %6d %9d %5.1f%% %10.1f %10.1f %10.1f  U/rms %.1f%s\n", quantity_names[q],
                              states[s].name, clock_names[c], cell->trials, cell->unsettled,
                              100.0 * cell->inside / cell->trials, rms, mean, cell->u_max, mean / rms,
                              is_below(cell) ? "  BELOW 95 %" : "");
            }
    PB_CHECK_INT(below, 0, "cells below 95 %");
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_the_truth_lies_within_u)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
