/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The turn as docs/wire.md words it. A peer says one message at an instant, so that a turn's answer has a bound. */
#include "firmware_stub/peer/host/wire.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LATEST_NS (INT64_C(1) << 62) /* delays are added to it */

enum payload { PAYLOAD_NONE, PAYLOAD_HELLO, PAYLOAD_VALUE, PAYLOAD_LOAD, PAYLOAD_BYTES };

static const struct {
    uint16_t type;
    enum payload payload;
    const char *name;
} types[] = {
    {PBW_HELLO, PAYLOAD_HELLO, "HELLO"},
    {PBW_RUN_UNTIL, PAYLOAD_NONE, "RUN_UNTIL"},
    {PBW_STOP, PAYLOAD_NONE, "STOP"},
    {PBW_CP_LOAD, PAYLOAD_LOAD, "CP_LOAD"},
    {PBW_PP_OHM, PAYLOAD_VALUE, "PP_OHM"},
    {PBW_MAINS, PAYLOAD_VALUE, "MAINS"},
    {PBW_POLE_VOLTS, PAYLOAD_VALUE, "POLE_VOLTS"},
    {PBW_PE_OK, PAYLOAD_VALUE, "PE_OK"},
    {PBW_VENT_OK, PAYLOAD_VALUE, "VENT_OK"},
    {PBW_CCID_TRIP, PAYLOAD_VALUE, "CCID_TRIP"},
    {PBW_EV_AMPS, PAYLOAD_VALUE, "EV_AMPS"},
    {PBW_TEMP, PAYLOAD_VALUE, "TEMP"},
    {PBW_POWER, PAYLOAD_VALUE, "POWER"},
    {PBW_SERIAL_IN, PAYLOAD_BYTES, "SERIAL_IN"},
    {PBW_MSG_IN, PAYLOAD_BYTES, "MSG_IN"},
};
#define TYPES (sizeof types / sizeof types[0])

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

static bool are_bytes_right(const struct pbw_record *record) {
    const struct pbw_bytes *bytes = &record->u.bytes;
    bool has_link = record->type != PBW_MSG_IN || bytes->link < PEER_LINKS;
    return bytes->length >= 1 && bytes->length <= sizeof bytes->bytes && bytes->is_last <= 1 && has_link;
}

static enum wire_result check(struct wire *wire, const struct pbw_record *record) {
    size_t row = 0;
    while (row < TYPES && types[row].type != record->type) row++;
    if (record->seq != wire->in_seq)
        return refuse(wire, "seq is %" PRIu32 ", expected %" PRIu32, record->seq, wire->in_seq);
    if (row == TYPES) return refuse(wire, "type %u is unknown", record->type);
    const char *name = types[row].name;
    if (wire->has_hello == (record->type == PBW_HELLO))
        return refuse(wire, "%s %s", name, wire->has_hello ? "comes twice" : "comes before HELLO");
    if (wire->has_hello && record->cord >= wire->cords)
        return refuse(wire, "%s for cord %u, expected below %u", name, record->cord, wire->cords);
    if (!are_reserved_zero(record, types[row].payload))
        return refuse(wire, "%s has a reserved byte that is not 0", name);
    if (types[row].payload == PAYLOAD_BYTES && !are_bytes_right(record))
        return refuse(wire, "%s has a value out of range", name);
    if (record->t_ns > LATEST_NS) return refuse(wire, "%s at %" PRId64 " ns is beyond all time", name, record->t_ns);
    if (record->t_ns < wire->input_ns && record->type != PBW_STOP)
        return refuse(wire, "%s at %" PRId64 " ns is before %" PRId64 " ns", name, record->t_ns, wire->input_ns);
    return WIRE_MORE;
}

static struct pbw_record *answer_add(struct wire *wire, uint16_t type) {
    struct pbw_record *answer = &wire->answer[wire->answer_count++];
    *answer = (struct pbw_record){.type = type, .seq = wire->out_seq++, .t_ns = wire->now_ns};
    return answer;
}

static void on_say(void *host, uint8_t link, const char *bytes, size_t size) {
    struct wire *wire = host;
    while (size > 0) {
        struct pbw_bytes *part = &answer_add(wire, PBW_MSG_OUT)->u.bytes;
        part->length = (uint8_t)(size < sizeof part->bytes ? size : sizeof part->bytes);
        part->is_last = part->length == size;
        part->link = link;
        memcpy(part->bytes, bytes, part->length);
        bytes += part->length;
        size -= part->length;
    }
}

