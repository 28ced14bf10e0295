/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sample synthesis. Time runs through three nested stretches: a segment from one edge or change to the next (int64 ns
 * instants), a piece of the node's path in it, and samples in that. Everything about a piece is fixed when it begins, so
 * block sizes cannot matter; in a piece a sample costs one multiplication or, when settled, none. In a steady PWM whose
 * phases settle each edge starts where the one before it did, and its path is used again. */
#include "pilot_emulator/synth.h"

#include "pilot_emulator/sample_clock.h"

#include <math.h>
#include <stdlib.h>

#define Q 4096.0            /* sub-count resolution */
#define MAX_COUNTS 100000.0 /* three of these times Q fit int32 */
#define MAX_RAMP_SECONDS 1000.0
#define SETTLED_COUNTS 0.01
#define PERIODS_CARRIED 8 /* walked through after a jump: far more than any time constant of a pilot */
#define PERIODS_WORTH_A_JUMP 64

/* Upper half of the 256 mid-quantiles of the normal distribution, times 8192. Two of them are added, each with
 * either sign. */
static const int16_t quantiles[128] = {
    40,    120,   201,   281,   361,   441,   522,   602,   683,   763,   844,   924,   1005,  1086,  1167,  1248,
    1329,  1411,  1492,  1574,  1656,  1737,  1820,  1902,  1984,  2067,  2150,  2233,  2317,  2400,  2484,  2568,
    2653,  2737,  2822,  2907,  2993,  3079,  3165,  3252,  3339,  3426,  3514,  3602,  3691,  3780,  3869,  3959,
    4049,  4140,  4232,  4324,  4416,  4509,  4603,  4697,  4792,  4887,  4983,  5080,  5178,  5276,  5375,  5475,
    5576,  5677,  5780,  5883,  5987,  6093,  6199,  6306,  6415,  6524,  6635,  6747,  6860,  6975,  7091,  7208,
    7327,  7448,  7570,  7693,  7819,  7946,  8076,  8207,  8341,  8477,  8615,  8756,  8899,  9045,  9194,  9346,
    9502,  9661,  9823,  9990,  10161, 10336, 10517, 10702, 10893, 11091, 11295, 11506, 11725, 11953, 12191, 12439,
    12699, 12973, 13262, 13569, 13895, 14246, 14625, 15038, 15493, 16002, 16581, 17257, 18076, 19130, 20648, 23639};
#define QUANTILE_SUM_RMS 11556.1076

static double counts_q_of_uv(const struct pb_front_end *front_end, double uv) {
    return Q * uv * (double)front_end->uv_den / (double)front_end->uv_num;
}

static int32_t rounded_q(double level_q) {
    double rounded = floor(level_q + 0.5);
    double most = MAX_COUNTS * Q;
    return (int32_t)(rounded > most ? most : rounded < -most ? -most : rounded);
}

static double step_seconds(const struct pb_synth *synth) {
    return 1e-9 * (double)synth->front_end.period_num_ns / (double)synth->front_end.period_den;
}

int64_t pb_synth_index_at(const struct pb_front_end *front_end, int64_t at_ns) {
    return pb_clock_index_at(front_end->period_num_ns, front_end->period_den, at_ns);
}

int64_t pb_synth_time_of(const struct pb_front_end *front_end, int64_t index) {
    return pb_clock_ns_of(front_end->period_num_ns, front_end->period_den, index);
}

/* PWM edges: number 2n is the rise of period n, 2n + 1 its fall. */
static int64_t edge_ns(const struct pb_cp_pwm *pwm, int64_t edge) {
    __int128 millionths = (__int128)(edge >> 1) * 1000000 + ((edge & 1) ? pwm->duty_ppm : 0);
    __int128 at = pb_clock_floor_div(millionths * 1000000000, pwm->frequency_uhz) + pwm->first_rise_ns;
    return at > INT64_MAX ? INT64_MAX : at < INT64_MIN ? INT64_MIN : (int64_t)at;
}

static int64_t period_at(const struct pb_cp_pwm *pwm, int64_t at_ns) {
    __int128 elapsed = (__int128)at_ns - pwm->first_rise_ns;
    int64_t period = (int64_t)pb_clock_floor_div(elapsed * pwm->frequency_uhz, (__int128)1000000 * 1000000000);
    while (edge_ns(pwm, 2 * period) > at_ns) period--;
    while (edge_ns(pwm, 2 * period + 2) <= at_ns) period++;
    return period;
}

static bool has_edges(const struct pb_synth *synth) {
    return synth->is_pwm && synth->pwm.duty_ppm > 0 && synth->pwm.duty_ppm < 1000000;
}

