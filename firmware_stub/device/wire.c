/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The turn as pb_wire.h words it. */
#include "firmware_stub/device/wire.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LATEST_NS (INT64_C(1) << 62) /* latencies are added to it */

struct pbw_record *device_output(struct device *device, uint16_t type) {
    if (device->output_count == DEVICE_OUTPUT_MAX) device->output_count--;
    struct pbw_record *record = &device->output[device->output_count++];
    memset(record, 0, sizeof *record);
    record->type = type;
    return record;
}

void device_output_bytes(struct device *device, uint16_t type, uint8_t link, const char *bytes, size_t size) {
    while (size > 0) {
        struct pbw_bytes *part = &device_output(device, type)->u.bytes;
        part->length = (uint8_t)(size < sizeof part->bytes ? size : sizeof part->bytes);
        part->is_last = part->length == size;
        part->link = link;
        memcpy(part->bytes, bytes, part->length);
        bytes += part->length;
        size -= part->length;
    }
}

__attribute__((format(printf, 2, 3))) static enum device_result refuse(struct device_wire *wire, const char *format,
                                                                       ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(wire->text, sizeof wire->text, format, arguments);
    va_end(arguments);
    return DEVICE_ERROR;
}

static bool is_zero(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (bytes[i]) return false;
    return true;
}
#define IS_ZERO(member) is_zero((const uint8_t *)(member), sizeof(member))

static bool is_empty(const struct pbw_record *record) { return IS_ZERO(record->u.raw); }
static bool is_hello(const struct pbw_record *record) {
    return IS_ZERO(record->u.hello.reserved) && IS_ZERO(record->u.hello.rest);
}

/* What every device is told. */
static const struct device_input turn_rows[] = {
    {.type = PBW_HELLO, .name = "HELLO", .is_right = is_hello},
    {.type = PBW_RUN_UNTIL, .name = "RUN_UNTIL", .is_right = is_empty},
    {.type = PBW_STOP, .name = "STOP", .is_right = is_empty},
};

static const struct device_input *find_input(const struct device_wire *wire, uint16_t type) {
    for (size_t i = 0; i < sizeof turn_rows / sizeof turn_rows[0]; i++)
        if (turn_rows[i].type == type) return &turn_rows[i];
    for (size_t i = 0; i < wire->kind->input_count; i++)
        if (wire->kind->inputs[i].type == type) return &wire->kind->inputs[i];
    return NULL;
}

static bool is_value_right(const struct device_input *row, const struct pbw_value *value) {
    return value->a >= row->min && value->a <= row->max && value->index <= row->index_max && IS_ZERO(value->reserved);
}

static int64_t earliest_ns(const struct device_wire *wire) {
    return wire->pending_count ? wire->pending[wire->pending_count - 1].t_ns : wire->device->now_ns;
}

/* NULL in *ret_row: refused. */
static enum device_result check(struct device_wire *wire, const struct pbw_record *record,
                                const struct device_input **ret_row) {
    const struct device_input *row = find_input(wire, record->type);
    *ret_row = NULL;
    if (record->seq != wire->in_seq)
        return refuse(wire, "seq is %" PRIu32 ", expected %" PRIu32, record->seq, wire->in_seq);
    if (!row) return refuse(wire, "type %u is unknown", record->type);
    if (wire->has_hello == (row->type == PBW_HELLO))
        return refuse(wire, "%s %s", row->name, wire->has_hello ? "comes twice" : "comes before HELLO");
    if (record->cord) return refuse(wire, "%s for cord %u, but there is only cord 0", row->name, record->cord);
    bool is_right = row->is_right ? row->is_right(record) : is_value_right(row, &record->u.value);
    if (record->reserved || !is_right)
        return refuse(wire, "%s has a value out of range, or a reserved byte that is not 0", row->name);
    if (record->t_ns > LATEST_NS)
        return refuse(wire, "%s at %" PRId64 " ns is beyond all time", row->name, record->t_ns);
    if (record->t_ns < earliest_ns(wire) && row->type != PBW_STOP)
        return refuse(wire, "%s at %" PRId64 " ns is before %" PRId64 " ns", row->name, record->t_ns,
                      earliest_ns(wire));
    *ret_row = row;
    return DEVICE_MORE;
}

