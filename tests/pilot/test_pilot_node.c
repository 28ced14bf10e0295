/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The node equation against the worked figures of control_pilot.md 1.2 and 2.1, against the diode's own equation solved by
 * halving, against small steps, and the duty law against 3.2. */
#include "pilot_emulator/node.h"
#include "tests/support/check.h"

#include <math.h>

static struct pb_cp_load load_of(double ohms) { return (struct pb_cp_load){ohms, true, 0.7, INFINITY, 1e-9}; }

static const struct pb_cp_drive up = {12.0, 1000.0, false}, down = {-12.0, 1000.0, false};

/* The diode's drop at a current: IS from the drop at 3 mA, by the makers' N and RS at 300.15 K. */
static double drop_at(double amps, double volts_at_3_ma) {
    double n_vt = 1.752 * 1.380649e-23 / 1.602176634e-19 * 300.15;
    double is_amps = 3e-3 / (exp((volts_at_3_ma - 0.568 * 3e-3) / n_vt) - 1.0);
    return n_vt * log(1.0 + amps / is_amps) + 0.568 * amps;
}

/* The load's current at a voltage of the node, by halving. */
static double current_at(const struct pb_cp_load *load, double volts) {
    double low = 0.0, high = volts > 0 ? volts / load->ohms : 0.0;
    for (int i = 0; i < 50; i++) {
        double amps = 0.5 * (low + high);
        if (amps * load->ohms + drop_at(amps, load->diode_volts) > volts) high = amps;
        else low = amps;
    }
    return low;
}

static void test_a_diode_of_636_mv_is_the_1n4148(void **context) {
    (void)context;
    PB_CHECK_NEAR(1e9 * 3e-3 / (exp((0.6356 - 0.568 * 3e-3) / PB_CP_DIODE_N_VT_VOLTS) - 1.0), 2.52, 0.01, "nA");
}

/* The table was worked out with a constant drop of 0.7 V; ours is 0.7 V at 3 mA and up to 60 mV more at 9 mA. */
static void test_settled_levels_agree_with_the_state_table(void **context) {
    (void)context;
    static const struct {
        double ohms, volts;
    } rows[] = {
        {INFINITY, 12.0},
        {2740.0, 8.979},
        {881.7, 5.995},
        {245.8, 2.929},
        {1870.0, 8.06},
        {4610.0, 9.99},
        {1870.0 * 909 / (1870 + 909), 4.99},
        {4610.0 * 1723 / (4610 + 1723), 6.99},
        {1870.0 * 140 / (1870 + 140), 2.00},
        {4610.0 * 448 / (4610 + 448), 3.98},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pb_cp_load load = load_of(rows[i].ohms);
        double volts = pb_cp_node_settled(&up, &load), over_drop = 0.0;
        double amps = (12.0 - volts) / 1000.0;
        if (amps > 0.0) over_drop = (drop_at(amps, 0.7) - 0.7) * 1000.0 / (1000.0 + rows[i].ohms);
        PB_CHECK_NEAR(volts - over_drop, rows[i].volts, 0.006, "V");
        PB_CHECK_NEAR(pb_cp_node_settled(&down, &load), -12.0, 1e-5, "V");
    }
}

static void test_settled_levels_solve_the_diode_equation(void **context) {
    (void)context;
    static const double drops[] = {0.3, 0.55, 0.6356, 0.7, 0.85, 1.2}, opens[] = {0.2, 0.5, 0.8, 3.0, 11.4, 12.6};
    static const double ohms[] = {4610.0, 2740.0, 881.7, 245.8, 10.0}, shorts[] = {80.0, 120.0, INFINITY};
    for (size_t d = 0; d < 6; d++)
        for (size_t o = 0; o < 6; o++)
            for (size_t r = 0; r < 5; r++)
                for (size_t s = 0; s < 3; s++) {
                    struct pb_cp_load load = {ohms[r], true, drops[d], shorts[s], 1e-9};
                    struct pb_cp_drive drive = {opens[o], 970.0, false};
                    double volts = pb_cp_node_settled(&drive, &load);
                    double left = (opens[o] - volts) / 970.0 - volts / shorts[s] - current_at(&load, volts);
                    PB_CHECK_NEAR(1e6 * left, 0.0, 0.001, "uA");
                    bool is_conducting = current_at(&load, volts) > 1e-6;
                    PB_CHECK_NEAR(pb_cp_node_after(&drive, &load, -12.0, 1.0), volts, is_conducting ? 1e-9 : 1e-3, "V");
                }
}

