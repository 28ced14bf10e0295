/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What every registered driver promises, tried from its own rows: a new driver needs a line in fixtures.c and nothing here. A registered driver
 * without that line fails. How much was tried is printed, so that an empty run is not green. Arguments: the drivers to try, those too that this
 * program leaves alone when it is not told to. */
#include "tests/conformance/fixture.h"
#include "tests/instruments/live.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGES_TO_HEAR = 20, EVENTS_TO_SEE = 50, SAMPLES_TO_SEE = 50000 };

static const struct fixture *fixture; /* of the driver whose turn it is */
static struct live live;
static pb_instant simulated_now;
static char params[600];
static size_t tried;
static bool is_tried; /* this fixture */

static int prepare(void **state) {
    fixture = *state;
    if (!is_tried) return 0;
    simulated_now = PB_INSTANT_ZERO;
    fixture->start(params, sizeof params);
    struct pb_error error;
    PB_CHECK_OK(live_open(&live, pb_driver_find(fixture->driver), params, &error), &error);
    return 0;
}
static int clean_up(void **state) {
    (void)state;
    if (!is_tried) return 0;
    if (live.config) live_close(&live);
    fixture->finish();
    return 0;
}
static void skip_what_is_not_here(void) {
    if (is_tried) return;
    print_message("not tried: driver %s: %s\n", fixture->driver, fixture->not_here);
    skip();
}

/* Lets what was told reach the other side. */
static void let_pass(pb_span span) {
    struct pb_error error;
    if (!live.driver->time) return;
    simulated_now = pb_after(simulated_now, span);
    for (pb_instant reached = PB_INSTANT_ZERO; pb_is_before(reached, simulated_now);)
        PB_CHECK_OK(live.driver->time->advance(live.instrument, simulated_now, 0, &reached, &error), &error);
}

static bool is_output(size_t i) { return live.channels[i].access & PB_ACCESS_DRIVE; }

static void set(size_t i, int64_t value) {
    struct pb_error error;
    PB_CHECK_OK(live.driver->out->set(live.instrument, (unsigned)i, value, &error), &error);
    let_pass(pb_ms(1));
    PB_CHECK_NEAR(fixture->observe(&live.channels[i]), value, fixture->within, live.channels[i].name);
    tried++;
}

static void refuse(size_t i, int64_t value) {
    struct pb_error error = {0};
    int64_t before = fixture->observe(&live.channels[i]);
    PB_CHECK_INT(live.driver->out->set(live.instrument, (unsigned)i, value, &error), PB_ERR_RANGE,
                 live.channels[i].name);
    PB_CHECK_TRUE(error.text[0] && error.where[0], "a refusal without a text or a place");
    let_pass(pb_ms(1));
    PB_CHECK_INT(fixture->observe(&live.channels[i]), before, live.channels[i].name);
    tried++;
}

static void test_the_ends_of_a_range_are_taken_and_what_lies_outside_is_refused(void **state) {
    (void)state;
    skip_what_is_not_here();
    for (size_t i = 0; i < live.channel_count; i++) {
        const struct pb_channel *channel = &live.channels[i];
        if (!is_output(i)) continue;
        set(i, channel->min);
        set(i, channel->max);
        if (channel->max < INT64_MAX) refuse(i, channel->max + 1);
        refuse(i, INT64_MAX);
        set(i, channel->safe);
        if (channel->min > INT64_MIN) refuse(i, channel->min - 1);
        refuse(i, INT64_MIN);
    }
}

static void test_what_is_no_output_cannot_be_set(void **state) {
    (void)state;
    skip_what_is_not_here();
    for (size_t i = 0; i <= live.channel_count; i++) {
        struct pb_error error;
        if (!live.driver->out || (i < live.channel_count && is_output(i))) continue;
        PB_CHECK_INT(live.driver->out->set(live.instrument, (unsigned)i, 0, &error), PB_ERR_RANGE, "(status)");
        tried++;
    }
}

