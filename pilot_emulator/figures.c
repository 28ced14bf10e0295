/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the sums over a range to its figures and their expanded uncertainties (k=2). docs/uncertainty.md derives each
 * term; the names here are those there. Doubles without libm and without contraction: equal bits everywhere. */
#include "pilot_emulator/periods.h"

#include "pilot_emulator/root.h"
#include "pilot_emulator/sampling.h"

#define TIME_Q 20
#define ONE_SAMPLE ((double)(1 << TIME_Q))
#define MEAN_Q 4096.0
#define TAU_MAX_NS 5500.0      /* 5500 pF behind 1 kohm */
#define SETTLED_UV 60000.0     /* control_pilot.md 1.3: what is left when the full window begins */
#define EARLY_MAX_UV 1000000.0 /* more before the full window: slower than any pilot of the standard */
#define FULL_SHARE 0.17        /* of that excess, what is left as the full window begins, at most */
#define SHORT_SHARE 0.6
#define LEFT_MAX_UV 50000.0 /* left in the window's mean, before it is taken off */
#define START_LEAST 0.85    /* of the level: with what an edge's exponential sets out at the crossing */
#define START_MOST 1.3
#define PHASE_BINS 256
#define PERIODS_LOOKED_AT 4096
#define STEPS_TRIED 12
#define COUNTING_PAYS 0.5 /* of the square */

enum { SHORT, FULL };
enum { NEWEST = 3, USUAL = 8 /* of as many phases, one has the window */ };

/* Student's t at 95.45 %, thousandths, for 1, 2, ... degrees of freedom (GUM table G.2), then 2. */
static const int t_thousandths[] = {13968, 4527, 3307, 2869, 2649, 2517, 2429, 2366, 2320, 2284,
                                    2255,  2231, 2212, 2195, 2181, 2169, 2158, 2149, 2140, 2133};

static double t_factor(int64_t degrees) {
    int64_t rows = (int64_t)(sizeof t_thousandths / sizeof t_thousandths[0]);
    if (degrees <= rows) return t_thousandths[degrees < 1 ? 0 : degrees - 1] / 1000.0;
    return degrees < 60 ? 2.13 : 2.05;
}

static double positive(double value) { return value > 0.0 ? value : 0.0; }

static double magnitude(double value) { return value < 0.0 ? -value : value; }

static int64_t expanded(double square) {
    const double most = 1e36;
    return (int64_t)pb_root_up((unsigned __int128)(square < most ? positive(square) : most) + 1);
}

static double root(double square) {
    return (double)pb_root_up((unsigned __int128)(square < 1e20 ? positive(square) * 1e12 : 1e32)) / 1e6;
}

/* Expanded square of something rectangular of this half width. */
static double rectangular(double half_width) { return 4.0 / 3.0 * half_width * half_width; }

/* ---- levels ---- */

/* Expanded square of the mean, counts: spread of the phases' means. A single phase: the range of its samples. */
static double spread_of_phases(const struct pb_cp_plateau *level) {
    double k = (double)level->phases;
    if (level->phases < 2) {
        double range = (double)level->ripple_counts + 1.0;
        return range * range;
    }
    double mean_sum = (double)level->mean_sum;
    double variance =
        positive((double)level->mean_square_sum - mean_sum * mean_sum / k) / (k - 1.0) / (MEAN_Q * MEAN_Q);
    double t = t_factor(level->phases - 1);
    return t * t * variance / k;
}

static double mean_of(int64_t sum, int64_t samples) { return (double)sum / (double)samples; }

static double sample_ns(const struct pb_cp_analyser *a) {
    return (double)a->setup.sampling.period_num_ns / (double)a->setup.sampling.period_den;
}

static double uv_per_count(const struct pb_cp_analyser *a) { return magnitude(a->uv_per_q * MEAN_Q); }

/* How far the window's mean may still be from the settled level, uV: the excess of the samples before the window, times
 * the greatest share that an exponential of the standard's slowest pilot leaves of it. Negative: not settled. */
