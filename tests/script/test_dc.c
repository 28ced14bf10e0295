/* SPDX-License-Identifier: GPL-3.0-or-later */
/* S3-DC: what it asks of bench and device. The use case is the tree's own; the bench gets its HLC modem as a role that nothing is bound to, for no driver
 * has one yet: a plan needs no more. */
#include "tests/script/loaded.h"

#include "tests/support/check.h"

static const char suite[] = PB_SOURCE_DIR "/test_suites/use_cases/S3.lua";

/* Loads one case of S3.lua for an EVSE and the public limits. */
static void load_case(struct loaded *loaded, const char *name, bool has_modem, bool says_dc) {
    loaded_setup(loaded, "evse");
    pb_limits_finish(&loaded->limits);
    PB_CHECK_OK(pb_limits_read(PB_SOURCE_DIR "/fixtures/limits/j1772-iec61851.yaml", &loaded->limits, &loaded->error),
                &loaded->error);
    if (has_modem) loaded->bench.roles[loaded->bench.role_count++] = (struct pb_bench_role){"hlc", 0, 0};
    loaded->dut.ics.dc_hlc = says_dc;
    PB_CHECK_OK(pb_script_load(suite, name, &loaded->setup, &loaded->plan, &loaded->error), &loaded->error);
    PB_CHECK_INT(loaded->plan.case_count, 1, "cases");
}

/* The duty's limits, ppm: of the only check that there is of it. */
static const struct pb_limit *duty_of(const struct loaded *loaded) {
    const struct pb_limit *found = NULL;
    for (size_t i = 0; i < loaded->plan.check_count; i++) {
        if (loaded->plan.checks[i].extractor != PB_EXTRACT_PILOT_DUTY) continue;
        PB_CHECK_TRUE(!found, "%s is a second check of the duty", loaded->plan.checks[i].id);
        found = &loaded->plan.checks[i].limit;
    }
    return found;
}

static void check_not_run(const struct loaded *loaded, const char *reason) {
    PB_CHECK_TEXT(loaded->plan.cases[0].reason, reason);
    PB_CHECK_INT(loaded->plan.check_count, 0, "checks");
    for (size_t i = 0; i < loaded->plan.step_count; i++)
        PB_CHECK_INT(loaded->plan.steps[i].mode, PB_STEP_NOT_RUN, "(mode)");
}

static void test_a_bench_without_a_modem_runs_no_dc_whatever_the_device_says(void **state) {
    (void)state;
    struct loaded loaded;
    for (int says_dc = 0; says_dc < 2; says_dc++) {
        load_case(&loaded, "S3-DC", false, says_dc);
        check_not_run(&loaded, "no HLC modem");
        loaded_finish(&loaded);
    }
}

static void test_a_device_that_does_not_say_dc_is_not_tried_with_it(void **state) {
    (void)state;
    struct loaded loaded;
    load_case(&loaded, "S3-DC", true, false);
    check_not_run(&loaded, "not applicable: the DUT statement's capabilities (ICS) exclude it");
    loaded_finish(&loaded);
}

static void test_only_a_device_that_says_dc_is_held_to_five_per_cent(void **state) {
    (void)state;
    struct loaded loaded;
    load_case(&loaded, "S3-DC", true, true);
    PB_CHECK_TEXT(loaded.plan.cases[0].reason, "");
    const struct pb_limit *limit = duty_of(&loaded);
    PB_CHECK_TRUE(limit, "S3-DC has no check of the duty");
    PB_CHECK_INT(limit->min + limit->max, 100000, "ppm, twice the middle of the duty's limits");
    PB_CHECK_TRUE(limit->max - limit->min <= 20000, "the duty may lie %lld ppm apart",
                  (long long)(limit->max - limit->min));
    loaded_finish(&loaded);
    /* AC transfer stays possible, by the duty of its current: 16 A are 26.667 %. */
    for (int says_dc = 0; says_dc < 2; says_dc++) {
        load_case(&loaded, "S3", says_dc, says_dc);
        limit = duty_of(&loaded);
        PB_CHECK_TRUE(limit, "S3 has no check of the duty");
        PB_CHECK_INT((limit->min + limit->max) / 2, 266667, "ppm, the middle of the duty's limits");
        loaded_finish(&loaded);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bench_without_a_modem_runs_no_dc_whatever_the_device_says),
        cmocka_unit_test(test_a_device_that_does_not_say_dc_is_not_tried_with_it),
        cmocka_unit_test(test_only_a_device_that_says_dc_is_held_to_five_per_cent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