static struct pb_cp_drive drive_now(const struct pb_synth *synth, double open_volts) {
    if (!synth->is_pwm) return synth->drive;
    return (struct pb_cp_drive){.open_volts = open_volts, .source_ohms = synth->pwm.source_ohms};
}

static const struct pb_cp_path *path_now(const struct pb_synth *synth) { return &synth->edges[synth->rise].path; }

/* The samples of the first piece, from the one under way on, that has any; none when the segment has no more. */
static void sampling_begin(struct pb_synth *synth) {
    const struct pb_front_end *front_end = &synth->front_end;
    const struct pb_cp_path *path = path_now(synth);
    double step = step_seconds(synth);
    __int128 ahead =
        (__int128)synth->next_index * front_end->period_num_ns - (__int128)synth->origin_ns * front_end->period_den;
    double at = 1e-9 * ((double)ahead / (double)front_end->period_den);
    while (synth->piece + 1 < path->pieces && path->piece[synth->piece + 1].start_seconds <= at) synth->piece++;
    synth->piece_end_index = synth->end_index;
    if (synth->piece_end_index <= synth->next_index) return;
    const struct pb_cp_piece *piece = &path->piece[synth->piece];
    at -= piece->start_seconds;
    double left = ceil((piece->seconds - at) / step);
    if (left < 1.0) left = 1.0;
    if (left < (double)(synth->piece_end_index - synth->next_index))
        synth->piece_end_index = synth->next_index + (int64_t)left;
    double level_uv = 1e6 * (piece->level_volts + piece->slope_volts_per_s * at) - (double)front_end->uv_offset;
    synth->level = counts_q_of_uv(front_end, level_uv);
    synth->level_step = counts_q_of_uv(front_end, 1e6 * piece->slope_volts_per_s * step);
    synth->deviation = counts_q_of_uv(front_end, 1e6 * piece->deviation_volts * exp(-at / piece->tau_seconds));
    synth->decay = exp(-step / piece->tau_seconds);
    bool is_flat = !(piece->slope_volts_per_s > 0.0 || piece->slope_volts_per_s < 0.0);
    synth->is_steady = is_flat && fabs(synth->deviation) < SETTLED_COUNTS * Q;
}

static bool starts_alike(const struct pb_synth_edge *edge, double start_volts, double open_volts, double target_volts) {
    return edge->is_solved && edge->start_volts == start_volts && edge->open_volts == open_volts &&
           edge->target_volts == target_volts;
}

static double ramp_of(const struct pb_cp_pwm *pwm, bool is_fall) {
    return is_fall && pwm->fall_ramp_seconds > 0.0 ? pwm->fall_ramp_seconds : pwm->ramp_seconds;
}

/* Node and generator go on from here; the generator's new target is set. */
static void segment_begin(struct pb_synth *synth, int64_t at_ns, double volts) {
    double swing = fabs(synth->pwm.high_volts - synth->pwm.low_volts);
    double to_go = fabs(synth->target_volts - synth->open_volts);
    double ramp = ramp_of(&synth->pwm, synth->target_volts < synth->open_volts);
    double seconds = synth->is_pwm && swing > 0.0 ? ramp * to_go / swing : 0.0;
    synth->ramp_seconds = seconds < MAX_RAMP_SECONDS ? seconds : MAX_RAMP_SECONDS;
    synth->origin_ns = at_ns;
    synth->end_ns = has_edges(synth) ? edge_ns(&synth->pwm, synth->next_edge) : INT64_MAX;
    synth->end_index = synth->end_ns == INT64_MAX ? INT64_MAX : pb_synth_index_at(&synth->front_end, synth->end_ns);
    synth->rise = synth->target_volts > synth->open_volts;
    synth->piece = 0;
    struct pb_synth_edge *edge = &synth->edges[synth->rise];
    if (!starts_alike(edge, volts, synth->open_volts, synth->target_volts)) {
        edge->is_solved = true;
        edge->start_volts = volts;
        edge->open_volts = synth->open_volts;
        edge->target_volts = synth->target_volts;
        pb_cp_path_solve(&edge->path, &synth->node, volts, synth->open_volts, synth->target_volts, synth->ramp_seconds);
    }
    sampling_begin(synth);
}

/* The circuit has changed. */
static void circuit_begin(struct pb_synth *synth) {
    struct pb_cp_drive drive = drive_now(synth, fmax(synth->pwm.high_volts, synth->pwm.low_volts));
    pb_cp_node_init(&synth->node, &drive, &synth->load);
    synth->edges[0].is_solved = synth->edges[1].is_solved = false;
}

