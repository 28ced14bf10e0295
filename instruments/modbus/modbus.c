/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modbus driver on libmodbus. Its error recovery stays off: it sleeps and connects again by itself, without a bound. A TCP connection is ours
 * (links/) and handed over, because the library looks names up and connects without one. After silence or nonsense the link is dropped (worker.h); on a
 * serial line, where answers carry no number, the line must then fall silent for a whole time-out, so that a late answer is not taken for the next
 * one's. */
#include "instruments/modbus/modbus.h"

#include "base/wall.h"
#include "instruments/links/guard.h"
#include "instruments/links/serial.h"
#include "instruments/modbus/map.h"
#include "instruments/polled/config.h"

#include <errno.h>
#include <modbus/modbus.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FRAME_BYTES = 32, SILENCES = 4, READ_WORDS = MODBUS_MAX_READ_REGISTERS };

struct modbus_config {
    struct pb_polled_config polled;
    int64_t unit;
};

static const struct pb_param params[] = {
    PB_POLLED_PARAMS(struct modbus_config),
    PB_PROFILE_COUNT(struct modbus_config, "unit", unit, false, "1", "0", "255",
                     "the device's Modbus address (unit identifier)"),
};

struct pb_instrument {
    const struct modbus_config *config;
    modbus_t *context;
    bool is_line, has_failed_before, has_identity;
    uint64_t identity;
    int guard;
    struct pb_modbus_groups groups;
    struct pb_worker *worker;
    char where[160];
};

/* ---- the library's boundary ---- */

enum pb_status pb_modbus_timeout(pb_span span, uint32_t *ret_s, uint32_t *ret_us) {
    if (span.ns <= 0) return PB_ERR_RANGE;
    int64_t us = span.ns / 1000 + (span.ns % 1000 != 0);
    if (us / 1000000 > UINT32_MAX) return PB_ERR_RANGE;
    *ret_s = (uint32_t)(us / 1000000);
    *ret_us = (uint32_t)(us % 1000000);
    return PB_OK;
}

/* What an errno of libmodbus means here. */
static enum pb_status status_of(int number) {
    static const struct {
        int number;
        enum pb_status status;
    } meanings[] = {
        {EMBXILFUN, PB_ERR_UNSUPPORTED},
        {EMBXILADD, PB_ERR_NOT_FOUND},
        {EMBXILVAL, PB_ERR_RANGE},
        {EMBXSFAIL, PB_ERR_IO},
        {EMBXACK, PB_ERR_BUSY},
        {EMBXSBUSY, PB_ERR_BUSY},
        {EMBXNACK, PB_ERR_UNSUPPORTED},
        {EMBXMEMPAR, PB_ERR_IO},
        {EMBXGPATH, PB_ERR_GONE},
        {EMBXGTAR, PB_ERR_TIMEOUT},
        {EMBBADCRC, PB_ERR_PROTOCOL},
        {EMBBADDATA, PB_ERR_PROTOCOL},
        {EMBBADEXC, PB_ERR_PROTOCOL},
        {EMBUNKEXC, PB_ERR_PROTOCOL},
        {EMBMDATA, PB_ERR_PROTOCOL},
        {EMBBADSLAVE, PB_ERR_PROTOCOL},
        {ETIMEDOUT, PB_ERR_TIMEOUT},
        {ECONNRESET, PB_ERR_GONE},
        {ECONNREFUSED, PB_ERR_GONE},
        {EPIPE, PB_ERR_GONE},
        {EBADF, PB_ERR_GONE},
        {EIO, PB_ERR_GONE},
        {ENODEV, PB_ERR_GONE},
        {ENXIO, PB_ERR_GONE},
        {ENOENT, PB_ERR_GONE},
        {ENOTCONN, PB_ERR_GONE},
        {EBUSY, PB_ERR_BUSY},
        {EACCES, PB_ERR_IO},
    };
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (meanings[i].number == number) return meanings[i].status;
    return PB_ERR_IO;
}

static enum pb_status failed(struct pb_instrument *self, const char *what, int number, struct pb_error *error) {
    return pb_fail(error, status_of(number), number, self->where, "%s: %s", what, modbus_strerror(number));
}

/* ---- transactions ---- */

