/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a bench in the EVSE's place reads of a vehicle beside levels and currents: its capacitance, from the pilot's falling edges; the energy it
 * tells, against the bench's own count; how long it stays in a state. docs/uncertainty.md derives each U. */
#include "judge/vehicle.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* --- capacitance -------------------------------------------------------------------------------------------------- */

/* A falling edge goes on below the diode's drop as a plain exponential, of the source's resistance and all capacitance. From
 * tail_begins_uv on it takes the slowest generator 2 us to end its own ramp; after that e(k) = e(0) r^k from sample to sample, whatever the
 * place of the first sample, so r = 1 - e(0) / sum e(k). What has not settled after 60 us (20 nF) comes out too small, and is far beyond every
 * limit all the same. */
enum { TAIL_NS = 80000, SKIP_NS = 2000, PERIOD_NS_MAX = 2000, TAIL_SAMPLES_MAX = 1024, EDGES_MIN = 10 };
static const int64_t tail_begins_uv = -3000000;

struct tails {
    struct pb_sampling sampling;
    bool is_started, was_high;
    size_t length, place; /* samples of a tail; of the one under way, length: none */
    int64_t edges;        /* whole ones */
    double sum[TAIL_SAMPLES_MAX], plateau_square;
    double one[TAIL_SAMPLES_MAX]; /* the tail under way */
};

static double period_ns(const struct tails *tails) {
    return (double)tails->sampling.period_num_ns / (double)tails->sampling.period_den;
}

static void begin_tails(struct tails *tails, const struct pb_sampling *sampling) {
    tails->sampling = *sampling;
    tails->is_started = true;
    double samples = sampling->period_num_ns > 0 && sampling->period_den > 0 ? TAIL_NS / period_ns(tails) : 0;
    tails->length = samples > 8 && samples < TAIL_SAMPLES_MAX ? (size_t)samples : 0;
    tails->place = tails->length;
}

/* The plateau is the mean of a tail's last quarter. */
static size_t plateau_from(const struct tails *tails) { return tails->length - tails->length / 4; }

static void end_tail(struct tails *tails) {
    double mean = 0;
    size_t from = plateau_from(tails), count = tails->length - from;
    for (size_t i = from; i < tails->length; i++) mean += tails->one[i] / (double)count;
    for (size_t i = from; i < tails->length; i++)
        tails->plateau_square += (tails->one[i] - mean) * (tails->one[i] - mean) / (double)count;
    for (size_t i = 0; i < tails->length; i++) tails->sum[i] += tails->one[i];
    tails->edges++;
}

static enum pb_status feed_tails(void *user, const struct pb_sampling *sampling, int64_t first_index,
                                 const int16_t *counts, size_t count) {
    struct tails *tails = user;
    (void)first_index;
    if (!tails->is_started) begin_tails(tails, sampling);
    for (size_t i = 0; i < count && tails->length && sampling->uv_den; i++) {
        double uv =
            (double)sampling->uv_offset + (double)counts[i] * (double)sampling->uv_num / (double)sampling->uv_den;
        if (tails->was_high && uv < (double)tail_begins_uv) tails->place = 0;
        else if (uv > 0) tails->place = tails->length; /* too short a low phase */
        tails->was_high = uv >= (double)tail_begins_uv;
        if (tails->place == tails->length) continue;
        tails->one[tails->place++] = uv;
        if (tails->place == tails->length) end_tail(tails);
    }
    return PB_OK;
}

/* -ln(r) for 0 < r < 1 without a library: r = m 2^-k, ln(m) = 2 artanh((m - 1) / (m + 1)). */
static double minus_log(double r) {
    double halvings = 0, power = 1, sum = 0;
    while (r < 0.5) {
        r *= 2;
        halvings++;
    }
    double t = (1 - r) / (1 + r), square = t * t;
    for (int i = 0; i < 30; i++, power *= square) sum += power / (2 * i + 1);
    return 2 * t * sum + halvings * 0.69314718055994531;
}

static double root(double square) {
    double x = square > 1 ? square : 1;
    if (!(square > 0)) return 0;
    for (int i = 0; i < 200; i++) x = (x + square / x) / 2;
    return x;
}

