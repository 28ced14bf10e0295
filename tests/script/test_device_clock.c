/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Times of day: the schedule's, and those of a device that keeps its own. */
#include "harness/engine/device_clock.h"

#include "tests/support/check.h"

static pb_span at(int hours, int minutes, int seconds) { return pb_s((int64_t)(hours * 60 + minutes) * 60 + seconds); }

static void test_the_line_gets_the_time_in_place_of_its_mark(void **state) {
    (void)state;
    char line[80];
    pb_clock_line("set clock {time}", at(16, 0, 0), line, sizeof line);
    PB_CHECK_TEXT(line, "set clock 16:00:00");
    pb_clock_line("$S1 {time} now", at(9, 5, 7), line, sizeof line);
    PB_CHECK_TEXT(line, "$S1 09:05:07 now");
    pb_clock_line("{time}", at(23, 59, 59), line, sizeof line);
    PB_CHECK_TEXT(line, "23:59:59");
}

static void test_the_offset_is_the_nearer_way_round_midnight(void **state) {
    (void)state;
    static const struct {
        int schedule_h, device_h, device_min, expected_min;
    } rows[] = {{16, 16, 0, 0},   {16, 17, 30, 90}, {16, 15, 59, -1}, {23, 1, 0, 120},
                {1, 23, 0, -120}, {16, 4, 0, 720},  {16, 4, 1, -719}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        pb_span offset = pb_clock_offset(at(rows[i].schedule_h, 0, 0), at(rows[i].device_h, rows[i].device_min, 0));
        PB_CHECK_INT(offset.ns / INT64_C(60000000000), rows[i].expected_min, "min of offset");
    }
}

static void test_a_device_s_own_clock_is_that_of_the_day_and_what_it_is_ahead(void **state) {
    (void)state;
    pb_instant later = pb_after(PB_INSTANT_ZERO, pb_s(3 * 86400 + 3661)); /* three days and 1:01:01 of simulated time */
    PB_CHECK_INT(pb_clock_of_device(later, NULL, pb_s(0)).ns, at(1, 1, 1).ns, "ns of day");
    PB_CHECK_INT(pb_clock_of_device(later, NULL, pb_s(-7200)).ns, at(23, 1, 1).ns, "ns of day");
    PB_CHECK_INT(pb_clock_of_device(later, "2026-11-21T23:30:15.250Z", pb_s(3600)).ns, at(0, 30, 15).ns, "ns of day");
}

static void test_the_note_names_both_times_and_which_is_ahead(void **state) {
    (void)state;
    char note[160];
    pb_clock_describe(at(16, 0, 0), at(9, 0, 6), note, sizeof note);
    PB_CHECK_TEXT(
        note,
        "the device keeps its own clock: at the connection, 16:00:00 by the schedule, it showed 09:00:06, 06:59:54 behind");
    pb_clock_describe(at(16, 0, 0), at(16, 0, 6), note, sizeof note);
    PB_CHECK_CONTAINS(note, "it showed 16:00:06, 00:00:06 ahead");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_line_gets_the_time_in_place_of_its_mark),
        cmocka_unit_test(test_the_offset_is_the_nearer_way_round_midnight),
        cmocka_unit_test(test_a_device_s_own_clock_is_that_of_the_day_and_what_it_is_ahead),
        cmocka_unit_test(test_the_note_names_both_times_and_which_is_ahead),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
