/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mutated messages, by seed, through reader and matcher. What a session said is written down as patterns that ask for every field, number,
 * party and stamp; then each message is mutated. Either all that came means what was said, or something refused or flagged it. */
#include "tests/support/check.h"

#include "messages/jsonl/lines.h"
#include "messages/match.h"
#include "messages/mutate.h"
#include "tests/messages/samples.h"

enum { SAID_MAX = 8, CAME_MAX = 64 };

/* ---- the mutator alone ---- */

struct came {
    uint8_t bytes[CAME_MAX][400];
    size_t sizes[CAME_MAX], count;
    pb_span delays[CAME_MAX];
};
static void on_came(void *user, const uint8_t *bytes, size_t size, pb_span delay) {
    struct came *came = user;
    PB_CHECK_TRUE(came->count < CAME_MAX, "too many");
    size_t kept = size < sizeof came->bytes[0] ? size : sizeof came->bytes[0];
    memcpy(came->bytes[came->count], bytes, kept);
    came->sizes[came->count] = size;
    came->delays[came->count++] = delay;
}

static struct came mutated(const struct pb_mutation_rule *rule, uint64_t seed, const char *const *texts) {
    struct came came = {.count = 0};
    struct pb_mutator *mutator;
    struct pb_error error;
    PB_CHECK_OK(pb_mutator_create(rule, 1, seed, on_came, &came, &mutator, &error), &error);
    for (; *texts; texts++) pb_mutator_put(mutator, (const uint8_t *)*texts, strlen(*texts));
    pb_mutator_flush(mutator);
    pb_mutator_destroy(mutator);
    return came;
}

static void check_came(const struct came *came, const char *const *texts) {
    size_t i = 0;
    for (; texts[i]; i++) {
        PB_CHECK_TRUE(i < came->count && came->sizes[i] == strlen(texts[i]) &&
                          memcmp(came->bytes[i], texts[i], came->sizes[i]) == 0,
                      "message %zu is not %s", i, texts[i]);
    }
    PB_CHECK_INT(came->count, i, "messages");
}

static const char *const abc[] = {"{\"type\":\"a\"}", "{\"type\":\"b\"}", "{\"type\":\"c\"}", NULL};
#define RULE(what)                                                                                                     \
    &(const struct pb_mutation_rule) { .mutation = what, .ppm = 1000000, .type = "b" }

static void test_each_mutation_does_what_its_name_says(void **state) {
    (void)state;
    struct came came = mutated(RULE(PB_MUTATE_DROP), 1, abc);
    check_came(&came, (const char *const[]){abc[0], abc[2], NULL});
    came = mutated(RULE(PB_MUTATE_DOUBLE), 1, abc);
    check_came(&came, (const char *const[]){abc[0], abc[1], abc[1], abc[2], NULL});
    came = mutated(RULE(PB_MUTATE_REORDER), 1, abc);
    check_came(&came, (const char *const[]){abc[0], abc[2], abc[1], NULL});
    came = mutated(&(const struct pb_mutation_rule){.mutation = PB_MUTATE_REPLAY, .ppm = 1000000}, 1, abc);
    check_came(&came, (const char *const[]){abc[0], abc[0], abc[1], abc[0], abc[2], abc[0], NULL});
    came = mutated(&(const struct pb_mutation_rule){.mutation = PB_MUTATE_DELAY, .ppm = 1000000, .delay = {7}}, 1, abc);
    check_came(&came, abc);
    PB_CHECK_INT(came.delays[1].ns, 7, "ns");
    came = mutated(RULE(PB_MUTATE_OVERSIZE), 1, abc);
    PB_CHECK_INT(came.sizes[1], 65537, "bytes");
    came = mutated(RULE(PB_MUTATE_TRUNCATE), 1, abc);
    PB_CHECK_TRUE(came.sizes[1] < strlen(abc[1]) && memcmp(came.bytes[1], abc[1], came.sizes[1]) == 0, "truncated");
    static const char *const vins[] = {"{\"vin\":\"1AB0\"}", "{\"vin\":\"x\"}", NULL};
    for (uint64_t seed = 1; seed <= 40; seed++) {
        came =
            mutated(&(const struct pb_mutation_rule){.mutation = PB_MUTATE_WRONG_IDENTITY, .ppm = 1000000}, seed, vins);
        for (int i = 0; i < 2; i++) {
            int different = 0;
            for (size_t k = 0; k < came.sizes[i]; k++) different += came.bytes[i][k] != (uint8_t)vins[i][k];
            PB_CHECK_INT(different, 1, "bytes");
        }
    }
    came = mutated(RULE(PB_MUTATE_FLIP), 1, abc);
    int bits = 0;
    for (size_t k = 0; k < came.sizes[1]; k++)
        bits += __builtin_popcount((unsigned)(came.bytes[1][k] ^ (uint8_t)abc[1][k]));
    PB_CHECK_INT(bits, 1, "bits");
}

