/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages/mutate.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_MAX = 65536 };

const char *const pb_mutation_names[PB_MUTATE_COUNT] = {
    "none", "drop", "delay", "double", "reorder", "flip", "truncate", "oversize", "replay", "wrong_identity",
};

struct pb_mutator {
    struct pb_mutation_rule rules[PB_MUTATE_RULES_MAX];
    size_t rule_count;
    uint64_t random;
    pb_mutate_sink sink;
    void *user;
    uint64_t counts[PB_MUTATE_COUNT];
    size_t held_size; /* REORDER; 0: none */
    size_t kept_size; /* REPLAY's first; 0: none */
    uint8_t held[MESSAGE_MAX], kept[MESSAGE_MAX], made[PB_MUTATE_BYTES_MAX];
};

enum pb_mutation pb_mutation_find(const char *name) {
    int i = 0;
    while (i < PB_MUTATE_COUNT && strcmp(pb_mutation_names[i], name) != 0) i++;
    return (enum pb_mutation)i;
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t next_random(struct pb_mutator *mutator) {
    uint64_t z = mutator->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}
/* 0 to count - 1. */
static size_t below(struct pb_mutator *mutator, size_t count) { return (size_t)(next_random(mutator) % count); }

static void send_on(struct pb_mutator *mutator, const uint8_t *bytes, size_t size, pb_span delay) {
    mutator->sink(mutator->user, bytes, size, delay);
}

/* Place of a text member's value: after its opening quote. NULL: there is none. */
static const uint8_t *find_member(const uint8_t *bytes, size_t size, const char *member) {
    char key[80];
    int length = snprintf(key, sizeof key, "\"%.70s\":\"", member);
    const uint8_t *at = memmem(bytes, size, key, (size_t)length);
    return at ? at + length : NULL;
}

static bool is_of_type(const uint8_t *bytes, size_t size, const char *type) {
    const uint8_t *at = find_member(bytes, size, "type");
    size_t length = strlen(type);
    return at && (size_t)(bytes + size - at) > length && memcmp(at, type, length) == 0 && at[length] == '"';
}

/* ---- what each does: false, it could not; the message then goes on as it is ---- */

static bool act_drop(struct pb_mutator *mutator, const struct pb_mutation_rule *rule, const uint8_t *bytes,
                     size_t size) {
    (void)mutator, (void)rule, (void)bytes, (void)size;
    return true;
}

static bool act_delay(struct pb_mutator *mutator, const struct pb_mutation_rule *rule, const uint8_t *bytes,
                      size_t size) {
    send_on(mutator, bytes, size, rule->delay);
    return true;
}

static bool act_double(struct pb_mutator *mutator, const struct pb_mutation_rule *rule, const uint8_t *bytes,
                       size_t size) {
    (void)rule;
    send_on(mutator, bytes, size, PB_SPAN_ZERO);
    send_on(mutator, bytes, size, PB_SPAN_ZERO);
    return true;
}

static bool act_reorder(struct pb_mutator *mutator, const struct pb_mutation_rule *rule, const uint8_t *bytes,
                        size_t size) {
    (void)rule;
    if (mutator->held_size) return false;
    memcpy(mutator->held, bytes, size);
    mutator->held_size = size;
    return true;
}

static bool act_flip(struct pb_mutator *mutator, const struct pb_mutation_rule *rule, const uint8_t *bytes,
                     size_t size) {
    (void)rule;
    size_t bit = below(mutator, size * 8);
    memcpy(mutator->made, bytes, size);
    mutator->made[bit / 8] ^= (uint8_t)(1u << bit % 8);
    send_on(mutator, mutator->made, size, PB_SPAN_ZERO);
    return true;
}

static bool act_truncate(struct pb_mutator *mutator, const struct pb_mutation_rule *rule, const uint8_t *bytes,
                         size_t size) {
    (void)rule;
    send_on(mutator, bytes, below(mutator, size), PB_SPAN_ZERO);
    return true;
}

static bool act_oversize(struct pb_mutator *mutator, const struct pb_mutation_rule *rule, const uint8_t *bytes,
                         size_t size) {
    size_t to = rule->size ? rule->size : MESSAGE_MAX + 1;
    if (to <= size) return false;
    mutator->made[0] = bytes[0];
    memset(mutator->made + 1, ' ', to - size);
    memcpy(mutator->made + 1 + (to - size), bytes + 1, size - 1);
    send_on(mutator, mutator->made, to, PB_SPAN_ZERO);
    return true;
}

static bool act_replay(struct pb_mutator *mutator, const struct pb_mutation_rule *rule, const uint8_t *bytes,
                       size_t size) {
    (void)rule;
    if (!mutator->kept_size) {
        memcpy(mutator->kept, bytes, size);
        mutator->kept_size = size;
    }
    send_on(mutator, bytes, size, PB_SPAN_ZERO);
    send_on(mutator, mutator->kept, mutator->kept_size, PB_SPAN_ZERO);
    return true;
}

static bool act_wrong_identity(struct pb_mutator *mutator, const struct pb_mutation_rule *rule, const uint8_t *bytes,
                               size_t size) {
    static const char digits[] = "0123456789", letters[] = "ABCDEFGH";
    const uint8_t *at = find_member(bytes, size, rule->member ? rule->member : "vin");
    size_t length = 0;
    while (at && at + length < bytes + size && at[length] != '"') length++;
    if (!length) return false;
    size_t place = (size_t)(at - bytes) + below(mutator, length);
    const char *kind = bytes[place] >= '0' && bytes[place] <= '9' ? digits : letters;
    const char *was = strchr(kind, bytes[place]);
    size_t step = 1 + below(mutator, strlen(kind) - 1); /* never back to what it was */
    memcpy(mutator->made, bytes, size);
    mutator->made[place] = (uint8_t)kind[((was ? (size_t)(was - kind) : 0) + step) % strlen(kind)];
    send_on(mutator, mutator->made, size, PB_SPAN_ZERO);
    return true;
}

static bool (*const acts[PB_MUTATE_COUNT])(struct pb_mutator *, const struct pb_mutation_rule *, const uint8_t *,
                                           size_t) = {
    [PB_MUTATE_DROP] = act_drop,
    [PB_MUTATE_DELAY] = act_delay,
    [PB_MUTATE_DOUBLE] = act_double,
    [PB_MUTATE_REORDER] = act_reorder,
    [PB_MUTATE_FLIP] = act_flip,
    [PB_MUTATE_TRUNCATE] = act_truncate,
    [PB_MUTATE_OVERSIZE] = act_oversize,
    [PB_MUTATE_REPLAY] = act_replay,
    [PB_MUTATE_WRONG_IDENTITY] = act_wrong_identity,
};

enum pb_status pb_mutator_create(const struct pb_mutation_rule *rules, size_t count, uint64_t seed, pb_mutate_sink sink,
                                 void *user, struct pb_mutator **ret_mutator, struct pb_error *error) {
    if (count > PB_MUTATE_RULES_MAX)
        return pb_fail(error, PB_ERR_ARG, 0, "rules", "found %zu, expected at most %d", count, PB_MUTATE_RULES_MAX);
    for (size_t i = 0; i < count; i++)
        if (rules[i].mutation <= PB_MUTATE_NONE || rules[i].mutation >= PB_MUTATE_COUNT ||
            rules[i].size > PB_MUTATE_BYTES_MAX || rules[i].delay.ns < 0)
            return pb_fail(error, PB_ERR_ARG, 0, "rules",
                           "found rule %zu, expected a mutation, at most %d bytes and no negative delay", i,
                           PB_MUTATE_BYTES_MAX);
    struct pb_mutator *mutator = calloc(1, sizeof *mutator);
    if (!mutator)
        return pb_fail(error, PB_ERR_MEMORY, 0, "rules", "found no memory, expected %zu bytes", sizeof *mutator);
    if (count) memcpy(mutator->rules, rules, count * sizeof *rules);
    mutator->rule_count = count;
    mutator->random = seed;
    mutator->sink = sink;
    mutator->user = user;
    *ret_mutator = mutator;
    return PB_OK;
}

void pb_mutator_destroy(struct pb_mutator *mutator) { free(mutator); }

/* The rule whose lot falls. Each rule that fits draws, so that what one does changes nothing for the others' next lots. */
static const struct pb_mutation_rule *draw(struct pb_mutator *mutator, const uint8_t *bytes, size_t size) {
    const struct pb_mutation_rule *drawn = NULL;
    for (size_t i = 0; i < mutator->rule_count; i++) {
        const struct pb_mutation_rule *rule = &mutator->rules[i];
        if (rule->type && !is_of_type(bytes, size, rule->type)) continue;
        if (below(mutator, 1000000) < rule->ppm && !drawn) drawn = rule;
    }
    return drawn;
}

enum pb_mutation pb_mutator_put(struct pb_mutator *mutator, const uint8_t *bytes, size_t size) {
    bool is_fit = size > 0 && size <= MESSAGE_MAX;
    size_t held_size = mutator->held_size;
    const struct pb_mutation_rule *rule = is_fit ? draw(mutator, bytes, size) : NULL;
    enum pb_mutation done = PB_MUTATE_NONE;
    if (rule && acts[rule->mutation](mutator, rule, bytes, size)) done = rule->mutation;
    else send_on(mutator, bytes, size, PB_SPAN_ZERO);
    if (held_size) pb_mutator_flush(mutator);
    mutator->counts[done]++;
    return done;
}

void pb_mutator_flush(struct pb_mutator *mutator) {
    if (mutator->held_size) send_on(mutator, mutator->held, mutator->held_size, PB_SPAN_ZERO);
    mutator->held_size = 0;
}

uint64_t pb_mutator_count(const struct pb_mutator *mutator, enum pb_mutation mutation) {
    return mutator->counts[mutation];
}
