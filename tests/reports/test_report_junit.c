/* SPDX-License-Identifier: GPL-3.0-or-later */
/* JUnit files, looked at by programs that are not ours: xmllint with the schema of Jenkins' xUnit plug-in (folder
 * PB_SCHEMAS, else
 * ../shared/schemas), and python3-junitparser. What is not installed is skipped, with the reason. */
#include "reports/report.h"
#include "tests/reports/sample_summary.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/pb-junit-XXXXXX";
static char path[64];

static const struct pb_report_fact facts_list[] = {
    {"seed", "42"}, {"bench", "virtual"}, {"dut", "stub <evse> & \"co\""}, {"unknown", NULL}};
static const struct pb_report_facts facts = {
    .started_utc = "2026-11-21T05:30:00.123Z", .others = facts_list, .other_count = 4};

static const char *const hostile_texts[] = {
    "<a>&amp;]]>\"'",
    "\x01\x02\x08\x0b\x0c\x1f\x7f tab\t newline\n return\r",
    "\xff\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80 \xef\xbf\xbf",
    "\xe5\xae\xa2\xe6\x88\xb7 \xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xf0\x9f\x94\x8c",
    "",
    NULL /* 190 times '<' */};
enum { HOSTILE_COUNT = sizeof hostile_texts / sizeof *hostile_texts };

static const char *hostile_text(size_t i) {
    static char long_text[191];
    memset(long_text, '<', sizeof long_text - 1);
    return hostile_texts[i] ? hostile_texts[i] : long_text;
}