static void test_a_seed_gives_the_same_bytes(void **state) {
    static const struct pb_mutation_rule half = {.mutation = PB_MUTATE_FLIP, .ppm = 500000};
    (void)state;
    struct came one = mutated(&half, 7, abc), two = mutated(&half, 7, abc), three = mutated(&half, 8, abc);
    PB_CHECK_TRUE(memcmp(&one, &two, sizeof one) == 0, "same seed");
    PB_CHECK_TRUE(memcmp(&one, &three, sizeof one) != 0, "another seed");
}

static void test_names_are_found(void **state) {
    (void)state;
    for (int i = 0; i < PB_MUTATE_COUNT; i++) PB_CHECK_INT(pb_mutation_find(pb_mutation_names[i]), i, "");
    PB_CHECK_INT(pb_mutation_find("no_such"), PB_MUTATE_COUNT, "");
}

/* ---- a session, mutated ---- */

static struct pb_message_value said[SAID_MAX], got[CAME_MAX];
static struct pb_heard heard[CAME_MAX];
static struct pb_line_reader reader;
static size_t said_count, got_count, refused;
static pb_instant now;

static void on_message(void *user, const struct pb_message_value *value, const char *bytes, size_t size) {
    (void)user, (void)bytes, (void)size;
    PB_CHECK_TRUE(got_count < CAME_MAX, "too many");
    got[got_count] = *value;
    heard[got_count] = (struct pb_heard){&got[got_count], now, 0};
    got_count++;
}
static void on_mistake(void *user, const struct pb_error *error, const char *bytes, size_t size) {
    (void)user, (void)bytes, (void)size;
    PB_CHECK_TRUE(error->where[0] && error->text[0], "a mistake without words");
    refused++;
}
static const struct pb_line_sink lines = {on_message, on_mistake, NULL};

/* Its stamp is the time of sending; it goes on at once, or after the delay. */
static void on_mutated(void *user, const uint8_t *bytes, size_t size, pb_span delay) {
    (void)user;
    pb_instant was = now;
    now = pb_after(now, delay);
    pb_lines_feed(&reader, bytes, size, &lines);
    if (!size || bytes[size - 1] != '\n') pb_lines_feed(&reader, "\n", 1, &lines);
    now = was;
}

/* A pattern that asks for all of a message that conditions can ask for; the lists are compared by the test. */
static void pattern_of(const struct pb_message_value *value, int group, struct pb_pattern *ret_pattern) {
    *ret_pattern = (struct pb_pattern){.name = "x",
                                       .type = value->row->name,
                                       .from = value->from,
                                       .to = value->to,
                                       .group = group,
                                       .after = -1,
                                       .within = PB_SPAN_FOREVER,
                                       .transit = PB_SPAN_ZERO};
    PB_CHECK_TRUE(value->row->field_count <= PB_MATCH_CONDITIONS_MAX, "%s has %zu fields, a pattern %d conditions",
                  value->row->name, value->row->field_count, PB_MATCH_CONDITIONS_MAX);
    for (size_t i = 0; i < value->row->field_count; i++) {
        const struct pb_field_row *row = &value->row->fields[i];
        const struct pb_field_value *field = &value->fields[i];
        struct pb_condition *condition = &ret_pattern->conditions[ret_pattern->condition_count++];
        *condition = (struct pb_condition){.field = row->name, .relation = PB_RELATION_PRESENT};
        if (!field->is_present) condition->relation = PB_RELATION_ABSENT;
        else if (row->type == PB_FIELD_TEXT) {
            condition->relation = PB_RELATION_EQUAL;
            condition->a = (struct pb_operand){.kind = PB_OPERAND_TEXT, .text = value->texts + field->start};
        } else if (row->type != PB_FIELD_LIST) {
            condition->relation = PB_RELATION_EQUAL;
            condition->a = (struct pb_operand){.kind = PB_OPERAND_NUMBER, .number = field->number};
        }
    }
}

/* The meaning: all but the id. Numbering may begin anywhere, so that another id of a first message is no other meaning. */
static bool is_what_was_said(void) {
    if (got_count != said_count) return false;
    for (size_t i = 0; i < said_count; i++) {
        got[i].id = said[i].id;
        if (!pb_message_is_equal(&got[i], &said[i])) return false;
    }
    return true;
}

