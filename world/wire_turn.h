/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Is what a DUT sent allowed? One turn, record by record, pure. Everything a DUT sends passes here before anything believes it. */
#ifndef PB_WORLD_WIRE_TURN_H
#define PB_WORLD_WIRE_TURN_H

#include "base/instant.h"
#include "base/status.h"
#include "world/wire/pb_wire.h"

#include <stdbool.h>

#define PB_TURN_RECORDS_MAX 4096 /* in one turn, DONE included */

struct pb_wire_turn {
    /* Before the first record: */
    const char *who;      /* for messages: "slave 0 (evse)" */
    uint32_t seq;         /* expected of the next record; goes on over turns */
    uint8_t actor, cords; /* as announced */
    bool is_ready;        /* READY has come, in this turn or one before */
    pb_instant earliest;  /* of an output: what the DUT has promised */
    pb_instant until;     /* RUN_UNTIL */
    /* Results: */
    unsigned count; /* records so far */
    bool has_output, is_done;
    pb_instant output_at;           /* if has_output */
    pb_instant reached, not_before; /* if is_done */
};

/* The next record. PB_ERR_PROTOCOL with one clear sentence in error->text. */
PB_MUST_CHECK enum pb_status pb_wire_turn_feed(struct pb_wire_turn *turn, const struct pbw_record *record,
                                               struct pb_error *error);
/* "CP_EDGE"; "unknown type" for none. */
const char *pb_wire_type_name(unsigned type);
/* Of the records that an actor speaks: in its HELLO. */
static inline uint32_t pb_wire_version(unsigned actor) { return actor == PBW_PEV ? PBW_VERSION_PEV : PBW_VERSION; }
/* "evse"; "?" for none. */
const char *pb_wire_actor_name(unsigned actor);

#endif
