/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extractors of a vehicle under test, over events and samples of known properties. */
#include "pilot_emulator/synth.h"
#include "tests/judge/judged_run.h"
#include "tests/record/run_files.h"
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>

static struct pb_error error;

static void check_value(const struct pb_reading *reading, int64_t value, int64_t u, const char *step) {
    PB_CHECK_TRUE(reading->outcome == PB_OUTCOME_VALUE, "no value: %s", reading->reason);
    PB_CHECK_INT(reading->quantity.value, value, step);
    PB_CHECK_INT(reading->quantity.u, u, step);
}

static int make(void **state) {
    *state = run_create(run_path("vehicle.pbrun"));
    return 0;
}
/* ---- the greatest current ---- */

static void current(struct pb_writer *writer, int64_t at_ns, int64_t ma, int64_t u_ns) {
    add_event(writer, "current", at_ns, ma, at_ns, u_ns);
}

static struct pb_recipe greatest(int64_t from_ns, int64_t until_ns) {
    return (struct pb_recipe){.extractor = PB_EXTRACT_CURRENT_MAX,
                              .version = 1,
                              .name = "current",
                              .from = {from_ns},
                              .until = {until_ns},
                              .value_u = 20};
}

static void test_the_greatest_current_is_what_stood_or_came_and_not_what_came_at_the_end(void **state) {
    current(*state, 1000, 5000, 4000);
    current(*state, 2000, 7000, 4000);
    current(*state, 3000, 6000, 4000);
    current(*state, 4000, 9000, 4000);
    static const struct {
        int64_t from, until, ma;
    } rows[] = {{0, 1000, 0},       {0, 1001, 5000},    {1000, 2000, 5000}, {1000, 2001, 7000}, {2000, 2001, 7000},
                {3000, 4000, 6000}, {2999, 4000, 7000}, {3000, 4001, 9000}, {4000, 9000, 9000}, {9000, 9001, 9000}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_reading reading = read_with(*state, &(struct pb_recipe[]){greatest(rows[i].from, rows[i].until)}[0]);
        check_value(&reading, rows[i].ma, 20, "mA");
        PB_CHECK_INT(reading.quantity.unit, PB_UNIT_AMPERE, "(unit)");
    }
}

static void test_without_an_event_no_current_flows(void **state) {
    add_event(*state, "coil", 500, 9, 0, 0);
    struct pb_recipe recipe = greatest(0, 1000);
    struct pb_reading reading = read_with(*state, &recipe);
    check_value(&reading, 0, 20, "mA");
}

/* A case before: its last current says nothing of this one's. */
static void test_events_of_a_case_before_do_not_count(void **state) {
    current(*state, 1000, 5000, 0);
    current(*state, 2000, 3000, 0);
    struct pb_recipe recipe = greatest(0, 9000);
    recipe.first_row = 2;
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 3000, "mA");
    recipe.first_row = 3;
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 0, "mA");
}

/* Half cycles of 60 Hz that rise and fall again; and a direct current, which is one event. */
static void test_half_cycles_and_direct_current_are_read_alike(void **state) {
    static const int64_t half_ns = 8333333;
    for (int64_t i = 0; i < 20; i++) current(*state, i * half_ns, 1000 * (i < 10 ? i : 19 - i), half_ns / 2);
    struct pb_recipe recipe = greatest(0, 20 * half_ns);
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 9000, "mA");
    recipe.from.ns = 12 * half_ns;
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 7000, "mA");
    add_event(*state, "dc", 1000, 40000, 0, 0);
    snprintf(recipe.name, sizeof recipe.name, "dc");
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 40000, "mA");
}

/* ---- of several cords together ---- */

static void announce(struct pb_writer *writer, int cord, int64_t at_ns, int64_t ma) {
    add_event(writer, cord == 1 ? "cp.alc" : "cord[2].cp.alc", at_ns, ma, at_ns, 0);
}

static void test_the_greatest_sum_is_of_what_stands_together(void **state) {
    struct pb_recipe recipe = {.extractor = PB_EXTRACT_CURRENT_SUM_MAX,
                               .version = 1,
                               .name = "cp.alc",
                               .from = {1000},
                               .until = {9000},
                               .value_u = 500};
    announce(*state, 1, 2000, 80000);
    struct pb_reading reading = read_with(*state, &recipe);
    check_value(&reading, 80000, 500, "mA");
    announce(*state, 1, 3000, 40000);
    announce(*state, 2, 4000, 40000);
    reading = read_with(*state, &recipe);
    check_value(&reading, 80000, 500, "mA");
    announce(*state, 2, 5000, 0); /* at one instant: no sum of new and old */
    announce(*state, 1, 5000, 80000);
    announce(*state, 1, 6000, 40000);
    announce(*state, 2, 6000, 40000);
    reading = read_with(*state, &recipe);
    check_value(&reading, 80000, 500, "mA");
    announce(*state, 2, 7000, 80000);
    reading = read_with(*state, &recipe);
    check_value(&reading, 120000, 500, "mA");
    recipe.until.ns = 7000; /* what is dated at the end is not yet seen */
    reading = read_with(*state, &recipe);
    check_value(&reading, 80000, 500, "mA");
    recipe.from.ns = 8000; /* what stood counts */
    recipe.until.ns = 9000;
    reading = read_with(*state, &recipe);
    check_value(&reading, 120000, 500, "mA");
}

