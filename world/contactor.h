/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One pole of a contactor: coil in, contact out, with closing and opening delay, jitter, bounce and welding.
 * Contact edges lie on the sense sample clock, no two on one sample, so that a sampled bench sees each of them. */
#ifndef PB_WORLD_CONTACTOR_H
#define PB_WORLD_CONTACTOR_H

#include "base/instant.h"
#include "pilot_emulator/synth.h"
#include "world/random.h"

#include <stdbool.h>

#define PB_POLE_BOUNCES_MAX 3 /* times the contact opens again while it closes */
#define PB_POLE_JITTER_NS 2000000

struct pb_pole_figures {
    pb_span close_delay,
        open_delay; /* coil on to first contact (plus up to PB_POLE_JITTER_NS), coil off to last contact */
    pb_span bounce; /* from first contact to the end of the bounce, at most; 0: none */
    const struct pb_front_end *clock;
};

struct pb_pole {
    bool is_energised, is_closed, is_welded; /* is_welded: never opens once closed */
    bool is_bouncing;                        /* the edges of a closing are not over */
    unsigned edge_at, edge_count;            /* those still to come: edges[edge_at..edge_count) */
    struct {
        pb_instant at;
        bool closes;
    } edges[2 * PB_POLE_BOUNCES_MAX + 2];
};

/* The coil changes at now. Edges that came due before now must have been run. */
void pb_pole_energise(struct pb_pole *pole, const struct pb_pole_figures *figures, struct pb_random *random,
                      pb_instant now, bool is_energised);
/* Instant of the next contact edge; PB_INSTANT_NEVER if none is under way. */
pb_instant pb_pole_next(const struct pb_pole *pole);
/* Makes the edge due at now. Returns whether the contact changed. */
bool pb_pole_run(struct pb_pole *pole, pb_instant now);

#endif
