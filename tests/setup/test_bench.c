/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bench files that are right. What is wrong with the others is told by the files of tests/inputs. */
#include "harness/setup/bench.h"

#include "tests/support/check.h"

#include <stdio.h>

#define SAFE                                                                                                               \
    "safe:\n  - {output: world.draw}\n  - {output: world.residual}\n  - {output: world.s2, settle: 5 ms}\n"                \
    "  - {output: world.mains}\n  - {output: world.cp_short}\n  - {output: world.diode_short}\n  - {output: world.plug}\n" \
    "  - {output: world.pe_break}\n  - {output: world.no_vent}\n"

/* A bench of one instrument with these lines in it. */
static struct pb_bench bench_of(const char *params, const char *more) {
    char text[2000];
    struct pb_doc *doc;
    struct pb_bench bench;
    struct pb_error error;
    snprintf(text, sizeof text,
             "pilotbench_bench: 1\nname: small\ninstruments:\n  world: {driver: virtual%s}\n" SAFE "%s", params, more);
    PB_CHECK_OK(pb_doc_read_text("bench.yaml", text, strlen(text), &doc, &error), &error);
    PB_CHECK_OK(pb_bench_bind(doc, &bench, &error), &error);
    return bench;
}

#define SAFE_SECOND                                                                                                    \
    "  - {output: world.cord2_draw}\n  - {output: world.cord2_s2}\n  - {output: world.cord2_plug}\n"                   \
    "  - {output: world.cord2_cp_short}\n  - {output: world.cord2_diode_short}\n"                                      \
    "  - {output: world.cord2_residual}\n"

static void test_a_cord_s_role_is_its_own_but_for_what_a_station_has_once(void **state) {
    (void)state;
    char name[PB_ROLE_NAME_SIZE];
    PB_CHECK_TEXT(pb_bench_cord_role(0, "coupler", name), "coupler");
    PB_CHECK_TEXT(pb_bench_cord_role(1, "coupler", name), "cord[2].coupler");
    PB_CHECK_TEXT(pb_bench_cord_role(1, "cp.load.s2", name), "cord[2].cp.load.s2");
    PB_CHECK_TEXT(pb_bench_cord_role(1, "mains.switch", name), "mains.switch");
    PB_CHECK_TEXT(pb_bench_cord_role(1, "pe.break", name), "pe.break");
}

static void test_the_bench_of_the_project_is_read(void **state) {
    (void)state;
    struct pb_bench bench;
    struct pb_error error;
    PB_CHECK_OK(pb_bench_read(PB_SOURCE_DIR "/fixtures/benches/virtual.yaml", &bench, &error), &error);
    PB_CHECK_TEXT(bench.name, "virtual");
    PB_CHECK_INT(bench.clock, PB_CLOCK_SIMULATED, "(clock)");
    PB_CHECK_INT(bench.instrument_count, 1, "instruments");
    PB_CHECK_TEXT(bench.instruments[0].name, "world");
    PB_CHECK_TEXT(bench.instruments[0].driver->name, "virtual");
    pb_bench_finish(&bench);
}

static void test_the_bench_that_can_play_the_evse_is_read_and_makes_its_generator_safe(void **state) {
    (void)state;
    struct pb_bench bench;
    struct pb_error error;
    bool is_source_safe = false;
    PB_CHECK_OK(pb_bench_read(PB_SOURCE_DIR "/fixtures/benches/virtual-evse.yaml", &bench, &error), &error);
    PB_CHECK_TRUE(pb_bench_role(&bench, "cp.source.duty") < bench.role_count, "no generator");
    for (size_t i = 0; i < bench.safe_count; i++)
        is_source_safe |= strcmp(bench.instruments[0].channels[bench.safe[i].channel].role, "cp.source") == 0;
    PB_CHECK_TRUE(is_source_safe, "the generator is not made safe");
    pb_bench_finish(&bench);
}

