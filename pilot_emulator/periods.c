/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The streaming part: finds edges, sums settled windows, ends periods. Long stretches are seen by the two passes of scan.c
 * alone; everything else happens at edges. What is done at an index depends on the samples up to `ahead` after it and
 * `back` before it, never on where a block ended: the last of them are carried over to the next block. */
#include "pilot_emulator/periods.h"

#include "pilot_emulator/root.h"
#include "pilot_emulator/sampling.h"

#include <string.h>

#define TIME_Q 20
#define ONE_SAMPLE ((int64_t)1 << TIME_Q)
#define MEAN_Q 4096
#define HYSTERESIS_UV 250000
#define GUARD_NS 8000 /* an edge begins so long before its crossing, with all capacitances at their greatest */
#define CHUNK_NS 1000000
#define SILENCE_NS 1750000
#define EDGE_REACH_NS 20000
#define NOMINAL_NS 1000000
#define SHORTEST_NS 833000
#define LONGEST_NS 1250000
#define MAX_DEVIATION ((int64_t)1 << 40)

/* Where a phase's parts begin, after its crossing: control_pilot.md 1.3 has 10 us as a floor, and 60 mV with the greatest
 * capacitance after 35 us (low) and 26 us (high). */
static const int64_t part_first_ns[2][3] = {[PB_CP_LOW] = {10000, 18000, 35000}, [PB_CP_HIGH] = {10000, 18000, 26000}};
enum { SHORT, FULL };
enum { SIDE_UNKNOWN = 2, FEW = 16 };

bool pb_cp_edge_is_measurable(const struct pb_cp_analyser_setup *setup, int side) {
    struct pb_sampling s = pb_sampling_sane(&setup->sampling);
    int64_t limit_ns = pb_clamped(setup->edge_limit_ns[side], 0, PB_SAMPLING_MAX);
    bool is_fine = 3 * (__int128)s.period_num_ns <= (__int128)limit_ns * s.period_den;
    return is_fine && s.front_rise_ns > 0 && s.front_rise_ns <= limit_ns / 3;
}

static int16_t count_clamped(int64_t count) { return (int16_t)pb_clamped(count, INT16_MIN, INT16_MAX); }

struct range {
    int64_t min, max;
};

/* Counts at or above a level, given its limit for a rising slope; with a negative slope (an inverting divider) high
 * volts are low counts. */
static struct range at_or_above(int64_t limit, bool is_inverted) {
    return is_inverted ? (struct range){INT16_MIN, -limit} : (struct range){limit, INT16_MAX};
}

static struct range below(int64_t limit, bool is_inverted) {
    return is_inverted ? (struct range){1 - limit, INT16_MAX} : (struct range){INT16_MIN, limit - 1};
}

static void limits_init(struct pb_cp_analyser *a) {
    const struct pb_sampling *s = &a->setup.sampling;
    bool is_inverted = a->is_inverted = s->uv_num < 0;
    int64_t zero = pb_sampling_limit(s, 0), high = pb_sampling_limit(s, HYSTERESIS_UV),
            low = pb_sampling_limit(s, -HYSTERESIS_UV);
    const struct range past[2] = {below(zero, is_inverted), at_or_above(zero, is_inverted)};
    struct range within[3] = {below(high, is_inverted), at_or_above(low, is_inverted)};
    within[SIDE_UNKNOWN] =
        (struct range){within[within[0].min < within[1].min].min, within[within[0].max > within[1].max].max};
    for (int side = 0; side < 3; side++) {
        a->within_min[side] = count_clamped(within[side].min <= INT16_MIN ? INT16_MIN + 1 : within[side].min);
        a->within_max[side] = count_clamped(within[side].max >= INT16_MAX ? INT16_MAX - 1 : within[side].max);
        if (side == SIDE_UNKNOWN) break;
        a->past_min[side] = count_clamped(past[side].min);
        a->past_max[side] = count_clamped(past[side].max);
    }
    __int128 zero_q8 = -(__int128)s->uv_offset * s->uv_den * 256 / s->uv_num;
    a->zero_q8 = pb_clamped(pb_clock_clipped(zero_q8), -(INT64_C(1) << 25), INT64_C(1) << 25);
}

static int64_t q_of_ns(const struct pb_sampling *s, int64_t ns) {
    return pb_clamped(pb_clock_clipped((__int128)ns * ONE_SAMPLE * s->period_den / s->period_num_ns), 1,
                      INT64_C(1) << 61);
}

