/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "judge/choreography.h"

#include "base/text.h"
#include "judge/list.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

const char *const pb_said_names[PB_SAID_MUTATED + 1] = {
    "played", "sent", "heard", "overheard", "not said", "injected", "meant", "mutated",
};

struct listed_step {
    int32_t step_no;
    char id[24];
    json_t *text;     /* of its row */
    size_t pattern;   /* its number; PB_MATCH_PATTERNS_MAX: the device says nothing there */
    char missing[64]; /* what it is compared with and is not there; "": nothing */
};
struct kept {
    int32_t step_no;
    enum pb_said said;
    bool is_message;
    struct pb_message_value value;
    pb_instant received;
    int link;
    char mistake[120]; /* why it is no message */
};
struct choreography {
    const struct pb_recipe *recipe;
    struct listed_step *steps;
    struct kept *kept;
    size_t step_count, kept_count, pattern_count;
    struct pb_pattern patterns[PB_MATCH_PATTERNS_MAX];
    size_t pattern_steps[PB_MATCH_PATTERNS_MAX];
    struct pb_matcher matcher;
    bool is_over; /* all that is wanted was visited */
    struct pb_error *error;
};

/* ---- loading ---- */

static enum pb_status no_memory(const struct choreography *of) {
    return pb_fail(of->error, PB_ERR_MEMORY, 0, "messages", "no room for the messages of the case");
}

static enum pb_status load_step(struct choreography *of, const struct pb_row *row) {
    if (!pb_list_has_room((void **)&of->steps, of->step_count, sizeof *of->steps)) return no_memory(of);
    struct listed_step *step = &of->steps[of->step_count++];
    *step = (struct listed_step){.step_no = row->step_no, .pattern = PB_MATCH_PATTERNS_MAX};
    snprintf(step->id, sizeof step->id, "%s", row->name);
    step->text = json_loads(row->text, JSON_REJECT_DUPLICATES, NULL);
    return PB_OK;
}

static enum pb_status load_message(struct choreography *of, const struct pb_row *row) {
    struct pb_error mistake;
    if (row->c == PB_SAID_OVERHEARD || row->c == PB_SAID_INJECTED || row->c == PB_SAID_MUTATED) return PB_OK;
    if (!pb_list_has_room((void **)&of->kept, of->kept_count, sizeof *of->kept)) return no_memory(of);
    struct kept *kept = &of->kept[of->kept_count++];
    kept->step_no = row->step_no;
    kept->said = (enum pb_said)row->c;
    kept->received = row->at;
    kept->link = (int)row->d;
    kept->mistake[0] = 0;
    kept->is_message = pb_message_decode(row->text, strlen(row->text), &kept->value, &mistake) == PB_OK;
    if (kept->is_message) {
        if (!kept->value.has_sent) kept->value.sent = row->at; /* a stamp is the sender's choice */
        kept->value.has_sent = true;
    } else if (row->text[0] == '"') snprintf(kept->mistake, sizeof kept->mistake, "%.110s", row->text);
    else
        snprintf(kept->mistake, sizeof kept->mistake, "%.40s%s%.70s", mistake.where, mistake.where[0] ? ": " : "",
                 mistake.text);
    return PB_OK;
}

/* A visit is ended by an error of its own, which is none. */
static enum pb_status load_plan(void *user, const struct pb_row *row) {
    struct choreography *of = user;
    if (row->kind == PB_ROW_STEP) return load_step(of, row);
    if (row->seq == of->recipe->plan_row) return PB_OK;
    of->is_over = true;
    return PB_ERR_INTERRUPTED;
}

static enum pb_status load_said(void *user, const struct pb_row *row) {
    struct choreography *of = user;
    if (row->seq < of->recipe->end_row) return load_message(of, row);
    of->is_over = true;
    return PB_ERR_INTERRUPTED;
}

