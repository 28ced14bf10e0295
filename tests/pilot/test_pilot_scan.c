/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two passes that see every sample, against loops as plain as can be: whatever the bounds, wherever a count lies on them
 * or one beside, whatever the length and alignment. */
#include "pilot_emulator/scan.h"
#include "tests/support/check.h"

#include <stdint.h>

enum { MOST = 400 };
static int16_t counts[MOST];
static uint64_t state = 88172645463325252u;

static int drawn(int count) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)(state >> 33) % count;
}

static int64_t plain_within(const int16_t *from, int64_t count, int min, int max) {
    int64_t i = 0;
    while (i < count && from[i] >= min && from[i] <= max) i++;
    return i;
}

/* Counts on the bounds themselves, and perhaps one that is just beside. */
static void test_a_run_ends_at_the_first_count_outside(void **context) {
    (void)context;
    static const int16_t bounds[][2] = {{-100, 100},     {0, 0},         {INT16_MIN, INT16_MAX},
                                        {INT16_MIN, -1}, {1, INT16_MAX}, {-32767, 32766},
                                        {5, 4},          {32766, 32767}};
    int checked = 0, ended = 0;
    for (size_t b = 0; b < sizeof bounds / sizeof bounds[0]; b++)
        for (int trial = 0; trial < 3000; trial++) {
            int min = bounds[b][0], max = bounds[b][1], first = drawn(40), length = drawn(MOST - 39);
            for (int i = 0; i < MOST; i++) {
                int span = max - min, kind = drawn(3);
                counts[i] = (int16_t)(kind == 0 || span <= 0 ? min : kind == 1 ? max : min + drawn(span + 1));
            }
            if (trial % 3 && length > 0) {
                int at = first + drawn(length), beside = trial % 3 == 1 ? min - 1 : max + 1;
                if (beside >= INT16_MIN && beside <= INT16_MAX) counts[at] = (int16_t)beside;
            }
            int64_t run = pb_scan_within(counts + first, length, (int16_t)min, (int16_t)max);
            PB_CHECK_INT(run, plain_within(counts + first, length, min, max), "samples");
            ended += run < length;
            checked++;
        }
    PB_CHECK_BETWEEN(ended, 10000, checked, "runs that ended");
}

static void test_sums_are_those_of_a_plain_loop(void **context) {
    (void)context;
    for (int trial = 0; trial < 3000; trial++) {
        int first = drawn(40), length = drawn(MOST - 39);
        struct pb_scan_sums sums = PB_SCAN_NOTHING;
        int64_t sum = 0;
        int min = INT16_MAX, max = INT16_MIN;
        for (int i = 0; i < MOST; i++) counts[i] = (int16_t)(drawn(65536) - 32768);
        for (int i = first; i < first + length; i++) {
            sum += counts[i];
            min = counts[i] < min ? counts[i] : min;
            max = counts[i] > max ? counts[i] : max;
        }
        int part = drawn(length + 1);
        pb_scan_add(&sums, counts + first, part);
        pb_scan_add(&sums, counts + first + part, length - part);
        PB_CHECK_INT(sums.sum, sum, "(sum)");
        PB_CHECK_INT(sums.samples, length, "samples");
        PB_CHECK_INT(sums.min, min, "(least)");
        PB_CHECK_INT(sums.max, max, "(greatest)");
    }
}

/* A sum of 32 bits is emptied in time, whatever the counts. */
static void test_long_sums_do_not_overflow(void **context) {
    (void)context;
    static int16_t many[200000];
    for (int sign = -1; sign <= 1; sign += 2) {
        for (int i = 0; i < 200000; i++) many[i] = sign < 0 ? INT16_MIN : INT16_MAX;
        struct pb_scan_sums sums = PB_SCAN_NOTHING;
        pb_scan_add(&sums, many, 200000);
        PB_CHECK_INT(sums.sum, INT64_C(200000) * many[0], "(sum)");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run_ends_at_the_first_count_outside),
        cmocka_unit_test(test_sums_are_those_of_a_plain_loop),
        cmocka_unit_test(test_long_sums_do_not_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
