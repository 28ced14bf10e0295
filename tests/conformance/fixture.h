/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a driver needs to be tried: something to talk to, and a view of its outputs that does not go through the driver. */
#ifndef PB_TESTS_FIXTURE_H
#define PB_TESTS_FIXTURE_H

#include "instruments/roles/driver.h"

struct fixture {
    const char *driver;
    const char *what;     /* which of several of one driver; NULL: there is one */
    const char *not_here; /* why it is tried only when the program is told the driver's name; NULL: always */
    /* What it talks to; its parameters as a bench file says them. */
    void (*start)(char *ret_params, size_t size);
    /* What an output has, by the other side's own account. */
    int64_t (*observe)(const struct pb_channel *channel);
    int64_t within; /* steps of the output's unit that the device's resolution may take */
    /* Makes an EVENTS channel change, another way in every second round; NULL: it is told again and again without. */
    void (*stir)(const struct pb_channel *channel, unsigned round);
    bool is_seen_after_close; /* the other side outlives the driver */
    void (*finish)(void);
};

extern const struct fixture *const fixtures[]; /* ended by NULL */
/* The world's log, where the virtual driver is told to write it. */
extern const char fixture_log_path[];

#endif
