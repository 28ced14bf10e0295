/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits files that are right. */
#include "harness/setup/limits.h"

#include "base/doc.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

static void test_a_row_can_state_its_u_max_with_a_reason(void **state) {
    (void)state;
    struct pb_limits limits = limits_of(
        "- {id: a, min: 970 ohm, max: 1030 ohm, u_max: 10 ohm, u_max_why: small load, clause: c, source: s, confidence: V}\n"
        "- {id: b, min: 970 ohm, max: 1030 ohm, clause: c, source: s, confidence: V}\n");
    PB_CHECK_INT(limits.rows[0].u_max, 10000, "mohm");
    PB_CHECK_INT(limits.rows[1].u_max, 0, "mohm (none stated: the planner takes the usual one)");
    PB_CHECK_INT(pb_limit_usual_u_max(&limits.rows[1]), 7500, "mohm");
    pb_limits_finish(&limits);
}

static void test_what_is_judged_by_without_an_option_is_what_it_always_was(void **state) {
    (void)state;
    static const struct {
        const char *id;
        int64_t min, max;
        enum pb_unit unit;
        enum pb_confidence confidence;
    } rows[] = {
        {"cp.level.a", 11400000, 12600000, PB_UNIT_VOLT, PB_CONFIDENCE_V2},
        {"cp.level.b", 8360000, 9560000, PB_UNIT_VOLT, PB_CONFIDENCE_V2},
        {"cp.level.c", 5480000, 6490000, PB_UNIT_VOLT, PB_CONFIDENCE_V2},
        {"cp.level.d", 2620000, 3250000, PB_UNIT_VOLT, PB_CONFIDENCE_V2},
        {"cp.level.low", -12600000, -11400000, PB_UNIT_VOLT, PB_CONFIDENCE_V2},
        {"cp.frequency", 980000000, 1020000000, PB_UNIT_HERTZ, PB_CONFIDENCE_V2},
        {"cp.duty.tolerance", INT64_MIN, 5000, PB_UNIT_PERCENT, PB_CONFIDENCE_K},
        {"cp.source_resistance", 970000, 1030000, PB_UNIT_OHM, PB_CONFIDENCE_V2},
        {"time.open_short", INT64_MIN, 3000000000, PB_UNIT_SECOND, PB_CONFIDENCE_V2},
        {"time.open_ccid", INT64_MIN, 560000000, PB_UNIT_SECOND, PB_CONFIDENCE_K},
        {"time.plug_to_b", INT64_MIN, 200000000, PB_UNIT_SECOND, PB_CONFIDENCE_K},
        {"time.close", INT64_MIN, 3000000000, PB_UNIT_SECOND, PB_CONFIDENCE_V2},
        {"time.open", INT64_MIN, 100000000, PB_UNIT_SECOND, PB_CONFIDENCE_V2},
        {"time.open_unplug", INT64_MIN, 100000000, PB_UNIT_SECOND, PB_CONFIDENCE_V2},
        {"time.a2_to_a1", INT64_MIN, 2000000000, PB_UNIT_SECOND, PB_CONFIDENCE_K},
    };
    struct pb_limits limits;
    struct pb_error error;
    PB_CHECK_OK(pb_limits_read(PB_SOURCE_DIR "/fixtures/limits/j1772-iec61851.yaml", &limits, &error), &error);
    PB_CHECK_INT(limits.doc_count, 4, "files");
    PB_CHECK_TEXT(limits.name, "SAE J1772 / IEC 61851-1:2017, public figures");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct pb_limit *row = pb_limits_find(&limits, rows[i].id);
        PB_CHECK_TRUE(row != NULL, "no row %s", rows[i].id);
        PB_CHECK_TRUE(row->min == rows[i].min && row->max == rows[i].max && row->unit == rows[i].unit &&
                          row->confidence == rows[i].confidence,
                      "row %s is another", rows[i].id);
    }
    pb_limits_finish(&limits);
}

static void test_states_are_told_by_the_windows_of_the_file(void **state) {
    (void)state;
    static const struct pb_cp_windows table_a4 = {{11000000, 13000000}, {8000000, 10000000}, {5000000, 7000000},
                                                  {2000000, 4000000},   {-1000000, 1000000}, {-13000000, -11000000}};
    struct pb_limits limits;
    struct pb_cp_windows windows;
    struct pb_error error;
    PB_CHECK_OK(pb_limits_read(PB_SOURCE_DIR "/fixtures/limits/iec-61851-1-2017.yaml", &limits, &error), &error);
    PB_CHECK_OK(pb_limits_windows(&limits, &windows, &error), &error);
    PB_CHECK_INT(memcmp(&windows, &table_a4, sizeof windows), 0, "(windows)");
    pb_limits_finish(&limits);
    PB_CHECK_OK(pb_limits_read(PB_SOURCE_DIR "/fixtures/limits/sae-j1772-2017.yaml", &limits, &error), &error);
    PB_CHECK_INT(pb_limits_windows(&limits, &windows, &error), PB_ERR_INPUT, "(status)");
    PB_CHECK_CONTAINS(error.text, "found no row cp.window.a with min and max in V");
    pb_limits_finish(&limits);
}

