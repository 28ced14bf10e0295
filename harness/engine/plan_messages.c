/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A step's message for this DUT: its pattern and its check. */
#include "harness/engine/plan_private.h"

#include "messages/match.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is due at a clock time is said by one that was told two of them, the time of day and this, in whole seconds. */
#define CLOCK_NS INT64_C(2000000000)
static const char limit_row[] = "time.message", transit_row[] = "time.transit";

/* What the device passes on is to be what it was given: each field as the bench has said it. */
static json_t *as_sent(const struct pb_message *message) {
    const struct pb_message_row *row = &pb_catalogue[pb_catalogue_find(message->name)];
    json_t *list = json_array(), *fields = json_loads(message->fields, 0, NULL);
    for (size_t i = 0; i < row->field_count && json_array_size(list) < PB_MATCH_CONDITIONS_MAX; i++) {
        const char *field = row->fields[i].name;
        if (!json_object_get(fields, field)) continue;
        json_array_append_new(list, json_pack("{s:{s:s},s:s,s:s}", "a", "sent", field, "field", field, "relation",
                                              pb_relation_names[PB_RELATION_EQUAL]));
    }
    json_decref(fields);
    return list;
}

static enum pb_status make_pattern(const struct pb_plan *plan, struct pb_step *step, bool is_passed_on,
                                   const struct pb_limits *limits, struct pb_error *error) {
    const struct pb_limit *transit = pb_limits_find(limits, transit_row);
    size_t first = plan->cases[plan->case_count - 1].first_step;
    bool is_never = strcmp(step->often, "never") == 0;
    json_t *conditions = is_passed_on && !is_never
                             ? as_sent(&step->says->message)
                             : json_loads(step->says->expects[0] ? step->says->expects : "[]", 0, NULL);
    int group = step->step_no - (int)first;
    for (size_t i = plan->step_count - 1; step->group && i > first && plan->steps[i - 1].group == step->group; i--)
        group--;
    json_t *object =
        json_pack("{s:o,s:s,s:i,s:s,s:s,s:I,s:s}", "conditions", conditions, "from", pb_parties[step->says->from].name,
                  "group", group, "often", step->often, "to", pb_parties[step->says->to].name, "transit_ns",
                  (json_int_t)(transit && !plan->has_own_clock ? transit->max : PB_SPAN_FOREVER.ns), "type",
                  step->says->message.name);
    if (object && step->has_start) json_object_set_new(object, "early_ns", json_integer(CLOCK_NS));
    step->pattern = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    json_decref(object);
    return step->pattern ? PB_OK : pb_fail(error, PB_ERR_MEMORY, 0, step->id, "no memory");
}

/* The check of a step's message, or of what else is said. */
static enum pb_status add_message_check(struct pb_plan *plan, struct pb_step *step, const struct pb_limit *limit,
                                        const char *name, enum pb_rule rule, bool is_strict, struct pb_error *error) {
    const struct pb_case *in = &plan->cases[plan->case_count - 1];
    struct pb_check *check = pb_plan__new_check(plan);
    if (!check) return pb_fail(error, PB_ERR_MEMORY, 0, step->id, "no memory");
    *check = (struct pb_check){.check_no = (int32_t)plan->check_count,
                               .case_no = in->case_no,
                               .step_no = step->step_no,
                               .extractor = step->is_rest ? PB_EXTRACT_OTHER_MESSAGES : PB_EXTRACT_MESSAGE,
                               .limit = *limit,
                               .rule = rule,
                               .is_strict = is_strict,
                               .is_advisory = pb_plan__is_own_inference(step)};
    snprintf(check->id, sizeof check->id, "%.40s/%s/%s", in->id, step->id, name);
    if (step->is_rest) snprintf(check->text, sizeof check->text, "%.159s", step->text);
    else
        snprintf(check->text, sizeof check->text, "%s from %s to %s %s", name, pb_actor_name(step->actor),
                 pb_actor_name(step->to), strcmp(step->often, "never") == 0 ? "does not come" : "comes as expected");
    step->message_check = check->check_no;
    return PB_OK;
}

