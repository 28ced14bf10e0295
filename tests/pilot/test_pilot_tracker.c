/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state tracker over scripted pilots made by the synthesis. */
#include "pilot_emulator/analyser.h"
#include "pilot_emulator/synth.h"
#include "tests/support/check.h"
#include "tests/support/windows.h"

#include <math.h>
#include <stdio.h>

#define US(x) ((int64_t)((x)*1000))
#define MS(x) ((int64_t)((x)*1000000))
#define OPEN INFINITY

static const struct pb_front_end daq = {
    .period_num_ns = 2000, .period_den = 1, .uv_num = 610, .uv_den = 1, .noise_volts = 5e-3};
static const struct pb_sampling sampling = {2000, 1, 610, 1, 0, 10000, 100, 20000, 0, 0};

enum kind { END, LOAD, DRIVE, PWM, SHORT, HI_Z };
struct step {
    double at_ms;
    enum kind kind;
    double value;
};

enum { MOST_SAMPLES = 1000000, MOST_TRANSITIONS = 64 };
static int16_t counts[MOST_SAMPLES];

struct log {
    int count;
    struct pb_cp_transition rows[MOST_TRANSITIONS];
    int64_t reported_at[MOST_TRANSITIONS];
    const struct pb_cp_tracker *tracker;
};

static void on_transition(void *user, const struct pb_cp_transition *transition) {
    struct log *log = user;
    if (log->count == MOST_TRANSITIONS) return;
    log->reported_at[log->count] = pb_sampling_ns_of(&sampling, log->tracker->next_index);
    log->rows[log->count++] = *transition;
}

static void apply(struct pb_synth *synth, const struct step *step) {
    int64_t at_ns = MS(step->at_ms);
    struct pb_cp_load load = {step->value, true, 0.7, INFINITY, 2e-9};
    struct pb_cp_drive drive = {step->value, 1000.0, step->kind == HI_Z};
    struct pb_cp_pwm pwm = {12.0, -12.0, 1000.0, 1000000000, 0, at_ns, 2.5e-6, 0.0};
    if (step->kind == PWM) pwm.duty_ppm = (int64_t)(1e4 * step->value);
    if (step->kind == SHORT) {
        load = synth->load;
        load.short_ohms = step->value;
    }
    bool is_taken = step->kind == PWM                           ? pb_synth_set_pwm(synth, at_ns, &pwm)
                    : step->kind == DRIVE || step->kind == HI_Z ? pb_synth_set_drive(synth, at_ns, &drive)
                                                                : pb_synth_set_load(synth, at_ns, &load);
    PB_CHECK_TRUE(is_taken, "step at %g ms refused", step->at_ms);
}

/* The samples of a script; returns how many, to the time of its END. */
static int64_t make(const struct step *steps) {
    static struct pb_synth synth;
    pb_synth_init(&synth, &daq, 42);
    for (;; steps++) {
        int64_t until = pb_synth_index_at(&daq, MS(steps->at_ms));
        pb_synth_make(&synth, counts + synth.next_index, (size_t)(until - synth.next_index));
        if (steps->kind == END) return until;
        apply(&synth, steps);
    }
}

static void track(struct log *log, int64_t total, int64_t block) {
    static struct pb_cp_tracker tracker;
    *log = (struct log){.tracker = &tracker};
    pb_cp_tracker_init(&tracker, &sampling, &table_a4_windows, on_transition, log);
    int64_t complete_ns = INT64_MIN;
    int seen = 0;
    for (int64_t i = 0; i < total; i += block) {
        int64_t count = total - i < block ? total - i : block;
        PB_CHECK_TRUE(pb_cp_tracker_feed(&tracker, i, counts + i, (size_t)count), "loss seen where none was");
        for (; seen < log->count; seen++)
            PB_CHECK_TRUE(log->rows[seen].left_ns >= complete_ns, "transition %d dated %.6f ms before complete %.6f ms",
                          seen, 1e-6 * (double)log->rows[seen].left_ns, 1e-6 * (double)complete_ns);
        int64_t now_complete_ns = pb_cp_tracker_complete_ns(&tracker);
        PB_CHECK_TRUE(now_complete_ns >= complete_ns, "complete runs backwards");
        complete_ns = now_complete_ns;
        PB_CHECK_TRUE(pb_sampling_ns_of(&sampling, i + count) - complete_ns <= pb_cp_tracker_lag_ns(&tracker),
                      "lag too long");
    }
}

static const char *path_of(const struct log *log) {
    static char text[512];
    text[0] = 0;
    for (int i = 0; i < log->count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i ? " " : "",
                 pb_cp_state_name(log->rows[i].to));
    return text;
}

