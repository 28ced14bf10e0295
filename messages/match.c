/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages/match.h"

#include <inttypes.h>
#include <string.h>

const char *const pb_relation_names[PB_RELATION_COUNT] = {
    "present", "absent", "equal to", "other than", "at most", "at least", "the lesser of two:", "ascending", "items",
};
const char *const pb_heard_as_names[PB_HEARD_AS_COUNT] = {
    "matched", "mismatched", "one more that does not fit", "repeated", "forbidden", "too many", "unexpected",
};
const char *const pb_match_outcome_names[PB_MATCH_OUTCOME_COUNT] = {
    "open", "fits", "missing", "mismatch", "out of order", "late", "slow", "too many", "forbidden",
};

/* ---- the table is right ---- */

static bool is_text_type(enum pb_field_type type) { return type == PB_FIELD_TEXT; }

static const struct pb_field_row *field_row(const struct pb_pattern *pattern, const char *field) {
    const struct pb_message_row *row = &pb_catalogue[pb_catalogue_find(pattern->type)];
    size_t i = field ? pb_message_row_field(row, field) : row->field_count;
    return i < row->field_count ? &row->fields[i] : NULL;
}

static bool is_operand_right(const struct pb_expected *expected, const struct pb_field_row *row,
                             const struct pb_operand *operand) {
    int64_t choices = 0;
    while (row->choices && row->choices[choices]) choices++;
    if (operand->kind == PB_OPERAND_NUMBER && row->type == PB_FIELD_CHOICE)
        return operand->number >= 0 && operand->number < choices;
    if (operand->kind == PB_OPERAND_NUMBER) return !is_text_type(row->type) && row->type != PB_FIELD_LIST;
    if (operand->kind == PB_OPERAND_TEXT)
        return operand->text && (is_text_type(row->type) || row->type == PB_FIELD_CHOICE);
    if (operand->kind != PB_OPERAND_FIELD || operand->number < 0 || operand->number >= (int64_t)expected->count)
        return false;
    const struct pb_field_row *other = field_row(&expected->patterns[operand->number], operand->text);
    return other && other->type == row->type && other->unit == row->unit && other->choices == row->choices;
}

/* Number of a list's member; member_count if it has none of that name. */
static size_t member_of(const struct pb_field_row *row, const char *name) {
    size_t i = 0;
    while (i < row->member_count && (!name || strcmp(row->members[i].name, name) != 0)) i++;
    return i;
}

static bool is_list_right(const struct pb_expected *expected, const struct pb_field_row *row,
                          const struct pb_condition *condition) {
    size_t member = member_of(row, condition->member);
    enum pb_operand_kind a = condition->a.kind, b = condition->b.kind;
    if (condition->relation == PB_RELATION_ITEMS)
        return !condition->member && a == PB_OPERAND_NUMBER && (b == PB_OPERAND_NUMBER || b == PB_OPERAND_NONE);
    if (condition->member) {
        bool is_constant = a == PB_OPERAND_NUMBER || a == PB_OPERAND_TEXT;
        bool is_plain = condition->relation >= PB_RELATION_EQUAL && condition->relation <= PB_RELATION_AT_LEAST;
        return member < row->member_count && is_constant && is_plain &&
               is_operand_right(expected, &row->members[member], &condition->a);
    }
    return condition->relation == PB_RELATION_EQUAL && a == PB_OPERAND_LIST && condition->a.value && condition->a.text;
}

