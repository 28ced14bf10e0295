/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/check.h"
#include "world/contactor.h"

#define MS 1000000LL
#define PERIOD_NS 2000

static const struct pb_front_end sense_clock = {.period_num_ns = PERIOD_NS, .period_den = 1, .uv_num = 1, .uv_den = 1};
static const struct pb_pole_figures figures = {
    .close_delay = {20 * MS}, .open_delay = {15 * MS}, .bounce = {3 * MS}, .clock = &sense_clock};

/* Runs all edges that come up to an instant; fills when and what. */
static unsigned run_all(struct pb_pole *pole, pb_instant until, pb_instant *ret_at, bool *ret_closed) {
    unsigned count = 0;
    for (pb_instant next; (next = pb_pole_next(pole)).ns <= until.ns;) {
        bool has_changed = pb_pole_run(pole, next);
        if (!has_changed) continue;
        ret_at[count] = next;
        ret_closed[count++] = pole->is_closed;
    }
    return count;
}

static void test_a_pole_closes_after_its_delay_and_bounces_within_its_time(void **state) {
    (void)state;
    bool has_bounced = false;
    for (uint64_t seed = 0; seed < 200; seed++) {
        struct pb_random random = pb_random_of(seed, 0);
        struct pb_pole pole = {0};
        pb_instant at[16];
        bool closed[16];
        pb_pole_energise(&pole, &figures, &random, (pb_instant){777}, true);
        PB_CHECK_TRUE(pole.is_bouncing, "a closing pole is not settled");
        unsigned count = run_all(&pole, PB_INSTANT_ZERO, at, closed);
        PB_CHECK_INT(count, 0, "edges at once");
        count = run_all(&pole, (pb_instant){MS * 1000}, at, closed);
        PB_CHECK_TRUE(count % 2 == 1 && pole.is_closed && !pole.is_bouncing, "%u edges", count);
        PB_CHECK_BETWEEN(at[0].ns, 777 + 20 * MS, 777 + 20 * MS + PB_POLE_JITTER_NS + PERIOD_NS, "ns");
        for (unsigned i = 0; i < count; i++) {
            PB_CHECK_INT(at[i].ns % PERIOD_NS, 0, "ns off the sample clock");
            PB_CHECK_INT(closed[i], i % 2 == 0, "");
            PB_CHECK_TRUE(i == 0 || at[i].ns > at[i - 1].ns, "edges on one sample");
        }
        PB_CHECK_TRUE(at[count - 1].ns - at[0].ns <= 3 * MS, "bounce of %" PRId64 " ns", at[count - 1].ns - at[0].ns);
        has_bounced = has_bounced || count > 1;
    }
    PB_CHECK_TRUE(has_bounced, "never bounced");
}

static void test_no_bounce_means_one_edge(void **state) {
    (void)state;
    struct pb_pole_figures still = figures;
    still.bounce = PB_SPAN_ZERO;
    struct pb_random random = pb_random_of(1, 0);
    struct pb_pole pole = {0};
    pb_instant at[16];
    bool closed[16];
    pb_pole_energise(&pole, &still, &random, PB_INSTANT_ZERO, true);
    PB_CHECK_INT(run_all(&pole, (pb_instant){MS * 1000}, at, closed), 1, "edges");
}

static struct pb_pole closed_pole(struct pb_random *random, bool is_welded) {
    struct pb_pole pole = {.is_welded = is_welded};
    pb_instant at[16];
    bool closed[16];
    pb_pole_energise(&pole, &figures, random, PB_INSTANT_ZERO, true);
    run_all(&pole, (pb_instant){100 * MS}, at, closed);
    return pole;
}