/* In one block and in blocks of 7: the path, and all dates not before the change and not after by more than the lag. */
static void check_path(const struct step *steps, const char *path, struct log *log) {
    int64_t total = make(steps);
    static struct log parts;
    track(log, total, total);
    PB_CHECK_TEXT(path_of(log), path);
    track(&parts, total, 7);
    PB_CHECK_INT(parts.count, log->count, "transitions");
    PB_CHECK_INT(memcmp(parts.rows, log->rows, sizeof log->rows), 0, "difference");
    for (int i = 0; i < log->count; i++) PB_CHECK_BETWEEN(log->reported_at[i] - log->rows[i].left_ns, 0, 5000000, "ns");
}

static void check_date(const struct log *log, int row, int64_t changed_ns, int64_t most_later_ns) {
    PB_CHECK_TRUE(row < log->count, "no transition %d", row);
    PB_CHECK_BETWEEN(log->rows[row].left_ns, changed_ns, changed_ns + most_later_ns, "ns");
    PB_CHECK_BETWEEN(log->rows[row].left_ns - log->rows[row].u_ns, 0, changed_ns + US(8), "ns");
}

static const struct step session[] = {
    {0, DRIVE, 12},      {0, LOAD, OPEN},      {50, LOAD, 2740},    {100, PWM, 26.667},  {150.1, LOAD, 881.7},
    {200.1, LOAD, 2740}, {250.1, LOAD, 245.8}, {300.1, LOAD, 2740}, {350.1, LOAD, OPEN}, {400.1, DRIVE, 12},
    {450, DRIVE, -12},   {500, DRIVE, 12},     {550, LOAD, 2740},   {600, DRIVE, 0},     {650, DRIVE, 12},
    {700, LOAD, 881.7},  {750, LOAD, OPEN},    {800, END, 0},
};

static void test_a_session_through_all_states_is_followed(void **context) {
    (void)context;
    struct log log;
    check_path(session, "A1 B1 B2 C2 B2 D2 B2 A2 A1 F A1 B1 E B1 C1 A1", &log);
    check_date(&log, 1, MS(50), US(10));
    check_date(&log, 2, MS(100) + US(266), US(10));
    check_date(&log, 3, MS(150.1), US(10));
    check_date(&log, 4, MS(200.1), US(10));
    check_date(&log, 7, MS(350.1), US(10));
    check_date(&log, 8, MS(399), MS(1.4));
    check_date(&log, 9, MS(450), US(10));
    check_date(&log, 10, MS(500), US(10));
    check_date(&log, 12, MS(600), US(10));
    check_date(&log, 15, MS(750), US(10));
}

static void test_every_block_size_gives_the_same_transitions(void **context) {
    (void)context;
    static struct log whole, parts;
    int64_t total = make(session);
    track(&whole, total, total);
    static const int64_t sizes[] = {1, 2, 3, 5, 6, 50, 125, 499, 500, 501, 777, 1024, 4096, 4999, 5000};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        track(&parts, total, sizes[i]);
        PB_CHECK_INT(parts.count, whole.count, "transitions");
        PB_CHECK_INT(memcmp(parts.rows, whole.rows, sizeof whole.rows), 0, "difference");
    }
}

static void test_pwm_is_seen_at_five_and_at_ninety_six_percent(void **context) {
    (void)context;
    struct log log;
    const struct step low[] = {{0, DRIVE, 12},      {0, LOAD, 2740}, {20, PWM, 5},
                               {40.5, LOAD, 881.7}, {60, DRIVE, 12}, {80, END, 0}};
    check_path(low, "B1 B2 C2 C1", &log);
    /* Changed in a long low phase: dated at the next high phase, and U reaches back over it. */
    check_date(&log, 2, MS(40.5), US(520));
    PB_CHECK_BETWEEN(log.rows[2].u_ns, US(940), US(960), "ns");
    const struct step high[] = {{0, DRIVE, 12},      {0, LOAD, 2740}, {20, PWM, 96},
                                {40.5, LOAD, 881.7}, {60, DRIVE, 12}, {80, END, 0}};
    check_path(high, "B1 B2 C2 C1", &log);
    check_date(&log, 2, MS(40.5), US(10));
}

static void test_unplug_under_load_is_dated_in_the_high_phase(void **context) {
    (void)context;
    struct log log;
    const struct step steps[] = {{0, DRIVE, 12},      {0, LOAD, 881.7}, {20, PWM, 50},
                                 {60.25, LOAD, OPEN}, {80, DRIVE, 12},  {100, END, 0}};
    check_path(steps, "C1 C2 A2 A1", &log);
    check_date(&log, 2, MS(60.25), US(6));
    PB_CHECK_BETWEEN(log.rows[2].u_ns, 0, US(6), "ns");
}

