/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each defect shows on the wire, and only what it says. */
#include "tests/firmware_stub/scripted_world.h"
#include "tests/support/check.h"

static struct script script;

static void start(const char *defect) {
    const char *const arguments[] = {"--defect", defect, NULL};
    script_open(&script, 3, arguments);
}

static void finish(void) { PB_CHECK_INT(script_close(&script), 0, "(exit)"); }

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

static void plug(void) {
    script_boot(&script);
    script_state_b(&script);
    script_run(&script, 2 * SECONDS);
}

static const struct pbw_cp_pwm *first_pwm(void) {
    const struct pbw_record *record = script_first(&script, PBW_CP_PWM, 0);
    PB_CHECK_TRUE(record != NULL, "no PWM");
    return &record->u.cp_pwm;
}

static void test_each_defect_of_the_waveform_is_in_the_description_of_pwm_and_still_charges(void **state) {
    (void)state;
    static const struct {
        const char *defect;
        int64_t min, max;
        size_t member, size;
    } rows[] = {
#define MEMBER(name) offsetof(struct pbw_cp_pwm, name), sizeof((struct pbw_cp_pwm *)NULL)->name
        {"duty_offset_6pct", 593233, 593433, MEMBER(duty_ppm)},
        {"high_rail_11v", 10945000, 11055000, MEMBER(high_uv)},
        {"low_rail_10v7", -10760000, -10640000, MEMBER(low_uv)},
        {"wrong_source_resistance", 1094500, 1105500, MEMBER(source_milliohm)},
        {"slow_edges", 6400, 9600, MEMBER(ramp_ns)},
        {"slow_edges", 6400, 9600, MEMBER(fall_ramp_ns)},
        {"slow_rise", 3200, 4800, MEMBER(ramp_ns)},
        {"slow_rise", 800, 1200, MEMBER(fall_ramp_ns)},
        {"slow_fall", 800, 1200, MEMBER(ramp_ns)},
        {"slow_fall", 3200, 4800, MEMBER(fall_ramp_ns)},
        {"pwm_freq_3pct", 1029000000, 1031000000, MEMBER(frequency_uhz)},
#undef MEMBER
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(rows[i].defect);
        script_charge(&script);
        int64_t value = 0;
        memcpy(&value, (const char *)first_pwm() + rows[i].member, rows[i].size);
        if (rows[i].size < sizeof value) value = (int32_t)value;
        PB_CHECK_BETWEEN(value, rows[i].min, rows[i].max, "");
        PB_CHECK_TRUE(script.is_live, "%s does not charge", rows[i].defect);
        finish();
    }
}

static void test_no_pwm_never_offers(void **state) {
    (void)state;
    start("no_pwm");
    script_charge(&script);
    PB_CHECK_TRUE(!script_first(&script, PBW_CP_PWM, 0) && !script_first(&script, PBW_COIL, 0), "it offers or closes");
    finish();
}

static void test_pwm_before_vehicle_offers_in_a(void **state) {
    (void)state;
    start("pwm_before_vehicle");
    script_value(&script, PBW_MAINS, 0, 120000);
    script_run(&script, 600 * MS);
    PB_CHECK_TRUE(script_first(&script, PBW_CP_PWM, 0) != NULL, "no PWM");
    finish();
}

static void test_pwm_dropouts_break_off_and_come_back(void **state) {
    (void)state;
    start("pwm_dropouts");
    plug();
    int64_t from_ns = script_last(&script, PBW_CP_PWM)->t_ns;
    script_run(&script, 11 * SECONDS);
    PB_CHECK_INT(script_first(&script, PBW_CP_EDGE, from_ns)->t_ns - from_ns, 10000 * MS, "ns");
    PB_CHECK_INT(script_last(&script, PBW_CP_PWM)->t_ns - from_ns, 10100 * MS, "ns");
    finish();
}

static void test_closes_in_b_closes_without_c(void **state) {
    (void)state;
    start("closes_in_b");
    plug();
    PB_CHECK_TRUE(script.is_live, "not closed");
    finish();
}

/* Charging, then this load for 30 s: is it still live? */
static void check_stays_live(const char *defect, void (*load)(struct script *)) {
    start(defect);
    script_charge(&script);
    load(&script);
    script_run(&script, 30 * SECONDS);
    PB_CHECK_TRUE(script.is_live, "%s opened", defect);
    finish();
}

static void lose_earth(struct script *world) { script_value(world, PBW_PE_OK, 0, 0); }

static void leak(struct script *world) { script_value(world, PBW_CCID_TRIP, 0, 30000); }

static void test_defects_that_should_have_opened_stay_closed(void **state) {
    (void)state;
    check_stays_live("contactor_stuck_after_unplug", script_unplug);
    check_stays_live("short_not_opened", script_short);
    check_stays_live("ignores_ventilation", script_state_d);
    check_stays_live("ground_not_watched", lose_earth);
    check_stays_live("ccid_trip_high", leak);
}