static double settling_uv(const struct pb_cp_analyser *a, int side, int kind) {
    const struct pb_cp_plateau *level = &a->plateau[side][kind];
    const struct pb_scan_sums *early = a->early[side];
    if (level->samples == 0) return -1.0;
    double window_ns = sample_ns(a) * (double)level->samples / (double)level->phases;
    double share = window_ns > TAU_MAX_NS ? TAU_MAX_NS / window_ns : 1.0;
    int64_t sum = early[0].sum + (kind == FULL ? early[1].sum : 0);
    int64_t samples = early[0].samples + (kind == FULL ? early[1].samples : 0);
    if (samples == 0) return kind == FULL ? SETTLED_UV * share : -1.0;
    double excess_uv = uv_per_count(a) * magnitude(mean_of(sum, samples) - mean_of(level->sum, level->samples));
    if (kind == FULL) return excess_uv > EARLY_MAX_UV ? -1.0 : excess_uv * FULL_SHARE * share;
    return excess_uv * SHORT_SHARE > SETTLED_UV ? -1.0 : excess_uv * SHORT_SHARE;
}

/* e^-x for x >= 0. */
static double decay(double x) {
    if (x > 60.0) return 0.0;
    double small = x / 1024.0, value = 1.0 - small * (1.0 - small / 2.0 * (1.0 - small / 3.0));
    for (int i = 0; i < 10; i++) value *= value;
    return value;
}

/* Means of an exponential over the samples before a window and over the window's own, as shares of what it is at the
 * crossing. */
struct shares {
    double early, window;
};
static double mean_decay(double per_sample, double first, double count) {
    double each = decay(per_sample);
    return each > 0.0 ? decay(per_sample * first) * (1.0 - decay(per_sample * count)) / (1.0 - each) / count : 0.0;
}

struct windows { /* samples after the crossing */
    double early_first, first, count;
};
static struct shares shares_of(const struct windows *w, double per_sample) {
    return (struct shares){mean_decay(per_sample, w->early_first, w->first - w->early_first),
                           mean_decay(per_sample, w->first, w->count)};
}

/* What is left in the window when the early samples exceed it by `excess` and an exponential began with `start`: its time
 * constant by bisection, from a tenth of the slowest to the slowest. Negative: slower than that. */
static double left_of(const struct windows *w, double excess, double start, double slowest_per_sample) {
    double least = slowest_per_sample, most = 10.0 * slowest_per_sample;
    struct shares slowest = shares_of(w, least);
    if (excess > start * (slowest.early - slowest.window)) return -1.0;
    for (int i = 0; i < 40; i++) {
        double middle = 0.5 * (least + most);
        struct shares shares = shares_of(w, middle);
        if (start * (shares.early - shares.window) > excess) least = middle;
        else most = middle;
    }
    struct shares shares = shares_of(w, most);
    double step = shares.early - shares.window;
    return step > 0.0 ? excess * shares.window / step : 0.0;
}