static void test_another_process_makes_an_output_safe_by_descriptor_and_note_alone(void **state) {
    (void)state;
    skip_what_is_not_here();
    const struct pb_guard_ops *guard = live.driver->guard;
    int descriptor = guard ? guard->descriptor(live.instrument) : -1;
    for (size_t i = 0; i < live.channel_count; i++) {
        const struct pb_channel *channel = &live.channels[i];
        struct pb_guard_note note;
        struct pb_error error;
        int result;
        if (!guard || !is_output(i) || channel->is_kept_when_safe) continue; /* the registry: no output without one */
        if (guard->note) PB_CHECK_OK(guard->note(live.instrument, (unsigned)i, channel->safe, &note, &error), &error);
        set(i, channel->max);
        pid_t other = fork();
        if (other == 0) {
            memset(&live, 0, sizeof live); /* nothing of the driver's is left */
            _exit((int)guard->write(descriptor, (unsigned)i, channel->safe, guard->note ? &note : NULL, 2000));
        }
        PB_CHECK_INT(waitpid(other, &result, 0), other, "(pid)");
        PB_CHECK_INT(result, 0, "(how it ended)");
        let_pass(pb_ms(1));
        PB_CHECK_NEAR(fixture->observe(channel), channel->safe, fixture->within, channel->name);
        tried++;
    }
}

static void test_closing_makes_safe_and_opening_again_finds_it_so(void **state) {
    (void)state;
    skip_what_is_not_here();
    struct pb_error error;
    for (int round = 0; round < 3; round++) {
        const struct pb_channel *rows;
        size_t count = live.channel_count;
        for (size_t i = 0; i < count; i++)
            if (is_output(i) && !live.channels[i].is_kept_when_safe) set(i, live.channels[i].max);
        live.driver->core->close(live.instrument);
        live.instrument = NULL;
        rows = live.channels;
        for (size_t i = 0; fixture->is_seen_after_close && i < count; i++)
            if (is_output(i) && !rows[i].is_kept_when_safe)
                PB_CHECK_NEAR(fixture->observe(&rows[i]), rows[i].safe, fixture->within, rows[i].name);
        live_close(&live);
        simulated_now = PB_INSTANT_ZERO;
        if (!fixture->is_seen_after_close) (void)unlink(fixture_log_path);
        PB_CHECK_OK(live_open(&live, pb_driver_find(fixture->driver), params, &error), &error);
        let_pass(pb_ms(1));
        for (size_t i = 0; i < live.channel_count; i++) {
            if (!is_output(i) || live.channels[i].is_kept_when_safe) continue;
            PB_CHECK_NEAR(fixture->observe(&live.channels[i]), live.channels[i].safe, fixture->within,
                          live.channels[i].name);
            tried++;
        }
    }
}

static void test_closing_nothing_is_fine(void **state) {
    (void)state;
    skip_what_is_not_here();
    live.driver->core->close(NULL);
    tried++;
}

static void see_events(const struct pb_channel *channel) {
    struct pb_error error;
    size_t unasked = fixture->stir ? 1 : EVENTS_TO_SEE; /* the first: as it was found */
    PB_CHECK_OK(live_await(&live, channel->name, 0, unasked, &error), &error);
    for (unsigned round = 0; fixture->stir && round < EVENTS_TO_SEE; round++) {
        size_t from = live.seen_count;
        fixture->stir(channel, round);
        PB_CHECK_OK(live_await(&live, channel->name, from, 1, &error), &error);
    }
}

static void see_samples(size_t i) {
    struct pb_error error;
    const struct pb_sampling *sampling = live.driver->core->sampling(live.instrument, (unsigned)i);
    PB_CHECK_TRUE(sampling && sampling->period_num_ns > 0 && sampling->period_den > 0, "%s", live.channels[i].name);
    while (live.samples[i] < SAMPLES_TO_SEE) PB_CHECK_OK(live_drain_for(&live, pb_ms(10), &error), &error);
    PB_CHECK_OK(live.driver->stream->keep_until(live.instrument, (unsigned)i, live.complete, &error), &error);
    tried++;
}

/* The other side says again what it hears. */
static void hear_messages(unsigned channel) {
    struct pb_error error;
    while (!live.driver->bytes->is_up(live.instrument, channel))
        PB_CHECK_OK(live_drain_for(&live, pb_ms(10), &error), &error);
    for (size_t said = 1; said <= MESSAGES_TO_HEAR; said++) {
        char text[200];
        snprintf(
            text, sizeof text,
            "{\"fields\":{\"vin\":\"1PB00000000000001\"},\"from\":\"pev\",\"id\":%zu,\"to\":\"utility\",\"type\":\"vin\",\"v\":1}",
            said);
        PB_CHECK_OK(live.driver->bytes->send(live.instrument, channel, text, strlen(text), &error), &error);
        while (live.lines < said) PB_CHECK_OK(live_drain_for(&live, pb_ms(5), &error), &error);
        PB_CHECK_TEXT(live.last_line, text);
        tried++;
    }
    PB_CHECK_OK(live.driver->bytes->send(live.instrument, channel, "no message", 10, &error), &error);
    while (!live.refused) PB_CHECK_OK(live_drain_for(&live, pb_ms(5), &error), &error);
    PB_CHECK_INT(live.lines, MESSAGES_TO_HEAR, "messages");
}

