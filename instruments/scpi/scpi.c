/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scpi driver. One question, one line back. Whatever does not fit that (silence, two lines, a line before the question, one without an end) drops the
 * link (worker.h); a new link begins with the identity, and lines before it are thrown away: on a serial line these are answers to what was asked before. */
#include "instruments/scpi/scpi.h"

#include "base/wall.h"
#include "instruments/links/guard.h"
#include "instruments/polled/config.h"
#include "instruments/scpi/reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OLD_LINES = 8, OLD_ERRORS = 32, IDENTITY_BYTES = 128, GROUPS_MAX = 64, LINE_BYTES = PB_SCPI_LINE_MAX + 2 };

struct scpi_config {
    struct pb_polled_config polled;
};
static const struct pb_param params[] = {PB_POLLED_PARAMS(struct scpi_config)};

struct pb_instrument {
    const struct scpi_config *config;
    struct pb_link *link;
    bool is_line;
    char identity[IDENTITY_BYTES]; /* "": not met yet */
    char in[LINE_BYTES];
    size_t in_used;
    int guard;
    struct pb_worker_group groups[GROUPS_MAX];
    unsigned channels[GROUPS_MAX];
    size_t group_count;
    struct pb_worker *worker;
    char where[160];
};

static const struct pb_scpi_top *top_of(const struct pb_instrument *self) { return self->config->polled.profile->top; }

static enum pb_status placed(const struct pb_instrument *self, enum pb_status status, struct pb_error *error) {
    if (status != PB_OK) snprintf(error->where, sizeof error->where, "%s", self->where);
    return status;
}

/* ---- lines ---- */

static pb_instant deadline_of(const struct pb_instrument *self) {
    return pb_after(pb_wall_now(), pb_ns(self->config->polled.timeout_ns));
}

static enum pb_status send_line(struct pb_instrument *self, const char *text, struct pb_error *error) {
    char line[LINE_BYTES];
    size_t size = (size_t)snprintf(line, sizeof line, "%s\n", text);
    return placed(self, pb_link_write(self->link, line, size, deadline_of(self), error), error);
}

/* The next line, without its end; valid until drop_line(). */
static enum pb_status take_line(struct pb_instrument *self, pb_instant deadline, size_t *ret_length,
                                struct pb_error *error) {
    for (;;) {
        char *end = memchr(self->in, '\n', self->in_used);
        if (end) {
            *ret_length = (size_t)(end - self->in);
            if (*ret_length && end[-1] == '\r') --*ret_length;
            return PB_OK;
        }
        if (self->in_used == sizeof self->in)
            return pb_fail(error, PB_ERR_PROTOCOL, 0, self->where,
                           "found a reply without an end, expected at most %d bytes", PB_SCPI_LINE_MAX);
        size_t got = 0;
        enum pb_status status =
            pb_link_read(self->link, self->in + self->in_used, sizeof self->in - self->in_used, deadline, &got, error);
        if (status != PB_OK) return placed(self, status, error);
        self->in_used += got;
    }
}

static void drop_line(struct pb_instrument *self) {
    char *end = memchr(self->in, '\n', self->in_used);
    size_t size = (size_t)(end - self->in) + 1;
    memmove(self->in, end + 1, self->in_used - size);
    self->in_used -= size;
}

/* Nothing may wait to be read when a question goes out. */
static enum pb_status check_quiet(struct pb_instrument *self, struct pb_error *error) {
    size_t got;
    enum pb_status status = pb_link_read(self->link, self->in, sizeof self->in, PB_INSTANT_ZERO, &got, error);
    if (status == PB_ERR_TIMEOUT) return PB_OK;
    if (status != PB_OK) return placed(self, status, error);
    return pb_fail(error, PB_ERR_PROTOCOL, 0, self->where, "found %zu bytes that nobody asked for, expected none", got);
}

