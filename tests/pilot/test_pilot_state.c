/* SPDX-License-Identifier: GPL-3.0-or-later */
/* State names and windows. */
#include "pilot_emulator/state.h"
#include "tests/support/check.h"

static void test_every_state_is_found_by_its_own_name(void **context) {
    (void)context;
    for (int i = 0; i < PB_CP_STATE_COUNT; i++)
        PB_CHECK_INT(pb_cp_state_find(pb_cp_state_name((enum pb_cp_state)i)), i, "state");
    PB_CHECK_INT(pb_cp_state_find("G1"), PB_CP_STATE_COUNT, "state");
    PB_CHECK_TEXT(pb_cp_state_name(PB_CP_B2), "B2");
}

static void test_letter_and_suffix_follow_the_name(void **context) {
    (void)context;
    for (int i = PB_CP_A1; i <= PB_CP_F; i++) {
        enum pb_cp_state state = (enum pb_cp_state)i;
        PB_CHECK_INT(pb_cp_state_letter(state), pb_cp_state_name(state)[0], "letter");
        PB_CHECK_INT(pb_cp_state_has_pwm(state), pb_cp_state_name(state)[1] == '2', "PWM");
    }
    PB_CHECK_INT(pb_cp_state_letter(PB_CP_NONE), 0, "letter");
    PB_CHECK_INT(pb_cp_state_letter(PB_CP_INVALID), 0, "letter");
}

static void test_window_limits_are_inclusive_and_gaps_lie_between(void **context) {
    (void)context;
    static const struct {
        int64_t uv;
        char letter;
    } rows[] = {
        {13000001, 0},    {13000000, 'A'},  {11000000, 'A'}, {10999999, '-'}, {10000001, '-'}, {10000000, 'B'},
        {8000000, 'B'},   {7500000, '-'},   {7000000, 'C'},  {5000000, 'C'},  {4999999, '-'},  {4000000, 'D'},
        {2000000, 'D'},   {1999999, '-'},   {1000000, 'E'},  {-1000000, 'E'}, {-1000001, 0},   {-10999999, 0},
        {-11000000, 'F'}, {-13000000, 'F'}, {-13000001, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        PB_CHECK_INT(pb_cp_window_of(&pb_cp_windows_default, rows[i].uv), rows[i].letter, "letter");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_state_is_found_by_its_own_name),
        cmocka_unit_test(test_letter_and_suffix_follow_the_name),
        cmocka_unit_test(test_window_limits_are_inclusive_and_gaps_lie_between),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
