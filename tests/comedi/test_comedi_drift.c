/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "instruments/comedi/drift.h"
#include "tests/support/check.h"

/* Drains every 8 ms for 20 s of a board whose periods are longer by ppm; each comes late by a lag of 1 to 6 ms. */
static struct comedi_drift run(int64_t ppm) {
    struct comedi_drift drift = {0};
    uint32_t random = 1;
    for (int64_t now_ns = 0; now_ns < 20000000000; now_ns += 8000000) {
        random = random * 1664525 + 1013904223;
        int64_t lag_ns = 1000000 + random % 5000000, taken_ns = now_ns - lag_ns;
        /* By its own dating the board has come only so far. */
        comedi_drift_feed(&drift, (pb_instant){now_ns}, (pb_instant){taken_ns - taken_ns / 1000000 * ppm});
    }
    return drift;
}

static void test_a_true_clock_does_not_drift_whatever_its_lag(void **state) {
    (void)state;
    struct comedi_drift drift = run(0);
    PB_CHECK_BETWEEN(drift.elapsed.ns, 17000000000, 20000000000, "ns");
    PB_CHECK_NEAR(drift.offset.ns, 0, 100000, "ns");
    PB_CHECK_NEAR(comedi_drift_ppb(&drift), 0, 6000, "ppb");
}

static void test_a_slow_and_a_fast_clock_are_told_apart(void **state) {
    (void)state;
    struct comedi_drift slow = run(200), fast = run(-200);
    PB_CHECK_NEAR(comedi_drift_ppb(&slow), 200000, 10000, "ppb");
    PB_CHECK_NEAR(comedi_drift_ppb(&fast), -200000, 10000, "ppb");
}

static void test_nothing_is_said_before_the_second_window(void **state) {
    (void)state;
    struct comedi_drift drift = {0};
    for (int64_t ms = 0; ms < 1900; ms += 10) comedi_drift_feed(&drift, (pb_instant){ms * 1000000}, PB_INSTANT_ZERO);
    PB_CHECK_INT(comedi_drift_ppb(&drift), 0, "ppb");
    PB_CHECK_INT(drift.offset.ns, 0, "ns");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_true_clock_does_not_drift_whatever_its_lag),
        cmocka_unit_test(test_a_slow_and_a_fast_clock_are_told_apart),
        cmocka_unit_test(test_nothing_is_said_before_the_second_window),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