/* One question, one line: it stands at the head of self->in. */
static enum pb_status ask(struct pb_instrument *self, const char *question, size_t *ret_length,
                          struct pb_error *error) {
    self->in_used = 0;
    enum pb_status status = check_quiet(self, error);
    if (status == PB_OK) status = send_line(self, question, error);
    if (status == PB_OK) status = take_line(self, deadline_of(self), ret_length, error);
    if (status != PB_OK) return status;
    if (memchr(self->in, '\n', self->in_used) != self->in + self->in_used - 1)
        return pb_fail(error, PB_ERR_PROTOCOL, 0, self->where, "found more behind the reply to %s, expected one line",
                       question);
    return PB_OK;
}

static enum pb_status lock(struct pb_instrument *self, struct pb_error *error) {
    if (!self->is_line) return PB_OK;
    enum pb_status status = pb_line_lock(pb_link_descriptor(self->link), deadline_of(self));
    return status == PB_OK ? PB_OK : pb_fail(error, status, 0, self->where, "the line is in use by the guardian");
}
static void unlock(struct pb_instrument *self) {
    if (self->is_line) pb_line_unlock(pb_link_descriptor(self->link));
}

/* ---- transactions ---- */

static enum pb_status ask_number(struct pb_instrument *self, const struct pb_scpi_row *row, int64_t *ret_value,
                                 struct pb_error *error) {
    size_t length = 0;
    enum pb_status status = lock(self, error);
    if (status != PB_OK) return status;
    status = ask(self, row->query, &length, error);
    unlock(self);
    if (status != PB_OK) return status;
    return placed(self, pb_scpi_number(&row->row, self->in, length, ret_value, error), error);
}

static enum pb_status scpi_read(void *device, size_t group, int64_t *ret_values, struct pb_error *error) {
    struct pb_instrument *self = device;
    return ask_number(self, pb_profile_row(self->config->polled.profile, self->channels[group]), ret_values, error);
}

static enum pb_status scpi_read_back(void *device, unsigned channel, int64_t *ret_value, struct pb_error *error) {
    struct pb_instrument *self = device;
    const struct pb_scpi_row *row = pb_profile_row(self->config->polled.profile, channel);
    if (!row->query[0]) return PB_ERR_UNSUPPORTED;
    return ask_number(self, row, ret_value, error);
}

static enum pb_status await_done(struct pb_instrument *self, struct pb_error *error) {
    const struct pb_scpi_top *top = top_of(self);
    size_t length = 0;
    int number;
    if (top->confirm[0]) {
        enum pb_status status = ask(self, top->confirm, &length, error);
        if (status != PB_OK) return status;
        if (length != 1 || self->in[0] != '1')
            return pb_fail(error, PB_ERR_PROTOCOL, 0, self->where, "found another reply to %s, expected 1",
                           top->confirm);
    }
    if (!top->errors[0]) return PB_OK;
    enum pb_status status = ask(self, top->errors, &length, error);
    if (status == PB_OK) status = placed(self, pb_scpi_error_line(self->in, length, &number, error), error);
    if (status != PB_OK || number == 0) return status;
    return pb_fail(error, pb_scpi_error_status(number), number, self->where, "the device says %.*s", (int)length,
                   self->in);
}

static enum pb_status scpi_write(void *device, unsigned channel, int64_t value, struct pb_error *error) {
    struct pb_instrument *self = device;
    char text[PB_SCPI_LINE_MAX + 1];
    if (pb_scpi_command(pb_profile_row(self->config->polled.profile, channel), value, text) != PB_OK)
        return pb_fail(error, PB_ERR_RANGE, 0, self->where, "the command is too long");
    enum pb_status status = lock(self, error);
    if (status != PB_OK) return status;
    status = send_line(self, text, error);
    if (status == PB_OK) status = await_done(self, error);
    unlock(self);
    return status;
}

/* ---- the connection ---- */

static void scpi_drop(void *device) {
    struct pb_instrument *self = device;
    pb_link_close(self->link);
    self->link = NULL;
}

