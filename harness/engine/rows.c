/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan as rows: what was going to be done, before anything is done. */
#include "harness/engine/engine.h"

#include <jansson.h>

enum { PLAN_ROW_TEXT = 8192 }; /* the texts of a case or step, were each byte an escape of six */

/* Adds the row with the object as text; takes the object, whose keys stand in order. */
static enum pb_status add_object(struct pb_writer *writer, struct pb_row row, json_t *object, struct pb_error *error) {
    char text[PLAN_ROW_TEXT];
    size_t length = object ? json_dumpb(object, text, sizeof text - 1, JSON_COMPACT) : 0;
    json_decref(object);
    if (!length || length >= sizeof text)
        return pb_fail(error, PB_ERR_MEMORY, 0, "record", "a plan row cannot be written as JSON");
    text[length] = '\0';
    row.text = text;
    return pb_writer_add(writer, &row, NULL, error);
}

/* JSON null, which `s*` leaves out, for an empty text. */
static const char *or_none(const char *text) { return *text ? text : NULL; }

/* What a step injects, for people; NULL: nothing. */
static json_t *injects_of(const struct pb_plan *plan, const struct pb_step *step) {
    json_t *list = step->inject_count ? json_array() : NULL;
    for (size_t i = 0; i < step->inject_count; i++)
        json_array_append_new(list, json_string(plan->injects[step->injects[i] - 1].text));
    return list;
}

static json_t *mutates_of(const struct pb_plan *plan, int32_t number) {
    char text[600];
    if (!number) return NULL;
    return json_string(pb_mutations_describe(&plan->mutations[number - 1], text, sizeof text));
}

/* *next_check: the plan's checks stand in the order of its steps. */
static enum pb_status record_step(const struct pb_plan *plan, const struct pb_case *in, const struct pb_step *step,
                                  size_t *next_check, struct pb_writer *writer, struct pb_error *error) {
    struct pb_row row = {.kind = PB_ROW_STEP,
                         .case_no = in->case_no,
                         .step_no = step->step_no,
                         .name = step->id,
                         .a = step->mode,
                         .text = ""};
    json_t *pattern = step->pattern ? json_loads(step->pattern, 0, NULL) : NULL;
    enum pb_status status = add_object(
        writer, row,
        json_pack("{s:s,s:s,s:o*,s:o*,s:o*,s:s*,s:s*,s:s,s:s*}", "actor", pb_actor_name(step->actor), "evidence",
                  step->evidence, "injects", injects_of(plan, step), "mutates", mutates_of(plan, step->mutates),
                  "pattern", pattern, "reason", or_none(step->reason), "seed", or_none(step->seed), "text", step->text,
                  "to", step->to < PB_ACTOR_COUNT ? pb_actor_name(step->to) : NULL),
        error);
    for (; status == PB_OK && *next_check < plan->check_count && plan->checks[*next_check].step_no == step->step_no;
         (*next_check)++) {
        const struct pb_check *check = &plan->checks[*next_check];
        char text[1024];
        status = pb_check_to_row(check, &row, text, sizeof text);
        if (status != PB_OK) return pb_fail(error, status, 0, check->id, "the check does not fit its row");
        status = pb_writer_add(writer, &row, NULL, error);
    }
    return status;
}

enum pb_status pb_plan_record(const struct pb_plan *plan, struct pb_writer *writer, struct pb_error *error) {
    size_t next_check = 0;
    for (size_t c = 0; c < plan->case_count; c++) {
        const struct pb_case *in = &plan->cases[c];
        struct pb_row row = {.kind = PB_ROW_CASE, .case_no = in->case_no, .name = in->id, .text = ""};
        enum pb_status status =
            add_object(writer, row,
                       json_pack("{s:o*,s:s*,s:o*,s:s,s:s}", "mutates", mutates_of(plan, in->mutates), "reason",
                                 or_none(in->reason), "reconstructed", in->is_reconstructed ? json_true() : NULL,
                                 "source", in->source, "title", in->title),
                       error);
        for (size_t i = 0; status == PB_OK && i < in->step_count; i++)
            status = record_step(plan, in, &plan->steps[in->first_step + i], &next_check, writer, error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}
