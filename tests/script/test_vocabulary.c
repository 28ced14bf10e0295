/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What words make of a suite: quantities, limits, the rows of the plan, and a sandbox that ends. */
#include "tests/script/loaded.h"

#include "tests/support/check.h"

static struct loaded loaded;

static int set_up(void **state) {
    (void)state;
    loaded_setup(&loaded, "evse");
    return 0;
}
static int tear_down(void **state) {
    (void)state;
    loaded_finish(&loaded);
    return 0;
}

static void load(const char *text) { PB_CHECK_OK(loaded_suite(&loaded, text, strlen(text)), &loaded.error); }

/* The suite is refused at that place with these words. */
static void refuse(const char *text, const char *where, const char *words) {
    PB_CHECK_INT(loaded_suite(&loaded, text, strlen(text)), PB_ERR_INPUT, "(status)");
    PB_CHECK_TEXT(loaded.error.where, where);
    PB_CHECK_CONTAINS(loaded.error.text, words);
}

/* A condition that suite code asserts about quantities. */
static void holds(const char *condition) {
    char text[400];
    snprintf(text, sizeof text, "assert(%s, [[%s]])", condition, condition);
    load(text);
}

static void test_quantities_of_one_unit_add_and_compare(void **state) {
    (void)state;
    holds("ms(1500) == s(1.5)");
    holds("s(1) + ms(500) == ms(1500)");
    holds("minutes(2) - s(30) == s(90)");
    holds("hours(1) > minutes(59) and us(1) < ms(1) and s(1) <= ms(1000)");
    holds("-volts(12) < volts(-11.9)");
    holds("volts(12) / 2 == volts(6) and 3 * amps(2) == amps(6) and pct(50) * 0.5 == pct(25)");
    holds("minutes(6) / s(3) == 120");
    holds("tostring(ms(1.5)) == '1.5 ms'");
}

static void test_quantities_of_two_units_do_not_mix(void **state) {
    (void)state;
    static const char *const mixes[] = {"volts(1) + ms(1)",    "volts(1) - ms(1)",  "volts(1) < ms(1)",
                                        "volts(1) >= amps(1)", "volts(1) == ms(1)", "s(1) / volts(1)"};
    for (size_t i = 0; i < sizeof mixes / sizeof *mixes; i++) {
        char text[100];
        snprintf(text, sizeof text, "local a = %s", mixes[i]);
        refuse(text, "suite.lua:1", "expected two of one unit");
    }
    refuse("local a = volts(1) + 1", "suite.lua:1", "found a number, expected a quantity with a unit");
    refuse("local a = ms(2) * ms(2)", "suite.lua:1", "expected a number");
}

static void test_quantities_are_exact_to_the_step(void **state) {
    (void)state;
    holds("ms(0.1) + ms(0.2) == ms(0.3)");
    holds("us(0.0004) == us(0) and us(0.0005) == us(0.001)");
    holds("hours(1e6) > hours(1)");
    refuse("local a = hours(1e16)", "suite.lua:1", "expected a number that fits");
}

static void test_duty_announces_a_current(void **state) {
    (void)state;
    holds("duty_for(amps(6)) == pct(10)");
    holds("duty_for(amps(30)) == pct(50)");
    holds("duty_for(amps(80)) == pct(96)");
    holds("duty_for(ics.rated_current) == duty_for(amps(16))");
}

#define STEP(fields) "step { id = \"1\", actor = customer, evidence = \"found\", text = \"plugs in\", " fields " }"
#define CASE(steps) "use_case \"X\" { title = \"A title\", source = \"a source\",\n" steps " }"

static void test_a_case_becomes_rows_of_the_plan(void **state) {
    (void)state;
    load(CASE(STEP(
        "does = mains.on(), sees = pilot.level(12), of = evse, within = ixit.power_up, seed = \"007\", lasts = s(3)") ",\n"
                                                                                                                      "step { id = \"2a\", actor = pev, evidence = \"added\", text = \"wakes up\" }"));
    const struct pb_plan *plan = &loaded.plan;
    PB_CHECK_INT(plan->case_count, 1, "cases");
    PB_CHECK_INT(plan->step_count, 2, "steps");
    PB_CHECK_INT(plan->check_count, 2, "checks");
    PB_CHECK_TEXT(plan->cases[0].id, "X");
    PB_CHECK_TEXT(plan->cases[0].title, "A title");
    PB_CHECK_TEXT(plan->cases[0].source, "a source");
    PB_CHECK_INT(plan->cases[0].step_count, 2, "steps");
    PB_CHECK_TEXT(plan->steps[0].seed, "007");
    PB_CHECK_INT(plan->steps[0].lasts.ns, INT64_C(3000000000), "ns");
    PB_CHECK_INT(plan->steps[0].does.write_count, 1, "writes");
    PB_CHECK_TEXT(plan->steps[0].does.writes[0].role, "mains.switch");
    PB_CHECK_TEXT(plan->steps[1].id, "2a");
    PB_CHECK_TEXT(plan->steps[1].evidence, "added");
    PB_CHECK_TEXT(plan->checks[0].id, "X/1/reaches_a");
    PB_CHECK_TEXT(plan->checks[1].id, "X/1/level_a");
    PB_CHECK_INT(plan->checks[1].step_no, 1, "(step)");
}

