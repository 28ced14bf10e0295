/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extractors over recorded samples and events of known properties. */
#include "pilot_emulator/node.h"
#include "tests/judge/judged_run.h"
#include "tests/record/run_files.h"
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>

static void check_value(const struct pb_reading *reading, int64_t expected, int64_t u_max, enum pb_unit unit) {
    const char *step = pb_unit_step_name(unit);
    PB_CHECK_TRUE(reading->outcome == PB_OUTCOME_VALUE, "no value: %s", reading->reason);
    PB_CHECK_INT(reading->quantity.unit, unit, "(unit)");
    PB_CHECK_BETWEEN(reading->quantity.u, 1, u_max, step);
    PB_CHECK_NEAR(reading->quantity.value, expected, reading->quantity.u, step);
}

static int make_pilot(void **state) {
    struct pb_writer *writer = run_create(run_path("pilot.pbrun"));
    add_pilot(writer);
    add_saturated_pilot(writer);
    add_slow_pilot(writer);
    *state = writer;
    return 0;
}

static int make_empty(void **state) {
    *state = run_create(run_path("events.pbrun"));
    return 0;
}

static void test_pilot_extractors_read_the_known_pilot_within_u(void **state) {
    struct pb_cp_drive drive = {.open_volts = 12, .source_ohms = 1000};
    struct pb_cp_load load = {.ohms = 2740, .has_diode = true, .diode_volts = 0.7, .short_ohms = INFINITY};
    struct pb_reading reading = read_with(*state, &(struct pb_recipe[]){recipe_of(PB_EXTRACT_PILOT_HIGH)}[0]);
    check_value(&reading, (int64_t)(pb_cp_node_settled(&drive, &load) * 1e6), 60000, PB_UNIT_VOLT);
    reading = read_with(*state, &(struct pb_recipe[]){recipe_of(PB_EXTRACT_PILOT_LOW)}[0]);
    check_value(&reading, -12000000, 60000, PB_UNIT_VOLT);
    reading = read_with(*state, &(struct pb_recipe[]){recipe_of(PB_EXTRACT_PILOT_FREQUENCY)}[0]);
    check_value(&reading, PILOT_HZ * INT64_C(1000000), 500000, PB_UNIT_HERTZ);
    reading = read_with(*state, &(struct pb_recipe[]){recipe_of(PB_EXTRACT_PILOT_DUTY)}[0]);
    check_value(&reading, PILOT_DUTY_PPM, 3000, PB_UNIT_PERCENT);
}

static void test_source_resistance_comes_from_an_open_and_a_loaded_level(void **state) {
    struct pb_recipe recipe = recipe_of(PB_EXTRACT_SOURCE_RESISTANCE);
    struct pb_reading reading = read_with(*state, &recipe);
    check_value(&reading, 1000000, 20000, PB_UNIT_OHM);
    int64_t u = reading.quantity.u;
    recipe.version = 2; /* 1 % of the load is 1 % of the result, added linearly until then */
    int64_t u_linear = read_with(*state, &recipe).quantity.u;
    PB_CHECK_BETWEEN(u, 100, u_linear - 1, "mohm");
    recipe.u_load_mohm += 27400;
    PB_CHECK_NEAR(read_with(*state, &recipe).quantity.u - u_linear, 10000, 200, "mohm");
    recipe.version = 3;
    PB_CHECK_BETWEEN(read_with(*state, &recipe).quantity.u, 10000, 10000 + u - 1, "mohm");
    recipe.first2 = recipe.first;
    recipe.count2 = recipe.count;
    recipe.diode_uv = INT64_MIN;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "no resistance");
    recipe = recipe_of(PB_EXTRACT_SOURCE_RESISTANCE);
    recipe.first2 = STEADY_FIRST - 1000;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_LOST, "was not kept");
}

