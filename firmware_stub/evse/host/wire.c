/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Checks by one table of record types; the turn as pb_wire.h words it. */
#include "firmware_stub/evse/host/wire.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum payload { PAYLOAD_NONE, PAYLOAD_HELLO, PAYLOAD_VALUE, PAYLOAD_LOAD, PAYLOAD_BYTES };

struct type_row {
    uint16_t type;
    enum payload payload;
    const char *name;
    int64_t min, max; /* of value.a */
    uint8_t index_max;
};

static const struct type_row type_rows[] = {
    {PBW_HELLO, PAYLOAD_HELLO, "HELLO", 0, 0, 0},
    {PBW_RUN_UNTIL, PAYLOAD_NONE, "RUN_UNTIL", 0, 0, 0},
    {PBW_STOP, PAYLOAD_NONE, "STOP", 0, 0, 0},
    {PBW_CP_LOAD, PAYLOAD_LOAD, "CP_LOAD", 0, 0, 0},
    {PBW_PP_OHM, PAYLOAD_VALUE, "PP_OHM", 0, INT64_MAX, UINT8_MAX},
    {PBW_MAINS, PAYLOAD_VALUE, "MAINS", 0, 2000000, UINT8_MAX},
    {PBW_POLE_VOLTS, PAYLOAD_VALUE, "POLE_VOLTS", 0, 2000000, 3},
    {PBW_PE_OK, PAYLOAD_VALUE, "PE_OK", 0, 1, UINT8_MAX},
    {PBW_VENT_OK, PAYLOAD_VALUE, "VENT_OK", 0, 1, UINT8_MAX},
    {PBW_CCID_TRIP, PAYLOAD_VALUE, "CCID_TRIP", 0, INT64_MAX, UINT8_MAX},
    {PBW_EV_AMPS, PAYLOAD_VALUE, "EV_AMPS", INT64_MIN, INT64_MAX, 3},
    {PBW_TEMP, PAYLOAD_VALUE, "TEMP", -273150, 1000000, UINT8_MAX},
    {PBW_POWER, PAYLOAD_VALUE, "POWER", 0, 2, UINT8_MAX},
    {PBW_SERIAL_IN, PAYLOAD_BYTES, "SERIAL_IN", 0, 0, 0},
    {PBW_MSG_IN, PAYLOAD_BYTES, "MSG_IN", 0, 0, 2},
};

__attribute__((format(printf, 2, 3))) static enum wire_result refuse(struct wire *wire, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(wire->text, sizeof wire->text, format, arguments);
    va_end(arguments);
    return WIRE_ERROR;
}

static bool is_zero(const uint8_t *bytes, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (bytes[i]) return false;
    return true;
}

#define IS_ZERO(member) is_zero((const uint8_t *)(member), sizeof(member))

static bool are_reserved_zero(const struct pbw_record *record, enum payload payload) {
    if (record->reserved) return false;
    switch (payload) {
    case PAYLOAD_NONE: return IS_ZERO(record->u.raw);
    case PAYLOAD_HELLO: return IS_ZERO(record->u.hello.reserved) && IS_ZERO(record->u.hello.rest);
    case PAYLOAD_VALUE: return IS_ZERO(record->u.value.reserved);
    case PAYLOAD_LOAD: return IS_ZERO(record->u.cp_load.reserved) && IS_ZERO(record->u.cp_load.rest);
    case PAYLOAD_BYTES: return IS_ZERO(record->u.bytes.reserved);
    }
    return false;
}

static bool is_payload_right(const struct pbw_record *record, const struct type_row *row) {
    const struct pbw_value *value = &record->u.value;
    const struct pbw_cp_load *load = &record->u.cp_load;
    const struct pbw_bytes *bytes = &record->u.bytes;
    if (row->payload == PAYLOAD_VALUE)
        return value->a >= row->min && value->a <= row->max && value->index <= row->index_max;
    if (row->payload == PAYLOAD_LOAD)
        return load->kind <= PBW_LOAD_SHORT && load->milliohm >= 0 && load->femtofarad >= 0 && load->diode_uv >= 0 &&
               load->diode_uv <= 5000000;
    if (row->payload == PAYLOAD_BYTES)
        return bytes->length >= 1 && bytes->length <= sizeof bytes->bytes && bytes->is_last <= 1;
    return true;
}

static const struct type_row *type_find(uint16_t type) {
    for (size_t i = 0; i < sizeof type_rows / sizeof type_rows[0]; i++)
        if (type_rows[i].type == type) return &type_rows[i];
    return NULL;
}

static int64_t earliest_ns(const struct wire *wire) {
    return wire->pending_count ? wire->pending[wire->pending_count - 1].t_ns : wire->station.now_ns;
}

/* NULL in *ret_row: refused. */
static enum wire_result check(struct wire *wire, const struct pbw_record *record, const struct type_row **ret_row) {
    const struct type_row *row = type_find(record->type);
    *ret_row = NULL;
    if (record->seq != wire->in_seq)
        return refuse(wire, "seq is %" PRIu32 ", expected %" PRIu32, record->seq, wire->in_seq);
    if (!row) return refuse(wire, "type %u is unknown", record->type);
    if (wire->has_hello == (row->type == PBW_HELLO))
        return refuse(wire, "%s %s", row->name, wire->has_hello ? "comes twice" : "comes before HELLO");
    uint32_t cords = row->type == PBW_HELLO ? 1 : wire->station.cord_count;
    if (record->cord >= cords && cords == 1)
        return refuse(wire, "%s for cord %u, but there is only cord 0", row->name, record->cord);
    if (record->cord >= cords)
        return refuse(wire, "%s for cord %u, but there are %" PRIu32, row->name, record->cord, cords);
    if (!are_reserved_zero(record, row->payload))
        return refuse(wire, "%s has a reserved byte that is not 0", row->name);
    if (!is_payload_right(record, row)) return refuse(wire, "%s has a value out of range", row->name);
    if (record->t_ns < earliest_ns(wire) && row->type != PBW_STOP)
        return refuse(wire, "%s at %" PRId64 " ns is before %" PRId64 " ns", row->name, record->t_ns,
                      earliest_ns(wire));
    *ret_row = row;
    return WIRE_MORE;
}

