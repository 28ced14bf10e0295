/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/check.h"
#include "world/meter.h"

#define S INT64_C(1000000000)
#define HOUR (3600 * S)
#define KILOWATT INT64_C(1000000000) /* uW */

static struct pb_meter meter;

static void start(int64_t class_ppm, int64_t rollover_wh) {
    pb_meter_init(&meter, class_ppm, rollover_wh, pb_s(60));
    pb_meter_flow(&meter, PB_INSTANT_ZERO, KILOWATT);
}

/* Runs to an instant; the number of tellings. */
static int run(int64_t until_ns) {
    int told = 0;
    while (pb_meter_next(&meter).ns <= until_ns) told += pb_meter_run(&meter, pb_meter_next(&meter));
    return told;
}

static void test_a_kilowatt_over_an_hour_is_a_thousand_watt_hours_told_every_period(void **state) {
    (void)state;
    start(0, 1000000);
    PB_CHECK_INT(run(HOUR), 60, "readings");
    PB_CHECK_INT(meter.reading_wh, 1000, "Wh");
}

static void test_the_error_of_its_class_is_a_share_of_what_flows(void **state) {
    (void)state;
    start(20000, 1000000);
    run(HOUR);
    PB_CHECK_INT(meter.reading_wh, 1020, "Wh");
    pb_meter_err(&meter, (pb_instant){HOUR}, -30000);
    run(2 * HOUR);
    PB_CHECK_INT(meter.reading_wh, 1020 + 990, "Wh");
}

static void test_the_register_rolls_over_and_loses_nothing(void **state) {
    (void)state;
    start(0, 600);
    run(HOUR);
    PB_CHECK_INT(meter.reading_wh, 400, "Wh");
    run(100 * HOUR);
    PB_CHECK_INT(meter.reading_wh, 100000 % 600, "Wh");
}

static void test_it_tells_at_the_end_of_flow_and_then_is_silent(void **state) {
    (void)state;
    start(0, 1000000);
    PB_CHECK_INT(run(90 * S), 1, "readings");
    pb_meter_flow(&meter, (pb_instant){90 * S}, 0);
    PB_CHECK_INT(run(90 * S), 1, "readings");
    PB_CHECK_INT(meter.reading_wh, 25, "Wh");
    PB_CHECK_INT(run(HOUR), 0, "readings");
    pb_meter_flow(&meter, (pb_instant){HOUR}, KILOWATT);
    PB_CHECK_INT(pb_meter_next(&meter).ns, HOUR + 60 * S, "ns");
}

static void test_it_can_be_set_and_tells_it(void **state) {
    (void)state;
    start(0, 1000000);
    run(HOUR);
    pb_meter_set(&meter, (pb_instant){HOUR}, 999999);
    PB_CHECK_INT(run(HOUR), 1, "readings");
    PB_CHECK_INT(meter.reading_wh, 999999, "Wh");
    run(2 * HOUR);
    PB_CHECK_INT(meter.reading_wh, 999, "Wh");
    pb_meter_set(&meter, (pb_instant){2 * HOUR}, 1234567);
    PB_CHECK_INT(meter.reading_wh, 234567, "Wh: it has six digits");
}

static void test_a_century_at_the_greatest_power_does_not_overflow(void **state) {
    (void)state;
    pb_meter_init(&meter, 500000, 1000000000000, pb_s(60));
    pb_meter_flow(&meter, PB_INSTANT_ZERO, INT64_C(10000000000000000)); /* 10 GW: the most that the world takes */
    pb_meter_flow(&meter, (pb_instant){INT64_C(1) << 62}, 0);
    PB_CHECK_BETWEEN(meter.reading_wh, 0, 999999999999, "Wh");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_kilowatt_over_an_hour_is_a_thousand_watt_hours_told_every_period),
        cmocka_unit_test(test_the_error_of_its_class_is_a_share_of_what_flows),
        cmocka_unit_test(test_the_register_rolls_over_and_loses_nothing),
        cmocka_unit_test(test_it_tells_at_the_end_of_flow_and_then_is_silent),
        cmocka_unit_test(test_it_can_be_set_and_tells_it),
        cmocka_unit_test(test_a_century_at_the_greatest_power_does_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