/* Time constant of the mean tail, ns, and its U. */
static void find_time_constant(const struct tails *tails, double *ret_ns, double *ret_u_ns) {
    double edges = (double)tails->edges, plateau = 0, sum = 0;
    size_t from = plateau_from(tails), first = (size_t)(SKIP_NS / period_ns(tails) + 0.999);
    double late = 0; /* how far the plateau still falls: it stands too high by about as much */
    for (size_t i = from; i < tails->length; i++) {
        plateau += tails->sum[i] / edges / (double)(tails->length - from);
        late += tails->sum[i] / edges * (i < (from + tails->length) / 2 ? 2.0 : -2.0) / (double)(tails->length - from);
    }
    double noise_uv = root(tails->plateau_square / edges), sampled = (double)(tails->length - from);
    double begin = tails->sum[first] / edges - plateau, floor = 3 * noise_uv / root(edges);
    size_t last = first; /* what is left below the noise is not summed */
    for (; last < from && tails->sum[last] / edges - plateau > floor; last++) sum += tails->sum[last] / edges - plateau;
    double summed = (double)(last - first);
    /* k = 2, of the first sample, and of the sum, whose every sample has the plateau's error too */
    double u_begin = 2 * noise_uv / root(edges) * root(1 + 1 / sampled);
    double u_sum = 2 * noise_uv / root(edges) * root(summed + summed * summed / sampled) + 2 * floor;
    u_sum += (late > 0 ? late : 0) * summed;
    if (begin < 5 * u_begin || sum <= begin) { /* gone when the ramp ends: what bounds it is the first sample alone */
        *ret_ns = *ret_u_ns = (double)SKIP_NS / 8;
        return;
    }
    double ratio = 1 - begin / sum, u_ratio = begin / sum * (u_begin / begin + u_sum / sum);
    if (ratio < 0.01) ratio = 0.01;
    *ret_ns = period_ns(tails) / minus_log(ratio);
    *ret_u_ns = *ret_ns * *ret_ns / period_ns(tails) * u_ratio / ratio;
}

static void set_capacitance(struct pb_reading *reading, const struct pb_recipe *recipe, double tau_ns, double u_ns) {
    double per_ohm = 1e9 / (double)recipe->load_mohm; /* ns over ohm is nF: fF a ns */
    double all_ff = tau_ns * per_ohm;
    double u_ff =
        u_ns * per_ohm + all_ff * (double)recipe->u_load_mohm / (double)recipe->load_mohm + (double)recipe->u_own_ff;
    double own_ff = all_ff - (double)recipe->own_ff;
    if (!(all_ff <= 1e12 && u_ff <= 1e12)) { /* nor is it a number, perhaps */
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE, "the capacitance is beyond all bounds");
        return;
    }
    reading->quantity.value = (int64_t)(own_ff < 0 ? own_ff - 0.5 : own_ff + 0.5);
    reading->quantity.u = (int64_t)(u_ff + 0.5);
}

static void read_tails(const struct tails *tails, const struct pb_recipe *recipe, struct pb_reading *reading) {
    double tau_ns = 0, u_ns = 0;
    if (!tails->length || period_ns(tails) > PERIOD_NS_MAX)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE,
                              "not measurable on this bench: samples are more than %d us apart", PERIOD_NS_MAX / 1000);
    else if (tails->edges < EDGES_MIN)
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE,
                              "%" PRId64 " whole falling edges in the range, %d are needed", tails->edges, EDGES_MIN);
    else {
        find_time_constant(tails, &tau_ns, &u_ns);
        set_capacitance(reading, recipe, tau_ns, u_ns);
    }
}

enum pb_status pb_judge__capacitance(struct pb_reader *reader, const struct pb_recipe *recipe,
                                     struct pb_reading *reading, struct pb_error *error) {
    struct pb_error missing = {0};
    if (recipe->own_ff <= 0 || recipe->load_mohm <= 0 || recipe->count <= 0) {
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE,
                              "not measurable on this bench: its file does not state its own capacitance");
        return PB_OK;
    }
    struct tails *tails = calloc(1, sizeof *tails);
    if (!tails) return pb_fail(error, PB_ERR_MEMORY, 0, "judge", "no room for the edges of the pilot");
    enum pb_status status =
        pb_reader_samples(reader, recipe->name, recipe->first, recipe->count, feed_tails, tails, &missing);
    if (status == PB_ERR_NOT_FOUND || (status == PB_OK && !tails->is_started)) {
        pb_judge__set_outcome(reading, PB_OUTCOME_LOST, "%.150s", missing.text[0] ? missing.text : "no samples");
        status = PB_OK;
    } else if (status == PB_OK) read_tails(tails, recipe, reading);
    else if (error) *error = missing;
    free(tails);
    return status;
}

/* --- energy that the vehicle tells -------------------------------------------------------------------------------- */

#define CURRENT_MAX_MA 1000000000
#define UV_MA_NS_PER_WH ((__int128)3600 * 1000000 * 1000 * 1000000000)

struct charge {
    const struct pb_recipe *recipe;
    pb_instant since, until;
    int64_t ma, flowing_ns;
    __int128 ma_ns;
};

static void count_until(struct charge *charge, pb_instant at) {
    int64_t ns = pb_between(charge->since, at).ns;
    if (charge->ma > 0 && ns > 0) {
        charge->ma_ns += (__int128)charge->ma * ns;
        charge->flowing_ns += ns;
    }
    charge->since = pb_later(charge->since, at);
}

static enum pb_status count_charge(void *user, const struct pb_row *row) {
    struct charge *charge = user;
    if (row->seq < charge->recipe->first_row) return PB_OK;
    count_until(charge, row->at);
    charge->ma = row->a < CURRENT_MAX_MA ? row->a : CURRENT_MAX_MA; /* a record may say anything */
    return PB_OK;
}

struct told {
    const struct pb_recipe *recipe;
    bool is_there;
    pb_instant at;
    int64_t wh;
};