static void test_slow_detection_opens_after_180_ms(void **state) {
    (void)state;
    PB_CHECK_BETWEEN(opening_delay("slow_detection"), 180 * MS, 200 * MS, "ns");
}

static void test_weld_not_watched_says_nothing(void **state) {
    (void)state;
    start("weld_not_watched");
    script_charge(&script);
    script.is_welded = true;
    script_state_b(&script);
    script_run(&script, 30 * SECONDS);
    PB_CHECK_TRUE(script.is_live && !script_is_steady(&script, -12000), "it noticed");
    finish();
}

static void test_fault_overwritten_offers_again_after_a_final_fault(void **state) {
    (void)state;
    start("fault_overwritten");
    script_charge(&script);
    script.is_dead = true;
    script.pole_due_live = false;
    script.pole_due_ns = script.now_ns + MS; /* the load side dies */
    script_run(&script, SECONDS);
    PB_CHECK_TRUE(script_is_steady(&script, -12000), "no fault at all");
    int64_t fault_ns = script.now_ns;
    script_state_b(&script);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_TRUE(script_first(&script, PBW_CP_PWM, fault_ns) != NULL, "the fault holds");
    finish();
}

static void test_restarts_after_power_cut_forgets_the_stop(void **state) {
    (void)state;
    start("restarts_after_power_cut");
    script_charge(&script);
    script_type_line(&script, "stop");
    script_run(&script, 10 * SECONDS);
    script_value(&script, PBW_MAINS, 0, 0);
    script_run(&script, SECONDS);
    script_value(&script, PBW_MAINS, 0, 120000);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_TRUE(script.is_live, "still stopped");
    finish();
}

static void test_opens_under_load_opens_1_s_after_stop(void **state) {
    (void)state;
    start("opens_under_load");
    script_charge(&script);
    int64_t stop_ns = script.now_ns;
    script_type_line(&script, "stop");
    script_run(&script, 10 * SECONDS);
    PB_CHECK_BETWEEN(script_first(&script, PBW_COIL, stop_ns)->t_ns - stop_ns, 1000 * MS, 1010 * MS, "ns");
    finish();
}

static void test_duty_changes_fast_changes_after_200_ms(void **state) {
    (void)state;
    start("duty_changes_fast");
    script_charge(&script);
    script_type_line(&script, "set current 16");
    script_type_line(&script, "set current 10");
    int64_t set_ns = script.now_ns;
    script_run(&script, SECONDS);
    PB_CHECK_BETWEEN(script_last(&script, PBW_CP_PWM)->t_ns - set_ns, 0, 210 * MS, "ns");
    PB_CHECK_BETWEEN(script_last(&script, PBW_CP_PWM)->u.cp_pwm.duty_ppm, 166567, 166767, "ppm");
    finish();
}

static void test_a2_too_long_and_pwm_again_early_miss_their_times(void **state) {
    (void)state;
    static const char *const names[] = {"a2_too_long", "pwm_again_early"};
    for (size_t i = 0; i < 2; i++) {
        start(names[i]);
        plug();
        int64_t unplug_ns = script.now_ns;
        script_unplug(&script);
        script_run(&script, 900 * MS);
        script_state_b(&script);
        script_run(&script, 10 * SECONDS);
        int64_t off_ns = script_first(&script, PBW_CP_EDGE, unplug_ns)->t_ns;
        int64_t on_ns = script_first(&script, PBW_CP_PWM, unplug_ns)->t_ns;
        if (i == 0) PB_CHECK_BETWEEN(off_ns - unplug_ns, 4000 * MS, 4050 * MS, "ns");
        if (i == 1) PB_CHECK_BETWEEN(on_ns - off_ns, 600 * MS, 1000 * MS, "ns");
        finish();
    }
}

static void test_boots_late_drives_the_pilot_after_12_s(void **state) {
    (void)state;
    start("boots_late");
    script_value(&script, PBW_MAINS, 0, 120000);
    script_run(&script, 20 * SECONDS);
    PB_CHECK_BETWEEN(script_first(&script, PBW_CP_EDGE, 0)->t_ns, 12000 * MS, 12100 * MS, "ns");
    finish();
}

/* 5 mA through 882 ohm, the diode and 1 kohm: the driver keeps up 10.1 V, and its full 12 V once the load is gone. */
static void test_weak_driver_sags_under_the_load_of_c_and_recovers(void **state) {
    (void)state;
    start("weak_driver");
    script_boot(&script);
    script_state_b(&script);
    script_run(&script, 2 * SECONDS);
    PB_CHECK_BETWEEN(script_last(&script, PBW_CP_PWM)->u.cp_pwm.high_uv, 11900000, 12100000, "uV");
    script_state_c(&script);
    script_run(&script, SECONDS);
    PB_CHECK_BETWEEN(script_last(&script, PBW_CP_PWM)->u.cp_pwm.high_uv, 10050000, 10170000, "uV");
    script_state_b(&script);
    script_run(&script, SECONDS);
    PB_CHECK_BETWEEN(script_last(&script, PBW_CP_PWM)->u.cp_pwm.high_uv, 11900000, 12100000, "uV");
    finish();
}

