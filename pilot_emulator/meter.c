/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The meter: duty, frequency and plateaus of a range of samples, with uncertainty. Samples are summed as integers;
 * only the uncertainties at the end use doubles, without libm and without contraction: equal bits everywhere. */
#include "pilot_emulator/analyser.h"

#include "pilot_emulator/root.h"
#include "pilot_emulator/sampling.h"

enum { LOW, HIGH };
enum { FLOOR, FULL };

#define HYSTERESIS_UV 250000
#define GUARD_NS 8000 /* an edge begins so long before its crossing, with all capacitances at their greatest */
#define CHUNK_NS 1000000
#define MEAN_Q 4096
#define TIME_Q 20
#define MAX_DEVIATION ((int64_t)1 << 40)

/* control_pilot.md 1.3: never the first 10 us; 60 mV with the greatest capacitance after 35 us (low) and 26 us
 * (high). */
static const int64_t skip_ns[2][2] = {
    [LOW] = {[FLOOR] = 10000, [FULL] = 35000}, [HIGH] = {[FLOOR] = 10000, [FULL] = 26000}};

/* Student's t at 95.45 %, thousandths, for 1, 2, ... degrees of freedom (GUM table G.2), then 2. */
static const int t_thousandths[] = {13968, 4527, 3307, 2869, 2649, 2517, 2429, 2366, 2320, 2284,
                                    2255,  2231, 2212, 2195, 2181, 2169, 2158, 2149, 2140, 2133};

static double t_factor(int64_t degrees) {
    int64_t rows = (int64_t)(sizeof t_thousandths / sizeof t_thousandths[0]);
    if (degrees <= rows) return t_thousandths[degrees - 1] / 1000.0;
    return degrees < 60 ? 2.13 : 2.05;
}

static void side_limits_init(struct pb_cp_meter *meter) {
    const struct pb_sampling *s = &meter->sampling;
    int32_t zero = pb_sampling_limit(s, 0), high = pb_sampling_limit(s, HYSTERESIS_UV),
            low = pb_sampling_limit(s, -HYSTERESIS_UV);
    const int32_t least = INT16_MIN, most = INT16_MAX + 1; /* a mirrored -32768 has its place */
    meter->on_side[LOW].min = meter->beyond[LOW].min = least;
    meter->on_side[LOW].max = zero - 1;
    meter->beyond[LOW].max = low - 1;
    meter->on_side[HIGH].min = zero;
    meter->beyond[HIGH].min = high;
    meter->on_side[HIGH].max = meter->beyond[HIGH].max = most;
    if (s->uv_num > 0) return;
    for (int side = LOW; side <= HIGH; side++) {
        int32_t min = meter->on_side[side].min, beyond_min = meter->beyond[side].min;
        meter->on_side[side].min = -meter->on_side[side].max;
        meter->on_side[side].max = -min;
        meter->beyond[side].min = -meter->beyond[side].max;
        meter->beyond[side].max = -beyond_min;
    }
}

void pb_cp_meter_init(struct pb_cp_meter *meter, const struct pb_sampling *sampling) {
    *meter = (struct pb_cp_meter){.sampling = pb_sampling_sane(sampling), .side = -1, .crossing_index = -1};
    const struct pb_sampling *s = &meter->sampling;
    side_limits_init(meter);
    for (int side = LOW; side <= HIGH; side++) {
        for (int kind = FLOOR; kind <= FULL; kind++)
            meter->skip[side][kind] = pb_sampling_count(s, skip_ns[side][kind], 1);
        meter->slope_min[side] = INT64_MAX;
    }
    meter->guard = pb_sampling_count(s, GUARD_NS, 1);
    meter->chunk = pb_sampling_count(s, CHUNK_NS, 1);
}

static void sums_add(struct pb_cp_sums *to, const struct pb_cp_sums *from) {
    to->sum += from->sum;
    to->samples += from->samples;
    to->square_sum += from->square_sum;
}

