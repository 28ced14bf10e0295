/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Check and reading rows to and from structs: JSON with sorted keys, compact, what is zero or empty left out, so that
 * equal structs have equal bytes. Run files come from anywhere: every member that is read is checked. */
#include "judge/judge.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const char *const rule_words[PB_RULE_COUNT] = {"simple", "guarded", "non_binary"};
enum { CHECK_IS_ADVISORY = 1, CHECK_IS_STRICT = 2, CHECK_BINDS_SHIFT = 2, CHECK_BINDS_MAX = 3 };

/* --- writing ------------------------------------------------------------------------------------------------------ */

/* Keys are ours (ASCII), so only the values are checked. */
static bool put_text(json_t *object, const char *key, const char *value) {
    return !*value || json_object_set_new_nocheck(object, key, json_string(value)) == 0;
}

static bool put_integer(json_t *object, const char *key, int64_t value) {
    return value == 0 || json_object_set_new_nocheck(object, key, json_integer(value)) == 0;
}

/* Takes the object, whose members were put in the order of their keys: sorting them here would take as long again. */
static enum pb_status dump(json_t *object, bool is_filled, char *ret_text, size_t size) {
    size_t length = is_filled ? json_dumpb(object, ret_text, size, JSON_COMPACT) : 0;
    json_decref(object);
    if (length == 0) return PB_ERR_INPUT;
    if (length >= size) return PB_ERR_RANGE;
    ret_text[length] = '\0';
    return PB_OK;
}

static struct pb_row row_of(const struct pb_check *check, enum pb_row_kind kind, const char *text) {
    return (struct pb_row){.kind = kind,
                           .case_no = check->case_no,
                           .step_no = check->step_no,
                           .check_no = check->check_no,
                           .name = check->id,
                           .text = text};
}

enum pb_status pb_check_to_row(const struct pb_check *check, struct pb_row *ret_row, char *ret_text, size_t size) {
    if ((unsigned)check->extractor >= PB_EXTRACTOR_COUNT || (unsigned)check->rule >= PB_RULE_COUNT ||
        (unsigned)check->limit.confidence >= PB_CONFIDENCE_COUNT)
        return PB_ERR_INPUT;
    json_t *object = json_object();
    if (!object) return PB_ERR_MEMORY;
    const struct pb_limit *limit = &check->limit;
    bool is_filled = put_text(object, "clause", limit->clause) &&
                     put_text(object, "confidence", pb_confidence_name(limit->confidence)) &&
                     put_text(object, "extractor", pb_extractor_name(check->extractor)) &&
                     put_text(object, "limit", limit->id) && put_text(object, "rule", rule_words[check->rule]) &&
                     put_text(object, "source", limit->source) && put_text(object, "text", check->text) &&
                     put_integer(object, "u_max", limit->u_max);
    enum pb_status status = dump(object, is_filled, ret_text, size);
    if (status != PB_OK) return status;
    struct pb_row row = row_of(check, PB_ROW_CHECK, ret_text);
    row.a = limit->min;
    row.b = limit->max;
    row.c = limit->unit;
    row.d = (check->is_advisory ? CHECK_IS_ADVISORY : 0) | (check->is_strict ? CHECK_IS_STRICT : 0) |
            (int64_t)check->binds << CHECK_BINDS_SHIFT;
    *ret_row = row;
    return PB_OK;
}

struct pb_row pb_verdict_row(const struct pb_check *check, enum pb_verdict verdict, int64_t reading_seq,
                             const char *reason) {
    struct pb_row row = row_of(check, PB_ROW_VERDICT, reason);
    row.a = verdict;
    row.b = reading_seq;
    return row;
}

enum pb_status pb_reading_to_row(const struct pb_check *check, const struct pb_recipe *recipe,
                                 const struct pb_reading *reading, struct pb_row *ret_row, char *ret_text,
                                 size_t size) {
    if ((unsigned)recipe->extractor >= PB_EXTRACTOR_COUNT) return PB_ERR_INPUT;
    json_t *object = json_object();
    if (!object) return PB_ERR_MEMORY;
    bool is_filled =
        put_integer(object, "count", recipe->count) && put_integer(object, "count2", recipe->count2) &&
        put_integer(object, "diode", recipe->diode_uv) && put_integer(object, "diode_u", recipe->u_diode_uv) &&
        put_integer(object, "end_row", recipe->end_row) &&
        put_text(object, "extractor", pb_extractor_name(recipe->extractor)) &&
        put_integer(object, "first", recipe->first) && put_integer(object, "first2", recipe->first2) &&
        put_integer(object, "first_row", recipe->first_row) && put_integer(object, "from", recipe->from.ns) &&
        put_integer(object, "from_u", recipe->from_u_ns) && put_integer(object, "least", recipe->least) &&
        put_integer(object, "load", recipe->load_mohm) && put_integer(object, "load_u", recipe->u_load_mohm) &&
        put_integer(object, "mask", (int64_t)recipe->mask) && /* bit 63 becomes the sign */
        put_integer(object, "mask_before", (int64_t)recipe->mask_before) &&
        put_integer(object, "mask_high", (int64_t)recipe->mask_high) && put_integer(object, "most", recipe->most) &&
        put_text(object, "name", recipe->name) && put_integer(object, "other_date", recipe->use_other_date) &&
        put_integer(object, "own", recipe->own_ff) && put_integer(object, "own_u", recipe->u_own_ff) &&
        put_integer(object, "plan_row", recipe->plan_row) &&
        (reading->outcome == PB_OUTCOME_VALUE || put_text(object, "reason", reading->reason)) &&
        put_integer(object, "step", recipe->step_no) && put_integer(object, "supply", recipe->supply_uv) &&
        put_integer(object, "until", recipe->until.ns) && put_integer(object, "value_u", recipe->value_u) &&
        put_integer(object, "version", recipe->version);
    enum pb_status status = dump(object, is_filled, ret_text, size);
    if (status != PB_OK) return status;
    struct pb_row row = row_of(check, PB_ROW_READING, ret_text);
    row.a = reading->quantity.value;
    row.b = reading->quantity.u;
    row.c = reading->quantity.unit;
    row.d = reading->outcome;
    *ret_row = row;
    return PB_OK;
}