static void test_a_pole_opens_once_after_its_delay(void **state) {
    (void)state;
    struct pb_random random = pb_random_of(1, 0);
    struct pb_pole pole = closed_pole(&random, false);
    pb_instant at[16];
    bool closed[16];
    pb_pole_energise(&pole, &figures, &random, (pb_instant){100 * MS + 1}, false);
    PB_CHECK_INT(run_all(&pole, (pb_instant){1000 * MS}, at, closed), 1, "edges");
    PB_CHECK_INT(at[0].ns, 115 * MS + PERIOD_NS, "ns");
    PB_CHECK_TRUE(!pole.is_closed, "still closed");
}

static void test_a_welded_pole_never_opens_once_closed(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct pb_random random = pb_random_of(seed, 0);
        struct pb_pole pole = closed_pole(&random, true);
        pb_instant at[16];
        bool closed[16];
        pb_pole_energise(&pole, &figures, &random, (pb_instant){100 * MS}, false);
        PB_CHECK_INT(run_all(&pole, (pb_instant){1000 * MS}, at, closed), 0, "edges");
        PB_CHECK_TRUE(pole.is_closed, "open");
    }
}

static void test_a_coil_let_go_before_first_contact_closes_nothing(void **state) {
    (void)state;
    struct pb_random random = pb_random_of(1, 0);
    struct pb_pole pole = {0};
    pb_instant at[16];
    bool closed[16];
    pb_pole_energise(&pole, &figures, &random, PB_INSTANT_ZERO, true);
    pb_pole_energise(&pole, &figures, &random, (pb_instant){19 * MS}, false);
    PB_CHECK_INT(run_all(&pole, (pb_instant){1000 * MS}, at, closed), 0, "edges");
    PB_CHECK_TRUE(!pole.is_bouncing, "unsettled");
}

static void test_whenever_the_coil_lets_go_the_pole_ends_open_and_settled(void **state) {
    (void)state;
    for (int64_t off_us = 0; off_us < 40000; off_us += 37) {
        struct pb_random random = pb_random_of((uint64_t)off_us, 0);
        struct pb_pole pole = {0};
        pb_instant at[32];
        bool closed[32];
        pb_instant off = {off_us * 1000};
        pb_pole_energise(&pole, &figures, &random, PB_INSTANT_ZERO, true);
        run_all(&pole, off, at, closed);
        pb_pole_energise(&pole, &figures, &random, off, false);
        run_all(&pole, (pb_instant){1000 * MS}, at, closed);
        PB_CHECK_TRUE(!pole.is_closed && !pole.is_bouncing, "let go at %" PRId64 " us", off_us);
        pb_pole_energise(&pole, &figures, &random, (pb_instant){2000 * MS}, true);
        run_all(&pole, (pb_instant){3000 * MS}, at, closed);
        PB_CHECK_TRUE(pole.is_closed && !pole.is_bouncing, "does not close again after %" PRId64 " us", off_us);
    }
}

static void test_a_coil_that_is_back_before_the_pole_opened_keeps_it_closed(void **state) {
    (void)state;
    struct pb_random random = pb_random_of(1, 0);
    struct pb_pole pole = closed_pole(&random, false);
    pb_instant at[16];
    bool closed[16];
    pb_pole_energise(&pole, &figures, &random, (pb_instant){100 * MS}, false);
    pb_pole_energise(&pole, &figures, &random, (pb_instant){110 * MS}, true);
    PB_CHECK_INT(run_all(&pole, (pb_instant){1000 * MS}, at, closed), 0, "edges");
    PB_CHECK_TRUE(pole.is_closed && !pole.is_bouncing, "not closed and settled");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_pole_closes_after_its_delay_and_bounces_within_its_time),
        cmocka_unit_test(test_no_bounce_means_one_edge),
        cmocka_unit_test(test_a_pole_opens_once_after_its_delay),
        cmocka_unit_test(test_a_welded_pole_never_opens_once_closed),
        cmocka_unit_test(test_a_coil_let_go_before_first_contact_closes_nothing),
        cmocka_unit_test(test_whenever_the_coil_lets_go_the_pole_ends_open_and_settled),
        cmocka_unit_test(test_a_coil_that_is_back_before_the_pole_opened_keeps_it_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