static bool is_condition_right(const struct pb_expected *expected, const struct pb_pattern *pattern,
                               const struct pb_condition *condition) {
    const struct pb_field_row *row = field_row(pattern, condition->field);
    if (!row || condition->tolerance < 0) return false;
    bool is_number = !is_text_type(row->type) && row->type != PB_FIELD_LIST;
    bool is_of_list = condition->relation == PB_RELATION_EQUAL || condition->relation == PB_RELATION_ITEMS;
    if (condition->member || (row->type == PB_FIELD_LIST && is_of_list))
        return row->type == PB_FIELD_LIST && is_list_right(expected, row, condition);
    switch (condition->relation) {
    case PB_RELATION_PRESENT:
    case PB_RELATION_ABSENT: return true;
    case PB_RELATION_EQUAL:
    case PB_RELATION_NOT_EQUAL: return row->type != PB_FIELD_LIST && is_operand_right(expected, row, &condition->a);
    case PB_RELATION_AT_MOST:
    case PB_RELATION_AT_LEAST:
        return is_number && condition->a.kind != PB_OPERAND_TEXT && is_operand_right(expected, row, &condition->a);
    case PB_RELATION_MIN_OF:
        return is_number && condition->a.kind != PB_OPERAND_TEXT && condition->b.kind != PB_OPERAND_TEXT &&
               is_operand_right(expected, row, &condition->a) && is_operand_right(expected, row, &condition->b);
    case PB_RELATION_ASCENDING:
        for (size_t i = 0; condition->a.text && i < row->member_count; i++)
            if (strcmp(row->members[i].name, condition->a.text) == 0) return !is_text_type(row->members[i].type);
        return false;
    default: return false;
    }
}

static bool is_pattern_right(const struct pb_expected *expected, const struct pb_pattern *pattern) {
    size_t number = pattern->type ? pb_catalogue_find(pattern->type) : pb_catalogue_count;
    if (number == pb_catalogue_count || pb_catalogue[number].is_pilot || !pattern->name) return false;
    if ((unsigned)pattern->from > PB_PARTY_COUNT || (unsigned)pattern->to > PB_PARTY_COUNT) return false;
    if (pattern->after >= (int)expected->count || pattern->within.ns < 0 || pattern->transit.ns < 0) return false;
    return pattern->condition_count <= PB_MATCH_CONDITIONS_MAX;
}

enum pb_status pb_match_begin(struct pb_matcher *ret_matcher, const struct pb_expected *expected,
                              struct pb_error *error) {
    if (expected->count > PB_MATCH_PATTERNS_MAX)
        return pb_fail(error, PB_ERR_ARG, 0, "patterns", "found %zu, expected at most %d", expected->count,
                       PB_MATCH_PATTERNS_MAX);
    for (size_t i = 0; i < expected->count; i++)
        if (!is_pattern_right(expected, &expected->patterns[i]))
            return pb_fail(error, PB_ERR_ARG, 0, "patterns",
                           "found pattern %zu with an unknown type, party or anchor, expected those of the catalogue",
                           i);
    for (size_t i = 0; i < expected->count; i++)
        for (size_t k = 0; k < expected->patterns[i].condition_count; k++)
            if (!is_condition_right(expected, &expected->patterns[i], &expected->patterns[i].conditions[k]))
                return pb_fail(error, PB_ERR_ARG, 0, expected->patterns[i].name,
                               "found condition %zu with a field or operand that does not fit, expected those of %s", k,
                               expected->patterns[i].type);
    memset(ret_matcher, 0, sizeof *ret_matcher);
    ret_matcher->expected = *expected;
    return PB_OK;
}

/* ---- conditions ---- */

/* A comparison's sides: numbers, or texts. */
struct side {
    int64_t number;
    const char *text;
    bool is_there;
};

static struct side side_of(const struct pb_message_value *value, const char *field) {
    size_t i = pb_message_row_field(value->row, field);
    if (i == value->row->field_count || !value->fields[i].is_present) return (struct side){0};
    const struct pb_field_row *row = &value->row->fields[i];
    const char *text = is_text_type(row->type)        ? value->texts + value->fields[i].start
                       : row->type == PB_FIELD_CHOICE ? row->choices[value->fields[i].number]
                                                      : NULL;
    return (struct side){value->fields[i].number, text, true};
}

static struct side operand_of(const struct pb_matcher *matcher, const struct pb_operand *operand) {
    if (operand->kind == PB_OPERAND_NUMBER) return (struct side){operand->number, NULL, true};
    if (operand->kind == PB_OPERAND_TEXT) return (struct side){0, operand->text, true};
    const struct pb_message_value *value = matcher->results[operand->number].value;
    return value ? side_of(value, operand->text) : (struct side){0};
}

