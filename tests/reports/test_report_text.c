/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table for people. The whole of it is compared with expected/table_WIDTH.txt; PB_UPDATE_EXPECTED=1 writes those
 * anew, to be read before they are committed. */
#include "reports/report.h"
#include "tests/reports/sample_summary.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>

static char *report(const struct pb_summary *summary, const struct pb_report_options *options) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    struct pb_error error = {0};
    PB_CHECK_OK(pb_report_text(file, summary, options, &error), &error);
    fclose(file);
    return text;
}

/* Columns of the longest line, whose characters are all one column wide, up to the last line. */
static int longest_line(const char *text) {
    int longest = 0, columns = 0;
    const char *last = strrchr(text, '\n');
    while (last > text && last[-1] != '\n') last--;
    for (; text < last; text++) {
        if (*text == '\n') columns = 0;
        else columns += (*text & 0xC0) != 0x80;
        if (columns > longest) longest = columns;
    }
    return longest;
}

static void compare_with_file(const char *text, int width) {
    char path[512];
    snprintf(path, sizeof path, PB_SOURCE_DIR "/tests/reports/expected/table_%d.txt", width);
    bool is_update = getenv("PB_UPDATE_EXPECTED") != NULL;
    FILE *file = fopen(path, is_update ? "w" : "r");
    PB_CHECK_TRUE(file != NULL, "%s cannot be opened", path);
    if (is_update) {
        fputs(text, file);
        fclose(file);
        return;
    }
    static char expected[1 << 16];
    expected[fread(expected, 1, sizeof expected - 1, file)] = '\0';
    fclose(file);
    PB_CHECK_TEXT(text, expected);
}

static void test_table_is_as_expected_at_each_width(void **state) {
    (void)state;
    static const int widths[] = {60, 80, 120, 160};
    for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
        char *text = report(sample_summary(), &(struct pb_report_options){.width = widths[i], .is_utf8 = true});
        compare_with_file(text, widths[i]);
        free(text);
    }
}

static void test_no_line_is_wider_than_the_terminal(void **state) {
    (void)state;
    char long_text[201];
    memset(long_text, 'x', 200);
    long_text[200] = '\0';
    for (int width = 60; width <= 240; width += 20) {
        char *text = report(sample_summary(), &(struct pb_report_options){.width = width, .is_utf8 = true});
        PB_CHECK_BETWEEN(longest_line(text), 1, width, "columns");
        free(text);
        text = report(hostile_summary(long_text), &(struct pb_report_options){.width = width});
        PB_CHECK_BETWEEN(longest_line(text), 1, width, "columns");
        free(text);
    }
}

static void test_a_long_name_is_shown_whole(void **state) {
    (void)state;
    char name[200];
    for (size_t i = 0; i < sizeof name - 1; i++) name[i] = (char)('a' + i % 26);
    name[sizeof name - 1] = '\0';
    struct pb_summary *summary = hostile_summary("x");
    snprintf(summary->steps[0].text, sizeof summary->steps[0].text, "%s", name);
    char *text = report(summary, &(struct pb_report_options){.width = 80});
    size_t letters = 0, expected = 0;
    for (const char *at = text; *at; at++) letters += *at == 'z';
    for (const char *at = name; *at; at++) expected += *at == 'z';
    PB_CHECK_INT(letters, expected, "letters z");
    free(text);
}

