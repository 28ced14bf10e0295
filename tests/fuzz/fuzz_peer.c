/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a gateway or a utility hears, as lines on its links, or as records of the wire. Whatever it is: what the peer says is JSON, no two messages
 * at an instant, and it comes to rest. */
#include "firmware_stub/esci/gateway.h"
#include "firmware_stub/peer/host/wire.h"
#include "firmware_stub/utility/utility.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t said_ns;
static struct peer peer;
static struct wire wire;

static void on_say(void *host, uint8_t link, const char *bytes, size_t size) {
    const struct peer *speaker = host;
    json_t *message = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, NULL);
    if (!message || link >= PEER_LINKS || size > PEER_BYTES_MAX || speaker->now_ns <= said_ns) abort();
    said_ns = speaker->now_ns;
    json_decref(message);
}

static void hear_lines(const struct peer_kind *kind, const struct peer_setup *setup, const char *text, size_t size) {
    const struct peer_hal hal = {&peer, on_say};
    int64_t now_ns = 0;
    said_ns = -1;
    peer_init(&peer, kind, setup, &hal, 1, 0);
    while (size > 0) {
        const char *end = memchr(text, '\n', size);
        size_t length = end ? (size_t)(end - text) : size;
        uint8_t link = length ? (uint8_t)(text[0] & 1) : 0;
        if (length > 1) peer_hear(&peer, now_ns, link, text + 1, length - 1);
        text += end ? length + 1 : length;
        size -= end ? length + 1 : length;
        now_ns += 100000000;
        while (peer_next_ns(&peer) <= now_ns) peer_run(&peer, peer_next_ns(&peer));
    }
    unsigned turns = 0;
    while (peer_next_ns(&peer) < INT64_MAX)
        if (turns++ > 100000) abort();
        else peer_run(&peer, peer_next_ns(&peer));
    peer_finish(&peer);
}

static void take_records(uint8_t actor, const struct peer_kind *kind, const struct peer_setup *setup,
                         const uint8_t *data, size_t size) {
    wire_init(&wire, "peer", actor, kind, setup, NULL);
    for (; size >= sizeof(struct pbw_record); data += sizeof(struct pbw_record), size -= sizeof(struct pbw_record)) {
        struct pbw_record record;
        memcpy(&record, data, sizeof record);
        enum device_result result = wire.turn.take(&wire.turn, &record);
        if (result == DEVICE_ERROR && !wire.turn.text[0]) abort();
        if (result == DEVICE_ANSWER && (!wire.turn.answer_count || wire.turn.answer_count > WIRE_ANSWER_MAX)) abort();
        if (result == DEVICE_ERROR || result == DEVICE_STOP) break;
    }
    wire_finish(&wire);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!size) return 0;
    bool is_gateway = data[0] & 1;
    const struct peer_kind *kind = is_gateway ? &gateway_kind : &utility_kind;
    const struct peer_setup *setup = is_gateway ? &gateway_standard : &utility_standard;
    if (data[0] & 2) take_records(is_gateway ? PBW_ESCI : PBW_UTILITY, kind, setup, data + 1, size - 1);
    else hear_lines(kind, setup, (const char *)data + 1, size - 1);
    return 0;
}
