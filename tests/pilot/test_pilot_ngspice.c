/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Issue 7, point 1: the synthesis against ngspice over at least 300 circuits. Every state, no diode and shorted diode, CP
 * shorted to PE, 300 to 5500 pF, duty 3 to 97 %, ramps of 0.1 to 2.5 us, all resistors and levels at either end of their
 * tolerance independently. With --write FOLDER it writes the golden captures of fixtures/waveforms. */
#include "tests/pilot/circuits.h"
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>

/* The issue allows 5 mV, 0.1 us and 0.2 us; a diode whose N is 6 % off would stay within that. */
#define LEVEL_LIMIT_VOLTS 1e-3
#define CROSSING_LIMIT_SECONDS 0.02e-6
#define EDGE_LIMIT_SECONDS 0.04e-6
#define STEP_NS 20

#define NONE INFINITY

/* Each deck has one of each; what a row leaves at 0 is drawn. */
static const struct {
    const char *name;
    double r2_ohms, r3_ohms, short_ohms;
    enum diode_kind diode;
    bool is_wide; /* the IEC EV simulator's ends instead of 3 % */
} kinds[CIRCUITS_A_DECK] = {
    {"A", NONE, NONE, NONE, DIODE_REAL, false},
    {"B", 2740, NONE, NONE, DIODE_REAL, false},
    {"C", 2740, 1300, NONE, DIODE_REAL, false},
    {"D", 2740, 270, NONE, DIODE_REAL, false},
    {"B of a wide simulator", 2740, NONE, NONE, DIODE_REAL, true},
    {"C of a wide simulator", 2740, 1300, NONE, DIODE_REAL, true},
    {"B without a diode", 2740, NONE, NONE, DIODE_NONE, false},
    {"C with a shorted diode", 2740, 1300, NONE, DIODE_SHORTED, false},
    {"C, CP shorted to PE by 80 ohm", 2740, 1300, 80, DIODE_REAL, false},
    {"D, CP shorted to PE by 120 ohm", 2740, 270, 120, DIODE_REAL, false},
};

static const int64_t duties_ppm[] = {30000,  50000,  70000,  100000, 160000, 266667, 333333, 500000, 533333,
                                     700000, 800000, 850000, 900000, 940000, 950000, 960000, 970000};
static const int64_t frequencies_uhz[] = {1000000000, 980000000, 1020000000};
static const int64_t ramps_ns[] = {2500, 100, 500, 1000, 2000};
static const double picofarads[] = {300, 500, 1000, 1600, 3100, 4000, 5500};
static const double drops_volts[] = {0.6356, 0.7, 0.55, 0.85};
enum { DECKS = 6 * sizeof duties_ppm / sizeof *duties_ppm };

/* A number below `below` (Steele, Lea, Flood 2014). */
static unsigned draw(uint64_t *state, unsigned below) {
    uint64_t bits = (*state += 0x9e3779b97f4a7c15u);
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    return (unsigned)((bits ^ (bits >> 31)) % below);
}

/* Low end, nominal or high end. */
static double at_a_corner(uint64_t *state, double nominal, double tol_rel) {
    return nominal * (1.0 + tol_rel * ((int)draw(state, 3) - 1));
}

static double wide_corner(uint64_t *state, double low, double high) { return draw(state, 2) ? high : low; }

static void make_deck(unsigned number, struct timing *ret_timing, struct circuit *ret_circuits) {
    uint64_t state = number;
    *ret_timing = (struct timing){frequencies_uhz[number % 3],
                                  duties_ppm[number % (sizeof duties_ppm / sizeof *duties_ppm)], ramps_ns[number % 5]};
    for (unsigned i = 0; i < CIRCUITS_A_DECK; i++) {
        struct circuit *c = &ret_circuits[i];
        *c = (struct circuit){.name = kinds[i].name, .diode = kinds[i].diode, .short_ohms = kinds[i].short_ohms};
        c->high_volts = at_a_corner(&state, 12.0, 0.05);
        c->low_volts = at_a_corner(&state, -12.0, 0.05);
        c->r1_ohms = at_a_corner(&state, 1000.0, 0.03);
        c->r2_ohms = at_a_corner(&state, kinds[i].r2_ohms, 0.03);
        c->r3_ohms = at_a_corner(&state, kinds[i].r3_ohms, 0.03);
        if (kinds[i].is_wide) {
            c->r2_ohms = wide_corner(&state, 1870, 4610);
            if (!isinf(c->r3_ohms))
                c->r3_ohms = draw(&state, 2) ? wide_corner(&state, 909, 1723) : wide_corner(&state, 140, 448);
        }
        c->farads = 1e-12 * picofarads[(number + i) % 7];
        c->diode_volts = drops_volts[draw(&state, 4)];
    }
}