static void test_a_hostile_text_moves_no_cursor(void **state) {
    (void)state;
    const char *hostile = "\x1b[2J\x1b]0;x\x07 \r\b\t\n \xc2\x9b"
                          "31m \xe2\x80\xae <&>\"' \xff\xfe \xe5\xae\xa2\xe6\x88\xb7";
    for (int is_utf8 = 0; is_utf8 < 2; is_utf8++) {
        char *text = report(hostile_summary(hostile), &(struct pb_report_options){.width = 100, .is_utf8 = is_utf8});
        for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
            PB_CHECK_TRUE(*at >= 0x20 || *at == '\n', "control character 0x%02x came through", *at);
            PB_CHECK_TRUE(is_utf8 || *at < 0x80, "byte 0x%02x came through though the terminal is ASCII", *at);
        }
        PB_CHECK_TRUE(!strstr(text, "\xc2\x9b") && !strstr(text, "\xe2\x80\xae"),
                      "a C1 control or a turn of direction came through");
        PB_CHECK_INT(strstr(text, "\xe5\xae\xa2") != NULL, is_utf8, "(Chinese characters shown)");
        free(text);
    }
}

static void test_colour_is_used_only_when_asked_for(void **state) {
    (void)state;
    char *plain = report(sample_summary(), &(struct pb_report_options){.width = 80});
    char *coloured = report(sample_summary(), &(struct pb_report_options){.width = 80, .is_colour = true});
    PB_CHECK_TRUE(!strchr(plain, '\033'), "an escape in a plain report");
    PB_CHECK_CONTAINS(coloured, "\033[31;1mfail\033[0m");
    PB_CHECK_CONTAINS(coloured, "\033[32mpass\033[0m");
    free(plain);
    free(coloured);
}

static void test_a_failure_tells_expected_seen_and_by_how_much(void **state) {
    (void)state;
    char *text = report(sample_summary(), &(struct pb_report_options){.width = 160});
    PB_CHECK_CONTAINS(text, "expected the duty for 16 A");
    PB_CHECK_CONTAINS(text, "seen     21.67 % +- 0.05 %, limit 26.167 % to 27.167 %, 4.497 % too low");
    free(text);
}

static void test_a_check_never_judged_is_inconc_not_reached(void **state) {
    (void)state;
    char *text = report(sample_summary(), &(struct pb_report_options){.width = 160});
    PB_CHECK_CONTAINS(text, "inconc pwm_off");
    PB_CHECK_CONTAINS(text, "seen     not reached");
    free(text);
}

static void test_the_last_line_is_the_summary_line(void **state) {
    (void)state;
    char line[320];
    pb_summary_line(sample_summary(), line, sizeof line);
    char *text = report(sample_summary(), &(struct pb_report_options){.width = 60});
    size_t length = strlen(text);
    PB_CHECK_TRUE(length > strlen(line) && text[length - 1] == '\n', "the report ends without a newline");
    text[length - 1] = '\0';
    PB_CHECK_TEXT(text + length - 1 - strlen(line), line);
    free(text);
}

static void test_a_run_that_is_not_closed_says_so(void **state) {
    (void)state;
    struct pb_summary *summary = sample_summary();
    summary->is_closed = false;
    char *text = report(summary, &(struct pb_report_options){.width = 80});
    PB_CHECK_CONTAINS(text, "not closed: the run was killed");
    free(text);
}

static void test_a_full_disk_is_an_error(void **state) {
    (void)state;
    FILE *file = fopen("/dev/full", "w");
    if (!file) skip();
    struct pb_error error = {0};
    enum pb_status status = pb_report_text(file, sample_summary(), &(struct pb_report_options){.width = 80}, &error);
    fclose(file);
    PB_CHECK_TEXT(pb_status_name(status), "ERR_IO");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_as_expected_at_each_width),
        cmocka_unit_test(test_no_line_is_wider_than_the_terminal),
        cmocka_unit_test(test_a_long_name_is_shown_whole),
        cmocka_unit_test(test_a_hostile_text_moves_no_cursor),
        cmocka_unit_test(test_colour_is_used_only_when_asked_for),
        cmocka_unit_test(test_a_failure_tells_expected_seen_and_by_how_much),
        cmocka_unit_test(test_a_check_never_judged_is_inconc_not_reached),
        cmocka_unit_test(test_the_last_line_is_the_summary_line),
        cmocka_unit_test(test_a_run_that_is_not_closed_says_so),
        cmocka_unit_test(test_a_full_disk_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
