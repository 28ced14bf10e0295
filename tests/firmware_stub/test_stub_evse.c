/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stub-evse as a process, in a scripted world: what a healthy EVSE does, seen on the wire only. */
#include <stdio.h>

#include "tests/firmware_stub/scripted_world.h"
#include "tests/support/check.h"

static struct script script;

static void start(const char *const *arguments) { script_open(&script, 7, arguments); }

static void finish(void) { PB_CHECK_INT(script_close(&script), 0, "(exit)"); }

/* The output's time after a moment; fails when there is none. */
static int64_t delay_of(uint16_t type, int64_t value, int64_t from_ns) {
    for (const struct pbw_record *r = script_first(&script, type, from_ns); r && r < script.log + script.log_count; r++)
        if (r->type == type && (type == PBW_CP_PWM || r->u.value.a == value)) return r->t_ns - from_ns;
    fail_msg("no output of type %u with value %d", type, (int)value);
    return -1;
}

static void check_fault(const char *name, int64_t from_ns) {
    char line[32];
    snprintf(line, sizeof line, "fault %s\n", name);
    PB_CHECK_TRUE(script_has_said(&script, line, from_ns), "the console did not say \"fault %s\"", name);
    PB_CHECK_TRUE(script_is_steady(&script, -12000), "no state F");
    PB_CHECK_TRUE(!script.is_live || script.is_welded, "the load side is live");
}

static void test_boot_tests_itself_and_then_shows_a1(void **state) {
    (void)state;
    start(NULL);
    script_run(&script, 3 * SECONDS);
    PB_CHECK_INT(script.log_count, 0, "outputs without mains");
    PB_CHECK_INT(script.not_before_ns, PBW_NEVER, "ns");
    int64_t on_ns = script.now_ns;
    script_boot(&script);
    PB_CHECK_TRUE(script_has_said(&script, "stub-evse", on_ns), "no banner");
    PB_CHECK_TRUE(script_first(&script, PBW_CCID_TEST, on_ns) != NULL, "no self-test");
    const struct pbw_record *edge = script_first(&script, PBW_CP_EDGE, on_ns);
    PB_CHECK_TRUE(edge != NULL, "no pilot");
    PB_CHECK_BETWEEN(edge->t_ns - on_ns, 300 * MS, 800 * MS, "ns");
    PB_CHECK_BETWEEN(edge->u.cp_drive.open_uv, 11400000, 12600000, "uV");
    PB_CHECK_BETWEEN(edge->u.cp_drive.source_milliohm, 970000, 1030000, "mohm");
    PB_CHECK_TRUE(script_first(&script, PBW_COIL, 0) == NULL, "the coil moved");
    finish();
}

static void test_mains_below_80_volts_is_no_supply(void **state) {
    (void)state;
    start(NULL);
    script_value(&script, PBW_MAINS, 0, 79999);
    script_run(&script, 2 * SECONDS);
    PB_CHECK_INT(script.log_count, 0, "outputs");
    script_value(&script, PBW_MAINS, 0, 80000);
    script_run(&script, 2 * SECONDS);
    PB_CHECK_TRUE(script_is_steady(&script, 12000), "no A1 at 80 V");
    finish();
}