static void test_a_bench_that_says_nothing_of_measuring_has_the_defaults(void **state) {
    (void)state;
    struct pb_bench bench = bench_of("", "");
    PB_CHECK_INT(bench.measuring.settle_ns, 5000000, "ns");
    PB_CHECK_INT(bench.measuring.window_ns, 40000000, "ns");
    PB_CHECK_INT(bench.measuring.think_min_ns, 200000000, "ns");
    PB_CHECK_INT(bench.measuring.think_max_ns, 1200000000, "ns");
    PB_CHECK_INT(bench.measuring.charger_ma, 16000, "mA");
    PB_CHECK_INT(bench.measuring.hang_ns, INT64_C(10000000000), "ns");
    pb_bench_finish(&bench);
}

static void test_what_a_bench_says_of_measuring_wins_and_the_rest_stays(void **state) {
    (void)state;
    struct pb_bench bench = bench_of("", "measuring: {window: 100 ms, charger: 32 A}\n");
    PB_CHECK_INT(bench.measuring.window_ns, 100000000, "ns");
    PB_CHECK_INT(bench.measuring.charger_ma, 32000, "mA");
    PB_CHECK_INT(bench.measuring.settle_ns, 5000000, "ns");
    pb_bench_finish(&bench);
}

static int64_t config_of(const struct pb_bench *bench, const char *name) {
    const struct pb_driver *driver = bench->instruments[0].driver;
    int64_t value = -1;
    for (size_t i = 0; i < driver->param_count; i++)
        if (strcmp(driver->params[i].name, name) == 0)
            memcpy(&value, (const char *)bench->instruments[0].config + driver->params[i].offset, sizeof value);
    return value;
}

static void test_an_instruments_parameters_are_read_by_its_drivers_table(void **state) {
    (void)state;
    struct pb_bench bench = bench_of(", sample_rate: 1 MHz, poles: 4", "");
    PB_CHECK_INT(config_of(&bench, "sample_rate"), INT64_C(1000000000000), "uHz");
    PB_CHECK_INT(config_of(&bench, "poles"), 4, "poles");
    PB_CHECK_INT(config_of(&bench, "range"), 15000000, "uV");
    pb_bench_finish(&bench);
}

static void test_every_role_is_bound_to_the_channel_that_can_play_it(void **state) {
    (void)state;
    struct pb_bench bench =
        bench_of(", poles: 4, cords: 2, source: bench, scope_rate: 20 MHz",
                 "  - {output: world.source}\n  - {output: world.contactor}\n  - {output: world.s3}\n" SAFE_SECOND);
    const struct pb_driver *driver = bench.instruments[0].driver;
    PB_CHECK_INT(bench.role_count, driver->channel_count, "roles");
    for (size_t i = 0; i < driver->channel_count; i++) {
        size_t role = pb_bench_role(&bench, driver->channels[i].role);
        PB_CHECK_TRUE(role < bench.role_count, "%s", driver->channels[i].role);
        PB_CHECK_TEXT(pb_bench_channel(&bench, role)->name, driver->channels[i].name);
    }
    PB_CHECK_INT(pb_bench_role(&bench, "no.such.role"), bench.role_count, "(none)");
    pb_bench_finish(&bench);
}

static void test_a_device_of_a_profile_plays_the_roles_that_the_profile_says(void **state) {
    (void)state;
    char text[2000];
    struct pb_doc *doc;
    struct pb_bench bench;
    struct pb_error error;
    snprintf(text, sizeof text,
             "pilotbench_bench: 1\nname: metered\nclock: wall\ninstruments:\n"
             "  meter: {driver: modbus, profile: " PB_SOURCE_DIR
             "/fixtures/instruments/eastron-sdm120.yaml, link: 'tcp:192.0.2.7:502'}\nsafe: []\n");
    PB_CHECK_OK(pb_doc_read_text("bench.yaml", text, strlen(text), &doc, &error), &error);
    PB_CHECK_OK(pb_bench_bind(doc, &bench, &error), &error);
    size_t role = pb_bench_role(&bench, "eumd.energy");
    PB_CHECK_TRUE(role < bench.role_count, "the meter plays no eumd.energy");
    PB_CHECK_INT(bench.roles[role].instrument, 0, "(instrument)");
    PB_CHECK_TEXT(pb_bench_channel(&bench, role)->name, "energy_in");
    PB_CHECK_INT(bench.instruments[0].channel_count, 6, "channels");
    pb_bench_finish(&bench);
}

