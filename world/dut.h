/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One DUT process ("slave"): started with the wire on fd 3, given turns, ended. Everything it sends passes pb_wire_turn. */
#ifndef PB_WORLD_DUT_H
#define PB_WORLD_DUT_H

#include "base/instant.h"
#include "base/status.h"
#include "world/bench_link/pb_bench_link.h"
#include "world/links.h"
#include "world/wire/pb_wire.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct pb_dut {
    char who[32]; /* "slave 0 (evse)" */
    int fd;       /* -1: none */
    pid_t pid;    /* 0: none */
    uint8_t actor, first_cord, cords;
    bool is_ready;         /* it answered HELLO */
    bool is_gone;          /* broke the protocol or died: is given no more turns */
    pb_instant reached;    /* its own time */
    pb_instant not_before; /* its promise; not after reached: it cannot look ahead */
    uint32_t seq_to, seq_from;
    struct pbw_record *to; /* inputs for its next turn */
    size_t to_count, to_room;
    struct pbw_record *from; /* the last turn's records; outputs are those to be applied at held_at */
    size_t from_count;
    pb_instant held_at; /* NEVER: no outputs wait to be applied */
    unsigned answer_ms;
};

/* Starts the process: own group, killed when the world dies, stdin /dev/null, output to log_fd, no other descriptor open but 3.
 * HELLO is queued. PB_ERR_IO with the system's reason when it cannot be started. */
PB_MUST_CHECK enum pb_status pb_dut_start(struct pb_dut *dut, unsigned number, const struct pbl_slave *slave,
                                          unsigned world_cords, char *const *argv, int log_fd, unsigned answer_ms,
                                          pb_instant now, struct pb_error *error);
/* Queues an input; type, cord (the wire's) and payload are the caller's, seq and t_ns are set when it is sent. */
PB_MUST_CHECK enum pb_status pb_dut_queue(struct pb_dut *dut, const struct pbw_record *record);
/* Splits bytes into records. */
PB_MUST_CHECK enum pb_status pb_dut_queue_bytes(struct pb_dut *dut, uint16_t type, uint8_t link, const uint8_t *bytes,
                                                size_t size);
static inline bool pb_dut_has_input(const struct pb_dut *dut) { return dut->to_count > 0; }
static inline bool pb_dut_is_blind(const struct pb_dut *dut) { return dut->not_before.ns <= dut->reached.ns; }
/* A turn: inputs stamped now (or its own time, if it is ahead), RUN_UNTIL, its answer. Afterwards held_at tells its outputs' instant.
 * PB_ERR_PROTOCOL, PB_ERR_TIMEOUT, PB_ERR_GONE, PB_ERR_IO with one sentence; the DUT is then killed and gone. */
PB_MUST_CHECK enum pb_status pb_dut_turn(struct pb_dut *dut, struct pb_links *links, pb_instant now, pb_instant until,
                                         struct pb_error *error);
/* It did something outside its turn: tells what. Always an error; it is then killed and gone. */
enum pb_status pb_dut_out_of_turn(struct pb_dut *dut, struct pb_links *links, struct pb_error *error);
/* STOP, a short while to exit, then SIGKILL; or SIGKILL at once. */
void pb_dut_end(struct pb_dut *dut, struct pb_links *links, bool is_killed);
/* Frees; the process must have ended. */
void pb_dut_finish(struct pb_dut *dut);

#endif
