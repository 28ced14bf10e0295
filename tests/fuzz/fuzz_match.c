/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Tables and messages from anybody: the matcher refuses a table or gives each message and pattern an outcome, the same one by one as at once. */
#include "messages/match.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PATTERNS = 6, MESSAGES = 40 };

struct bytes {
    const uint8_t *at;
    size_t left;
};
static uint8_t next(struct bytes *bytes) {
    if (!bytes->left) return 0;
    bytes->left--;
    return *bytes->at++;
}

/* Few types, so that messages and patterns meet. */
static const struct pb_message_row *row_of(uint8_t byte) {
    static const char *const types[] = {"energy_request", "energy_available", "session_report", "hourly_prices"};
    return &pb_catalogue[pb_catalogue_find(types[byte % 4])];
}

static const char *field_of(const struct pb_message_row *row, uint8_t byte) {
    return byte % 13 == 12 ? "no_such" : row->fields[byte % row->field_count].name;
}

static void make_operand(struct bytes *bytes, struct pb_operand *operand) {
    operand->kind = (enum pb_operand_kind)(next(bytes) % 4);
    operand->number = operand->kind == PB_OPERAND_FIELD ? next(bytes) % (PATTERNS + 1) : (int8_t)next(bytes);
    if (next(bytes) % 16 == 0) operand->number = INT64_MIN;
    operand->text = operand->kind == PB_OPERAND_NUMBER ? NULL : field_of(row_of(next(bytes)), next(bytes));
}

static void make_pattern(struct bytes *bytes, struct pb_pattern *pattern) {
    const struct pb_message_row *row = row_of(next(bytes));
    *pattern = (struct pb_pattern){.name = "p", .type = row->name, .from = PB_PARTY_COUNT, .to = PB_PARTY_COUNT};
    if (next(bytes) % 2) pattern->from = (enum pb_party)(next(bytes) % PB_PARTY_COUNT);
    pattern->often = (enum pb_how_often)(next(bytes) % 5);
    pattern->group = (int8_t)next(bytes) % 4;
    pattern->after = next(bytes) % (PATTERNS + 1) - 1;
    pattern->within = next(bytes) % 2 ? PB_SPAN_FOREVER : (pb_span){next(bytes)};
    pattern->transit = next(bytes) % 2 ? PB_SPAN_FOREVER : (pb_span){next(bytes)};
    pattern->condition_count = next(bytes) % 3;
    for (size_t i = 0; i < pattern->condition_count; i++) {
        struct pb_condition *condition = &pattern->conditions[i];
        condition->field = field_of(row, next(bytes));
        condition->relation = (enum pb_relation)(next(bytes) % PB_RELATION_COUNT);
        make_operand(bytes, &condition->a);
        make_operand(bytes, &condition->b);
        condition->tolerance = next(bytes) % 8 ? next(bytes) : INT64_MAX;
    }
}

/* Values as a message may hold them in memory, also far out. */
static void make_message(struct bytes *bytes, struct pb_message_value *value) {
    const struct pb_message_row *row = row_of(next(bytes));
    pb_message_begin(value, row, (enum pb_party)(next(bytes) % PB_PARTY_COUNT),
                     (enum pb_party)(next(bytes) % PB_PARTY_COUNT), next(bytes));
    if (next(bytes) % 16 == 0) value->id = INT64_MAX - 1;
    value->has_sent = next(bytes) % 2;
    value->sent.ns = next(bytes);
    for (size_t i = 0; i < row->field_count; i++) {
        const struct pb_field_row *field = &row->fields[i];
        value->fields[i].is_present = next(bytes) % 4 != 0;
        if (field->type == PB_FIELD_TEXT) {
            value->fields[i].start = value->text_bytes;
            value->texts[value->text_bytes++] = (char)('A' + next(bytes) % 4);
            value->texts[value->text_bytes++] = 0;
            value->fields[i].length = 1;
        } else if (field->type == PB_FIELD_LIST) {
            value->fields[i].length = next(bytes) % 5;
            for (size_t k = 0; k < value->fields[i].length * field->member_count; k++)
                value->cells[value->cell_count++] = (struct pb_field_value){.number = next(bytes), .is_present = true};
        } else if (field->type != PB_FIELD_CHOICE) value->fields[i].number = next(bytes) % 32 ? next(bytes) : INT64_MAX;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct pb_pattern patterns[PATTERNS];
    static struct pb_message_value values[MESSAGES];
    static struct pb_heard heard[MESSAGES];
    static struct pb_heard_result as[MESSAGES];
    static struct pb_matcher single, whole;
    struct bytes bytes = {data, size};
    struct pb_error error;
    char text[200];
    int64_t now = 0;
    struct pb_expected expected = {patterns, next(&bytes) % PATTERNS + 1u,
                                   (enum pb_unexpected_policy)(next(&bytes) % 3)};
    for (size_t i = 0; i < expected.count; i++) make_pattern(&bytes, &patterns[i]);
    enum pb_status status = pb_match_begin(&single, &expected, &error);
    if (status != PB_OK && status != PB_ERR_ARG) abort();
    if (status != PB_OK) return 0;
    size_t count = 0;
    for (; count < MESSAGES && bytes.left; count++) {
        make_message(&bytes, &values[count]);
        heard[count] = (struct pb_heard){&values[count], {now += next(&bytes)}, 0};
        struct pb_heard_result one = pb_match_take(&single, &heard[count]);
        bool is_named = one.as != PB_HEARD_UNEXPECTED && one.as != PB_HEARD_REPEATED;
        if ((unsigned)one.as >= PB_HEARD_AS_COUNT || is_named != (one.pattern < expected.count)) abort();
    }
    pb_match_close(&single);
    if (pb_match_all(&expected, heard, count, &whole, as, &error) != PB_OK) abort();
    for (size_t i = 0; i < expected.count; i++) {
        if (single.results[i].outcome != whole.results[i].outcome || single.results[i].count != whole.results[i].count)
            abort();
        if (single.results[i].outcome == PB_MATCH_OPEN || !pb_match_explain(&single, i, text, sizeof text)[0]) abort();
    }
    if (pb_match_is_pass(&single) != pb_match_is_pass(&whole)) abort();
    return 0;
}
