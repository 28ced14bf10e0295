/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DUT statements that are right, and --set. */
#include "harness/setup/dut.h"

#include "tests/support/check.h"

#include <stdio.h>

static struct pb_dut dut_of(const char *text) {
    struct pb_doc *doc;
    struct pb_dut dut;
    struct pb_error error;
    PB_CHECK_OK(pb_doc_read_text("dut.yaml", text, strlen(text), &doc, &error), &error);
    PB_CHECK_OK(pb_dut_bind(doc, &dut, &error), &error);
    return dut;
}
#define SMALL "{pilotbench_dut: 1, name: d, actors: [evse], ics: {rated_current: 16 A}}"

static void test_the_stub_statement_of_the_project_is_read(void **state) {
    (void)state;
    struct pb_dut dut;
    struct pb_error error;
    PB_CHECK_OK(pb_dut_read(PB_SOURCE_DIR "/fixtures/duts/stub-evse.yaml", &dut, &error), &error);
    PB_CHECK_TEXT(dut.name, "Pilotbench stub EVSE");
    PB_CHECK_INT(dut.actors, PB_ACTOR_BIT(PB_ACTOR_EVSE), "(actors)");
    PB_CHECK_TEXT(dut.argv[0], "stub-evse");
    PB_CHECK_INT(dut.ics.rated_current_ma, 16000, "mA");
    PB_CHECK_INT(dut.ixit.power_up_ns, INT64_C(2000000000), "ns");
    pb_dut_finish(&dut);
}

static void test_a_small_statement_has_the_defaults(void **state) {
    (void)state;
    struct pb_dut dut = dut_of(SMALL);
    PB_CHECK_TEXT(dut.maker, "");
    PB_CHECK_TEXT(dut.serial, "");
    PB_CHECK_TRUE(!dut.argv[0], "a program");
    PB_CHECK_TRUE(!dut.ics.ventilation, "ventilation");
    PB_CHECK_INT(dut.ixit.power_up_ns, INT64_C(5000000000), "ns");
    PB_CHECK_INT(dut.ixit.pwm_start_ns, INT64_C(10000000000), "ns");
    pb_dut_finish(&dut);
}

static void test_a_device_can_be_several_actors_or_none(void **state) {
    (void)state;
    struct pb_dut two = dut_of("{pilotbench_dut: 1, name: d, actors: [evse, esci], ics: {rated_current: 16 A}}");
    struct pb_dut none = dut_of("{pilotbench_dut: 1, name: d, actors: [], ics: {rated_current: 16 A}}");
    PB_CHECK_INT(two.actors, PB_ACTOR_BIT(PB_ACTOR_EVSE) | PB_ACTOR_BIT(PB_ACTOR_ESCI), "(actors)");
    PB_CHECK_INT(none.actors, 0, "(actors)");
    pb_dut_finish(&two);
    pb_dut_finish(&none);
}

static void test_actors_are_found_by_name(void **state) {
    (void)state;
    for (int i = 0; i < PB_ACTOR_COUNT; i++) PB_CHECK_INT(pb_actor_find(pb_actor_name((enum pb_actor)i)), i, "(actor)");
    PB_CHECK_INT(pb_actor_find("Evse"), PB_ACTOR_COUNT, "(none)");
    PB_CHECK_TEXT(pb_actor_name(PB_ACTOR_COUNT), "?");
}

static void test_arguments_are_taken_in_order_and_may_be_empty_texts(void **state) {
    (void)state;
    struct pb_dut dut =
        dut_of("{pilotbench_dut: 1, name: d, actors: [evse], process: [./a b, -x, \"\"], ics: {rated_current: 16 A}}");
    PB_CHECK_TEXT(dut.argv[0], "./a b");
    PB_CHECK_TEXT(dut.argv[1], "-x");
    PB_CHECK_TEXT(dut.argv[2], "");
    PB_CHECK_TRUE(!dut.argv[3], "a fourth");
    pb_dut_finish(&dut);
}

static void test_a_device_can_be_several_processes_one_an_actor(void **state) {
    (void)state;
    struct pb_dut dut =
        dut_of("{pilotbench_dut: 1, name: d, actors: [evse, eumd, esci], processes: [{actor: esci, argv: [a, -x]}, "
               "{actor: evse, argv: [b]}], ics: {rated_current: 16 A}}");
    PB_CHECK_INT(dut.process_count, 2, "processes");
    PB_CHECK_INT(dut.processes[0].actor, PB_ACTOR_ESCI, "(actor)");
    PB_CHECK_TEXT(dut.processes[0].argv[1], "-x");
    PB_CHECK_TRUE(!dut.processes[0].argv[2], "a third");
    PB_CHECK_INT(dut.processes[1].actor, PB_ACTOR_EVSE, "(actor)");
    PB_CHECK_TEXT(dut.processes[1].argv[0], "b");
    PB_CHECK_TEXT(dut.argv[0], "a");
    pb_dut_finish(&dut);
}