static void times_init(struct pb_cp_analyser *a) {
    const struct pb_sampling *s = &a->setup.sampling;
    for (int side = PB_CP_LOW; side <= PB_CP_HIGH; side++) {
        for (int part = 0; part < 3; part++)
            a->part_first[side][part] = pb_sampling_count(s, part_first_ns[side][part], 1);
        a->is_timed[side] = pb_cp_edge_is_measurable(&a->setup, side);
    }
    a->guard = pb_clamped(pb_sampling_count(s, GUARD_NS, 1), 1, PB_CP_REACH_MAX);
    a->chunk = pb_sampling_count(s, CHUNK_NS, 1);
    a->silence = pb_sampling_count(s, SILENCE_NS, 1);
    int64_t reach = pb_clamped(pb_sampling_count(s, EDGE_REACH_NS, 1), 1, PB_CP_REACH_MAX);
    bool is_timed = a->is_timed[PB_CP_LOW] || a->is_timed[PB_CP_HIGH];
    a->ahead = is_timed && reach > 3 ? reach : 3;
    a->back = (is_timed && reach > a->guard ? reach : a->guard) + 8;
    a->is_smooth = (__int128)s->front_rise_ns * s->period_den >= 2 * (__int128)s->period_num_ns;
    a->period_min = q_of_ns(s, SHORTEST_NS);
    a->period_max = q_of_ns(s, LONGEST_NS);
    a->period_nominal = q_of_ns(s, NOMINAL_NS);
    a->ps_per_q = 1000.0 * (double)s->period_num_ns / (double)s->period_den / (double)ONE_SAMPLE;
    a->uv_per_q = (double)s->uv_num / (double)s->uv_den / MEAN_Q;
    a->uv_offset = (double)s->uv_offset;
}

static const struct pb_cp_window no_window = {
    {{.min = INT16_MAX, .max = INT16_MIN}, {.min = INT16_MAX, .max = INT16_MIN}, {.min = INT16_MAX, .max = INT16_MIN}}};

void pb_cp_analyser_init(struct pb_cp_analyser *analyser, const struct pb_cp_analyser_setup *setup) {
    struct pb_cp_analyser *a = analyser;
    memset(a, 0, offsetof(struct pb_cp_analyser, carry));
    a->setup = *setup;
    a->setup.sampling = pb_sampling_sane(&setup->sampling);
    a->side = SIDE_UNKNOWN;
    a->phase = no_window;
    a->steady_open = PB_SCAN_NOTHING;
    a->edge[PB_CP_LOW].slope_min = a->edge[PB_CP_HIGH].slope_min = INT64_MAX;
    a->places.stride = 1;
    a->places.count[PB_CP_LOW] = a->places.count[PB_CP_HIGH] = 0;
    limits_init(a);
    times_init(a);
}

static int64_t rounded(double value) {
    const double most = 4e18;
    value = value > most ? most : value < -most ? -most : value;
    return (int64_t)(value < 0 ? value - 0.5 : value + 0.5);
}

/* ---- levels ---- */

/* Returns the phase's mean, 1/4096 count. */
static int64_t plateau_add(struct pb_cp_plateau *plateau, const struct pb_scan_sums *phase) {
    if (phase->samples < 1) return 0;
    int64_t mean = phase->sum * MEAN_Q / phase->samples;
    if (plateau->phases == 0) plateau->first_mean = mean;
    int64_t deviation = mean - plateau->first_mean;
    int32_t ripple = (int32_t)phase->max - phase->min;
    plateau->phases++;
    plateau->sum += phase->sum;
    plateau->samples += phase->samples;
    plateau->mean_sum += deviation;
    plateau->mean_square_sum += (unsigned __int128)((__int128)deviation * deviation);
    if (ripple > plateau->ripple_counts) plateau->ripple_counts = ripple;
    return mean;
}

/* Before the first edge: chunk by chunk. */
static void steady_take(struct pb_cp_analyser *a, const int16_t *counts, int64_t count) {
    while (count > 0) {
        int64_t part = pb_clamped(a->chunk - a->steady_open.samples, 1, count);
        pb_scan_add(&a->steady_open, counts, part);
        if (a->steady_open.samples >= a->chunk) {
            plateau_add(&a->steady, &a->steady_open);
            a->steady_open = PB_SCAN_NOTHING;
        }
        counts += part;
        count -= part;
    }
}

