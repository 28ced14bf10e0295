/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seeded numbers for what is random in the world (contact bounce, jitter). splitmix64: one word of state, the same on any machine. */
#ifndef PB_WORLD_RANDOM_H
#define PB_WORLD_RANDOM_H

#include <stdint.h>

struct pb_random {
    uint64_t state;
};

/* A generator of its own for each use: equal seed and use give equal numbers. */
struct pb_random pb_random_of(uint64_t seed, uint64_t use);
uint64_t pb_random_next(struct pb_random *random);
/* 0 to limit - 1; limit at least 1. The bias of the remainder (below 1e-9 for limits up to 1e10) is of no matter here. */
int64_t pb_random_below(struct pb_random *random, int64_t limit);

#endif