static void test_one_process_is_greeted_as_the_first_actor_of_the_device(void **state) {
    (void)state;
    static const struct {
        const char *actors;
        enum pb_actor actor;
    } rows[] = {{"evse, eumd", PB_ACTOR_EVSE},
                {"esci, evse", PB_ACTOR_EVSE},
                {"esci", PB_ACTOR_ESCI},
                {"utility", PB_ACTOR_UTILITY},
                {"esci, utility", PB_ACTOR_ESCI},
                {"pev", PB_ACTOR_PEV},
                {"", PB_ACTOR_EVSE}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[200];
        snprintf(text, sizeof text,
                 "{pilotbench_dut: 1, name: d, actors: [%s], process: [a], ics: {rated_current: 16 A}}",
                 rows[i].actors);
        struct pb_dut dut = dut_of(text);
        PB_CHECK_INT(dut.process_count, 1, "processes");
        PB_CHECK_INT(dut.processes[0].actor, rows[i].actor, rows[i].actors);
        pb_dut_finish(&dut);
    }
    struct pb_dut none = dut_of(SMALL);
    PB_CHECK_INT(none.process_count, 0, "processes");
    pb_dut_finish(&none);
}

static void test_the_peers_statements_of_the_project_are_read(void **state) {
    (void)state;
    static const struct {
        const char *path, *program;
        unsigned actors;
        size_t processes;
    } rows[] = {{"/fixtures/duts/stub-esci.yaml", "stub-esci", PB_ACTOR_BIT(PB_ACTOR_ESCI), 1},
                {"/fixtures/duts/stub-utility.yaml", "stub-utility", PB_ACTOR_BIT(PB_ACTOR_UTILITY), 1},
                {"/fixtures/duts/stub-evse-esci.yaml", "stub-evse",
                 PB_ACTOR_BIT(PB_ACTOR_EVSE) | PB_ACTOR_BIT(PB_ACTOR_EUMD) | PB_ACTOR_BIT(PB_ACTOR_ESCI), 2}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_dut dut;
        struct pb_error error;
        char path[4200];
        snprintf(path, sizeof path, "%s%s", PB_SOURCE_DIR, rows[i].path);
        PB_CHECK_OK(pb_dut_read(path, &dut, &error), &error);
        PB_CHECK_INT(dut.actors, rows[i].actors, "(actors)");
        PB_CHECK_INT(dut.process_count, rows[i].processes, "processes");
        PB_CHECK_TEXT(dut.processes[0].argv[0], rows[i].program);
        pb_dut_finish(&dut);
    }
}

static void test_set_changes_one_value_of_either_table(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_dut dut = dut_of(SMALL);
    PB_CHECK_OK(pb_dut_set(&dut, "rated_current=32 A", &error), &error);
    PB_CHECK_OK(pb_dut_set(&dut, "ventilation=true", &error), &error);
    PB_CHECK_OK(pb_dut_set(&dut, "power_up=1.5 s", &error), &error);
    PB_CHECK_INT(dut.ics.rated_current_ma, 32000, "mA");
    PB_CHECK_TRUE(dut.ics.ventilation, "not set");
    PB_CHECK_INT(dut.ixit.power_up_ns, 1500000000, "ns");
    pb_dut_finish(&dut);
}

static void test_a_set_that_is_refused_changes_nothing(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "rated_current=5 A", "rated_current", "rated_current=", "rated=16 A", "ventilation=yes", "=", ""};
    struct pb_error error;
    struct pb_dut dut = dut_of(SMALL);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        PB_CHECK_INT(pb_dut_set(&dut, wrong[i], &error), PB_ERR_INPUT, "(status)");
        PB_CHECK_CONTAINS(error.where, "--set");
        PB_CHECK_CONTAINS(error.text, "found");
        PB_CHECK_INT(dut.ics.rated_current_ma, 16000, "mA");
    }
    pb_dut_finish(&dut);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_stub_statement_of_the_project_is_read),
        cmocka_unit_test(test_a_small_statement_has_the_defaults),
        cmocka_unit_test(test_a_device_can_be_several_actors_or_none),
        cmocka_unit_test(test_actors_are_found_by_name),
        cmocka_unit_test(test_arguments_are_taken_in_order_and_may_be_empty_texts),
        cmocka_unit_test(test_a_device_can_be_several_processes_one_an_actor),
        cmocka_unit_test(test_one_process_is_greeted_as_the_first_actor_of_the_device),
        cmocka_unit_test(test_the_peers_statements_of_the_project_are_read),
        cmocka_unit_test(test_set_changes_one_value_of_either_table),
        cmocka_unit_test(test_a_set_that_is_refused_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
