/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/instruments/live.h"

#include "base/wall.h"
#include "tests/support/check.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *live_write_profile(const char *text) {
    static char path[300];
    static int number;
    snprintf(path, sizeof path, "%s/tests/profile-%d-%d.yaml", PB_BUILD_DIR, (int)getpid(), number++);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

static void on_event(void *user, const struct pb_seen *seen) {
    struct live *live = user;
    if (pb_is_before(seen->at, live->complete)) live->disorder++;
    for (size_t i = live->seen_count; i-- > 0;) {
        if (live->seen[i].channel != seen->channel) continue;
        if (pb_is_before(seen->at, live->seen[i].at)) live->disorder++;
        break;
    }
    assert_true(live->seen_count < LIVE_SEEN_MAX);
    live->seen[live->seen_count++] = *seen;
}
static void on_complete(void *user, pb_instant to) {
    struct live *live = user;
    if (pb_is_before(to, live->complete)) live->disorder++;
    live->complete = to;
}

static void on_samples(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t count) {
    struct live *live = user;
    (void)counts;
    assert_true(channel < LIVE_CHANNELS_MAX);
    bool is_first = live->samples[channel] == 0 && !live->driver->time; /* simulated time begins at 0 */
    const struct pb_sampling *sampling =
        live->instrument ? live->driver->core->sampling(live->instrument, channel) : NULL;
    live->disorder += !is_first && first_index != live->next_index[channel];
    live->disorder += sampling && pb_sampling_ns_of(sampling, first_index) < live->complete.ns;
    live->next_index[channel] = first_index + (int64_t)count;
    live->samples[channel] += count;
}
static void on_modelled(void *user, unsigned channel, int64_t to_index) {
    struct live *live = user;
    assert_true(channel < LIVE_CHANNELS_MAX);
    live->disorder += to_index < live->next_index[channel];
    live->next_index[channel] = to_index;
}
static void on_bytes(void *user, unsigned channel, pb_instant at, const uint8_t *bytes, size_t size) {
    struct live *live = user;
    (void)channel;
    if (pb_is_before(at, live->complete)) live->disorder++;
    snprintf(live->last_line, sizeof live->last_line, "%.*s", (int)size, (const char *)bytes);
    live->lines++;
}
static void on_refused(void *user, unsigned channel, pb_instant at, const char *why, const uint8_t *bytes,
                       size_t size) {
    struct live *live = user;
    (void)channel, (void)bytes, (void)size;
    assert_true(why[0]);
    if (pb_is_before(at, live->complete)) live->disorder++;
    live->refused++;
}
static void on_note(void *user, unsigned channel, pb_instant at, const char *text) {
    (void)user, (void)channel, (void)at;
    assert_true(text[0]);
}

enum pb_status live_open(struct live *live, const struct pb_driver *driver, const char *params,
                         struct pb_error *error) {
    char text[1000];
    *live = (struct live){.driver = driver, .zero = pb_wall_now(), .complete = {INT64_MIN}};
    snprintf(text, sizeof text, "{%s}", params);
    enum pb_status status = pb_doc_read_text("bench", text, strlen(text), &live->doc, error);
    live->config = calloc(1, driver->config_size);
    if (status == PB_OK)
        status = pb_doc_bind(live->doc, pb_doc_root(live->doc), driver->params, driver->param_count, live->config,
                             driver->config_size, error);
    if (status == PB_OK && driver->rows)
        status = driver->rows->prepare(live->config, PB_SOURCE_DIR "/fixtures/instruments", error);
    const struct pb_opening opening = {
        .seed = 1,
        .log_path = PB_BUILD_DIR "/tests/conformance.world.log",
        .wall_zero = driver->time ? PB_INSTANT_ZERO : live->zero,
        .sink = {live, on_event, on_samples, on_modelled, on_bytes, on_complete, on_refused, on_note}};
    if (status == PB_OK) {
        live->channels = pb_driver_channels(driver, live->config, &live->channel_count);
        status = driver->core->open(live->config, &opening, &live->instrument, error);
    }
    if (status != PB_OK) live_close(live);
    return status;
}

void live_close(struct live *live) {
    live->driver->core->close(live->instrument);
    live->instrument = NULL;
    if (live->driver->rows && live->config) live->driver->rows->release(live->config);
    free(live->config);
    live->config = NULL;
    pb_doc_destroy(live->doc);
    live->doc = NULL;
}

unsigned live_channel(const struct live *live, const char *name) {
    size_t channel = pb_channel_find(live->channels, live->channel_count, name);
    PB_CHECK_TRUE(channel < live->channel_count, "%s", name);
    return (unsigned)channel;
}

static enum pb_status drain(struct live *live, pb_instant deadline, struct pb_error *error) {
    struct pollfd entry = {.fd = live->driver->live->descriptor(live->instrument), .events = POLLIN};
    (void)poll(&entry, 1, pb_wall_poll_ms(deadline));
    return live->driver->live->poll(live->instrument, (pb_instant){pb_between(live->zero, pb_wall_now()).ns}, error);
}

static size_t count_of(const struct live *live, unsigned channel, size_t from) {
    size_t count = 0;
    for (size_t i = from; i < live->seen_count; i++) count += live->seen[i].channel == channel;
    return count;
}

enum pb_status live_await(struct live *live, const char *channel, size_t from, size_t count, struct pb_error *error) {
    pb_instant deadline = pb_after(pb_wall_now(), pb_s(10));
    unsigned row = live_channel(live, channel);
    while (count_of(live, row, from) < count) {
        if (!pb_is_before(pb_wall_now(), deadline))
            return pb_fail(error, PB_ERR_TIMEOUT, 0, "test", "no %zu events of %s in 10 s", count, channel);
        enum pb_status status = drain(live, deadline, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

enum pb_status live_await_failure(struct live *live, struct pb_error *error) {
    return live_drain_for(live, pb_s(20), error);
}

enum pb_status live_drain_for(struct live *live, pb_span span, struct pb_error *error) {
    pb_instant deadline = pb_after(pb_wall_now(), span);
    while (pb_is_before(pb_wall_now(), deadline)) {
        enum pb_status status = drain(live, deadline, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

struct pb_seen live_newest(const struct live *live, const char *channel) {
    unsigned row = live_channel(live, channel);
    for (size_t i = live->seen_count; i-- > 0;)
        if (live->seen[i].channel == row) return live->seen[i];
    PB_CHECK_TRUE(false, "nothing of %s was seen", channel);
    return (struct pb_seen){0};
}