/* --- reading ------------------------------------------------------------------------------------------------------ */

struct fields {
    json_t *object;
    const struct pb_row *row;
    struct pb_error *error;
};

static enum pb_status refuse(const struct fields *fields, const char *key, const char *expected) {
    char where[64];
    snprintf(where, sizeof where, "row %" PRId64, fields->row->seq);
    return pb_fail(fields->error, PB_ERR_INPUT, 0, where, "%s row \"%.80s\": %s is not %s",
                   pb_row_kind_name(fields->row->kind), fields->row->name, key, expected);
}

static enum pb_status open_fields(const struct pb_row *row, enum pb_row_kind kind, struct pb_error *error,
                                  struct fields *ret_fields) {
    *ret_fields = (struct fields){.row = row, .error = error};
    if (row->kind != kind) return refuse(ret_fields, "its kind", pb_row_kind_name(kind));
    ret_fields->object = json_loads(row->text, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(ret_fields->object)) return PB_OK;
    json_decref(ret_fields->object);
    return refuse(ret_fields, "its text", "a JSON object");
}

static enum pb_status get_text(const struct fields *fields, const char *key, char *ret_text, size_t size) {
    const json_t *value = json_object_get(fields->object, key);
    ret_text[0] = '\0';
    if (!value) return PB_OK;
    if (!json_is_string(value) || json_string_length(value) >= size) return refuse(fields, key, "a text that fits");
    memcpy(ret_text, json_string_value(value), json_string_length(value) + 1);
    return PB_OK;
}

static enum pb_status get_integer(const struct fields *fields, const char *key, int64_t min, int64_t *ret_value) {
    const json_t *value = json_object_get(fields->object, key);
    *ret_value = 0;
    if (value && !json_is_integer(value)) return refuse(fields, key, "an integer");
    if (value) *ret_value = json_integer_value(value);
    return *ret_value < min ? refuse(fields, key, "in range") : PB_OK;
}

/* Number of a word in a list. */
static enum pb_status get_word(const struct fields *fields, const char *key, const char *(*name_of)(int), int count,
                               int *ret_number) {
    const char *word = json_string_value(json_object_get(fields->object, key));
    for (int i = 0; word && i < count; i++)
        if (strcmp(name_of(i), word) == 0) {
            *ret_number = i;
            return PB_OK;
        }
    return refuse(fields, key, "one of its words");
}

static const char *extractor_word(int i) { return pb_extractor_name((enum pb_extractor)i); }
static const char *confidence_word(int i) { return pb_confidence_name((enum pb_confidence)i); }
static const char *rule_word(int i) { return rule_words[i]; }

static enum pb_status read_check(const struct fields *fields, struct pb_check *check) {
    const struct pb_row *row = fields->row;
    if (strlen(row->name) >= sizeof check->id) return refuse(fields, "its name", "short enough");
    if (row->check_no < 1) return refuse(fields, "its check number", "positive");
    if (row->c < 0 || row->c >= PB_UNIT_COUNT) return refuse(fields, "its unit", "in the list");
    strcpy(check->id, row->name);
    check->check_no = row->check_no;
    check->case_no = row->case_no;
    check->step_no = row->step_no;
    check->limit.min = row->a;
    check->limit.max = row->b;
    check->limit.unit = (enum pb_unit)row->c;
    check->is_advisory = (row->d & CHECK_IS_ADVISORY) != 0;
    check->is_strict = (row->d & CHECK_IS_STRICT) != 0;
    check->binds = (unsigned)(row->d >> CHECK_BINDS_SHIFT & CHECK_BINDS_MAX);
    int extractor = 0, rule = 0, confidence = 0;
    enum pb_status status = get_text(fields, "text", check->text, sizeof check->text);
    if (status == PB_OK) status = get_text(fields, "limit", check->limit.id, sizeof check->limit.id);
    if (status == PB_OK) status = get_text(fields, "clause", check->limit.clause, sizeof check->limit.clause);
    if (status == PB_OK) status = get_text(fields, "source", check->limit.source, sizeof check->limit.source);
    if (status == PB_OK) status = get_integer(fields, "u_max", 0, &check->limit.u_max);
    if (status == PB_OK) status = get_word(fields, "extractor", extractor_word, PB_EXTRACTOR_COUNT, &extractor);
    if (status == PB_OK) status = get_word(fields, "rule", rule_word, PB_RULE_COUNT, &rule);
    if (status == PB_OK) status = get_word(fields, "confidence", confidence_word, PB_CONFIDENCE_COUNT, &confidence);
    check->extractor = (enum pb_extractor)extractor;
    check->rule = (enum pb_rule)rule;
    check->limit.confidence = (enum pb_confidence)confidence;
    return status;
}