/* ---- when the current is where it must be ---- */

static struct pb_recipe settles(int64_t least, int64_t most, int64_t from_ns, int64_t until_ns) {
    return (struct pb_recipe){.extractor = PB_EXTRACT_CURRENT_SETTLES,
                              .version = 1,
                              .name = "current",
                              .from = {from_ns},
                              .from_u_ns = 100,
                              .until = {until_ns},
                              .least = least,
                              .most = most};
}

static void test_a_current_has_settled_when_it_comes_in_to_stay(void **state) {
    current(*state, 1000, 30000, 40);
    current(*state, 5000, 16000, 40); /* in */
    current(*state, 6000, 17000, 40); /* out again */
    current(*state, 7000, 15000, 40); /* in, to stay */
    current(*state, 8000, 14000, 40);
    struct pb_recipe recipe = settles(0, 16000, 4000, 9000);
    struct pb_reading reading = read_with(*state, &recipe);
    check_value(&reading, 3000, 140, "ns");
    recipe.until.ns = 7000; /* what is dated at the end is not yet seen */
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_ABSENT, "at the end of the observation 17 A flow");
    recipe.until.ns = 7001;
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 3000, "ns");
}

/* What stands at `from` counts from there, and its date is the start's. */
static void test_a_current_that_was_in_its_bounds_has_settled_at_once(void **state) {
    current(*state, 1000, 10000, 40);
    current(*state, 5000, 12000, 40);
    struct pb_reading reading = read_with(*state, &(struct pb_recipe[]){settles(0, 16000, 1000, 9000)}[0]);
    check_value(&reading, 0, 100, "ns");
    reading = read_with(*state, &(struct pb_recipe[]){settles(0, 11000, 1000, 9000)}[0]);
    check_outcome(&reading, PB_OUTCOME_ABSENT, "12 A flow");
    reading = read_with(*state, &(struct pb_recipe[]){settles(11000, 16000, 1000, 9000)}[0]);
    check_value(&reading, 4000, 140, "ns");
}

static void test_no_event_is_no_current(void **state) {
    struct pb_reading reading = read_with(*state, &(struct pb_recipe[]){settles(0, 999, 1000, 9000)}[0]);
    check_value(&reading, 0, 100, "ns");
    reading = read_with(*state, &(struct pb_recipe[]){settles(1000, 0, 1000, 9000)}[0]);
    check_outcome(&reading, PB_OUTCOME_ABSENT, "0 A flow");
}

/* `most` 0: the first current of at least `least`, whatever comes after. */
static void test_a_beginning_needs_not_stay(void **state) {
    current(*state, 1000, 0, 40);
    current(*state, 3000, 400, 4200);
    current(*state, 4000, 1000, 4200);
    current(*state, 5000, 0, 4200);
    struct pb_reading reading = read_with(*state, &(struct pb_recipe[]){settles(1000, 0, 2000, 9000)}[0]);
    check_value(&reading, 2000, 4300, "ns");
    reading = read_with(*state, &(struct pb_recipe[]){settles(1000, 0, 4000, 9000)}[0]);
    check_value(&reading, 0, 100, "ns");
    reading = read_with(*state, &(struct pb_recipe[]){settles(1000, 0, 5000, 9000)}[0]);
    check_outcome(&reading, PB_OUTCOME_ABSENT, "0 A flow");
}

/* ---- capacitance ---- */

static int16_t counts[100000];

/* 100 periods of PWM of a vehicle in state C with a diode, and all capacitance at the source. */
static void add_edges(struct pb_writer *writer, const char *channel, int64_t period_ns, double farads, double ramp_s,
                      uint64_t seed) {
    struct pb_front_end front_end = {
        .period_num_ns = period_ns, .period_den = 1, .uv_num = 500, .uv_den = 1, .noise_volts = 0.005};
    struct pb_cp_load load = {
        .ohms = 882, .has_diode = true, .diode_volts = 0.7, .short_ohms = INFINITY, .farads = farads};
    struct pb_cp_pwm pwm = {.high_volts = 12,
                            .low_volts = -12,
                            .source_ohms = 1000,
                            .frequency_uhz = INT64_C(1000000000),
                            .duty_ppm = 266667,
                            .first_rise_ns = (int64_t)(seed * 137 % 1000),
                            .ramp_seconds = ramp_s};
    struct pb_sampling sampling = {.period_num_ns = period_ns, .period_den = 1, .uv_num = 500, .uv_den = 1};
    struct pb_synth synth;
    size_t count = (size_t)(100000000 / period_ns);
    pb_synth_init(&synth, &front_end, seed);
    PB_CHECK_TRUE(pb_synth_set_load(&synth, 0, &load) && pb_synth_set_pwm(&synth, 0, &pwm), "PWM");
    pb_synth_make(&synth, counts, count);
    PB_CHECK_OK(pb_writer_capture(writer, PB_INSTANT_ZERO, channel, &sampling, 0, counts, count, &error), &error);
}

