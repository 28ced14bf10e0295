/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The edges of a closing are drawn when the coil is energised: 1 to PB_POLE_BOUNCES_MAX openings, each in its own slot of the bounce. */
#include "world/contactor.h"

static pb_instant on_clock(const struct pb_front_end *clock, pb_instant at) {
    return (pb_instant){pb_synth_time_of(clock, pb_synth_index_at(clock, at.ns))};
}

static void add_edge(struct pb_pole *pole, pb_instant at, bool closes) {
    if (pole->edge_count == sizeof pole->edges / sizeof pole->edges[0]) return;
    pole->edges[pole->edge_count].at = at;
    pole->edges[pole->edge_count++].closes = closes;
}

static void add_bounce(struct pb_pole *pole, const struct pb_pole_figures *figures, struct pb_random *random,
                       pb_instant first_contact) {
    int64_t first = pb_synth_index_at(figures->clock, first_contact.ns);
    int64_t span = pb_synth_index_at(figures->clock, pb_after(first_contact, figures->bounce).ns) - first;
    int64_t openings = 1 + pb_random_below(random, PB_POLE_BOUNCES_MAX);
    if (openings > span / 2) openings = span / 2;
    for (int64_t slot = 0; slot < 2 * openings; slot++) {
        int64_t slot_start = span * slot / (2 * openings), slot_end = span * (slot + 1) / (2 * openings);
        int64_t index = first + 1 + slot_start + pb_random_below(random, slot_end - slot_start);
        add_edge(pole, (pb_instant){pb_synth_time_of(figures->clock, index)}, slot % 2 == 1);
    }
}

static void start_closing(struct pb_pole *pole, const struct pb_pole_figures *figures, struct pb_random *random,
                          pb_instant now) {
    pole->edge_at = pole->edge_count = 0;
    pb_span jitter = pb_ns(pb_random_below(random, PB_POLE_JITTER_NS));
    pole->is_bouncing = !pole->is_closed;
    if (pole->is_closed) return; /* it had not let go yet */
    pb_instant first_contact = on_clock(figures->clock, pb_after(pb_after(now, figures->close_delay), jitter));
    add_edge(pole, first_contact, true);
    add_bounce(pole, figures, random, first_contact);
}

/* The contact bounces on until the armature lets go. */
static void start_opening(struct pb_pole *pole, const struct pb_pole_figures *figures, pb_instant now) {
    pb_instant last_contact = on_clock(figures->clock, pb_after(now, figures->open_delay));
    bool closes_before = pole->is_closed;
    unsigned kept = pole->edge_at;
    if (!pole->is_closed)
        kept = pole->edge_count = pole->edge_at; /* no first contact yet, or open at this moment: stays so */
    while (kept < pole->edge_count && pb_is_before(pole->edges[kept].at, last_contact))
        closes_before = pole->edges[kept++].closes;
    pole->edge_count = kept;
    if (closes_before) add_edge(pole, last_contact, false);
    pole->is_bouncing = pole->is_bouncing && pole->edge_at < pole->edge_count;
}

void pb_pole_energise(struct pb_pole *pole, const struct pb_pole_figures *figures, struct pb_random *random,
                      pb_instant now, bool is_energised) {
    if (pole->is_energised == is_energised) return;
    pole->is_energised = is_energised;
    if (is_energised) start_closing(pole, figures, random, now);
    else start_opening(pole, figures, now);
}

pb_instant pb_pole_next(const struct pb_pole *pole) {
    return pole->edge_at < pole->edge_count ? pole->edges[pole->edge_at].at : PB_INSTANT_NEVER;
}

bool pb_pole_run(struct pb_pole *pole, pb_instant now) {
    bool was_closed = pole->is_closed;
    while (pole->edge_at < pole->edge_count && pole->edges[pole->edge_at].at.ns <= now.ns) {
        bool closes = pole->edges[pole->edge_at++].closes;
        pole->is_closed = closes || (pole->is_closed && pole->is_welded);
    }
    if (pole->edge_at == pole->edge_count) pole->is_bouncing = false;
    return pole->is_closed != was_closed;
}
