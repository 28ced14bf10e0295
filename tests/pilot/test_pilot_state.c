/* SPDX-License-Identifier: GPL-3.0-or-later */
/* State names. */
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

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_state_is_found_by_its_own_name),
        cmocka_unit_test(test_letter_and_suffix_follow_the_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
