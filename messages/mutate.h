/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrong messages on purpose: rules that drop, delay, double, reorder or damage the messages that go through, by a seed. Works on bytes and
 * knows no clock; equal rules, seed and messages give equal bytes on any machine. At most one rule acts on a message: the first whose type
 * fits and whose lot falls. Used by the tests of decoder and matcher, and to inject into a link. */
#ifndef PB_MESSAGES_MUTATE_H
#define PB_MESSAGES_MUTATE_H

#include "base/instant.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

enum pb_mutation {
    PB_MUTATE_NONE,
    PB_MUTATE_DROP,
    PB_MUTATE_DELAY,          /* goes on `delay` later; the caller keeps it so long */
    PB_MUTATE_DOUBLE,         /* goes on twice */
    PB_MUTATE_REORDER,        /* goes on after the next one */
    PB_MUTATE_FLIP,           /* one bit is another */
    PB_MUTATE_TRUNCATE,       /* its end is missing, 1 byte or more */
    PB_MUTATE_OVERSIZE,       /* blanks after its first byte, to `size` bytes */
    PB_MUTATE_REPLAY,         /* goes on, and after it the first one that this rule saw */
    PB_MUTATE_WRONG_IDENTITY, /* one character of the text member `member` is another of its kind; without the member: none */
    PB_MUTATE_COUNT
};
extern const char *const pb_mutation_names[PB_MUTATE_COUNT]; /* "wrong_identity" */
/* PB_MUTATE_COUNT if none. */
enum pb_mutation pb_mutation_find(const char *name);

enum { PB_MUTATE_RULES_MAX = 16, PB_MUTATE_BYTES_MAX = 131072 };

struct pb_mutation_rule {
    enum pb_mutation mutation;
    const char *type;   /* only messages of this type; NULL: all */
    const char *member; /* WRONG_IDENTITY; NULL: "vin" */
    uint32_t ppm;       /* how often; 1000000: always */
    pb_span delay;      /* DELAY */
    size_t size;        /* OVERSIZE: at most PB_MUTATE_BYTES_MAX; 0: 65537 */
};

/* Where messages go on to. bytes live until it returns. */
typedef void (*pb_mutate_sink)(void *user, const uint8_t *bytes, size_t size, pb_span delay);

struct pb_mutator;
/* The rules' texts stay the caller's and must live as long. PB_ERR_ARG (too many rules, a size out of range), PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status pb_mutator_create(const struct pb_mutation_rule *rules, size_t count, uint64_t seed,
                                               pb_mutate_sink sink, void *user, struct pb_mutator **ret_mutator,
                                               struct pb_error *error);
void pb_mutator_destroy(struct pb_mutator *mutator); /* NULL is fine */
/* One message through the rules: what acted on it. Larger than 65536 bytes: goes on as it is. */
enum pb_mutation pb_mutator_put(struct pb_mutator *mutator, const uint8_t *bytes, size_t size);
/* What REORDER holds back goes on. */
void pb_mutator_flush(struct pb_mutator *mutator);
/* How often each acted so far. */
uint64_t pb_mutator_count(const struct pb_mutator *mutator, enum pb_mutation mutation);

#endif
