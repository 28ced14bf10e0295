/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pilot_emulator/scan.h"

#include <stdbool.h>

/* Not under sanitizers: the functions that choose the copy run before their runtime is up. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) &&               \
    !defined(__SANITIZE_THREAD__) && !defined(PB_SCAN_ONE_COPY)
#define CLONES __attribute__((target_clones("avx2", "default")))
#else
#define CLONES
#endif

enum { BLOCK = 64, SMALL_BLOCK = 16, SUM_BLOCK = 32768 }; /* 32768 samples fit a sum of 32 bits */

/* How far above min, modulo 2^16: more than max - min for every count outside. */
static inline uint16_t above(int16_t count, int16_t min) { return (uint16_t)(count - min); }

static inline bool is_block_within(const int16_t *counts, int size, int16_t min, uint16_t span) {
    uint16_t most = 0;
    for (int i = 0; i < size; i++) most = above(counts[i], min) > most ? above(counts[i], min) : most;
    return most <= span;
}

CLONES int64_t pb_scan_within(const int16_t *counts, int64_t count, int16_t min, int16_t max) {
    const uint16_t span = above(max, min);
    int64_t i = 0;
    if (min > max) return 0;
    while (i + BLOCK <= count && is_block_within(counts + i, BLOCK, min, span)) i += BLOCK;
    while (i + SMALL_BLOCK <= count && is_block_within(counts + i, SMALL_BLOCK, min, span)) i += SMALL_BLOCK;
    while (i < count && above(counts[i], min) <= span) i++;
    return i;
}

CLONES void pb_scan_add(struct pb_scan_sums *sums, const int16_t *counts, int64_t count) {
    int16_t min = sums->min, max = sums->max;
    sums->samples += count;
    while (count > 0) {
        int64_t part = count < SUM_BLOCK ? count : SUM_BLOCK;
        int32_t sum = 0;
        for (int64_t i = 0; i < part; i++) {
            sum += counts[i];
            min = counts[i] < min ? counts[i] : min;
            max = counts[i] > max ? counts[i] : max;
        }
        sums->sum += sum;
        counts += part;
        count -= part;
    }
    sums->min = min;
    sums->max = max;
}