static void test_within_comes_from_the_dut_the_limits_or_the_suite(void **state) {
    (void)state;
    load(CASE(STEP("sees = pilot.level(12), of = evse, within = ixit.power_up")));
    PB_CHECK_TEXT(loaded.plan.checks[0].limit.id, "ixit.power_up");
    PB_CHECK_INT(loaded.plan.checks[0].limit.max, INT64_C(2000000000), "ns");
    PB_CHECK_INT(loaded.plan.checks[0].limit.confidence, PB_CONFIDENCE_DUT, "(confidence)");
    load(CASE(STEP("sees = pilot.level(9), of = evse, within = limit \"time.plug_to_b\"")));
    PB_CHECK_TEXT(loaded.plan.checks[0].limit.id, "time.plug_to_b");
    PB_CHECK_TEXT(loaded.plan.checks[0].limit.clause, "plug");
    PB_CHECK_INT(loaded.plan.checks[0].limit.confidence, PB_CONFIDENCE_K, "(confidence)");
    load(CASE(STEP("sees = pilot.level(9), of = evse, within = ms(70)")));
    PB_CHECK_TEXT(loaded.plan.checks[0].limit.id, "suite");
    PB_CHECK_INT(loaded.plan.checks[0].limit.max, 70000000, "ns");
    PB_CHECK_INT(loaded.plan.checks[0].limit.min, INT64_MIN, "ns");
    load(CASE(STEP("sees = pilot.level(9), of = evse, within = ixit.power_up / 2")));
    PB_CHECK_TEXT(loaded.plan.checks[0].limit.id, "suite");
    PB_CHECK_INT(loaded.plan.checks[0].limit.max, 1000000000, "ns");
}

static void test_a_step_s_within_leaves_rows_of_the_limits_file_alone(void **state) {
    (void)state;
    load(CASE(STEP("sees = { pilot.level(6), contactor.closes(6) }, of = evse, within = ms(70)")));
    PB_CHECK_TEXT(loaded.plan.checks[0].id, "X/1/reaches_c");
    PB_CHECK_TEXT(loaded.plan.checks[0].limit.id, "suite");
    PB_CHECK_TEXT(loaded.plan.checks[2].id, "X/1/closes");
    PB_CHECK_TEXT(loaded.plan.checks[2].limit.id, "time.close");
    load(CASE(STEP("sees = contactor.opens(6, limit \"time.close\"), of = evse")));
    PB_CHECK_TEXT(loaded.plan.checks[0].limit.id, "time.close");
}

static void test_levels_and_duty_are_judged_by_rows_of_the_limits_file(void **state) {
    (void)state;
    load(CASE(STEP("sees = { pilot.level(9), pilot.pwm { duty = pct(30) } }, of = evse, within = s(1)")));
    PB_CHECK_INT(loaded.plan.check_count, 6, "checks");
    PB_CHECK_TEXT(loaded.plan.checks[1].limit.id, "cp.level.b");
    PB_CHECK_TEXT(loaded.plan.checks[2].id, "X/1/pwm_starts");
    PB_CHECK_TEXT(loaded.plan.checks[3].limit.id, "cp.frequency");
    PB_CHECK_TEXT(loaded.plan.checks[4].id, "X/1/duty");
    PB_CHECK_INT(loaded.plan.checks[4].limit.min, 295000, "ppm");
    PB_CHECK_INT(loaded.plan.checks[4].limit.max, 305000, "ppm");
    PB_CHECK_TEXT(loaded.plan.checks[5].limit.id, "cp.level.low");
}

/* A step that sees something, of a given evidence. */
#define STEP_OF(evidence_, rest)                                                                                       \
    "step { id = \"1\", actor = customer, text = \"t\", evidence = \"" evidence_ "\", " rest " }"