static bool is_near(int64_t a, int64_t b, int64_t tolerance) {
    int64_t off;
    if (__builtin_sub_overflow(a, b, &off) || off == INT64_MIN) return false;
    return (off < 0 ? -off : off) <= tolerance;
}

static bool is_ascending(const struct pb_message_value *value, const struct pb_condition *condition) {
    size_t i = pb_message_row_field(value->row, condition->field);
    const struct pb_field_row *row = &value->row->fields[i];
    const struct pb_field_value *list = &value->fields[i];
    size_t k = member_of(row, condition->a.text);
    for (size_t item = 1; item < list->length; item++) {
        const struct pb_field_value *at = value->cells + list->start + item * row->member_count + k;
        if (at->number < at[-(ptrdiff_t)row->member_count].number) return false;
    }
    return true;
}

static bool is_cell_equal(const struct pb_message_value *value, const struct pb_field_value *a,
                          const struct pb_message_value *other, const struct pb_field_value *b, bool is_text) {
    if (a->is_present != b->is_present) return false;
    if (!is_text || !a->is_present) return !a->is_present || a->number == b->number;
    return strcmp(value->texts + a->start, other->texts + b->start) == 0;
}

/* Item for item. */
static bool is_same_list(const struct pb_message_value *value, const struct pb_field_value *list,
                         const struct pb_field_row *row, const struct pb_operand *operand) {
    const struct pb_field_value *other = pb_message_field(operand->value, operand->text);
    size_t number = pb_message_row_field(operand->value->row, operand->text);
    if (!other || operand->value->row->fields[number].members != row->members || other->length != list->length)
        return false;
    for (size_t i = 0; i < list->length * row->member_count; i++)
        if (!is_cell_equal(value, value->cells + list->start + i, operand->value,
                           operand->value->cells + other->start + i,
                           is_text_type(row->members[i % row->member_count].type)))
            return false;
    return true;
}

static bool is_member_right(const struct pb_message_value *value, const struct pb_field_value *cell,
                            const struct pb_field_row *row, const struct pb_condition *condition) {
    const char *text = is_text_type(row->type)        ? value->texts + cell->start
                       : row->type == PB_FIELD_CHOICE ? row->choices[cell->number]
                                                      : NULL;
    if (!cell->is_present) return condition->is_if_present;
    bool is_equal = text && condition->a.text ? strcmp(text, condition->a.text) == 0
                                              : is_near(cell->number, condition->a.number, condition->tolerance);
    switch (condition->relation) {
    case PB_RELATION_NOT_EQUAL: return !is_equal;
    case PB_RELATION_AT_MOST: return cell->number <= pb_add_saturating(condition->a.number, condition->tolerance);
    case PB_RELATION_AT_LEAST: return cell->number >= pb_add_saturating(condition->a.number, -condition->tolerance);
    default: return is_equal;
    }
}

/* How many items, each item's member, or the whole list. */
static bool list_holds(const struct pb_message_value *value, const struct pb_condition *condition,
                       struct pb_match_result *ret_said) {
    size_t number = pb_message_row_field(value->row, condition->field);
    const struct pb_field_row *row = &value->row->fields[number];
    const struct pb_field_value *list = &value->fields[number];
    ret_said->expected = condition->a.number;
    ret_said->found = list->length;
    if (condition->relation == PB_RELATION_ITEMS)
        return list->length >= condition->a.number &&
               list->length <= (condition->b.kind == PB_OPERAND_NONE ? condition->a.number : condition->b.number);
    if (!condition->member) return is_same_list(value, list, row, &condition->a);
    size_t member = member_of(row, condition->member);
    for (size_t item = 0; item < list->length; item++) {
        const struct pb_field_value *cell = value->cells + list->start + item * row->member_count + member;
        ret_said->found = cell->number;
        if (!is_member_right(value, cell, &row->members[member], condition)) return false;
    }
    return true;
}

