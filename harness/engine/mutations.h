/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done to messages on their way to the device, as a suite's `mutates` or the command line's --mutate says it: rules of
 * messages/mutate.h that own their texts. */
#ifndef PB_HARNESS_MUTATIONS_H
#define PB_HARNESS_MUTATIONS_H

#include "messages/mutate.h"

#include <stdbool.h>

enum {
    PB_MUTATIONS_SIZE_MAX = 100000 /* bytes of OVERSIZE and of an injected message: what the virtual bench carries */
};

struct pb_mutations {
    struct {
        enum pb_mutation mutation;
        uint32_t ppm;
        char type[40]; /* "": all */
        char member[40];
        pb_span delay;
        size_t size; /* 0: as the rule has it */
    } rules[PB_MUTATE_RULES_MAX];
    size_t count;
    bool is_judged; /* a device that then fails has failed: the suite says what it expects of it */
};

/* What is common to the rules of one set of words. */
struct pb_mutations_manner {
    const char *type, *member; /* "": all, the rule's own */
    pb_span by;
    size_t size;
};
/* One rule more. PB_ERR_RANGE: too many; PB_ERR_INPUT: a delay by nothing. */
PB_MUST_CHECK enum pb_status pb_mutations_add(struct pb_mutations *mutations, enum pb_mutation mutation, uint32_t ppm,
                                              const struct pb_mutations_manner *manner, struct pb_error *error);
/* Adds "drop=1%, delay=2.5% by=1s only=vin": NAME=SHARE for mutations, and by, only, member, size for all of the text. PB_ERR_INPUT with
 * the word that is wrong as its place. */
PB_MUST_CHECK enum pb_status pb_mutations_parse(struct pb_mutations *mutations, const char *text,
                                                struct pb_error *error);
/* "drop 1 %, delay 2.5 % by 1 s of vin". Returns ret_text. */
char *pb_mutations_describe(const struct pb_mutations *mutations, char *ret_text, size_t size);
/* As messages/mutate.h has them; their texts are the set's. */
void pb_mutations_rules(const struct pb_mutations *mutations, struct pb_mutation_rule *ret_rules);

#endif
