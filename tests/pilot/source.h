/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A pilot for tests, apart from node.c and synth.c: circuit by small exact steps, each declared error drawn from its
 * declared distribution, and the true figures. */
#ifndef PB_TESTS_PILOT_SOURCE_H
#define PB_TESTS_PILOT_SOURCE_H

#include "pilot_emulator/analyser.h"

enum { SOURCE_EDGE_STEPS = 8000, SOURCE_EDGE_STEP_NS = 10 };

struct random {
    uint64_t state;
};
double random_uniform(struct random *random, double min, double max);
double random_normal(struct random *random, double sigma);

struct source {
    /* The circuit: generator, its own edge (0 to 100 %, linear), load behind a diode (0: open), all capacitances. */
    double high_volts, low_volts, source_ohms, load_ohms, diode_volts, farads, ramp_ns, filter_ns;
    double hz, duty; /* duty <= 0 or >= 1: steady */
    double first_ns; /* of the first rise */
    /* The channel: what the analyser is told, and what it is not. */
    struct pb_sampling sampling;
    double noise_volts;
    double level_error_volts, rate_error, jitter_ns; /* drawn; jitter: sigma of an edge */
    /* Made by source_prepare(). */
    double edge[2][SOURCE_EDGE_STEPS]; /* [fall, rise]: volts after the generator began to move */
    double high_true, low_true, duty_true, hz_true, edge_ns_true[2];
};
void source_prepare(struct source *source);
void source_make(const struct source *source, struct random *random, int16_t *ret_counts, int64_t count);

#endif