/* The condition's outcome, and what to say of it. */
static bool holds(const struct pb_matcher *matcher, size_t pattern, const struct pb_condition *condition,
                  const struct pb_message_value *value, struct pb_match_result *ret_said) {
    struct side found = side_of(value, condition->field), a, b;
    *ret_said = (struct pb_match_result){.found = found.number};
    if (condition->is_if_present && !found.is_there) return true;
    if (condition->relation == PB_RELATION_PRESENT) return found.is_there;
    if (condition->relation == PB_RELATION_ABSENT) return !found.is_there;
    if (condition->relation == PB_RELATION_ASCENDING) return found.is_there && is_ascending(value, condition);
    if (condition->member || condition->relation == PB_RELATION_ITEMS || condition->a.kind == PB_OPERAND_LIST)
        return found.is_there && list_holds(value, condition, ret_said);
    bool is_own = condition->a.kind == PB_OPERAND_FIELD && condition->a.number == (int64_t)pattern;
    if (is_own && !matcher->results[pattern].value) return true;
    a = b = operand_of(matcher, &condition->a);
    if (condition->relation == PB_RELATION_MIN_OF) b = operand_of(matcher, &condition->b);
    ret_said->is_unresolved = !found.is_there || !a.is_there || !b.is_there;
    if (ret_said->is_unresolved) return false;
    ret_said->expected = a.number < b.number ? a.number : b.number;
    bool is_equal = found.text && a.text ? strcmp(found.text, a.text) == 0
                                         : is_near(found.number, ret_said->expected, condition->tolerance);
    switch (condition->relation) {
    case PB_RELATION_NOT_EQUAL: return !is_equal;
    case PB_RELATION_AT_MOST: return found.number <= pb_add_saturating(a.number, condition->tolerance);
    case PB_RELATION_AT_LEAST: return found.number >= pb_add_saturating(a.number, -condition->tolerance);
    default: return is_equal;
    }
}

/* Number of the first condition that does not hold; condition_count if all do. */
static size_t first_failure(const struct pb_matcher *matcher, size_t pattern, const struct pb_message_value *value,
                            struct pb_match_result *ret_said) {
    const struct pb_pattern *row = &matcher->expected.patterns[pattern];
    size_t i = 0;
    while (i < row->condition_count && holds(matcher, pattern, &row->conditions[i], value, ret_said)) i++;
    return i;
}

/* ---- patterns ---- */

static bool is_many(const struct pb_pattern *pattern) {
    return pattern->often == PB_OFTEN_AT_LEAST_ONCE || pattern->often == PB_OFTEN_ANY;
}
static bool is_due(const struct pb_pattern *pattern) {
    return pattern->often == PB_OFTEN_ONCE || pattern->often == PB_OFTEN_AT_LEAST_ONCE;
}

static bool is_about(const struct pb_pattern *pattern, const struct pb_message_value *value) {
    return strcmp(pattern->type, value->row->name) == 0 &&
           (pattern->from == PB_PARTY_COUNT || pattern->from == value->from) &&
           (pattern->to == PB_PARTY_COUNT || pattern->to == value->to);
}

static bool still_wants(const struct pb_matcher *matcher, size_t i) {
    enum pb_match_outcome outcome = matcher->results[i].outcome;
    const struct pb_pattern *pattern = &matcher->expected.patterns[i];
    if (pattern->often == PB_OFTEN_NEVER) return false;
    return is_many(pattern) || outcome == PB_MATCH_OPEN || outcome == PB_MATCH_MISSING;
}

/* Where `within` of a pattern counts from; false: its anchor has not come. */
static bool anchor_of(const struct pb_matcher *matcher, const struct pb_pattern *pattern, pb_instant *ret_anchor) {
    *ret_anchor = PB_INSTANT_ZERO;
    if (pattern->after < 0) return true;
    *ret_anchor = matcher->results[pattern->after].received;
    return matcher->results[pattern->after].value != NULL;
}

/* The first failure of a pattern stays; a message that comes after all is no longer missing. */
static void decide(struct pb_matcher *matcher, size_t i, enum pb_match_outcome outcome, int64_t found,
                   int64_t expected) {
    struct pb_match_result *result = &matcher->results[i];
    if (result->outcome != PB_MATCH_OPEN && result->outcome != PB_MATCH_FITS && result->outcome != PB_MATCH_MISSING)
        return;
    result->outcome = outcome;
    result->found = found;
    result->expected = expected;
    result->message = matcher->message_count;
}