static enum pb_status take_identity(struct pb_instrument *self, size_t length, struct pb_error *error) {
    char now[IDENTITY_BYTES];
    if (length >= sizeof now)
        return pb_fail(error, PB_ERR_PROTOCOL, 0, self->where, "found an identity of %zu bytes, expected a shorter one",
                       length);
    memcpy(now, self->in, length);
    now[length] = 0;
    if (self->identity[0] && strcmp(now, self->identity) != 0)
        return pb_fail(error, PB_ERR_CHANGED, 0, self->where, "found the device %s, expected %s, which was here before",
                       now, self->identity);
    strcpy(self->identity, now);
    return PB_OK;
}

static enum pb_status prove_identity(struct pb_instrument *self, struct pb_error *error) {
    const struct pb_scpi_top *top = top_of(self);
    size_t begins = strlen(top->identity_begins);
    pb_instant deadline = deadline_of(self);
    self->in_used = 0;
    enum pb_status status = send_line(self, top->identity_query, error);
    for (int lines = 0; status == PB_OK && lines < OLD_LINES; lines++) {
        size_t length = 0;
        status = take_line(self, deadline, &length, error);
        if (status != PB_OK) break;
        if (length >= begins && memcmp(self->in, top->identity_begins, begins) == 0)
            return take_identity(self, length, error);
        drop_line(self);
    }
    if (status == PB_OK || (status == PB_ERR_TIMEOUT && self->in_used))
        return pb_fail(error, PB_ERR_PROTOCOL, 0, self->where, "found no reply to %s that begins with %s",
                       top->identity_query, top->identity_begins);
    return status;
}