static const struct pbw_record *opened(int64_t from_ns) {
    for (size_t i = 0; i < script.log_count; i++)
        if (script.log[i].type == PBW_COIL && script.log[i].t_ns >= from_ns && !script.log[i].u.value.a)
            return &script.log[i];
    return NULL;
}

static void test_opens_while_charging_lets_go_after_600_s(void **state) {
    (void)state;
    start("opens_while_charging");
    script_charge(&script);
    int64_t closed_ns = script_first(&script, PBW_COIL, 0)->t_ns;
    script_run(&script, 700 * SECONDS);
    PB_CHECK_INT(opened(closed_ns)->t_ns - closed_ns, 600 * SECONDS, "ns");
    finish();
}

static void test_opens_while_charging_counts_all_closings_together(void **state) {
    (void)state;
    start("opens_while_charging");
    script_charge(&script);
    script_run(&script, 400 * SECONDS);
    script_state_b(&script);
    script_run(&script, 100 * SECONDS);
    int64_t c_ns = script.now_ns;
    script_state_c(&script);
    script_run(&script, 400 * SECONDS);
    PB_CHECK_BETWEEN(opened(c_ns)->t_ns - c_ns, 185 * SECONDS, 195 * SECONDS, "ns");
    finish();
}

static void test_contactor_bounce_chatters_for_200_ms_and_stays(void **state) {
    (void)state;
    start("contactor_bounce");
    script_charge(&script);
    script_run(&script, SECONDS);
    int64_t closed_ns = script_first(&script, PBW_COIL, 0)->t_ns;
    const struct pbw_record *last = script_last(&script, PBW_COIL);
    PB_CHECK_BETWEEN(last->t_ns - closed_ns, 180 * MS, 220 * MS, "ns");
    PB_CHECK_TRUE(last->u.value.a && opened(closed_ns), "it does not chatter, or not back on");
    finish();
}

/* To B and back to C; does it close again? */
static bool closes_again(const char *defect, int64_t *ret_opening_ns) {
    start(defect);
    script_charge(&script);
    for (int i = 0; i < 2; i++) {
        int64_t b_ns = script.now_ns;
        script_state_b(&script);
        script_run(&script, 2 * SECONDS);
        ret_opening_ns[i] = opened(b_ns) ? opened(b_ns)->t_ns - b_ns : -1;
        script_state_c(&script);
        script_run(&script, 2 * SECONDS);
    }
    bool is_live = script.is_live;
    finish();
    return is_live;
}

static void test_no_second_close_closes_once(void **state) {
    (void)state;
    int64_t openings_ns[2];
    PB_CHECK_TRUE(!closes_again("no_second_close", openings_ns), "it closed again");
}

static void test_contactor_reopen_late_is_late_from_the_second_time_on(void **state) {
    (void)state;
    int64_t openings_ns[2];
    PB_CHECK_TRUE(closes_again("contactor_reopen_late", openings_ns), "it did not close again");
    PB_CHECK_BETWEEN(openings_ns[0], 0, 60 * MS, "ns");
    PB_CHECK_BETWEEN(openings_ns[1], 180 * MS, 240 * MS, "ns");
}

static void test_stops_late_keeps_closed_for_15_s(void **state) {
    (void)state;
    start("stops_late");
    script_charge(&script);
    int64_t stop_ns = script.now_ns;
    script_type_line(&script, "stop");
    script_run(&script, 20 * SECONDS);
    PB_CHECK_BETWEEN(script_first(&script, PBW_COIL, stop_ns)->t_ns - stop_ns, 15000 * MS, 15010 * MS, "ns");
    finish();
}

/* Charges 16 A at 120 V for half an hour, then S2 opens. The whole message, or "". */
static int64_t report_after(const char *defect, char ret_text[256]) {
    const char *const arguments[] = {"--meter", defect ? "--defect" : NULL, defect, NULL};
    script_open(&script, 3, arguments);
    script_charge(&script);
    script_value(&script, PBW_EV_AMPS, 0, 16000);
    script_run(&script, 1800 * SECONDS);
    script_value(&script, PBW_EV_AMPS, 0, 0);
    script_state_b(&script);
    int64_t b_ns = script.now_ns, at_ns = -1;
    script_run(&script, 120 * SECONDS);
    ret_text[0] = 0;
    for (size_t i = 0; i < script.log_count; i++) {
        if (script.log[i].type != PBW_MSG_OUT) continue;
        const struct pbw_bytes *bytes = &script.log[i].u.bytes;
        PB_CHECK_INT(bytes->link, 0, "(link)");
        strncat(ret_text, (const char *)bytes->bytes, bytes->length);
        at_ns = script.log[i].t_ns;
    }
    finish();
    return at_ns - b_ns;
}

