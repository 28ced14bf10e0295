/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks that print both values with their unit. On top of cmocka, which every test file reaches through here. */
#ifndef PB_TESTS_CHECK_H
#define PB_TESTS_CHECK_H

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Ends the test. cmocka does not tell compilers that its failures do not return. */
#define PB_FAIL(...)                                                                                                   \
    do {                                                                                                               \
        fail_msg(__VA_ARGS__);                                                                                         \
        abort();                                                                                                       \
    } while (0)

#define PB_CHECK_TRUE(condition, ...)                                                                                  \
    do {                                                                                                               \
        if (!(condition)) {                                                                                            \
            print_error("%s:%d: not true: %s: ", __FILE__, __LINE__, #condition);                                      \
            PB_FAIL(__VA_ARGS__);                                                                                      \
        }                                                                                                              \
    } while (0)

#define PB_CHECK_INT(actual, expected, unit)                                                                           \
    do {                                                                                                               \
        int64_t pb_actual_ = (int64_t)(actual), pb_expected_ = (int64_t)(expected);                                    \
        if (pb_actual_ != pb_expected_)                                                                                \
            PB_FAIL("%s:%d: %s is %" PRId64 " %s, expected %" PRId64 " %s", __FILE__, __LINE__, #actual, pb_actual_,   \
                    unit, pb_expected_, unit);                                                                         \
    } while (0)

#define PB_CHECK_BETWEEN(actual, low, high, unit)                                                                      \
    do {                                                                                                               \
        int64_t pb_actual_ = (int64_t)(actual), pb_low_ = (int64_t)(low), pb_high_ = (int64_t)(high);                  \
        if (pb_actual_ < pb_low_ || pb_actual_ > pb_high_)                                                             \
            PB_FAIL("%s:%d: %s is %" PRId64 " %s, expected %" PRId64 " to %" PRId64 " %s", __FILE__, __LINE__,         \
                    #actual, pb_actual_, unit, pb_low_, pb_high_, unit);                                               \
    } while (0)

#define PB_CHECK_NEAR(actual, expected, tolerance, unit)                                                               \
    do {                                                                                                               \
        double pb_actual_ = (double)(actual), pb_expected_ = (double)(expected), pb_off_ = pb_actual_ - pb_expected_;  \
        if (!((pb_off_ < 0 ? -pb_off_ : pb_off_) <= (double)(tolerance)))                                              \
            PB_FAIL("%s:%d: %s is %.9g %s, expected %.9g +- %.3g %s", __FILE__, __LINE__, #actual, pb_actual_, unit,   \
                    pb_expected_, (double)(tolerance), unit);                                                          \
    } while (0)

#define PB_CHECK_TEXT(actual, expected)                                                                                \
    do {                                                                                                               \
        const char *pb_actual_ = (actual), *pb_expected_ = (expected);                                                 \
        if (!pb_actual_ || strcmp(pb_actual_, pb_expected_) != 0)                                                      \
            PB_FAIL("%s:%d: %s is \"%s\", expected \"%s\"", __FILE__, __LINE__, #actual,                               \
                    pb_actual_ ? pb_actual_ : "(null)", pb_expected_);                                                 \
    } while (0)

#define PB_CHECK_CONTAINS(actual, part)                                                                                \
    do {                                                                                                               \
        const char *pb_actual_ = (actual), *pb_part_ = (part);                                                         \
        if (!pb_actual_ || !strstr(pb_actual_, pb_part_))                                                              \
            PB_FAIL("%s:%d: %s is \"%s\", expected \"%s\" in it", __FILE__, __LINE__, #actual,                         \
                    pb_actual_ ? pb_actual_ : "(null)", pb_part_);                                                     \
    } while (0)

/* A status that must be OK; prints the error's place and text. */
#define PB_CHECK_OK(call, error_pointer)                                                                               \
    do {                                                                                                               \
        enum pb_status pb_status_ = (call);                                                                            \
        if (pb_status_ != PB_OK)                                                                                       \
            PB_FAIL("%s:%d: %s gave %s (%s: %s), expected OK", __FILE__, __LINE__, #call, pb_status_name(pb_status_),  \
                    (error_pointer)->where, (error_pointer)->text);                                                    \
    } while (0)

#endif
