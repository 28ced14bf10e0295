/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One supply, two cords: who is granted what, and when. */
#include "firmware_stub/evse/core/sharing.h"
#include "tests/support/check.h"

static struct evse_sharing_parameters parameters;
static struct evse_sharing sharing;
static struct evse_sharing_view views[EVSE_CORDS_MAX];
static uint32_t now_ms;

static int start(void **state) {
    (void)state;
    parameters = evse_sharing_parameters_standard;
    parameters.supply_ma = 80000;
    now_ms = 4294960000u; /* the clock wraps soon */
    memset(views, 0, sizeof views);
    evse_sharing_begin(&sharing, &parameters, 2);
    return 0;
}

/* As cores do: what is granted is announced at once. */
static void settle(void) {
    while (evse_sharing_update(&sharing, now_ms, views))
        for (int i = 0; i < 2; i++) views[i].announced_ma = views[i].is_in_use ? sharing.cords[i].granted_ma : 0;
}

static void pass(uint32_t span_ms) {
    uint32_t at_ms;
    for (uint32_t end_ms = now_ms + span_ms; now_ms != end_ms;) {
        bool is_due = evse_sharing_next_ms(&sharing, &at_ms) && at_ms - now_ms <= end_ms - now_ms;
        now_ms = is_due ? at_ms : end_ms;
        settle();
    }
}

static void plug(int cord, bool is_in_use) {
    views[cord] = (struct evse_sharing_view){.is_in_use = is_in_use, .is_charging = is_in_use};
    if (is_in_use) views[cord].announced_ma = sharing.cords[cord].granted_ma;
    settle();
}

static void check(uint32_t first_ma, uint32_t second_ma) {
    PB_CHECK_INT(sharing.cords[0].granted_ma, first_ma, "mA for the first cord");
    PB_CHECK_INT(sharing.cords[1].granted_ma, second_ma, "mA for the second cord");
}

static void test_one_vehicle_has_the_whole_supply_at_either_cord(void **state) {
    (void)state;
    settle();
    check(0, 0);
    plug(1, true);
    check(0, 80000);
    plug(1, false);
    plug(0, true);
    check(80000, 0);
}

static void test_the_second_vehicle_gets_its_half_when_the_first_had_5_s_to_follow(void **state) {
    (void)state;
    plug(0, true);
    pass(60000);
    plug(1, true);
    check(40000, 0);
    pass(4999);
    check(40000, 0);
    pass(1);
    check(40000, 40000);
}

static void test_the_sum_is_never_above_the_supply_and_the_whole_comes_back(void **state) {
    (void)state;
    unsigned changes = 0;
    for (uint32_t i = 0; i < 4000; i++) {
        uint32_t before = sharing.cords[0].granted_ma + sharing.cords[1].granted_ma;
        if (i % 7 == 0) plug(0, i / 7 % 3 != 0);
        if (i % 5 == 0) plug(1, i / 5 % 4 != 0);
        pass(1 + i * 37 % 1700);
        uint32_t sum = sharing.cords[0].granted_ma + sharing.cords[1].granted_ma;
        PB_CHECK_TRUE(sum <= 80000, "%u mA are granted, expected at most 80000 mA", sum);
        changes += sum != before;
    }
    PB_CHECK_TRUE(changes > 100, "%u changes of the sum, expected many", changes);
    plug(0, true);
    plug(1, false);
    pass(6000);
    check(80000, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_vehicle_has_the_whole_supply_at_either_cord, start),
        cmocka_unit_test_setup(test_the_second_vehicle_gets_its_half_when_the_first_had_5_s_to_follow, start),
        cmocka_unit_test_setup(test_the_sum_is_never_above_the_supply_and_the_whole_comes_back, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