static void test_a_shorted_diode_pulls_the_low_level_up(void **context) {
    (void)context;
    struct pb_cp_load load = load_of(2740.0);
    load.has_diode = false;
    PB_CHECK_NEAR(pb_cp_node_settled(&down, &load), -12.0 * 2740 / 3740, 1e-9, "V");
    PB_CHECK_NEAR(pb_cp_node_settled(&up, &load), 12.0 * 2740 / 3740, 1e-9, "V");
}

static void test_a_short_to_pe_gives_state_e(void **context) {
    (void)context;
    struct pb_cp_load load = load_of(2740.0);
    load.short_ohms = 80.0;
    PB_CHECK_NEAR(pb_cp_node_settled(&up, &load), 12.0 * (1 / (1000.0 * (1 / 1000.0 + 1 / 80.0 + 1 / 2740.0))), 0.04,
                  "V");
    load.short_ohms = 0.0;
    PB_CHECK_NEAR(pb_cp_node_settled(&up, &load), 0.0, 1e-4, "V");
}

static void test_a_node_that_nothing_drives_falls_to_zero(void **context) {
    (void)context;
    const struct pb_cp_drive none = {12.0, 1000.0, true};
    struct pb_cp_load load = load_of(INFINITY);
    PB_CHECK_NEAR(pb_cp_node_settled(&none, &load), 0.0, 1e-9, "V");
    PB_CHECK_NEAR(pb_cp_node_after(&none, &load, 9.0, 1e-4), 9.0 * exp(-1.0), 1e-6, "V");
}

static double volts_per_second(const struct pb_cp_drive *drive, const struct pb_cp_load *load, double volts) {
    double amps = (drive->open_volts - volts) / drive->source_ohms - volts / load->short_ohms;
    return (amps - (isinf(load->ohms) ? 0.0 : current_at(load, volts))) / load->farads;
}

/* Small steps of the same circuit (Runge-Kutta of fourth order). */
static double stepped(const struct pb_cp_drive *drive, const struct pb_cp_load *load, double volts, double seconds) {
    int steps = 1000;
    double dt = seconds / steps;
    for (int i = 0; i < steps; i++) {
        double a = volts_per_second(drive, load, volts), b = volts_per_second(drive, load, volts + 0.5 * dt * a);
        double c = volts_per_second(drive, load, volts + 0.5 * dt * b),
               d = volts_per_second(drive, load, volts + dt * c);
        volts += dt * (a + 2 * b + 2 * c + d) / 6.0;
    }
    return volts;
}

static void test_closed_form_agrees_with_small_steps_across_the_diode(void **context) {
    (void)context;
    static const double starts[] = {-12.0, -3.0, 0.69, 0.7, 0.71, 5.0, 12.0}, spans[] = {1e-7, 1e-6, 5e-6, 4e-5};
    static const double ohms[] = {INFINITY, 2740.0, 245.8};
    for (size_t r = 0; r < 3; r++)
        for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++)
            for (size_t t = 0; t < sizeof spans / sizeof spans[0]; t++) {
                struct pb_cp_load load = load_of(ohms[r]);
                load.farads = 5.5e-9;
                PB_CHECK_NEAR(pb_cp_node_after(&up, &load, starts[s], spans[t]),
                              stepped(&up, &load, starts[s], spans[t]), 1.5e-3, "V");
                PB_CHECK_NEAR(pb_cp_node_after(&down, &load, starts[s], spans[t]),
                              stepped(&down, &load, starts[s], spans[t]), 1.5e-3, "V");
            }
}

/* A ramp in many small straight steps of the generator gives what the closed form gives. */
static void test_a_ramp_agrees_with_many_small_steps_of_the_generator(void **context) {
    (void)context;
    static const double ramps[] = {1e-7, 2.5e-6, 2e-5}, ohms[] = {INFINITY, 2740.0, 245.8},
                        starts[] = {-12.0, 0.6, 9.0};
    enum { STEPS = 4000 };
    for (size_t m = 0; m < 3; m++)
        for (size_t r = 0; r < 3; r++)
            for (size_t s = 0; s < 3; s++)
                for (int is_fall = 0; is_fall < 2; is_fall++) {
                    struct pb_cp_load load = load_of(ohms[r]);
                    struct pb_cp_node node;
                    struct pb_cp_path path;
                    double from = is_fall ? 12.0 : -12.0, volts = starts[s];
                    pb_cp_node_init(&node, &up, &load);
                    pb_cp_path_solve(&path, &node, volts, from, -from, ramps[m]);
                    for (int i = 0; i < STEPS; i++) {
                        struct pb_cp_drive drive = {from * (1.0 - 2.0 * (i + 0.5) / STEPS), 1000.0, false};
                        struct pb_cp_path small;
                        pb_cp_path_solve(&small, &node, volts, drive.open_volts, drive.open_volts, 0.0);
                        volts = pb_cp_path_at(&small, ramps[m] / STEPS);
                    }
                    PB_CHECK_NEAR(pb_cp_path_at(&path, ramps[m]), volts, 1e-5, "V");
                }
}

