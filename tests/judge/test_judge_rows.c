/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check and reading rows: to a row and back is the same struct; what is not such a row is refused with its place. */
#include "judge/judge.h"
#include "tests/support/check.h"

#include <stdio.h>

static struct pb_check full_check(void) {
    return (struct pb_check){.check_no = 3,
                             .case_no = 1,
                             .step_no = 5,
                             .id = "S1/5/duty",
                             .text = "duty \"for\" 16 A \xc2\xb1 1 %",
                             .extractor = PB_EXTRACT_PILOT_DUTY,
                             .rule = PB_RULE_NON_BINARY,
                             .is_advisory = true,
                             .is_strict = true,
                             .limit = {.id = "cp.duty",
                                       .min = 261670,
                                       .max = INT64_MAX,
                                       .u_max = 1250,
                                       .unit = PB_UNIT_PERCENT,
                                       .confidence = PB_CONFIDENCE_V2,
                                       .clause = "J1772 duty",
                                       .source = "guide"}};
}

static struct pb_recipe full_recipe(void) {
    return (struct pb_recipe){.extractor = PB_EXTRACT_SPAN_TO_FIRST,
                              .version = 1,
                              .name = "cp.state",
                              .first = -5,
                              .count = 7,
                              .from = {123456789},
                              .from_u_ns = 20000,
                              .until = {INT64_MAX},
                              .mask = UINT64_C(0x8000000000000001),
                              .use_other_date = true};
}

static const struct pb_reading value = {PB_OUTCOME_VALUE, {4012345678, 40000, PB_UNIT_SECOND}, ""};

static void test_a_check_comes_back_as_it_was(void **state) {
    (void)state;
    struct pb_check check = full_check(), again;
    struct pb_error error = {0};
    struct pb_row row;
    char text[PB_ROW_TEXT_SIZE];
    PB_CHECK_OK(pb_check_to_row(&check, &row, text, sizeof text), &error);
    PB_CHECK_TEXT(
        row.text,
        "{\"clause\":\"J1772 duty\",\"confidence\":\"V2\",\"extractor\":\"pilot_duty\",\"limit\":\"cp.duty\","
        "\"rule\":\"non_binary\",\"source\":\"guide\",\"text\":\"duty \\\"for\\\" 16 A \xc2\xb1 1 %\",\"u_max\":1250}");
    PB_CHECK_OK(pb_check_from_row(&row, &again, &error), &error);
    PB_CHECK_INT(again.limit.min, check.limit.min, "ppm");
    PB_CHECK_INT(again.limit.max, check.limit.max, "ppm");
    PB_CHECK_INT(again.limit.unit, check.limit.unit, "(unit)");
    PB_CHECK_INT(again.limit.confidence, check.limit.confidence, "(confidence)");
    PB_CHECK_INT(again.check_no * 10000 + again.case_no * 100 + again.step_no, 30105, "(numbers)");
    PB_CHECK_INT(again.rule, check.rule, "(rule)");
    PB_CHECK_INT(again.extractor, check.extractor, "(extractor)");
    PB_CHECK_INT(again.is_advisory, 1, "(advisory)");
    PB_CHECK_INT(again.is_strict, 1, "(strict)");
    PB_CHECK_INT(again.limit.u_max, 1250, "ppm");
    PB_CHECK_TEXT(again.id, check.id);
    PB_CHECK_TEXT(again.text, check.text);
    PB_CHECK_TEXT(again.limit.id, check.limit.id);
    PB_CHECK_TEXT(again.limit.clause, check.limit.clause);
    PB_CHECK_TEXT(again.limit.source, check.limit.source);
}

