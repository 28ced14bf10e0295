/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The turn as pb_wire.h words it. */
#include "firmware_stub/device/wire.h"

#include <string.h>

struct pbw_record *device_output(struct device *device, uint16_t type) {
    if (device->output_count == DEVICE_OUTPUT_MAX) device->output_count--;
    struct pbw_record *record = &device->output[device->output_count++];
    memset(record, 0, sizeof *record);
    record->type = type;
    return record;
}

void device_output_bytes(struct device *device, uint16_t type, uint8_t link, const char *bytes, size_t size) {
    for (size_t done = 0; done < size;)
        done += device_fill_bytes(&device_output(device, type)->u.bytes, link, bytes + done, size - done);
}

/* What every device is told. */
static const struct device_input turn_rows[] = {
    {.type = PBW_HELLO, .name = "HELLO", .is_right = device_is_hello},
    {.type = PBW_RUN_UNTIL, .name = "RUN_UNTIL", .is_right = device_is_empty},
    {.type = PBW_STOP, .name = "STOP", .is_right = device_is_empty},
};

static const struct device_input *find_input(const struct device_wire *wire, uint16_t type) {
    for (size_t i = 0; i < sizeof turn_rows / sizeof turn_rows[0]; i++)
        if (turn_rows[i].type == type) return &turn_rows[i];
    for (size_t i = 0; i < wire->kind->input_count; i++)
        if (wire->kind->inputs[i].type == type) return &wire->kind->inputs[i];
    return NULL;
}

static bool is_value_right(const struct device_input *row, const struct pbw_value *value) {
    return value->a >= row->min && value->a <= row->max && value->index <= row->index_max &&
           DEVICE_IS_ZERO(value->reserved);
}

static int64_t earliest_ns(const struct device_wire *wire) {
    return wire->pending_count ? wire->pending[wire->pending_count - 1].t_ns : wire->device->now_ns;
}

static enum device_result check(struct device_wire *wire, const struct pbw_record *record,
                                const struct device_input *row) {
    enum device_result result = device_check_head(&wire->turn, record, row ? row->name : NULL);
    if (!row || result != DEVICE_MORE) return result;
    bool is_right = row->is_right ? row->is_right(record) : is_value_right(row, &record->u.value);
    if (record->reserved || !is_right)
        return device_refuse(&wire->turn, "%s has a value out of range, or a reserved byte that is not 0", row->name);
    return device_check_time(&wire->turn, record, row->name, earliest_ns(wire));
}

static enum device_result take_hello(struct device_wire *wire, const struct pbw_record *record) {
    const struct pbw_hello *hello = &record->u.hello;
    const struct device_kind *kind = wire->kind;
    enum device_result result = device_take_hello(&wire->turn, hello, kind->version, kind->actor, wire->cords_max);
    if (result != DEVICE_MORE) return result;
    kind->start(wire->device, hello->cords, wire->seed ? *wire->seed : hello->seed, record->t_ns);
    device_answer(&wire->turn, PBW_READY, wire->device->now_ns)->u.hello = *hello;
    return DEVICE_ANSWER;
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
    for (size_t i = 0; i < device->output_count; i++) {
        struct pbw_record *answer = device_answer(&wire->turn, device->output[i].type, device->now_ns);
        answer->cord = device->output[i].cord;
        answer->u = device->output[i].u;
    }
    device->output_count = 0;
    device_answer(&wire->turn, PBW_DONE, device->now_ns)->u.value.a = promise_ns(wire);
    return DEVICE_ANSWER;
}

static enum device_result take(struct device_turn *turn, const struct pbw_record *record) {
    struct device_wire *wire = (struct device_wire *)turn;
    const struct device_input *row = find_input(wire, record->type);
    turn->answer_count = 0;
    if (check(wire, record, row) != DEVICE_MORE) return DEVICE_ERROR;
    turn->in_seq++;
    if (row->type == PBW_HELLO) return take_hello(wire, record);
    if (row->type == PBW_STOP) return DEVICE_STOP;
    if (row->type == PBW_RUN_UNTIL) return run_until(wire, record->t_ns);
    if (row->is_heard) {
        row->take(wire->device, record);
        return DEVICE_MORE;
    }
    if (wire->pending_count == DEVICE_PENDING_MAX)
        return device_refuse(turn, "more than %d inputs in a turn", DEVICE_PENDING_MAX);
    wire->pending[wire->pending_count++] = *record;
    return DEVICE_MORE;
}

void device_wire_init(struct device_wire *wire, const struct device_kind *kind, struct device *device,
                      uint32_t cords_max, const uint64_t *seed) {
    memset(wire, 0, sizeof *wire);
    wire->turn = (struct device_turn){.name = kind->name, .take = take, .answer = wire->answer};
    wire->kind = kind;
    wire->device = device;
    wire->cords_max = cords_max;
    wire->seed = seed;
}