static bool has_inputs(void) {
    for (size_t i = 0; i < live.channel_count; i++)
        if (live.channels[i].access & (PB_ACCESS_EVENTS | PB_ACCESS_STREAM)) return true;
    return false;
}

static void test_what_is_seen_comes_in_order_and_before_it_is_declared_complete(void **state) {
    (void)state;
    skip_what_is_not_here();
    size_t samples = 0;
    for (size_t i = 0; !live.driver->time && i < live.channel_count; i++) {
        if (live.channels[i].access & PB_ACCESS_EVENTS) see_events(&live.channels[i]);
        if (live.channels[i].access & PB_ACCESS_STREAM) see_samples(i);
        if (live.channels[i].access & PB_ACCESS_BYTES) hear_messages((unsigned)i);
    }
    for (int i = 0; live.driver->time && i < 20; i++) {
        let_pass(pb_ms(5));
        PB_CHECK_INT(live.complete.ns, simulated_now.ns, "ns");
    }
    PB_CHECK_INT(live.disorder, 0, "events, samples or dates out of order");
    for (size_t i = 0; i < live.seen_count; i++) {
        const struct pb_channel *channel = &live.channels[live.seen[i].channel];
        PB_CHECK_TRUE(live.seen[i].channel < live.channel_count, "an event of no channel");
        PB_CHECK_TRUE(channel->access & PB_ACCESS_EVENTS, "an event of channel %s, which has none", channel->name);
        PB_CHECK_TRUE(live.seen[i].u_ns >= 0, "a negative uncertainty");
        tried++;
    }
    for (size_t i = 0; i < live.channel_count; i++) samples += live.samples[i];
    PB_CHECK_TRUE(live.seen_count + samples > 0 || !has_inputs(), "nothing was seen");
    PB_CHECK_TRUE(!live.driver->time || samples > 0, "no samples came");
    tried += samples > 0;
    if (samples > 0) print_message("%zu samples, none lost or out of order\n", samples);
}

static void test_every_registered_driver_has_its_fixture(void **state) {
    (void)state;
    for (size_t i = 0; pb_drivers[i]; i++) {
        size_t k = 0;
        while (fixtures[k] && strcmp(fixtures[k]->driver, pb_drivers[i]->name) != 0) k++;
        PB_CHECK_TRUE(fixtures[k], "driver %s has no line in tests/conformance/fixtures.c", pb_drivers[i]->name);
    }
}

#define TRY(test)                                                                                                      \
    { #test, test, prepare, clean_up, NULL }
static const struct CMUnitTest promises[] = {
    TRY(test_the_ends_of_a_range_are_taken_and_what_lies_outside_is_refused),
    TRY(test_what_is_no_output_cannot_be_set),
    TRY(test_another_process_makes_an_output_safe_by_descriptor_and_note_alone),
    TRY(test_closing_makes_safe_and_opening_again_finds_it_so),
    TRY(test_closing_nothing_is_fine),
    TRY(test_what_is_seen_comes_in_order_and_before_it_is_declared_complete),
};
enum { PROMISES = sizeof promises / sizeof *promises };

/* The same program is told by name what it may try: a board of this machine may have something wired to it. */
static bool is_asked_for(const struct fixture *which, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], which->driver) == 0) return true;
    return argc < 2 && !which->not_here;
}

static int try_all(const struct fixture *which) {
    struct CMUnitTest tests[PROMISES];
    const char *what = which->what ? which->what : "all of it";
    memcpy(tests, promises, sizeof promises);
    for (size_t k = 0; k < PROMISES; k++) tests[k].initial_state = (void *)(uintptr_t)which;
    tried = 0;
    print_message("driver %s: %s\n", which->driver, what);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    print_message("driver %s: %s: %zu tries\n", which->driver, what, tried);
    return failed + (is_tried && tried < PROMISES);
}

int main(int argc, char **argv) {
    const struct CMUnitTest whole[] = {cmocka_unit_test(test_every_registered_driver_has_its_fixture)};
    int failed = cmocka_run_group_tests(whole, NULL, NULL), asked_for = 0;
    for (size_t i = 0; fixtures[i]; i++) {
        is_tried = is_asked_for(fixtures[i], argc, argv);
        asked_for += is_tried;
        if (is_tried || argc < 2) failed += try_all(fixtures[i]);
    }
    return failed != 0 || asked_for == 0;
}
