/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The EVSE's core on a board of test values: what the wire cannot show. */
#include "firmware_stub/evse/core/evse.h"
#include "tests/support/check.h"

struct bench {
    struct evse evse;
    struct evse_parameters parameters;
    uint32_t now_ms, alarm_ms;
    bool has_alarm, is_watching, is_coil_on, is_live, is_ground_ok, is_ventilated, is_leaking, is_test_driven;
    bool is_test_deaf; /* the comparator does not answer the winding */
    int16_t high_mv, low_mv;
    enum evse_drive drive;
    struct evse_window window;
    uint32_t samples, alarms, closings;
    char said[400];
};

static uint32_t now_ms(void *board) { return ((struct bench *)board)->now_ms; }
static void alarm_set(void *board, uint32_t deadline_ms) {
    struct bench *b = board;
    b->alarm_ms = deadline_ms;
    b->has_alarm = true;
}
static void alarm_clear(void *board) { ((struct bench *)board)->has_alarm = false; }
static void pilot_steady(void *board, bool is_high) {
    ((struct bench *)board)->drive = is_high ? EVSE_DRIVE_HIGH : EVSE_DRIVE_LOW;
}
static void pilot_pwm(void *board, uint32_t duty_ppm) {
    (void)duty_ppm;
    ((struct bench *)board)->drive = EVSE_DRIVE_PWM;
}
static struct evse_peaks pilot_peaks(void *board) {
    struct bench *b = board;
    b->samples++;
    return (struct evse_peaks){b->high_mv, b->low_mv};
}
static void pilot_watch(void *board, const struct evse_window *window) {
    struct bench *b = board;
    b->is_watching = window != NULL;
    if (window) b->window = *window;
}
static void coil(void *board, bool is_on) {
    struct bench *b = board;
    b->is_coil_on = is_on;
    b->closings += is_on;
}
static bool is_live(void *board) { return ((struct bench *)board)->is_live; }
static bool is_ground_ok(void *board) { return ((struct bench *)board)->is_ground_ok; }
static bool is_ventilated(void *board) { return ((struct bench *)board)->is_ventilated; }
static bool is_leaking(void *board) { return ((struct bench *)board)->is_leaking; }
static void ccid_test(void *board, bool is_driven) { ((struct bench *)board)->is_test_driven = is_driven; }
static int32_t temperature(void *board) {
    (void)board;
    return 25000;
}
static uint32_t current_switch(void *board) {
    (void)board;
    return 32000;
}
static uint32_t granted_ma = UINT32_MAX;
static uint32_t current_granted(void *board) {
    (void)board;
    return granted_ma;
}
static uint8_t kept_get(void *board) {
    (void)board;
    return 0;
}
static void kept_set(void *board, uint8_t value) {
    (void)board;
    (void)value;
}
static void console_write(void *board, const char *text, uint8_t length) {
    struct bench *b = board;
    strncat(b->said, text, length);
}

static const struct evse_hal hal = {
    now_ms,         alarm_set,       alarm_clear,  pilot_steady,  pilot_pwm,     pilot_peaks, pilot_watch,
    coil,           is_live,         is_ground_ok, is_ventilated, is_leaking,    ccid_test,   temperature,
    current_switch, current_granted, kept_get,     kept_set,      console_write,
};

static struct bench bench;

/* The board's reflexes: comparator, contactor and watchdog follow at once. */
static void reflex(void) {
    bool leaks = bench.is_test_driven && !bench.is_test_deaf;
    if (leaks != bench.is_leaking) {
        bench.is_leaking = leaks;
        evse_event(&bench.evse, EVSE_ON_LEAKAGE);
    }
    if (bench.is_live != bench.is_coil_on) {
        bench.is_live = bench.is_coil_on;
        evse_event(&bench.evse, EVSE_ON_LOAD_SIDE);
    }
    const struct evse_window *w = &bench.window;
    bool is_out = bench.high_mv < w->high_min_mv || bench.high_mv > w->high_max_mv || bench.low_mv < w->low_min_mv ||
                  bench.low_mv > w->low_max_mv;
    if (bench.is_watching && is_out) {
        bench.is_watching = false;
        evse_event(&bench.evse, EVSE_ON_PILOT);
    }
}

static void pass(uint32_t span_ms) {
    for (uint32_t i = 0; i < span_ms; i++) {
        bench.now_ms++;
        for (int j = 0; j < 4; j++) reflex();
        if (!bench.has_alarm || bench.alarm_ms != bench.now_ms) continue;
        bench.alarms++;
        evse_event(&bench.evse, EVSE_ON_ALARM);
    }
}

static void level(int16_t high_mv) {
    bench.high_mv = high_mv;
    bench.low_mv = -12000;
}

