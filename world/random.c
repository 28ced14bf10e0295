/* SPDX-License-Identifier: GPL-3.0-or-later */
/* splitmix64 by its published constants (Steele, Lea, Flood, OOPSLA 2014). */
#include "world/random.h"

uint64_t pb_random_next(struct pb_random *random) {
    uint64_t z = random->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

struct pb_random pb_random_of(uint64_t seed, uint64_t use) {
    struct pb_random random = {seed};
    random.state = pb_random_next(&random) ^ (use * 0xd1342543de82ef95u);
    random.state = pb_random_next(&random);
    return random;
}

int64_t pb_random_below(struct pb_random *random, int64_t limit) {
    return (int64_t)(pb_random_next(random) % (uint64_t)limit);
}