/* "energy 1234 Wh"; -1: another line. */
static int64_t energy_in(const char *line) {
    static const char word[] = "energy ";
    int64_t wh = 0;
    if (strncmp(line, word, sizeof word - 1) != 0) return -1;
    const char *digits = line + sizeof word - 1, *c = digits;
    for (; *c >= '0' && *c <= '9' && c < digits + 9; c++) wh = wh * 10 + (*c - '0');
    return c > digits && strncmp(c, " Wh", 3) == 0 ? wh : -1;
}

static enum pb_status take_line(void *user, const struct pb_row *row) {
    struct told *told = user;
    int64_t wh = strcmp(row->name, told->recipe->name) == 0 ? energy_in(row->text) : -1;
    if (wh < 0 || pb_is_before(row->at, told->recipe->from) || pb_is_before(told->recipe->until, row->at)) return PB_OK;
    *told = (struct told){told->recipe, true, row->at, wh};
    return PB_OK;
}

/* What it tells over what the bench counted. A whole Wh is told; the mean current has the sensor's U. */
static void set_share(struct pb_reading *reading, const struct pb_recipe *recipe, const struct charge *charge,
                      int64_t told_wh) {
    double wh = (double)charge->ma_ns * (double)recipe->supply_uv / (double)UV_MA_NS_PER_WH;
    if (wh < 1) {
        pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE, "the bench has counted less than 1 Wh");
        return;
    }
    double mean_ma = (double)charge->ma_ns / (double)charge->flowing_ns, share = (double)told_wh / wh;
    double u = share * (double)recipe->value_u / mean_ma + 1 / wh;
    if (!(share <= 1e6 && u <= 1e6)) pb_judge__set_outcome(reading, PB_OUTCOME_UNREADABLE, "told beyond all bounds");
    else {
        reading->quantity.value = (int64_t)(share * 1e6 + 0.5);
        reading->quantity.u = (int64_t)(u * 1e6 + 0.5);
    }
}

enum pb_status pb_judge__told_energy(struct pb_reader *reader, const struct pb_recipe *recipe,
                                     struct pb_reading *reading, struct pb_error *error) {
    static const char current[] = "current";
    struct told told = {.recipe = recipe};
    struct charge charge = {.recipe = recipe, .since = PB_INSTANT_ZERO};
    enum pb_status status = pb_reader_each_row(reader, recipe->first_row, 1u << PB_ROW_NOTE, take_line, &told, error);
    if (status != PB_OK) return status;
    if (!told.is_there) {
        pb_judge__set_outcome(reading, PB_OUTCOME_ABSENT, "no line \"energy ... Wh\" on %s", recipe->name);
        return PB_OK;
    }
    status = pb_reader_each_event(reader, current, PB_INSTANT_ZERO, told.at, count_charge, &charge, error);
    if (status != PB_OK) return status;
    count_until(&charge, told.at);
    set_share(reading, recipe, &charge, told.wh);
    return PB_OK;
}

/* --- how long it stays -------------------------------------------------------------------------------------------- */

/* A stay begins when the state is left that it came from (mask_before), and ends when this one is left. */
struct dwell {
    const struct pb_recipe *recipe;
    bool is_in, is_longest;
    pb_instant since;
    int64_t since_u_ns, count, ns, u_ns;
};

static bool is_among(uint64_t mask, int64_t value) { return value >= 0 && value < 64 && (mask >> value & 1); }

static enum pb_status take_state(void *user, const struct pb_row *row) {
    struct dwell *dwell = user;
    const struct pb_recipe *recipe = dwell->recipe;
    bool is_in = is_among(recipe->mask, row->a);
    if (pb_is_before(row->at, recipe->from) || (is_in && dwell->is_in)) return PB_OK;
    if (dwell->is_in && !is_in) {
        int64_t ns = pb_between(dwell->since, row->at).ns;
        if (!dwell->count++ || (dwell->is_longest ? ns > dwell->ns : ns < dwell->ns)) {
            dwell->ns = ns;
            dwell->u_ns = pb_add_saturating(dwell->since_u_ns, row->d);
        }
    }
    dwell->is_in = is_in && is_among(recipe->mask_before, row->b);
    dwell->since = row->at;
    dwell->since_u_ns = row->d;
    return PB_OK;
}

enum pb_status pb_judge__dwell(struct pb_reader *reader, const struct pb_recipe *recipe, struct pb_reading *reading,
                               struct pb_error *error) {
    struct dwell dwell = {.recipe = recipe, .is_longest = recipe->extractor == PB_EXTRACT_DWELL_LONGEST};
    enum pb_status status =
        pb_reader_each_event(reader, recipe->name, recipe->from, recipe->until, take_state, &dwell, error);
    if (status != PB_OK) return status;
    if (!dwell.count) pb_judge__set_outcome(reading, PB_OUTCOME_ABSENT, "no stay that began and ended in that time");
    reading->quantity.value = dwell.ns;
    reading->quantity.u = dwell.u_ns;
    return PB_OK;
}
