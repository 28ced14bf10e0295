/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One choreography, cast by the DUT: what the same steps become for an EVSE, a vehicle, both, and nobody. */
#include "tests/script/loaded.h"

#include "tests/support/check.h"

/* 1: a person acts, the EVSE shows. 2: a person acts, both show, each by an expectation of its own. 3: the vehicle, nothing shows. 4: the EVSE, nothing shows. 5: the EVSE shows. */
static const char suite[] =
    "use_case \"X\" { title = \"t\",\n"
    "step { id = \"1\", actor = customer, evidence = \"found\", text = \"t\", does = mains.on(), sees = pilot.level(12), of = evse, within = s(1) },\n"
    "step { id = \"2\", actor = customer, evidence = \"found\", text = \"t\", does = coupler.insert(), sees = { pilot.level(9), pilot.loaded(9) }, of = { evse, pev }, within = s(1) },\n"
    "step { id = \"3\", actor = pev, evidence = \"found\", text = \"t\", note = \"inside\" },\n"
    "step { id = \"4\", actor = evse, evidence = \"found\", text = \"t\" },\n"
    "step { id = \"5\", actor = evse, evidence = \"found\", text = \"t\", sees = pilot.pwm { duty = pct(20) }, within = s(1) } }\n";

enum { STEPS = 5 };

/* modes: a letter a step, J judged, P played, N not observable. */
static void check_cast(const char *actors, const char *modes, size_t checks) {
    static const char letters[PB_STEP_MODE_COUNT] = {
        [PB_STEP_JUDGED] = 'J', [PB_STEP_PLAYED] = 'P', [PB_STEP_NOT_OBSERVABLE] = 'N', [PB_STEP_NOT_RUN] = '-'};
    struct loaded loaded;
    char found[STEPS + 1] = "";
    loaded_setup(&loaded, actors);
    PB_CHECK_OK(loaded_suite(&loaded, suite, sizeof suite - 1), &loaded.error);
    PB_CHECK_INT(loaded.plan.step_count, STEPS, "steps");
    for (size_t i = 0; i < STEPS; i++) found[i] = letters[loaded.plan.steps[i].mode];
    PB_CHECK_TEXT(found, modes);
    PB_CHECK_INT(loaded.plan.check_count, checks, "checks");
    for (size_t i = 0; i < STEPS; i++) {
        const struct pb_step *step = &loaded.plan.steps[i];
        bool has_checks = false;
        for (size_t k = 0; k < step->sees_count; k++) has_checks |= step->sees[k].first_check > 0;
        PB_CHECK_INT(has_checks, step->mode == PB_STEP_JUDGED, "(has checks)");
        if (step->mode == PB_STEP_NOT_OBSERVABLE) PB_CHECK_TRUE(step->reason[0], "step %s gives no reason", step->id);
    }
    loaded_finish(&loaded);
}

static void test_an_evse_is_judged_by_what_it_shows_and_the_vehicle_is_played(void **state) {
    (void)state;
    check_cast("evse", "JJPNJ", 8);
}
static void test_a_vehicle_is_judged_by_what_it_shows_and_the_evse_is_played(void **state) {
    (void)state;
    check_cast("pev", "PJNPP", 2);
}
static void test_a_device_that_is_both_hides_what_neither_shows(void **state) {
    (void)state;
    check_cast("evse, pev", "JJNNJ", 9); /* the vehicle brings it to 9 V; the pair has two levels of that */
}
static void test_with_nobody_under_test_everything_is_played(void **state) {
    (void)state;
    check_cast("", "PPPPP", 0);
}
static void test_a_case_that_judges_nothing_of_the_device_is_not_run(void **state) {
    (void)state;
    struct loaded loaded;
    check_cast("esci", "-----", 0);
    loaded_setup(&loaded, "esci");
    PB_CHECK_OK(loaded_suite(&loaded, suite, sizeof suite - 1), &loaded.error);
    PB_CHECK_TEXT(loaded.plan.cases[0].reason, "not applicable: nothing that it judges is this device's");
    PB_CHECK_TEXT(loaded.plan.steps[4].reason, loaded.plan.cases[0].reason);
    loaded_finish(&loaded);
}
static void test_a_case_that_judges_nobody_is_played(void **state) {
    (void)state;
    static const char plays[] = "use_case \"X\" { title = \"t\", step { id = \"1\", actor = customer, "
                                "evidence = \"found\", text = \"t\", does = mains.on(), lasts = s(1) } }\n";
    struct loaded loaded;
    loaded_setup(&loaded, "esci");
    PB_CHECK_OK(loaded_suite(&loaded, plays, sizeof plays - 1), &loaded.error);
    PB_CHECK_TEXT(loaded.plan.cases[0].reason, "");
    PB_CHECK_INT(loaded.plan.steps[0].mode, PB_STEP_PLAYED, "(mode)");
    loaded_finish(&loaded);
}

static void test_a_reason_of_the_suite_wins_over_ours(void **state) {
    (void)state;
    struct loaded loaded;
    loaded_setup(&loaded, "evse, pev");
    PB_CHECK_OK(loaded_suite(&loaded, suite, sizeof suite - 1), &loaded.error);
    PB_CHECK_TEXT(loaded.plan.steps[2].reason, "inside");
    PB_CHECK_CONTAINS(loaded.plan.steps[3].reason, "happens inside the evse");
    loaded_finish(&loaded);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_evse_is_judged_by_what_it_shows_and_the_vehicle_is_played),
        cmocka_unit_test(test_a_vehicle_is_judged_by_what_it_shows_and_the_evse_is_played),
        cmocka_unit_test(test_a_device_that_is_both_hides_what_neither_shows),
        cmocka_unit_test(test_with_nobody_under_test_everything_is_played),
        cmocka_unit_test(test_a_case_that_judges_nothing_of_the_device_is_not_run),
        cmocka_unit_test(test_a_case_that_judges_nobody_is_played),
        cmocka_unit_test(test_a_reason_of_the_suite_wins_over_ours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