/* Errors of before are not those of our commands. */
static enum pb_status forget_errors(struct pb_instrument *self, struct pb_error *error) {
    const char *question = top_of(self)->errors;
    int number = 1;
    for (int i = 0; question[0] && number && i < OLD_ERRORS; i++) {
        size_t length = 0;
        enum pb_status status = ask(self, question, &length, error);
        if (status == PB_OK) status = placed(self, pb_scpi_error_line(self->in, length, &number, error), error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

static enum pb_status scpi_connect(void *device, struct pb_error *error) {
    struct pb_instrument *self = device;
    const struct pb_polled_config *config = &self->config->polled;
    struct pb_line line = pb_polled_line(config);
    scpi_drop(self);
    enum pb_status status =
        placed(self, pb_link_open(&config->address, &line, deadline_of(self), &self->link, error), error);
    if (status == PB_OK) status = lock(self, error);
    if (status != PB_OK) return status;
    status = prove_identity(self, error);
    if (status == PB_OK) status = forget_errors(self, error);
    unlock(self);
    return status;
}

/* ---- the driver ---- */

static void driver_close(struct pb_instrument *self) {
    if (!self) return;
    pb_worker_stop(self->worker);
    scpi_drop(self);
    if (self->guard >= 0) close(self->guard);
    free(self);
}

static void group(struct pb_instrument *self) {
    const struct pb_profile *profile = self->config->polled.profile;
    for (unsigned i = 0; i < profile->count; i++) {
        const struct pb_profile_row *row = pb_profile_row(profile, i);
        if (!(row->channel.access & PB_ACCESS_EVENTS)) continue;
        self->channels[self->group_count] = i;
        self->groups[self->group_count] =
            (struct pb_worker_group){&self->channels[self->group_count], 1, pb_ns(row->period_ns)};
        self->group_count++;
    }
}

static enum pb_status driver_open(const void *config_, const struct pb_opening *opening,
                                  struct pb_instrument **ret_instrument, struct pb_error *error) {
    static const struct pb_worker_ops ops = {scpi_connect, scpi_drop, scpi_read, scpi_write, scpi_read_back};
    const struct scpi_config *config = config_;
    const struct pb_polled_config *polled = &config->polled;
    struct pb_instrument *self = calloc(1, sizeof *self);
    if (!self) return pb_fail(error, PB_ERR_MEMORY, 0, "scpi", "out of memory");
    self->config = config;
    self->guard = -1;
    self->is_line = polled->address.kind == PB_LINK_SERIAL || polled->address.kind == PB_LINK_PTY;
    pb_polled_where(polled, self->where, sizeof self->where);
    group(self);
    const struct pb_worker_setup setup = {.where = self->where,
                                          .profile = polled->profile,
                                          .ops = &ops,
                                          .device = self,
                                          .groups = self->groups,
                                          .group_count = self->group_count,
                                          .wall_zero = opening->wall_zero,
                                          .sink = opening->sink,
                                          .tries = (unsigned)polled->tries,
                                          .retry = pb_ns(polled->retry_ns),
                                          .transaction = pb_ns(pb_mul_saturating(4, polled->timeout_ns))};
    enum pb_status status = pb_worker_start(&setup, &self->worker, error);
    if (status == PB_OK && pb_profile_has_outputs(polled->profile))
        status = pb_link_guard_open(&polled->address, deadline_of(self), &self->guard, error);
    if (status != PB_OK) {
        driver_close(self);
        return status;
    }
    *ret_instrument = self;
    return PB_OK;
}

static const struct pb_sampling *driver_sampling(struct pb_instrument *self, unsigned channel) {
    (void)self;
    (void)channel;
    return NULL;
}
static enum pb_status driver_set(struct pb_instrument *self, unsigned channel, int64_t value, struct pb_error *error) {
    return pb_worker_set(self->worker, channel, value, error);
}
static int driver_descriptor(struct pb_instrument *self) { return pb_worker_descriptor(self->worker); }
static enum pb_status driver_poll(struct pb_instrument *self, pb_instant now, struct pb_error *error) {
    return pb_worker_poll(self->worker, now, error);
}
static int guard_descriptor(struct pb_instrument *self) { return self->guard; }

/* The command, then the question that shows that it was obeyed: *OPC? or what the output has. */
static enum pb_status guard_note(struct pb_instrument *self, unsigned channel, int64_t value,
                                 struct pb_guard_note *ret_note, struct pb_error *error) {
    const struct pb_scpi_top *top = top_of(self);
    char command[PB_SCPI_LINE_MAX + 1], request[2 * LINE_BYTES];
    if (pb_scpi_command(pb_profile_row(self->config->polled.profile, channel), value, command) != PB_OK)
        return pb_fail(error, PB_ERR_RANGE, 0, self->where, "the command is too long");
    int size = snprintf(request, sizeof request, "%s\n%s%s", command, top->confirm, top->confirm[0] ? "\n" : "");
    return pb_link_guard_note(&self->config->polled.address, request, (size_t)size, "1", top->confirm[0] ? 1 : 0,
                              ret_note, error);
}

static enum pb_status rows_prepare(void *config, const char *folder, struct pb_error *error) {
    return pb_polled_prepare(&((struct scpi_config *)config)->polled, folder, &pb_scpi_profile_kind, error);
}
static const struct pb_channel *rows_channels(const void *config, size_t *ret_count) {
    return pb_polled_channels(&((const struct scpi_config *)config)->polled, ret_count);
}
static void rows_release(void *config) { pb_polled_release(&((struct scpi_config *)config)->polled); }

static const struct pb_rows_ops rows_ops = {rows_prepare, rows_channels, rows_release};
static const struct pb_core_ops core_ops = {driver_open, driver_close, driver_sampling};
static const struct pb_out_ops out_ops = {driver_set};
static pb_span driver_lag(struct pb_instrument *instrument) { return pb_worker_lag(instrument->worker); }

static const struct pb_live_ops live_ops = {driver_descriptor, driver_poll, driver_lag};
static const struct pb_guard_ops guard_ops = {guard_descriptor, pb_link_guard_write, guard_note};

const struct pb_driver pb_scpi_driver = {
    .name = "scpi",
    .summary = "a device that speaks SCPI over TCP or a serial line, described by a profile",
    .rows = &rows_ops,
    .params = params,
    .param_count = sizeof params / sizeof *params,
    .config_size = sizeof(struct scpi_config),
    .core = &core_ops,
    .out = &out_ops,
    .live = &live_ops,
    .guard = &guard_ops,
};