static void test_a_date_is_known_no_better_than_the_streams_start(void **context) {
    (void)context;
    static struct pb_cp_tracker tracker;
    static struct log exact;
    struct log log = {.tracker = &tracker};
    struct pb_sampling late = sampling;
    late.u_start_ns = US(300);
    int64_t total = make(session);
    track(&exact, total, total);
    pb_cp_tracker_init(&tracker, &late, &table_a4_windows, on_transition, &log);
    pb_cp_tracker_feed(&tracker, 0, counts, (size_t)total);
    PB_CHECK_INT(log.count, exact.count, "transitions");
    for (int i = 0; i < log.count; i++) {
        PB_CHECK_INT(log.rows[i].left_ns, exact.rows[i].left_ns, "ns");
        int64_t spread_ns = exact.rows[i].u_ns;
        PB_CHECK_BETWEEN(log.rows[i].u_ns, spread_ns > US(300) ? spread_ns : US(300), spread_ns + US(300), "ns");
        PB_CHECK_NEAR(log.rows[i].u_ns * log.rows[i].u_ns, US(300) * US(300) + spread_ns * spread_ns,
                      4 * US(300) + 4 * spread_ns, "ns^2");
    }
}

static void test_a_short_to_pe_under_pwm_is_e(void **context) {
    (void)context;
    struct log log;
    const struct step steps[] = {{0, DRIVE, 12},    {0, LOAD, 881.7},        {20, PWM, 30},
                                 {60.1, SHORT, 80}, {90.6, SHORT, INFINITY}, {120, END, 0}};
    check_path(steps, "C1 C2 E C2", &log);
    check_date(&log, 2, MS(60.1), US(10));
    /* Leaving E by way of the low phase: the first sample out counts. */
    check_date(&log, 3, MS(90.6), US(10));
}

static void test_an_undriven_pilot_becomes_e_without_states_between(void **context) {
    (void)context;
    struct log log;
    const struct step steps[] = {{0, DRIVE, 12}, {0, LOAD, OPEN}, {30, HI_Z, 0}, {60, END, 0}};
    check_path(steps, "A1 E", &log);
}

static void test_in_a_gap_the_state_before_is_kept(void **context) {
    (void)context;
    struct log log;
    /* 7.5 V from B and from C; then on to the other side. */
    const double gap_ohms = 1000.0 * (7.5 - 0.7) / (12 - 7.5);
    const struct step steady[] = {{0, DRIVE, 12},        {0, LOAD, 2740},    {50, LOAD, gap_ohms}, {100, LOAD, 881.7},
                                  {150, LOAD, gap_ohms}, {200, LOAD, 881.7}, {250, END, 0}};
    check_path(steady, "B1 C1", &log);
    check_date(&log, 1, MS(100), US(10));
    const struct step pwm[] = {{0, DRIVE, 12},       {0, LOAD, 2740},         {20, PWM, 50}, {50.1, LOAD, gap_ohms},
                               {100.1, LOAD, 881.7}, {150.1, LOAD, gap_ohms}, {200, END, 0}};
    check_path(pwm, "B1 B2 C2", &log);
    check_date(&log, 2, MS(100.1), US(10));
}

static void test_a_level_above_all_windows_is_invalid(void **context) {
    (void)context;
    struct log log;
    const struct step steps[] = {{0, DRIVE, 12},  {0, LOAD, OPEN}, {20, DRIVE, 13.5},
                                 {50, DRIVE, 12}, {80, DRIVE, -6}, {110, END, 0}};
    check_path(steps, "A1 invalid A1 invalid", &log);
}

static void test_a_dip_of_one_millisecond_is_reported(void **context) {
    (void)context;
    struct log log;
    const struct step steady[] = {{0, DRIVE, 12}, {0, LOAD, 2740}, {50, LOAD, 881.7}, {51, LOAD, 2740}, {80, END, 0}};
    check_path(steady, "B1 C1 B1", &log);
    check_date(&log, 1, MS(50), US(10));
    check_date(&log, 2, MS(51), US(10));
    /* Split over two high phases of a 5 % pilot. */
    const struct step pwm[] = {{0, DRIVE, 12},        {0, LOAD, 2740},      {20, PWM, 5},
                               {50.025, LOAD, 881.7}, {51.025, LOAD, 2740}, {80, END, 0}};
    check_path(pwm, "B1 B2 C2 B2", &log);
}

