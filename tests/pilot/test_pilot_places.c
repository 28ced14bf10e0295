/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Edges whose places are known exactly: what all periods together say of the width, and when they say nothing. */
#include "pilot_emulator/places.h"
#include "tests/support/check.h"

#include <math.h>

#define RISE 0.37
#define FALL 150.81 /* samples after the same instant */
#define TAU 0.4     /* of an edge, samples */

static struct pb_places places;

/* Counts so many samples after the crossing of an edge that jumps and then settles by an exponential. */
static double volts(double after, double sign) {
    double from = after + TAU * log(2.0); /* half of the swing is done at the crossing */
    return sign * (from < 0 ? -20000 : 20000 - 40000 * exp(-from / TAU));
}

/* The edge of one period, shifted by so much. */
static void add(int side, int64_t period, double step, double shift, double sign) {
    double at = (side ? RISE : FALL) + (double)period * (500 + step) + shift;
    struct pb_place place = {.period = period, .index = (int64_t)ceil(at), .fraction = 1 << 19, .limit = 1 << 19};
    for (int k = 0; k < 4; k++)
        place.c[k] = (int16_t)lrint(volts((double)(place.index + k - 2) - at, side ? sign : -sign));
    pb_places_add(&places, side, &place);
}

static void make(int64_t periods, double step, double sign) {
    places = (struct pb_places){.stride = 1};
    for (int64_t i = 0; i < periods; i++) {
        add(1, i, step, 0, sign);
        add(0, i, step, 0, sign);
    }
}

static struct pb_places_known known(double step, double reach) {
    return (struct pb_places_known){.period_least = 500 + step - reach,
                                    .period_most = 500 + step + reach,
                                    .noise_counts = 4,
                                    .jitter = {0.001, 0.001}};
}

static double expanded(const struct pb_places_width *width) { return 2 * sqrt(width->square / 3) + 1e-9; }

static void test_a_sweep_gives_the_width_far_sharper_than_a_sample(void **context) {
    (void)context;
    static const double steps[] = {0.012, -0.012, 0.015, 0.02, -0.033, 0.1234, -0.4037, 0.61803};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        for (int inverted = 0; inverted < 2; inverted++) {
            make(100, steps[i], inverted ? -1 : 1);
            struct pb_places_known with = known(steps[i], 0.008);
            with.is_inverted = inverted;
            struct pb_places_width width;
            PB_CHECK_TRUE(pb_places_width(&places, &with, &width), "no width at a step of %f", steps[i]);
            PB_CHECK_NEAR(width.middle, FALL - RISE, expanded(&width), "samples");
            PB_CHECK_BETWEEN(sqrt(width.square), 1e-6, 0.05, "samples");
        }
}

static void test_less_than_a_sweep_says_nothing(void **context) {
    (void)context;
    static const double steps[] = {0, 0.0005, -0.003, 0.006};
    struct pb_places_width width = {1, 2};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        make(100, steps[i], 1);
        struct pb_places_known with = known(steps[i], 0.008);
        PB_CHECK_TRUE(!pb_places_width(&places, &with, &width), "a width at a step of %f", steps[i]);
    }
    PB_CHECK_NEAR(width.middle + width.square, 3, 0, "(untouched)");
    make(7, 0.2, 1);
    struct pb_places_known with = known(0.2, 0.008);
    PB_CHECK_TRUE(!pb_places_width(&places, &with, &width), "a width of 7 periods");
    make(8, 0.2, 1);
    PB_CHECK_TRUE(pb_places_width(&places, &with, &width), "no width of 8 periods");
}

/* An edge that comes a tenth of a sample late contradicts the others, unless so much jitter is declared. */
static void test_edges_that_come_unevenly_say_nothing(void **context) {
    (void)context;
    struct pb_places_width width;
    for (int side = 0; side < 2; side++) {
        places = (struct pb_places){.stride = 1};
        for (int64_t i = 0; i < 100; i++) {
            add(1, i, 0.0213, side == 1 && i % 3 == 1 ? 0.1 : 0, 1);
            add(0, i, 0.0213, side == 0 && i % 3 == 1 ? 0.1 : 0, 1);
        }
        struct pb_places_known with = known(0.0213, 0.004);
        PB_CHECK_TRUE(!pb_places_width(&places, &with, &width), "a width, side %d", side);
        with.jitter[side] = 0.1;
        PB_CHECK_TRUE(pb_places_width(&places, &with, &width), "no width, side %d", side);
        PB_CHECK_NEAR(width.middle, FALL - RISE, 0.15, "samples");
    }
}

/* Where lines between two samples are surer than the gaps of a sweep, they count. */
static void test_lines_count_where_they_are_surer(void **context) {
    (void)context;
    make(100, 0.5003, 1); /* two places */
    struct pb_places_known with = known(0.5003, 0.001);
    struct pb_places_width gaps, lines;
    PB_CHECK_TRUE(pb_places_width(&places, &with, &gaps), "no width");
    PB_CHECK_NEAR(gaps.middle, FALL - RISE, expanded(&gaps), "samples");
    PB_CHECK_BETWEEN(sqrt(gaps.square), 0.2, 0.4, "samples");
    for (int side = 0; side < 2; side++)
        for (int i = 0; i < 100; i++) {
            struct pb_place *place = &places.at[side][i];
            double at = (side ? RISE : FALL) + (double)place->period * 500.5003;
            place->limit = (1 << 20) / 50;
            place->fraction = (int32_t)((at - (double)(place->index - 1) + 0.02) * (1 << 20));
        }
    PB_CHECK_TRUE(pb_places_width(&places, &with, &lines), "no width");
    PB_CHECK_NEAR(sqrt(lines.square), 0.02 * sqrt(2), 0.003, "samples");
    PB_CHECK_NEAR(lines.middle, FALL - RISE, 0.003, "samples");
}

static void test_of_a_long_range_every_so_many_periods_are_kept(void **context) {
    (void)context;
    for (int64_t periods = 60; periods < 3000; periods += 77) {
        make(periods, 0.0301, 1);
        int64_t stride = places.stride;
        PB_CHECK_TRUE((stride & (stride - 1)) == 0, "stride %lld", (long long)stride);
        for (int side = 0; side < 2; side++) {
            PB_CHECK_INT(places.count[side], (periods + stride - 1) / stride, "edges");
            for (int i = 0; i < places.count[side]; i++)
                PB_CHECK_INT(places.at[side][i].period, i * stride, "(number of the period)");
        }
        struct pb_places_known with = known(0.0301, 0.5 / (double)periods);
        struct pb_places_width width;
        PB_CHECK_TRUE(pb_places_width(&places, &with, &width), "no width of %d periods", (int)periods);
        PB_CHECK_NEAR(width.middle, FALL - RISE, expanded(&width), "samples");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sweep_gives_the_width_far_sharper_than_a_sample),
        cmocka_unit_test(test_less_than_a_sweep_says_nothing),
        cmocka_unit_test(test_edges_that_come_unevenly_say_nothing),
        cmocka_unit_test(test_lines_count_where_they_are_surer),
        cmocka_unit_test(test_of_a_long_range_every_so_many_periods_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
