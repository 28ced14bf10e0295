/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/mutations.h"

#include "base/quantity.h"
#include "messages/catalogue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum pb_status pb_mutations_add(struct pb_mutations *mutations, enum pb_mutation mutation, uint32_t ppm,
                                const struct pb_mutations_manner *manner, struct pb_error *error) {
    if (mutations->count == PB_MUTATE_RULES_MAX)
        return pb_fail(error, PB_ERR_RANGE, 0, pb_mutation_names[mutation],
                       "found more than %d mutations, expected at most that", PB_MUTATE_RULES_MAX);
    if (mutation == PB_MUTATE_DELAY && manner->by.ns <= 0)
        return pb_fail(error, PB_ERR_INPUT, 0, "delay", "found no `by` with it, expected how long messages are held");
    size_t i = mutations->count++;
    mutations->rules[i].mutation = mutation;
    mutations->rules[i].ppm = ppm;
    mutations->rules[i].delay = manner->by;
    mutations->rules[i].size = manner->size;
    snprintf(mutations->rules[i].type, sizeof mutations->rules[i].type, "%s", manner->type);
    snprintf(mutations->rules[i].member, sizeof mutations->rules[i].member, "%s", manner->member);
    return PB_OK;
}

void pb_mutations_rules(const struct pb_mutations *mutations, struct pb_mutation_rule *ret_rules) {
    for (size_t i = 0; i < mutations->count; i++)
        ret_rules[i] = (struct pb_mutation_rule){
            .mutation = mutations->rules[i].mutation,
            .type = mutations->rules[i].type[0] ? mutations->rules[i].type : NULL,
            .member = mutations->rules[i].member[0] ? mutations->rules[i].member : NULL,
            .ppm = mutations->rules[i].ppm,
            .delay = mutations->rules[i].delay,
            .size = mutations->rules[i].size,
        };
}

char *pb_mutations_describe(const struct pb_mutations *mutations, char *ret_text, size_t size) {
    size_t used = 0;
    ret_text[0] = 0;
    for (size_t i = 0; i < mutations->count && used < size; i++) {
        char share[40], by[48] = "";
        pb_span delay = mutations->rules[i].delay;
        pb_quantity_format(mutations->rules[i].ppm, PB_UNIT_PERCENT, 15, share, sizeof share);
        if (mutations->rules[i].mutation == PB_MUTATE_DELAY) {
            strcpy(by, " by ");
            pb_quantity_format(delay.ns, PB_UNIT_SECOND, 15, by + 4, sizeof by - 4);
        }
        used += (size_t)snprintf(ret_text + used, size - used, "%s%s %s%s%s%s", i ? ", " : "",
                                 pb_mutation_names[mutations->rules[i].mutation], share, by,
                                 mutations->rules[i].type[0] ? " of " : "", mutations->rules[i].type);
    }
    if (mutations->is_judged && used < size) snprintf(ret_text + used, size - used, "; judged all the same");
    return ret_text;
}

/* ---- the command line's text ---- */

struct words {
    struct pb_mutations_manner manner;
    struct {
        enum pb_mutation mutation;
        uint32_t ppm;
    } shares[PB_MUTATE_COUNT];
    size_t count;
    char type[40], member[40];
};

static enum pb_status read_share(const char *word, const char *value, uint32_t *ret_ppm, struct pb_error *error) {
    char text[40];
    int64_t ppm = 0;
    struct pb_error ignored;
    snprintf(text, sizeof text, "%.30s%s", value, strchr(value, '%') ? "" : " %");
    if (pb_quantity_parse(text, PB_UNIT_PERCENT, &ppm, &ignored) != PB_OK || ppm < 0 || ppm > 1000000)
        return pb_fail(error, PB_ERR_INPUT, 0, word, "found the share '%.30s', expected 0 to 100 %%", value);
    *ret_ppm = (uint32_t)ppm;
    return PB_OK;
}

static enum pb_status read_manner(struct words *words, const char *name, const char *value, struct pb_error *error) {
    if (strcmp(name, "by") == 0) {
        if (pb_quantity_parse(value, PB_UNIT_SECOND, &words->manner.by.ns, error) != PB_OK || words->manner.by.ns < 0)
            return pb_fail(error, PB_ERR_INPUT, 0, name, "found the delay '%.30s', expected a time such as 1s", value);
        return PB_OK;
    }
    if (strcmp(name, "only") == 0) {
        if (pb_catalogue_find(value) == pb_catalogue_count)
            return pb_fail(error, PB_ERR_INPUT, 0, name,
                           "found the unknown message '%.60s', expected a name of docs/messages.md", value);
        snprintf(words->type, sizeof words->type, "%s", value);
        return PB_OK;
    }
    if (strcmp(name, "member") == 0) {
        snprintf(words->member, sizeof words->member, "%s", value);
        return PB_OK;
    }
    char *end;
    long size = strtol(value, &end, 10);
    if (strcmp(name, "size") == 0 && !*end && size > 0 && size <= PB_MUTATIONS_SIZE_MAX) {
        words->manner.size = (size_t)size;
        return PB_OK;
    }
    if (strcmp(name, "size") == 0)
        return pb_fail(error, PB_ERR_INPUT, 0, name, "found the size '%.30s', expected 1 to %d bytes", value,
                       PB_MUTATIONS_SIZE_MAX);
    return pb_fail(error, PB_ERR_INPUT, 0, name,
                   "found the unknown word, expected drop, delay, double, reorder, flip, truncate, oversize, replay or "
                   "wrong_identity with a share, or by, only, member, size");
}

static enum pb_status read_word(struct words *words, char *word, struct pb_error *error) {
    char *value = strchr(word, '=');
    if (!value || !value[1])
        return pb_fail(error, PB_ERR_INPUT, 0, word, "found no value, expected NAME=VALUE such as drop=1%%");
    *value++ = 0;
    enum pb_mutation mutation = pb_mutation_find(word);
    if (mutation == PB_MUTATE_COUNT || mutation == PB_MUTATE_NONE) return read_manner(words, word, value, error);
    if (words->count == PB_MUTATE_COUNT)
        return pb_fail(error, PB_ERR_INPUT, 0, word, "found more than %d mutations, expected fewer", PB_MUTATE_COUNT);
    words->shares[words->count].mutation = mutation;
    return read_share(word, value, &words->shares[words->count++].ppm, error);
}

enum pb_status pb_mutations_parse(struct pb_mutations *mutations, const char *text, struct pb_error *error) {
    struct words words = {.count = 0};
    char copy[400], *rest = copy;
    enum pb_status status = PB_OK;
    if (strlen(text) >= sizeof copy)
        return pb_fail(error, PB_ERR_INPUT, 0, "", "found %zu bytes of mutations, expected fewer than %zu",
                       strlen(text), sizeof copy);
    strcpy(copy, text);
    for (char *word; status == PB_OK && (word = strsep(&rest, ", ")) != NULL;)
        if (*word) status = read_word(&words, word, error);
    if (status == PB_OK && !words.count)
        return pb_fail(error, PB_ERR_INPUT, 0, "", "found no mutation in '%.60s', expected one such as drop=1%%", text);
    words.manner.type = words.type;
    words.manner.member = words.member;
    for (size_t i = 0; status == PB_OK && i < words.count; i++)
        status = pb_mutations_add(mutations, words.shares[i].mutation, words.shares[i].ppm, &words.manner, error);
    return status;
}
