/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The DUT's side of the wire, without a file descriptor: records in, a turn's records out. docs/wire.md tells the
 * protocol. Every input is checked before the board sees it. */
#ifndef EVSE_WIRE_H
#define EVSE_WIRE_H

#include "firmware_stub/evse/host/station.h"

#define WIRE_PENDING_MAX 256
#define WIRE_ANSWER_MAX (STATION_OUTPUT_MAX + 1)
#define WIRE_MESSAGE_ROOM 4096 /* a longer message is for somebody else */

enum wire_result {
    WIRE_MORE,   /* no answer yet: the turn goes on */
    WIRE_ANSWER, /* send answer[0..answer_count) now */
    WIRE_STOP,   /* the run is over */
    WIRE_ERROR   /* the world broke the protocol: text says how */
};

struct wire {
    struct station station;
    const struct board_setup *setups;
    const uint64_t *seed; /* instead of the one in HELLO; NULL */
    bool has_hello;
    uint32_t in_seq, out_seq;
    struct pbw_record pending[WIRE_PENDING_MAX]; /* inputs of this turn */
    size_t pending_count;
    struct pbw_record answer[WIRE_ANSWER_MAX];
    size_t answer_count;
    char message[WIRE_MESSAGE_ROOM]; /* heard on the premise's link, as far as it has come */
    size_t message_size;
    char text[160];
};

/* setups (one a cord, EVSE_CORDS_MAX) and seed must stay. */
void wire_init(struct wire *wire, const struct board_setup *setups, const uint64_t *seed);
/* One record from the world. An answer must be sent before the next call. */
enum wire_result wire_take(struct wire *wire, const struct pbw_record *record);

#endif