static enum pb_status take_line(struct pb_instrument *self, struct pb_error *error) {
    if (!self->is_line) return PB_OK;
    pb_span longest = pb_ns(pb_mul_saturating(SILENCES, self->config->polled.timeout_ns));
    enum pb_status status = pb_line_lock(modbus_get_socket(self->context), pb_after(pb_wall_now(), longest));
    return status == PB_OK ? PB_OK
                           : pb_fail(error, status, 0, self->where, "the line is in use by another device's driver");
}

static void give_line(struct pb_instrument *self) {
    if (self->is_line) pb_line_unlock(modbus_get_socket(self->context));
}

static int ask(modbus_t *context, int table, int address, int count, uint16_t *ret_words) {
    uint8_t bits[READ_WORDS];
    if (table == PB_MODBUS_INPUT) return modbus_read_input_registers(context, address, count, ret_words);
    if (table == PB_MODBUS_HOLDING) return modbus_read_registers(context, address, count, ret_words);
    int got = table == PB_MODBUS_COIL ? modbus_read_bits(context, address, count, bits)
                                      : modbus_read_input_bits(context, address, count, bits);
    for (int i = 0; i < got; i++) ret_words[i] = bits[i];
    return got;
}

static int tell(modbus_t *context, const struct pb_modbus_place *place, const uint16_t *words) {
    size_t count = pb_modbus_words(place);
    if (place->table == PB_MODBUS_COIL) return modbus_write_bit(context, (int)place->address, words[0]);
    if (count == 1) return modbus_write_register(context, (int)place->address, words[0]);
    return modbus_write_registers(context, (int)place->address, (int)count, words);
}

static enum pb_status read_words(struct pb_instrument *self, const struct pb_modbus_place *place, size_t count,
                                 uint16_t *ret_words, const char *what, struct pb_error *error) {
    enum pb_status status = take_line(self, error);
    if (status != PB_OK) return status;
    int got = ask(self->context, place->table, (int)place->address, (int)count, ret_words), number = errno;
    give_line(self);
    if (got == (int)count) return PB_OK;
    if (got < 0) return failed(self, what, number, error);
    return pb_fail(error, PB_ERR_PROTOCOL, 0, self->where, "%s: %d values instead of %zu", what, got, count);
}

static enum pb_status modbus_read(void *device, size_t group_number, int64_t *ret_values, struct pb_error *error) {
    struct pb_instrument *self = device;
    const struct pb_profile *profile = self->config->polled.profile;
    const struct pb_worker_group *group = &self->groups.groups[group_number];
    const struct pb_modbus_row *first = pb_profile_row(profile, group->channels[0]),
                               *last = pb_profile_row(profile, group->channels[group->count - 1]);
    uint16_t words[READ_WORDS];
    size_t count = (size_t)(last->place.address - first->place.address) + pb_modbus_words(&last->place);
    enum pb_status status = read_words(self, &first->place, count, words, first->row.name, error);
    for (size_t i = 0; status == PB_OK && i < group->count; i++) {
        const struct pb_modbus_row *row = pb_profile_row(profile, group->channels[i]);
        status = pb_modbus_decode(row, words + (row->place.address - first->place.address), &ret_values[i], error);
    }
    return status;
}

static enum pb_status modbus_write(void *device, unsigned channel, int64_t value, struct pb_error *error) {
    struct pb_instrument *self = device;
    const struct pb_modbus_row *row = pb_profile_row(self->config->polled.profile, channel);
    uint16_t words[PB_MODBUS_MAX_WORDS];
    enum pb_status status = pb_modbus_encode(row, value, words, error);
    if (status == PB_OK) status = take_line(self, error);
    if (status != PB_OK) return status;
    int done = tell(self->context, &row->place, words), number = errno;
    give_line(self);
    return done < 0 ? failed(self, row->row.name, number, error) : PB_OK;
}

/* A float register holds the nearest value, and what it holds is compared with that. */
static enum pb_status modbus_read_back(void *device, unsigned channel, int64_t *ret_value, struct pb_error *error) {
    struct pb_instrument *self = device;
    const struct pb_modbus_row *row = pb_profile_row(self->config->polled.profile, channel);
    uint16_t words[PB_MODBUS_MAX_WORDS];
    enum pb_status status = read_words(self, &row->place, pb_modbus_words(&row->place), words, row->row.name, error);
    return status == PB_OK ? pb_modbus_decode(row, words, ret_value, error) : status;
}

