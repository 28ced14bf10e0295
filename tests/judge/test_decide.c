/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decision rules of ILAC-G8:09/2019 at the edges of limits and of U, one step to each side. */
#include "judge/judge.h"
#include "tests/support/check.h"

#include <stdio.h>

enum { MIN = 11400000, MAX = 12600000, U = 20000 }; /* uV */

static struct pb_check make_check(enum pb_rule rule) {
    return (struct pb_check){.id = "S1/1/level",
                             .text = "12 V",
                             .extractor = PB_EXTRACT_PILOT_HIGH,
                             .rule = rule,
                             .limit = {.id = "cp.level.a", .min = MIN, .max = MAX, .unit = PB_UNIT_VOLT}};
}

static enum pb_verdict decide(const struct pb_check *check, int64_t value, int64_t u, char *ret_reason) {
    struct pb_reading reading = {PB_OUTCOME_VALUE, {value, u, check->limit.unit}, ""};
    return pb_judge_decide(check, &reading, ret_reason, PB_REASON_SIZE);
}

struct edge {
    int64_t value;
    enum pb_verdict simple, guarded, non_binary;
};
static const struct edge edges[] = {
#define P PB_VERDICT_PASS
#define I PB_VERDICT_INCONC
#define F PB_VERDICT_FAIL
    {MIN - U - 1, F, F, F}, {MIN - U, F, F, I},   {MIN - 1, F, F, I},  {MIN, P, I, I},     {MIN + 1, P, I, I},
    {MIN + U - 1, P, I, I}, {MIN + U, P, P, P},   {12000000, P, P, P}, {MAX - U, P, P, P}, {MAX - U + 1, P, I, I},
    {MAX - 1, P, I, I},     {MAX, P, I, I},       {MAX + 1, F, F, I},  {MAX + U, F, F, I}, {MAX + U + 1, F, F, F},
    {INT64_MAX, F, F, F},   {INT64_MIN, F, F, F},
};

static void check_edges(enum pb_rule rule) {
    struct pb_check check = make_check(rule);
    for (size_t i = 0; i < sizeof edges / sizeof *edges; i++) {
        char reason[PB_REASON_SIZE];
        enum pb_verdict of_rule[PB_RULE_COUNT] = {edges[i].simple, edges[i].guarded, edges[i].non_binary};
        enum pb_verdict verdict = decide(&check, edges[i].value, U, reason);
        PB_CHECK_TRUE(verdict == of_rule[rule], "%" PRId64 " uV gives %s, expected %s (%s)", edges[i].value,
                      pb_verdict_name(verdict), pb_verdict_name(of_rule[rule]), reason);
    }
}

static void test_simple_acceptance_turns_exactly_at_the_limit(void **state) {
    (void)state;
    check_edges(PB_RULE_SIMPLE);
}
static void test_guarded_acceptance_passes_only_inside_by_u(void **state) {
    (void)state;
    check_edges(PB_RULE_GUARDED);
}
static void test_non_binary_fails_only_outside_by_more_than_u(void **state) {
    (void)state;
    check_edges(PB_RULE_NON_BINARY);
}

static void test_without_u_all_rules_agree(void **state) {
    (void)state;
    for (enum pb_rule rule = 0; rule < PB_RULE_COUNT; rule++) {
        struct pb_check check = make_check(rule);
        char reason[PB_REASON_SIZE];
        PB_CHECK_TEXT(pb_verdict_name(decide(&check, MAX, 0, reason)), "pass");
        PB_CHECK_TEXT(pb_verdict_name(decide(&check, MAX + 1, 0, reason)), "fail");
    }
}

static void test_a_limit_without_bounds_passes_everything(void **state) {
    (void)state;
    struct pb_check check = make_check(PB_RULE_GUARDED);
    check.limit.min = INT64_MIN;
    check.limit.max = INT64_MAX;
    char reason[PB_REASON_SIZE];
    PB_CHECK_TEXT(pb_verdict_name(decide(&check, INT64_MIN, U, reason)), "pass");
    PB_CHECK_TEXT(pb_verdict_name(decide(&check, INT64_MAX, U, reason)), "pass");
}

static void test_reason_names_value_limit_and_distance(void **state) {
    (void)state;
    struct pb_check check = make_check(PB_RULE_SIMPLE);
    char reason[PB_REASON_SIZE];
    decide(&check, 12700000, U, reason);
    PB_CHECK_TEXT(reason, "12.7 V +- 20 mV, limit 11.4 V to 12.6 V, 100 mV too high");
    decide(&check, 11399999, U, reason);
    PB_CHECK_TEXT(reason, "11.4 V +- 20 mV, limit 11.4 V to 12.6 V, 1 uV too low");
    decide(&check, MIN, U, reason);
    PB_CHECK_TEXT(reason, "11.4 V +- 20 mV, limit 11.4 V to 12.6 V, on the limit");
    check.limit = (struct pb_limit){.min = INT64_MIN, .max = 3000000000, .unit = PB_UNIT_SECOND};
    decide(&check, 4012345678, 20000, reason);
    PB_CHECK_TEXT(reason, "4.012346 s +- 20 us, limit at most 3 s, 1.012 s too late");
    check.limit = (struct pb_limit){.min = INT64_MIN, .max = 0, .unit = PB_UNIT_NONE};
    decide(&check, 2, 0, reason);
    PB_CHECK_TEXT(reason, "2, limit at most 0, 2 too many");
}