static enum wire_result answer_add(struct wire *wire, const struct pbw_record *record) {
    struct pbw_record *answer = &wire->answer[wire->answer_count++];
    *answer = *record;
    answer->seq = wire->out_seq++;
    answer->t_ns = wire->station.now_ns;
    return WIRE_ANSWER;
}

static enum wire_result take_hello(struct wire *wire, const struct pbw_record *record) {
    const struct pbw_hello *hello = &record->u.hello;
    if (hello->version != PBW_VERSION)
        return refuse(wire, "HELLO of version %" PRIu32 ", expected %u", hello->version, PBW_VERSION);
    if (hello->actor != PBW_EVSE)
        return refuse(wire, "HELLO wants actor %u, this is an EVSE (%d)", hello->actor, PBW_EVSE);
    int32_t cords = wire->setups->station.cords; /* those that nobody has connected to a bench stay empty */
    if (hello->cords < 1 || hello->cords > cords)
        return refuse(wire, "HELLO announces %u cords, this EVSE has %" PRId32, hello->cords, cords);
    wire->has_hello = true;
    station_init(&wire->station, wire->setups, hello->cords, wire->seed ? *wire->seed : hello->seed);
    station_set_now(&wire->station, record->t_ns);
    struct pbw_record ready = {.type = PBW_READY};
    ready.u.hello = *hello;
    return answer_add(wire, &ready);
}

/* Inputs of the first pending instant take effect, before anything else at that instant. */
static size_t inputs_apply(struct wire *wire, size_t first) {
    int64_t t_ns = wire->station.now_ns;
    size_t next = first;
    while (next < wire->pending_count && wire->pending[next].t_ns == t_ns)
        station_input(&wire->station, &wire->pending[next++]);
    return next;
}

/* Inputs that were dated ahead and still wait are known already, so the promise ends at them. */
static int64_t promise_ns(const struct wire *wire) {
    int64_t next_ns = station_next_ns(&wire->station);
    return wire->pending_count && wire->pending[0].t_ns < next_ns ? wire->pending[0].t_ns : next_ns;
}

static enum wire_result run_until(struct wire *wire, int64_t until_ns) {
    struct station *station = &wire->station;
    size_t next = 0;
    while (next < wire->pending_count && !station->output_count) {
        int64_t input_ns = wire->pending[next].t_ns;
        if (input_ns > station->now_ns) station_run(station, input_ns - 1);
        if (station->output_count) break;
        station_set_now(station, input_ns);
        next = inputs_apply(wire, next);
    }
    station_run(station, next < wire->pending_count ? station->now_ns : until_ns);
    wire->pending_count -= next;
    memmove(wire->pending, wire->pending + next, wire->pending_count * sizeof wire->pending[0]);
    for (size_t i = 0; i < station->output_count; i++) answer_add(wire, &station->output[i]);
    station->output_count = 0;
    struct pbw_record done = {.type = PBW_DONE};
    done.u.value.a = promise_ns(wire);
    return answer_add(wire, &done);
}

/* Said by others on a link. Only a station of several cords listens: to the premise's link, for who its vehicles are. */
static void hear(struct wire *wire, const struct pbw_record *record) {
    const struct pbw_bytes *bytes = &record->u.bytes;
    if (bytes->link != PBW_LINK_ESCI || wire->station.cord_count < 2) return;
    size_t room = sizeof wire->message - wire->message_size;
    if (bytes->length <= room) memcpy(wire->message + wire->message_size, bytes->bytes, bytes->length);
    wire->message_size = bytes->length <= room ? wire->message_size + bytes->length : sizeof wire->message + 1;
    if (!bytes->is_last) return;
    if (wire->message_size <= sizeof wire->message) station_hears(&wire->station, wire->message, wire->message_size);
    wire->message_size = 0;
}

enum wire_result wire_take(struct wire *wire, const struct pbw_record *record) {
    const struct type_row *row;
    wire->answer_count = 0;
    enum wire_result result = check(wire, record, &row);
    if (!row) return result;
    wire->in_seq++;
    if (row->type == PBW_HELLO) return take_hello(wire, record);
    if (row->type == PBW_STOP) return WIRE_STOP;
    if (row->type == PBW_RUN_UNTIL) return run_until(wire, record->t_ns);
    if (row->type == PBW_MSG_IN) {
        hear(wire, record);
        return WIRE_MORE;
    }
    if (wire->pending_count == WIRE_PENDING_MAX) return refuse(wire, "more than %d inputs in a turn", WIRE_PENDING_MAX);
    wire->pending[wire->pending_count++] = *record;
    return WIRE_MORE;
}

void wire_init(struct wire *wire, const struct board_setup *setups, const uint64_t *seed) {
    memset(wire, 0, sizeof *wire);
    wire->setups = setups;
    wire->seed = seed;
}
