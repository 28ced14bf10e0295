/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The two passes that see every sample. Plain loops over blocks of known length, which compilers turn into vector code;
 * on x86-64 gcc also makes a copy for AVX2 and picks one at load time. Integers: each copy gives the same bits. Internal
 * to pilot_emulator. */
#ifndef PB_PILOT_SCAN_H
#define PB_PILOT_SCAN_H

#include <stdint.h>

/* How many samples from the first on lie in [min, max]. */
int64_t pb_scan_within(const int16_t *counts, int64_t count, int16_t min, int16_t max);

struct pb_scan_sums {
    int64_t sum, samples;
    int16_t min, max;
};
#define PB_SCAN_NOTHING ((struct pb_scan_sums){.min = INT16_MAX, .max = INT16_MIN})
void pb_scan_add(struct pb_scan_sums *sums, const int16_t *counts, int64_t count);

#endif