static void test_a_recipe_comes_back_as_it_was(void **state) {
    (void)state;
    struct pb_check check = full_check();
    struct pb_recipe recipe = full_recipe(), again;
    struct pb_error error = {0};
    struct pb_row row;
    char text[PB_ROW_TEXT_SIZE];
    PB_CHECK_OK(pb_reading_to_row(&check, &recipe, &value, &row, text, sizeof text), &error);
    PB_CHECK_TEXT(
        row.text,
        "{\"count\":7,\"extractor\":\"span_to_first\",\"first\":-5,\"from\":123456789,\"from_u\":20000,"
        "\"mask\":-9223372036854775807,\"name\":\"cp.state\",\"other_date\":1,\"until\":9223372036854775807,\"version\":1}");
    PB_CHECK_INT(row.a, 4012345678, "ns");
    PB_CHECK_INT(row.b, 40000, "ns");
    PB_CHECK_INT(row.c, PB_UNIT_SECOND, "(unit)");
    PB_CHECK_INT(row.d, PB_OUTCOME_VALUE, "(outcome)");
    PB_CHECK_OK(pb_recipe_from_row(&row, &again, &error), &error);
    PB_CHECK_INT(again.extractor, recipe.extractor, "(extractor)");
    PB_CHECK_INT(again.version, 1, "(version)");
    PB_CHECK_TEXT(again.name, "cp.state");
    PB_CHECK_INT(again.first, -5, "samples");
    PB_CHECK_INT(again.count, 7, "samples");
    PB_CHECK_INT(again.from.ns, recipe.from.ns, "ns");
    PB_CHECK_INT(again.from_u_ns, recipe.from_u_ns, "ns");
    PB_CHECK_INT(again.until.ns, recipe.until.ns, "ns");
    PB_CHECK_TRUE(again.mask == recipe.mask, "mask %" PRIx64, again.mask);
    PB_CHECK_INT(again.use_other_date, 1, "(other date)");
}

static void test_a_reading_without_value_keeps_its_reason(void **state) {
    (void)state;
    struct pb_check check = full_check();
    struct pb_recipe recipe = {.extractor = PB_EXTRACT_PILOT_HIGH, .version = 1, .name = "cp.sense", .count = 10};
    struct pb_reading reading = {PB_OUTCOME_LOST, {0, 0, PB_UNIT_VOLT}, "sample 7 was not kept"};
    struct pb_error error = {0};
    struct pb_row row;
    char text[PB_ROW_TEXT_SIZE];
    PB_CHECK_OK(pb_reading_to_row(&check, &recipe, &reading, &row, text, sizeof text), &error);
    PB_CHECK_TEXT(
        row.text,
        "{\"count\":10,\"extractor\":\"pilot_high\",\"name\":\"cp.sense\",\"reason\":\"sample 7 was not kept\",\"version\":1}");
}

static void test_a_text_that_is_not_utf8_or_does_not_fit_is_refused(void **state) {
    (void)state;
    struct pb_check check = full_check();
    struct pb_row row;
    char text[PB_ROW_TEXT_SIZE];
    struct pb_error error = {0};
    PB_CHECK_OK(pb_check_to_row(&check, &row, text, sizeof text), &error);
    size_t length = strlen(text);
    char exact[512];
    PB_CHECK_OK(pb_check_to_row(&check, &row, exact, length + 1), &error);
    PB_CHECK_TEXT(pb_status_name(pb_check_to_row(&check, &row, exact, length)), "ERR_RANGE");
    snprintf(check.text, sizeof check.text, "\xff");
    PB_CHECK_TEXT(pb_status_name(pb_check_to_row(&check, &row, text, sizeof text)), "ERR_INPUT");
}

static void test_the_longest_texts_fit_a_row(void **state) {
    (void)state;
    struct pb_check check = full_check(), again;
    struct pb_row row;
    char text[PB_ROW_TEXT_SIZE];
    struct pb_error error = {0};
    memset(check.text, 1, sizeof check.text - 1); /* each becomes six characters */
    memset(check.limit.clause, 1, sizeof check.limit.clause - 1);
    memset(check.limit.source, 1, sizeof check.limit.source - 1);
    memset(check.limit.id, 1, sizeof check.limit.id - 1);
    memset(check.id, 'i', sizeof check.id - 1);
    PB_CHECK_OK(pb_check_to_row(&check, &row, text, sizeof text), &error);
    PB_CHECK_OK(pb_check_from_row(&row, &again, &error), &error);
    PB_CHECK_TEXT(again.text, check.text);
    PB_CHECK_TEXT(again.id, check.id);
}

