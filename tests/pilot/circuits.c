/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ngspice gets the diode that node.h leaves things out of: junction capacitance and stored charge of the 1N4148 are in. */
#include "tests/pilot/circuits.h"

#include "pilot_emulator/synth.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT_UV 400
#define SHORTED_DIODE_OHMS 0.01
#define LEAST_SWING_VOLTS 0.5

void wave_free(struct wave *wave) {
    free(wave->seconds);
    free(wave->volts);
    *wave = (struct wave){0};
}

static void wave_make(struct wave *wave, size_t points) {
    wave->points = points;
    wave->seconds = calloc(points, sizeof *wave->seconds);
    wave->volts = calloc(points, sizeof *wave->volts);
    if (!wave->seconds || !wave->volts) abort();
}

/* The last point at or before. */
static size_t point_before(const struct wave *wave, double seconds) {
    size_t low = 0, high = wave->points - 1;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (wave->seconds[middle] <= seconds) low = middle;
        else high = middle;
    }
    return low;
}

double wave_at(const struct wave *wave, double seconds) {
    size_t i = point_before(wave, seconds);
    double share = (seconds - wave->seconds[i]) / (wave->seconds[i + 1] - wave->seconds[i]);
    return wave->volts[i] + share * (wave->volts[i + 1] - wave->volts[i]);
}

static double period_seconds(const struct timing *timing) { return 1e6 / (double)timing->frequency_uhz; }

static double fall_seconds(const struct timing *timing) {
    return 1e-9 * CIRCUITS_FIRST_RISE_NS + 1e-6 * (double)timing->duty_ppm * period_seconds(timing);
}

int64_t timing_end_ns(const struct timing *timing) {
    double high = fall_seconds(timing) - 1e-9 * CIRCUITS_FIRST_RISE_NS;
    return CIRCUITS_FIRST_RISE_NS + (int64_t)(1e9 * (period_seconds(timing) + fmin(high, 60e-6)));
}

/* ---- ngspice ---- */

static void write_load(FILE *file, const struct circuit *c, size_t i) {
    const double n_vt = 1.752 * 1.380649e-23 / 1.602176634e-19 * 300.15;
    bool is_open = isinf(c->r2_ohms) && isinf(c->r3_ohms);
    if (!isinf(c->r2_ohms)) fprintf(file, "R2_%zu d%zu 0 %.9g\n", i, i, c->r2_ohms);
    if (!isinf(c->r3_ohms)) fprintf(file, "R3_%zu d%zu 0 %.9g\n", i, i, c->r3_ohms);
    if (is_open) return;
    if (c->diode == DIODE_NONE) {
        fprintf(file, "V9_%zu n%zu d%zu 0\n", i, i, i);
        return;
    }
    if (c->diode == DIODE_SHORTED) fprintf(file, "R9_%zu n%zu d%zu %g\n", i, i, i, SHORTED_DIODE_OHMS);
    fprintf(file, "D%zu n%zu d%zu D1N4148_%zu\n.model D1N4148_%zu D(IS=%.9g N=1.752 RS=0.568 CJO=4p M=0.4 TT=20n)\n", i,
            i, i, i, i, 3e-3 / (exp((c->diode_volts - 0.568 * 3e-3) / n_vt) - 1.0));
}