static void boot_at(uint32_t at_ms) {
    memset(&bench, 0, sizeof bench);
    bench.parameters = evse_parameters_standard;
    bench.now_ms = at_ms;
    bench.is_ground_ok = true;
    level(12000);
    evse_power_on(&bench.evse, &bench.parameters, &hal, &bench);
    pass(1000);
}

static void test_self_test_that_is_not_answered_is_a_final_fault(void **state) {
    (void)state;
    memset(&bench, 0, sizeof bench);
    bench.is_test_deaf = bench.is_ground_ok = true;
    evse_power_on(&bench.evse, &evse_parameters_standard, &hal, &bench);
    pass(20000);
    PB_CHECK_INT(bench.evse.fault, EVSE_FAULT_CCID_TEST, "(fault)");
    PB_CHECK_INT(bench.drive, EVSE_DRIVE_LOW, "(drive)");
    PB_CHECK_TRUE(!bench.is_test_driven, "the winding is still driven");
    PB_CHECK_TRUE(!bench.has_alarm, "a final fault needs no alarm");
}

static void test_session_works_across_the_wrap_of_the_clock(void **state) {
    (void)state;
    for (uint32_t before_ms = 0; before_ms < 12000; before_ms += 700) {
        boot_at(UINT32_MAX - before_ms);
        level(9000);
        pass(1000);
        level(6000);
        pass(1000);
        PB_CHECK_INT(bench.evse.mode, EVSE_CHARGING, "(mode)");
        PB_CHECK_TRUE(bench.is_coil_on, "coil off");
        level(9000);
        pass(100);
        PB_CHECK_TRUE(!bench.is_coil_on, "coil on in B");
        pass(10000);
        PB_CHECK_INT(bench.evse.fault, EVSE_FAULT_NONE, "(fault)");
        PB_CHECK_TRUE(!bench.has_alarm, "an alarm while nothing is due");
    }
}

static void test_nothing_is_sampled_while_nothing_changes(void **state) {
    (void)state;
    boot_at(5);
    uint32_t samples = bench.samples, alarms = bench.alarms;
    pass(100000);
    PB_CHECK_INT(bench.samples, samples, "samples");
    PB_CHECK_INT(bench.alarms, alarms, "alarms");
}

static void test_glitch_shorter_than_the_debounce_changes_nothing(void **state) {
    (void)state;
    boot_at(5);
    level(9000);
    pass(1000);
    level(6000);
    pass(8);
    level(9000);
    pass(1000);
    PB_CHECK_INT(bench.evse.mode, EVSE_OFFERING, "(mode)");
    PB_CHECK_INT(bench.evse.seen, EVSE_B, "(state)");
    PB_CHECK_TRUE(bench.is_watching, "no watch after a glitch");
}

static void test_detection_takes_at_most_30_ms(void **state) {
    (void)state;
    boot_at(5);
    level(9000);
    pass(1000);
    level(6000);
    pass(1000);
    level(9000);
    for (int ms = 0; bench.is_coil_on; ms++) {
        PB_CHECK_TRUE(ms <= 30, "still on after 30 ms");
        pass(1);
    }
}

static void test_c_that_leaves_during_the_self_test_does_not_close(void **state) {
    (void)state;
    boot_at(5);
    level(9000);
    pass(1000);
    for (uint32_t c_ms = 1; c_ms < 166; c_ms++) { /* it would close after 167 ms */
        level(6000);
        pass(c_ms);
        level(9000);
        pass(340);
        PB_CHECK_TRUE(!bench.closings, "closed in B after %u ms of C", c_ms);
        PB_CHECK_INT(bench.evse.fault, EVSE_FAULT_NONE, "(fault)");
    }
}

static void test_each_vehicle_gets_the_whole_delay_before_pwm(void **state) {
    (void)state;
    boot_at(5);
    level(9000);
    pass(600);
    level(12000);
    pass(600); /* A1, x1 is held for 3 s */
    level(9000);
    pass(2400); /* its delay is over, the hold is not */
    level(12000);
    pass(300);
    level(9000);
    pass(500);
    PB_CHECK_INT(bench.drive, EVSE_DRIVE_HIGH, "(drive)");
    pass(100);
    PB_CHECK_INT(bench.drive, EVSE_DRIVE_PWM, "(drive)");
}

static void test_level_of_no_vehicle_is_a_fault(void **state) {
    (void)state;
    static const int16_t levels[] = {13500, -2000, -12000};
    for (size_t i = 0; i < 3; i++) {
        boot_at(5);
        bench.high_mv = bench.low_mv = levels[i];
        pass(200);
        PB_CHECK_INT(bench.evse.fault, EVSE_FAULT_PILOT, "(fault)");
        PB_CHECK_INT(bench.drive, EVSE_DRIVE_LOW, "(drive)");
    }
}

