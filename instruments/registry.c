/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The registry: a plain array (a linker section would lose drivers of static libraries without a word), and its inspection of itself. */
#include "instruments/comedi/comedi.h"
#include "instruments/modbus/modbus.h"
#include "instruments/roles/driver.h"
#include "instruments/scpi/scpi.h"
#include "instruments/virtual/virtual.h"
#include "messages/jsonl/driver.h"

#include <string.h>

const struct pb_driver *const pb_drivers[] = {&pb_virtual_driver, &pb_comedi_driver, &pb_modbus_driver,
                                              &pb_scpi_driver,    &pb_jsonl_driver,  NULL};

const struct pb_driver *pb_driver_find(const char *name) {
    for (size_t i = 0; pb_drivers[i]; i++)
        if (strcmp(pb_drivers[i]->name, name) == 0) return pb_drivers[i];
    return NULL;
}

const struct pb_channel *pb_driver_channels(const struct pb_driver *driver, const void *config, size_t *ret_count) {
    if (driver->rows) return driver->rows->channels(config, ret_count);
    *ret_count = driver->channel_count;
    return driver->channels;
}

size_t pb_channel_find(const struct pb_channel *channels, size_t count, const char *name) {
    size_t i = 0;
    while (i < count && strcmp(channels[i].name, name) != 0) i++;
    return i;
}

static const char *channel_fault(const struct pb_driver *driver, const struct pb_channel *channels, size_t i) {
    const struct pb_channel *channel = &channels[i];
    if (!channel->name || !channel->name[0]) return "a channel has no name";
    if (!channel->role || !channel->role[0]) return "a channel has no role";
    if (pb_channel_find(channels, i, channel->name) != i) return "two channels have one name";
    if (!channel->access) return "a channel that can do nothing";
    if (channel->unit >= PB_UNIT_COUNT) return "a channel's unit is not in the list";
    if (channel->access & PB_ACCESS_DRIVE) {
        if (!driver->out || !driver->guard) return "a driven channel, but no tables to drive it and to make it safe";
        if (channel->min > channel->max) return "an empty range";
        if (channel->safe < channel->min || channel->safe > channel->max) return "a safe value outside the range";
    }
    if ((channel->access & PB_ACCESS_STREAM) && !driver->stream)
        return "a streaming channel, but no table to stream it";
    if ((channel->access & PB_ACCESS_BURST) && !driver->burst)
        return "a channel sampled on demand, but no table to ask for a block";
    if ((channel->access & PB_ACCESS_BYTES) && !driver->bytes) return "a channel of bytes, but no table to send them";
    return NULL;
}

const char *pb_channels_fault(const struct pb_driver *driver, const struct pb_channel *channels, size_t count) {
    if (!count) return "no channels";
    if (count > 64) return "more channels than a wake mask has bits";
    for (size_t i = 0; i < count; i++) {
        const char *fault = channel_fault(driver, channels, i);
        if (fault) return fault;
    }
    return NULL;
}

static const char *driver_fault(const struct pb_driver *const *drivers, size_t i) {
    const struct pb_driver *driver = drivers[i];
    if (!driver->name || !driver->name[0]) return "a driver has no name";
    for (size_t j = 0; j < i; j++)
        if (strcmp(drivers[j]->name, driver->name) == 0) return "two drivers have one name";
    if (!driver->core) return "no table to open it";
    if (!driver->live && !driver->time) return "neither of the tables for simulated time and the wall clock";
    if (!driver->rows) return pb_channels_fault(driver, driver->channels, driver->channel_count);
    if (driver->channels || driver->channel_count) return "channels both in a table and from the configuration";
    return NULL;
}

int pb_drivers_check(const struct pb_driver *const *drivers, struct pb_error *error) {
    int faults = 0;
    for (size_t i = 0; drivers[i]; i++) {
        const char *fault = driver_fault(drivers, i);
        if (fault && !faults++)
            (void)pb_fail(error, PB_ERR_ARG, 0, drivers[i]->name ? drivers[i]->name : "?", "%s", fault);
    }
    return faults;
}