static void test_pwm_offers_the_current_setting(void **state) {
    (void)state;
    static const struct {
        const char *amps;
        int64_t duty_ppm;
    } rows[] = {
        {"6", 100000},  {"8", 133333},  {"10", 166667}, {"13", 216667}, {"16", 266667}, {"20", 333333}, {"24", 400000},
        {"32", 533333}, {"40", 666667}, {"48", 800000}, {"51", 850000}, {"60", 880000}, {"63", 892000}, {"80", 960000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *const arguments[] = {"--rated-current", rows[i].amps, NULL};
        start(arguments);
        script_boot(&script);
        int64_t plug_ns = script.now_ns;
        script_state_b(&script);
        script_run(&script, 2 * SECONDS);
        const struct pbw_record *pwm = script_first(&script, PBW_CP_PWM, 0);
        PB_CHECK_TRUE(pwm != NULL, "no PWM for %s A", rows[i].amps);
        PB_CHECK_BETWEEN(pwm->u.cp_pwm.duty_ppm, rows[i].duty_ppm - 100, rows[i].duty_ppm + 100, "ppm");
        PB_CHECK_BETWEEN(pwm->u.cp_pwm.frequency_uhz, 995000000, 1005000000, "uHz");
        PB_CHECK_BETWEEN(pwm->u.cp_pwm.low_uv, -12600000, -11400000, "uV");
        PB_CHECK_BETWEEN(pwm->u.cp_pwm.ramp_ns, 1, 2000, "ns");
        PB_CHECK_BETWEEN(pwm->t_ns - plug_ns, 500 * MS, 560 * MS, "ns");
        PB_CHECK_TRUE(script_first(&script, PBW_COIL, 0) == NULL, "the coil moved in B");
        finish();
    }
}

static void test_state_c_closes_after_a_self_test(void **state) {
    (void)state;
    start(NULL);
    script_boot(&script);
    script_state_b(&script);
    script_run(&script, 2 * SECONDS);
    int64_t c_ns = script.now_ns;
    script_state_c(&script);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_BETWEEN(delay_of(PBW_CCID_TEST, 1, c_ns), 1, 30 * MS, "ns");
    PB_CHECK_BETWEEN(delay_of(PBW_COIL, 1, c_ns), 100 * MS, 300 * MS, "ns");
    PB_CHECK_TRUE(script.is_live, "not charging");
    PB_CHECK_INT(script.not_before_ns, PBW_NEVER, "ns");
    finish();
}

static void test_fourteen_quiet_hours_need_no_turn(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    unsigned turns = script.turns;
    script_run(&script, 50400 * SECONDS);
    PB_CHECK_INT(script.turns, turns, "turns");
    int64_t b_ns = script.now_ns;
    script_state_b(&script);
    script_run(&script, 2 * SECONDS);
    PB_CHECK_BETWEEN(delay_of(PBW_COIL, 0, b_ns), 1, 30 * MS, "ns");
    PB_CHECK_TRUE(script_last(&script, PBW_CP_PWM)->t_ns < b_ns, "PWM was touched");
    PB_CHECK_TRUE(!script_is_steady(&script, 12000), "PWM went off");
    PB_CHECK_TRUE(!script.is_live, "not open");
    finish();
}

static void test_unplug_under_load_opens_at_once_and_ends_in_a1(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    int64_t a_ns = script.now_ns;
    script_unplug(&script);
    script_run(&script, 2 * SECONDS);
    PB_CHECK_BETWEEN(delay_of(PBW_COIL, 0, a_ns), 1, 30 * MS, "ns");
    const struct pbw_record *off = script_first(&script, PBW_CP_EDGE, a_ns);
    PB_CHECK_TRUE(off && script_is_steady(&script, 12000), "no A1");
    PB_CHECK_BETWEEN(off->t_ns - a_ns, 1, 1000 * MS, "ns");
    script_state_b(&script); /* sequence 9.2: x1 for 3 s */
    script_run(&script, 5 * SECONDS);
    PB_CHECK_BETWEEN(script_first(&script, PBW_CP_PWM, a_ns)->t_ns - off->t_ns, 3000 * MS, 3300 * MS, "ns");
    finish();
}

static void test_mains_cut_lets_go_of_everything_and_restarts(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    int64_t cut_ns = script.now_ns;
    script_value(&script, PBW_MAINS, 0, 0);
    script_run(&script, SECONDS);
    PB_CHECK_INT(delay_of(PBW_COIL, 0, cut_ns), 0, "ns");
    PB_CHECK_INT(script_last(&script, PBW_CP_EDGE)->u.cp_drive.hi_z, 1, "");
    PB_CHECK_INT(script.not_before_ns, PBW_NEVER, "ns");
    int64_t back_ns = script.now_ns;
    script_value(&script, PBW_MAINS, 0, 120000);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_TRUE(script_has_said(&script, "stub-evse", back_ns), "no new boot");
    PB_CHECK_TRUE(script.is_live, "a vehicle in C is not charged after a power cut");
    finish();
}

static void test_residual_current_trips_and_recovers_alone(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    script_value(&script, PBW_CCID_TRIP, 0, 15000);
    script_run(&script, SECONDS);
    PB_CHECK_TRUE(script.is_live, "tripped at 15 mA");
    int64_t trip_ns = script.now_ns;
    script_value(&script, PBW_CCID_TRIP, 0, 20000);
    script_run(&script, SECONDS);
    PB_CHECK_BETWEEN(delay_of(PBW_COIL, 0, trip_ns), 1, 25 * MS, "ns");
    check_fault("ccid", trip_ns);
    script_value(&script, PBW_CCID_TRIP, 0, 0);
    script_run(&script, 890 * SECONDS);
    check_fault("ccid", trip_ns);
    script_run(&script, 30 * SECONDS);
    PB_CHECK_TRUE(script.is_live, "no automatic recovery after 15 min");
    finish();
}

static void test_residual_current_at_every_try_is_final_at_the_fifth(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    for (int i = 0; i < 5; i++) {
        PB_CHECK_TRUE(script.is_live, "not charging at try %d", i);
        script_value(&script, PBW_CCID_TRIP, 0, 30000);
        script_run(&script, SECONDS);
        script_value(&script, PBW_CCID_TRIP, 0, 0);
        script_run(&script, 930 * SECONDS);
    }
    script_run(&script, 100000 * SECONDS);
    check_fault("ccid", 0);
    finish();
}

static void short_diode_in(bool is_charging) {
    start(NULL);
    if (is_charging) {
        script_charge(&script);
    } else {
        script_boot(&script);
        script_state_b(&script);
        script_run(&script, 2 * SECONDS);
    }
    int64_t short_ns = script.now_ns;
    script_load(&script, PBW_LOAD_R, is_charging ? 881683 : 2740000);
    script_run(&script, SECONDS);
    check_fault("diode", short_ns);
    PB_CHECK_BETWEEN(script_first(&script, PBW_CP_EDGE, short_ns)->t_ns - short_ns, 1, 50 * MS, "ns");
    script_run(&script, 60 * SECONDS);
    PB_CHECK_TRUE(script_is_steady(&script, 12000), "it must wait in x1 for the vehicle to go");
    script_type_line(&script, "fault?");
    script_run(&script, 10 * MS);
    PB_CHECK_TRUE(script_has_said(&script, "fault diode\n", short_ns + 30 * SECONDS),
                  "the fault is forgotten while plugged");
    script_unplug(&script);
    script_run(&script, SECONDS);
    script_state_b(&script);
    script_run(&script, 5 * SECONDS);
    PB_CHECK_TRUE(!script_is_steady(&script, 12000), "no PWM for the next vehicle");
    finish();
}

static void test_short_diode_in_b_is_a_fault_until_unplugged(void **state) {
    (void)state;
    short_diode_in(false);
}

static void test_short_diode_in_c_opens_and_is_a_fault_until_unplugged(void **state) {
    (void)state;
    short_diode_in(true);
}

static void test_state_d_needs_ventilation(void **state) {
    (void)state;
    const char *const ventilated[] = {"--ventilation", NULL};
    for (int i = 0; i < 3; i++) { /* neither wired nor there; wired only; both */
        start(i ? ventilated : NULL);
        script_value(&script, PBW_VENT_OK, 0, i != 1);
        script_boot(&script);
        script_state_b(&script);
        script_run(&script, 2 * SECONDS);
        script_state_d(&script);
        script_run(&script, 10 * SECONDS);
        PB_CHECK_INT(script.is_live, i == 2, "(closed)");
        if (i == 2) {
            int64_t off_ns = script.now_ns;
            script_value(&script, PBW_VENT_OK, 0, 0);
            script_run(&script, SECONDS);
            PB_CHECK_INT(delay_of(PBW_COIL, 0, off_ns), 0, "ns");
        }
        PB_CHECK_TRUE(!script_is_steady(&script, -12000), "a refusal is no fault");
        finish();
    }
}

static void test_welded_contactor_is_a_final_fault(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    script.is_welded = true;
    int64_t b_ns = script.now_ns;
    script_state_b(&script);
    script_run(&script, SECONDS);
    check_fault("weld", b_ns);
    script_unplug(&script);
    script_run(&script, 100000 * SECONDS);
    check_fault("weld", b_ns);
    script_value(&script, PBW_MAINS, 0, 0); /* and the self-test at power-on finds it again */
    script_run(&script, SECONDS);
    int64_t on_ns = script.now_ns;
    script_value(&script, PBW_MAINS, 0, 120000);
    script_run(&script, SECONDS);
    check_fault("weld", on_ns);
    finish();
}

static void test_contactor_that_does_not_close_is_a_fault(void **state) {
    (void)state;
    start(NULL);
    script.is_dead = true;
    script_boot(&script);
    script_state_c(&script);
    script_run(&script, 2 * SECONDS);
    const struct pbw_record *on = script_first(&script, PBW_COIL, 0);
    PB_CHECK_TRUE(on && on->u.value.a == 1, "never tried");
    check_fault("no-close", on->t_ns);
    PB_CHECK_BETWEEN(script_last(&script, PBW_COIL)->t_ns - on->t_ns, 1, 300 * MS, "ns");
    finish();
}

static void test_lost_earth_opens_and_comes_back(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    int64_t lost_ns = script.now_ns;
    script_value(&script, PBW_PE_OK, 0, 0);
    script_run(&script, SECONDS);
    PB_CHECK_BETWEEN(delay_of(PBW_COIL, 0, lost_ns), 1, 50 * MS, "ns");
    check_fault("ground", lost_ns);
    script_run(&script, 3600 * SECONDS);
    check_fault("ground", lost_ns);
    int64_t back_ns = script.now_ns;
    script_value(&script, PBW_PE_OK, 0, 1);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_TRUE(script.is_live, "not charging again");
    int64_t x1_ns = script_first(&script, PBW_CP_EDGE, back_ns)->t_ns;
    PB_CHECK_BETWEEN(script_first(&script, PBW_CP_PWM, back_ns)->t_ns - x1_ns, 3000 * MS, 3600 * MS, "ns");
    finish();
}

static void test_short_of_the_pilot_opens_within_100_ms_and_stays_open(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    int64_t short_ns = script.now_ns;
    script_short(&script);
    script_run(&script, 60 * SECONDS);
    PB_CHECK_BETWEEN(delay_of(PBW_COIL, 0, short_ns), 1, 100 * MS, "ns");
    PB_CHECK_TRUE(!script.is_live, "live with the pilot short");
    script_type_line(&script, "state");
    script_run(&script, 10 * MS);
    PB_CHECK_TRUE(script_has_said(&script, "state E ready", short_ns), "the console does not say E");
    finish();
}

static void test_stop_gives_the_vehicle_6_seconds(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    int64_t stop_ns = script.now_ns;
    script_type_line(&script, "stop");
    script_run(&script, 60 * SECONDS);
    PB_CHECK_TRUE(script_is_steady(&script, 12000), "PWM still on");
    PB_CHECK_INT(script_first(&script, PBW_CP_EDGE, stop_ns)->t_ns - stop_ns, 0, "ns");
    PB_CHECK_BETWEEN(delay_of(PBW_COIL, 0, stop_ns), 6000 * MS, 6500 * MS, "ns");
    PB_CHECK_TRUE(!script.is_live, "live after stop");
    int64_t start_ns = script.now_ns;
    script_type_line(&script, "start");
    script_run(&script, 2 * SECONDS);
    PB_CHECK_TRUE(script.is_live, "not charging after start");
    PB_CHECK_TRUE(delay_of(PBW_CP_PWM, 0, start_ns) >= 500 * MS, "PWM at once");
    finish();
}

static void test_stop_outlives_a_power_cut(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    script_type_line(&script, "stop");
    script_run(&script, 10 * SECONDS);
    script_value(&script, PBW_MAINS, 0, 0);
    script_run(&script, SECONDS);
    script_value(&script, PBW_MAINS, 0, 120000);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_TRUE(script_is_steady(&script, 12000) && !script.is_live, "restarted by itself");
    script_type_line(&script, "start");
    script_run(&script, 10 * SECONDS);
    PB_CHECK_TRUE(script.is_live, "not charging after start");
    finish();
}

static void test_stop_opens_as_soon_as_the_vehicle_stopped(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    script_type_line(&script, "stop");
    script_run(&script, SECONDS);
    PB_CHECK_TRUE(script.is_live, "opened under load");
    int64_t b_ns = script.now_ns;
    script_state_b(&script);
    script_run(&script, SECONDS);
    PB_CHECK_BETWEEN(delay_of(PBW_COIL, 0, b_ns), 1, 30 * MS, "ns");
    finish();
}

static void test_duty_changes_at_most_every_5_seconds(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    int64_t first_ns = script.now_ns;
    script_type_line(&script, "set current 16");
    script_run(&script, SECONDS);
    PB_CHECK_INT(delay_of(PBW_CP_PWM, 0, first_ns), 0, "ns");
    PB_CHECK_BETWEEN(script_last(&script, PBW_CP_PWM)->u.cp_pwm.duty_ppm, 266567, 266767, "ppm");
    int64_t second_ns = script.now_ns;
    script_type_line(&script, "set current 10");
    script_type_line(&script, "set current 20");
    script_run(&script, 60 * SECONDS);
    const struct pbw_record *pwm = script_first(&script, PBW_CP_PWM, second_ns);
    PB_CHECK_BETWEEN(pwm->t_ns - first_ns, 5000 * MS, 5010 * MS, "ns");
    PB_CHECK_BETWEEN(pwm->u.cp_pwm.duty_ppm, 333233, 333433, "ppm");
    PB_CHECK_TRUE(pwm == script_last(&script, PBW_CP_PWM), "changed more than once");
    finish();
}

static void test_heat_halves_the_offer_and_then_stops(void **state) {
    (void)state;
    start(NULL);
    script_charge(&script);
    script_value(&script, PBW_TEMP, 0, 72000);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_BETWEEN(script_last(&script, PBW_CP_PWM)->u.cp_pwm.duty_ppm, 266567, 266767, "ppm");
    script_value(&script, PBW_TEMP, 0, 86000);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_TRUE(!script.is_live && script_is_steady(&script, 12000), "not stopped at 86 degrees");
    script_value(&script, PBW_TEMP, 0, 65000);
    script_run(&script, 10 * SECONDS);
    PB_CHECK_TRUE(script.is_live, "not resumed at 65 degrees");
    PB_CHECK_BETWEEN(script_last(&script, PBW_CP_PWM)->u.cp_pwm.duty_ppm, 266567, 266767, "ppm");
    finish();
}

static void test_console_answers_each_line_with_one_line(void **state) {
    (void)state;
    static const struct {
        const char *line, *answer;
    } rows[] = {
        {"state", "state A1 ready 32000 mA open\n"},
        {"fault?", "fault none\n"},
        {"version", "version stub-evse"},
        {"set current 16", "ok\n"},
        {"clock", "clock 00:00:"},
        {"set clock 23:59:59", "ok\n"},
        {"clock", "clock 00:00:01\n"},
        {"set clock 24:00:00", "error expected HH:MM:SS\n"},
        {"set clock 09:60:00", "error expected HH:MM:SS\n"},
        {"set clock 9:00:00", "error expected HH:MM:SS\n"},
        {"set clock 09:00:0", "error expected HH:MM:SS\n"},
        {"set clock ", "error expected HH:MM:SS\n"},
        {"set current 5", "error current must be 6 to 32 A\n"},
        {"set current 33", "error current must be 6 to 32 A\n"},
        {"set current 1x", "error current must be 6 to 32 A\n"},
        {"hello", "error unknown command\n"},
        {"stop", "ok\n"},
        {"start\r", "ok\n"},
    };
    start(NULL);
    script_boot(&script);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        script_run(&script, SECONDS);
        int64_t from_ns = script.now_ns;
        script_type_line(&script, rows[i].line);
        script_run(&script, SECONDS);
        PB_CHECK_TRUE(script_has_said(&script, rows[i].answer, from_ns), "no \"%s\" to \"%s\"", rows[i].answer,
                      rows[i].line);
    }
    finish();
}

