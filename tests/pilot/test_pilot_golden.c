/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The synthesis against the golden captures of fixtures/waveforms: equal to itself within a count, and to ngspice within
 * 5 mV or, on an edge, what the waveform does in 10 ns. */
#include "tests/pilot/circuits.h"
#include "tests/support/check.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>

#define STEP_NS 2000
#define COUNT_UV 400.0
#define LEVEL_UV 5000.0
#define EDGE_SECONDS 10e-9

static FILE *open_capture(const char *name, struct timing *ret_timing, struct circuit *ret_circuit) {
    char path[512], titles[64];
    int kind;
    struct circuit *c = ret_circuit;
    snprintf(path, sizeof path, "%s/fixtures/waveforms/%s", PB_SOURCE_DIR, name);
    FILE *file = fopen(path, "r");
    if (!file) PB_FAIL("cannot read %s", path);
    int found = fscanf(
        file,
        "# high_volts=%lf low_volts=%lf r1_ohms=%lf r2_ohms=%lf r3_ohms=%lf short_ohms=%lf farads=%lf diode=%d diode_volts=%lf ",
        &c->high_volts, &c->low_volts, &c->r1_ohms, &c->r2_ohms, &c->r3_ohms, &c->short_ohms, &c->farads, &kind,
        &c->diode_volts);
    found += fscanf(file, "# frequency_uhz=%" SCNd64 " duty_ppm=%" SCNd64 " ramp_ns=%" SCNd64 " %63s ",
                    &ret_timing->frequency_uhz, &ret_timing->duty_ppm, &ret_timing->ramp_ns, titles);
    PB_CHECK_INT(found, 13, "figures in the head");
    c->diode = (enum diode_kind)kind;
    return file;
}

static double change_uv(const struct wave *wave, size_t i) {
    double before = i > 0 ? wave->volts[i - 1] : wave->volts[i];
    double after = i + 1 < wave->points ? wave->volts[i + 1] : wave->volts[i];
    double most = fmax(fabs(wave->volts[i] - before), fabs(after - wave->volts[i]));
    return 1e6 * most * EDGE_SECONDS / (1e-9 * STEP_NS);
}

static size_t compare_capture(const char *name) {
    struct timing timing;
    struct circuit circuit = {.name = name};
    struct wave ours;
    FILE *file = open_capture(name, &timing, &circuit);
    circuit_synthesise(&timing, &circuit, STEP_NS, &ours);
    size_t rows = 0;
    int64_t time_ns;
    double golden_uv, ngspice_uv;
    for (; fscanf(file, "%" SCNd64 ",%lf,%lf ", &time_ns, &golden_uv, &ngspice_uv) == 3; rows++) {
        PB_CHECK_TRUE(rows < ours.points, "%s is longer than the synthesis", name);
        PB_CHECK_INT(time_ns, (int64_t)rows * STEP_NS, "ns");
        PB_CHECK_NEAR(1e6 * ours.volts[rows], golden_uv, COUNT_UV + 1, "uV");
        PB_CHECK_NEAR(1e6 * ours.volts[rows], ngspice_uv, LEVEL_UV + change_uv(&ours, rows), "uV");
    }
    PB_CHECK_INT(rows, ours.points, "samples");
    fclose(file);
    wave_free(&ours);
    return rows;
}

static void test_the_synthesis_gives_the_golden_captures(void **context) {
    (void)context;
    DIR *folder = opendir(PB_SOURCE_DIR "/fixtures/waveforms");
    PB_CHECK_TRUE(folder != NULL, "no fixtures/waveforms");
    size_t files = 0, samples = 0;
    for (struct dirent *entry; (entry = readdir(folder));) {
        const char *end = strrchr(entry->d_name, '.');
        if (!end || strcmp(end, ".csv") != 0) continue;
        samples += compare_capture(entry->d_name);
        files++;
    }
    closedir(folder);
    print_message("%zu captures, %zu samples\n", files, samples);
    PB_CHECK_TRUE(files >= 6, "%zu captures", files);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_synthesis_gives_the_golden_captures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