static struct pb_recipe capacitance(const char *channel, int64_t count) {
    struct pb_recipe recipe = {.extractor = PB_EXTRACT_CAPACITANCE,
                               .version = 1,
                               .count = count,
                               .load_mohm = 1000000,
                               .u_load_mohm = 3000,
                               .own_ff = 300000,
                               .u_own_ff = 10000};
    snprintf(recipe.name, sizeof recipe.name, "%s", channel);
    return recipe;
}

/* Any capacitance and edge of the standard, sampled at 500 kS/s and faster: within U in at least 95 of 100. */
static void test_capacitance_comes_from_the_falling_edges_within_u(void **state) {
    static const int64_t periods_ns[] = {1000, 2000};
    int within = 0, all = 0;
    for (uint64_t seed = 1; seed <= 120; seed++) {
        char channel[16];
        int64_t period_ns = periods_ns[seed % 2];
        double picofarads = 700 + (double)(seed * 7919 % 4900), ramp_s = 0.2e-6 + 2e-6 * (double)(seed % 7) / 6;
        snprintf(channel, sizeof channel, "cp.%d", (int)seed);
        add_edges(*state, channel, period_ns, picofarads * 1e-12, ramp_s, seed);
        struct pb_recipe recipe = capacitance(channel, 100000000 / period_ns);
        struct pb_reading reading = read_with(*state, &recipe);
        PB_CHECK_TRUE(reading.outcome == PB_OUTCOME_VALUE, "no value: %s", reading.reason);
        int64_t off_ff = reading.quantity.value - (int64_t)(picofarads * 1000 - 300000);
        all++;
        within += off_ff <= reading.quantity.u && -off_ff <= reading.quantity.u;
        PB_CHECK_BETWEEN(off_ff, -2 * reading.quantity.u, 2 * reading.quantity.u, "fF");
        PB_CHECK_BETWEEN(reading.quantity.u, 1, 600000, "fF, a quarter of the limit");
    }
    PB_CHECK_BETWEEN(within, all * 95 / 100, all, "readings within their U");
}

/* With hardly any capacitance the edge is the ramp's, and the reading says no more than that it is little. */
static void test_a_small_capacitance_is_bounded(void **state) {
    add_edges(*state, "cp.little", 1000, 320e-12, 1e-6, 1);
    struct pb_recipe recipe = capacitance("cp.little", 100000);
    struct pb_reading reading = read_with(*state, &recipe);
    PB_CHECK_TRUE(reading.outcome == PB_OUTCOME_VALUE, "no value: %s", reading.reason);
    PB_CHECK_NEAR(reading.quantity.value, 20000, reading.quantity.u, "fF");
    PB_CHECK_BETWEEN(reading.quantity.value + reading.quantity.u, 0, 2400000, "fF");
}

static void test_what_is_far_too_much_is_never_read_as_allowed(void **state) {
    add_edges(*state, "cp.much", 1000, 30e-9, 1e-6, 1);
    struct pb_recipe recipe = capacitance("cp.much", 100000);
    struct pb_reading reading = read_with(*state, &recipe);
    PB_CHECK_TRUE(reading.outcome == PB_OUTCOME_VALUE, "no value: %s", reading.reason);
    PB_CHECK_BETWEEN(reading.quantity.value, 10000000, 31000000, "fF");
}

static void test_a_bench_that_cannot_measure_capacitance_says_so(void **state) {
    add_edges(*state, "cp.slow", 4000, 2e-9, 1e-6, 1);
    struct pb_recipe recipe = capacitance("cp.slow", 25000);
    struct pb_reading reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "not measurable on this bench: samples are more than 2 us apart");
    recipe.own_ff = 0;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "does not state its own capacitance");
    add_edges(*state, "cp.fast", 1000, 2e-9, 1e-6, 1);
    recipe = capacitance("cp.fast", 5000);
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "whole falling edges in the range, 10 are needed");
    recipe.count = 100001;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_LOST, "was not kept");
}

/* ---- energy ---- */