/* What settling still does to a window's mean: the level is the mean less `left`, +- `half`, uV. */
struct settling {
    double left, half;
    bool is_settled;
};
static struct settling settling_of(const struct pb_cp_analyser *a, int side, int kind) {
    const struct pb_cp_plateau *level = &a->plateau[side][kind];
    const struct pb_scan_sums *early = a->early[side];
    if (level->samples == 0) return (struct settling){0.0, 0.0, false};
    double ns = sample_ns(a), count = (double)level->samples / (double)level->phases, window_ns = ns * count;
    double share = window_ns > TAU_MAX_NS ? TAU_MAX_NS / window_ns : 1.0;
    int64_t sum = early[0].sum + (kind == FULL ? early[1].sum : 0);
    int64_t samples = early[0].samples + (kind == FULL ? early[1].samples : 0);
    if (samples == 0) return (struct settling){0.0, SETTLED_UV * share, kind == FULL};
    const int64_t *first = a->part_first[side];
    struct windows windows = {(double)first[0], (double)first[kind == FULL ? 2 : 1], count};
    double uv = a->uv_per_q * MEAN_Q, mean = mean_of(level->sum, level->samples);
    double excess = uv * (mean_of(sum, samples) - mean), volts = magnitude(a->uv_offset + uv * mean);
    double per_sample = ns / TAU_MAX_NS;
    double most = left_of(&windows, magnitude(excess), START_LEAST * volts * decay(per_sample), per_sample);
    double least = left_of(&windows, magnitude(excess), START_MOST * volts, per_sample);
    if (least < 0.0) return (struct settling){0.0, EARLY_MAX_UV, false};
    struct shares slowest = shares_of(&windows, per_sample);
    if (most < 0.0) most = magnitude(excess) * slowest.window / (slowest.early - slowest.window);
    double left = 0.5 * (most + least);
    bool is_usual = USUAL * level->phases >= a->edge[side].edges;
    return (struct settling){excess < 0.0 ? -left : left, 0.5 * (most - least), most <= LEFT_MAX_UV && is_usual};
}

static struct settling settling_as(const struct pb_cp_analyser *a, int version, int side, int kind) {
    if (version != 2) return settling_of(a, side, kind);
    double bound = settling_uv(a, side, kind);
    return (struct settling){0.0, bound, bound >= 0.0};
}

/* Phases about as long as it takes for the full window have it or not by chance: the kind that more of them have, and
 * that is settled. */
static int kind_of_window(const struct pb_cp_analyser *a, int version, int side) {
    const struct pb_cp_plateau *of = a->plateau[side];
    if (of[FULL].phases >= of[SHORT].phases) return FULL;
    return of[FULL].phases > 0 && !settling_as(a, version, side, SHORT).is_settled ? FULL : SHORT;
}

static void level_finish(const struct pb_cp_analyser *a, const struct pb_cp_plateau *level, struct settling settling,
                         int64_t *ret_uv, int64_t *ret_u_uv) {
    const struct pb_sampling *s = &a->setup.sampling;
    double uv = uv_per_count(a);
    if (level->samples == 0) {
        *ret_uv = 0;
        *ret_u_uv = expanded(uv * uv * 65536.0 * 65536.0);
        return;
    }
    __int128 divisor = (__int128)level->samples * s->uv_den;
    *ret_uv = pb_clock_clipped(s->uv_offset +
                               pb_clock_floor_div(2 * (__int128)level->sum * s->uv_num + divisor, 2 * divisor));
    *ret_uv -= (int64_t)(settling.left + (settling.left < 0.0 ? -0.5 : 0.5));
    double u_level = (double)s->u_level_uv;
    *ret_u_uv = expanded(u_level * u_level + uv * uv * (rectangular(0.5) + spread_of_phases(level)) +
                         rectangular(positive(settling.half)));
}

static void levels_finish(const struct pb_cp_analyser *a, int version, struct pb_cp_measurement *ret) {
    struct {
        int64_t uv, u_uv, ripple_uv;
        bool is_settled;
    } of[2];
    for (int side = PB_CP_LOW; side <= PB_CP_HIGH; side++) {
        int kind = kind_of_window(a, version, side);
        const struct pb_cp_plateau *level = &a->plateau[side][kind];
        struct settling settling = settling_as(a, version, side, kind);
        of[side].is_settled = settling.is_settled;
        of[side].ripple_uv = (int64_t)(uv_per_count(a) * (double)level->ripple_counts + 0.5);
        level_finish(a, level, settling, &of[side].uv, &of[side].u_uv);
    }
    ret->high_uv = of[PB_CP_HIGH].uv;
    ret->u_high_uv = of[PB_CP_HIGH].u_uv;
    ret->is_high_settled = of[PB_CP_HIGH].is_settled;
    ret->ripple_high_uv = of[PB_CP_HIGH].ripple_uv;
    ret->low_uv = of[PB_CP_LOW].uv;
    ret->u_low_uv = of[PB_CP_LOW].u_uv;
    ret->is_low_settled = of[PB_CP_LOW].is_settled;
    ret->ripple_low_uv = of[PB_CP_LOW].ripple_uv;
}