static void test_line_in_pieces_and_a_line_too_long(void **state) {
    (void)state;
    start(NULL);
    script_boot(&script);
    for (int i = 0; i < 3; i++) {
        struct pbw_record piece = {.type = PBW_SERIAL_IN, .seq = script.out_seq++, .t_ns = script.now_ns};
        piece.u.bytes.length = 40;
        memset(piece.u.bytes.bytes, 'x', 40);
        script_send(&script, &piece);
    }
    script_type_line(&script, "");
    script_type_line(&script, "fault?");
    script_run(&script, SECONDS);
    PB_CHECK_TRUE(script_has_said(&script, "error line too long\nfault none\n", 0), "no recovery after a long line");
    finish();
}

static void test_legacy_wake_up_shows_f_once(void **state) {
    (void)state;
    const char *const arguments[] = {"--wake-up", "30", NULL};
    start(arguments);
    script_boot(&script);
    script_state_b(&script);
    script_run(&script, 200 * SECONDS);
    const struct pbw_record *pwm = script_first(&script, PBW_CP_PWM, 0);
    const struct pbw_record *f = script_first(&script, PBW_CP_EDGE, pwm->t_ns);
    PB_CHECK_BETWEEN(f->t_ns - pwm->t_ns, 30000 * MS, 30100 * MS, "ns");
    PB_CHECK_TRUE(f->u.cp_drive.open_uv < 0, "not F");
    const struct pbw_record *x1 = script_first(&script, PBW_CP_EDGE, f->t_ns + 1);
    PB_CHECK_BETWEEN(x1->t_ns - f->t_ns, 4000 * MS, 4100 * MS, "ns");
    const struct pbw_record *again = script_first(&script, PBW_CP_PWM, x1->t_ns);
    PB_CHECK_BETWEEN(again->t_ns - x1->t_ns, 500 * MS, 1000 * MS, "ns");
    PB_CHECK_TRUE(script_last(&script, PBW_CP_PWM) == again, "woken more than once");
    finish();
}

