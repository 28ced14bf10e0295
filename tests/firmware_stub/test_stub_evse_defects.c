/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each defect shows on the wire, and only what it says. */
#include "tests/firmware_stub/scripted_world.h"
#include "tests/support/check.h"

static struct script script;

static void start(const char *defect) {
    const char *const arguments[] = {"--defect", defect, NULL};
    script_open(&script, 3, arguments);
}

static void finish(void) {
    PB_CHECK_INT(script_close(&script), 0, "(exit)");
}

static void test_duty_low_3a_offers_29_of_32_amperes(void **state) {
    (void)state;
    start("duty_low_3a");
    script_charge(&script);
    PB_CHECK_BETWEEN(script_first(&script, PBW_CP_PWM, 0)->u.cp_pwm.duty_ppm, 483233, 483433, "ppm");
    finish();
}

static int64_t opening_delay(const char *defect) {
    start(defect);
    script_charge(&script);
    int64_t b_ns = script.now_ns;
    script_state_b(&script);
    script_run(&script, 2 * SECONDS);
    const struct pbw_record *off = script_first(&script, PBW_COIL, b_ns);
    PB_CHECK_TRUE(off && off->u.value.a == 0, "never opened");
    finish();
    return off->t_ns - b_ns;
}

static void test_contactor_open_late_releases_the_coil_later(void **state) {
    (void)state;
    PB_CHECK_BETWEEN(opening_delay("contactor_open_late"), 250 * MS, 280 * MS, "ns");
    PB_CHECK_BETWEEN(opening_delay("contactor_open_late=100"), 100 * MS, 130 * MS, "ns");
}

static void test_no_diode_check_charges_over_a_short_diode(void **state) {
    (void)state;
    start("no_diode_check");
    script_boot(&script);
    script_load(&script, PBW_LOAD_R, 2740000);
    script_run(&script, 2 * SECONDS);
    script_load(&script, PBW_LOAD_R, 881683);
    script_run(&script, 2 * SECONDS);
    PB_CHECK_TRUE(script.is_live, "not charging");
    finish();
}

static void test_contactor_close_late_closes_4_s_after_c(void **state) {
    (void)state;
    start("contactor_close_late");
    script_boot(&script);
    script_state_b(&script);
    script_run(&script, 2 * SECONDS);
    int64_t c_ns = script.now_ns;
    script_state_c(&script);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_BETWEEN(script_first(&script, PBW_COIL, c_ns)->t_ns - c_ns, 4000 * MS, 4050 * MS, "ns");
    finish();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duty_low_3a_offers_29_of_32_amperes),
        cmocka_unit_test(test_contactor_open_late_releases_the_coil_later),
        cmocka_unit_test(test_no_diode_check_charges_over_a_short_diode),
        cmocka_unit_test(test_contactor_close_late_closes_4_s_after_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