/* ---- the comparison ---- */

struct worst {
    double off;
    char circuit[200];
};
struct deviations {
    unsigned circuits, crossings, edges, outside;
    struct worst level, crossing, edge;
};

static bool keep_worst(struct worst *worst, double off, double limit, const struct timing *timing,
                       const struct circuit *c) {
    if (fabs(off) > fabs(worst->off)) {
        worst->off = off;
        snprintf(worst->circuit, sizeof worst->circuit,
                 "%s; %+.4g/%.4g V, %.5g/%.5g/%.5g ohm, %.4g pF, diode %.4g V, duty %.5g %%, ramp %g us", c->name,
                 c->high_volts, c->low_volts, c->r1_ohms, c->r2_ohms, c->r3_ohms, 1e12 * c->farads, c->diode_volts,
                 1e-4 * (double)timing->duty_ppm, 1e-3 * (double)timing->ramp_ns);
    }
    return fabs(off) > limit;
}

/* Both must have the figure, or neither. */
static bool count_pair(unsigned *count, double ours, double theirs) {
    PB_CHECK_TRUE(isnan(ours) == isnan(theirs), "an edge of one of the two only: %g and %g s", ours, theirs);
    *count += isnan(ours) ? 0 : 1;
    return !isnan(ours);
}

static bool compare(struct deviations *all, const struct timing *timing, const struct circuit *c,
                    const struct wave *theirs) {
    struct wave ours;
    circuit_synthesise(timing, c, STEP_NS, &ours);
    struct figures a = wave_measure(&ours, timing), b = wave_measure(theirs, timing);
    wave_free(&ours);
    bool is_off = keep_worst(&all->level, a.high_volts - b.high_volts, LEVEL_LIMIT_VOLTS, timing, c);
    is_off |= keep_worst(&all->level, a.low_volts - b.low_volts, LEVEL_LIMIT_VOLTS, timing, c);
    for (int i = 0; i < 3; i++)
        if (count_pair(&all->crossings, a.crossing_seconds[i], b.crossing_seconds[i]))
            is_off |= keep_worst(&all->crossing, a.crossing_seconds[i] - b.crossing_seconds[i], CROSSING_LIMIT_SECONDS,
                                 timing, c);
    if (count_pair(&all->edges, a.rise_seconds, b.rise_seconds))
        is_off |= keep_worst(&all->edge, a.rise_seconds - b.rise_seconds, EDGE_LIMIT_SECONDS, timing, c);
    if (count_pair(&all->edges, a.fall_seconds, b.fall_seconds))
        is_off |= keep_worst(&all->edge, a.fall_seconds - b.fall_seconds, EDGE_LIMIT_SECONDS, timing, c);
    all->circuits++;
    all->outside += is_off;
    return is_off;
}

static void simulate(const struct timing *timing, const struct circuit *circuits, size_t count, struct wave *waves) {
    bool is_missing;
    char why[200];
    if (!circuits_simulate(timing, circuits, count, waves, &is_missing, why, sizeof why)) PB_FAIL("%s", why);
}

static void show(const struct deviations *all, unsigned runs) {
    print_message("%u circuits in %u runs of ngspice, %u crossings, %u edges, %u circuits outside\n", all->circuits,
                  runs, all->crossings, all->edges, all->outside);
    print_message("  worst level    %+7.3f mV (limit 1): %s\n", 1e3 * all->level.off, all->level.circuit);
    print_message("  worst crossing %+7.4f us (limit 0.02): %s\n", 1e6 * all->crossing.off, all->crossing.circuit);
    print_message("  worst 10-90    %+7.4f us (limit 0.04): %s\n", 1e6 * all->edge.off, all->edge.circuit);
}