static double generator_at(const struct pb_synth *synth, double seconds) {
    if (seconds >= synth->ramp_seconds) return synth->target_volts;
    return synth->open_volts + (synth->target_volts - synth->open_volts) * seconds / synth->ramp_seconds;
}

/* Carries generator and node to an instant of the segment under way. */
static double go_on(struct pb_synth *synth, int64_t at_ns) {
    double seconds = 1e-9 * (double)(at_ns - synth->origin_ns);
    synth->open_volts = generator_at(synth, seconds);
    return pb_cp_path_at(path_now(synth), seconds);
}

static void segment_end(struct pb_synth *synth) {
    int64_t at_ns = synth->end_ns;
    double volts = go_on(synth, at_ns);
    synth->target_volts = (synth->next_edge & 1) ? synth->pwm.low_volts : synth->pwm.high_volts;
    synth->next_edge++;
    segment_begin(synth, at_ns, volts);
}

static void piece_end(struct pb_synth *synth) {
    sampling_begin(synth);
    if (synth->piece_end_index <= synth->next_index) segment_end(synth);
}

/* Takes a long run of equal periods as what it is: restarts shortly before at_ns, in the settled low phase. */
static void jump_towards(struct pb_synth *synth, int64_t at_ns) {
    if (!has_edges(synth)) return;
    int64_t period = period_at(&synth->pwm, at_ns);
    if (period - (synth->next_edge >> 1) < PERIODS_WORTH_A_JUMP) return;
    synth->next_edge = 2 * (period - PERIODS_CARRIED);
    synth->open_volts = synth->target_volts = synth->pwm.low_volts;
    struct pb_cp_drive drive = drive_now(synth, synth->open_volts);
    int64_t start_ns = edge_ns(&synth->pwm, synth->next_edge);
    synth->target_volts = synth->pwm.high_volts;
    synth->next_edge++;
    segment_begin(synth, start_ns, pb_cp_node_settled(&drive, &synth->load));
}

/* Past the edges before an instant. */
static void carry_to(struct pb_synth *synth, int64_t at_ns) {
    jump_towards(synth, at_ns);
    while (synth->end_ns <= at_ns) segment_end(synth);
}

void pb_synth_init(struct pb_synth *synth, const struct pb_front_end *front_end, uint64_t seed) {
    *synth = (struct pb_synth){.front_end = *front_end, .seed = seed};
    synth->load = (struct pb_cp_load){.ohms = INFINITY, .short_ohms = INFINITY};
    synth->drive = (struct pb_cp_drive){.source_ohms = INFINITY, .is_hi_z = true};
    double scale = counts_q_of_uv(front_end, 1e6 * front_end->noise_volts) / QUANTILE_SUM_RMS;
    for (int i = 0; i < 128; i++) {
        synth->normal[128 + i] = rounded_q(scale * quantiles[i]);
        synth->normal[127 - i] = -synth->normal[128 + i];
    }
    circuit_begin(synth);
    segment_begin(synth, 0, 0.0);
}

static bool change_begin(struct pb_synth *synth, int64_t at_ns, double *ret_volts) {
    int64_t index = pb_synth_index_at(&synth->front_end, at_ns);
    if (at_ns < synth->changed_ns || index < synth->next_index) return false;
    carry_to(synth, at_ns);
    *ret_volts = go_on(synth, at_ns);
    synth->next_index = index;
    synth->changed_ns = at_ns;
    return true;
}

bool pb_synth_set_drive(struct pb_synth *synth, int64_t at_ns, const struct pb_cp_drive *drive) {
    double volts;
    if (!change_begin(synth, at_ns, &volts)) return false;
    synth->drive = *drive;
    synth->is_pwm = false;
    synth->open_volts = synth->target_volts = drive->is_hi_z ? 0.0 : drive->open_volts;
    circuit_begin(synth);
    segment_begin(synth, at_ns, volts);
    return true;
}

bool pb_synth_set_pwm(struct pb_synth *synth, int64_t at_ns, const struct pb_cp_pwm *pwm) {
    double volts;
    if (pwm->frequency_uhz < 1 || pwm->frequency_uhz > 1000000000000) return false;
    if (!change_begin(synth, at_ns, &volts)) return false;
    synth->pwm = *pwm;
    synth->is_pwm = true;
    bool is_high = pwm->duty_ppm >= 1000000;
    if (has_edges(synth)) {
        int64_t rise = 2 * period_at(pwm, at_ns);
        is_high = edge_ns(pwm, rise + 1) > at_ns;
        synth->next_edge = is_high ? rise + 1 : rise + 2;
    }
    synth->target_volts = is_high ? pwm->high_volts : pwm->low_volts;
    circuit_begin(synth);
    segment_begin(synth, at_ns, volts);
    return true;
}