/* ---- the connection ---- */

static enum pb_status make_line(struct pb_instrument *self, struct pb_error *error) {
    static const char parities[] = {[PB_PARITY_NONE] = 'N', [PB_PARITY_EVEN] = 'E', [PB_PARITY_ODD] = 'O'};
    const struct pb_polled_config *config = &self->config->polled;
    char path[108];
    enum pb_status status = pb_serial_path(&config->address, path, sizeof path, error);
    if (status != PB_OK) return status;
    self->context = modbus_new_rtu(path, (int)config->baud, parities[config->parity], 8, (int)config->stop_bits);
    if (!self->context) return failed(self, "setting up", errno, error);
    return PB_OK;
}

static enum pb_status make_tcp(struct pb_instrument *self, struct pb_error *error) {
    int descriptor;
    self->context = modbus_new_tcp_pi(NULL, "502");
    if (!self->context) return failed(self, "setting up", errno, error);
    enum pb_status status =
        pb_link_connect(&self->config->polled.address, pb_after(pb_wall_now(), pb_ns(self->config->polled.timeout_ns)),
                        &descriptor, error);
    if (status == PB_OK) modbus_set_socket(self->context, descriptor);
    return status;
}

static enum pb_status set_up(struct pb_instrument *self, struct pb_error *error) {
    uint32_t s, us;
    if (pb_modbus_timeout(pb_ns(self->config->polled.timeout_ns), &s, &us) != PB_OK)
        return pb_fail(error, PB_ERR_RANGE, 0, self->where, "the time-out does not fit the library");
    if (modbus_set_slave(self->context, (int)self->config->unit) != 0 ||
        modbus_set_response_timeout(self->context, s, us) != 0 ||
        modbus_set_byte_timeout(self->context, 0, 0) != 0) /* none: the time-out is of the whole answer */
        return failed(self, "setting up", errno, error);
    if (!self->is_line) return PB_OK;
    return modbus_connect(self->context) == 0 ? PB_OK : failed(self, "opening the line", errno, error);
}

static enum pb_status await_silence(struct pb_instrument *self, struct pb_error *error) {
    if (!self->is_line) return PB_OK;
    if (!self->has_failed_before) {
        modbus_flush(self->context);
        return PB_OK;
    }
    pb_span quiet = pb_ns(self->config->polled.timeout_ns);
    enum pb_status status = take_line(self, error);
    if (status != PB_OK) return status;
    status = pb_line_await_silence(modbus_get_socket(self->context), quiet,
                                   pb_after(pb_wall_now(), pb_ns(pb_mul_saturating(SILENCES, quiet.ns))));
    give_line(self);
    if (status == PB_ERR_TIMEOUT)
        return pb_fail(error, PB_ERR_PROTOCOL, 0, self->where, "the line does not fall silent");
    return status == PB_OK ? PB_OK : pb_fail(error, status, 0, self->where, "the line was closed, or unplugged");
}

static enum pb_status prove_identity(struct pb_instrument *self, struct pb_error *error) {
    const struct pb_modbus_top *top = self->config->polled.profile->top;
    uint16_t words[PB_MODBUS_MAX_WORDS];
    if (!top->top.identity) return PB_OK;
    enum pb_status status = read_words(self, &top->identity, pb_modbus_words(&top->identity), words, "identity", error);
    if (status != PB_OK) return status;
    uint64_t identity = pb_modbus_join(&top->identity, words);
    if (self->has_identity && identity != self->identity)
        return pb_fail(error, PB_ERR_CHANGED, 0, self->where,
                       "found a device with identity %llu, expected %llu, which was here before",
                       (unsigned long long)identity, (unsigned long long)self->identity);
    self->identity = identity;
    self->has_identity = true;
    return PB_OK;
}

static void modbus_drop(void *device) {
    struct pb_instrument *self = device;
    if (!self->context) return;
    modbus_close(self->context);
    modbus_free(self->context);
    self->context = NULL;
    self->has_failed_before = true;
}

static enum pb_status modbus_connect_device(void *device, struct pb_error *error) {
    struct pb_instrument *self = device;
    modbus_drop(self);
    enum pb_status status = self->is_line ? make_line(self, error) : make_tcp(self, error);
    if (status == PB_OK) status = set_up(self, error);
    if (status == PB_OK) status = await_silence(self, error);
    if (status == PB_OK) status = prove_identity(self, error);
    return status;
}

