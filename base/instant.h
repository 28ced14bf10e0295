/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instants and spans on the bench clock: two struct types, so that the compiler refuses to mix them. Nanoseconds in
 * int64 (292 years), saturating at both ends. The bench clock is the only time that judges anything; a sample index is
 * turned into an instant by first + index * period (period a rational), the wall clock is a text in the run header
 * only. */
#ifndef PB_BASE_INSTANT_H
#define PB_BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    int64_t ns;
} pb_instant;
typedef struct {
    int64_t ns;
} pb_span;

#define PB_INSTANT_NEVER ((pb_instant){INT64_MAX})
#define PB_INSTANT_ZERO ((pb_instant){0})
#define PB_SPAN_ZERO ((pb_span){0})
#define PB_SPAN_FOREVER ((pb_span){INT64_MAX})

static inline int64_t pb_add_saturating(int64_t a, int64_t b) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum)) return b > 0 ? INT64_MAX : INT64_MIN;
    return sum;
}
static inline int64_t pb_mul_saturating(int64_t a, int64_t b) {
    int64_t product;
    if (__builtin_mul_overflow(a, b, &product)) return (a > 0) == (b > 0) ? INT64_MAX : INT64_MIN;
    return product;
}

static inline pb_span pb_ns(int64_t ns) { return (pb_span){ns}; }
static inline pb_span pb_us(int64_t us) { return (pb_span){pb_mul_saturating(us, 1000)}; }
static inline pb_span pb_ms(int64_t ms) { return (pb_span){pb_mul_saturating(ms, 1000000)}; }
static inline pb_span pb_s(int64_t s) { return (pb_span){pb_mul_saturating(s, 1000000000)}; }

static inline pb_instant pb_after(pb_instant from, pb_span span) {
    return (pb_instant){pb_add_saturating(from.ns, span.ns)};
}
/* to - from */
static inline pb_span pb_between(pb_instant from, pb_instant to) {
    int64_t difference;
    if (__builtin_sub_overflow(to.ns, from.ns, &difference)) return (pb_span){to.ns > from.ns ? INT64_MAX : INT64_MIN};
    return (pb_span){difference};
}
static inline pb_span pb_span_sum(pb_span a, pb_span b) { return (pb_span){pb_add_saturating(a.ns, b.ns)}; }
static inline bool pb_is_before(pb_instant a, pb_instant b) { return a.ns < b.ns; }
static inline bool pb_is_shorter(pb_span a, pb_span b) { return a.ns < b.ns; }
static inline pb_instant pb_earlier(pb_instant a, pb_instant b) { return a.ns < b.ns ? a : b; }
static inline pb_instant pb_later(pb_instant a, pb_instant b) { return a.ns > b.ns ? a : b; }

#endif