bool pb_synth_set_load(struct pb_synth *synth, int64_t at_ns, const struct pb_cp_load *load) {
    double volts;
    if (!change_begin(synth, at_ns, &volts)) return false;
    synth->load = *load;
    circuit_begin(synth);
    segment_begin(synth, at_ns, volts);
    return true;
}

void pb_synth_skip_to(struct pb_synth *synth, int64_t index) {
    if (index <= synth->next_index) return;
    synth->next_index = index;
    carry_to(synth, pb_synth_time_of(&synth->front_end, index));
    sampling_begin(synth);
}

/* 64 bits for samples 4i to 4i + 3 (a counter through a mixing function; Steele, Lea, Flood 2014). */
static uint64_t noise_bits(uint64_t seed, int64_t index) {
    uint64_t bits = seed + ((uint64_t)index >> 2) * 0x9e3779b97f4a7c15u;
    bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
    return bits ^ (bits >> 31);
}

static int32_t noisy_q(const struct pb_synth *synth, int32_t level_q, uint64_t bits) {
    return level_q + synth->normal[bits & 255] + synth->normal[bits >> 8 & 255];
}

static int16_t clipped(int32_t level_q) {
    int32_t count = level_q >> 12;
    return (int16_t)(count > INT16_MAX ? INT16_MAX : count < INT16_MIN ? INT16_MIN : count);
}

static int16_t sample_at(const struct pb_synth *synth, int32_t level_q, int64_t index) {
    return clipped(noisy_q(synth, level_q, noise_bits(synth->seed, index) >> 16 * (index & 3)));
}

/* Four that start at an index that four divides, from a level that noise cannot carry out of the range. */
static void make_four(const struct pb_synth *synth, int32_t level_q, int64_t index, int16_t *ret_counts) {
    uint64_t bits = noise_bits(synth->seed, index);
    ret_counts[0] = (int16_t)(noisy_q(synth, level_q, bits) >> 12);
    ret_counts[1] = (int16_t)(noisy_q(synth, level_q, bits >> 16) >> 12);
    ret_counts[2] = (int16_t)(noisy_q(synth, level_q, bits >> 32) >> 12);
    ret_counts[3] = (int16_t)(noisy_q(synth, level_q, bits >> 48) >> 12);
}

static bool is_within_range(const struct pb_synth *synth, int32_t level_q) {
    int64_t most_q = (int64_t)(INT16_MAX * Q) - 2 * (int64_t)abs(synth->normal[255]);
    return level_q < most_q && level_q > -most_q;
}

static void make_steady(struct pb_synth *synth, int16_t *ret_counts, size_t count) {
    int32_t level_q = rounded_q(synth->level + 0.5 * Q);
    int64_t index = synth->next_index, end = index + (int64_t)count;
    bool is_inside = is_within_range(synth, level_q);
    for (; index < end && ((index & 3) || !is_inside); index++) *ret_counts++ = sample_at(synth, level_q, index);
    for (; index + 4 <= end; index += 4, ret_counts += 4) make_four(synth, level_q, index, ret_counts);
    for (; index < end; index++) *ret_counts++ = sample_at(synth, level_q, index);
    synth->next_index = end;
}

/* Returns how many it made: fewer when the node has settled. */
static size_t make_moving(struct pb_synth *synth, int16_t *ret_counts, size_t count) {
    bool can_settle = !(synth->level_step > 0.0 || synth->level_step < 0.0);
    size_t made = 0;
    while (made < count && !synth->is_steady) {
        int64_t index = synth->next_index++;
        ret_counts[made++] = sample_at(synth, rounded_q(synth->level + synth->deviation + 0.5 * Q), index);
        synth->level += synth->level_step;
        synth->deviation *= synth->decay;
        synth->is_steady = can_settle && fabs(synth->deviation) < SETTLED_COUNTS * Q;
    }
    return made;
}

void pb_synth_make(struct pb_synth *synth, int16_t *ret_counts, size_t count) {
    while (count > 0) {
        while (synth->next_index >= synth->piece_end_index) piece_end(synth);
        size_t chunk = count;
        if (synth->piece_end_index - synth->next_index < (int64_t)count)
            chunk = (size_t)(synth->piece_end_index - synth->next_index);
        if (synth->is_steady) make_steady(synth, ret_counts, chunk);
        else chunk = make_moving(synth, ret_counts, chunk);
        ret_counts += chunk;
        count -= chunk;
    }
}