static void test_rows_that_hold_something_else_are_refused(void **state) {
    (void)state;
    static const char good[] = "{\"confidence\":\"V\",\"extractor\":\"count\",\"rule\":\"simple\"}";
    static const struct {
        const char *what;
        struct pb_row row;
    } rows[] = {
        {"kind", {.seq = 7, .kind = PB_ROW_READING, .check_no = 1, .name = "x", .text = good}},
        {"check number", {.seq = 7, .kind = PB_ROW_CHECK, .name = "x", .text = good}},
        {"unit", {.seq = 7, .kind = PB_ROW_CHECK, .check_no = 1, .name = "x", .c = PB_UNIT_COUNT, .text = good}},
        {"JSON", {.seq = 7, .kind = PB_ROW_CHECK, .check_no = 1, .name = "x", .text = "{"}},
        {"JSON", {.seq = 7, .kind = PB_ROW_CHECK, .check_no = 1, .name = "x", .text = "[]"}},
        {"extractor",
         {.seq = 7,
          .kind = PB_ROW_CHECK,
          .check_no = 1,
          .name = "x",
          .text = "{\"confidence\":\"V\",\"rule\":\"simple\"}"}},
        {"confidence",
         {.seq = 7,
          .kind = PB_ROW_CHECK,
          .check_no = 1,
          .name = "x",
          .text = "{\"confidence\":\"W\",\"extractor\":\"count\",\"rule\":\"simple\"}"}},
        {"rule",
         {.seq = 7,
          .kind = PB_ROW_CHECK,
          .check_no = 1,
          .name = "x",
          .text = "{\"confidence\":\"V\",\"extractor\":\"count\",\"rule\":3}"}},
        {"clause",
         {.seq = 7, .kind = PB_ROW_CHECK, .check_no = 1, .name = "x", .text = "{\"clause\":5,\"confidence\":\"V\"}"}}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_check check;
        struct pb_error error = {0};
        PB_CHECK_TEXT(pb_status_name(pb_check_from_row(&rows[i].row, &check, &error)), "ERR_INPUT");
        PB_CHECK_TEXT(error.where, "row 7");
        PB_CHECK_CONTAINS(error.text, rows[i].what);
    }
    static const char *const recipes[] = {"",
                                          "{\"extractor\":\"pilot\"}",
                                          "{\"extractor\":\"count\",\"version\":-1}",
                                          "{\"extractor\":\"count\",\"version\":4294967297}",
                                          "{\"extractor\":\"count\",\"count\":-1}",
                                          "{\"extractor\":\"count\",\"from_u\":-1}",
                                          "{\"extractor\":\"count\",\"from\":1.5}",
                                          "{\"extractor\":\"count\",\"name\":\"012345678901234567890123456789012\"}",
                                          "{\"extractor\":\"count\",\"name\":\"a\\u0000b\"}",
                                          "{\"extractor\":\"count\",\"extractor\":\"count\"}"};
    for (size_t i = 0; i < sizeof recipes / sizeof *recipes; i++) {
        struct pb_recipe recipe;
        struct pb_error error = {0};
        struct pb_row row = {.kind = PB_ROW_READING, .name = "x", .text = recipes[i]};
        PB_CHECK_TRUE(pb_recipe_from_row(&row, &recipe, &error) == PB_ERR_INPUT, "%s was taken", recipes[i]);
    }
}

static void test_every_extractor_is_found_by_its_name(void **state) {
    (void)state;
    for (enum pb_extractor i = 0; i < PB_EXTRACTOR_COUNT; i++)
        PB_CHECK_INT(pb_extractor_find(pb_extractor_name(i)), i, "(extractor)");
    PB_CHECK_INT(pb_extractor_find("pilot"), PB_EXTRACTOR_COUNT, "(extractor)");
    PB_CHECK_INT(pb_extractor_unit(PB_EXTRACT_PILOT_DUTY), PB_UNIT_PERCENT, "(unit)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_check_comes_back_as_it_was),
        cmocka_unit_test(test_a_recipe_comes_back_as_it_was),
        cmocka_unit_test(test_a_reading_without_value_keeps_its_reason),
        cmocka_unit_test(test_a_text_that_is_not_utf8_or_does_not_fit_is_refused),
        cmocka_unit_test(test_the_longest_texts_fit_a_row),
        cmocka_unit_test(test_rows_that_hold_something_else_are_refused),
        cmocka_unit_test(test_every_extractor_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
