/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/pilot/source.h"

#include <math.h>
#include <stdbool.h>

static uint64_t next(struct random *random) {
    uint64_t x = random->state += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

double random_uniform(struct random *random, double min, double max) {
    return min + (max - min) * (double)(next(random) >> 11) / 9007199254740992.0;
}

double random_normal(struct random *random, double sigma) {
    double radius = sqrt(-2.0 * log(random_uniform(random, 1e-12, 1.0)));
    return sigma * radius * cos(6.283185307179586 * random_uniform(random, 0.0, 1.0));
}

static double settled(const struct source *s, double open_volts) {
    if (s->load_ohms <= 0.0 || open_volts <= s->diode_volts) return open_volts;
    return (open_volts * s->load_ohms + s->diode_volts * s->source_ohms) / (s->load_ohms + s->source_ohms);
}

/* One edge from where the phase before ended; node and filter. Returns both at the end of the phase. */
struct node {
    double volts, middle, seen;
};
static struct node edge_make(struct source *s, int side, struct node node, double phase_ns) {
    double from = side ? s->low_volts : s->high_volts, to = side ? s->high_volts : s->low_volts;
    struct node at_end = node;
    for (int i = 0; i < SOURCE_EDGE_STEPS; i++) {
        double t = i * (double)SOURCE_EDGE_STEP_NS;
        s->edge[side][i] = node.seen;
        if (t <= phase_ns) at_end = node;
        double now = t + 0.5 * SOURCE_EDGE_STEP_NS;
        double open = now >= s->ramp_ns ? to : from + (to - from) * now / s->ramp_ns;
        bool is_on = s->load_ohms > 0.0 && node.volts > s->diode_volts;
        double ohms = is_on ? s->source_ohms * s->load_ohms / (s->source_ohms + s->load_ohms) : s->source_ohms;
        double level = is_on ? settled(s, fmax(open, s->diode_volts)) -
                                   (open < s->diode_volts
                                        ? (s->diode_volts - open) * s->load_ohms / (s->load_ohms + s->source_ohms)
                                        : 0.0)
                             : open;
        double decay = exp(-1e-9 * SOURCE_EDGE_STEP_NS / (ohms * s->farads));
        node.volts = level + (node.volts - level) * decay;
        double filter = s->filter_ns > 0.0 ? exp(-SOURCE_EDGE_STEP_NS / s->filter_ns) : 0.0;
        node.middle = node.volts + (node.middle - node.volts) * filter;
        node.seen = node.middle + (node.seen - node.middle) * filter;
    }
    return at_end;
}

static double crossing_ns(const struct source *s, int side, double level) {
    const double *e = s->edge[side];
    for (int i = 1; i < SOURCE_EDGE_STEPS; i++)
        if ((e[i] >= level) == (side == 1))
            return SOURCE_EDGE_STEP_NS * (i - 1 + (level - e[i - 1]) / (e[i] - e[i - 1]));
    return NAN;
}

void source_prepare(struct source *s) {
    double period_ns = 1e9 / s->hz, high_ns = s->duty * period_ns;
    s->high_true = settled(s, s->high_volts);
    s->low_true = settled(s, s->low_volts);
    s->hz_true = s->hz;
    s->duty_true = s->duty;
    if (s->duty <= 0.0 || s->duty >= 1.0) return;
    struct node node = {s->low_true, s->low_true, s->low_true};
    for (int i = 0; i < 2; i++) {
        node = edge_make(s, 1, node, high_ns);
        node = edge_make(s, 0, node, period_ns - high_ns);
    }
    double swing = s->high_true - s->low_true, low = s->low_true;
    for (int side = 0; side < 2; side++)
        s->edge_ns_true[side] = fabs(crossing_ns(s, side, low + 0.9 * swing) - crossing_ns(s, side, low + 0.1 * swing));
    s->duty_true = s->duty + (crossing_ns(s, 0, 0.0) - crossing_ns(s, 1, 0.0)) / period_ns;
}

static double volts_at(const struct source *s, int side, double ns, double settled_volts) {
    double step = ns / SOURCE_EDGE_STEP_NS;
    if (step >= SOURCE_EDGE_STEPS - 1) return settled_volts;
    int i = (int)step;
    return s->edge[side][i] + (s->edge[side][i + 1] - s->edge[side][i]) * (step - i);
}

void source_make(const struct source *s, struct random *random, int16_t *ret_counts, int64_t count) {
    static double gauss[4096];
    if (gauss[0] == 0.0) {
        struct random of_table = {12345};
        for (int i = 0; i < 4096; i += 2) {
            gauss[i] = random_normal(&of_table, 1.0);
            gauss[i + 1] = -gauss[i];
        }
    }
    double sample_ns = (double)s->sampling.period_num_ns / (double)s->sampling.period_den * (1.0 + s->rate_error);
    double per_volt = 1e6 * (double)s->sampling.uv_den / (double)s->sampling.uv_num;
    double offset = (s->level_error_volts - 1e-6 * (double)s->sampling.uv_offset) * per_volt + 0.5;
    double noise = s->noise_volts * per_volt, period_ns = 1e9 / s->hz;
    bool is_steady = s->duty <= 0.0 || s->duty >= 1.0;
    /* The edge last passed and the next one, with jitter. */
    double edge_ns = is_steady ? -1e12 : s->first_ns - period_ns, next_ns = edge_ns + s->duty * period_ns;
    int side = s->duty > 0.0;
    int64_t number = -1;
    uint64_t bits = 0;
    for (int64_t i = 0; i < count; i++) {
        double ns = (double)i * sample_ns;
        while (!is_steady && ns >= next_ns) {
            edge_ns = next_ns;
            side = !side;
            if (side) number++;
            next_ns = s->first_ns + period_ns * (side ? (double)number + s->duty : (double)number + 1.0) +
                      random_normal(random, s->jitter_ns);
        }
        double volts = volts_at(s, side, ns - edge_ns, side ? s->high_true : s->low_true);
        if ((i & 3) == 0) bits = next(random);
        double value = floor(volts * per_volt + offset + noise * gauss[bits & 4095]);
        bits >>= 12;
        ret_counts[i] = (int16_t)(value > 32767 ? 32767 : value < -32768 ? -32768 : value);
    }
}