static enum wire_result take_hello(struct wire *wire, const struct pbw_record *record) {
    const struct pbw_hello *hello = &record->u.hello;
    if (hello->version != PBW_VERSION)
        return refuse(wire, "HELLO of version %" PRIu32 ", expected %u", hello->version, PBW_VERSION);
    if (hello->actor != wire->actor)
        return refuse(wire, "HELLO wants actor %u, this is %s (%u)", hello->actor, wire->kind->name, wire->actor);
    if (!hello->cords) return refuse(wire, "HELLO announces no cord");
    const struct peer_hal hal = {wire, on_say};
    wire->has_hello = true;
    wire->cords = hello->cords;
    wire->now_ns = record->t_ns;
    peer_init(&wire->peer, wire->kind, wire->setup, &hal, wire->seed ? *wire->seed : hello->seed, wire->now_ns);
    answer_add(wire, PBW_READY)->u.hello = *hello;
    return WIRE_ANSWER;
}

/* Room for one more. */
static bool pending_grow(struct wire *wire) {
    if (wire->pending_count < wire->pending_room) return true;
    size_t room = wire->pending_room ? 2 * wire->pending_room : 16;
    struct wire_message *more = realloc(wire->pending, room * sizeof *more);
    if (!more) return false;
    wire->pending = more;
    wire->pending_room = room;
    return true;
}

/* A message that grows beyond the greatest length is none: what there is of it is dropped, and the rest is another one. */
static enum wire_result take_part(struct wire *wire, const struct pbw_record *record) {
    const struct pbw_bytes *part = &record->u.bytes;
    size_t *size = &wire->parts[part->link].size;
    bool is_too_long = *size + part->length > PEER_BYTES_MAX;
    if (is_too_long) *size = 0;
    wire->is_jammed = wire->is_jammed || (is_too_long && !wire->setup->parameters.is_long_borne);
    if (wire->is_jammed) return WIRE_MORE;
    memcpy(wire->parts[part->link].bytes + *size, part->bytes, part->length);
    *size += part->length;
    if (!part->is_last) return WIRE_MORE;
    char *bytes = pending_grow(wire) ? malloc(*size) : NULL;
    if (!bytes) return refuse(wire, "no memory for a message");
    memcpy(bytes, wire->parts[part->link].bytes, *size);
    wire->pending[wire->pending_count++] = (struct wire_message){record->t_ns, part->link, bytes, *size};
    *size = 0;
    return WIRE_MORE;
}

/* Messages dated now are heard before anything else at this instant. */
static void hear_pending(struct wire *wire) {
    size_t next = 0;
    for (; next < wire->pending_count && wire->pending[next].t_ns <= wire->now_ns; next++) {
        const struct wire_message *message = &wire->pending[next];
        peer_hear(&wire->peer, wire->now_ns, message->link, message->bytes, message->size);
        free(message->bytes);
    }
    wire->pending_count -= next;
    if (next) memmove(wire->pending, wire->pending + next, wire->pending_count * sizeof wire->pending[0]);
}

static int64_t next_ns(const struct wire *wire) {
    int64_t own_ns = peer_next_ns(&wire->peer);
    return wire->pending_count && wire->pending[0].t_ns < own_ns ? wire->pending[0].t_ns : own_ns;
}

static enum wire_result run_until(struct wire *wire, int64_t until_ns) {
    while (!wire->answer_count && next_ns(wire) <= until_ns) {
        wire->now_ns = next_ns(wire);
        hear_pending(wire);
        if (peer_next_ns(&wire->peer) <= wire->now_ns) peer_run(&wire->peer, wire->now_ns);
    }
    if (!wire->answer_count) wire->now_ns = until_ns;
    answer_add(wire, PBW_DONE)->u.value.a = next_ns(wire);
    return WIRE_ANSWER;
}

enum wire_result wire_take(struct wire *wire, const struct pbw_record *record) {
    wire->answer_count = 0;
    if (check(wire, record) == WIRE_ERROR) return WIRE_ERROR;
    wire->in_seq++;
    wire->input_ns = record->t_ns;
    switch (record->type) {
    case PBW_HELLO: return take_hello(wire, record);
    case PBW_STOP: return WIRE_STOP;
    case PBW_MSG_IN: return take_part(wire, record);
    case PBW_RUN_UNTIL: {
        enum wire_result result = run_until(wire, record->t_ns);
        wire->input_ns = wire->pending_count ? wire->pending[wire->pending_count - 1].t_ns : wire->now_ns;
        return result;
    }
    default: return WIRE_MORE;
    }
}

void wire_init(struct wire *wire, uint8_t actor, const struct peer_kind *kind, const struct peer_setup *setup,
               const uint64_t *seed) {
    memset(wire, 0, sizeof *wire);
    wire->actor = actor;
    wire->kind = kind;
    wire->setup = setup;
    wire->seed = seed;
}

void wire_finish(struct wire *wire) {
    for (size_t i = 0; i < wire->pending_count; i++) free(wire->pending[i].bytes);
    free(wire->pending);
    if (wire->has_hello) peer_finish(&wire->peer);
}
