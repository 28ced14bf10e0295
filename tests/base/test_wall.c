/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wall clock, checked against itself only: nothing here depends on how fast this machine is. */
#include "base/wall.h"
#include "tests/support/check.h"

#include <limits.h>
#include <stdlib.h>

static void test_the_monotonic_clock_does_not_go_back(void **state) {
    (void)state;
    pb_instant last = pb_wall_now();
    PB_CHECK_TRUE(last.ns > 0, "now is %lld ns", (long long)last.ns);
    for (int i = 0; i < 1000; i++) {
        pb_instant now = pb_wall_now();
        PB_CHECK_TRUE(!pb_is_before(now, last), "%lld ns after %lld ns", (long long)now.ns, (long long)last.ns);
        last = now;
    }
}

static void test_utc_is_an_iso_text_with_milliseconds(void **state) {
    (void)state;
    char text[25];
    pb_wall_utc(text, sizeof text);
    static const char form[] = "0000-00-00T00:00:00.000Z";
    PB_CHECK_INT(strlen(text), strlen(form), "characters");
    for (size_t i = 0; form[i]; i++) {
        if (form[i] == '0') PB_CHECK_TRUE(text[i] >= '0' && text[i] <= '9', "character %zu of %s", i, text);
        else PB_CHECK_INT(text[i], form[i], "(character)");
    }
    PB_CHECK_BETWEEN(atoi(text), 2024, 9999, "year");
    PB_CHECK_BETWEEN(atoi(text + 5), 1, 12, "month");
}

static void test_poll_never_ends_before_its_deadline(void **state) {
    (void)state;
    for (int i = 0; i < 1000; i++) {
        pb_instant deadline = pb_after(pb_wall_now(), pb_us(1000 * 1000 + 7 * i));
        pb_instant before = pb_wall_now();
        int ms = pb_wall_poll_ms(deadline);
        pb_instant after = pb_wall_now();
        int64_t most_ns = pb_between(before, deadline).ns, least_ns = pb_between(after, deadline).ns;
        PB_CHECK_BETWEEN(ms * INT64_C(1000000), least_ns < 0 ? 0 : least_ns, (most_ns < 0 ? 0 : most_ns) + 999999,
                         "ns");
    }
}

static void test_poll_knows_past_never_and_far(void **state) {
    (void)state;
    PB_CHECK_INT(pb_wall_poll_ms(PB_INSTANT_NEVER), -1, "ms");
    PB_CHECK_INT(pb_wall_poll_ms(PB_INSTANT_ZERO), 0, "ms");
    PB_CHECK_INT(pb_wall_poll_ms((pb_instant){INT64_MIN}), 0, "ms");
    PB_CHECK_INT(pb_wall_poll_ms((pb_instant){INT64_MAX - 1}), INT_MAX, "ms");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_monotonic_clock_does_not_go_back),
        cmocka_unit_test(test_utc_is_an_iso_text_with_milliseconds),
        cmocka_unit_test(test_poll_never_ends_before_its_deadline),
        cmocka_unit_test(test_poll_knows_past_never_and_far),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
