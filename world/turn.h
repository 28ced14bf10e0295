/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The world as a whole, and simulated time: who runs next and how far. A DUT that promised (not_before) is left alone until then or
 * until an input comes for it, and may lag behind in its own time meanwhile. One that cannot look ahead is run in quanta, always
 * before the world's own events, so that it sees its inputs in time; with one such DUT nothing is ever early or late, with several
 * an input can be late by a quantum.
 * Order among equals at an instant: the world's own events, then DUTs by number; again until all is quiet. */
#ifndef PB_WORLD_TURN_H
#define PB_WORLD_TURN_H

#include "base/instant.h"
#include "base/status.h"
#include "world/dut.h"
#include "world/links.h"
#include "world/model.h"

#include <stdbool.h>

#define PB_DUTS_MAX 8
#define PB_CONSOLES 4
#define PB_MESSAGE_LINKS 3
#define PB_CONSOLE_ROOM 4096
#define PB_TURNS_AT_AN_INSTANT_MAX 4096
#define PB_STOPS_AN_ADVANCE_MAX                                                                                        \
    8192 /* then it is answered early: a DUT that cannot look ahead makes any stretch long */

/* Bytes of a console chunk or message that is not whole yet. */
struct pb_assembly {
    uint8_t *bytes;
    size_t size;
};

struct pb_world {
    struct pb_links links;
    struct pb_model model;
    struct pb_dut duts[PB_DUTS_MAX];
    struct pb_assembly assemblies[PB_DUTS_MAX][PB_CONSOLES + PB_MESSAGE_LINKS];
    unsigned dut_count;
    bool is_configured;
    int log_fd;
    pb_instant now;
    uint32_t wake_mask, woken;
    unsigned turns_here; /* of DUTs, since now last moved */
    bool is_running_on;  /* the bench is gone; only the guardian and the clock are obeyed */
    bool is_frozen;      /* a DUT failed: no time passes for the bench */
    bool is_fault_told;
    unsigned fault_dut;
    struct pb_error fault;
};

/* Starts a DUT; a failure freezes the world like any other fault. payload: pbl_slave, then argv. PB_ERR_INPUT: the frame is not as it
 * must be. */
PB_MUST_CHECK enum pb_status pb_world_start_dut(struct pb_world *world, const uint8_t *payload, size_t size,
                                                struct pb_error *error);
/* A DUT did something outside its turn. */
void pb_world_watched(struct pb_world *world, unsigned number);
/* Queues bytes for a DUT's console or link. */
PB_MUST_CHECK enum pb_status pb_world_give_bytes(struct pb_world *world, uint16_t type, const uint8_t *payload,
                                                 size_t size, struct pb_error *error);
/* Runs to until, or to a wake, a fault, or the end of the bench link; tells the bench what was seen and how far it is. */
void pb_world_advance(struct pb_world *world, pb_instant until, uint32_t wake_mask);
/* The bench link is gone: runs on at x1, obeying the guardian, until leave_at. */
void pb_world_run_on(struct pb_world *world);

/* Ends all DUTs and frees what start_dut() took. */
void pb_world_end_duts(struct pb_world *world, bool is_killed);

/* The sink of the model, with the world as user. */
struct pb_model_sink pb_world_model_sink(struct pb_world *world);

#endif