/* The early parts are a few samples each: not worth the way to the vector code. */
static void window_add(struct pb_scan_sums *sums, const int16_t *counts, int64_t count) {
    if (count >= FEW) {
        pb_scan_add(sums, counts, count);
        return;
    }
    int32_t sum = 0;
    int16_t min = sums->min, max = sums->max;
    for (int64_t i = 0; i < count; i++) {
        sum += counts[i];
        min = counts[i] < min ? counts[i] : min;
        max = counts[i] > max ? counts[i] : max;
    }
    sums->sum += sum;
    sums->samples += count;
    sums->min = min;
    sums->max = max;
}

/* Sums up to an index; `at` is the sample taken next. */
static void take_to(struct pb_cp_analyser *a, const int16_t *at, int64_t to) {
    if (to <= a->taken) return;
    if (a->edges == 0) {
        steady_take(a, at, to - a->taken);
        a->taken = to;
        return;
    }
    const int64_t *firsts = a->part_first[a->side];
    for (int part = 0; part < 3; part++) {
        int64_t first = a->phase_first + firsts[part], end = part < 2 ? a->phase_first + firsts[part + 1] : to;
        if (end > to) end = to;
        if (first < a->taken) first = a->taken;
        if (first < end) window_add(&a->phase.part[part], at + (first - a->taken), end - first);
    }
    a->taken = to;
}

static void level_end(struct pb_cp_analyser *a, int side) {
    struct pb_cp_window *w = &a->phase;
    int kind = w->part[2].samples > 0 ? FULL : SHORT;
    const struct pb_scan_sums *window = &w->part[kind == FULL ? 2 : 1];
    a->period.is_settled[side] = window->samples > 0;
    if (window->samples == 0) return;
    int64_t mean = plateau_add(&a->plateau[side][kind], window);
    for (int part = 0; part < 2; part++) {
        a->early[side][part].sum += w->part[part].sum;
        a->early[side][part].samples += w->part[part].samples;
    }
    a->level_q[side] = mean;
    a->has_level[side] = true;
    a->period.level_uv[side] = rounded(a->uv_offset + (double)mean * a->uv_per_q);
    double ripple = (double)((int32_t)window->max - window->min) * MEAN_Q * a->uv_per_q;
    a->period.ripple_uv[side] = rounded(ripple < 0 ? -ripple : ripple);
}

/* ---- edges ---- */

static bool is_past(const struct pb_cp_analyser *a, int side, int16_t count) {
    return count >= a->past_min[side] && count <= a->past_max[side];
}

static int64_t distance(int16_t a, int16_t b) { return a > b ? a - b : b - a; }

/* Half widths of a crossing's place where the line bends sharply, by how much of the edge is still to come after the
 * sample behind the crossing; both in 1/1000. Fitted to pilots of the standard: docs/uncertainty.md. */
static const struct { int to_come, limit; } sharp_limits[] = {{200, 140}, {50, 200}, {5, 300}};

static int64_t sharp_limit(const int16_t c[4], int64_t fraction) {
    int64_t to_come = distance(c[3], c[2]), behind = distance(c[3], c[1]);
    for (size_t i = 0; i < sizeof sharp_limits / sizeof sharp_limits[0]; i++) {
        if (1000 * to_come < sharp_limits[i].to_come * behind) continue;
        /* Early on the edge: it may have begun fast, and slowed down where the diode ceased to conduct. */
        int64_t early = i < 2 && fraction < ONE_SAMPLE / 2 ? ONE_SAMPLE / 2 - fraction : 0;
        return ONE_SAMPLE * sharp_limits[i].limit / 1000 + early;
    }
    return fraction > ONE_SAMPLE - fraction ? fraction : ONE_SAMPLE - fraction; /* anywhere between */
}

/* Half width of the crossing's place between c[1] and c[2], 1/2^20 sample: by how much the line bends there. Where the
 * front end itself spreads every edge over two samples, no edge can hide between them. */
