/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Foreign text in messages. */
#include "base/text.h"
#include "tests/support/check.h"

static void test_a_text_is_quoted_and_nothing_is_called_nothing(void **state) {
    (void)state;
    char out[80];
    PB_CHECK_TEXT(pb_text_quote("12 V", out, sizeof out), "\"12 V\"");
    PB_CHECK_TEXT(pb_text_quote("", out, sizeof out), "nothing");
}

static void test_control_characters_do_not_reach_a_message(void **state) {
    (void)state;
    char out[80];
    PB_CHECK_TEXT(pb_text_quote("a\nb\x1b[31m\x7f", out, sizeof out), "\"a?b?[31m?\"");
}

static void test_a_long_text_is_cut_to_its_buffer_at_a_whole_character(void **state) {
    (void)state;
    char out[80];
    PB_CHECK_TEXT(pb_text_quote("123456789", out, 11 + 1), "\"123456789\"");
    PB_CHECK_TEXT(pb_text_quote("1234567890", out, 11 + 1), "\"123456...\"");
    PB_CHECK_TEXT(pb_text_quote("12345\xE2\x82\xACxxxxx", out, 11 + 1), "\"12345...\"");
    PB_CHECK_TEXT(pb_text_quote("123\xE2\x82\xACxxxxx", out, 11 + 1), "\"123\xE2\x82\xAC...\"");
    PB_CHECK_TEXT(pb_text_quote("123456789", out, 8), "\"12...\"");
}

static void test_well_formed_utf8_is_told_from_what_only_looks_like_it(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t length, good;
    } rows[] = {{"", 0, 0},
                {"a\0b", 3, 3},
                {"\xC3\xA4\xE2\x82\xAC\xF0\x9F\x94\x8C", 9, 9},
                {"ab\xFFz", 4, 2},
                {"\xC0\xAF", 2, 0},         /* overlong / */
                {"\xE0\x9F\xBF", 3, 0},     /* overlong U+07FF */
                {"x\xED\xA0\x80", 4, 1},    /* a surrogate */
                {"\xF4\x90\x80\x80", 4, 0}, /* beyond U+10FFFF */
                {"\xF4\x8F\xBF\xBF", 4, 4}, /* U+10FFFF */
                {"ab\xE2\x82", 4, 2},       /* cut short */
                {"\x80", 1, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        PB_CHECK_INT(pb_text_utf8_length(rows[i].text, rows[i].length), rows[i].good, "bytes");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_well_formed_utf8_is_told_from_what_only_looks_like_it),
        cmocka_unit_test(test_a_text_is_quoted_and_nothing_is_called_nothing),
        cmocka_unit_test(test_control_characters_do_not_reach_a_message),
        cmocka_unit_test(test_a_long_text_is_cut_to_its_buffer_at_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
