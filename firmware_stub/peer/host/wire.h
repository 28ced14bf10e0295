/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's side of the wire, without a file descriptor: records in, a turn's records out (docs/wire.md). Only messages are of interest; the
 * other inputs that the protocol knows are taken and left alone. */
#ifndef PEER_WIRE_H
#define PEER_WIRE_H

#include "firmware_stub/device/turn.h"
#include "firmware_stub/peer/core/peer.h"

#define WIRE_BYTES_A_RECORD 40
#define WIRE_ANSWER_MAX (PEER_BYTES_MAX / WIRE_BYTES_A_RECORD + 3)

/* A whole message that is not heard yet. */
struct wire_message {
    int64_t t_ns;
    uint8_t link;
    char *bytes;
    size_t size;
};

struct wire {
    struct device_turn turn; /* first */
    struct peer peer;
    const struct peer_kind *kind;
    const struct peer_setup *setup;
    const uint64_t *seed; /* instead of the one in HELLO; NULL */
    uint8_t actor;
    bool is_jammed;
    int64_t now_ns, input_ns; /* of the last DONE; of the last input */
    struct {
        char bytes[PEER_BYTES_MAX];
        size_t size;
    } parts[PEER_LINKS]; /* of messages that are not whole yet */
    struct wire_message *pending;
    size_t pending_count, pending_room;
    struct pbw_record answer[WIRE_ANSWER_MAX];
};

/* name, kind, setup and seed must stay, and so must the wire. actor: enum pbw_actor. */
void wire_init(struct wire *wire, const char *name, uint8_t actor, const struct peer_kind *kind,
               const struct peer_setup *setup, const uint64_t *seed);
void wire_finish(struct wire *wire);

#endif