static int64_t place_limit(const struct pb_cp_analyser *a, const int16_t c[4], int64_t fraction) {
    int64_t step = distance(c[2], c[1]) > 0 ? distance(c[2], c[1]) : 1;
    int64_t before = c[2] - 2 * (int64_t)c[1] + c[0], after = c[3] - 2 * (int64_t)c[2] + c[1];
    before = before < 0 ? -before : before;
    after = after < 0 ? -after : after;
    int64_t bend = before > after ? before : after, of_bend = ONE_SAMPLE * 27 * bend / (100 * step);
    if (a->is_smooth) return of_bend < ONE_SAMPLE * 15 / 100 ? of_bend : ONE_SAMPLE * 15 / 100;
    return 100 * bend < 85 * step ? of_bend : sharp_limit(c, fraction);
}

/* Where, after sample at[0], a line to at[1] passes a level of 1/256 count; 0 to 1 sample. */
static int64_t place_between(const int16_t *at, int64_t level_q8) {
    int64_t before = at[0] * INT64_C(256) - level_q8, after = at[1] * INT64_C(256) - level_q8;
    if (before == after) return 0;
    return pb_clamped(before * ONE_SAMPLE / (before - after), 0, ONE_SAMPLE);
}

/* The same place whatever the shape between the samples: 0 to 1 sample. A curve that bends one way around at[0] and at[1], or
 * turns between them, lies between the line through both and the lines through the pairs before and behind, prolonged. */
struct span {
    int64_t least, most;
};
static struct span span_between(const int16_t *at, int64_t level_q8) {
    int64_t line = place_between(at, level_q8), sign = at[1] > at[0] ? 1 : -1;
    int64_t to_go = sign * (level_q8 - at[0] * INT64_C(256)), gone = sign * (at[1] * INT64_C(256) - level_q8);
    int64_t before = sign * 256 * (at[0] - at[-1]), behind = sign * 256 * (at[2] - at[1]);
    int64_t late = before > to_go ? to_go * ONE_SAMPLE / before : ONE_SAMPLE;
    int64_t early = behind > gone ? ONE_SAMPLE - gone * ONE_SAMPLE / behind : 0;
    struct span span = {early < late ? early : late, early < late ? late : early};
    return (struct span){line < span.least ? line : span.least, line > span.most ? line : span.most};
}

static bool is_before_level(int64_t count_q8, int64_t level_q8, bool is_upwards) {
    return is_upwards ? count_q8 < level_q8 : count_q8 > level_q8;
}

/* 10 to 90 % time of the edge whose first sample past 0 V is at[0], between the last plateaus, 1/2^20 sample: by lines
 * between the samples, and between which it lies. `back` samples before at[0] may be looked at. 0: it does not lie within
 * reach. */
struct edge_time {
    int64_t by_lines;
    struct span span;
};
static struct edge_time edge_time(const struct pb_cp_analyser *a, const int16_t *at, int side, int64_t back) {
    int other = side == PB_CP_HIGH ? PB_CP_LOW : PB_CP_HIGH;
    int64_t from = a->level_q[other] / 16, to = a->level_q[side] / 16, tenth = (to - from) / 10;
    bool is_upwards = to > from;
    int64_t first = 0, last = 0;
    while (first > -back && !is_before_level(at[first] * INT64_C(256), from + tenth, is_upwards)) first--;
    while (last < a->ahead - 1 && is_before_level(at[last] * INT64_C(256), to - tenth, is_upwards)) last++;
    bool is_whole = is_before_level(at[first] * INT64_C(256), from + tenth, is_upwards) &&
                    !is_before_level(at[last] * INT64_C(256), to - tenth, is_upwards);
    if (!is_whole || last == first) return (struct edge_time){0};
    int64_t begin = first * ONE_SAMPLE + place_between(at + first, from + tenth);
    int64_t end = (last - 1) * ONE_SAMPLE + place_between(at + last - 1, to - tenth);
    if (end <= begin) return (struct edge_time){0};
    struct span begins = span_between(at + first, from + tenth), ends = span_between(at + last - 1, to - tenth);
    int64_t apart = (last - 1 - first) * ONE_SAMPLE, least = apart + ends.least - begins.most;
    return (struct edge_time){end - begin, {least > 0 ? least : 0, apart + ends.most - begins.least}};
}

/* The front end's own rise time taken out, in quadrature. */
static int64_t without_front_end_ps(const struct pb_cp_analyser *a, int64_t time_q) {
    double measured = (double)time_q * a->ps_per_q, own = 1000.0 * (double)a->setup.sampling.front_rise_ns;
    double square = measured * measured - own * own;
    if (!(square > 1.0)) return 1;
    return (int64_t)pb_root_up((unsigned __int128)(square < 1e36 ? square : 1e36));
}