/* Without an edge all samples make the level, those not looked at yet included unless one of them is elsewhere. */
static void steady_finish(const struct pb_cp_analyser *a, struct pb_cp_measurement *ret) {
    struct pb_cp_plateau level = a->steady;
    struct pb_scan_sums open = a->steady_open;
    int64_t ahead = a->fed - a->taken;
    const int16_t *rest = a->carry + a->carried - ahead;
    bool is_one_level =
        pb_scan_within(rest, ahead, a->within_min[a->side], a->within_max[a->side]) == ahead || a->taken == 0;
    if (is_one_level) pb_scan_add(&open, rest, ahead);
    /* The last part counts only when it is the only one: a short one would blur the spread. */
    if (level.phases == 0 && open.samples > 0) {
        int64_t mean = open.sum * (int64_t)MEAN_Q / open.samples;
        level = (struct pb_cp_plateau){.sum = open.sum,
                                       .samples = open.samples,
                                       .phases = 1,
                                       .first_mean = mean,
                                       .ripple_counts = (int32_t)open.max - open.min};
    }
    level_finish(a, &level, (struct settling){0}, &ret->high_uv, &ret->u_high_uv);
    ret->is_high_settled = level.samples > 0;
    ret->ripple_high_uv = (int64_t)(uv_per_count(a) * (double)level.ripple_counts + 0.5);
    ret->low_uv = 0;
    ret->u_low_uv = 0;
}

/* ---- periods ---- */

/* Greatest error of the mean place of n edges that advance by `step` of a sample each, when every place is taken as the
 * middle of its interval, over all places of the first: half a sample when they all fall on one place, 1/(2n) when
 * they are spread evenly. In samples, from the places in bins. */
static double uneven(uint32_t step, int64_t n) {
    int32_t bin[PHASE_BINS] = {0};
    uint32_t place = 0;
    for (int64_t i = 0; i < n; i++, place += step) bin[place >> 24]++;
    /* Mean of frac(x + place) - 1/2 as x moves by one bin: rises by 1/PHASE_BINS, falls by each place passed / n. */
    double value = 0.0, least = 0.0, most = 0.0, sum = 0.0;
    for (int i = PHASE_BINS - 1; i >= 0; i--) {
        value += 1.0 / PHASE_BINS;
        most = value > most ? value : most;
        value -= (double)bin[i] / (double)n;
        least = value < least ? value : least;
        sum += value + 0.5 * (double)bin[i] / (double)n;
    }
    double centre = sum / PHASE_BINS; /* the mean over x is right */
    double above = most - centre, below = centre - least;
    return (above > below ? above : below) + 0.5 / PHASE_BINS;
}

/* What is known of a period's length, samples. */
struct bounds {
    double least, most;
};

/* From the places of the first and the last rise; and from the samples that they lie between, likewise the falls, which
 * is sharper where edges are steep: m periods and k samples apart, the length is more than (k - 1) / m, less than (k + 1)
 * / m. */
static struct bounds period_bounds(const struct pb_cp_analyser *a, double period, double limit) {
    struct bounds bounds = {period - 2.0 * limit / (double)a->periods, period + 2.0 * limit / (double)a->periods};
    struct bounds sharper = bounds;
    for (int side = PB_CP_LOW; side <= PB_CP_HIGH; side++) {
        double m = (double)(a->periods - (side == PB_CP_LOW)), k = (double)(a->last_index[side] - a->first_index[side]);
        if ((k - 1.0) / m > sharper.least) sharper.least = (k - 1.0) / m;
        if ((k + 1.0) / m < sharper.most) sharper.most = (k + 1.0) / m;
    }
    return sharper.least < sharper.most ? sharper : bounds;
}

