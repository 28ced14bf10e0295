/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a driver needs to be tried: something to talk to, and a view of its outputs that does not go through the driver. */
#ifndef PB_TESTS_FIXTURE_H
#define PB_TESTS_FIXTURE_H

#include "instruments/roles/driver.h"

struct fixture {
    const char *driver;
    const char *not_here; /* why this program cannot try it; NULL: it can */
    /* What it talks to; its parameters as a bench file says them. */
    void (*start)(char *ret_params, size_t size);
    /* What an output has, by the other side's own account. */
    int64_t (*observe)(const struct pb_channel *channel);
    bool is_seen_after_close; /* the other side outlives the driver */
    void (*finish)(void);
};

/* Ended by one without a driver. */
extern const struct fixture fixtures[];
/* The world's log, where the virtual driver is told to write it. */
extern const char fixture_log_path[];

#endif