static void test_odd_samples_do_not_make_a_transition(void **context) {
    (void)context;
    struct log log;
    const struct step steps[] = {{0, DRIVE, 12}, {0, LOAD, 2740}, {50, PWM, 30}, {100, END, 0}};
    int64_t total = make(steps);
    static const int16_t odd[] = {19600, 9800, 4900, 0, -19600, -32768, 32767, 12300};
    for (int64_t i = 5000; i < total; i += 137) counts[i] = odd[i % 8];
    track(&log, total, 1000);
    PB_CHECK_TEXT(path_of(&log), "B1 B2");
}

static void test_a_glitch_does_not_move_the_date_of_a_later_change(void **context) {
    (void)context;
    struct log log;
    const struct step steps[] = {{0, DRIVE, 12}, {0, LOAD, 2740}, {50, LOAD, 881.7}, {80, END, 0}};
    int64_t total = make(steps);
    counts[24900] = 9800; /* 200 us before */
    track(&log, total, 1000);
    PB_CHECK_TEXT(path_of(&log), "B1 C1");
    check_date(&log, 1, MS(50), US(10));
}

static void test_a_slow_edge_through_a_window_is_no_state(void **context) {
    (void)context;
    struct log log;
    int64_t total = make((struct step[]){{0, DRIVE, 12}, {0, LOAD, OPEN}, {100, END, 0}});
    /* A ramp of 10 V/ms from A down to D passes B and C within 200 us each. */
    for (int64_t i = 25000; i < total; i++) {
        int64_t uv = 12000000 - (i - 25000) * 20000;
        counts[i] = (int16_t)((uv > 3000000 ? uv : 3000000) / 610);
    }
    track(&log, total, 500);
    PB_CHECK_TEXT(path_of(&log), "A1 D1");
    PB_CHECK_INT(log.rows[1].left_ns, pb_sampling_ns_of(&sampling, 25000 + 50), "ns");
}

static void test_slow_edges_at_a_high_sample_rate_are_no_states(void **context) {
    (void)context;
    /* 5 MS/s and all capacitances at their greatest: tens of samples of an edge lie in every window it passes. */
    const struct pb_front_end fast = {
        .period_num_ns = 200, .period_den = 1, .uv_num = 610, .uv_den = 1, .noise_volts = 5e-3};
    const struct pb_sampling fast_sampling = {200, 1, 610, 1, 0, 10000, 100, 20000, 0, 0};
    static struct pb_synth synth;
    static struct pb_cp_tracker tracker;
    struct log log = {.tracker = &tracker};
    const struct pb_cp_drive high = {12.0, 1000.0, false};
    const struct pb_cp_pwm pwm = {12.0, -12.0, 1000.0, 1000000000, 300000, MS(10), 2.5e-6, 0.0};
    struct pb_cp_load load = {OPEN, true, 0.7, INFINITY, 5.5e-9};
    pb_synth_init(&synth, &fast, 9);
    pb_synth_set_drive(&synth, 0, &high);
    pb_synth_set_load(&synth, 0, &load);
    pb_synth_make(&synth, counts, 50000);
    pb_synth_set_pwm(&synth, MS(10), &pwm);
    pb_synth_make(&synth, counts + 50000, 100000);
    load.ohms = 2740;
    pb_synth_set_load(&synth, MS(30), &load);
    pb_synth_make(&synth, counts + 150000, 100000);
    pb_cp_tracker_init(&tracker, &fast_sampling, &table_a4_windows, on_transition, &log);
    pb_cp_tracker_feed(&tracker, 0, counts, 250000);
    PB_CHECK_TEXT(path_of(&log), "A1 A2 B2");
}

static void test_lost_samples_start_again_from_none(void **context) {
    (void)context;
    static struct pb_cp_tracker tracker;
    struct log log = {.tracker = &tracker};
    int64_t total = make(session);
    (void)total;
    pb_cp_tracker_init(&tracker, &sampling, &table_a4_windows, on_transition, &log);
    PB_CHECK_TRUE(pb_cp_tracker_feed(&tracker, 0, counts, 70000), "loss seen where none was");
    PB_CHECK_TRUE(!pb_cp_tracker_feed(&tracker, 70001, counts + 70001, 10000), "loss not seen");
    PB_CHECK_TRUE(pb_cp_tracker_feed(&tracker, 80001, counts + 80001, 10000), "loss seen where none was");
    PB_CHECK_TEXT(path_of(&log), "A1 B1 B2 B2 C2");
    PB_CHECK_INT(log.rows[3].from, PB_CP_NONE, "state");
    PB_CHECK_INT(log.rows[3].left_ns, 2 * 70001 * 1000, "ns");
    PB_CHECK_TRUE(!pb_cp_tracker_feed(&tracker, 90000, counts + 90000, 10), "overlap not seen");
    PB_CHECK_INT(tracker.state, PB_CP_NONE, "state");
}

