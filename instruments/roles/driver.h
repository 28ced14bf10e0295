/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an instrument driver is: one const struct with a table of functions for each thing it can do, and rows that tell its channels.
 * The harness asks rows, never names. NULL table: the driver does not do that. No function of a table that is present is NULL.
 * A driver belongs to one thread (the engine's); on the wall clock its own threads only fill rings that poll() drains. */
#ifndef PB_INSTRUMENTS_DRIVER_H
#define PB_INSTRUMENTS_DRIVER_H

#include "base/doc.h"
#include "base/instant.h"
#include "base/quantity.h"
#include "base/status.h"
#include "pilot_emulator/analyser.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pb_instrument; /* an open driver; each driver defines its own */

enum pb_access {
    PB_ACCESS_DRIVE = 1,
    PB_ACCESS_EVENTS = 2,
    PB_ACCESS_STREAM = 4,
    PB_ACCESS_BYTES = 8,
    PB_ACCESS_BURST = 16 /* samples on demand, a block at a time: an oscilloscope */
};

/* One channel of a driver. */
struct pb_channel {
    const char *name; /* in bench files */
    const char *role; /* what it can be: "cp.load.s2" */
    unsigned access;  /* bits of enum pb_access */
    enum pb_unit unit;
    int64_t min, max;       /* steps of unit; DRIVE */
    int64_t safe;           /* harmless value; DRIVE */
    int64_t grid;           /* DRIVE: the device holds whole multiples of it only; 0: every value */
    bool is_kept_when_safe; /* DRIVE: making safe does not touch it (a resistor's size) */
    bool energises;         /* DRIVE: a value other than safe may energise something: the record is committed first */
    int64_t
        stale_after_ns; /* EVENTS of a quantity that is asked for again and again: a reading older than this says nothing; 0: holds until the next */
};

/* What a driver has seen, pushed into the harness in order of time per channel. */
struct pb_seen {
    unsigned channel; /* row number in the driver's table */
    pb_instant at;
    int64_t value;
    int64_t u_ns; /* of the date, expanded */
};
struct pb_sink {
    void *user;
    void (*event)(void *user, const struct pb_seen *seen);
    void (*samples)(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t count);
    /* Nothing changed on the channel up to (not including) to_index, and no samples of it exist. */
    void (*modelled)(void *user, unsigned channel, int64_t to_index);
    void (*bytes)(void *user, unsigned channel, pb_instant at, const uint8_t *bytes, size_t size);
    /* Everything of every channel dated before this was pushed. */
    void (*complete)(void *user, pb_instant to);
    /* What came on a BYTES channel and is no message of its binding, and why; as it came, where it could be kept. */
    void (*refused)(void *user, unsigned channel, pb_instant at, const char *why, const uint8_t *bytes, size_t size);
    /* What a reader of the record must know of a channel: its link was lost, is up again. */
    void (*note)(void *user, unsigned channel, pb_instant at, const char *text);
};

enum { PB_EVERY_CORD = 255 };

/* Where a run's DUT processes come from (simulated clock): filled by the harness from the DUT statement. */
struct pb_slave {
    int actor;               /* enum pbw_actor */
    int cord;                /* from 0; PB_EVERY_CORD: it serves all cords of the station */
    const char *const *argv; /* ended by NULL */
};

/* What an instrument is opened with. */
struct pb_opening {
    uint64_t seed;
    const char *log_path;
    pb_instant wall_zero; /* monotonic wall clock at bench time 0; 0: the bench is on simulated time */
    struct pb_sink sink;
};

struct pb_core_ops {
    /* config: bound by the driver's params. Opening brings no output out of its safe value. */
    enum pb_status (*open)(const void *config, const struct pb_opening *opening, struct pb_instrument **ret_instrument,
                           struct pb_error *error);
    void (*close)(struct pb_instrument *instrument); /* also half-open; safe values first; NULL is fine */
    /* Sampling of a STREAM or BURST channel, for dating and for the record. */
    const struct pb_sampling *(*sampling)(struct pb_instrument *instrument, unsigned channel);
};
struct pb_out_ops {
    /* Sets a DRIVE channel. PB_ERR_RANGE outside its row. */
    enum pb_status (*set)(struct pb_instrument *instrument, unsigned channel, int64_t value, struct pb_error *error);
};
struct pb_stream_ops {
    /* Real samples, no modelled stretch, until then. */
    enum pb_status (*keep_until)(struct pb_instrument *instrument, unsigned channel, pb_instant until,
                                 struct pb_error *error);
};
struct pb_burst_ops {
    /* Takes samples from now on, for so long, of a BURST channel: they come into the sink, in order, as time passes. Returns which they
     * will be. One block at a time. */
    enum pb_status (*take)(struct pb_instrument *instrument, unsigned channel, pb_instant now, pb_span span,
                           int64_t *ret_first, int64_t *ret_count, struct pb_error *error);
};
struct pb_bytes_ops {
    /* Sends bytes on a BYTES channel: a line to a console, a whole message to a link. */
    enum pb_status (*send)(struct pb_instrument *instrument, unsigned channel, const void *bytes, size_t size,
                           struct pb_error *error);
    /* Whether the other side is there; what is sent while it is not, is refused. */
    bool (*is_up)(struct pb_instrument *instrument, unsigned channel);
};
/* Of a driver that can be on the wall clock: its threads (or the kernel) fill rings, the engine's thread drains them. */
struct pb_live_ops {
    /* Polls readable when there is something to drain. */
    int (*descriptor)(struct pb_instrument *instrument);
    /* Drains into the sink and declares completeness. Never blocks. A device that is gone is PB_ERR_GONE once its bounded tries to get it back are used up;
     * lost data are PB_ERR_OVERRUN. */
    enum pb_status (*poll)(struct pb_instrument *instrument, pb_instant now, struct pb_error *error);
    /* How far behind the clock its completeness may be after a poll() before that is a bench error. */
    pb_span (*lag)(struct pb_instrument *instrument);
};
/* Only of the driver that owns simulated time, where the bench is on it; one that has `live` too can follow the wall clock instead. Runs to `until`, or to the first event of a channel whose bit is in wake_mask
 * (a STREAM channel wakes when a block of changing samples is complete). Pushes into the sink. */
struct pb_time_ops {
    enum pb_status (*start_slave)(struct pb_instrument *instrument, const struct pb_slave *slave, uint64_t seed,
                                  struct pb_error *error);
    enum pb_status (*advance)(struct pb_instrument *instrument, pb_instant until, uint64_t wake_mask,
                              pb_instant *ret_reached, struct pb_error *error);
};
/* What the guardian keeps for a driver beside the descriptor, one an output: the whole command for the device, where to connect again. */
struct pb_guard_note {
    _Alignas(16) uint8_t bytes[512];
};
/* The guardian's own way to the outputs: a descriptor that stays good when the harness dies, and one write. No allocation, no lock. */
struct pb_guard_ops {
    int (*descriptor)(struct pb_instrument *instrument);
    /* Sends and waits at most wait_ms for the answer. Runs in the guardian process: knows nothing but what it is passed. */
    enum pb_status (*write)(int descriptor, unsigned channel, int64_t value, const struct pb_guard_note *note,
                            int wait_ms);
    /* Fills the note of a channel for this value, in the harness, before the guardian starts. NULL: write() needs none. */
    enum pb_status (*note)(struct pb_instrument *instrument, unsigned channel, int64_t value,
                           struct pb_guard_note *ret_note, struct pb_error *error);
};
/* Of a driver whose channels its configuration tells (a device profile that it names). NULL: the const table is all there are. */
struct pb_rows_ops {
    /* Reads what a bound configuration names; `folder` is the bench file's, for relative paths. A mistake
     * that has no place of its own leaves error->where empty: it gets the instrument's. */
    enum pb_status (*prepare)(void *config, const char *folder, struct pb_error *error);
    /* Rows of a prepared configuration; they live until release(). */
    const struct pb_channel *(*channels)(const void *config, size_t *ret_count);
    void (*release)(void *config); /* also one that is all 0, or whose prepare() failed */
};

struct pb_driver {
    const char *name, *summary;
    const struct pb_channel *channels; /* NULL with rows */
    size_t channel_count;
    const struct pb_rows_ops *rows;
    const struct pb_param *params;
    size_t param_count, config_size;
    bool (*has_channel)(const void *config, unsigned channel); /* of this configuration; NULL: every one */
    const struct pb_core_ops *core;
    const struct pb_out_ops *out;
    const struct pb_stream_ops *stream;
    const struct pb_burst_ops *burst;
    const struct pb_bytes_ops *bytes;
    const struct pb_live_ops *live;
    const struct pb_time_ops *time;
    const struct pb_guard_ops *guard;
    /* Tells what this machine has for the driver, a line at a time, beginning with what a bench file names it by; looks only. Returns how many
     * devices; NULL: there is nothing to look for. */
    int (*scan)(void (*tell)(void *user, const char *line), void *user);
};

/* The registry: a plain array, ended by NULL. */
extern const struct pb_driver *const pb_drivers[];
const struct pb_driver *pb_driver_find(const char *name);
/* The channels of a configuration (prepared, where the driver has rows): its rows, or the const table. */
const struct pb_channel *pb_driver_channels(const struct pb_driver *driver, const void *config, size_t *ret_count);
/* Row of a channel by name; count if there is none. */
size_t pb_channel_find(const struct pb_channel *channels, size_t count, const char *name);
/* Inspects every driver: names unique, ranges not empty, safe values inside, access bits agree with tables. Returns the number of
 * faults, the first of them in error. */
int pb_drivers_check(const struct pb_driver *const *drivers, struct pb_error *error);
/* The same of one configuration's rows, against the driver's tables: what is wrong with them, or NULL. */
const char *pb_channels_fault(const struct pb_driver *driver, const struct pb_channel *channels, size_t count);

#endif