static bool write_netlist(const char *path, const struct timing *timing, const struct circuit *circuits, size_t count) {
    FILE *file = fopen(path, "w");
    if (!file) return false;
    double ramp = 1e-9 * (double)timing->ramp_ns, period = period_seconds(timing);
    double width = fall_seconds(timing) - 1e-9 * CIRCUITS_FIRST_RISE_NS - ramp;
    fprintf(file,
            "control pilots\n.options temp=27 tnom=27 reltol=1e-5 abstol=1e-12 vntol=1e-7 chgtol=1e-16 trtol=1\n");
    for (size_t i = 0; i < count; i++) {
        const struct circuit *c = &circuits[i];
        fprintf(file, "V%zu g%zu 0 PULSE(%.9g %.9g %.9g %.9g %.9g %.12g %.12g)\n", i, i, c->low_volts, c->high_volts,
                1e-9 * CIRCUITS_FIRST_RISE_NS, ramp, ramp, width, period);
        fprintf(file, "R1_%zu g%zu n%zu %.9g\nC%zu n%zu 0 %.9g\n", i, i, i, c->r1_ohms, i, i, c->farads);
        if (!isinf(c->short_ohms)) fprintf(file, "R8_%zu n%zu 0 %.9g\n", i, i, c->short_ohms);
        write_load(file, c, i);
    }
    fprintf(file, ".save");
    for (size_t i = 0; i < count; i++) fprintf(file, " v(n%zu)", i);
    fprintf(file, "\n.tran 0.5u %.9g 0 0.5u\n.end\n", 1e-9 * (double)timing_end_ns(timing));
    return fclose(file) == 0;
}