static void sums_take(struct pb_cp_sums *sums, const int16_t *counts, int64_t count) {
    int64_t sum = 0;
    uint64_t square_sum = 0;
    for (int64_t i = 0; i < count; i++) {
        sum += counts[i];
        square_sum += (uint64_t)((int32_t)counts[i] * counts[i]);
    }
    sums_add(sums, &(struct pb_cp_sums){sum, count, square_sum});
}

static void level_add(struct pb_cp_level_sums *level, const struct pb_cp_sums *phase) {
    if (phase->samples == 0) return;
    int64_t mean = (int64_t)pb_clock_floor_div((__int128)phase->sum * MEAN_Q, phase->samples);
    if (level->phases == 0) level->first_mean = mean;
    int64_t deviation = mean - level->first_mean;
    level->mean_sum += deviation;
    level->mean_square_sum += (unsigned __int128)((__int128)deviation * deviation);
    level->phases++;
    sums_add(&level->all, phase);
}

static void steady_take(struct pb_cp_meter *meter, const int16_t *counts, int64_t count) {
    while (count > 0) {
        int64_t part = pb_clamped(meter->chunk - meter->steady_open.samples, 1, count);
        sums_take(&meter->steady_open, counts, part);
        if (meter->steady_open.samples >= meter->chunk) {
            level_add(&meter->steady, &meter->steady_open);
            meter->steady_open = (struct pb_cp_sums){0};
        }
        counts += part;
        count -= part;
    }
}

/* Chunk by chunk, so that the last ones before an edge can be left out. */
static void phase_take(struct pb_cp_meter *meter, int kind, const int16_t *counts, int64_t count) {
    while (count > 0) {
        struct pb_cp_sums *open = &meter->open[kind];
        int64_t part = pb_clamped(meter->guard - open->samples, 1, count);
        sums_take(open, counts, part);
        if (open->samples >= meter->guard) {
            sums_add(&meter->done[kind], &meter->held[kind]);
            meter->held[kind] = *open;
            *open = (struct pb_cp_sums){0};
        }
        counts += part;
        count -= part;
    }
}

/* Samples on the present side, not near an edge as far as known. */
static void side_take(struct pb_cp_meter *meter, const int16_t *counts, int64_t count) {
    if (meter->edges == 0) {
        steady_take(meter, counts, count);
        return;
    }
    int64_t offset = meter->samples - meter->phase_first;
    const int64_t limits[3] = {meter->skip[meter->side][FLOOR], meter->skip[meter->side][FULL], INT64_MAX};
    for (int kind = FLOOR; kind <= FULL; kind++) {
        int64_t from = pb_clamped(limits[kind] - offset, 0, count);
        int64_t to = limits[kind + 1] == INT64_MAX ? count : pb_clamped(limits[kind + 1] - offset, from, count);
        if (to > from) phase_take(meter, kind, counts + from, to - from);
    }
}

static __int128 volts_of(const struct pb_sampling *s, int16_t count) {
    return (__int128)s->uv_offset * s->uv_den + (__int128)count * s->uv_num;
}

static int64_t distance(int16_t a, int16_t b) { return a > b ? a - b : b - a; }

/* Half width of the crossing's place between its two samples, 1/2^20 sample. */
static int64_t interpolation_limit(const int16_t crossing[4], int64_t fraction) {
    bool is_before_on_edge = 10 * distance(crossing[1], crossing[0]) >= distance(crossing[2], crossing[0]);
    bool is_after_on_edge = 10 * distance(crossing[3], crossing[2]) >= distance(crossing[3], crossing[1]);
    int64_t whole = (int64_t)1 << TIME_Q;
    if (is_before_on_edge && is_after_on_edge) return whole / 8;
    if (is_before_on_edge || is_after_on_edge) return whole / 4;
    return fraction > whole - fraction ? fraction : whole - fraction;
}

static void phase_end(struct pb_cp_meter *meter) {
    for (int kind = FLOOR; kind <= FULL; kind++) {
        if (meter->edges > 0) level_add(&meter->levels[meter->side][kind], &meter->done[kind]);
        meter->done[kind] = meter->held[kind] = meter->open[kind] = (struct pb_cp_sums){0};
    }
}