static bool has_list(const struct pb_message_value *value) {
    for (size_t i = 0; i < value->row->field_count; i++)
        if (value->row->fields[i].type == PB_FIELD_LIST) return true;
    return false;
}

/* A session of 6 messages from one sender to one receiver each, ids counted. */
static void make_session(uint64_t *random) {
    size_t numbers[128], rows = sample_link_rows(numbers);
    said_count = 0;
    while (said_count < 6) {
        struct pb_message_value *value = &said[said_count];
        sample_message(numbers[sample_below(random, rows)], random, 100, value);
        if (has_list(value)) continue;
        value->has_sent = true;
        value->sent.ns = (int64_t)said_count * 1000;
        for (size_t i = 0; i < said_count; i++) value->id += said[i].from == value->from;
        said_count++;
    }
}

static bool run_session(const struct pb_mutation_rule *rules, size_t rule_count, uint64_t seed, uint64_t *ret_mutated) {
    static char line[PB_LINE_BYTES_MAX + 2];
    static struct pb_pattern patterns[SAID_MAX];
    static struct pb_matcher matcher;
    struct pb_heard_result as[CAME_MAX];
    struct pb_expected expected = {patterns, 6, PB_UNEXPECTED_JUDGE};
    struct pb_mutator *mutator;
    struct pb_error error;
    uint64_t random = seed;
    size_t length;
    got_count = refused = 0;
    memset(&reader, 0, offsetof(struct pb_line_reader, value));
    make_session(&random);
    PB_CHECK_OK(pb_mutator_create(rules, rule_count, seed, on_mutated, NULL, &mutator, &error), &error);
    for (size_t i = 0; i < said_count; i++) {
        pattern_of(&said[i], (int)i, &patterns[i]);
        now = said[i].sent;
        PB_CHECK_OK(pb_message_encode(&said[i], line, sizeof line, &length, &error), &error);
        pb_mutator_put(mutator, (const uint8_t *)line, length);
    }
    pb_mutator_flush(mutator);
    *ret_mutated = said_count - pb_mutator_count(mutator, PB_MUTATE_NONE);
    pb_mutator_destroy(mutator);
    PB_CHECK_OK(pb_match_all(&expected, heard, got_count, &matcher, as, &error), &error);
    bool is_flagged = refused > 0 || !pb_match_is_pass(&matcher);
    for (size_t i = 0; i < got_count; i++)
        is_flagged |= as[i].is_after_gap || as[i].is_late_id || as[i].is_from_future || as[i].as != PB_HEARD_MATCHED;
    if (!is_flagged) PB_CHECK_TRUE(is_what_was_said(), "seed %llu: a false match", (unsigned long long)seed);
    return is_flagged;
}

static void test_a_session_that_is_not_mutated_passes(void **state) {
    uint64_t count;
    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        PB_CHECK_TRUE(!run_session(NULL, 0, seed, &count), "seed %d is flagged", (int)seed);
        PB_CHECK_INT(count, 0, "mutations");
    }
}

static void test_no_mutated_message_is_a_false_match(void **state) {
    struct pb_mutation_rule rules[PB_MUTATE_COUNT - 1];
    uint64_t want = getenv("PB_SOAK") ? 10000 : 500, mutations = 0, flagged = 0, sessions = 0, count;
    (void)state;
    for (int i = 1; i < PB_MUTATE_COUNT; i++)
        rules[i - 1] =
            (struct pb_mutation_rule){.mutation = (enum pb_mutation)i, .ppm = 25000, .delay = {1 + i * 1500}};
    for (uint64_t seed = 1; mutations < want; seed++, sessions++) {
        bool is_flagged = run_session(rules, PB_MUTATE_COUNT - 1, seed, &count);
        PB_CHECK_TRUE(count || !is_flagged, "seed %llu: flagged without a mutation", (unsigned long long)seed);
        mutations += count;
        flagged += is_flagged;
    }
    print_message("%llu mutated messages in %llu sessions, %llu sessions flagged\n", (unsigned long long)mutations,
                  (unsigned long long)sessions, (unsigned long long)flagged);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_mutation_does_what_its_name_says),
        cmocka_unit_test(test_a_seed_gives_the_same_bytes),
        cmocka_unit_test(test_names_are_found),
        cmocka_unit_test(test_a_session_that_is_not_mutated_passes),
        cmocka_unit_test(test_no_mutated_message_is_a_false_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