/* Exit status; -1: not started, errno says why. */
static int run(char *const *words, const char *log) {
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status = 0;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    int failed = posix_spawnp(&child, words[0], &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    errno = failed;
    if (failed) return -1;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

/* ngspice's binary raw file: a text head, "Binary:", then a double for time and one for each node, a point after the other. */
static bool read_raw(const char *path, size_t count, struct wave *ret_waves) {
    FILE *file = fopen(path, "rb");
    if (!file) return false;
    char line[512];
    bool has_data = false;
    while (!has_data && fgets(line, sizeof line, file)) has_data = strcmp(line, "Binary:\n") == 0;
    long begin = ftell(file);
    fseek(file, 0, SEEK_END);
    size_t row = (count + 1) * sizeof(double), points = has_data ? (size_t)(ftell(file) - begin) / row : 0;
    fseek(file, begin, SEEK_SET);
    double values[CIRCUITS_A_DECK + 1];
    for (size_t i = 0; points && i < count; i++) wave_make(&ret_waves[i], points);
    for (size_t p = 0; p < points; p++) {
        if (fread(values, row, 1, file) != 1) abort();
        for (size_t i = 0; i < count; i++) {
            ret_waves[i].seconds[p] = values[0];
            ret_waves[i].volts[p] = values[i + 1];
        }
    }
    fclose(file);
    return points > 2 && ret_waves[0].seconds[points - 1] > ret_waves[0].seconds[0];
}

bool circuits_simulate(const struct timing *timing, const struct circuit *circuits, size_t count,
                       struct wave *ret_waves, bool *ret_is_missing, char *ret_why, size_t why_size) {
    char folder[] = PB_BUILD_DIR "/ngspice-XXXXXX";
    if (!mkdtemp(folder)) abort();
    char netlist[sizeof folder + 16], raw[sizeof folder + 16], log[sizeof folder + 16];
    snprintf(netlist, sizeof netlist, "%s/pilot.cir", folder);
    snprintf(raw, sizeof raw, "%s/pilot.raw", folder);
    snprintf(log, sizeof log, "%s/log", folder);
    if (!write_netlist(netlist, timing, circuits, count)) abort();
    char program[] = "ngspice", *words[] = {program, "-n", "-b", "-r", raw, netlist, NULL};
    int status = run(words, log);
    *ret_is_missing = status == -1 && errno == ENOENT;
    bool is_good = status == 0 && read_raw(raw, count, ret_waves);
    if (!is_good)
        snprintf(ret_why, why_size, "ngspice: exit status %d%s", status, *ret_is_missing ? ", not installed" : "");
    unlink(netlist);
    unlink(raw);
    unlink(log);
    rmdir(folder);
    return is_good;
}

/* ---- ours ---- */

void circuit_synthesise(const struct timing *timing, const struct circuit *circuit, int64_t step_ns,
                        struct wave *ret_wave) {
    const struct pb_front_end front_end = {.period_num_ns = step_ns, .period_den = 1, .uv_num = COUNT_UV, .uv_den = 1};
    const struct pb_cp_load load = {.ohms = 1.0 / (1.0 / circuit->r2_ohms + 1.0 / circuit->r3_ohms),
                                    .has_diode = circuit->diode == DIODE_REAL,
                                    .diode_volts = circuit->diode_volts,
                                    .short_ohms = circuit->short_ohms,
                                    .farads = circuit->farads};
    const struct pb_cp_pwm pwm = {.high_volts = circuit->high_volts,
                                  .low_volts = circuit->low_volts,
                                  .source_ohms = circuit->r1_ohms,
                                  .frequency_uhz = timing->frequency_uhz,
                                  .duty_ppm = timing->duty_ppm,
                                  .first_rise_ns = CIRCUITS_FIRST_RISE_NS,
                                  .ramp_seconds = 1e-9 * (double)timing->ramp_ns};
    const struct pb_cp_drive low = {.open_volts = circuit->low_volts, .source_ohms = circuit->r1_ohms};
    const int64_t settled_ns = 1000000000; /* a second in the low level, then time begins */
    struct pb_cp_pwm later = pwm;
    later.first_rise_ns += settled_ns;
    struct pb_synth synth;
    pb_synth_init(&synth, &front_end, 1);
    if (!pb_synth_set_load(&synth, 0, &load) || !pb_synth_set_drive(&synth, 0, &low)) abort();
    /* Set at its first rise: the PWM runs backwards from there. */
    size_t points = (size_t)(timing_end_ns(timing) / step_ns), before = (size_t)(CIRCUITS_FIRST_RISE_NS / step_ns);
    int16_t *counts = calloc(points, sizeof *counts);
    if (!counts) abort();
    pb_synth_skip_to(&synth, settled_ns / step_ns);
    pb_synth_make(&synth, counts, before);
    if (!pb_synth_set_pwm(&synth, later.first_rise_ns, &later)) abort();
    pb_synth_make(&synth, counts + before, points - before);
    wave_make(ret_wave, points);
    for (size_t i = 0; i < points; i++) {
        ret_wave->seconds[i] = 1e-9 * (double)((int64_t)i * step_ns);
        ret_wave->volts[i] = 1e-6 * COUNT_UV * counts[i];
    }
    free(counts);
}

/* ---- what is measured ---- */

/* The first passage of a voltage from a time on. */
static double crossing(const struct wave *wave, double from_seconds, double volts, bool is_rise) {
    for (size_t i = point_before(wave, from_seconds) + 1; i < wave->points; i++) {
        double before = wave->volts[i - 1], after = wave->volts[i];
        bool is_past = is_rise ? after >= volts && before < volts : after <= volts && before > volts;
        if (is_past)
            return wave->seconds[i - 1] +
                   (volts - before) / (after - before) * (wave->seconds[i] - wave->seconds[i - 1]);
    }
    return NAN;
}

struct figures wave_measure(const struct wave *wave, const struct timing *timing) {
    const double instant = 40e-9; /* before an edge: two of our samples */
    double rise = 1e-9 * CIRCUITS_FIRST_RISE_NS, fall = fall_seconds(timing), again = rise + period_seconds(timing);
    double start_volts = wave_at(wave, rise - instant);
    struct figures f = {.high_volts = wave_at(wave, fall - instant), .low_volts = wave_at(wave, again - instant)};
    f.rise_seconds = f.fall_seconds = f.crossing_seconds[0] = f.crossing_seconds[1] = f.crossing_seconds[2] = NAN;
    if (f.high_volts - f.low_volts < LEAST_SWING_VOLTS) return f;
    double up = f.high_volts - start_volts, down = f.high_volts - f.low_volts;
    f.rise_seconds =
        crossing(wave, rise, start_volts + 0.9 * up, true) - crossing(wave, rise, start_volts + 0.1 * up, true);
    f.fall_seconds =
        crossing(wave, fall, f.low_volts + 0.1 * down, false) - crossing(wave, fall, f.low_volts + 0.9 * down, false);
    f.crossing_seconds[0] = crossing(wave, rise, 0.0, true);
    f.crossing_seconds[1] = crossing(wave, fall, 0.0, false);
    f.crossing_seconds[2] = crossing(wave, again, 0.0, true);
    return f;
}