static void period_add(struct pb_cp_meter *meter, int64_t width, int64_t period) {
    if (meter->periods == 0) {
        meter->first_width = width;
        meter->first_period = period;
    }
    int64_t w = pb_clamped(width - meter->first_width, -MAX_DEVIATION, MAX_DEVIATION);
    int64_t p = pb_clamped(period - meter->first_period, -MAX_DEVIATION, MAX_DEVIATION);
    meter->periods++;
    meter->width_sum += width;
    meter->width_dev += w;
    meter->period_dev += p;
    meter->width_square += (__int128)w * w;
    meter->period_square += (__int128)p * p;
    meter->product += (__int128)w * p;
}

static void edge_add(struct pb_cp_meter *meter) {
    const int16_t *c = meter->crossing;
    __int128 before = volts_of(&meter->sampling, c[1]), after = volts_of(&meter->sampling, c[2]);
    int64_t fraction = (int64_t)(before * ((int64_t)1 << TIME_Q) / (before - after));
    int64_t at = (meter->crossing_index - 1) * ((int64_t)1 << TIME_Q) + fraction;
    int side = meter->side == HIGH ? LOW : HIGH;
    int64_t limit = interpolation_limit(c, fraction), slope = distance(c[1], c[2]);
    meter->interpolation_square[side] += (uint64_t)(limit * limit);
    meter->interpolations[side]++;
    if (slope < meter->slope_min[side]) meter->slope_min[side] = slope;
    phase_end(meter);
    meter->side = side;
    meter->phase_first = meter->crossing_index;
    meter->edges++;
    meter->crossing_index = -1;
    if (side == LOW) {
        meter->last_fall = at;
        return;
    }
    if (meter->edges > 2) period_add(meter, meter->last_fall - meter->last_rise, at - meter->last_rise);
    if (meter->edges <= 2) meter->first_rise = at;
    meter->last_rise = at;
}

static bool is_in(int16_t count, int32_t min, int32_t max) { return count >= min && count <= max; }

static void remember(struct pb_cp_meter *meter, const int16_t *counts, int64_t count) {
    if (meter->samples == 0) meter->last[0] = counts[0];
    meter->last[1] = count > 1 ? counts[count - 2] : meter->last[0];
    meter->last[0] = counts[count - 1];
    meter->samples += count;
}

/* One sample past 0 V as seen from the side that counts, or after such a one. Two of them, one past the
 * hysteresis, make an edge; one alone is a glitch. */
static void crossing_take(struct pb_cp_meter *meter, int16_t count) {
    if (meter->edges == 0) steady_take(meter, &count, 1);
    int other = meter->side == HIGH ? LOW : HIGH;
    bool is_back = is_in(count, meter->on_side[meter->side].min, meter->on_side[meter->side].max);
    bool is_new = meter->crossing_index < 0;
    if (is_new) {
        meter->crossing_index = meter->samples;
        meter->crossing[0] = meter->last[1];
        meter->crossing[1] = meter->last[0];
        meter->crossing[2] = count;
    } else if (meter->samples == meter->crossing_index + 1) {
        meter->crossing[3] = count;
    }
    remember(meter, &count, 1);
    if (is_back) {
        meter->crossing_index = -1;
        return;
    }
    bool is_beyond = is_in(count, meter->beyond[other].min, meter->beyond[other].max) ||
                     is_in(meter->last[1], meter->beyond[other].min, meter->beyond[other].max);
    if (!is_new && is_beyond) edge_add(meter);
}

static int64_t run_length(const int16_t *counts, int64_t count, int32_t min, int32_t max) {
    int64_t i = 0;
    while (i < count && counts[i] >= min && counts[i] <= max) i++;
    return i;
}