static void edge_time_take(struct pb_cp_analyser *a, const int16_t *at, int side, int64_t back) {
    a->period.edge_ps[side] = 0;
    if (!a->is_timed[side] || !a->has_level[PB_CP_LOW] || !a->has_level[PB_CP_HIGH]) return;
    struct edge_time of = edge_time(a, at, side, back);
    int64_t time = of.by_lines, twice = of.span.least + of.span.most;
    if (time == 0) return;
    struct pb_cp_edge_sums *sums = &a->edge[side];
    sums->timed++;
    sums->time_sum += time;
    sums->time_square += (unsigned __int128)((__int128)time * time);
    sums->twice_sum += twice;
    sums->twice_square += (unsigned __int128)((__int128)twice * twice);
    sums->range_sum += of.span.most - of.span.least;
    a->period.edge_ps[side] = without_front_end_ps(a, time);
}

static void period_sum(struct pb_cp_analyser *a, int64_t width, int64_t period, int64_t index) {
    if (a->periods == 0) {
        a->first_width = width;
        a->first_period = period;
    }
    int64_t w = pb_clamped(width - a->first_width, -MAX_DEVIATION, MAX_DEVIATION);
    int64_t p = pb_clamped(period - a->first_period, -MAX_DEVIATION, MAX_DEVIATION);
    a->periods++;
    a->width_sum += width;
    a->width_dev += w;
    a->period_dev += p;
    a->width_square += (__int128)w * w;
    a->period_square += (__int128)p * p;
    a->product += (__int128)w * p;
    a->count_sum += a->fall_index - a->rise_index;
    if (a->periods == 1) {
        a->first_index[PB_CP_LOW] = a->fall_index;
        a->first_index[PB_CP_HIGH] = a->rise_index;
    }
    a->last_index[PB_CP_LOW] = a->fall_index;
    a->last_index[PB_CP_HIGH] = index;
}

/* A rise at a place, whose first sample past 0 V is index. */
static void period_end(struct pb_cp_analyser *a, int64_t at, int64_t index) {
    struct pb_cp_period *period = &a->period;
    int64_t width = period->fall - period->rise, length = at - period->rise;
    period_sum(a, width, length, index);
    if (length < a->period_min || length > a->period_max) {
        period->flags |= PB_CP_PERIOD_ODD;
        a->odd++;
    }
    if (length > a->period_nominal + a->period_nominal / 2) {
        period->flags |= PB_CP_PERIOD_MISSING;
        a->missing += (length + a->period_nominal / 2) / a->period_nominal - 1;
    }
    if (length < a->period_nominal / 2) period->flags |= PB_CP_PERIOD_GLITCH;
    if (!a->setup.report) return;
    period->end = at;
    period->width_ps = rounded((double)width * a->ps_per_q);
    period->period_ps = rounded((double)length * a->ps_per_q);
    period->duty_ppm = rounded(1e6 * (double)width / (double)length);
    a->setup.report(a->setup.user, period);
}

static void phase_begin(struct pb_cp_analyser *a, int side, int64_t index) {
    a->side = side;
    a->phase_first = index;
    a->phase = no_window;
    a->edges++;
}

/* An edge whose first sample past 0 V is at[0]. */
static void edge_take(struct pb_cp_analyser *a, const int16_t *at, int64_t index) {
    int side = a->side == PB_CP_HIGH ? PB_CP_LOW : PB_CP_HIGH;
    int64_t fraction = place_between(at - 1, a->zero_q8), place = (index - 1) * ONE_SAMPLE + fraction;
    int64_t limit = place_limit(a, at - 2, fraction), slope = distance(at[-1], at[0]);
    struct pb_cp_edge_sums *sums = &a->edge[side];
    sums->edges++;
    sums->limit_square += (uint64_t)(limit * limit);
    if (slope < sums->slope_min) sums->slope_min = slope;
    if (a->edges > 0) {
        level_end(a, a->side);
        if (index - a->phase_first > a->silence) {
            a->losses++;
            a->period.flags |= PB_CP_PERIOD_LOST;
        }
    }
    edge_time_take(a, at, side, a->back - 9 - (a->next - index));
    if (side == PB_CP_LOW) {
        a->period.fall = place;
        a->fall_index = index;
    } else {
        if (a->edges > 1) period_end(a, place, index);
        if (a->edges <= 1) a->first_rise = place;
        a->period.flags = 0;
        a->last_rise = a->period.rise = place;
        a->rise_index = index;
    }
    if (side == PB_CP_HIGH || a->edges > 0) {
        const struct pb_place of = {
            a->periods, index, (int32_t)fraction, (int32_t)limit, {at[-2], at[-1], at[0], at[1]}};
        pb_places_add(&a->places, side, &of);
    }
    phase_begin(a, side, index);
}