static void test_first_fault_counts_but_a_weld_replaces_it(void **state) {
    (void)state;
    boot_at(5);
    level(9000);
    pass(1000);
    level(6000);
    pass(1000);
    bench.is_ground_ok = false;
    evse_event(&bench.evse, EVSE_ON_GROUND);
    while (bench.is_coil_on) {
        bench.now_ms++;
        if (bench.has_alarm && bench.alarm_ms == bench.now_ms) evse_event(&bench.evse, EVSE_ON_ALARM);
    }
    PB_CHECK_INT(bench.evse.fault, EVSE_FAULT_GROUND, "(fault)");
    for (int i = 0; i < 400; i++) { /* the load side stays live: no reflex */
        bench.now_ms++;
        if (bench.has_alarm && bench.alarm_ms == bench.now_ms) evse_event(&bench.evse, EVSE_ON_ALARM);
    }
    PB_CHECK_INT(bench.evse.fault, EVSE_FAULT_WELD, "(fault)");
    PB_CHECK_CONTAINS(bench.said, "fault ground\nfault weld\n");
}

static void test_residual_current_counts_again_as_soon_as_the_self_test_is_over(void **state) {
    (void)state;
    boot_at(5);
    level(9000);
    pass(1000);
    level(6000);
    while (!bench.is_test_driven) pass(1);
    pass(5); /* the winding is off, the comparator has turned back */
    PB_CHECK_TRUE(!bench.is_test_driven && !bench.is_leaking, "the self-test goes on");
    bench.is_leaking = true;
    evse_event(&bench.evse, EVSE_ON_LEAKAGE);
    PB_CHECK_INT(bench.evse.fault, EVSE_FAULT_CCID, "(fault)");
}

static void test_missing_earth_at_power_on_is_a_fault(void **state) {
    (void)state;
    memset(&bench, 0, sizeof bench);
    evse_power_on(&bench.evse, &evse_parameters_standard, &hal, &bench);
    pass(1000);
    PB_CHECK_INT(bench.evse.fault, EVSE_FAULT_GROUND, "(fault)");
    PB_CHECK_INT(bench.drive, EVSE_DRIVE_LOW, "(drive)");
}

static void test_short_loss_of_earth_is_ridden_through(void **state) {
    (void)state;
    boot_at(5);
    bench.is_ground_ok = false;
    evse_event(&bench.evse, EVSE_ON_GROUND);
    pass(20);
    bench.is_ground_ok = true;
    evse_event(&bench.evse, EVSE_ON_GROUND);
    pass(1000);
    PB_CHECK_INT(bench.evse.fault, EVSE_FAULT_NONE, "(fault)");
}

static void test_a_cord_that_is_granted_nothing_offers_nothing_and_follows_its_grant(void **state) {
    (void)state;
    granted_ma = 0;
    boot_at(5);
    level(9000);
    pass(5000);
    PB_CHECK_INT(bench.drive, EVSE_DRIVE_HIGH, "(drive)");
    PB_CHECK_TRUE(evse_is_in_use(&bench.evse), "the vehicle is not seen");
    PB_CHECK_INT(evse_announced_ma(&bench.evse), 0, "mA");
    granted_ma = 16000;
    evse_event(&bench.evse, EVSE_ON_GRANT);
    pass(1000);
    PB_CHECK_INT(bench.drive, EVSE_DRIVE_PWM, "(drive)");
    PB_CHECK_INT(evse_announced_ma(&bench.evse), 16000, "mA");
    pass(5000);
    granted_ma = 10000;
    evse_event(&bench.evse, EVSE_ON_GRANT);
    PB_CHECK_INT(evse_announced_ma(&bench.evse), 10000, "mA");
    level(12000);
    pass(1000);
    PB_CHECK_TRUE(!evse_is_in_use(&bench.evse), "the vehicle is still seen");
    granted_ma = UINT32_MAX;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_self_test_that_is_not_answered_is_a_final_fault),
        cmocka_unit_test(test_session_works_across_the_wrap_of_the_clock),
        cmocka_unit_test(test_nothing_is_sampled_while_nothing_changes),
        cmocka_unit_test(test_glitch_shorter_than_the_debounce_changes_nothing),
        cmocka_unit_test(test_detection_takes_at_most_30_ms),
        cmocka_unit_test(test_c_that_leaves_during_the_self_test_does_not_close),
        cmocka_unit_test(test_each_vehicle_gets_the_whole_delay_before_pwm),
        cmocka_unit_test(test_level_of_no_vehicle_is_a_fault),
        cmocka_unit_test(test_first_fault_counts_but_a_weld_replaces_it),
        cmocka_unit_test(test_residual_current_counts_again_as_soon_as_the_self_test_is_over),
        cmocka_unit_test(test_missing_earth_at_power_on_is_a_fault),
        cmocka_unit_test(test_short_loss_of_earth_is_ridden_through),
        cmocka_unit_test(test_a_cord_that_is_granted_nothing_offers_nothing_and_follows_its_grant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