/* The public file, and a lab's own on top of it. */
static void test_a_file_that_is_read_later_replaces_rows_and_a_law(void **state) {
    (void)state;
    static const char bought[] =
        "pilotbench_limits: 1\nstandard: bought\nrows:\n"
        "  - {id: cp.duty.tolerance, max: 0.4 %, clause: 5.3, source: the standard, confidence: V}\n"
        "  - {id: cp.new, max: 1 V, clause: 5.4, source: the standard, confidence: V}\n"
        "current_of_duty:\n"
        "  - {from: 20 %, to: 40 %, current: 9 A, clause: 6.1, source: the standard, confidence: V}\n";
    char path[] = "/tmp/pb-limits-XXXXXX";
    int fd = mkstemp(path);
    PB_CHECK_TRUE(fd >= 0 && write(fd, bought, sizeof bought - 1) == (ssize_t)sizeof bought - 1, "no file to write");
    close(fd);
    struct pb_limits limits;
    struct pb_error error;
    int64_t ma;
    PB_CHECK_OK(pb_limits_read(PB_SOURCE_DIR "/fixtures/limits/j1772-iec61851.yaml", &limits, &error), &error);
    size_t before = limits.count;
    PB_CHECK_OK(pb_limits_add(&limits, path, &error), &error);
    unlink(path);
    PB_CHECK_INT(limits.count, before + 1, "rows");
    PB_CHECK_INT(pb_limits_find(&limits, "cp.duty.tolerance")->max, 4000, "ppm");
    PB_CHECK_INT(pb_limits_find(&limits, "cp.duty.tolerance")->confidence, PB_CONFIDENCE_V, "(confidence)");
    PB_CHECK_INT(pb_limits_find(&limits, "cp.level.b")->min, 8360000, "uV");
    PB_CHECK_INT(pb_duty_read(&limits.law, 300000, &ma), PB_DUTY_CURRENT, "(meaning)");
    PB_CHECK_INT(ma, 9000, "mA");
    PB_CHECK_INT(pb_duty_read(&limits.law, 500000, &ma), PB_DUTY_NO_CHARGING, "(meaning)");
    PB_CHECK_INT(pb_duty_announce(&limits.law, 16000), 266667, "ppm (the public law of that direction)");
    PB_CHECK_TEXT(limits.name, "SAE J1772 / IEC 61851-1:2017, public figures; bought");
    PB_CHECK_INT(limits.doc_count, 5, "files");
    pb_limits_finish(&limits);
}

static void test_the_public_limits_are_read_and_each_has_a_source(void **state) {
    (void)state;
    struct pb_limits limits;
    struct pb_error error;
    static const struct {
        const char *name;
        size_t least;
    } files[] = {{"j1772-iec61851", 70}, {"sae-j1772-2017", 35}, {"iec-61851-1-2017", 45}, {"ul-2231-2", 12}};
    for (size_t k = 0; k < sizeof files / sizeof *files; k++) {
        char path[500];
        snprintf(path, sizeof path, PB_SOURCE_DIR "/fixtures/limits/%s.yaml", files[k].name);
        PB_CHECK_OK(pb_limits_read(path, &limits, &error), &error);
        PB_CHECK_TRUE(limits.count >= files[k].least, "%s: %zu rows", files[k].name, limits.count);
        for (size_t i = 0; i < limits.count; i++)
            PB_CHECK_TRUE(limits.rows[i].clause[0] && limits.rows[i].source[0], "%s", limits.rows[i].id);
        pb_limits_finish(&limits);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_keeps_bounds_unit_clause_source_and_confidence),
        cmocka_unit_test(test_a_bound_that_is_not_written_is_none),
        cmocka_unit_test(test_equal_bounds_are_a_range),
        cmocka_unit_test(test_confidences_are_those_of_the_judge),
        cmocka_unit_test(test_a_row_can_state_its_u_max_with_a_reason),
        cmocka_unit_test(test_what_is_judged_by_without_an_option_is_what_it_always_was),
        cmocka_unit_test(test_states_are_told_by_the_windows_of_the_file),
        cmocka_unit_test(test_a_file_that_is_read_later_replaces_rows_and_a_law),
        cmocka_unit_test(test_the_public_limits_are_read_and_each_has_a_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
