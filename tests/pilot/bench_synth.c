/* SPDX-License-Identifier: GPL-3.0-or-later */
/* synthesis_throughput: samples a second of pb_synth_make() into memory (state B, 26.667 % duty, 2 nF, 5 mV of noise, 500 kS/s, 16
 * bit), against writing the same memory once with memset(); the two in turn. Usage: bench_synth PAIRS. Prints "ours bare" a line. */
#include "base/wall.h"
#include "pilot_emulator/synth.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 16 << 20, BLOCK = 5000 };

static struct pb_synth synth;

static double rate(pb_instant from) { return SAMPLES * 1e9 / (double)pb_between(from, pb_wall_now()).ns; }

static void begin(void) {
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
    pb_synth_init(&synth, &front_end, 1);
    if (!pb_synth_set_load(&synth, 0, &load) || !pb_synth_set_pwm(&synth, 0, &pwm)) exit(1);
}

static double ours(int16_t *counts) {
    const pb_instant from = pb_wall_now();
    for (size_t made = 0; made < SAMPLES;) {
        size_t count = SAMPLES - made < BLOCK ? SAMPLES - made : BLOCK;
        pb_synth_make(&synth, counts + made, count);
        made += count;
    }
    return rate(from);
}

static double bare(int16_t *counts, int value) {
    const pb_instant from = pb_wall_now();
    memset(counts, value, SAMPLES * sizeof *counts);
    __asm__ volatile("" ::"r"(counts) : "memory"); /* it is read by somebody */
    return rate(from);
}

int main(int argc, char **argv) {
    int pairs = argc == 2 ? atoi(argv[1]) : 0;
    int16_t *counts = malloc(SAMPLES * sizeof *counts);
    if (pairs < 1 || !counts) {
        fputs("usage: bench_synth PAIRS\n", stderr);
        free(counts);
        return 2;
    }
    begin();
    (void)bare(counts, 1); /* the pages are there */
    for (int i = 0; i < pairs; i++) {
        double own = ours(counts);
        printf("%.0f %.0f\n", own, bare(counts, i));
    }
    free(counts);
    return 0;
}