static enum device_result answer_add(struct device_wire *wire, const struct pbw_record *record) {
    struct pbw_record *answer = &wire->answer[wire->answer_count++];
    *answer = *record;
    answer->seq = wire->out_seq++;
    answer->t_ns = wire->device->now_ns;
    return DEVICE_ANSWER;
}

static enum device_result take_hello(struct device_wire *wire, const struct pbw_record *record) {
    const struct pbw_hello *hello = &record->u.hello;
    const struct device_kind *kind = wire->kind;
    if (hello->version != kind->version)
        return refuse(wire, "HELLO of version %" PRIu32 ", expected %" PRIu32, hello->version, kind->version);
    if (hello->actor != kind->actor)
        return refuse(wire, "HELLO wants actor %u, this is %s (%u)", hello->actor, kind->name, kind->actor);
    if (hello->cords != 1) return refuse(wire, "HELLO announces %u cords, expected 1", hello->cords);
    wire->has_hello = true;
    kind->start(wire->device, wire->seed ? *wire->seed : hello->seed, record->t_ns);
    struct pbw_record ready = {.type = PBW_READY};
    ready.u.hello = *hello;
    return answer_add(wire, &ready);
}

/* Inputs of the first pending instant take effect, before anything else at that instant. */
static size_t inputs_apply(struct device_wire *wire, size_t first) {
    size_t next = first;
    while (next < wire->pending_count && wire->pending[next].t_ns == wire->device->now_ns) {
        const struct pbw_record *record = &wire->pending[next++];
        find_input(wire, record->type)->take(wire->device, record);
    }
    return next;
}

/* Inputs that were dated ahead and still wait are known already, so the promise ends at them. */
static int64_t promise_ns(const struct device_wire *wire) {
    int64_t next_ns = wire->kind->next_ns(wire->device);
    return wire->pending_count && wire->pending[0].t_ns < next_ns ? wire->pending[0].t_ns : next_ns;
}

static enum device_result run_until(struct device_wire *wire, int64_t until_ns) {
    struct device *device = wire->device;
    size_t next = 0;
    while (next < wire->pending_count && !device->output_count) {
        int64_t input_ns = wire->pending[next].t_ns;
        if (input_ns > device->now_ns) wire->kind->run(device, input_ns - 1);
        if (device->output_count) break;
        device->now_ns = input_ns;
        next = inputs_apply(wire, next);
    }
    wire->kind->run(device, next < wire->pending_count ? device->now_ns : until_ns);
    wire->pending_count -= next;
    memmove(wire->pending, wire->pending + next, wire->pending_count * sizeof wire->pending[0]);
    for (size_t i = 0; i < device->output_count; i++) answer_add(wire, &device->output[i]);
    device->output_count = 0;
    struct pbw_record done = {.type = PBW_DONE};
    done.u.value.a = promise_ns(wire);
    return answer_add(wire, &done);
}

enum device_result device_wire_take(struct device_wire *wire, const struct pbw_record *record) {
    const struct device_input *row;
    wire->answer_count = 0;
    enum device_result result = check(wire, record, &row);
    if (!row) return result;
    wire->in_seq++;
    if (row->type == PBW_HELLO) return take_hello(wire, record);
    if (row->type == PBW_STOP) return DEVICE_STOP;
    if (row->type == PBW_RUN_UNTIL) return run_until(wire, record->t_ns);
    if (wire->pending_count == DEVICE_PENDING_MAX)
        return refuse(wire, "more than %d inputs in a turn", DEVICE_PENDING_MAX);
    wire->pending[wire->pending_count++] = *record;
    return DEVICE_MORE;
}

void device_wire_init(struct device_wire *wire, const struct device_kind *kind, struct device *device,
                      const uint64_t *seed) {
    memset(wire, 0, sizeof *wire);
    wire->kind = kind;
    wire->device = device;
    wire->seed = seed;
}