static void test_a_modelled_stretch_keeps_the_state(void **context) {
    (void)context;
    static struct pb_cp_tracker tracker;
    /* Sampled to 45 ms, 95 to 120 ms, 175 ms on: the changes lie in the sampled parts, at every phase of the PWM. */
    for (int shift = 0; shift < 500; shift += 23) {
        struct log log = {.tracker = &tracker};
        make(session);
        pb_cp_tracker_init(&tracker, &sampling, &table_a4_windows, on_transition, &log);
        pb_cp_tracker_feed(&tracker, 0, counts, 22500);
        pb_cp_tracker_steady(&tracker, 24900);
        PB_CHECK_INT(tracker.state, PB_CP_A1, "state");
        pb_cp_tracker_feed(&tracker, 24900, counts + 24900, 30000);
        pb_cp_tracker_steady(&tracker, 70000 + shift);
        PB_CHECK_INT(tracker.state, PB_CP_B2, "state");
        PB_CHECK_TRUE(pb_cp_tracker_feed(&tracker, 70000 + shift, counts + 70000 + shift, 25000),
                      "loss seen where none was");
        PB_CHECK_TEXT(path_of(&log), "A1 B1 B2 C2");
        check_date(&log, 3, MS(150.1), US(10));
    }
}

static void test_a_change_right_after_a_modelled_stretch_is_reported(void **context) {
    (void)context;
    static struct pb_cp_tracker tracker;
    static const struct {
        double at_ms;
        const char *path;
    } rows[] = {{50, "A1 B1"}, {450, "A1 F"}, {600, "A1 E"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct log log = {.tracker = &tracker};
        make(session);
        int64_t first = (int64_t)(500 * rows[i].at_ms);
        pb_cp_tracker_init(&tracker, &sampling, &table_a4_windows, on_transition, &log);
        pb_cp_tracker_feed(&tracker, 0, counts, 10000);
        pb_cp_tracker_steady(&tracker, first);
        pb_cp_tracker_feed(&tracker, first, counts + first, 10000);
        PB_CHECK_TEXT(path_of(&log), rows[i].path);
        check_date(&log, 1, MS(rows[i].at_ms), US(10));
    }
}

static void test_an_inverting_divider_gives_the_same_states(void **context) {
    (void)context;
    static struct pb_cp_tracker tracker;
    struct pb_sampling inverted = sampling;
    inverted.uv_num = -610;
    struct log log = {.tracker = &tracker};
    static struct log upright;
    int64_t total = make(session);
    track(&upright, total, total);
    for (int64_t i = 0; i < total; i++) counts[i] = (int16_t)-counts[i];
    pb_cp_tracker_init(&tracker, &inverted, &table_a4_windows, on_transition, &log);
    pb_cp_tracker_feed(&tracker, 0, counts, (size_t)total);
    PB_CHECK_INT(log.count, upright.count, "transitions");
    PB_CHECK_INT(memcmp(log.rows, upright.rows, sizeof log.rows), 0, "difference");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_through_all_states_is_followed),
        cmocka_unit_test(test_every_block_size_gives_the_same_transitions),
        cmocka_unit_test(test_pwm_is_seen_at_five_and_at_ninety_six_percent),
        cmocka_unit_test(test_unplug_under_load_is_dated_in_the_high_phase),
        cmocka_unit_test(test_a_date_is_known_no_better_than_the_streams_start),
        cmocka_unit_test(test_a_short_to_pe_under_pwm_is_e),
        cmocka_unit_test(test_an_undriven_pilot_becomes_e_without_states_between),
        cmocka_unit_test(test_in_a_gap_the_state_before_is_kept),
        cmocka_unit_test(test_a_level_above_all_windows_is_invalid),
        cmocka_unit_test(test_a_dip_of_one_millisecond_is_reported),
        cmocka_unit_test(test_odd_samples_do_not_make_a_transition),
        cmocka_unit_test(test_a_glitch_does_not_move_the_date_of_a_later_change),
        cmocka_unit_test(test_a_slow_edge_through_a_window_is_no_state),
        cmocka_unit_test(test_slow_edges_at_a_high_sample_rate_are_no_states),
        cmocka_unit_test(test_lost_samples_start_again_from_none),
        cmocka_unit_test(test_a_modelled_stretch_keeps_the_state),
        cmocka_unit_test(test_a_change_right_after_a_modelled_stretch_is_reported),
        cmocka_unit_test(test_an_inverting_divider_gives_the_same_states),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