static void test_a_check_is_advisory_where_neither_a_source_nor_a_standard_stands_behind_it(void **state) {
    (void)state;
    static const char sees[] = "sees = { pilot.level(12), contactor.not_closed_before(6) }, of = evse, within = ms(70)";
    static const struct {
        const char *evidence;
        bool is_advisory;
    } rows[] = {{"found", false}, {"carried", false}, {"inferred", true}, {"remembered", true}, {"added", false}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[400];
        snprintf(
            text, sizeof text,
            "use_case \"X\" { title = \"t\", step { id = \"1\", actor = customer, text = \"t\", evidence = \"%s\", %s } }",
            rows[i].evidence, sees);
        load(text);
        PB_CHECK_INT(loaded.plan.check_count, 3, "checks");
        PB_CHECK_INT(loaded.plan.checks[0].is_advisory, rows[i].is_advisory, "(advisory, the suite's own figure)");
        PB_CHECK_INT(loaded.plan.checks[1].is_advisory, false, "(advisory, a row of the limits file)");
        PB_CHECK_INT(loaded.plan.checks[2].is_advisory, rows[i].is_advisory, "(advisory, what must not happen)");
    }
    load(CASE(STEP_OF("inferred", "sees = pilot.level(12), of = evse, within = limit \"time.plug_to_b\"")));
    PB_CHECK_INT(loaded.plan.checks[0].is_advisory, false, "(advisory, a row that the step names)");
}

static void test_every_check_has_a_u_max_and_is_as_strict_as_the_limits(void **state) {
    (void)state;
    static const char text[] =
        CASE(STEP("sees = { pilot.level(9), pilot.pwm { duty = pct(30) } }, of = evse, within = s(1)"));
    load(text);
    PB_CHECK_INT(loaded.plan.checks[0].limit.u_max, 250000000, "ns (a quarter of 1 s)");
    PB_CHECK_INT(loaded.plan.checks[1].limit.u_max, 150000, "uV (a quarter of +-0.6 V)");
    PB_CHECK_INT(loaded.plan.checks[3].limit.u_max, 5000000, "uHz (a quarter of +-20 Hz)");
    PB_CHECK_INT(loaded.plan.checks[4].limit.u_max, 1250, "ppm (a quarter of +-0.5 pp)");
    PB_CHECK_INT(loaded.plan.checks[4].is_strict, false, "(strict)");
    loaded.limits.is_strict = true;
    load(text);
    for (size_t i = 0; i < loaded.plan.check_count; i++)
        PB_CHECK_INT(loaded.plan.checks[i].is_strict, true, "(strict)");
    loaded.limits.is_strict = false;
}

static void test_a_case_of_which_no_steps_were_read_is_marked(void **state) {
    (void)state;
    load("use_case \"X\" { title = \"t\", reconstructed = true, " STEP("") " }");
    PB_CHECK_INT(loaded.plan.cases[0].is_reconstructed, true, "(reconstructed)");
    load("use_case \"X\" { title = \"t\", " STEP("") " }");
    PB_CHECK_INT(loaded.plan.cases[0].is_reconstructed, false, "(reconstructed)");
}

static void test_a_case_that_the_bench_cannot_run_says_why(void **state) {
    (void)state;
    load("use_case \"X\" { title = \"t\", needs = { \"cp\", \"scope\" }, " STEP(
        "sees = pilot.level(12), of = evse, within = s(1)") " }");
    PB_CHECK_TEXT(loaded.plan.cases[0].reason, "this bench has no role scope");
    PB_CHECK_INT(loaded.plan.steps[0].mode, PB_STEP_NOT_RUN, "(mode)");
    PB_CHECK_INT(loaded.plan.check_count, 0, "checks");
    load("use_case \"X\" { title = \"t\", needs = { \"cp\", \"hlc\" }, unless = true, " STEP("") " }");
    PB_CHECK_TEXT(loaded.plan.cases[0].reason, "no HLC modem");
}

static void test_a_case_that_is_not_for_the_device_says_why(void **state) {
    (void)state;
    load("use_case \"X\" { title = \"t\", unless = device.evse, " STEP("") " }");
    PB_CHECK_TEXT(loaded.plan.cases[0].reason, "not applicable: the DUT statement's capabilities (ICS) exclude it");
    load("use_case \"X\" { title = \"t\", unless = device.evse and \"two of them: not built\", " STEP("") " }");
    PB_CHECK_TEXT(loaded.plan.cases[0].reason, "not applicable: two of them: not built");
    PB_CHECK_INT(loaded.plan.steps[0].mode, PB_STEP_NOT_RUN, "(mode)");
    load("use_case \"X\" { title = \"t\", unless = device.utility, " STEP("") " }");
    PB_CHECK_TEXT(loaded.plan.cases[0].reason, "");
}