static void test_corner_vehicles_are_understood(void **state) {
    (void)state;
    static const int64_t corners[][2] = {{1870000, 1870000 * 909 / (1870 + 909)},
                                         {4610000, INT64_C(4610000) * 1723 / (4610 + 1723)}};
    for (size_t i = 0; i < 2; i++) {
        for (uint64_t seed = 1; seed <= 20; seed++) {
            script_open(&script, seed, NULL);
            script_boot(&script);
            script_load(&script, PBW_LOAD_R_DIODE, corners[i][0]);
            script_run(&script, 10 * SECONDS);
            PB_CHECK_TRUE(!script_is_steady(&script, 12000) && !script.is_live, "B is not B");
            PB_CHECK_INT(script.not_before_ns, PBW_NEVER, "ns");
            script_load(&script, PBW_LOAD_R_DIODE, corners[i][1]);
            script_run(&script, 10 * SECONDS);
            PB_CHECK_TRUE(script.is_live, "C is not C");
            PB_CHECK_INT(script.not_before_ns, PBW_NEVER, "ns");
            finish();
        }
    }
}

static size_t session(uint64_t seed, struct pbw_record ret_log[SCRIPT_LOG_MAX]) {
    script_open(&script, seed, NULL);
    script_charge(&script);
    script_unplug(&script);
    script_run(&script, 5 * SECONDS);
    finish();
    memcpy(ret_log, script.log, sizeof script.log);
    return script.log_count;
}