/* Order, time and transit of a message whose fields fit. */
static void judge_time(struct pb_matcher *matcher, size_t i, const struct pb_heard *heard) {
    const struct pb_pattern *pattern = &matcher->expected.patterns[i];
    const struct pb_message_value *value = heard->value;
    pb_instant anchor;
    for (size_t k = 0; pattern->group >= 0 && k < matcher->expected.count; k++)
        if (matcher->results[k].value && matcher->expected.patterns[k].group > pattern->group)
            decide(matcher, i, PB_MATCH_OUT_OF_ORDER, (int64_t)k, (int64_t)i);
    if (!anchor_of(matcher, pattern, &anchor)) decide(matcher, i, PB_MATCH_OUT_OF_ORDER, pattern->after, (int64_t)i);
    int64_t after = pb_between(anchor, heard->received).ns;
    if (after > pattern->within.ns) decide(matcher, i, PB_MATCH_LATE, after, pattern->within.ns);
    int64_t transit = value->has_sent ? pb_between(value->sent, heard->received).ns : -1;
    bool is_asked = pattern->transit.ns != PB_SPAN_FOREVER.ns;
    if (is_asked && (transit < 0 || transit > pattern->transit.ns))
        decide(matcher, i, PB_MATCH_SLOW, transit, pattern->transit.ns);
    decide(matcher, i, PB_MATCH_FITS, 0, 0);
}

static struct pb_heard_result bind(struct pb_matcher *matcher, size_t i, const struct pb_heard *heard) {
    struct pb_match_result said, *result = &matcher->results[i];
    size_t condition = first_failure(matcher, i, heard->value, &said);
    bool is_fit = condition == matcher->expected.patterns[i].condition_count;
    bool was_failed = result->outcome > PB_MATCH_MISSING, is_further = result->count > 0;
    if (is_fit) {
        judge_time(matcher, i, heard);
        result->count++;
    } else {
        decide(matcher, i, PB_MATCH_MISMATCH, said.found, said.expected);
        if (!was_failed) {
            result->condition = condition;
            result->is_unresolved = said.is_unresolved;
        }
    }
    if (!result->value) result->received = heard->received;
    result->value = heard->value;
    bool is_bad = !is_fit || (!was_failed && result->outcome != PB_MATCH_FITS);
    enum pb_heard_as as = !is_fit && is_further ? PB_HEARD_FURTHER : is_bad ? PB_HEARD_MISMATCHED : PB_HEARD_MATCHED;
    return (struct pb_heard_result){.as = as, .pattern = i};
}

/* A NEVER pattern that this message is; count if none. */
static size_t forbidden_by(const struct pb_matcher *matcher, const struct pb_heard *heard) {
    struct pb_match_result said;
    size_t i;
    for (i = 0; i < matcher->expected.count; i++) {
        const struct pb_pattern *pattern = &matcher->expected.patterns[i];
        pb_instant anchor;
        if (pattern->often != PB_OFTEN_NEVER || !is_about(pattern, heard->value)) continue;
        if (!anchor_of(matcher, pattern, &anchor) || pb_between(anchor, heard->received).ns > pattern->within.ns)
            continue;
        if (first_failure(matcher, i, heard->value, &said) == pattern->condition_count) break;
    }
    return i;
}

static struct pb_heard_result sort(struct pb_matcher *matcher, const struct pb_heard *heard) {
    struct pb_match_result said;
    size_t count = matcher->expected.count, first = count, done = count, i = forbidden_by(matcher, heard);
    if (i < count) {
        decide(matcher, i, PB_MATCH_FORBIDDEN, 0, 0);
        return (struct pb_heard_result){.as = PB_HEARD_FORBIDDEN, .pattern = i};
    }
    for (i = 0; i < count; i++) {
        const struct pb_pattern *pattern = &matcher->expected.patterns[i];
        if (pattern->often == PB_OFTEN_NEVER || !is_about(pattern, heard->value)) continue;
        if (!still_wants(matcher, i)) {
            if (done == count) done = i;
        } else if (first_failure(matcher, i, heard->value, &said) == pattern->condition_count)
            return bind(matcher, i, heard);
        else if (first == count) first = i;
    }
    if (first < count) return bind(matcher, first, heard);
    if (done == count) return (struct pb_heard_result){.as = PB_HEARD_UNEXPECTED, .pattern = PB_MATCH_PATTERNS_MAX};
    decide(matcher, done, PB_MATCH_TOO_MANY, 0, 0);
    return (struct pb_heard_result){.as = PB_HEARD_TOO_MANY, .pattern = done};
}

