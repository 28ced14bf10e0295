/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's side of the wire, without a file descriptor: records in, a turn's records out (docs/wire.md). Only messages are of interest; the
 * other inputs that the protocol knows are taken and left alone. */
#ifndef PEER_WIRE_H
#define PEER_WIRE_H

#include "firmware_stub/peer/core/peer.h"
#include "world/wire/pb_wire.h"

#define WIRE_BYTES_A_RECORD 40
#define WIRE_ANSWER_MAX (PEER_BYTES_MAX / WIRE_BYTES_A_RECORD + 3)

enum wire_result {
    WIRE_MORE,   /* no answer yet: the turn goes on */
    WIRE_ANSWER, /* send answer[0..answer_count) now */
    WIRE_STOP,   /* the run is over */
    WIRE_ERROR   /* the world broke the protocol: text says how */
};

/* A whole message that is not heard yet. */
struct wire_message {
    int64_t t_ns;
    uint8_t link;
    char *bytes;
    size_t size;
};

struct wire {
    struct peer peer;
    const struct peer_kind *kind;
    const struct peer_setup *setup;
    const uint64_t *seed; /* instead of the one in HELLO; NULL */
    uint8_t actor, cords;
    bool has_hello, is_jammed;
    uint32_t in_seq, out_seq;
    int64_t now_ns, input_ns; /* of the last DONE; of the last input */
    struct {
        char bytes[PEER_BYTES_MAX];
        size_t size;
    } parts[PEER_LINKS]; /* of messages that are not whole yet */
    struct wire_message *pending;
    size_t pending_count, pending_room;
    struct pbw_record answer[WIRE_ANSWER_MAX];
    size_t answer_count;
    char text[160];
};

/* kind, setup and seed must stay. actor: enum pbw_actor. */
void wire_init(struct wire *wire, uint8_t actor, const struct peer_kind *kind, const struct peer_setup *setup,
               const uint64_t *seed);
void wire_finish(struct wire *wire);
/* One record from the world. An answer must be sent before the next call. */
enum wire_result wire_take(struct wire *wire, const struct pbw_record *record);

#endif
