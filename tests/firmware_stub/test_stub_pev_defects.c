/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Each defect of the vehicle shows on the wire, each on what it says; the healthy vehicle passes the same scene. */
#include "tests/firmware_stub/scripted_evse.h"
#include "tests/support/check.h"

#include <stdio.h>

static struct station station;

static void start(const char *defect, const char *option, const char *value) {
    const char *arguments[6] = {NULL};
    int count = 0;
    if (option) arguments[count++] = option;
    if (value) arguments[count++] = value;
    if (defect) {
        arguments[count++] = "--defect";
        arguments[count++] = defect;
    }
    station_open(&station, 3, arguments);
}

/* ---- scenes: what is seen, as a number, in the unit that the row says ---- */

static int64_t drawn_at(int64_t duty_ppm) {
    station_charge(&station, duty_ppm);
    return station_drawn_ma(&station);
}
static int64_t steady_ma(void) { return drawn_at(266667); }
static int64_t most_ma(void) {
    steady_ma();
    return station_most_ma(&station, 0);
}
static int64_t ma_at_980_hz(void) {
    station.frequency_uhz = 980000000;
    return drawn_at(266667);
}
static int64_t ma_at_7_5_pct(void) { return drawn_at(75000); }
static int64_t ma_at_98_pct(void) { return drawn_at(980000); }
static int64_t ma_at_5_pct(void) { return drawn_at(50000); }
static int64_t ma_at_2_pct(void) { return drawn_at(20000); }
static int64_t ma_at_9_pct(void) { return drawn_at(90000); }

static int64_t ms_between(int64_t from_ns, int64_t at_ns) {
    return at_ns == PBW_NEVER ? INT32_MAX : (at_ns - from_ns) / MS;
}
/* Lets 20 s pass. How long from now until it draws no more than this. */
static int64_t ms_until_at_most(int64_t ma) {
    int64_t from_ns = station.script.now_ns;
    station_run(&station, 20 * SECONDS);
    return ms_between(from_ns, station_draws_at_most_ns(&station, ma, from_ns));
}
static int64_t follow_ms(void) {
    drawn_at(533333);
    station_pwm(&station, 100000);
    return ms_until_at_most(6000);
}