static void test_a_channel_that_the_configuration_lacks_plays_no_role(void **state) {
    (void)state;
    struct pb_bench bench = bench_of(", poles: 2", "");
    PB_CHECK_TRUE(pb_bench_role(&bench, "contactor.sense[1]") < bench.role_count, "the second pole is not bound");
    PB_CHECK_INT(pb_bench_role(&bench, "contactor.sense[2]"), bench.role_count, "(none)");
    PB_CHECK_INT(pb_bench_role(&bench, "cp.source"), bench.role_count, "(none)");
    PB_CHECK_INT(pb_bench_role(&bench, "inlet.latch"), bench.role_count, "(none)");
    pb_bench_finish(&bench);
}

static void test_a_role_that_the_file_names_is_bound_once(void **state) {
    (void)state;
    struct pb_bench bench = bench_of("", "roles: {mains.switch: world.mains}\n");
    size_t role = pb_bench_role(&bench, "mains.switch"), same = 0;
    PB_CHECK_INT(role, 0, "(first)");
    PB_CHECK_TEXT(pb_bench_channel(&bench, role)->name, "mains");
    for (size_t i = 0; i < bench.role_count; i++) same += strcmp(bench.roles[i].role, "mains.switch") == 0;
    PB_CHECK_INT(same, 1, "bindings");
    pb_bench_finish(&bench);
}

static void test_outputs_are_made_safe_in_the_order_of_the_file(void **state) {
    (void)state;
    static const char *const order[] = {"draw",        "residual", "s2",       "mains",  "cp_short",
                                        "diode_short", "plug",     "pe_break", "no_vent"};
    struct pb_bench bench = bench_of("", "");
    PB_CHECK_INT(bench.safe_count, 9, "outputs");
    for (size_t i = 0; i < bench.safe_count; i++)
        PB_CHECK_TEXT(bench.instruments[0].channels[bench.safe[i].channel].name, order[i]);
    PB_CHECK_INT(bench.safe[2].settle.ns, 5000000, "ns");
    PB_CHECK_INT(bench.safe[3].settle.ns, 0, "ns");
    pb_bench_finish(&bench);
}

static void test_a_bench_that_is_refused_leaves_the_callers_one_alone(void **state) {
    (void)state;
    struct pb_bench bench = {.name = "before"};
    struct pb_error error;
    struct pb_doc *doc;
    static const char text[] = "pilotbench_bench: 1\nname: small\ninstruments: {world: {driver: virtual}}\nsafe: []\n";
    PB_CHECK_OK(pb_doc_read_text("bench.yaml", text, sizeof text - 1, &doc, &error), &error);
    PB_CHECK_INT(pb_bench_bind(doc, &bench, &error), PB_ERR_INPUT, "(status)");
    PB_CHECK_TEXT(error.where, "bench.yaml:4:7");
    PB_CHECK_CONTAINS(error.text, "expected every output in the safe order");
    PB_CHECK_TEXT(bench.name, "before");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_cord_s_role_is_its_own_but_for_what_a_station_has_once),
        cmocka_unit_test(test_the_bench_of_the_project_is_read),
        cmocka_unit_test(test_the_bench_that_can_play_the_evse_is_read_and_makes_its_generator_safe),
        cmocka_unit_test(test_a_bench_that_says_nothing_of_measuring_has_the_defaults),
        cmocka_unit_test(test_what_a_bench_says_of_measuring_wins_and_the_rest_stays),
        cmocka_unit_test(test_an_instruments_parameters_are_read_by_its_drivers_table),
        cmocka_unit_test(test_every_role_is_bound_to_the_channel_that_can_play_it),
        cmocka_unit_test(test_a_device_of_a_profile_plays_the_roles_that_the_profile_says),
        cmocka_unit_test(test_a_channel_that_the_configuration_lacks_plays_no_role),
        cmocka_unit_test(test_a_role_that_the_file_names_is_bound_once),
        cmocka_unit_test(test_outputs_are_made_safe_in_the_order_of_the_file),
        cmocka_unit_test(test_a_bench_that_is_refused_leaves_the_callers_one_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
