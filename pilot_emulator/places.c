/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Everything is in samples, and relative to a period of a whole number of samples, `base`: an edge's sample u of period j
 * comes u - j * step after the edge's own place in period 0, where step = P - base. */
#include "pilot_emulator/places.h"

#define ONE_SAMPLE 1048576.0
#define JITTER_OF_BEND 1.5
#define BEND_EXPECTED 2.7 /* greatest of many second differences, when three sigma are declared */
#define SWEPT 0.8
#define SLOW 2.0
enum { EVERY_MAX = 4, LEAST = 8, STEPS_TRIED = 64 };

static void halve(struct pb_places *places) {
    places->stride *= 2;
    for (int side = 0; side < 2; side++) {
        int kept = 0;
        for (int i = 0; i < places->count[side]; i++)
            if (places->at[side][i].period % places->stride == 0) places->at[side][kept++] = places->at[side][i];
        places->count[side] = kept;
    }
}

void pb_places_add(struct pb_places *places, int side, const struct pb_place *place) {
    if (place->period % places->stride != 0) return;
    if (places->count[side] == PB_PLACES_MAX) halve(places);
    if (place->period % places->stride != 0) return;
    places->at[side][places->count[side]++] = *place;
}

struct step_bounds {
    double least, most;
};

/* One sample of an edge: it came u - j * step after; volts rise in the edge's direction. */
struct seen {
    double u, j, level;
};

/* Edges repeat and are monotonic: of two samples that differ, the one further along came later. */
static bool narrow(const struct seen *seen, int count, double noise, double jitter, struct step_bounds *step) {
    for (int a = 0; a < count; a++)
        for (int b = 0; b < count; b++) {
            if (!(seen[a].level - seen[b].level > noise)) continue;
            double most = seen[a].u - seen[b].u + 2.0 * jitter, periods = seen[a].j - seen[b].j;
            if (periods > 0.0 && most < step->most * periods) step->most = most / periods;
            else if (periods < 0.0 && most < step->least * periods) step->least = most / periods;
            else if (periods == 0.0 && most < 0.0) return false;
        }
    return step->least <= step->most;
}

static bool narrow_side(const struct pb_places *places, int side, int64_t base, int64_t origin,
                        const struct pb_places_known *known, double jitter, struct step_bounds *step) {
    static const int per_edge = 4;
    struct seen seen[PB_PLACES_MAX * 4];
    double sign = (side == 1) == !known->is_inverted ? 1.0 : -1.0;
    int count = 0;
    for (int i = 0; i < places->count[side]; i++)
        for (int k = 0; k < per_edge; k++) {
            const struct pb_place *place = &places->at[side][i];
            seen[count++] = (struct seen){(double)(place->index - origin - base * place->period + k - 2),
                                          (double)place->period, sign * (double)place->c[k]};
        }
    return narrow(seen, count, known->noise_counts, jitter, step);
}

/* Where the edge of period 0 lies: between two samples of all those that were seen, and where lines between two samples
 * of a period put it on average. */
struct edge {
    double after, before, line, limit;
};

static struct edge edge_of(const struct pb_places *places, int side, int64_t base, int64_t origin, double step) {
    struct edge edge = {-1e18, 1e18, 0.0, 0.0};
    double n = (double)places->count[side];
    for (int i = 0; i < places->count[side]; i++) {
        const struct pb_place *place = &places->at[side][i];
        double before = (double)(place->index - origin - base * place->period) - (double)place->period * step;
        double limit = (double)place->limit / ONE_SAMPLE;
        if (before < edge.before) edge.before = before;
        if (before - 1.0 > edge.after) edge.after = before - 1.0;
        edge.line += (before - 1.0 + (double)place->fraction / ONE_SAMPLE) / n;
        edge.limit += limit * limit / n;
    }
    return edge;
}

struct range {
    double least, most;
};
static const struct range nothing = {1e18, -1e18};

static void widen(struct range *range, double value) {
    if (value < range->least) range->least = value;
    if (value > range->most) range->most = value;
}

static int64_t nearest(double value) { return (int64_t)(value < 0.0 ? value - 0.5 : value + 0.5); }

/* Every so many of the kept places lie in nearly the same place of their interval, and move evenly through it: what they
 * do beyond that is jitter that nobody declared. 0: they move through several intervals, where jitter contradicts. */
static double bend_seen(const struct pb_places *places, int side, int64_t base, struct step_bounds step) {
    double most = 0.0;
    for (int every = 1; every <= EVERY_MAX; every++) {
        double periods = (double)(every * places->stride), count = (double)places->count[side] / every;
        int64_t whole = nearest(0.5 * (step.least + step.most) * periods);
        bool is_slow = count * (step.most * periods - (double)whole) < SLOW &&
                       count * (step.least * periods - (double)whole) > -SLOW;
        if (!is_slow) continue;
        for (int i = 2 * every; i < places->count[side]; i++) {
            const struct pb_place *p = &places->at[side][i], *q = p - every, *r = q - every;
            int64_t last = p->index - q->index - base * (p->period - q->period),
                    before = q->index - r->index - base * (q->period - r->period);
            if (last != whole || before != whole) continue;
            double bend = (double)(p->fraction - 2 * (int64_t)q->fraction + r->fraction) / ONE_SAMPLE;
            if (bend < 0.0) bend = -bend;
            if (bend > most) most = bend;
        }
        break;
    }
    return most;
}

bool pb_places_width(const struct pb_places *places, const struct pb_places_known *known,
                     struct pb_places_width *ret_width) {
    if (places->count[0] < LEAST || places->count[1] < LEAST) return false;
    int64_t base = (int64_t)(0.5 * (known->period_least + known->period_most) + 0.5), origin = places->at[1][0].index;
    struct step_bounds step = {known->period_least - (double)base, known->period_most - (double)base};
    double n = (double)places->at[1][places->count[1] - 1].period, jitter[2];
    struct step_bounds seen = step;
    for (int side = 0; side < 2; side++) {
        double bend = bend_seen(places, side, base, seen);
        jitter[side] = bend > BEND_EXPECTED * known->jitter[side] ? JITTER_OF_BEND * bend : known->jitter[side];
        if (!narrow_side(places, side, base, origin, known, jitter[side], &step)) return false;
    }
    if (n * step.least < SWEPT && n * step.most > -SWEPT) return false;
    struct range width = nothing, half[2] = {nothing, nothing};
    for (int i = 0; i <= STEPS_TRIED; i++) {
        double at = step.least + (step.most - step.least) * i / STEPS_TRIED, middle[2];
        struct edge edge[2];
        bool is_possible = true;
        for (int side = 0; side < 2; side++) {
            edge[side] = edge_of(places, side, base, origin, at);
            is_possible = is_possible && edge[side].after - edge[side].before <= 2.0 * jitter[side];
        }
        if (!is_possible) continue;
        for (int side = 0; side < 2; side++) {
            double limit = 0.25 * (edge[side].before - edge[side].after) * (edge[side].before - edge[side].after);
            bool is_line = edge[side].limit < limit;
            middle[side] = is_line ? edge[side].line : 0.5 * (edge[side].after + edge[side].before);
            widen(&half[side], is_line ? edge[side].limit : limit);
        }
        widen(&width, middle[0] - middle[1]);
    }
    if (width.most < width.least) return false;
    *ret_width = (struct pb_places_width){0.5 * (width.least + width.most),
                                          half[0].most + half[1].most +
                                              0.25 * (width.most - width.least) * (width.most - width.least)};
    return true;
}