/* Until it draws less than 1 A, and until S2 is open. */
static int64_t light_ms(int64_t open_mv) {
    drawn_at(266667);
    station_steady(&station, open_mv);
    return ms_until_at_most(999);
}
static int64_t light_ms_in_x1(void) { return light_ms(12000); }
static int64_t light_ms_in_e(void) { return light_ms(0); }
static int64_t light_ms_at_7_5_pct(void) {
    drawn_at(266667);
    station_pwm(&station, 75000);
    return ms_until_at_most(999);
}
/* What it draws when PWM comes back after a steady pilot. */
static int64_t ma_after(int64_t open_mv) {
    drawn_at(266667);
    station_steady(&station, open_mv);
    station_run(&station, 6 * SECONDS);
    station_steady(&station, 12000);
    station_run(&station, SECONDS);
    station_pwm(&station, 266667);
    station_run(&station, 10 * SECONDS);
    return station_drawn_ma(&station);
}
static int64_t ma_after_x1(void) { return ma_after(12000); }
static int64_t ma_after_f(void) { return ma_after(-12000); }
static int64_t open_ms_in_f(void) {
    drawn_at(266667);
    int64_t from_ns = station.script.now_ns;
    station_steady(&station, -12000);
    station_run(&station, 20 * SECONDS);
    return ms_between(from_ns, station_s2_ns(&station, false, from_ns));
}
static int64_t light_ms_after_s3(void) {
    drawn_at(266667);
    station_press_s3(&station, true);
    return ms_until_at_most(999);
}
static int64_t ma_when_s2_opens(void) {
    drawn_at(266667);
    int64_t from_ns = station.script.now_ns, ma = 0;
    station_steady(&station, 12000);
    station_run(&station, 10 * SECONDS);
    int64_t open_ns = station_s2_ns(&station, false, from_ns);
    for (size_t i = 0; i < station.script.log_count && station.script.log[i].t_ns <= open_ns; i++)
        if (station.script.log[i].type == PBW_EV_DRAW) ma = station.script.log[i].u.value.a;
    return ma;
}
static int64_t s2_ms_after_offer(int64_t wait_ns) {
    station_plug(&station, true);
    station_run(&station, wait_ns);
    int64_t from_ns = station.script.now_ns;
    station_pwm(&station, 266667);
    station_run(&station, 40 * SECONDS);
    return ms_between(from_ns, station_s2_ns(&station, true, from_ns));
}
static int64_t s2_ms(void) { return s2_ms_after_offer(2 * SECONDS); }
static int64_t s2_ms_after_a_wait(void) { return s2_ms_after_offer(60 * SECONDS); }
static int64_t is_s2_closed_in_b1(void) {
    station_plug(&station, true);
    station_run(&station, 5 * SECONDS);
    return station_is_s2_closed(&station);
}
static int64_t start_s(void) {
    station_charge(&station, 266667);
    station_run(&station, 1300 * SECONDS);
    return station_s2_ns(&station, true, 0) / SECONDS;
}
static const struct pbw_ev_load *load(void) {
    station_run(&station, SECONDS);
    return &script_last(&station.script, PBW_EV_LOAD)->u.ev_load;
}
/* How often S2 closes with steady 12 V, and how long it stays so the first time. */
static int64_t toggles(int64_t *ret_ms) {
    int64_t count = 0, closed_ns = 0, open_ns = 0;
    bool is_closed = false;
    station_plug(&station, true);
    station_run(&station, 20 * SECONDS);
    for (size_t i = 0; i < station.script.log_count; i++) {
        const struct pbw_record *record = &station.script.log[i];
        if (record->type != PBW_EV_LOAD || (record->u.ev_load.s2 != 0) == is_closed) continue;
        is_closed = record->u.ev_load.s2 != 0;
        if (is_closed && !count++) closed_ns = record->t_ns;
        if (!is_closed && count == 1) open_ns = record->t_ns;
    }
    if (ret_ms) *ret_ms = (open_ns - closed_ns) / MS;
    return count;
}
static int64_t toggle_count(void) { return toggles(NULL); }
static int64_t toggle_ms(void) {
    int64_t ms = 0;
    toggles(&ms);
    return ms;
}
static int64_t has_diode(void) { return load()->has_diode; }
static int64_t r2_ohm(void) { return load()->r2_milliohm / 1000; }
static int64_t r3_ohm(void) { return load()->r3_milliohm / 1000; }
static int64_t capacitance_pf(void) { return load()->femtofarad / 1000; }
static int64_t counted_wh(void) {
    char word[24];
    steady_ma();
    station_run(&station, 900 * SECONDS);
    script_type_line(&station.script, "energy?");
    station_run(&station, 10 * MS);
    for (int64_t wh = 0; wh < 2000; wh++) {
        snprintf(word, sizeof word, "energy %d Wh", (int)wh);
        if (script_has_said(&station.script, word, 0)) return wh;
    }
    return -1;
}