/* ---- numbering ---- */

/* Takes an id in; false: it was there already, or is too old to know. */
static bool take_id(struct pb_numbering *numbering, const struct pb_message_value *value,
                    struct pb_heard_result *result) {
    if (!numbering->is_begun) {
        *numbering = (struct pb_numbering){value->id, 1, value->sent, true};
        return true;
    }
    if (value->id > numbering->highest) {
        int64_t ahead = value->id - numbering->highest;
        result->is_after_gap = ahead > 1;
        result->is_from_future = value->has_sent && pb_is_before(value->sent, numbering->sent);
        numbering->seen = (ahead < 64 ? numbering->seen << ahead : 0) | 1;
        numbering->highest = value->id;
        if (value->has_sent) numbering->sent = value->sent;
        return true;
    }
    int64_t behind = numbering->highest - value->id;
    if (behind >= 64 || (numbering->seen >> behind & 1)) return false;
    numbering->seen |= UINT64_C(1) << behind;
    return result->is_late_id = true;
}

struct pb_heard_result pb_match_take(struct pb_matcher *matcher, const struct pb_heard *heard) {
    const struct pb_message_value *value = heard->value;
    struct pb_heard_result numbered = {.as = PB_HEARD_REPEATED, .pattern = PB_MATCH_PATTERNS_MAX}, result = numbered;
    struct pb_numbering *numbering = &matcher->numbering[heard->link % PB_MATCH_LINKS_MAX][value->from];
    if (take_id(numbering, value, &numbered)) result = sort(matcher, heard);
    result.is_after_gap = numbered.is_after_gap;
    result.is_late_id = numbered.is_late_id;
    result.is_from_future = numbered.is_from_future || (value->has_sent && pb_is_before(heard->received, value->sent));
    if (result.as == PB_HEARD_UNEXPECTED || result.as == PB_HEARD_REPEATED) matcher->unexpected_count++;
    matcher->message_count++;
    return result;
}

/* ---- the end ---- */

void pb_match_close(struct pb_matcher *matcher) {
    for (size_t i = 0; i < matcher->expected.count; i++)
        if (matcher->results[i].outcome == PB_MATCH_OPEN)
            decide(matcher, i, is_due(&matcher->expected.patterns[i]) ? PB_MATCH_MISSING : PB_MATCH_FITS, 0, 0);
    matcher->is_closed = true;
}

/* Every wanted pattern has its message and none is a failure. */
static bool is_satisfied(const struct pb_matcher *matcher) {
    for (size_t i = 0; i < matcher->expected.count; i++) {
        enum pb_match_outcome outcome = matcher->results[i].outcome;
        bool is_waiting = outcome == PB_MATCH_OPEN && !is_due(&matcher->expected.patterns[i]);
        if (outcome != PB_MATCH_FITS && !is_waiting) return false;
    }
    return true;
}

bool pb_match_is_pass(const struct pb_matcher *matcher) {
    bool is_clean = matcher->expected.unexpected != PB_UNEXPECTED_JUDGE || !matcher->unexpected_count;
    return matcher->is_closed && is_clean && is_satisfied(matcher);
}

enum pb_status pb_match_all(const struct pb_expected *expected, const struct pb_heard *heard, size_t count,
                            struct pb_matcher *ret_matcher, struct pb_heard_result *ret_heard, struct pb_error *error) {
    enum pb_status status = pb_match_begin(ret_matcher, expected, error);
    for (size_t i = 0; status == PB_OK && i < count; i++) {
        struct pb_heard_result result = pb_match_take(ret_matcher, &heard[i]);
        if (ret_heard) ret_heard[i] = result;
    }
    if (status == PB_OK) pb_match_close(ret_matcher);
    return status;
}