/* ---- the driver ---- */

static void driver_close(struct pb_instrument *self) {
    if (!self) return;
    pb_worker_stop(self->worker);
    modbus_drop(self);
    if (self->guard >= 0) close(self->guard);
    free(self);
}

static enum pb_status driver_open(const void *config_, const struct pb_opening *opening,
                                  struct pb_instrument **ret_instrument, struct pb_error *error) {
    static const struct pb_worker_ops ops = {modbus_connect_device, modbus_drop, modbus_read, modbus_write,
                                             modbus_read_back};
    const struct modbus_config *config = config_;
    const struct pb_polled_config *polled = &config->polled;
    struct pb_instrument *self = calloc(1, sizeof *self);
    if (!self) return pb_fail(error, PB_ERR_MEMORY, 0, "modbus", "out of memory");
    self->config = config;
    self->guard = -1;
    self->is_line = polled->address.kind == PB_LINK_SERIAL || polled->address.kind == PB_LINK_PTY;
    pb_polled_where(polled, self->where, sizeof self->where);
    pb_modbus_group(polled->profile, &self->groups);
    const struct pb_worker_setup setup = {.where = self->where,
                                          .profile = polled->profile,
                                          .ops = &ops,
                                          .device = self,
                                          .groups = self->groups.groups,
                                          .group_count = self->groups.count,
                                          .wall_zero = opening->wall_zero,
                                          .sink = opening->sink,
                                          .tries = (unsigned)polled->tries,
                                          .retry = pb_ns(polled->retry_ns),
                                          .transaction = pb_ns(pb_mul_saturating(SILENCES + 2, polled->timeout_ns))};
    enum pb_status status = pb_worker_start(&setup, &self->worker, error);
    if (status == PB_OK && pb_profile_has_outputs(polled->profile))
        status = pb_link_guard_open(&polled->address, pb_after(pb_wall_now(), pb_ns(polled->timeout_ns)), &self->guard,
                                    error);
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

static enum pb_status guard_note(struct pb_instrument *self, unsigned channel, int64_t value,
                                 struct pb_guard_note *ret_note, struct pb_error *error) {
    const struct pb_modbus_row *row = pb_profile_row(self->config->polled.profile, channel);
    uint16_t words[PB_MODBUS_MAX_WORDS];
    uint8_t request[FRAME_BYTES], reply[FRAME_BYTES];
    size_t request_size, reply_size;
    enum pb_status status = pb_modbus_encode(row, value, words, error);
    if (status != PB_OK) return status;
    pb_modbus_command_frame(&row->place, words, (int)self->config->unit, !self->is_line, request, &request_size, reply,
                            &reply_size);
    return pb_link_guard_note(&self->config->polled.address, request, request_size, reply, reply_size, ret_note, error);
}

static enum pb_status rows_prepare(void *config, const char *folder, struct pb_error *error) {
    return pb_polled_prepare(&((struct modbus_config *)config)->polled, folder, &pb_modbus_profile_kind, error);
}
static const struct pb_channel *rows_channels(const void *config, size_t *ret_count) {
    return pb_polled_channels(&((const struct modbus_config *)config)->polled, ret_count);
}
static void rows_release(void *config) { pb_polled_release(&((struct modbus_config *)config)->polled); }

static const struct pb_rows_ops rows_ops = {rows_prepare, rows_channels, rows_release};
static const struct pb_core_ops core_ops = {driver_open, driver_close, driver_sampling};
static const struct pb_out_ops out_ops = {driver_set};
static pb_span driver_lag(struct pb_instrument *instrument) { return pb_worker_lag(instrument->worker); }

static const struct pb_live_ops live_ops = {driver_descriptor, driver_poll, driver_lag};
static const struct pb_guard_ops guard_ops = {guard_descriptor, pb_link_guard_write, guard_note};

const struct pb_driver pb_modbus_driver = {
    .name = "modbus",
    .summary = "a device on Modbus RTU or TCP, described by a profile",
    .rows = &rows_ops,
    .params = params,
    .param_count = sizeof params / sizeof *params,
    .config_size = sizeof(struct modbus_config),
    .core = &core_ops,
    .out = &out_ops,
    .live = &live_ops,
    .guard = &guard_ops,
};