/* Before the first sample that is clearly high or low. */
static void unknown_take(struct pb_cp_meter *meter, int16_t count) {
    for (int side = LOW; side <= HIGH; side++)
        if (is_in(count, meter->beyond[side].min, meter->beyond[side].max)) meter->side = side;
    steady_take(meter, &count, 1);
    remember(meter, &count, 1);
}

static bool has_end_of_range(const int16_t *counts, size_t count) {
    int found = 0;
    for (size_t i = 0; i < count; i++) found |= (counts[i] == INT16_MIN) | (counts[i] == INT16_MAX);
    return found != 0;
}

void pb_cp_meter_feed(struct pb_cp_meter *meter, const int16_t *counts, size_t count) {
    meter->is_saturated |= has_end_of_range(counts, count);
    int64_t left = (int64_t)count;
    while (left > 0) {
        int64_t taken = 1;
        if (meter->side < 0) {
            unknown_take(meter, counts[0]);
        } else if (meter->crossing_index >= 0) {
            crossing_take(meter, counts[0]);
        } else {
            taken = run_length(counts, left, meter->on_side[meter->side].min, meter->on_side[meter->side].max);
            if (taken > 0) {
                side_take(meter, counts, taken);
                remember(meter, counts, taken);
            } else {
                crossing_take(meter, counts[0]);
                taken = 1;
            }
        }
        counts += taken;
        left -= taken;
    }
}

static double uv_per_count(const struct pb_sampling *s) {
    double uv = (double)s->uv_num / (double)s->uv_den;
    return uv < 0.0 ? -uv : uv;
}

static int64_t expanded(double square) {
    const double most = 1e36;
    return (int64_t)pb_root_up((unsigned __int128)(square < most ? square : most) + 1);
}

/* Type A of the mean, expanded and squared, counts. */
static double type_a_of_level(const struct pb_cp_level_sums *level) {
    double n = (double)level->all.samples, k = (double)level->phases;
    if (level->phases >= 2) {
        double mean_sum = (double)level->mean_sum;
        double variance =
            ((double)level->mean_square_sum - mean_sum * mean_sum / k) / (k - 1.0) / ((double)MEAN_Q * MEAN_Q);
        double t = t_factor(level->phases - 1);
        return variance > 0.0 ? t * t * variance / k : 0.0;
    }
    /* One phase: the spread of its samples, which may be correlated, so not divided by their number. */
    if (level->all.samples < 2) return 4.0;
    __int128 sum = level->all.sum;
    double spread = (double)((__int128)level->all.square_sum * level->all.samples - sum * sum) / n / (n - 1.0);
    double t = t_factor(level->all.samples - 1);
    return spread > 0.0 ? t * t * spread : 0.0;
}

static void level_finish(const struct pb_cp_meter *meter, const struct pb_cp_level_sums *level, int64_t *ret_uv,
                         int64_t *ret_u_uv) {
    const struct pb_sampling *s = &meter->sampling;
    double uv = uv_per_count(s);
    if (level->all.samples == 0) {
        *ret_uv = 0;
        *ret_u_uv = expanded(uv * uv * 65536.0 * 65536.0);
        return;
    }
    __int128 divisor = (__int128)level->all.samples * s->uv_den;
    *ret_uv = pb_clock_clipped(s->uv_offset +
                               pb_clock_floor_div(2 * (__int128)level->all.sum * s->uv_num + divisor, 2 * divisor));
    double u_level = (double)s->u_level_uv;
    /* Quantisation: rectangular, half a count. */
    *ret_u_uv = expanded(u_level * u_level + uv * uv * (1.0 / 3.0 + type_a_of_level(level)));
}

/* Expanded square of a time between two edges, ns: dating and interpolation of both. */
static double edges_square(const struct pb_cp_meter *meter, int first, int second) {
    double ns = (double)meter->sampling.period_num_ns / (double)meter->sampling.period_den;
    double q_square = ns * ns / ((double)(1 << TIME_Q) * (1 << TIME_Q));
    double a_square = q_square * (double)meter->interpolation_square[first] / (double)meter->interpolations[first];
    double b_square = q_square * (double)meter->interpolation_square[second] / (double)meter->interpolations[second];
    double u_time = (double)meter->sampling.u_time_ns;
    return 2.0 * u_time * u_time + 4.0 * (a_square + b_square) / 3.0;
}