static void line(struct pb_writer *writer, int64_t at_ns, const char *text) {
    add_row(writer, &(struct pb_row){.at = {at_ns}, .kind = PB_ROW_NOTE, .name = "dut.console", .text = text}, NULL);
}

static const int64_t second = 1000000000;

/* 16 A at 120 V for 600 s, then nothing: 320 Wh. */
static struct pb_recipe told(struct pb_writer *writer) {
    current(writer, 10 * second, 16000, 0);
    current(writer, 610 * second, 0, 0);
    return (struct pb_recipe){.extractor = PB_EXTRACT_TOLD_ENERGY,
                              .version = 1,
                              .name = "dut.console",
                              .from = {700 * second},
                              .until = {701 * second},
                              .supply_uv = 120000000,
                              .value_u = 20};
}

static void test_told_energy_is_a_share_of_what_was_counted(void **state) {
    struct pb_recipe recipe = told(*state);
    line(*state, 650 * second, "energy 1 Wh"); /* before the question */
    line(*state, 700 * second + 1, "ok");
    line(*state, 700 * second + 2, "energy 336 Wh");
    struct pb_reading reading = read_with(*state, &recipe);
    check_value(&reading, 1050000, 1313 + 3125, "ppm"); /* 20 mA of 16 A of it, and a Wh of 320 */
    recipe.first_row = 2;                               /* the charging was of a case before */
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "less than 1 Wh");
}

static void test_an_answer_that_is_none_is_absent(void **state) {
    struct pb_recipe recipe = told(*state);
    static const char *const lines[] = {"energy",        "energy Wh",    "energy -3 Wh",
                                        "energy 12 kWh", "Energy 12 Wh", "energy 12"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) line(*state, 700 * second + 1, lines[i]);
    line(*state, 702 * second, "energy 320 Wh");
    struct pb_reading reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_ABSENT, "no line \"energy ... Wh\" on dut.console");
}

/* ---- stays ---- */

static void state_at(struct pb_writer *writer, int64_t at_ns, int64_t before, int64_t now) {
    add_row(writer,
            &(struct pb_row){
                .at = {at_ns}, .kind = PB_ROW_EVENT, .name = "cp.state", .a = now, .b = before, .d = 7, .text = ""},
            NULL);
}

static void test_stays_are_whole_ones_from_the_named_state(void **state) {
    struct pb_recipe recipe = {.extractor = PB_EXTRACT_DWELL_SHORTEST,
                               .version = 1,
                               .name = "cp.state",
                               .from = {1000},
                               .until = {9000},
                               .mask = 1 << 3 | 1 << 4,
                               .mask_before = 1 << 2};
    struct pb_reading reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_ABSENT, "no stay that began and ended");
    state_at(*state, 900, 2, 3); /* began before `from` */
    state_at(*state, 1100, 3, 2);
    state_at(*state, 1200, 5, 3); /* not from state 2 */
    state_at(*state, 1210, 3, 2);
    state_at(*state, 2000, 2, 3); /* 300, a change within the set is none */
    state_at(*state, 2100, 3, 4);
    state_at(*state, 2300, 4, 2);
    state_at(*state, 3000, 2, 4); /* 450 */
    state_at(*state, 3450, 4, 2);
    state_at(*state, 8000, 2, 3); /* does not end */
    reading = read_with(*state, &recipe);
    check_value(&reading, 300, 14, "ns");
    recipe.extractor = PB_EXTRACT_DWELL_LONGEST;
    reading = read_with(*state, &recipe);
    check_value(&reading, 450, 14, "ns");
}

#define WITH(test) cmocka_unit_test_setup_teardown(test, make, run_abandon)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(test_the_greatest_current_is_what_stood_or_came_and_not_what_came_at_the_end),
        WITH(test_without_an_event_no_current_flows),
        WITH(test_events_of_a_case_before_do_not_count),
        WITH(test_half_cycles_and_direct_current_are_read_alike),
        WITH(test_the_greatest_sum_is_of_what_stands_together),
        WITH(test_a_current_has_settled_when_it_comes_in_to_stay),
        WITH(test_a_current_that_was_in_its_bounds_has_settled_at_once),
        WITH(test_no_event_is_no_current),
        WITH(test_a_beginning_needs_not_stay),
        WITH(test_capacitance_comes_from_the_falling_edges_within_u),
        WITH(test_a_small_capacitance_is_bounded),
        WITH(test_what_is_far_too_much_is_never_read_as_allowed),
        WITH(test_a_bench_that_cannot_measure_capacitance_says_so),
        WITH(test_told_energy_is_a_share_of_what_was_counted),
        WITH(test_an_answer_that_is_none_is_absent),
        WITH(test_stays_are_whole_ones_from_the_named_state),
    };
    return cmocka_run_group_tests(tests, run_folder_make, run_folder_remove);
}