static void test_levels_crossings_and_edges_agree_with_ngspice(void **context) {
    (void)context;
    struct deviations all = {0};
    for (unsigned deck = 0; deck < DECKS; deck++) {
        struct timing timing;
        struct circuit circuits[CIRCUITS_A_DECK];
        struct wave waves[CIRCUITS_A_DECK];
        make_deck(deck, &timing, circuits);
        simulate(&timing, circuits, CIRCUITS_A_DECK, waves);
        for (size_t i = 0; i < CIRCUITS_A_DECK; i++) {
            (void)compare(&all, &timing, &circuits[i], &waves[i]);
            wave_free(&waves[i]);
        }
    }
    show(&all, DECKS);
    PB_CHECK_INT(all.outside, 0, "circuits outside");
    PB_CHECK_TRUE(all.circuits >= 300, "%u circuits", all.circuits);
    PB_CHECK_TRUE(all.crossings >= 900 && all.edges >= 600, "%u crossings, %u edges", all.crossings, all.edges);
}

/* Steady: A1, B1, C1, D1, F, and E by a dead generator and by a short. */
static void test_steady_levels_agree_with_ngspice(void **context) {
    (void)context;
    static const struct circuit steady[] = {
        {"A1", 12, 12, 1000, NONE, NONE, NONE, 1e-9, 0.7, DIODE_REAL},
        {"B1", 11.4, 11.4, 1030, 2658, NONE, NONE, 1e-9, 0.85, DIODE_REAL},
        {"C1", 12.6, 12.6, 970, 2822, 1261, NONE, 1e-9, 0.55, DIODE_REAL},
        {"D1", 12, 12, 1000, 2740, 270, NONE, 1e-9, 0.7, DIODE_REAL},
        {"F", -12, -12, 1000, 2740, 1300, NONE, 1e-9, 0.7, DIODE_REAL},
        {"E, dead generator", 0, 0, 1000, 2740, NONE, NONE, 1e-9, 0.7, DIODE_REAL},
        {"E, CP on PE", 12, 12, 1000, 2740, NONE, 0.001, 1e-9, 0.7, DIODE_REAL},
        {"E in D", 12, 12, 1000, 2740, 270, 80, 1e-9, 0.7, DIODE_REAL},
        {"F without a diode", -12, -12, 1000, 2740, NONE, NONE, 1e-9, 0.7, DIODE_NONE},
    };
    enum { COUNT = sizeof steady / sizeof *steady };
    const struct timing timing = {1000000000, 500000, 1000};
    struct deviations all = {0};
    struct wave waves[COUNT];
    simulate(&timing, steady, COUNT, waves);
    for (size_t i = 0; i < COUNT; i++) {
        (void)compare(&all, &timing, &steady[i], &waves[i]);
        wave_free(&waves[i]);
    }
    print_message("%u steady circuits, worst level %+.3f mV: %s\n", all.circuits, 1e3 * all.level.off,
                  all.level.circuit);
    PB_CHECK_INT(all.outside, 0, "circuits outside");
}

/* The comparison can fail: one resistor of ngspice's circuit is 1 % off, or the capacitance 5 %, or the diode 20 mV. */
static void test_a_component_off_by_little_is_seen(void **context) {
    (void)context;
    static const struct {
        const char *what;
        double r1, r2, r3, farads, diode_volts;
    } changes[] = {
        {"nothing", 1, 1, 1, 1, 0},          {"R1 + 1 %", 1.01, 1, 1, 1, 0}, {"R1 - 1 %", 0.99, 1, 1, 1, 0},
        {"R2 + 1 %", 1, 1.01, 1, 1, 0},      {"R2 - 1 %", 1, 0.99, 1, 1, 0}, {"R3 + 1 %", 1, 1, 1.01, 1, 0},
        {"R3 - 1 %", 1, 1, 0.99, 1, 0},      {"C + 5 %", 1, 1, 1, 1.05, 0},  {"C - 5 %", 1, 1, 1, 0.95, 0},
        {"diode + 20 mV", 1, 1, 1, 1, 0.02},
    };
    enum { COUNT = sizeof changes / sizeof *changes };
    const struct timing timing = {1000000000, 500000, 2500};
    struct circuit nominal = {"C", 12, -12, 1000, 2740, 1300, NONE, 5.5e-9, 0.7, DIODE_REAL}, changed[COUNT];
    struct wave waves[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        changed[i] = nominal;
        changed[i].r1_ohms *= changes[i].r1;
        changed[i].r2_ohms *= changes[i].r2;
        changed[i].r3_ohms *= changes[i].r3;
        changed[i].farads *= changes[i].farads;
        changed[i].diode_volts += changes[i].diode_volts;
    }
    simulate(&timing, changed, COUNT, waves);
    for (size_t i = 0; i < COUNT; i++) {
        struct deviations one = {0};
        bool is_off = compare(&one, &timing, &nominal, &waves[i]);
        wave_free(&waves[i]);
        print_message("%s: level %+.2f mV, crossing %+.3f us, 10-90 %+.3f us\n", changes[i].what, 1e3 * one.level.off,
                      1e6 * one.crossing.off, 1e6 * one.edge.off);
        PB_CHECK_INT(is_off, i != 0, changes[i].what);
    }
}

