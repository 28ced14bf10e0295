/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Opens a driver by the text of a bench file's instrument and a profile's, and drains it into a list. */
#ifndef PB_TESTS_LIVE_H
#define PB_TESTS_LIVE_H

#include "instruments/roles/driver.h"

enum { LIVE_SEEN_MAX = 20000, LIVE_CHANNELS_MAX = 64 };

struct live {
    const struct pb_driver *driver;
    struct pb_doc *doc;
    void *config;
    const struct pb_channel *channels;
    size_t channel_count;
    struct pb_instrument *instrument;
    pb_instant zero;
    struct pb_seen seen[LIVE_SEEN_MAX];
    size_t seen_count;
    size_t
        disorder; /* events and samples that came before an earlier one of their channel, after a gap, or behind a declared
                        completeness */
    pb_instant complete;
    int64_t next_index[LIVE_CHANNELS_MAX]; /* of a channel's samples; 0 before the first */
    size_t samples[LIVE_CHANNELS_MAX];
    size_t lines, refused; /* of a channel of bytes */
    char last_line[200];
};

/* Writes text into a new file in the build folder and returns its path (static: the next call takes it). */
const char *live_write_profile(const char *text);
/* params: "link: ..., profile: ..." as in a bench file. */
enum pb_status live_open(struct live *live, const struct pb_driver *driver, const char *params, struct pb_error *error);
void live_close(struct live *live);
/* Row of a channel; fails the test when there is none. */
unsigned live_channel(const struct live *live, const char *name);
/* Drains until `count` events of the channel have come since `from` of live->seen, or poll fails, or 10 s have passed. */
enum pb_status live_await(struct live *live, const char *channel, size_t from, size_t count, struct pb_error *error);
/* Drains for so long, or until poll fails. */
enum pb_status live_drain_for(struct live *live, pb_span span, struct pb_error *error);
/* Drains until poll fails (or 20 s have passed: PB_OK). */
enum pb_status live_await_failure(struct live *live, struct pb_error *error);
/* The newest event of a channel; fails the test when there is none. */
struct pb_seen live_newest(const struct live *live, const char *channel);

#endif
