/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Statuses and the error context. */
#include "base/status.h"
#include "tests/support/check.h"

static void test_every_status_has_its_name_and_a_text(void **state) {
    (void)state;
#define X(name, text)                                                                                                  \
    PB_CHECK_TEXT(pb_status_name(PB_##name), #name);                                                                   \
    PB_CHECK_TEXT(pb_status_text(PB_##name), text);
    PB_STATUS_MAP(X)
#undef X
}

static void test_numbers_outside_the_list_have_a_question_mark(void **state) {
    (void)state;
    PB_CHECK_TEXT(pb_status_name(PB_STATUS_COUNT), "?");
    PB_CHECK_TEXT(pb_status_text((enum pb_status) - 1), "?");
}

static void test_fail_fills_the_error_and_returns_the_status(void **state) {
    (void)state;
    struct pb_error error = {0};
    enum pb_status status = pb_fail(&error, PB_ERR_TIMEOUT, 110, "instrument world", "no answer in %d ms", 20);
    PB_CHECK_INT(status, PB_ERR_TIMEOUT, "status");
    PB_CHECK_INT(error.status, PB_ERR_TIMEOUT, "status");
    PB_CHECK_INT(error.vendor_code, 110, "");
    PB_CHECK_TEXT(error.where, "instrument world");
    PB_CHECK_TEXT(error.text, "no answer in 20 ms");
}

static void test_fail_accepts_no_error_and_no_place(void **state) {
    (void)state;
    PB_CHECK_INT(pb_fail(NULL, PB_ERR_IO, 0, "x", "y"), PB_ERR_IO, "status");
    struct pb_error error;
    PB_CHECK_INT(pb_fail(&error, PB_ERR_IO, 0, NULL, "y"), PB_ERR_IO, "status");
    PB_CHECK_TEXT(error.where, "");
}

/* Lengths around the end of the buffer, so that the cut falls on each byte of a character once. */
static void test_long_texts_are_cut_at_a_whole_character(void **state) {
    (void)state;
    static const struct {
        const char *character;
        size_t bytes;
    } cases[] = {{"x", 1}, {"\xC3\xA9", 2}, {"\xE2\x82\xAC", 3}, {"\xF0\x9F\x94\x8C", 4}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        for (size_t lead = 0; lead < 5; lead++) {
            char text[2000] = "";
            memset(text, 'a', lead);
            for (size_t i = 0; i < 400; i++) strcat(text, cases[c].character);
            struct pb_error error;
            assert_int_equal(pb_fail(&error, PB_ERR_INPUT, 0, text, "%s", text), PB_ERR_INPUT);
            PB_CHECK_INT((strlen(error.text) - lead) % cases[c].bytes, 0, "bytes of a partial character");
            PB_CHECK_INT((strlen(error.where) - lead) % cases[c].bytes, 0, "bytes of a partial character");
            PB_CHECK_BETWEEN(strlen(error.text), sizeof error.text - 4, sizeof error.text - 1, "bytes");
            PB_CHECK_BETWEEN(strlen(error.where), sizeof error.where - 4, sizeof error.where - 1, "bytes");
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_status_has_its_name_and_a_text),
        cmocka_unit_test(test_numbers_outside_the_list_have_a_question_mark),
        cmocka_unit_test(test_fail_fills_the_error_and_returns_the_status),
        cmocka_unit_test(test_fail_accepts_no_error_and_no_place),
        cmocka_unit_test(test_long_texts_are_cut_at_a_whole_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