static enum pb_status load(struct choreography *of, struct pb_reader *reader) {
    enum pb_status status = pb_reader_each_row(reader, of->recipe->plan_row, 1u << PB_ROW_CASE | 1u << PB_ROW_STEP,
                                               load_plan, of, of->error);
    if (status == PB_OK || of->is_over) {
        of->is_over = false;
        status = pb_reader_each_row(reader, of->recipe->first_row, 1u << PB_ROW_MESSAGE, load_said, of, of->error);
    }
    return of->is_over ? PB_OK : status;
}

/* ---- patterns ---- */

static size_t find_word(const char *const *words, size_t count, const char *word) {
    size_t i = 0;
    while (i < count && (!word || strcmp(words[i], word) != 0)) i++;
    return i;
}

static const char *text_of(const json_t *object, const char *key) {
    return json_string_value(json_object_get(object, key));
}

static int64_t integer_of(const json_t *object, const char *key, int64_t fallback) {
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

/* `conditions` are left out: their operands are of a case. Texts stay the object's. */
static enum pb_status read_pattern(const json_t *object, const char *step, struct pb_pattern *ret_pattern,
                                   struct pb_error *error) {
    static const char *const often[] = {"once", "at most once", "at least once", "any", "never"};
    const char *from = text_of(object, "from"), *to = text_of(object, "to");
    size_t how = find_word(often, sizeof often / sizeof often[0], text_of(object, "often"));
    *ret_pattern = (struct pb_pattern){.name = step,
                                       .type = text_of(object, "type"),
                                       .from = from ? pb_party_find(from) : PB_PARTY_COUNT,
                                       .to = to ? pb_party_find(to) : PB_PARTY_COUNT,
                                       .often = (enum pb_how_often)how,
                                       .group = (int)integer_of(object, "group", -1),
                                       .after = -1,
                                       .within = PB_SPAN_FOREVER,
                                       .transit = pb_ns(integer_of(object, "transit_ns", PB_SPAN_FOREVER.ns))};
    bool is_right = ret_pattern->type && pb_catalogue_find(ret_pattern->type) < pb_catalogue_count &&
                    ret_pattern->from < PB_PARTY_COUNT && ret_pattern->to < PB_PARTY_COUNT &&
                    how < sizeof often / sizeof often[0] &&
                    json_array_size(json_object_get(object, "conditions")) <= PB_MATCH_CONDITIONS_MAX;
    return is_right ? PB_OK : pb_fail(error, PB_ERR_INPUT, 0, step, "its message pattern is none of this version");
}

/* What the bench said in a step, or would have said; NULL: nothing. */
static const struct pb_message_value *said_in(const struct choreography *of, int32_t step_no) {
    for (size_t i = of->kept_count; i-- > 0;)
        if (of->kept[i].step_no == step_no && of->kept[i].is_message && of->kept[i].said != PB_SAID_HEARD)
            return &of->kept[i].value;
    return NULL;
}

/* A field that the bench has said, as a constant. */
static bool set_constant(const struct pb_message_value *value, const char *field, struct pb_operand *ret_operand) {
    const struct pb_field_value *found = value ? pb_message_field(value, field) : NULL;
    if (!found) return false;
    enum pb_field_type type = value->row->fields[pb_message_row_field(value->row, field)].type;
    if (type == PB_FIELD_TEXT)
        *ret_operand = (struct pb_operand){.kind = PB_OPERAND_TEXT, .text = pb_message_text(value, field)};
    else if (type == PB_FIELD_LIST)
        *ret_operand = (struct pb_operand){.kind = PB_OPERAND_LIST, .text = field, .value = value};
    else *ret_operand = (struct pb_operand){.kind = PB_OPERAND_NUMBER, .number = found->number};
    return true;
}

/* false: it is not there. */
static bool read_operand(const struct choreography *of, const struct listed_step *step, const json_t *operand,
                         struct pb_operand *ret_operand) {
    const char *sent = text_of(operand, "sent"), *id = text_of(operand, "step"), *field = text_of(operand, "field");
    *ret_operand = (struct pb_operand){.kind = PB_OPERAND_NONE};
    if (!operand) return true;
    if (json_is_integer(operand)) {
        *ret_operand = (struct pb_operand){.kind = PB_OPERAND_NUMBER, .number = json_integer_value(operand)};
        return true;
    }
    if (json_is_string(operand)) {
        *ret_operand = (struct pb_operand){.kind = PB_OPERAND_TEXT, .text = json_string_value(operand)};
        return true;
    }
    if (sent) return set_constant(said_in(of, step->step_no), sent, ret_operand);
    for (size_t i = 0; id && field && i < of->step_count; i++) {
        if (strcmp(of->steps[i].id, id) != 0) continue;
        if (of->steps[i].pattern == PB_MATCH_PATTERNS_MAX)
            return set_constant(said_in(of, of->steps[i].step_no), field, ret_operand);
        *ret_operand =
            (struct pb_operand){.kind = PB_OPERAND_FIELD, .number = (int64_t)of->steps[i].pattern, .text = field};
        return true;
    }
    return false;
}

static void read_conditions(struct choreography *of, struct listed_step *step) {
    struct pb_pattern *pattern = &of->patterns[step->pattern];
    const json_t *list = json_object_get(json_object_get(step->text, "pattern"), "conditions"), *one;
    size_t i;
    json_array_foreach(list, i, one) {
        struct pb_condition *into = &pattern->conditions[pattern->condition_count];
        *into = (struct pb_condition){
            .field = text_of(one, "field"),
            .relation = (enum pb_relation)find_word(pb_relation_names, PB_RELATION_COUNT, text_of(one, "relation")),
            .tolerance = integer_of(one, "tolerance", 0),
            .member = text_of(one, "member"),
            .is_if_present = json_is_true(json_object_get(one, "if_present"))};
        if (read_operand(of, step, json_object_get(one, "a"), &into->a) &&
            read_operand(of, step, json_object_get(one, "b"), &into->b))
            pattern->condition_count++;
        else snprintf(step->missing, sizeof step->missing, "%.60s", into->field ? into->field : "?");
    }
}

static enum pb_status read_patterns(struct choreography *of) {
    for (size_t i = 0; i < of->step_count; i++) {
        const json_t *object = json_object_get(of->steps[i].text, "pattern");
        if (!object) continue;
        if (of->pattern_count == PB_MATCH_PATTERNS_MAX)
            return pb_fail(of->error, PB_ERR_INPUT, 0, of->steps[i].id, "the case has more than %d messages",
                           PB_MATCH_PATTERNS_MAX);
        enum pb_status status = read_pattern(object, of->steps[i].id, &of->patterns[of->pattern_count], of->error);
        if (status != PB_OK) return status;
        of->pattern_steps[of->pattern_count] = i;
        of->steps[i].pattern = of->pattern_count++;
    }
    for (size_t i = 0; i < of->step_count; i++)
        if (of->steps[i].pattern < PB_MATCH_PATTERNS_MAX) read_conditions(of, &of->steps[i]);
    return PB_OK;
}

/* ---- outcomes ---- */

static void set_outcome(struct pb_reading *reading, enum pb_outcome outcome, const char *text) {
    reading->outcome = outcome;
    snprintf(reading->reason, sizeof reading->reason, "%.159s", text);
    pb_text_drop_partial(reading->reason);
}

static void judge_step(struct choreography *of, const struct listed_step *step, struct pb_reading *reading) {
    const struct pb_pattern *pattern = &of->patterns[step->pattern];
    const struct pb_match_result *result = &of->matcher.results[step->pattern];
    char text[200], format[256];
    /* What comes once more is none of the step's: it fitted before that. */
    bool is_fit =
        result->outcome == PB_MATCH_FITS || result->outcome == PB_MATCH_TOO_MANY || result->outcome == PB_MATCH_OPEN;
    bool is_wanted = pattern->often == PB_OFTEN_ONCE || pattern->often == PB_OFTEN_AT_LEAST_ONCE;
    if (result->outcome == PB_MATCH_MISSING || (result->outcome == PB_MATCH_OPEN && is_wanted)) {
        snprintf(text, sizeof text, "no %s from %s to %s", pattern->type, pb_parties[pattern->from].name,
                 pb_parties[pattern->to].name);
        set_outcome(reading, PB_OUTCOME_ABSENT, text);
    } else if (result->outcome == PB_MATCH_MISMATCH && result->is_unresolved &&
               pb_message_field(result->value, pattern->conditions[result->condition].field)) {
        set_outcome(reading, PB_OUTCOME_UNREADABLE, pb_match_explain(&of->matcher, step->pattern, text, sizeof text));
    } else if (!is_fit) {
        set_outcome(reading, PB_OUTCOME_UNFIT, pb_match_explain(&of->matcher, step->pattern, text, sizeof text));
    } else if (step->missing[0]) {
        snprintf(format, sizeof format, "what %s is to be compared with was not said", step->missing);
        set_outcome(reading, PB_OUTCOME_UNREADABLE, format);
    } else {
        bool is_timed = result->value && pattern->often != PB_OFTEN_ANY;
        int64_t after_ns = is_timed ? pb_between(of->recipe->from, result->received).ns : 0;
        reading->quantity.value = after_ns > 0 ? after_ns : 0; /* what came before its turn is not late */
        int64_t early_ns = integer_of(json_object_get(step->text, "pattern"), "early_ns", INT64_MAX);
        if (after_ns < 0 && -after_ns > early_ns) {
            snprintf(text, sizeof text, "%s came %" PRId64 " s before its time", pattern->type,
                     -after_ns / INT64_C(1000000000));
            set_outcome(reading, PB_OUTCOME_UNFIT, text);
        }
    }
}

/* ---- mutations ---- */

struct excuse {
    int64_t end_row;
    char text[64]; /* "flip of vin"; "": none */
};

static enum pb_status look_for_mutation(void *user, const struct pb_row *row) {
    struct excuse *excuse = user;
    if (row->seq >= excuse->end_row || excuse->text[0]) return PB_ERR_INTERRUPTED;
    if (row->c != PB_SAID_MUTATED) return PB_OK;
    json_t *said = json_loads(row->text, 0, NULL);
    const char *mutation = text_of(said, "mutation");
    if (!json_is_true(json_object_get(said, "judged")))
        snprintf(excuse->text, sizeof excuse->text, "%.16s of %.40s", mutation ? mutation : "mutation", row->name);
    json_decref(said);
    return PB_OK;
}

/* The device was told something else than it was meant to be told, in this case or before it: what it does then shows nothing. */
static enum pb_status excuse(struct pb_reader *reader, const struct pb_recipe *recipe, struct pb_reading *reading,
                             struct pb_error *error) {
    struct excuse found = {.end_row = recipe->end_row};
    struct pb_error stopped;
    char text[sizeof reading->reason + 100];
    bool is_late = reading->outcome == PB_OUTCOME_VALUE && recipe->most && reading->quantity.value > recipe->most;
    if (reading->outcome != PB_OUTCOME_ABSENT && reading->outcome != PB_OUTCOME_UNFIT && !is_late) return PB_OK;
    enum pb_status status = pb_reader_each_row(reader, 0, 1u << PB_ROW_MESSAGE, look_for_mutation, &found, &stopped);
    if (status != PB_OK && status != PB_ERR_INTERRUPTED) {
        *error = stopped;
        return status;
    }
    if (!found.text[0]) return PB_OK;
    snprintf(text, sizeof text, "a message to the device was mutated before (%s): %s", found.text,
             is_late ? "it came late" : reading->reason);
    set_outcome(reading, PB_OUTCOME_UNREADABLE, text);
    return PB_OK;
}

/* Mismatches are their steps'; but a step that had its message was judged by it, and what came later is nobody's (version 2). */
static bool is_besides(const struct choreography *of, const struct pb_heard_result *result) {
    if (result->as == PB_HEARD_FURTHER) return of->recipe->version >= 2;
    return result->as != PB_HEARD_MATCHED && result->as != PB_HEARD_MISMATCHED;
}

static void judge_rest(const struct choreography *of, const struct pb_heard_result *results,
                       struct pb_reading *reading) {
    char text[300] = "";
    int64_t count = 0;
    for (size_t i = 0, k = 0; i < of->kept_count; i++) {
        const struct kept *kept = &of->kept[i];
        if (kept->said != PB_SAID_HEARD) continue;
        const struct pb_heard_result *result = kept->is_message ? &results[k++] : NULL;
        if (result && !is_besides(of, result)) continue;
        if (count++) continue;
        if (!result) snprintf(text, sizeof text, "no message: %s", kept->mistake);
        else
            snprintf(text, sizeof text, "%s from %s to %s, id %" PRId64 ", is %s", kept->value.row->name,
                     pb_parties[kept->value.from].name, pb_parties[kept->value.to].name, kept->value.id,
                     pb_heard_as_names[result->as]);
    }
    if (count > 1) snprintf(text + strlen(text), sizeof text - strlen(text), "; %" PRId64 " more", count - 1);
    if (count) set_outcome(reading, PB_OUTCOME_UNFIT, text);
}

static enum pb_status match(struct choreography *of, struct pb_reading *reading) {
    struct pb_heard *heard = calloc(of->kept_count + 1, sizeof *heard);
    struct pb_heard_result *results = calloc(of->kept_count + 1, sizeof *results);
    struct pb_expected expected = {of->patterns, of->pattern_count, PB_UNEXPECTED_JUDGE};
    size_t count = 0;
    struct pb_error mistake;
    if (!heard || !results) {
        free(heard);
        free(results);
        return no_memory(of);
    }
    for (size_t i = 0; i < of->kept_count; i++)
        if (of->kept[i].said == PB_SAID_HEARD && of->kept[i].is_message)
            heard[count++] = (struct pb_heard){
                .value = &of->kept[i].value, .received = of->kept[i].received, .link = (unsigned)of->kept[i].link};
    const struct listed_step *step = NULL;
    for (size_t i = 0; i < of->step_count; i++)
        if (of->steps[i].step_no == of->recipe->step_no && of->steps[i].pattern < PB_MATCH_PATTERNS_MAX)
            step = &of->steps[i];
    if (pb_match_all(&expected, heard, count, &of->matcher, results, &mistake) != PB_OK)
        set_outcome(reading, PB_OUTCOME_UNREADABLE, mistake.text);
    else if (of->recipe->step_no && !step)
        set_outcome(reading, PB_OUTCOME_LOST, "the record's plan has no pattern for this step");
    else if (step) judge_step(of, step, reading);
    else judge_rest(of, results, reading);
    free(heard);
    free(results);
    return PB_OK;
}

/* Whatever the device was told. */
static enum pb_status read_messages(struct pb_reader *reader, const struct pb_recipe *recipe,
                                    struct pb_reading *reading, struct pb_error *error) {
    struct choreography *of = calloc(1, sizeof *of);
    if (!of) return pb_fail(error, PB_ERR_MEMORY, 0, "messages", "no room for the messages of the case");
    of->recipe = recipe;
    of->error = error;
    enum pb_status status = load(of, reader);
    if (status == PB_OK) status = read_patterns(of);
    if (status == PB_OK) status = match(of, reading);
    for (size_t i = 0; i < of->step_count; i++) json_decref(of->steps[i].text);
    free(of->steps);
    free(of->kept);
    free(of);
    return status;
}

enum pb_status pb_choreography_judge(struct pb_reader *reader, const struct pb_recipe *recipe,
                                     struct pb_reading *reading, struct pb_error *error) {
    enum pb_status status = read_messages(reader, recipe, reading, error);
    return status == PB_OK ? excuse(reader, recipe, reading, error) : status;
}

enum pb_status pb_choreography_look(struct pb_reader *reader, const struct pb_recipe *recipe, bool *ret_is_awaited,
                                    struct pb_error *error) {
    struct pb_reading reading = {.outcome = PB_OUTCOME_VALUE};
    enum pb_status status = read_messages(reader, recipe, &reading, error);
    if (status == PB_OK) *ret_is_awaited = reading.outcome == PB_OUTCOME_ABSENT;
    return status;
}
