/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The analyser's rows of make bench: each line is "ours reference", the two measured in turn. The signal is state B at 26.667 %,
 * 500 kS/s, 16 bit, 5 mV of noise: 500 samples a period. Usage:
 *   bench_analyser throughput PAIRS   samples a second with a report of every period; reading the same 128 MB once
 *   bench_analyser latency PAIRS      ns from a block of 1 ms in to the report of its period; reading the same block
 *   bench_analyser channels PAIRS     samples a second of 8 channels in blocks of 1 ms in turn; of one channel likewise
 *   bench_analyser core PAIRS         % of a core for 8 channels at 1 MS/s from memory, periods and states; for reading them
 *   bench_analyser signal FILE        the first 5 s as logic, a byte a sample */
#include "base/wall.h"
#include "pilot_emulator/periods.h"
#include "pilot_emulator/synth.h"
#include "tests/support/windows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 64000000, CHANNELS = 8, BLOCK = 500, LOGIC = 2500000, SHOTS = 1001 };

static const struct pb_sampling at_500k = {.period_num_ns = 2000, .period_den = 1, .uv_num = 458, .uv_den = 1};
static const struct pb_sampling at_1m = {.period_num_ns = 1000, .period_den = 1, .uv_num = 458, .uv_den = 1};
static int16_t *counts;
static struct pb_cp_analyser analysers[CHANNELS];
static struct pb_cp_tracker trackers[CHANNELS];
static volatile int64_t sink;

static void make(void) {
    static struct pb_synth synth;
    static const struct pb_front_end front_end = {
        .period_num_ns = 2000, .period_den = 1, .uv_num = 458, .uv_den = 1, .noise_volts = 5e-3};
    static const struct pb_cp_load load = {
        .ohms = 2740, .has_diode = true, .diode_volts = 0.7, .short_ohms = INFINITY, .farads = 2e-9};
    static const struct pb_cp_pwm pwm = {.high_volts = 12,
                                         .low_volts = -12,
                                         .source_ohms = 1000,
                                         .frequency_uhz = 1000300000,
                                         .duty_ppm = 266667,
                                         .ramp_seconds = 2.5e-6};
    counts = malloc(SAMPLES * sizeof *counts);
    if (!counts) exit(1);
    pb_synth_init(&synth, &front_end, 1);
    if (!pb_synth_set_load(&synth, 0, &load) || !pb_synth_set_pwm(&synth, 0, &pwm)) exit(1);
    pb_synth_make(&synth, counts, SAMPLES);
}

static double ns_since(pb_instant from) { return (double)pb_between(from, pb_wall_now()).ns; }

static int64_t read_once(const int16_t *samples, int64_t count) {
    int64_t sum[8] = {0};
    for (int64_t i = 0; i + 32 <= count; i += 32)
        for (int64_t k = 0; k < 8; k++) {
            int64_t four;
            memcpy(&four, samples + i + 4 * k, sizeof four);
            sum[k] ^= four;
        }
    return sum[0] ^ sum[1] ^ sum[2] ^ sum[3] ^ sum[4] ^ sum[5] ^ sum[6] ^ sum[7];
}

static void on_period(void *user, const struct pb_cp_period *period) {
    (void)user;
    sink = sink + period->duty_ppm + period->period_ps + period->level_uv[PB_CP_HIGH];
}

static void begin(const struct pb_sampling *sampling, pb_cp_period_fn *report, void *user) {
    for (int i = 0; i < CHANNELS; i++) {
        pb_cp_analyser_init(&analysers[i],
                            &(struct pb_cp_analyser_setup){.sampling = *sampling, .report = report, .user = user});
        pb_cp_tracker_init(&trackers[i], sampling, &table_a4_windows, NULL, NULL);
    }
}

static double read_rate(int64_t count) {
    const pb_instant from = pb_wall_now();
    sink = sink + read_once(counts, count);
    return 1e9 * (double)count / ns_since(from);
}

static void throughput(void) {
    begin(&at_500k, on_period, NULL);
    const pb_instant from = pb_wall_now();
    pb_cp_analyser_feed(&analysers[0], counts, SAMPLES);
    double ours = 1e9 * SAMPLES / ns_since(from);
    printf("%.0f %.0f\n", ours, read_rate(SAMPLES));
}

/* Channel i reads its own stretch. */
static double channels_rate(int channels) {
    const int64_t each = SAMPLES / CHANNELS;
    begin(&at_500k, on_period, NULL);
    const pb_instant from = pb_wall_now();
    for (int64_t at = 0; at + BLOCK <= each; at += BLOCK)
        for (int i = 0; i < channels; i++) pb_cp_analyser_feed(&analysers[i], counts + i * each + at, BLOCK);
    return 1e9 * (double)(channels * each) / ns_since(from);
}

static void core(void) {
    const int64_t each = SAMPLES / CHANNELS, block = INT64_C(2) * BLOCK;
    begin(&at_1m, on_period, NULL);
    const pb_instant from = pb_wall_now();
    for (int64_t at = 0; at + block <= each; at += block)
        for (int i = 0; i < CHANNELS; i++) {
            pb_cp_analyser_feed(&analysers[i], counts + i * each + at, (size_t)block);
            pb_cp_tracker_feed(&trackers[i], at, counts + i * each + at, (size_t)block);
        }
    double ours = 1e9 * SAMPLES / ns_since(from);
    printf("%.6f %.6f\n", 100 * CHANNELS * 1e6 / ours, 100 * CHANNELS * 1e6 / read_rate(SAMPLES));
}

static void on_period_out(void *user, const struct pb_cp_period *period) {
    (void)period;
    *(pb_instant *)user = pb_wall_now();
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void latency(void) {
    static double ours[SHOTS], bare[SHOTS];
    pb_instant out = {0};
    int shots = 0;
    begin(&at_500k, on_period_out, &out);
    for (int64_t at = 0; shots < SHOTS && at + BLOCK <= SAMPLES; at += BLOCK) {
        const pb_instant in = pb_wall_now();
        out = in;
        pb_cp_analyser_feed(&analysers[0], counts + at, BLOCK);
        if (out.ns == in.ns) continue;
        ours[shots] = (double)pb_between(in, out).ns;
        const pb_instant from = pb_wall_now();
        sink = sink + read_once(counts + at, BLOCK);
        bare[shots++] = ns_since(from);
    }
    qsort(ours, (size_t)shots, sizeof *ours, compare);
    qsort(bare, (size_t)shots, sizeof *bare, compare);
    printf("%.0f %.0f\n", ours[shots / 2], bare[shots / 2]);
}

static int write_signal(const char *path) {
    FILE *file = fopen(path, "wb");
    if (!file) return 1;
    for (int i = 0; i < LOGIC; i++) putc(counts[i] >= 0, file);
    return fclose(file) != 0;
}

int main(int argc, char **argv) {
    const char *row = argc == 3 ? argv[1] : "";
    if (argc != 3) {
        fputs("usage: bench_analyser throughput|latency|channels|core PAIRS | signal FILE\n", stderr);
        return 2;
    }
    make();
    if (strcmp(row, "signal") == 0) return write_signal(argv[2]);
    sink = sink + read_once(counts, SAMPLES);
    for (int i = 0; i < atoi(argv[2]); i++) {
        if (strcmp(row, "throughput") == 0) throughput();
        else if (strcmp(row, "latency") == 0) latency();
        else if (strcmp(row, "core") == 0) core();
        else printf("%.0f %.0f\n", channels_rate(CHANNELS), channels_rate(1));
    }
    free(counts);
    return 0;
}