/* What the scene gives for a healthy vehicle, and with the defect. */
static const struct {
    const char *defect;
    int64_t (*scene)(void);
    int64_t good_min, good_max, bad_min, bad_max;
    const char *option, *value;
} rows[] = {
    {"draws_over_alc", steady_ma, 15600, 16000, 18700, 19300, NULL, NULL},
    {"draws_nothing", steady_ma, 15600, 16000, 0, 0, NULL, NULL},
    {"overshoot_on_ramp", most_ma, 15600, 16000, 21000, 22000, NULL, NULL},
    {"reads_width_not_ratio", ma_at_980_hz, 15600, 16000, 16001, 16400, NULL, NULL},
    {"slow_duty_follow", follow_ms, 0, 2000, 8000, 9000, NULL, NULL},
    {"never_ramps_down", follow_ms, 0, 2000, INT32_MAX, INT32_MAX, NULL, NULL},
    {"accepts_7_5_pct", ma_at_7_5_pct, 0, 0, 5000, 6000, NULL, NULL},
    {"accepts_over_97_pct", ma_at_98_pct, 0, 0, 30000, 32000, NULL, NULL},
    {"charges_on_5_pct", ma_at_5_pct, 0, 0, 5000, 6000, NULL, NULL},
    {"charges_on_reserved", ma_at_2_pct, 0, 0, 5000, 6000, NULL, NULL},
    {"keeps_on_reserved", light_ms_at_7_5_pct, 1, 3000, INT32_MAX, INT32_MAX, NULL, NULL},
    {"starts_no_more", ma_after_x1, 15600, 16000, 0, 0, NULL, NULL},
    {"stays_off_after_f", ma_after_f, 15600, 16000, 0, 0, NULL, NULL},
    {"toggles_long", toggle_ms, 200, 400, 600, 605, "--bcb", "3"},
    {"toggles_short", toggle_ms, 200, 400, 100, 105, "--bcb", "3"},
    {"toggles_often", toggle_count, 3, 3, 5, 5, "--bcb", "3"},
    {"toggles_never", toggle_count, 3, 3, 0, 0, "--bcb", "3"},
    {"wrong_ventilation_r3", r3_ohm, 262, 278, 390, 410, "--ventilation", NULL},
    {"no_6_a_below_10_pct", ma_at_9_pct, 5800, 6000, 0, 0, NULL, NULL},
    {"narrow_frequency", ma_at_980_hz, 15600, 16000, 0, 0, NULL, NULL},
    {"ignores_pwm_stop", light_ms_in_x1, 1, 3000, INT32_MAX, INT32_MAX, NULL, NULL},
    {"late_pwm_stop", light_ms_in_x1, 1, 3000, 5000, 6000, NULL, NULL},
    {"holds_s2_on_f", open_ms_in_f, 1, 3000, INT32_MAX, INT32_MAX, NULL, NULL},
    {"draws_on_e", light_ms_in_e, 1, 3000, INT32_MAX, INT32_MAX, NULL, NULL},
    {"ignores_s3", light_ms_after_s3, 1, 100, INT32_MAX, INT32_MAX, NULL, NULL},
    {"late_s3", light_ms_after_s3, 1, 100, 500, 600, NULL, NULL},
    {"s2_under_load", ma_when_s2_opens, 0, 999, 15000, 16000, NULL, NULL},
    {"no_wake_up", s2_ms, 500, 700, INT32_MAX, INT32_MAX, NULL, NULL},
    {"sleeps_through_pwm", s2_ms_after_a_wait, 500, 700, INT32_MAX, INT32_MAX, NULL, NULL},
    {"late_s2", s2_ms, 500, 700, 30000, 30200, NULL, NULL},
    {"s2_before_pwm", is_s2_closed_in_b1, 0, 0, 1, 1, NULL, NULL},
    {"starts_early", start_s, 1200, 1201, 600, 601, "--start-at", "1200"},
    {"no_diode", has_diode, 1, 1, 0, 0, NULL, NULL},
    {"wrong_r2", r2_ohm, 2658, 2822, 3200, 3400, NULL, NULL},
    {"wrong_r3", r3_ohm, 1261, 1339, 1500, 1700, NULL, NULL},
    {"too_much_capacitance", capacitance_pf, 0, 2400, 4900, 5100, NULL, NULL},
    {"counts_too_little", counted_wh, 930, 985, 744, 790, NULL, NULL},
};
#define ROWS (sizeof rows / sizeof rows[0])

static int64_t play(size_t row, const char *defect) {
    start(defect, rows[row].option, rows[row].value);
    int64_t seen = rows[row].scene();
    station_close(&station);
    return seen;
}

static void test_every_scene_is_passed_by_the_healthy_vehicle(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        PB_CHECK_BETWEEN(play(i, NULL), rows[i].good_min, rows[i].good_max, rows[i].defect);
}

static void test_every_defect_shows_in_its_scene(void **state) {
    (void)state;
    for (size_t i = 0; i < ROWS; i++)
        PB_CHECK_BETWEEN(play(i, rows[i].defect), rows[i].bad_min, rows[i].bad_max, rows[i].defect);
}

static bool has_scene(const char *defect) {
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].defect, defect) == 0) return true;
    return false;
}

/* The program's own list is what is tried here. */
static void test_every_defect_of_the_list_has_its_scene(void **state) {
    (void)state;
    PB_CHECK_INT(script_check_defects("stub-pev", has_scene), ROWS, "defects");
}

static void test_a_defects_value_is_taken_and_nonsense_is_refused(void **state) {
    (void)state;
    start("draws_over_alc=500000", NULL, NULL);
    PB_CHECK_BETWEEN(steady_ma(), 23400, 24000, "mA");
    station_close(&station);
    static const char *const wrong[] = {"no_such", "no_diode=1", "late_s3=1", "late_s3=x", "late_s3="};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        const char *const arguments[] = {"--defect", wrong[i], NULL};
        script_start_program(&station.script, PB_BUILD_DIR "/stub-pev", arguments);
        PB_CHECK_INT(script_wait_exit(&station.script), 2, wrong[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_scene_is_passed_by_the_healthy_vehicle),
        cmocka_unit_test(test_every_defect_shows_in_its_scene),
        cmocka_unit_test(test_every_defect_of_the_list_has_its_scene),
        cmocka_unit_test(test_a_defects_value_is_taken_and_nonsense_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