/* The same for any step within bounds. */
static double uneven_within(struct bounds period, int64_t n) {
    double worst = 0.0;
    if (n > PERIODS_LOOKED_AT) n = PERIODS_LOOKED_AT;
    for (int i = 0; i <= STEPS_TRIED; i++) {
        double step = period.least + (period.most - period.least) * i / STEPS_TRIED;
        step -= (double)(int64_t)step;
        double found = uneven((uint32_t)(int64_t)(step * 4294967296.0), n);
        worst = found > worst ? found : worst;
    }
    return worst;
}

/* Mean square of the half widths of the crossings' places, samples. */
static double limit_square(const struct pb_cp_analyser *a, int side) {
    const struct pb_cp_edge_sums *edge = &a->edge[side];
    return edge->edges > 0 ? (double)edge->limit_square / (double)edge->edges / (ONE_SAMPLE * ONE_SAMPLE) : 1.0;
}

/* Centred sum of products. */
static double centred(__int128 product, __int128 first, __int128 second, int64_t n) {
    return (double)product - (double)first * (double)second / (double)n;
}

/* Squares of spreads, samples: of one period's length, and of one width less duty times length. */
struct spreads {
    double period, width;
};
static struct spreads spreads_of(const struct pb_cp_analyser *a, double duty) {
    int64_t n = a->periods;
    if (n < 2) return (struct spreads){1.0, 1.0}; /* nothing is known: a sample */
    double period = centred(a->period_square, a->period_dev, a->period_dev, n);
    double width = centred(a->width_square, a->width_dev, a->width_dev, n);
    double both = centred(a->product, a->width_dev, a->period_dev, n);
    double scale = ONE_SAMPLE * ONE_SAMPLE * (double)(n - 1);
    return (struct spreads){positive(period) / scale,
                            positive(width - 2.0 * duty * both + duty * duty * period) / scale};
}

/* The flattest edge, counts a sample. */
static double slope_of(const struct pb_cp_analyser *a, int side) {
    int64_t slope = a->edge[side].slope_min;
    return slope > 0 ? (double)slope : 1.0;
}

/* Greatest difference of two samples that are at the same level: peak to peak within a window, and between windows. */
static double noise_counts(const struct pb_cp_analyser *a) {
    double most = -1.0;
    for (int side = PB_CP_LOW; side <= PB_CP_HIGH; side++) {
        int kind = kind_of_window(a, NEWEST, side);
        const struct pb_cp_plateau *level = &a->plateau[side][kind];
        if (level->phases < 2 || !settling_of(a, side, kind).is_settled) continue;
        double noise = (double)level->ripple_counts + 2.0 * root(spread_of_phases(level) * (double)level->phases) + 1.0;
        if (noise > most) most = noise;
    }
    return most;
}

static bool width_of_places(const struct pb_cp_analyser *a, double period, struct pb_places_width *ret_width) {
    double noise = noise_counts(a), reach = 2.0 * root(limit_square(a, PB_CP_HIGH)) / (double)a->periods;
    if (noise < 0.0) return false;
    double u_time = 1.5 * (double)a->setup.sampling.u_time_ns / sample_ns(a);
    struct pb_places_known known = {
        .period_least = period - reach,
        .period_most = period + reach,
        .noise_counts = noise,
        .jitter = {u_time + noise / slope_of(a, PB_CP_LOW), u_time + noise / slope_of(a, PB_CP_HIGH)},
        .is_inverted = a->is_inverted};
    return pb_places_width(&a->places, &known, ret_width);
}

/* Three estimates of the width: between interpolated crossings, whose errors repeat when the sampling is locked to the
 * pilot; by counting samples, whose errors average out when it is not; and from where all periods together put the edges.
 * The surest is taken. */