static void test_only_the_wanted_case_is_taken(void **state) {
    (void)state;
    static const char text[] =
        "use_case \"X\" { title = \"t\", " STEP("") " }\nuse_case \"Y\" { title = \"t\", " STEP("") " }";
    pb_plan_finish(&loaded.plan);
    PB_CHECK_OK(
        pb_script_load_text("suite.lua", text, sizeof text - 1, "Y", &loaded.setup, &loaded.plan, &loaded.error),
        &loaded.error);
    PB_CHECK_INT(loaded.plan.case_count, 1, "cases");
    PB_CHECK_TEXT(loaded.plan.cases[0].id, "Y");
}

static void test_a_suite_may_use_helpers_loops_and_strings(void **state) {
    (void)state;
    load(
        "local steps = {}\n"
        "for i, v in ipairs { 12, 9 } do\n"
        "  steps[i] = step { id = tostring(i), actor = customer, evidence = \"added\", text = (\"level %d\"):format(v),\n"
        "                    sees = pilot.level(v), of = evse, within = s(i) }\n"
        "end\n"
        "use_case \"X\" { title = string.upper \"t\", table.unpack(steps) }");
    PB_CHECK_INT(loaded.plan.step_count, 2, "steps");
    PB_CHECK_TEXT(loaded.plan.steps[1].text, "level 9");
    PB_CHECK_TEXT(loaded.plan.cases[0].title, "T");
}

static void test_a_byte_order_mark_and_a_carriage_return_do_no_harm(void **state) {
    (void)state;
    load("\xEF\xBB\xBF-- \xC3\xA4\r\nlocal a = 1\r\n");
    refuse("\xEF\xBB\xBFlocal a = 1\r\nb = 2", "suite.lua:2", "found the global 'b'");
}

static void test_a_suite_without_end_ends(void **state) {
    (void)state;
    refuse("local n = 0\nwhile true do n = n + 1 end", "suite.lua:2", "found a suite that runs on and on");
    refuse("local t = {}\nwhile true do t = { t } end", "suite.lua:2", "found a suite");
    refuse("local s = (\"x\"):rep(20 << 20)\nlocal t = s .. s .. s", "suite.lua:2",
           "found a suite that wants more than 64 MB");
}

static void test_what_one_suite_does_is_gone_for_the_next(void **state) {
    (void)state;
    refuse("string.rep = nil", "suite.lua:1", "found a change of string.rep");
    refuse("local a = (\"x\"):rep(1 << 30)", "suite.lua:1", "found a suite that wants more than 64 MB");
    load(CASE(STEP("")));
    PB_CHECK_INT(loaded.plan.case_count, 1, "cases");
}

static void test_a_long_path_keeps_its_end_and_its_line(void **state) {
    (void)state;
    char name[400];
    memset(name, 'p', sizeof name);
    strcpy(name + sizeof name - 8, "/zz.lua");
    PB_CHECK_INT(pb_script_load_text(name, "\nx = 1", 6, NULL, &loaded.setup, &loaded.plan, &loaded.error),
                 PB_ERR_INPUT, "(status)");
    PB_CHECK_CONTAINS(loaded.error.where, "/zz.lua:2");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_quantities_of_one_unit_add_and_compare),
        cmocka_unit_test(test_quantities_of_two_units_do_not_mix),
        cmocka_unit_test(test_quantities_are_exact_to_the_step),
        cmocka_unit_test(test_duty_announces_a_current),
        cmocka_unit_test(test_a_case_becomes_rows_of_the_plan),
        cmocka_unit_test(test_within_comes_from_the_dut_the_limits_or_the_suite),
        cmocka_unit_test(test_a_step_s_within_leaves_rows_of_the_limits_file_alone),
        cmocka_unit_test(test_levels_and_duty_are_judged_by_rows_of_the_limits_file),
        cmocka_unit_test(test_a_check_is_advisory_where_neither_a_source_nor_a_standard_stands_behind_it),
        cmocka_unit_test(test_every_check_has_a_u_max_and_is_as_strict_as_the_limits),
        cmocka_unit_test(test_a_case_of_which_no_steps_were_read_is_marked),
        cmocka_unit_test(test_a_case_that_the_bench_cannot_run_says_why),
        cmocka_unit_test(test_a_case_that_is_not_for_the_device_says_why),
        cmocka_unit_test(test_only_the_wanted_case_is_taken),
        cmocka_unit_test(test_a_suite_may_use_helpers_loops_and_strings),
        cmocka_unit_test(test_a_byte_order_mark_and_a_carriage_return_do_no_harm),
        cmocka_unit_test(test_a_suite_without_end_ends),
        cmocka_unit_test(test_what_one_suite_does_is_gone_for_the_next),
        cmocka_unit_test(test_a_long_path_keeps_its_end_and_its_line),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