/* Spread over decades. */
static double drawn(uint64_t *state, double low, double high) {
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return low * pow(high / low, (double)(*state >> 11) / 9007199254740992.0);
}

static void test_any_circuit_gives_a_path_without_gaps_that_ends_at_its_level(void **context) {
    (void)context;
    uint64_t state = 1;
    int most_pieces = 0;
    for (int i = 0; i < 20000; i++) {
        struct pb_cp_drive drive = {drawn(&state, 0.01, 100.0), drawn(&state, 1e-4, 1e6), false};
        struct pb_cp_load load = {drawn(&state, 1e-4, 1e8), i % 5 != 0, drawn(&state, 0.05, 12.0),
                                  i % 3 ? INFINITY : drawn(&state, 1e-4, 1e6), drawn(&state, 1e-14, 1e-4)};
        struct pb_cp_node node;
        struct pb_cp_path path;
        double ramp = i % 4 ? drawn(&state, 1e-9, 1e-2) : 0.0, start = drawn(&state, 0.01, 50.0) * (i % 2 ? 1 : -1);
        double from = i % 7 ? -drive.open_volts : drive.open_volts;
        pb_cp_node_init(&node, &drive, &load);
        pb_cp_path_solve(&path, &node, start, from, drive.open_volts, ramp);
        double volts = start, seconds = 0.0, scale = 1e-8 * (drive.open_volts + fabs(start));
        for (int k = 0; k < path.pieces; k++) {
            const struct pb_cp_piece *piece = &path.piece[k];
            PB_CHECK_NEAR(pb_cp_piece_at(piece, 0.0), volts, scale + 1e-15 * fabs(piece->level_volts), "V");
            PB_CHECK_NEAR(piece->start_seconds, seconds, 1e-12 * seconds, "s");
            PB_CHECK_TRUE(piece->seconds >= 0.0 && piece->tau_seconds > 0.0, "piece %d of circuit %d", k, i);
            volts = isinf(piece->seconds) ? piece->level_volts : pb_cp_piece_at(piece, piece->seconds);
            seconds += piece->seconds;
        }
        PB_CHECK_TRUE(isinf(seconds), "circuit %d does not end", i);
        /* Below 1 uA no tangent is at the level. */
        PB_CHECK_NEAR(volts, pb_cp_node_settled(&drive, &load), 1e-6 * (drive.source_ohms + drive.open_volts), "V");
        if (path.pieces > most_pieces) most_pieces = path.pieces;
    }
    print_message("most pieces: %d of %d\n", most_pieces, PB_CP_PIECES_MAX);
    PB_CHECK_TRUE(most_pieces < PB_CP_PIECES_MAX - 2, "%d pieces", most_pieces);
}

static void test_two_spans_one_after_the_other_make_the_long_one(void **context) {
    (void)context;
    struct pb_cp_load load = load_of(881.7);
    double half = pb_cp_node_after(&up, &load, -12.0, 7e-7);
    PB_CHECK_NEAR(pb_cp_node_after(&up, &load, half, 6e-7), pb_cp_node_after(&up, &load, -12.0, 1.3e-6), 1e-9, "V");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_diode_of_636_mv_is_the_1n4148),
        cmocka_unit_test(test_settled_levels_agree_with_the_state_table),
        cmocka_unit_test(test_settled_levels_solve_the_diode_equation),
        cmocka_unit_test(test_a_shorted_diode_pulls_the_low_level_up),
        cmocka_unit_test(test_a_short_to_pe_gives_state_e),
        cmocka_unit_test(test_a_node_that_nothing_drives_falls_to_zero),
        cmocka_unit_test(test_closed_form_agrees_with_small_steps_across_the_diode),
        cmocka_unit_test(test_a_ramp_agrees_with_many_small_steps_of_the_generator),
        cmocka_unit_test(test_any_circuit_gives_a_path_without_gaps_that_ends_at_its_level),
        cmocka_unit_test(test_two_spans_one_after_the_other_make_the_long_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
