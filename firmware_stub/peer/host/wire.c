/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The turn as docs/wire.md words it. A peer says one message at an instant, so that a turn's answer has a bound. */
#include "firmware_stub/peer/host/wire.h"

#include <stdlib.h>
#include <string.h>

static bool is_value(const struct pbw_record *record) { return DEVICE_IS_ZERO(record->u.value.reserved); }
static bool is_load(const struct pbw_record *record) {
    return DEVICE_IS_ZERO(record->u.cp_load.reserved) && DEVICE_IS_ZERO(record->u.cp_load.rest);
}
static bool is_message(const struct pbw_record *record) {
    return device_is_bytes(record) && record->u.bytes.link < PEER_LINKS;
}

static const struct {
    uint16_t type;
    const char *name;
    bool (*is_right)(const struct pbw_record *record);
} types[] = {
    {PBW_HELLO, "HELLO", device_is_hello},    {PBW_RUN_UNTIL, "RUN_UNTIL", device_is_empty},
    {PBW_STOP, "STOP", device_is_empty},      {PBW_CP_LOAD, "CP_LOAD", is_load},
    {PBW_PP_OHM, "PP_OHM", is_value},         {PBW_MAINS, "MAINS", is_value},
    {PBW_POLE_VOLTS, "POLE_VOLTS", is_value}, {PBW_PE_OK, "PE_OK", is_value},
    {PBW_VENT_OK, "VENT_OK", is_value},       {PBW_CCID_TRIP, "CCID_TRIP", is_value},
    {PBW_EV_AMPS, "EV_AMPS", is_value},       {PBW_TEMP, "TEMP", is_value},
    {PBW_POWER, "POWER", is_value},           {PBW_SERIAL_IN, "SERIAL_IN", device_is_bytes},
    {PBW_MSG_IN, "MSG_IN", is_message},
};
#define TYPES (sizeof types / sizeof types[0])

static enum device_result check(struct wire *wire, const struct pbw_record *record) {
    size_t row = 0;
    while (row < TYPES && types[row].type != record->type) row++;
    const char *name = row < TYPES ? types[row].name : NULL;
    enum device_result result = device_check_head(&wire->turn, record, name);
    if (row == TYPES || result != DEVICE_MORE) return result;
    if (record->reserved || !types[row].is_right(record))
        return device_refuse(&wire->turn, "%s has a value out of range, or a reserved byte that is not 0", name);
    return device_check_time(&wire->turn, record, name, wire->input_ns);
}

static void on_say(void *host, uint8_t link, const char *bytes, size_t size) {
    struct wire *wire = host;
    for (size_t done = 0; done < size;)
        done += device_fill_bytes(&device_answer(&wire->turn, PBW_MSG_OUT, wire->now_ns)->u.bytes, link, bytes + done,
                                  size - done);
}

static enum device_result take_hello(struct wire *wire, const struct pbw_record *record) {
    const struct pbw_hello *hello = &record->u.hello;
    enum device_result result = device_take_hello(&wire->turn, hello, PBW_VERSION, wire->actor, UINT8_MAX);
    if (result != DEVICE_MORE) return result;
    const struct peer_hal hal = {wire, on_say};
    wire->now_ns = record->t_ns;
    peer_init(&wire->peer, wire->kind, wire->setup, &hal, wire->seed ? *wire->seed : hello->seed, wire->now_ns);
    device_answer(&wire->turn, PBW_READY, wire->now_ns)->u.hello = *hello;
    return DEVICE_ANSWER;
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
static enum device_result take_part(struct wire *wire, const struct pbw_record *record) {
    const struct pbw_bytes *part = &record->u.bytes;
    size_t *size = &wire->parts[part->link].size;
    bool is_too_long = *size + part->length > PEER_BYTES_MAX;
    if (is_too_long) *size = 0;
    wire->is_jammed = wire->is_jammed || (is_too_long && !wire->setup->parameters.is_long_borne);
    if (wire->is_jammed) return DEVICE_MORE;
    memcpy(wire->parts[part->link].bytes + *size, part->bytes, part->length);
    *size += part->length;
    if (!part->is_last) return DEVICE_MORE;
    char *bytes = pending_grow(wire) ? malloc(*size) : NULL;
    if (!bytes) return device_refuse(&wire->turn, "no memory for a message");
    memcpy(bytes, wire->parts[part->link].bytes, *size);
    wire->pending[wire->pending_count++] = (struct wire_message){record->t_ns, part->link, bytes, *size};
    *size = 0;
    return DEVICE_MORE;
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

static enum device_result run_until(struct wire *wire, int64_t until_ns) {
    while (!wire->turn.answer_count && next_ns(wire) <= until_ns) {
        wire->now_ns = next_ns(wire);
        hear_pending(wire);
        if (peer_next_ns(&wire->peer) <= wire->now_ns) peer_run(&wire->peer, wire->now_ns);
    }
    if (!wire->turn.answer_count) wire->now_ns = until_ns;
    device_answer(&wire->turn, PBW_DONE, wire->now_ns)->u.value.a = next_ns(wire);
    return DEVICE_ANSWER;
}

static enum device_result take(struct device_turn *turn, const struct pbw_record *record) {
    struct wire *wire = (struct wire *)turn;
    turn->answer_count = 0;
    if (check(wire, record) != DEVICE_MORE) return DEVICE_ERROR;
    turn->in_seq++;
    wire->input_ns = record->t_ns;
    switch (record->type) {
    case PBW_HELLO: return take_hello(wire, record);
    case PBW_STOP: return DEVICE_STOP;
    case PBW_MSG_IN: return take_part(wire, record);
    case PBW_RUN_UNTIL: {
        enum device_result result = run_until(wire, record->t_ns);
        wire->input_ns = wire->pending_count ? wire->pending[wire->pending_count - 1].t_ns : wire->now_ns;
        return result;
    }
    default: return DEVICE_MORE;
    }
}

void wire_init(struct wire *wire, const char *name, uint8_t actor, const struct peer_kind *kind,
               const struct peer_setup *setup, const uint64_t *seed) {
    memset(wire, 0, sizeof *wire);
    wire->turn = (struct device_turn){.name = name, .take = take, .answer = wire->answer};
    wire->actor = actor;
    wire->kind = kind;
    wire->setup = setup;
    wire->seed = seed;
}

void wire_finish(struct wire *wire) {
    for (size_t i = 0; i < wire->pending_count; i++) free(wire->pending[i].bytes);
    free(wire->pending);
    if (wire->turn.has_hello) peer_finish(&wire->peer);
}