static void duty_finish(const struct pb_cp_analyser *a, int version, double period, struct pb_cp_measurement *ret) {
    const struct pb_sampling *s = &a->setup.sampling;
    int64_t n = a->periods, total = a->last_rise - a->first_rise;
    double duty = (double)a->width_sum / (double)total, ns = sample_ns(a);
    struct spreads spread = spreads_of(a, duty);
    double t = n >= 2 ? t_factor(n - 1) : 2.0, repeated = t * t * spread.width / (double)n;
    double low = limit_square(a, PB_CP_LOW), high = limit_square(a, PB_CP_HIGH);
    double interpolated = 4.0 / 3.0 * (low + high), counted = 16.0;
    bool is_regular = n >= 8 && a->odd == 0 && a->glitches == 0 && a->losses == 0 && spread.period < 1.0;
    if (is_regular) counted = 2.0 * rectangular(uneven_within(period_bounds(a, period, root(high)), n));
    bool is_swept = counted < COUNTING_PAYS * interpolated;
    double share = is_swept ? counted : interpolated;
    if (is_swept) duty = (double)a->count_sum * ONE_SAMPLE / (double)total;
    struct pb_places_width width;
    if (is_regular && version != 2 && width_of_places(a, period, &width)) {
        double placed = 4.0 / 3.0 * width.square;
        if (placed < share) {
            share = placed;
            duty = width.middle / period;
            is_swept = true;
        }
    }
    ret->is_coherent = !is_swept;
    double level_counts = (double)s->u_level_uv / uv_per_count(a);
    double threshold = level_counts * (1.0 / slope_of(a, PB_CP_LOW) + 1.0 / slope_of(a, PB_CP_HIGH));
    double u_time = (double)s->u_time_ns / ns;
    double square = repeated + share + threshold * threshold + 2.0 * u_time * u_time;
    ret->duty_ppm = (int64_t)(1e6 * duty + 0.5);
    if (ret->duty_ppm > 1000000) ret->duty_ppm = 1000000;
    ret->u_duty_ppm = expanded(1e12 * square / (period * period));
}

static void frequency_finish(const struct pb_cp_analyser *a, double period, struct pb_cp_measurement *ret) {
    const struct pb_sampling *s = &a->setup.sampling;
    double ns = sample_ns(a), n = (double)a->periods, uhz = 1e15 / (period * ns);
    ret->frequency_uhz = (int64_t)((uhz < 1e18 ? uhz : 1e18) + 0.5);
    /* Errors of places between first and last rise cancel; what periods differ by beyond them is the pilot's own. */
    double limit = limit_square(a, PB_CP_HIGH), own = positive(spreads_of(a, 0.0).period - 2.0 / 3.0 * limit);
    double t = a->periods >= 2 ? t_factor(a->periods - 1) : 2.0, u_time = (double)s->u_time_ns / ns;
    double places = (8.0 / 3.0 * limit + 2.0 * u_time * u_time) / (n * n);
    double rate = 1e-9 * (double)s->u_rate_ppb;
    double relative = (t * t * own / n + places) / (period * period) + rate * rate;
    ret->u_frequency_uhz = expanded(uhz * uhz * relative);
}

/* ---- edge times ---- */

/* Expanded square of a mean of n, from its sums; a single one: a sample's. */
static double spread_of_edges(double sum, double square_sum, double n) {
    double mean = sum / n, one = ONE_SAMPLE * ONE_SAMPLE;
    double variance = n > 1.0 ? positive(square_sum / n - mean * mean) / (n - 1.0) : one;
    double t = t_factor((int64_t)n - 1);
    return t * t * variance / one;
}

/* An edge's time before the front end is taken out, ns, and its expanded square but for dates and levels. */
struct edge_seen {
    double time, square;
};
/* Version 2: by lines between the samples, each place known to a quarter of a sample; too little for an edge of less than
 * about two samples. */
static struct edge_seen edge_by_lines(const struct pb_cp_edge_sums *edge, double ns) {
    double n = (double)edge->timed, sum = (double)edge->time_sum;
    double spread = spread_of_edges(sum, (double)edge->time_square, n) * ns * ns;
    return (struct edge_seen){sum / n / ONE_SAMPLE * ns, spread + 2.0 * rectangular(0.25 * ns)};
}