static void test_conditional_verdicts_say_so(void **state) {
    (void)state;
    struct pb_check check = make_check(PB_RULE_NON_BINARY);
    char reason[PB_REASON_SIZE];
    decide(&check, MAX - 5000, U, reason);
    PB_CHECK_TEXT(reason,
                  "conditional pass: 12.595 V +- 20 mV, limit 11.4 V to 12.6 V, inside by 5 mV, which is less than U");
    decide(&check, MAX + 5000, U, reason);
    PB_CHECK_TEXT(reason,
                  "conditional fail: 12.605 V +- 20 mV, limit 11.4 V to 12.6 V, 5 mV too high, which is within U");
    check.rule = PB_RULE_GUARDED;
    decide(&check, MAX - 5000, U, reason);
    PB_CHECK_CONTAINS(reason, "inside by 5 mV, which is less than U (guard band w = U)");
}

static void test_an_advisory_check_is_inconc_at_worst(void **state) {
    (void)state;
    struct pb_check check = make_check(PB_RULE_SIMPLE);
    check.is_advisory = true;
    char reason[PB_REASON_SIZE];
    PB_CHECK_TEXT(pb_verdict_name(decide(&check, MAX + 1, U, reason)), "inconc");
    PB_CHECK_CONTAINS(reason, "advisory, rests on an inferred step alone: 12.6 V");
    PB_CHECK_TEXT(pb_verdict_name(decide(&check, MAX, U, reason)), "pass");
    struct pb_reading lost = {PB_OUTCOME_LOST, {0, 0, PB_UNIT_VOLT}, "sample 7 was not kept"};
    PB_CHECK_TEXT(pb_verdict_name(pb_judge_decide(&check, &lost, reason, sizeof reason)), "error");
}

static void test_outcomes_without_a_value_have_their_verdicts(void **state) {
    (void)state;
    static const struct {
        enum pb_outcome outcome;
        const char *verdict, *words;
    } rows[] = {{PB_OUTCOME_ABSENT, "fail", "did not happen: because, limit 11.4 V to 12.6 V"},
                {PB_OUTCOME_UNREADABLE, "inconc", "cannot be said: because, limit"},
                {PB_OUTCOME_LOST, "error", "not in the record: because, limit"}};
    struct pb_check check = make_check(PB_RULE_SIMPLE);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_reading reading = {rows[i].outcome, {0, 0, PB_UNIT_VOLT}, "because"};
        char reason[PB_REASON_SIZE];
        PB_CHECK_TEXT(pb_verdict_name(pb_judge_decide(&check, &reading, reason, sizeof reason)), rows[i].verdict);
        PB_CHECK_CONTAINS(reason, rows[i].words);
    }
}

static void test_a_limit_of_another_unit_is_an_error(void **state) {
    (void)state;
    struct pb_check check = make_check(PB_RULE_SIMPLE);
    struct pb_reading reading = {PB_OUTCOME_VALUE, {12000000, 0, PB_UNIT_SECOND}, ""};
    char reason[PB_REASON_SIZE];
    PB_CHECK_TEXT(pb_verdict_name(pb_judge_decide(&check, &reading, reason, sizeof reason)), "error");
    PB_CHECK_CONTAINS(reason, "reading in \"s\", limit in \"V\"");
}

static void test_a_reason_that_does_not_fit_ends_in_a_whole_character(void **state) {
    (void)state;
    struct pb_check check = make_check(PB_RULE_SIMPLE);
    struct pb_reading reading = {PB_OUTCOME_ABSENT, {0, 0, PB_UNIT_VOLT}, "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"};
    for (size_t size = 1; size < 40; size++) {
        char reason[40];
        pb_judge_decide(&check, &reading, reason, size);
        size_t length = strlen(reason);
        PB_CHECK_TRUE(length == 0 || (unsigned char)reason[length - 1] != 0xc3, "a character was cut at size %zu",
                      size);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_simple_acceptance_turns_exactly_at_the_limit),
        cmocka_unit_test(test_guarded_acceptance_passes_only_inside_by_u),
        cmocka_unit_test(test_non_binary_fails_only_outside_by_more_than_u),
        cmocka_unit_test(test_without_u_all_rules_agree),
        cmocka_unit_test(test_a_limit_without_bounds_passes_everything),
        cmocka_unit_test(test_reason_names_value_limit_and_distance),
        cmocka_unit_test(test_conditional_verdicts_say_so),
        cmocka_unit_test(test_an_advisory_check_is_inconc_at_worst),
        cmocka_unit_test(test_outcomes_without_a_value_have_their_verdicts),
        cmocka_unit_test(test_a_limit_of_another_unit_is_an_error),
        cmocka_unit_test(test_a_reason_that_does_not_fit_ends_in_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