/* Whether it tells or asks for times of day. */
static bool has_clock_time(const char *name) {
    const struct pb_message_row *row = &pb_catalogue[pb_catalogue_find(name)];
    for (size_t i = 0; i < row->field_count; i++) {
        if (row->fields[i].type == PB_FIELD_CLOCK) return true;
        for (size_t k = 0; k < row->fields[i].member_count; k++)
            if (row->fields[i].members[k].type == PB_FIELD_CLOCK) return true;
    }
    return false;
}

/* Of the last case. */
static size_t count_patterns(const struct pb_plan *plan) {
    size_t count = 0;
    for (size_t i = plan->cases[plan->case_count - 1].first_step; i < plan->step_count; i++)
        count += plan->steps[i].pattern != NULL;
    return count;
}

enum pb_status pb_plan__add_message(struct pb_plan *plan, struct pb_step *step, const struct pb_dut *dut,
                                    const struct pb_limits *limits, enum pb_rule rule, struct pb_error *error) {
    const struct pb_limit *limit =
        step->message_within ? &plan->limits[step->message_within - 1] : pb_limits_find(limits, limit_row);
    bool is_own = (PB_ACTOR_BIT(step->actor) & dut->actors) != 0;
    if (!limit || limit->unit != PB_UNIT_SECOND || limit->max == INT64_MAX)
        return pb_fail(error, PB_ERR_INPUT, 0, limits->name,
                       "found no row %s in s with a max, expected it: the suite's messages need it", limit_row);
    if (count_patterns(plan) == PB_MATCH_PATTERNS_MAX)
        return pb_fail(error, PB_ERR_INPUT, 0, "",
                       "found more than %d messages of the device in case %s, expected at most that",
                       PB_MATCH_PATTERNS_MAX, plan->cases[plan->case_count - 1].id);
    enum pb_status status = make_pattern(plan, step, !is_own, limits, error);
    if (status != PB_OK) return status;
    plan->cases[plan->case_count - 1].talkers |= PB_ACTOR_BIT(is_own ? step->actor : step->via);
    enum pb_status status_of_check =
        add_message_check(plan, step, limit, step->says->message.name, rule, limits->is_strict, error);
    if (status_of_check == PB_OK && dut->ics.own_clock && has_clock_time(step->says->message.name)) {
        char *text = plan->checks[plan->check_count - 1].text;
        size_t used = strlen(text);
        snprintf(text + used, sizeof plan->checks->text - used, "; the device keeps its own clock");
    }
    return status_of_check;
}

/* The step of the last case that an operand names has a message with a field of the same kind. */
static bool is_reference_right(const struct pb_plan *plan, const struct pb_field_row *field, const char *id,
                               const char *name) {
    const struct pb_case *in = &plan->cases[plan->case_count - 1];
    for (size_t i = in->first_step; i < plan->step_count; i++) {
        const struct pb_step *step = &plan->steps[i];
        if (strcmp(step->id, id) != 0 || !step->says) continue;
        const struct pb_message_row *row = &pb_catalogue[pb_catalogue_find(step->says->message.name)];
        size_t other = pb_message_row_field(row, name);
        return other < row->field_count && row->fields[other].type == field->type &&
               row->fields[other].unit == field->unit;
    }
    return false;
}

static enum pb_status check_references(const struct pb_plan *plan, const struct pb_step *step, struct pb_error *error) {
    static const char *const operands[] = {"a", "b"};
    if (!step->says || !step->says->expects[0]) return PB_OK;
    const struct pb_message_row *row = &pb_catalogue[pb_catalogue_find(step->says->message.name)];
    json_t *list = json_loads(step->says->expects, 0, NULL), *one;
    enum pb_status status = PB_OK;
    size_t i;
    json_array_foreach(list, i, one) for (size_t k = 0; status == PB_OK && k < 2; k++) {
        const json_t *operand = json_object_get(one, operands[k]);
        const char *id = json_string_value(json_object_get(operand, "step")),
                   *name = json_string_value(json_object_get(operand, "field"));
        size_t field = pb_message_row_field(row, json_string_value(json_object_get(one, "field")));
        if (id && name && !is_reference_right(plan, &row->fields[field], id, name))
            status = pb_fail(error, PB_ERR_INPUT, 0, "",
                             "found of(\"%s\", \"%s\") in step \"%s\", expected a step of this case whose message has "
                             "such a field",
                             id, name, step->id);
    }
    json_decref(list);
    return status;
}

