/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instants and spans: arithmetic stops at both ends of int64 and never wraps. */
#include "base/instant.h"
#include "tests/support/check.h"

static pb_instant at(int64_t ns) { return (pb_instant){ns}; }

static void test_constructors_scale_to_nanoseconds(void **state) {
    (void)state;
    PB_CHECK_INT(pb_ns(7).ns, 7, "ns");
    PB_CHECK_INT(pb_us(-3).ns, -3000, "ns");
    PB_CHECK_INT(pb_ms(20).ns, 20000000, "ns");
    PB_CHECK_INT(pb_s(50400).ns, 50400000000000, "ns");
}

static void test_constructors_saturate_at_both_ends(void **state) {
    (void)state;
    PB_CHECK_INT(pb_s(INT64_MAX).ns, INT64_MAX, "ns");
    PB_CHECK_INT(pb_s(INT64_MIN).ns, INT64_MIN, "ns");
    PB_CHECK_INT(pb_ms(INT64_MAX / 1000).ns, INT64_MAX, "ns");
    PB_CHECK_INT(pb_us(INT64_MIN / 10).ns, INT64_MIN, "ns");
    PB_CHECK_INT(pb_s(9223372036).ns, 9223372036000000000, "ns");
    PB_CHECK_INT(pb_s(9223372037).ns, INT64_MAX, "ns");
}

static void test_an_instant_after_a_span_saturates(void **state) {
    (void)state;
    PB_CHECK_INT(pb_after(at(5), pb_ns(-7)).ns, -2, "ns");
    PB_CHECK_INT(pb_after(PB_INSTANT_NEVER, pb_ns(1)).ns, INT64_MAX, "ns");
    PB_CHECK_INT(pb_after(at(1), PB_SPAN_FOREVER).ns, INT64_MAX, "ns");
    PB_CHECK_INT(pb_after(at(INT64_MIN), pb_ns(-1)).ns, INT64_MIN, "ns");
    PB_CHECK_INT(pb_after(at(INT64_MIN), PB_SPAN_FOREVER).ns, -1, "ns");
}

static void test_the_span_between_instants_saturates(void **state) {
    (void)state;
    PB_CHECK_INT(pb_between(at(3), at(10)).ns, 7, "ns");
    PB_CHECK_INT(pb_between(at(10), at(3)).ns, -7, "ns");
    PB_CHECK_INT(pb_between(at(INT64_MIN), at(INT64_MAX)).ns, INT64_MAX, "ns");
    PB_CHECK_INT(pb_between(at(INT64_MAX), at(INT64_MIN)).ns, INT64_MIN, "ns");
    PB_CHECK_INT(pb_between(at(-1), at(INT64_MAX)).ns, INT64_MAX, "ns");
    PB_CHECK_INT(pb_between(at(0), at(INT64_MIN)).ns, INT64_MIN, "ns");
}

static void test_a_sum_of_spans_saturates(void **state) {
    (void)state;
    PB_CHECK_INT(pb_span_sum(pb_s(1), pb_ms(-1)).ns, 999000000, "ns");
    PB_CHECK_INT(pb_span_sum(PB_SPAN_FOREVER, PB_SPAN_FOREVER).ns, INT64_MAX, "ns");
    PB_CHECK_INT(pb_span_sum(pb_ns(INT64_MIN), pb_ns(-1)).ns, INT64_MIN, "ns");
}

static void test_comparisons_are_strict(void **state) {
    (void)state;
    PB_CHECK_TRUE(pb_is_before(at(1), at(2)), "1 ns is before 2 ns");
    PB_CHECK_TRUE(!pb_is_before(at(2), at(2)), "an instant is not before itself");
    PB_CHECK_TRUE(pb_is_shorter(pb_ns(-1), PB_SPAN_ZERO), "-1 ns is shorter than 0 ns");
    PB_CHECK_TRUE(!pb_is_shorter(PB_SPAN_ZERO, PB_SPAN_ZERO), "a span is not shorter than itself");
    PB_CHECK_INT(pb_earlier(at(4), at(9)).ns, 4, "ns");
    PB_CHECK_INT(pb_later(at(4), PB_INSTANT_NEVER).ns, INT64_MAX, "ns");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_constructors_scale_to_nanoseconds),
        cmocka_unit_test(test_constructors_saturate_at_both_ends),
        cmocka_unit_test(test_an_instant_after_a_span_saturates),
        cmocka_unit_test(test_the_span_between_instants_saturates),
        cmocka_unit_test(test_a_sum_of_spans_saturates),
        cmocka_unit_test(test_comparisons_are_strict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