static void test_a_level_is_referred_to_12_v_open(void **state) {
    struct pb_recipe loaded = recipe_of(PB_EXTRACT_PILOT_HIGH), recipe = recipe_of(PB_EXTRACT_LEVEL_AT_12V);
    struct pb_reading level = read_with(*state, &loaded), reading = read_with(*state, &recipe);
    check_value(&reading, level.quantity.value, 60000, PB_UNIT_VOLT); /* the pilot is open at 12 V */
    recipe.first = recipe.first2; /* the open level itself becomes 12 V, whatever it is */
    recipe.count = recipe.count2;
    reading = read_with(*state, &recipe);
    PB_CHECK_INT(reading.quantity.value, 12000000, "uV");
    recipe.first2 =
        recipe_of(PB_EXTRACT_LEVEL_AT_12V).first; /* open 9 V, loaded 12 V: (12 - 0.7) (11.3) / (9 - 0.7) + 0.7 */
    recipe.count2 = recipe_of(PB_EXTRACT_LEVEL_AT_12V).count;
    reading = read_with(*state, &recipe);
    check_value(&reading, 16080000, 200000, PB_UNIT_VOLT);
    recipe.diode_uv = 12000000;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "tells nothing");
}

static void test_a_steady_pilot_has_a_level_but_no_period(void **state) {
    struct pb_recipe recipe = recipe_of(PB_EXTRACT_PILOT_HIGH);
    recipe.first = STEADY_FIRST;
    recipe.count = STEADY_COUNT;
    struct pb_reading reading = read_with(*state, &recipe);
    check_value(&reading, 12000000, 60000, PB_UNIT_VOLT);
    recipe.extractor = PB_EXTRACT_PILOT_DUTY;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "no whole PWM period in 5000 samples");
    recipe.extractor = PB_EXTRACT_PILOT_FREQUENCY;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "no whole PWM period");
    recipe.extractor = PB_EXTRACT_PILOT_LOW;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "no settled plateau");
}

static void test_a_saturated_converter_has_no_level(void **state) {
    struct pb_recipe recipe = recipe_of(PB_EXTRACT_PILOT_HIGH);
    strcpy(recipe.name, "cp.small");
    struct pb_reading reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "end of the converter's range");
}

static void test_edges_are_numbers_only_where_the_bench_is_fast_enough(void **state) {
    static const enum pb_extractor edges[] = {PB_EXTRACT_PILOT_RISE, PB_EXTRACT_PILOT_FALL};
    for (int i = 0; i < 2; i++) {
        struct pb_recipe recipe = recipe_of(edges[i]);
        struct pb_reading reading = read_with(*state, &recipe);
        PB_CHECK_INT(reading.outcome, PB_OUTCOME_VALUE, "(outcome)");
        PB_CHECK_BETWEEN(reading.quantity.value, 2000, 7000, "ns");
        recipe.most = 2000;
        reading = read_with(*state, &recipe);
        check_outcome(&reading, PB_OUTCOME_UNREADABLE,
                      "not measurable on this bench: sampled every 4 us, more than a third of the limit (666 ns)");
        recipe.most = 0;
        reading = read_with(*state, &recipe);
        check_outcome(&reading, PB_OUTCOME_UNREADABLE, "not measurable on this bench: sampled every 4 us");
        recipe = recipe_of(edges[i]);
        strcpy(recipe.name, "cp.small");
        reading = read_with(*state, &recipe);
        check_outcome(&reading, PB_OUTCOME_UNREADABLE,
                      "not measurable on this bench: its front end's own rise time is not known");
        strcpy(recipe.name, "cp.slow");
        reading = read_with(*state, &recipe);
        check_outcome(&reading, PB_OUTCOME_UNREADABLE,
                      "not measurable on this bench: its front end itself takes 20 us, more than a third of the limit");
        recipe = recipe_of(edges[i]);
        recipe.first = STEADY_FIRST;
        recipe.count = STEADY_COUNT;
        reading = read_with(*state, &recipe);
        check_outcome(&reading, PB_OUTCOME_UNREADABLE, "no whole edge between settled plateaus in 5000 samples");
    }
}

static void test_samples_that_were_not_kept_are_lost(void **state) {
    struct pb_recipe recipe = recipe_of(PB_EXTRACT_PILOT_HIGH);
    recipe.count = STEADY_FIRST;
    struct pb_reading reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_LOST, "sample 26000 of cp.sense was not kept");
    strcpy(recipe.name, "nothing");
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_LOST, "sample 1000 of nothing was not kept");
    recipe.count = 0;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "no samples");
}