static void test_same_seed_gives_the_same_records_and_another_does_not(void **state) {
    (void)state;
    static struct pbw_record first[SCRIPT_LOG_MAX], second[SCRIPT_LOG_MAX];
    size_t count = session(11, first);
    PB_CHECK_INT(session(11, second), count, "records");
    PB_CHECK_TRUE(memcmp(first, second, count * sizeof first[0]) == 0, "records differ");
    PB_CHECK_INT(session(12, second), count, "records");
    PB_CHECK_TRUE(memcmp(first, second, count * sizeof first[0]) != 0, "another seed changes nothing");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boot_tests_itself_and_then_shows_a1),
        cmocka_unit_test(test_mains_below_80_volts_is_no_supply),
        cmocka_unit_test(test_pwm_offers_the_current_setting),
        cmocka_unit_test(test_state_c_closes_after_a_self_test),
        cmocka_unit_test(test_fourteen_quiet_hours_need_no_turn),
        cmocka_unit_test(test_unplug_under_load_opens_at_once_and_ends_in_a1),
        cmocka_unit_test(test_mains_cut_lets_go_of_everything_and_restarts),
        cmocka_unit_test(test_residual_current_trips_and_recovers_alone),
        cmocka_unit_test(test_residual_current_at_every_try_is_final_at_the_fifth),
        cmocka_unit_test(test_short_diode_in_b_is_a_fault_until_unplugged),
        cmocka_unit_test(test_short_diode_in_c_opens_and_is_a_fault_until_unplugged),
        cmocka_unit_test(test_state_d_needs_ventilation),
        cmocka_unit_test(test_welded_contactor_is_a_final_fault),
        cmocka_unit_test(test_contactor_that_does_not_close_is_a_fault),
        cmocka_unit_test(test_lost_earth_opens_and_comes_back),
        cmocka_unit_test(test_short_of_the_pilot_opens_within_100_ms_and_stays_open),
        cmocka_unit_test(test_stop_gives_the_vehicle_6_seconds),
        cmocka_unit_test(test_stop_outlives_a_power_cut),
        cmocka_unit_test(test_stop_opens_as_soon_as_the_vehicle_stopped),
        cmocka_unit_test(test_duty_changes_at_most_every_5_seconds),
        cmocka_unit_test(test_heat_halves_the_offer_and_then_stops),
        cmocka_unit_test(test_console_answers_each_line_with_one_line),
        cmocka_unit_test(test_line_in_pieces_and_a_line_too_long),
        cmocka_unit_test(test_legacy_wake_up_shows_f_once),
        cmocka_unit_test(test_corner_vehicles_are_understood),
        cmocka_unit_test(test_same_seed_gives_the_same_records_and_another_does_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