static void test_a_meter_reports_the_energy_once_1_to_2_s_after_charging(void **state) {
    (void)state;
    char text[256];
    PB_CHECK_BETWEEN(report_after(NULL, text), 1000 * MS, 2100 * MS, "ns");
    PB_CHECK_CONTAINS(text, "{\"at_ns\":");
    PB_CHECK_TEXT(strchr(text, ','), ",\"fields\":{\"duration_s\":1800,\"energy_wh\":960},\"from\":\"eumd\",\"id\":0,"
                                     "\"to\":\"esci\",\"type\":\"interval_metering\",\"v\":1}");
}

static void test_late_report_of_energy_and_never_reports(void **state) {
    (void)state;
    char text[256];
    PB_CHECK_BETWEEN(report_after("late_report_of_energy", text), 60000 * MS, 61100 * MS, "ns");
    report_after("never_reports", text);
    PB_CHECK_TEXT(text, "");
}

/* Charges twice for half an hour; the messages' number. */
static size_t reports_of_two(const char *defect) {
    const char *const arguments[] = {"--meter", defect ? "--defect" : NULL, defect, NULL};
    size_t count = 0;
    script_open(&script, 3, arguments);
    for (int i = 0; i < 2; i++) {
        if (i == 0) script_charge(&script);
        else {
            script_state_c(&script);
            script_run(&script, 5 * SECONDS);
        }
        script_value(&script, PBW_EV_AMPS, 0, 16000);
        script_run(&script, 1800 * SECONDS);
        script_value(&script, PBW_EV_AMPS, 0, 0);
        script_state_b(&script);
        script_run(&script, 120 * SECONDS);
    }
    for (size_t i = 0; i < script.log_count; i++)
        count += script.log[i].type == PBW_MSG_OUT && script.log[i].u.bytes.is_last;
    finish();
    return count;
}

static void test_reports_once_and_report_twice(void **state) {
    (void)state;
    PB_CHECK_INT(reports_of_two(NULL), 2, "reports");
    PB_CHECK_INT(reports_of_two("reports_once"), 1, "reports");
    PB_CHECK_INT(reports_of_two("report_twice"), 3, "reports");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_duty_low_3a_offers_29_of_32_amperes),
        cmocka_unit_test(test_contactor_open_late_releases_the_coil_later),
        cmocka_unit_test(test_no_diode_check_charges_over_a_short_diode),
        cmocka_unit_test(test_contactor_close_late_closes_4_s_after_c),
        cmocka_unit_test(test_each_defect_of_the_waveform_is_in_the_description_of_pwm_and_still_charges),
        cmocka_unit_test(test_no_pwm_never_offers),
        cmocka_unit_test(test_pwm_before_vehicle_offers_in_a),
        cmocka_unit_test(test_pwm_dropouts_break_off_and_come_back),
        cmocka_unit_test(test_closes_in_b_closes_without_c),
        cmocka_unit_test(test_defects_that_should_have_opened_stay_closed),
        cmocka_unit_test(test_slow_detection_opens_after_180_ms),
        cmocka_unit_test(test_weld_not_watched_says_nothing),
        cmocka_unit_test(test_fault_overwritten_offers_again_after_a_final_fault),
        cmocka_unit_test(test_restarts_after_power_cut_forgets_the_stop),
        cmocka_unit_test(test_opens_under_load_opens_1_s_after_stop),
        cmocka_unit_test(test_duty_changes_fast_changes_after_200_ms),
        cmocka_unit_test(test_a2_too_long_and_pwm_again_early_miss_their_times),
        cmocka_unit_test(test_boots_late_drives_the_pilot_after_12_s),
        cmocka_unit_test(test_weak_driver_sags_under_the_load_of_c_and_recovers),
        cmocka_unit_test(test_opens_while_charging_lets_go_after_600_s),
        cmocka_unit_test(test_opens_while_charging_counts_all_closings_together),
        cmocka_unit_test(test_contactor_bounce_chatters_for_200_ms_and_stays),
        cmocka_unit_test(test_no_second_close_closes_once),
        cmocka_unit_test(test_contactor_reopen_late_is_late_from_the_second_time_on),
        cmocka_unit_test(test_stops_late_keeps_closed_for_15_s),
        cmocka_unit_test(test_a_meter_reports_the_energy_once_1_to_2_s_after_charging),
        cmocka_unit_test(test_late_report_of_energy_and_never_reports),
        cmocka_unit_test(test_reports_once_and_report_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
