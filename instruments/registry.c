/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry: a plain array (a linker section would lose drivers of static libraries without a word), and its inspection of itself. */
#include "instruments/roles/driver.h"
#include "instruments/virtual/virtual.h"

#include <string.h>

const struct pb_driver *const pb_drivers[] = {&pb_virtual_driver, NULL};

const struct pb_driver *pb_driver_find(const char *name) {
    for (size_t i = 0; pb_drivers[i]; i++)
        if (strcmp(pb_drivers[i]->name, name) == 0) return pb_drivers[i];
    return NULL;
}

size_t pb_driver_channel(const struct pb_driver *driver, const char *name) {
    size_t i = 0;
    while (i < driver->channel_count && strcmp(driver->channels[i].name, name) != 0) i++;
    return i;
}

static const char *channel_fault(const struct pb_driver *driver, size_t i) {
    const struct pb_channel *channel = &driver->channels[i];
    if (!channel->name || !channel->name[0]) return "a channel has no name";
    if (!channel->role || !channel->role[0]) return "a channel has no role";
    if (pb_driver_channel(driver, channel->name) != i) return "two channels have one name";
    if (!channel->access) return "a channel that can do nothing";
    if (channel->unit >= PB_UNIT_COUNT) return "a channel's unit is not in the list";
    if (channel->access & PB_ACCESS_DRIVE) {
        if (!driver->out || !driver->guard) return "a driven channel, but no tables to drive it and to make it safe";
        if (channel->min > channel->max) return "an empty range";
        if (channel->safe < channel->min || channel->safe > channel->max) return "a safe value outside the range";
    }
    if ((channel->access & PB_ACCESS_STREAM) && !driver->stream) return "a streaming channel, but no table to stream it";
    if ((channel->access & PB_ACCESS_BYTES) && !driver->bytes) return "a channel of bytes, but no table to send them";
    return NULL;
}

static const char *driver_fault(const struct pb_driver *const *drivers, size_t i) {
    const struct pb_driver *driver = drivers[i];
    if (!driver->name || !driver->name[0]) return "a driver has no name";
    for (size_t j = 0; j < i; j++)
        if (strcmp(drivers[j]->name, driver->name) == 0) return "two drivers have one name";
    if (!driver->core) return "no table to open it";
    if (!driver->live == !driver->time) return "neither or both of the tables for simulated time and the wall clock";
    if (!driver->channel_count) return "no channels";
    if (driver->channel_count > 64) return "more channels than a wake mask has bits";
    for (size_t k = 0; k < driver->channel_count; k++) {
        const char *fault = channel_fault(driver, k);
        if (fault) return fault;
    }
    return NULL;
}

int pb_drivers_check(const struct pb_driver *const *drivers, struct pb_error *error) {
    int faults = 0;
    for (size_t i = 0; drivers[i]; i++) {
        const char *fault = driver_fault(drivers, i);
        if (fault && !faults++) (void)pb_fail(error, PB_ERR_ARG, 0, drivers[i]->name ? drivers[i]->name : "?", "%s", fault);
    }
    return faults;
}