/* A replay's step is one of the case, before it, that says something. */
static enum pb_status check_replays(const struct pb_plan *plan, const struct pb_step *step, struct pb_error *error) {
    const struct pb_case *in = &plan->cases[plan->case_count - 1];
    for (size_t k = 0; k < step->inject_count; k++) {
        const char *id = plan->injects[step->injects[k] - 1].replay;
        const struct pb_step *other = &plan->steps[in->first_step];
        while (id[0] && other < step && (strcmp(other->id, id) != 0 || !other->says)) other++;
        if (id[0] && other == step)
            return pb_fail(error, PB_ERR_INPUT, 0, "",
                           "found replay = \"%s\" in step \"%s\", expected an earlier step of this case that sends", id,
                           step->id);
    }
    return PB_OK;
}

static bool is_judged_by_someone(const struct pb_step *step) {
    return step->mode != PB_STEP_NOT_RUN && (step->sees_count || step->holds_count || step->says);
}

/* A case that judges, but nothing of this device, would play for nothing. One that only plays is meant to. */
static void leave_out_what_is_not_judged(struct pb_plan *plan, const struct pb_dut *dut) {
    struct pb_case *in = &plan->cases[plan->case_count - 1];
    struct pb_step *steps = &plan->steps[in->first_step];
    bool has_check = plan->check_count && plan->checks[plan->check_count - 1].case_no == in->case_no;
    bool is_judged = false;
    for (size_t i = 0; i < in->step_count; i++) is_judged = is_judged || is_judged_by_someone(&steps[i]);
    if (!dut->actors || has_check || !is_judged || in->reason[0]) return;
    snprintf(in->reason, sizeof in->reason, "not applicable: nothing that it judges is this device's");
    for (size_t i = 0; i < in->step_count; i++)
        if (steps[i].mode != PB_STEP_NOT_RUN) {
            steps[i].mode = PB_STEP_NOT_RUN;
            snprintf(steps[i].reason, sizeof steps[i].reason, "%s", in->reason);
        }
}

enum pb_status pb_plan_end_case(struct pb_plan *plan, const struct pb_dut *dut, const struct pb_limits *limits,
                                enum pb_rule rule, struct pb_error *error) {
    static const struct pb_limit none = {.id = "none",
                                         .unit = PB_UNIT_NONE,
                                         .confidence = PB_CONFIDENCE_C,
                                         .clause = "must not happen",
                                         .source = "the steps' own messages"};
    const struct pb_case *in = &plan->cases[plan->case_count - 1];
    struct pb_step rest = {.id = "messages",
                           .text = "says nothing but what the steps expect of it, and each of it once",
                           .evidence = "added",
                           .to = PB_ACTOR_COUNT,
                           .via = PB_ACTOR_COUNT,
                           .is_rest = true};
    for (size_t i = in->first_step; i < plan->step_count; i++) {
        enum pb_status replays = check_replays(plan, &plan->steps[i], error);
        if (replays != PB_OK) return replays;
        enum pb_status right = check_references(plan, &plan->steps[i], error);
        if (right != PB_OK) return right;
    }
    leave_out_what_is_not_judged(plan, dut);
    if (!in->talkers || in->reason[0]) return PB_OK;
    while (!(PB_ACTOR_BIT(rest.actor) & in->talkers)) rest.actor++;
    enum pb_status status = pb_plan_add_step(plan, &rest, dut, limits, rule, error);
    if (status != PB_OK) return status;
    struct pb_step *step = &plan->steps[plan->step_count - 1];
    step->mode = PB_STEP_JUDGED;
    step->reason[0] = 0;
    return add_message_check(plan, step, &none, "unexpected", rule, limits->is_strict, error);
}
