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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_text_is_quoted_and_nothing_is_called_nothing),
        cmocka_unit_test(test_control_characters_do_not_reach_a_message),
        cmocka_unit_test(test_a_long_text_is_cut_to_its_buffer_at_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