static void test_a_recipe_of_another_version_cannot_be_read(void **state) {
    struct pb_recipe recipe = recipe_of(PB_EXTRACT_PILOT_HIGH);
    recipe.version = 4;
    struct pb_reading reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "pilot_high version 4, this program has up to version 3");
    recipe.version = 0;
    reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_UNREADABLE, "pilot_high version 0, this program has up to version 3");
}

/* Their bits are held by test_pilot_meter and test_pilot_periods. */
static void test_versions_1_and_2_are_still_read(void **state) {
    struct pb_recipe recipe = recipe_of(PB_EXTRACT_PILOT_HIGH);
    struct pb_reading now = read_with(*state, &recipe);
    for (recipe.version = 1; recipe.version < 3; recipe.version++) {
        struct pb_reading reading = read_with(*state, &recipe);
        check_value(&reading, now.quantity.value, 60000, PB_UNIT_VOLT);
    }
    recipe = recipe_of(PB_EXTRACT_PILOT_DUTY);
    now = read_with(*state, &recipe);
    for (recipe.version = 1; recipe.version < 3; recipe.version++) {
        struct pb_reading reading = read_with(*state, &recipe);
        check_value(&reading, now.quantity.value, 3000, PB_UNIT_PERCENT);
    }
}

/* The bits of a pilot reading must not depend on how the samples were cut into captures. */
static void test_a_range_within_the_captures_reads_the_same_from_any_writer(void **state) {
    struct pb_recipe recipe = recipe_of(PB_EXTRACT_PILOT_DUTY);
    recipe.first += 1234;
    recipe.count = 20000;
    struct pb_reading a = read_with(*state, &recipe);
    struct pb_writer *other = run_create(run_path("again.pbrun"));
    add_pilot(other);
    struct pb_reading b = read_with(other, &recipe);
    pb_writer_abandon(other);
    PB_CHECK_INT(a.quantity.value, b.quantity.value, "ppm");
    PB_CHECK_INT(a.quantity.u, b.quantity.u, "ppm");
}

static void test_span_ends_at_the_first_event_after_from_up_to_until(void **state) {
    static const struct {
        int64_t at_ns;
        bool is_taken;
    } rows[] = {{999, false}, {1000, false}, {1001, true}, {5000, true}, {5001, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[8];
        snprintf(name, sizeof name, "e%zu", i);
        add_event(*state, name, rows[i].at_ns, 1, 0, 30);
        struct pb_recipe recipe = {
            .extractor = PB_EXTRACT_SPAN_TO_FIRST, .version = 1, .from = {1000}, .from_u_ns = 12, .until = {5000}};
        snprintf(recipe.name, sizeof recipe.name, "%s", name);
        struct pb_reading reading = read_with(*state, &recipe);
        if (rows[i].is_taken) {
            PB_CHECK_INT(reading.outcome, PB_OUTCOME_VALUE, "(outcome)");
            PB_CHECK_INT(reading.quantity.value, rows[i].at_ns - 1000, "ns");
            PB_CHECK_INT(reading.quantity.u, 42, "ns, the sum of both dates' U");
        } else check_outcome(&reading, PB_OUTCOME_ABSENT, "within 4 us");
    }
}

/* u 30 of the event and 12 of `from`: 42 ns in all. */
static void test_span_of_version_2_takes_an_event_that_may_have_come_after_from(void **state) {
    static const struct {
        int64_t at_ns;
        bool is_taken;
    } rows[] = {{957, false}, {958, false}, {959, true}, {1000, true}, {5000, true}, {5001, false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char name[8];
        snprintf(name, sizeof name, "e%zu", i);
        add_event(*state, name, rows[i].at_ns, 1, 0, 30);
        struct pb_recipe recipe = {
            .extractor = PB_EXTRACT_SPAN_TO_FIRST, .version = 2, .from = {1000}, .from_u_ns = 12, .until = {5000}};
        snprintf(recipe.name, sizeof recipe.name, "%s", name);
        struct pb_reading reading = read_with(*state, &recipe);
        if (rows[i].is_taken) PB_CHECK_INT(reading.quantity.value, rows[i].at_ns - 1000, "ns");
        else check_outcome(&reading, PB_OUTCOME_ABSENT, "within 4 us");
    }
}

static void test_span_takes_only_values_of_the_mask(void **state) {
    add_event(*state, "cp.state", 2000, 3, 0, 0);
    add_event(*state, "cp.state", 3000, 63, 0, 0);
    add_event(*state, "cp.state", 3500, 64, 0, 0);
    add_event(*state, "cp.state", 3600, -1, 0, 0);
    struct pb_recipe recipe = {.extractor = PB_EXTRACT_SPAN_TO_FIRST,
                               .version = 1,
                               .name = "cp.state",
                               .from = {1000},
                               .until = {5000},
                               .mask = UINT64_C(1) << 63 | 1 << 2};
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 2000, "ns");
    recipe.mask = 1 << 2;
    struct pb_reading reading = read_with(*state, &recipe);
    check_outcome(&reading, PB_OUTCOME_ABSENT, "no matching event \"cp.state\" within 4 us");
}

static void test_span_may_count_to_the_other_date(void **state) {
    add_event(*state, "a", 900, 1, 3000, 0);  /* began before from, ended after it */
    add_event(*state, "b", 4000, 1, 6000, 0); /* ended after until */
    add_event(*state, "c", 6000, 1, 4000, 0); /* dated after until: a live judge may not have seen it */
    struct pb_recipe recipe = {.extractor = PB_EXTRACT_SPAN_TO_FIRST,
                               .version = 1,
                               .name = "a",
                               .from = {1000},
                               .until = {5000},
                               .use_other_date = true};
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 2000, "ns");
    recipe.name[0] = 'b';
    PB_CHECK_INT(read_with(*state, &recipe).outcome, PB_OUTCOME_ABSENT, "(outcome)");
    recipe.name[0] = 'c';
    PB_CHECK_INT(read_with(*state, &recipe).outcome, PB_OUTCOME_ABSENT, "(outcome)");
}

