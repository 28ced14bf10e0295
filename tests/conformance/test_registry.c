/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry's inspection of itself: the drivers that there are have no fault, and each planted one is found. */
#include "instruments/roles/driver.h"

#include "tests/support/check.h"

static enum pb_status refuse_open(const void *config, const struct pb_opening *opening, struct pb_instrument **ret,
                                  struct pb_error *error) {
    (void)config, (void)opening, (void)ret;
    return pb_fail(error, PB_ERR_UNSUPPORTED, 0, "test", "never opened");
}
static const struct pb_core_ops core = {.open = refuse_open};
static const struct pb_out_ops out = {0};
static const struct pb_live_ops on_wall = {0};
static const struct pb_guard_ops guard = {0};
static const struct pb_rows_ops rows = {0};

static const struct pb_channel GOOD = {
    .name = "a", .role = "load", .access = PB_ACCESS_DRIVE, .unit = PB_UNIT_AMPERE, .min = 0, .max = 10};
static struct pb_channel channels[2];
static struct pb_driver driver;

static void make_good(void) {
    channels[0] = channels[1] = GOOD;
    channels[1].name = "b";
    driver = (struct pb_driver){.name = "x",
                                .channels = channels,
                                .channel_count = 2,
                                .core = &core,
                                .out = &out,
                                .live = &on_wall,
                                .guard = &guard};
}

static void check_found(const char *text) {
    const struct pb_driver *const list[] = {&driver, NULL};
    struct pb_error error;
    PB_CHECK_INT(pb_drivers_check(list, &error), 1, "faults");
    PB_CHECK_TEXT(error.text, text);
    make_good();
}

static void test_the_registered_drivers_have_no_fault(void **state) {
    (void)state;
    struct pb_error error = {0};
    int faults = pb_drivers_check(pb_drivers, &error);
    PB_CHECK_TRUE(faults == 0, "%s: %s", error.where, error.text);
}

static void test_each_planted_fault_is_found(void **state) {
    (void)state;
    make_good();
    const struct pb_driver *const good[] = {&driver, NULL};
    PB_CHECK_INT(pb_drivers_check(good, NULL), 0, "faults");
    driver.name = "";
    check_found("a driver has no name");
    driver.core = NULL;
    check_found("no table to open it");
    driver.live = NULL;
    check_found("neither of the tables for simulated time and the wall clock");
    driver.channel_count = 0;
    check_found("no channels");
    driver.channel_count = 65;
    check_found("more channels than a wake mask has bits");
    driver.rows = &rows;
    check_found("channels both in a table and from the configuration");
    channels[1].name = "a";
    check_found("two channels have one name");
    channels[1].role = "";
    check_found("a channel has no role");
    channels[1].access = 0;
    check_found("a channel that can do nothing");
    channels[1].unit = PB_UNIT_COUNT;
    check_found("a channel's unit is not in the list");
    channels[1].min = 11;
    check_found("an empty range");
    channels[1].safe = 11;
    check_found("a safe value outside the range");
    driver.guard = NULL;
    check_found("a driven channel, but no tables to drive it and to make it safe");
    channels[1].access = PB_ACCESS_STREAM;
    check_found("a streaming channel, but no table to stream it");
    channels[1].access = PB_ACCESS_BYTES;
    check_found("a channel of bytes, but no table to send them");
}

static void test_two_drivers_of_one_name_are_found(void **state) {
    (void)state;
    struct pb_error error;
    make_good();
    const struct pb_driver *const list[] = {&driver, &driver, NULL};
    PB_CHECK_INT(pb_drivers_check(list, &error), 1, "faults");
    PB_CHECK_TEXT(error.text, "two drivers have one name");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_registered_drivers_have_no_fault),
        cmocka_unit_test(test_each_planted_fault_is_found),
        cmocka_unit_test(test_two_drivers_of_one_name_are_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
