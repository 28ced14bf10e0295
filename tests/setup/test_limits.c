/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits files that are right. */
#include "harness/setup/limits.h"

#include "base/doc.h"
#include "tests/support/check.h"

#include <stdio.h>

static struct pb_limits limits_of(const char *rows) {
    char text[1000];
    struct pb_doc *doc;
    struct pb_limits limits;
    struct pb_error error;
    snprintf(text, sizeof text, "pilotbench_limits: 1\nstandard: small\nrows:\n%s", rows);
    PB_CHECK_OK(pb_doc_read_text("limits.yaml", text, strlen(text), &doc, &error), &error);
    PB_CHECK_OK(pb_limits_bind(doc, &limits, &error), &error);
    return limits;
}

static void test_a_row_keeps_bounds_unit_clause_source_and_confidence(void **state) {
    (void)state;
    struct pb_limits limits =
        limits_of("- {id: cp.low, min: -12.6 V, max: -11.4 V, clause: table 2, source: a book, confidence: K}\n");
    const struct pb_limit *row = pb_limits_find(&limits, "cp.low");
    PB_CHECK_TRUE(row != NULL, "no row");
    PB_CHECK_INT(row->min, -12600000, "uV");
    PB_CHECK_INT(row->max, -11400000, "uV");
    PB_CHECK_INT(row->unit, PB_UNIT_VOLT, "(unit)");
    PB_CHECK_INT(row->confidence, PB_CONFIDENCE_K, "(confidence)");
    PB_CHECK_TEXT(row->clause, "table 2");
    PB_CHECK_TEXT(row->source, "a book");
    PB_CHECK_TRUE(!pb_limits_find(&limits, "cp.lo"), "a row by half its name");
    pb_limits_finish(&limits);
}

static void test_a_bound_that_is_not_written_is_none(void **state) {
    (void)state;
    struct pb_limits limits = limits_of("- {id: a, max: 3 s, clause: c, source: s, confidence: V}\n"
                                        "- {id: b, min: 5 %, clause: c, source: s, confidence: U}\n");
    PB_CHECK_INT(limits.count, 2, "rows");
    PB_CHECK_INT(limits.rows[0].min, INT64_MIN, "ns");
    PB_CHECK_INT(limits.rows[0].unit, PB_UNIT_SECOND, "(unit)");
    PB_CHECK_INT(limits.rows[0].max, INT64_C(3000000000), "ns");
    PB_CHECK_INT(limits.rows[1].min, 50000, "ppm");
    PB_CHECK_INT(limits.rows[1].max, INT64_MAX, "ppm");
    PB_CHECK_INT(limits.rows[1].unit, PB_UNIT_PERCENT, "(unit)");
    pb_limits_finish(&limits);
}

static void test_equal_bounds_are_a_range(void **state) {
    (void)state;
    struct pb_limits limits = limits_of("- {id: a, min: 1 kHz, max: 1000 Hz, clause: c, source: s, confidence: C}\n");
    PB_CHECK_INT(limits.rows[0].min, limits.rows[0].max, "uHz");
    pb_limits_finish(&limits);
}

/* Every confidence as it is written, against the enum that judging uses. */
static void test_confidences_are_those_of_the_judge(void **state) {
    (void)state;
    static const char *const names[] = {"V", "V2", "C", "K", "U"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char row[120];
        snprintf(row, sizeof row, "- {id: a, max: 1 s, clause: c, source: s, confidence: %s}\n", names[i]);
        struct pb_limits limits = limits_of(row);
        PB_CHECK_TEXT(pb_confidence_name(limits.rows[0].confidence), names[i]);
        PB_CHECK_INT(pb_confidence_is_unverified(limits.rows[0].confidence), i >= 3, "(unverified)");
        pb_limits_finish(&limits);
    }
}

static void test_the_public_limits_are_read_and_each_has_a_source(void **state) {
    (void)state;
    struct pb_limits limits;
    struct pb_error error;
    PB_CHECK_OK(pb_limits_read(PB_SOURCE_DIR "/fixtures/limits/j1772-iec61851.yaml", &limits, &error), &error);
    PB_CHECK_TRUE(limits.count >= 12, "%zu rows", limits.count);
    for (size_t i = 0; i < limits.count; i++)
        PB_CHECK_TRUE(limits.rows[i].clause[0] && limits.rows[i].source[0], "%s", limits.rows[i].id);
    pb_limits_finish(&limits);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_keeps_bounds_unit_clause_source_and_confidence),
        cmocka_unit_test(test_a_bound_that_is_not_written_is_none),
        cmocka_unit_test(test_equal_bounds_are_a_range),
        cmocka_unit_test(test_confidences_are_those_of_the_judge),
        cmocka_unit_test(test_the_public_limits_are_read_and_each_has_a_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