enum pb_status pb_check_from_row(const struct pb_row *row, struct pb_check *ret_check, struct pb_error *error) {
    struct fields fields;
    enum pb_status status = open_fields(row, PB_ROW_CHECK, error, &fields);
    if (status != PB_OK) return status;
    struct pb_check check = {0};
    status = read_check(&fields, &check);
    json_decref(fields.object);
    if (status == PB_OK) *ret_check = check;
    return status;
}

static enum pb_status read_recipe(const struct fields *fields, struct pb_recipe *recipe) {
    int64_t version = 0, mask = 0, mask_before = 0, mask_high = 0, other_date = 0;
    int extractor = 0;
    enum pb_status status = get_word(fields, "extractor", extractor_word, PB_EXTRACTOR_COUNT, &extractor);
    if (status == PB_OK) status = get_integer(fields, "version", 0, &version);
    if (status == PB_OK && version > INT32_MAX) status = refuse(fields, "version", "in range");
    if (status == PB_OK) status = get_text(fields, "name", recipe->name, sizeof recipe->name);
    if (status == PB_OK) status = get_integer(fields, "first", INT64_MIN, &recipe->first);
    if (status == PB_OK) status = get_integer(fields, "count", 0, &recipe->count);
    if (status == PB_OK) status = get_integer(fields, "first2", INT64_MIN, &recipe->first2);
    if (status == PB_OK) status = get_integer(fields, "count2", 0, &recipe->count2);
    if (status == PB_OK) status = get_integer(fields, "load", 0, &recipe->load_mohm);
    if (status == PB_OK) status = get_integer(fields, "load_u", 0, &recipe->u_load_mohm);
    if (status == PB_OK) status = get_integer(fields, "diode", 0, &recipe->diode_uv);
    if (status == PB_OK) status = get_integer(fields, "diode_u", 0, &recipe->u_diode_uv);
    if (status == PB_OK) status = get_integer(fields, "from", INT64_MIN, &recipe->from.ns);
    if (status == PB_OK) status = get_integer(fields, "from_u", 0, &recipe->from_u_ns);
    if (status == PB_OK) status = get_integer(fields, "until", INT64_MIN, &recipe->until.ns);
    if (status == PB_OK) status = get_integer(fields, "plan_row", 0, &recipe->plan_row);
    if (status == PB_OK) status = get_integer(fields, "first_row", 0, &recipe->first_row);
    if (status == PB_OK) status = get_integer(fields, "end_row", 0, &recipe->end_row);
    if (status == PB_OK) status = get_integer(fields, "step", 0, &recipe->step_no);
    if (status == PB_OK) status = get_integer(fields, "least", 0, &recipe->least);
    if (status == PB_OK) status = get_integer(fields, "most", 0, &recipe->most);
    if (status == PB_OK) status = get_integer(fields, "value_u", 0, &recipe->value_u);
    if (status == PB_OK) status = get_integer(fields, "own", 0, &recipe->own_ff);
    if (status == PB_OK) status = get_integer(fields, "own_u", 0, &recipe->u_own_ff);
    if (status == PB_OK) status = get_integer(fields, "supply", 0, &recipe->supply_uv);
    if (status == PB_OK) status = get_integer(fields, "mask_before", INT64_MIN, &mask_before);
    if (status == PB_OK) status = get_integer(fields, "mask_high", INT64_MIN, &mask_high);
    if (status == PB_OK) status = get_integer(fields, "mask", INT64_MIN, &mask);
    if (status == PB_OK) status = get_integer(fields, "other_date", 0, &other_date);
    recipe->extractor = (enum pb_extractor)extractor;
    recipe->version = (int)version;
    recipe->mask = (uint64_t)mask;
    recipe->mask_before = (uint64_t)mask_before;
    recipe->mask_high = (uint64_t)mask_high;
    recipe->use_other_date = other_date != 0;
    return status;
}

enum pb_status pb_recipe_from_row(const struct pb_row *row, struct pb_recipe *ret_recipe, struct pb_error *error) {
    struct fields fields;
    enum pb_status status = open_fields(row, PB_ROW_READING, error, &fields);
    if (status != PB_OK) return status;
    struct pb_recipe recipe = {0};
    status = read_recipe(&fields, &recipe);
    json_decref(fields.object);
    if (status == PB_OK) *ret_recipe = recipe;
    return status;
}