/* A sample that the present side does not hold: at the end of the range, a glitch, or an edge. */
static void other_take(struct pb_cp_analyser *a, const int16_t *at, int64_t index) {
    if (*at == INT16_MIN || *at == INT16_MAX) {
        a->is_saturated = true;
        /* From now on it is a sample like others. */
        for (int side = 0; side < 3; side++) {
            if (a->within_min[side] == INT16_MIN + 1) a->within_min[side] = INT16_MIN;
            if (a->within_max[side] == INT16_MAX - 1) a->within_max[side] = INT16_MAX;
        }
        if (*at >= a->within_min[a->side] && *at <= a->within_max[a->side]) return;
    }
    if (a->side == SIDE_UNKNOWN) {
        a->side = is_past(a, PB_CP_HIGH, *at) ? PB_CP_HIGH : PB_CP_LOW;
        return;
    }
    int other = a->side == PB_CP_HIGH ? PB_CP_LOW : PB_CP_HIGH;
    if (index < 2) { /* too early to be dated */
        a->side = other;
        return;
    }
    int64_t first = 0, furthest = index - a->back + 8 > 2 ? 8 - a->back : 2 - index;
    while (first > furthest && is_past(a, other, at[first - 1])) first--;
    bool is_glitch = first == 0 && !is_past(a, other, at[1]);
    if (is_glitch) {
        take_to(a, at + (a->taken - index), index);
        a->taken = index + 1; /* no part of a level */
        a->glitches++;
        a->period.flags |= PB_CP_PERIOD_GLITCH;
        return;
    }
    take_to(a, at + (a->taken - index), index - a->guard);
    edge_take(a, at + first, index + first);
    a->taken = index;
}

/* Looks at samples up to an index; `samples` holds those from `first` on, `ahead` more than that and `back` fewer than
 * what was looked at. */
static void look_to(struct pb_cp_analyser *a, const int16_t *samples, int64_t first, int64_t to) {
    while (a->next < to) {
        const int16_t *at = samples + (a->next - first);
        a->next += pb_scan_within(at, to - a->next, a->within_min[a->side], a->within_max[a->side]);
        if (a->next >= to) break;
        other_take(a, samples + (a->next - first), a->next);
        a->next++;
    }
    int64_t lag = a->edges > 0 ? a->guard : 0;
    if (to - lag > a->taken) take_to(a, samples + (a->taken - first), to - lag);
}

static void carry_from(struct pb_cp_analyser *a, const int16_t *end) {
    int64_t keep = a->next - a->back;
    a->carried = (int32_t)(a->fed - (keep > 0 ? keep : 0));
    memmove(a->carry, end - a->carried, (size_t)a->carried * sizeof *a->carry);
}

void pb_cp_analyser_feed(struct pb_cp_analyser *analyser, const int16_t *counts, size_t count) {
    struct pb_cp_analyser *a = analyser;
    const int64_t capacity = (int64_t)(sizeof a->carry / sizeof a->carry[0]);
    int64_t left = (int64_t)count, first = a->fed;
    if (left == 0) return;
    if (a->carried > 0) {
        int64_t room = capacity - a->carried, part = left < room ? left : room;
        memcpy(a->carry + a->carried, counts, (size_t)part * sizeof *counts);
        a->carried += (int32_t)part;
        a->fed += part;
        left -= part;
        look_to(a, a->carry, a->fed - a->carried, a->fed - a->ahead);
        if (left == 0) {
            if (a->carried > capacity / 2) carry_from(a, a->carry + a->carried);
            return;
        }
    }
    a->fed += left;
    look_to(a, counts, first, a->fed - a->ahead);
    carry_from(a, counts + count);
}