/* Centred sum of products. */
static double centred(__int128 product, __int128 first, __int128 second, int64_t n) {
    return (double)product - (double)first * (double)second / (double)n;
}

static void periods_finish(const struct pb_cp_meter *meter, struct pb_cp_measurement *ret) {
    double sample_ns = (double)meter->sampling.period_num_ns / (double)meter->sampling.period_den;
    int64_t total = meter->last_rise - meter->first_rise, n = meter->periods;
    double total_ns = sample_ns * (double)total / (1 << TIME_Q), period_ns = total_ns / (double)n;
    double duty = (double)meter->width_sum / (double)total;
    ret->duty_ppm = (int64_t)((2 * (__int128)meter->width_sum * 1000000 + total) / (2 * (__int128)total));
    double uhz = 1e15 / period_ns;
    ret->frequency_uhz = (int64_t)((uhz < 1e18 ? uhz : 1e18) + 0.5);

    double spp = centred(meter->period_square, meter->period_dev, meter->period_dev, n);
    double sww = centred(meter->width_square, meter->width_dev, meter->width_dev, n);
    double swp = centred(meter->product, meter->width_dev, meter->period_dev, n);
    double see = sww - 2.0 * duty * swp + duty * duty * spp;
    /* With one period nothing is known of the spread: a sample. */
    double a_width = sample_ns * sample_ns, a_period = a_width;
    if (n >= 2) {
        double q = sample_ns / (1 << TIME_Q), t = t_factor(n - 1);
        double scale = t * t * q * q / ((double)n * (double)(n - 1));
        a_width = see > 0.0 ? see * scale : 0.0;
        a_period = spp > 0.0 ? spp * scale : 0.0;
    }
    double level_counts = (double)meter->sampling.u_level_uv / uv_per_count(&meter->sampling);
    double threshold_ns =
        sample_ns * level_counts * (1.0 / (double)meter->slope_min[LOW] + 1.0 / (double)meter->slope_min[HIGH]);
    double width_square = a_width + edges_square(meter, LOW, HIGH) + threshold_ns * threshold_ns;
    ret->u_duty_ppm = expanded(1e12 * width_square / (period_ns * period_ns));
    double rate = 1e-9 * (double)meter->sampling.u_rate_ppb;
    double relative =
        (a_period + edges_square(meter, HIGH, HIGH) / ((double)n * (double)n)) / (period_ns * period_ns) + rate * rate;
    ret->u_frequency_uhz = expanded(uhz * uhz * relative);
}

void pb_cp_meter_finish(const struct pb_cp_meter *meter, struct pb_cp_measurement *ret_measurement) {
    struct pb_cp_measurement *ret = ret_measurement;
    *ret = (struct pb_cp_measurement){
        .periods = meter->periods, .samples = meter->samples, .is_saturated = meter->is_saturated};
    if (meter->edges == 0) {
        /* The last part counts as a phase only when it is the only one: a short one would blur the spread. */
        struct pb_cp_level_sums steady = meter->steady;
        if (steady.phases == 0) level_add(&steady, &meter->steady_open);
        level_finish(meter, &steady, &ret->high_uv, &ret->u_high_uv);
        ret->is_high_settled = steady.all.samples > 0;
        return;
    }
    ret->is_high_settled = meter->levels[HIGH][FULL].all.samples > 0;
    ret->is_low_settled = meter->levels[LOW][FULL].all.samples > 0;
    level_finish(meter, &meter->levels[HIGH][ret->is_high_settled ? FULL : FLOOR], &ret->high_uv, &ret->u_high_uv);
    level_finish(meter, &meter->levels[LOW][ret->is_low_settled ? FULL : FLOOR], &ret->low_uv, &ret->u_low_uv);
    if (meter->periods > 0) periods_finish(meter, ret);
}