static void test_count_takes_from_and_leaves_until(void **state) {
    for (int64_t at = 999; at <= 1004; at++) add_event(*state, "e", at, at % 2, 0, 0);
    add_event(*state, "f", 1001, 1, 0, 0);
    struct pb_recipe recipe = {
        .extractor = PB_EXTRACT_COUNT_EVENTS, .version = 1, .name = "e", .from = {1000}, .until = {1004}};
    struct pb_reading reading = read_with(*state, &recipe);
    PB_CHECK_INT(reading.quantity.value, 4, "events");
    PB_CHECK_INT(reading.quantity.u, 0, "events");
    PB_CHECK_INT(reading.quantity.unit, PB_UNIT_NONE, "(unit)");
    recipe.mask = 1 << 1;
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 2, "events");
    recipe.until = recipe.from;
    PB_CHECK_INT(read_with(*state, &recipe).quantity.value, 0, "events");
}

#define WITH(test, make) cmocka_unit_test_setup_teardown(test, make, run_abandon)

int main(void) {
    const struct CMUnitTest tests[] = {
        WITH(test_pilot_extractors_read_the_known_pilot_within_u, make_pilot),
        WITH(test_a_level_is_referred_to_12_v_open, make_pilot),
        WITH(test_source_resistance_comes_from_an_open_and_a_loaded_level, make_pilot),
        WITH(test_a_steady_pilot_has_a_level_but_no_period, make_pilot),
        WITH(test_a_saturated_converter_has_no_level, make_pilot),
        WITH(test_edges_are_numbers_only_where_the_bench_is_fast_enough, make_pilot),
        WITH(test_samples_that_were_not_kept_are_lost, make_pilot),
        WITH(test_a_recipe_of_another_version_cannot_be_read, make_pilot),
        WITH(test_versions_1_and_2_are_still_read, make_pilot),
        WITH(test_a_range_within_the_captures_reads_the_same_from_any_writer, make_pilot),
        WITH(test_span_ends_at_the_first_event_after_from_up_to_until, make_empty),
        WITH(test_span_of_version_2_takes_an_event_that_may_have_come_after_from, make_empty),
        WITH(test_span_takes_only_values_of_the_mask, make_empty),
        WITH(test_span_may_count_to_the_other_date, make_empty),
        WITH(test_count_takes_from_and_leaves_until, make_empty),
    };
    return cmocka_run_group_tests(tests, run_folder_make, run_folder_remove);
}