static const char *write_report(const struct pb_summary *summary) {
    struct pb_error error = {0};
    PB_CHECK_OK(pb_report_junit(path, summary, &facts, &error), &error);
    static char text[1 << 16];
    FILE *file = fopen(path, "r");
    PB_CHECK_TRUE(file != NULL, "%s was not written", path);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static bool runs(const char *format, ...) PB_PRINTF(1, 2);
static bool runs(const char *format, ...) {
    char command[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    return system(command) == 0;
}

static void need(bool is_there, const char *what) {
    if (is_there) return;
    print_message("skipped: %s is not here\n", what);
    skip();
}

static int count_of(const char *text, const char *part) {
    int count = 0;
    while ((text = strstr(text, part))) count++, text++;
    return count;
}

static void test_inconc_is_an_error_and_never_an_empty_case(void **state) {
    (void)state;
    const char *text = write_report(sample_summary());
    PB_CHECK_INT(count_of(text, "<error type=\"inconclusive\""), 2, "inconclusive errors");
    PB_CHECK_CONTAINS(text, "<error type=\"inconclusive\" message=\"not reached\">");
    PB_CHECK_INT(count_of(text, "<failure "), 1, "failures");
    PB_CHECK_CONTAINS(text, "message=\"21.67 % +- 0.05 %, limit 26.167 % to 27.167 %, 4.497 % too low\"");
    PB_CHECK_INT(count_of(text, "<error type=\"error\""), 2, "errors (of a check, of a case)");
    PB_CHECK_CONTAINS(text, "<error type=\"error\" message=\"slave evse died of signal 9\"");
    PB_CHECK_CONTAINS(text, "<skipped message=\"the bench has no eumd\"/>");
}

static void test_counts_agree_with_the_cases_written(void **state) {
    (void)state;
    const char *text = write_report(sample_summary());
    PB_CHECK_CONTAINS(text, "<testsuites name=\"pilotbench\" tests=\"10\" failures=\"1\" errors=\"4\"");
    PB_CHECK_INT(count_of(text, "<testcase "), 10, "test cases");
    PB_CHECK_CONTAINS(
        text, "<testsuite name=\"S1\" tests=\"9\" failures=\"1\" errors=\"3\" skipped=\"1\" time=\"50406.000\"");
    PB_CHECK_CONTAINS(text, "<testcase classname=\"S1\" name=\"S1/5/duty\" time=\"0.500\">");
}

static void test_properties_tell_what_was_not_judged_and_by_which_limits(void **state) {
    (void)state;
    const char *text = write_report(sample_summary());
    static const char *const properties[] = {"\"played.found\" value=\"1\"",
                                             "\"not_observable.found\" value=\"1\"",
                                             "\"unverified\" value=\"1\"",
                                             "\"seed\" value=\"42\"",
                                             "\"decision_rule\" value=\"simple acceptance (ILAC-G8, w = 0)\"",
                                             "\"limit.time.open\" value=\"at most 100 ms; IEC"};
    for (size_t i = 0; i < sizeof properties / sizeof *properties; i++) PB_CHECK_CONTAINS(text, properties[i]);
    PB_CHECK_INT(count_of(text, "limit.cp.level.a"), 1, "properties of a limit used twice");
}

static void test_hostile_texts_make_well_formed_xml(void **state) {
    (void)state;
    need(runs("command -v xmllint >/dev/null"), "xmllint (libxml2-utils)");
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        write_report(hostile_summary(hostile_text(i)));
        PB_CHECK_TRUE(runs("xmllint --noout --nonet %s", path), "hostile text %zu", i);
    }
}

static void test_files_are_valid_by_the_jenkins_schema(void **state) {
    (void)state;
    need(runs("command -v xmllint >/dev/null"), "xmllint (libxml2-utils)");
    const char *schemas = getenv("PB_SCHEMAS");
    char schema[1024];
    snprintf(schema, sizeof schema, "%s/junit-10.xsd", schemas ? schemas : PB_SOURCE_DIR "/../shared/schemas");
    need(access(schema, R_OK) == 0, schema);
    write_report(sample_summary());
    PB_CHECK_TRUE(runs("xmllint --noout --nonet --schema '%s' %s 2>%s/lint || { cat %s/lint; false; }", schema, path,
                       folder, folder),
                  "the sample is not valid");
    for (size_t i = 0; i < HOSTILE_COUNT; i++) {
        write_report(hostile_summary(hostile_text(i)));
        PB_CHECK_TRUE(runs("xmllint --noout --nonet --schema '%s' %s 2>%s/lint || { cat %s/lint; false; }", schema,
                           path, folder, folder),
                      "hostile text %zu is not valid", i);
    }
}

static void test_junitparser_reads_what_was_meant(void **state) {
    (void)state;
    static const char *const pythons[] = {"python3", "/usr/bin/python3"};
    const char *python = NULL;
    for (size_t i = 0; i < 2 && !python; i++)
        if (runs("%s -c 'import junitparser' 2>/dev/null", pythons[i])) python = pythons[i];
    need(python != NULL, "python3-junitparser");
    write_report(sample_summary());
    PB_CHECK_TRUE(runs("%s '" PB_SOURCE_DIR "/tests/reports/read_junit.py' %s", python, path),
                  "it read something else");
}

static void test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing(void **state) {
    (void)state;
    struct pb_error error = {0};
    enum pb_status status = pb_report_junit("/nonexistent/x.xml", sample_summary(), &facts, &error);
    PB_CHECK_TEXT(pb_status_name(status), "ERR_IO");
    PB_CHECK_TEXT(error.where, "/nonexistent/x.xml");
}

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/junit.xml", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    return runs("rm -r %s", folder) ? 0 : -1;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inconc_is_an_error_and_never_an_empty_case),
        cmocka_unit_test(test_counts_agree_with_the_cases_written),
        cmocka_unit_test(test_properties_tell_what_was_not_judged_and_by_which_limits),
        cmocka_unit_test(test_hostile_texts_make_well_formed_xml),
        cmocka_unit_test(test_files_are_valid_by_the_jenkins_schema),
        cmocka_unit_test(test_junitparser_reads_what_was_meant),
        cmocka_unit_test(test_a_folder_that_is_not_there_is_an_error_and_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