/* The middle of what the samples leave, whatever the shape between them; each edge may err by half of that. */
static struct edge_seen edge_by_spans(const struct pb_cp_edge_sums *edge, double ns) {
    double n = (double)edge->timed, sum = 0.5 * (double)edge->twice_sum;
    double spread = spread_of_edges(sum, 0.25 * (double)edge->twice_square, n) * ns * ns;
    double half = 0.5 * (double)edge->range_sum / n / ONE_SAMPLE * ns;
    return (struct edge_seen){sum / n / ONE_SAMPLE * ns, spread + rectangular(half)};
}

static double without_ns(double measured_ns, double own_ns) {
    return measured_ns > own_ns ? root(measured_ns * measured_ns - own_ns * own_ns) : 0.0;
}

/* What u does to a time once the front end is taken out: more than u where that took most of the time. */
static double spread_without_ns(double measured_ns, double own_ns, double u) {
    double true_ns = without_ns(measured_ns, own_ns), more = without_ns(measured_ns + u, own_ns) - true_ns;
    double less = true_ns - without_ns(measured_ns - u, own_ns);
    return more > less ? more : less;
}

static bool edge_finish(const struct pb_cp_analyser *a, int version, int side, int64_t *ret_ns, int64_t *ret_u_ns) {
    const struct pb_cp_edge_sums *edge = &a->edge[side];
    if (edge->timed == 0) return false;
    double ns = sample_ns(a), own = (double)a->setup.sampling.front_rise_ns;
    struct edge_seen seen = version == 2 ? edge_by_lines(edge, ns) : edge_by_spans(edge, ns);
    double true_ns = without_ns(seen.time, own), taken_out = seen.time - true_ns;
    double u_time = (double)a->setup.sampling.u_time_ns;
    double u_level = 2.5 * (double)a->setup.sampling.u_level_uv / uv_per_count(a) * ns / slope_of(a, side);
    *ret_ns = (int64_t)(true_ns + 0.5);
    if (version == 2) {
        *ret_u_ns = expanded(seen.square + 2.0 * u_time * u_time + rectangular(taken_out) + u_level * u_level);
        return true;
    }
    double u = spread_without_ns(seen.time, own, root(seen.square + 2.0 * u_time * u_time + u_level * u_level));
    *ret_u_ns = expanded(u * u + rectangular(taken_out));
    return true;
}

void pb_cp_analyser_measure_as(const struct pb_cp_analyser *analyser, int version,
                               struct pb_cp_measurement *ret_measurement) {
    const struct pb_cp_analyser *a = analyser;
    struct pb_cp_measurement *ret = ret_measurement;
    bool is_lost = a->edges > 1 && a->fed - a->phase_first > a->silence;
    *ret = (struct pb_cp_measurement){.periods = a->periods,
                                      .samples = a->fed,
                                      .is_saturated = a->is_saturated,
                                      .odd_periods = a->odd,
                                      .missing_pulses = a->missing,
                                      .glitches = a->glitches,
                                      .losses = a->losses + is_lost};
    if (a->edges == 0) {
        steady_finish(a, ret);
        return;
    }
    levels_finish(a, version, ret);
    ret->is_rise_measured = edge_finish(a, version, PB_CP_HIGH, &ret->rise_ns, &ret->u_rise_ns);
    ret->is_fall_measured = edge_finish(a, version, PB_CP_LOW, &ret->fall_ns, &ret->u_fall_ns);
    if (a->periods == 0) return;
    double period = (double)(a->last_rise - a->first_rise) / (double)a->periods / ONE_SAMPLE;
    duty_finish(a, version, period, ret);
    frequency_finish(a, period, ret);
}

void pb_cp_analyser_measure(const struct pb_cp_analyser *analyser, struct pb_cp_measurement *ret_measurement) {
    pb_cp_analyser_measure_as(analyser, NEWEST, ret_measurement);
}