/* ---- golden captures ---- */

static void write_capture(const char *folder, const char *file_name, const struct timing *timing,
                          const struct circuit *c) {
    struct wave theirs, ours;
    simulate(timing, c, 1, &theirs);
    circuit_synthesise(timing, c, 2000, &ours);
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, file_name);
    FILE *file = fopen(path, "w");
    if (!file) PB_FAIL("cannot write %s", path);
    fprintf(
        file,
        "# high_volts=%g low_volts=%g r1_ohms=%g r2_ohms=%g r3_ohms=%g short_ohms=%g farads=%g diode=%d diode_volts=%g\n",
        c->high_volts, c->low_volts, c->r1_ohms, c->r2_ohms, c->r3_ohms, c->short_ohms, c->farads, (int)c->diode,
        c->diode_volts);
    fprintf(file,
            "# frequency_uhz=%" PRId64 " duty_ppm=%" PRId64 " ramp_ns=%" PRId64 "\ntime_ns,synthesis_uv,ngspice_uv\n",
            timing->frequency_uhz, timing->duty_ppm, timing->ramp_ns);
    for (size_t i = 0; i < ours.points; i++)
        fprintf(file, "%zu,%.0f,%.0f\n", 2000 * i, 1e6 * ours.volts[i], 1e6 * wave_at(&theirs, ours.seconds[i]));
    fclose(file);
    wave_free(&ours);
    wave_free(&theirs);
}

static void write_captures(const char *folder) {
    static const struct {
        const char *file_name;
        struct timing timing;
        struct circuit circuit;
    } captures[] = {
        {"b-26.667.csv", {1000000000, 266667, 2500}, {"", 12, -12, 1000, 2740, NONE, NONE, 2e-9, 0.7, DIODE_REAL}},
        {"c-5.csv", {1000000000, 50000, 2000}, {"", 12.6, -11.4, 970, 2822, 1261, NONE, 5.5e-9, 0.55, DIODE_REAL}},
        {"d-96.csv", {1020000000, 960000, 2500}, {"", 11.4, -12.6, 1030, 2658, 278, NONE, 5.5e-9, 0.85, DIODE_REAL}},
        {"a-50.csv", {980000000, 500000, 100}, {"", 12, -12, 1000, NONE, NONE, NONE, 3e-10, 0.7, DIODE_REAL}},
        {"b-no-diode.csv", {1000000000, 533333, 2500}, {"", 12, -12, 1000, 2740, NONE, NONE, 2e-9, 0.7, DIODE_NONE}},
        {"d-short-80.csv", {1000000000, 533333, 2500}, {"", 12, -12, 1000, 2740, 270, 80, 2e-9, 0.7, DIODE_REAL}},
    };
    for (size_t i = 0; i < sizeof captures / sizeof *captures; i++)
        write_capture(folder, captures[i].file_name, &captures[i].timing, &captures[i].circuit);
}

static bool is_installed(void) {
    const struct timing timing = {1000000000, 500000, 1000};
    const struct circuit a = {"A", 12, -12, 1000, NONE, NONE, NONE, 1e-9, 0.7, DIODE_REAL};
    struct wave wave = {0};
    bool is_missing;
    char why[200];
    (void)circuits_simulate(&timing, &a, 1, &wave, &is_missing, why, sizeof why);
    wave_free(&wave);
    if (is_missing) fprintf(stderr, "skipped: %s (Debian: ngspice)\n", why);
    return !is_missing;
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_levels_crossings_and_edges_agree_with_ngspice),
        cmocka_unit_test(test_steady_levels_agree_with_ngspice),
        cmocka_unit_test(test_a_component_off_by_little_is_seen),
    };
    if (!is_installed()) return 77;
    if (argc == 3 && strcmp(argv[1], "--write") == 0) {
        write_captures(argv[2]);
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
