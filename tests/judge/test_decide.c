/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decision rules of ILAC-G8:09/2019 at the edges of limits and of U, one step to each side. */
#include "judge/judge.h"
#include "tests/support/check.h"

#include <math.h>
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

static void test_a_reading_with_more_u_than_u_max_is_inconc_wherever_it_lies(void **state) {
    (void)state;
    static const int64_t values[] = {MIN - 10000000, MIN - 1, MIN, 12000000, MAX, MAX + 1, MAX + 10000000};
    for (enum pb_rule rule = 0; rule < PB_RULE_COUNT; rule++)
        for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
            struct pb_check check = make_check(rule), without = check;
            char reason[PB_REASON_SIZE], usual[PB_REASON_SIZE];
            check.limit.u_max = 150000;
            PB_CHECK_TEXT(pb_verdict_name(decide(&check, values[i], 150001, reason)), "inconc");
            PB_CHECK_CONTAINS(reason, "too uncertain: ");
            PB_CHECK_CONTAINS(reason, "U = 150 mV is larger than u_max = 150 mV of limit 11.4 V to 12.6 V");
            PB_CHECK_INT(decide(&check, values[i], 150000, reason), decide(&without, values[i], 150000, usual),
                         "(verdict)");
            PB_CHECK_TEXT(reason, usual);
        }
}

static void test_u_max_is_a_quarter_of_the_tolerance(void **state) {
    (void)state;
    static const struct {
        int64_t min, max, u_max;
    } rows[] = {{MIN, MAX, 150000},
                {INT64_MIN, 100000000, 25000000},
                {6000, INT64_MAX, 1500},
                {INT64_MIN, -8000, 2000},
                {INT64_MIN, INT64_MAX, 0},
                {0, 0, 1},
                {INT64_MIN + 1, INT64_MAX - 1, INT64_MAX / 8},
                {261670, 271670, 1250},
                {INT64_MIN, 2, 1}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_limit limit = {.min = rows[i].min, .max = rows[i].max, .unit = PB_UNIT_VOLT};
        PB_CHECK_INT(pb_limit_usual_u_max(&limit), rows[i].u_max, "steps");
    }
}

static void test_strict_limits_take_pass_and_fail_from_unverified_rows_alone(void **state) {
    (void)state;
    for (enum pb_confidence confidence = 0; confidence < PB_CONFIDENCE_COUNT; confidence++) {
        struct pb_check check = make_check(PB_RULE_SIMPLE);
        bool is_unverified = pb_confidence_is_unverified(confidence);
        char reason[PB_REASON_SIZE], expected[80];
        check.is_strict = true;
        check.limit.confidence = confidence;
        PB_CHECK_TEXT(pb_verdict_name(decide(&check, 12000000, U, reason)), is_unverified ? "inconc" : "pass");
        snprintf(expected, sizeof expected, "would pass, but the limit is unverified (%s) and limits are strict: 12 V",
                 pb_confidence_name(confidence));
        if (is_unverified) PB_CHECK_CONTAINS(reason, expected);
        PB_CHECK_TEXT(pb_verdict_name(decide(&check, MAX + 1, U, reason)), is_unverified ? "inconc" : "fail");
        struct pb_reading absent = {PB_OUTCOME_ABSENT, {0, 0, PB_UNIT_VOLT}, "nothing came"},
                          lost = {PB_OUTCOME_LOST, {0, 0, PB_UNIT_VOLT}, "sample 7 was not kept"};
        PB_CHECK_TEXT(pb_verdict_name(pb_judge_decide(&check, &absent, reason, sizeof reason)),
                      is_unverified ? "inconc" : "fail");
        if (is_unverified) PB_CHECK_CONTAINS(reason, "would fail, but the limit is unverified");
        PB_CHECK_TEXT(pb_verdict_name(pb_judge_decide(&check, &lost, reason, sizeof reason)), "error");
    }
}

/* The z below which a standard normal lies with probability p. */
static double quantile(double p) {
    double low = -9, high = 9;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (erfc(-middle / sqrt(2)) / 2 < p) low = middle;
        else high = middle;
    }
    return low;
}

/* Share, in ppm, of readings of a true value that get the verdict, errors normal with U at k = 2. */
static int64_t share_of(enum pb_rule rule, int64_t true_value, enum pb_verdict verdict) {
    enum { TRIALS = 4000 };
    struct pb_check check = make_check(rule);
    int64_t count = 0;
    for (int i = 0; i < TRIALS; i++) {
        char reason[PB_REASON_SIZE];
        int64_t reading = true_value + llround(quantile((i + 0.5) / TRIALS) * U / 2);
        count += decide(&check, reading, U, reason) == verdict;
    }
    return count * 1000000 / TRIALS;
}

static void test_rules_risk_what_they_say(void **state) {
    (void)state;
    static const struct {
        int64_t least_pass, most_pass, least_fail, most_fail; /* of the worst true value, ppm */
        const char *says;
    } risks[PB_RULE_COUNT] = {
        [PB_RULE_SIMPLE] = {490000, 500000, 490000, 500500, "false pass up to 50 %, false fail up to 50 %"},
        [PB_RULE_GUARDED] = {20000, 25000, 490000, 500500, "false pass up to 2.5 %, false fail up to 50 %"},
        [PB_RULE_NON_BINARY] = {20000, 25000, 20000, 25000,
                                "false pass up to 2.5 %, false fail up to 2.5 %; conditional (inconc) up to 50 %"},
    };
    for (enum pb_rule rule = 0; rule < PB_RULE_COUNT; rule++) {
        PB_CHECK_TEXT(pb_rule_risk(rule), risks[rule].says);
        int64_t false_pass = share_of(rule, MAX + 1, PB_VERDICT_PASS),
                false_fail = share_of(rule, MAX, PB_VERDICT_FAIL);
        PB_CHECK_BETWEEN(false_pass, risks[rule].least_pass, risks[rule].most_pass, "ppm of readings of a bad value");
        PB_CHECK_BETWEEN(false_fail, risks[rule].least_fail, risks[rule].most_fail, "ppm of readings of a good value");
    }
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
        cmocka_unit_test(test_a_reading_with_more_u_than_u_max_is_inconc_wherever_it_lies),
        cmocka_unit_test(test_u_max_is_a_quarter_of_the_tolerance),
        cmocka_unit_test(test_strict_limits_take_pass_and_fail_from_unverified_rows_alone),
        cmocka_unit_test(test_rules_risk_what_they_say),
        cmocka_unit_test(test_outcomes_without_a_value_have_their_verdicts),
        cmocka_unit_test(test_a_limit_of_another_unit_is_an_error),
        cmocka_unit_test(test_a_reason_that_does_not_fit_ends_in_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