/* ---- words ---- */

/* A number of a field: a count on the wire with its unit, a time of day, a choice. */
static char *say(const struct pb_field_row *row, int64_t number, char *ret_text, size_t size) {
    if (row->type == PB_FIELD_CLOCK) return pb_clock_format(number, ret_text, size);
    if (row->type == PB_FIELD_DECIMAL) return pb_decimal_format(number, ret_text, size);
    if (row->type == PB_FIELD_CHOICE) snprintf(ret_text, size, "%s", row->choices[number]);
    else if (row->type == PB_FIELD_QUANTITY)
        snprintf(ret_text, size, "%" PRId64 " %s", number / row->step, pb_field_unit_name(row));
    else snprintf(ret_text, size, "%" PRId64, number);
    return ret_text;
}

static void explain_mismatch(const struct pb_matcher *matcher, size_t i, char *ret_text, size_t size) {
    const struct pb_match_result *result = &matcher->results[i];
    const struct pb_condition *condition = &matcher->expected.patterns[i].conditions[result->condition];
    const struct pb_field_row *row = field_row(&matcher->expected.patterns[i], condition->field);
    const char *relation = pb_relation_names[condition->relation];
    char found[40], expected[40];
    bool is_number = !is_text_type(row->type) && row->type != PB_FIELD_LIST && condition->a.kind != PB_OPERAND_TEXT &&
                     condition->relation >= PB_RELATION_EQUAL;
    const struct pb_field_row *member = condition->member ? &row->members[member_of(row, condition->member)] : NULL;
    if (condition->relation == PB_RELATION_ITEMS)
        snprintf(ret_text, size, "%s has %" PRId64 " items, expected %" PRId64 "%s", condition->field, result->found,
                 result->expected, condition->b.kind == PB_OPERAND_NONE ? "" : " or more");
    else if (member && !is_text_type(member->type) && condition->a.kind == PB_OPERAND_NUMBER)
        snprintf(ret_text, size, "%s: %s is %s, expected %s %s", condition->field, condition->member,
                 say(member, result->found, found, sizeof found), relation,
                 say(member, result->expected, expected, sizeof expected));
    else if (member)
        snprintf(ret_text, size, "%s: a %s is not %s %.60s", condition->field, condition->member, relation,
                 condition->a.text ? condition->a.text : "");
    else if (condition->a.kind == PB_OPERAND_LIST)
        snprintf(ret_text, size, "%s is not the list that was sent", condition->field);
    else if (result->is_unresolved)
        snprintf(ret_text, size, "%s is not there, or what it is to be %s is not", condition->field, relation);
    else if (!is_number)
        snprintf(ret_text, size, "%s is not %s %.60s", condition->field, relation,
                 condition->a.text ? condition->a.text : "");
    else
        snprintf(ret_text, size, "%s is %s, expected %s %s", condition->field,
                 say(row, result->found, found, sizeof found), relation,
                 say(row, result->expected, expected, sizeof expected));
}

char *pb_match_explain(const struct pb_matcher *matcher, size_t pattern, char *ret_text, size_t size) {
    const struct pb_match_result *result = &matcher->results[pattern];
    const char *type = matcher->expected.patterns[pattern].type, *name = pb_match_outcome_names[result->outcome];
    switch (result->outcome) {
    case PB_MATCH_MISMATCH: explain_mismatch(matcher, pattern, ret_text, size); break;
    case PB_MATCH_OUT_OF_ORDER:
        snprintf(ret_text, size, "%s is out of order with %s", type, matcher->expected.patterns[result->found].type);
        break;
    case PB_MATCH_LATE:
    case PB_MATCH_SLOW:
        snprintf(ret_text, size, "%s is %s: %" PRId64 " ns, expected at most %" PRId64 " ns", type, name, result->found,
                 result->expected);
        break;
    default: snprintf(ret_text, size, "%s: %s", type, name);
    }
    return ret_text;
}
