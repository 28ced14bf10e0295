/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model of a run that reports are drawn from: one walk over the plan and over the rows that carry a case, step or
 * check number. Plan rows come before everything they plan; a row that names what was not planned is not of a run of
 * ours. */
#include "judge/summary.h"

#include "base/text.h"
#include "judge/choreography.h"
#include "judge/fold.h"
#include "judge/list.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

/* Where a reading row's struct is kept until the verdict row that names it. */
struct kept_reading {
    int64_t seq;
    struct pb_reading reading;
};
struct loading {
    struct pb_summary *summary;
    struct kept_reading *readings;
    size_t reading_count;
    struct pb_fold *folds; /* one a case */
    struct pb_error *error;
};

static enum pb_status out_of_memory(struct loading *loading) {
    return pb_fail(loading->error, PB_ERR_MEMORY, 0, "summary", "no room for the rows of the run");
}

static enum pb_status bad_row(struct loading *loading, const struct pb_row *row, const char *what) {
    char where[64];
    snprintf(where, sizeof where, "row %" PRId64, row->seq);
    return pb_fail(loading->error, PB_ERR_INPUT, 0, where, "%s row \"%.80s\" %s", pb_row_kind_name(row->kind),
                   row->name, what);
}

/* Texts for people may be cut; ids of checks may not (pb_check_from_row refuses those). */
static void copy_text(char *ret_text, size_t size, const char *text) {
    if (memccpy(ret_text, text, '\0', size)) return;
    ret_text[size - 1] = '\0';
    pb_text_drop_partial(ret_text);
}

static void copy_member(char *ret_text, size_t size, const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    copy_text(ret_text, size, text ? text : "");
}

static struct pb_summary_case *find_case(const struct pb_summary *summary, int32_t case_no) {
    for (size_t i = 0; i < summary->case_count; i++)
        if (summary->cases[i].case_no == case_no) return &summary->cases[i];
    return NULL;
}

/* Numbers count from 1 without gaps; any other ascending numbering is found too. */
static struct pb_summary_step *find_step(const struct pb_summary *summary, int32_t step_no) {
    size_t usual = (size_t)step_no - 1;
    if (usual < summary->step_count && summary->steps[usual].step_no == step_no) return &summary->steps[usual];
    for (size_t i = 0; i < summary->step_count; i++)
        if (summary->steps[i].step_no == step_no) return &summary->steps[i];
    return NULL;
}

static struct pb_summary_check *find_check(const struct pb_summary *summary, int32_t check_no) {
    size_t usual = (size_t)check_no - 1;
    if (usual < summary->check_count && summary->checks[usual].check.check_no == check_no)
        return &summary->checks[usual];
    for (size_t i = 0; i < summary->check_count; i++)
        if (summary->checks[i].check.check_no == check_no) return &summary->checks[i];
    return NULL;
}

/* --- the plan ----------------------------------------------------------------------------------------------------- */

static enum pb_status load_case(struct loading *loading, const struct pb_row *row, const json_t *members) {
    struct pb_summary *summary = loading->summary;
    if (summary->case_count && row->case_no <= summary->cases[summary->case_count - 1].case_no)
        return bad_row(loading, row, "is out of order");
    if (!pb_list_has_room((void **)&summary->cases, summary->case_count, sizeof *summary->cases) ||
        !pb_list_has_room((void **)&loading->folds, summary->case_count, sizeof *loading->folds))
        return out_of_memory(loading);
    loading->folds[summary->case_count] = (struct pb_fold){0};
    struct pb_summary_case *added = &summary->cases[summary->case_count++];
    *added = (struct pb_summary_case){.case_no = row->case_no, .began = PB_INSTANT_NEVER, .ended = PB_INSTANT_NEVER};
    copy_text(added->id, sizeof added->id, row->name);
    copy_member(added->title, sizeof added->title, members, "title");
    copy_member(added->source, sizeof added->source, members, "source");
    added->is_reconstructed = json_is_true(json_object_get(members, "reconstructed"));
    return PB_OK;
}

/* Behind what is there, where it fits whole. */
static void append(char *list, size_t size, const char *text, const char *between) {
    size_t used = strlen(list);
    if (!text || used + strlen(text) + strlen(between) >= size) return;
    snprintf(list + used, size - used, "%s%s", used ? between : "", text);
    pb_text_drop_partial(list);
}

/* NULL: no memory. */
static struct pb_summary_notes *notes_of(struct pb_summary_step *step) {
    if (!step->notes) step->notes = calloc(1, sizeof *step->notes);
    return step->notes;
}

static enum pb_status load_step(struct loading *loading, const struct pb_row *row, const json_t *members) {
    struct pb_summary *summary = loading->summary;
    if (!find_case(summary, row->case_no)) return bad_row(loading, row, "belongs to no case");
    if (row->step_no <= (summary->step_count ? summary->steps[summary->step_count - 1].step_no : 0))
        return bad_row(loading, row, "is out of order");
    if (row->a < 0 || row->a >= PB_STEP_MODE_COUNT) return bad_row(loading, row, "has a mode that is not in the list");
    if (!pb_list_has_room((void **)&summary->steps, summary->step_count, sizeof *summary->steps))
        return out_of_memory(loading);
    struct pb_summary_step *added = &summary->steps[summary->step_count++];
    *added = (struct pb_summary_step){
        .case_no = row->case_no, .step_no = row->step_no, .mode = (enum pb_step_mode)row->a, .began = PB_INSTANT_NEVER};
    copy_text(added->id, sizeof added->id, row->name);
    copy_member(added->actor, sizeof added->actor, members, "actor");
    copy_member(added->to, sizeof added->to, members, "to");
    copy_member(added->text, sizeof added->text, members, "text");
    copy_member(added->evidence, sizeof added->evidence, members, "evidence");
    copy_member(added->seed, sizeof added->seed, members, "seed");
    copy_member(added->reason, sizeof added->reason, members, "reason");
    const json_t *injects = json_object_get(members, "injects");
    if (!injects && !json_object_get(members, "mutates")) return PB_OK;
    struct pb_summary_notes *notes = notes_of(added);
    if (!notes) return out_of_memory(loading);
    copy_member(notes->mutates, sizeof notes->mutates, members, "mutates");
    const json_t *one;
    size_t i;
    json_array_foreach(injects, i, one) append(notes->injects, sizeof notes->injects, json_string_value(one), "; ");
    return PB_OK;
}

static enum pb_status load_check(struct loading *loading, const struct pb_row *row) {
    struct pb_summary *summary = loading->summary;
    const struct pb_summary_step *step = find_step(summary, row->step_no);
    if (!step || step->case_no != row->case_no) return bad_row(loading, row, "belongs to no step of its case");
    if (summary->check_count && row->check_no <= summary->checks[summary->check_count - 1].check.check_no)
        return bad_row(loading, row, "is out of order");
    if (!pb_list_has_room((void **)&summary->checks, summary->check_count, sizeof *summary->checks))
        return out_of_memory(loading);
    struct pb_summary_check *added = &summary->checks[summary->check_count];
    *added = (struct pb_summary_check){.judged_at = PB_INSTANT_NEVER};
    enum pb_status status = pb_check_from_row(row, &added->check, loading->error);
    if (status == PB_OK) summary->check_count++;
    return status;
}

static enum pb_status load_plan(struct loading *loading, const struct pb_row *row) {
    if (row->kind == PB_ROW_CHECK) return load_check(loading, row);
    json_t *members = json_loads(row->text, 0, NULL); /* NULL for none: then there are no texts */
    enum pb_status status =
        row->kind == PB_ROW_CASE ? load_case(loading, row, members) : load_step(loading, row, members);
    json_decref(members);
    return status;
}

/* --- what happened ------------------------------------------------------------------------------------------------ */

static void stretch(pb_instant *began, pb_instant *ended, pb_instant at) {
    if (pb_is_before(at, *began)) *began = at;
    if (ended->ns == PB_INSTANT_NEVER.ns || pb_is_before(*ended, at)) *ended = at;
}

/* A verdict without a reading is not a sign that its step was reached. */
static bool shows_progress(const struct pb_row *row) { return row->kind != PB_ROW_VERDICT || row->b != 0; }

static void stretch_times(struct pb_summary *summary, const struct pb_row *row) {
    struct pb_summary_case *of_case = row->case_no ? find_case(summary, row->case_no) : NULL;
    struct pb_summary_step *step = row->step_no ? find_step(summary, row->step_no) : NULL;
    if (of_case && (shows_progress(row) || row->check_no == 0)) stretch(&of_case->began, &of_case->ended, row->at);
    if (!step || !shows_progress(row)) return;
    pb_instant ended = step->began.ns == PB_INSTANT_NEVER.ns ? PB_INSTANT_NEVER : pb_after(step->began, step->took);
    stretch(&step->began, &ended, row->at);
    step->took = pb_between(step->began, ended);
}

static enum pb_status load_reading(struct loading *loading, const struct pb_row *row) {
    if (row->c < 0 || row->c >= PB_UNIT_COUNT || row->d < 0 || row->d >= PB_OUTCOME_COUNT)
        return bad_row(loading, row, "has a unit or an outcome that is not in the list");
    if (!pb_list_has_room((void **)&loading->readings, loading->reading_count, sizeof *loading->readings))
        return out_of_memory(loading);
    struct kept_reading *kept = &loading->readings[loading->reading_count];
    *kept = (struct kept_reading){.seq = row->seq};
    kept->reading.outcome = (enum pb_outcome)row->d;
    kept->reading.quantity = (struct pb_quantity){row->a, row->b, (enum pb_unit)row->c};
    if (kept->reading.outcome != PB_OUTCOME_VALUE) { /* a value has no reason */
        json_t *members = json_loads(row->text, 0, NULL);
        copy_member(kept->reading.reason, sizeof kept->reading.reason, members, "reason");
        json_decref(members);
    }
    loading->reading_count++;
    return PB_OK;
}

/* The latest readings are the likeliest. */
static const struct kept_reading *find_reading(const struct loading *loading, int64_t seq) {
    for (size_t i = loading->reading_count; i-- > 0 && loading->readings[i].seq >= seq;)
        if (loading->readings[i].seq == seq) return &loading->readings[i];
    return NULL;
}

static enum pb_status load_check_verdict(struct loading *loading, const struct pb_row *row) {
    struct pb_summary_check *check = find_check(loading->summary, row->check_no);
    if (!check) return bad_row(loading, row, "belongs to no check");
    enum pb_verdict verdict = (enum pb_verdict)row->a;
    if (verdict <= check->verdict) return PB_OK;
    const struct kept_reading *kept = row->b ? find_reading(loading, row->b) : NULL;
    if (row->b && !kept) return bad_row(loading, row, "names no reading");
    check->verdict = verdict;
    check->judged_at = row->at;
    copy_text(check->reason, sizeof check->reason, row->text);
    check->has_reading = kept != NULL;
    if (kept) {
        check->reading = kept->reading;
        check->reading_seq = kept->seq;
    }
    return PB_OK;
}

static enum pb_status load_case_verdict(struct loading *loading, const struct pb_row *row) {
    struct pb_summary_case *of = find_case(loading->summary, row->case_no);
    if (!of) return bad_row(loading, row, "belongs to no case");
    if ((enum pb_verdict)row->a > of->verdict || !of->reason[0]) {
        of->verdict = pb_verdict_worst(of->verdict, (enum pb_verdict)row->a);
        copy_text(of->reason, sizeof of->reason, row->text);
    }
    return PB_OK;
}

static enum pb_status load_verdict(struct loading *loading, const struct pb_row *row) {
    if (row->a < 0 || row->a >= PB_VERDICT_COUNT) return bad_row(loading, row, "holds no verdict");
    return row->check_no ? load_check_verdict(loading, row) : load_case_verdict(loading, row);
}

/* What was done to a message of the step, said once. */
static enum pb_status load_message(struct loading *loading, const struct pb_row *row) {
    struct pb_summary_step *step = row->c == PB_SAID_MUTATED ? find_step(loading->summary, row->step_no) : NULL;
    if (!step) return PB_OK;
    struct pb_summary_notes *notes = notes_of(step);
    if (!notes) return out_of_memory(loading);
    char text[80], *there;
    json_t *members = json_loads(row->text, 0, NULL);
    const char *mutation = json_string_value(json_object_get(members, "mutation"));
    snprintf(text, sizeof text, "%.20s of %.40s", mutation ? mutation : "mutation", row->name);
    json_decref(members);
    there = strstr(notes->mutated, text);
    bool is_there = there && (there[strlen(text)] == ',' || !there[strlen(text)]);
    if (!is_there) append(notes->mutated, sizeof notes->mutated, text, ", ");
    return PB_OK;
}

static enum pb_status load_fault(struct loading *loading, const struct pb_row *row) {
    struct pb_summary_check *check = find_check(loading->summary, row->check_no);
    if (!check) return bad_row(loading, row, "belongs to no check");
    if (row->a <= PB_SIDE_NONE || row->a >= PB_SIDE_COUNT) return bad_row(loading, row, "names no side");
    if (!check->fault) check->fault = malloc(PB_FAULT_WHY_SIZE);
    if (!check->fault) return out_of_memory(loading);
    copy_text(check->fault, PB_FAULT_WHY_SIZE, row->text);
    check->side = (enum pb_side)row->a;
    return PB_OK;
}

static enum pb_status load_row(void *user, const struct pb_row *row) {
    struct loading *loading = user;
    if (row->kind == PB_ROW_MESSAGE) return load_message(loading, row);
    if (row->kind == PB_ROW_FAULT) return load_fault(loading, row);
    if (row->kind == PB_ROW_CASE || row->kind == PB_ROW_STEP || row->kind == PB_ROW_CHECK)
        return load_plan(loading, row);
    if (row->kind == PB_ROW_CLOSE) {
        loading->summary->is_closed = true;
        loading->summary->ended = row->at;
        return PB_OK;
    }
    loading->summary->ended = pb_later(loading->summary->ended, row->at);
    stretch_times(loading->summary, row);
    if (row->kind == PB_ROW_READING) return load_reading(loading, row);
    if (row->kind == PB_ROW_VERDICT) return load_verdict(loading, row);
    return PB_OK;
}

/* --- folding and ordering ----------------------------------------------------------------------------------------- */

/* Checks follow their steps and steps their cases, so that each owns a range; within one, the order of numbers. */
static int by_case_and_step(const void *a, const void *b) {
    const struct pb_summary_step *x = a, *y = b;
    if (x->case_no != y->case_no) return x->case_no < y->case_no ? -1 : 1;
    return x->step_no < y->step_no ? -1 : x->step_no > y->step_no;
}

static int by_place(const void *a, const void *b) {
    const struct pb_check *x = &((const struct pb_summary_check *)a)->check,
                          *y = &((const struct pb_summary_check *)b)->check;
    if (x->case_no != y->case_no) return x->case_no < y->case_no ? -1 : 1;
    if (x->step_no != y->step_no) return x->step_no < y->step_no ? -1 : 1;
    return x->check_no < y->check_no ? -1 : x->check_no > y->check_no;
}

static void order(struct pb_summary *summary) {
    if (summary->step_count) qsort(summary->steps, summary->step_count, sizeof *summary->steps, by_case_and_step);
    if (summary->check_count) qsort(summary->checks, summary->check_count, sizeof *summary->checks, by_place);
    for (size_t i = 0, check = 0; i < summary->step_count; i++) {
        struct pb_summary_step *step = &summary->steps[i];
        step->first_check = check;
        while (check < summary->check_count && summary->checks[check].check.step_no == step->step_no) check++;
        step->check_count = check - step->first_check;
        struct pb_summary_case *of = find_case(summary, step->case_no);
        if (of->step_count++ == 0) of->first_step = i;
    }
}

static bool rests_on_unverified(const struct pb_summary_check *check) {
    return check->has_reading && pb_confidence_is_unverified(check->check.limit.confidence);
}

static void count_check(struct pb_summary_counts *counts, const struct pb_summary_check *check) {
    counts->judged += check->has_reading;
    counts->unverified += rests_on_unverified(check);
    counts->passed += check->verdict == PB_VERDICT_PASS;
    counts->failed += check->verdict == PB_VERDICT_FAIL;
    counts->inconc += check->verdict == PB_VERDICT_INCONC || check->verdict == PB_VERDICT_NONE;
    counts->error += check->verdict == PB_VERDICT_ERROR;
}

static void count_step(struct pb_summary_counts *counts, const struct pb_summary_step *step) {
    counts->played += step->mode == PB_STEP_PLAYED;
    counts->not_observable += step->mode == PB_STEP_NOT_OBSERVABLE;
    counts->not_run += step->mode == PB_STEP_NOT_RUN;
    counts->steps[step->mode][pb_step_evidence_find(step->evidence)]++;
}

static void fold(struct loading *loading) {
    struct pb_summary *summary = loading->summary;
    struct pb_fold run = {0};
    summary->counts.cases = (int64_t)summary->case_count;
    for (size_t i = 0; i < summary->step_count; i++) count_step(&summary->counts, &summary->steps[i]);
    for (size_t i = 0; i < summary->check_count; i++) {
        const struct pb_summary_check *check = &summary->checks[i];
        count_check(&summary->counts, check);
        struct pb_summary_case *of = find_case(summary, check->check.case_no);
        pb_fold_check(&loading->folds[of - summary->cases], check->verdict);
        of->side = pb_side_join(of->side, check->side);
        summary->side = pb_side_join(summary->side, check->side);
    }
    for (size_t i = 0; i < summary->case_count; i++) {
        struct pb_summary_case *of = &summary->cases[i];
        pb_fold_case(&loading->folds[i], of->verdict);
        of->verdict = loading->folds[i].worst;
        if (of->verdict == PB_VERDICT_NONE && !of->reason[0])
            copy_text(of->reason, sizeof of->reason, "nothing was judged");
        pb_fold_case(&run, of->verdict);
        run.has_fail = run.has_fail || loading->folds[i].has_fail;
    }
    summary->verdict = pb_fold_of_run(&run, summary->counts.judged);
}

enum pb_status pb_summary_read(struct pb_reader *reader, struct pb_summary *ret_summary, struct pb_error *error) {
    struct pb_summary summary = {0};
    struct loading loading = {.summary = &summary, .error = error};
    uint32_t kinds = 1u << PB_ROW_CASE | 1u << PB_ROW_STEP | 1u << PB_ROW_CHECK | 1u << PB_ROW_ACTION |
                     1u << PB_ROW_EVENT | 1u << PB_ROW_READING | 1u << PB_ROW_VERDICT | 1u << PB_ROW_FAULT |
                     1u << PB_ROW_CLOSE | 1u << PB_ROW_MESSAGE;
    enum pb_status status = pb_reader_each_row(reader, 0, kinds, load_row, &loading, error);
    if (status == PB_OK) {
        order(&summary);
        fold(&loading);
        *ret_summary = summary;
    } else pb_summary_finish(&summary);
    free(loading.readings);
    free(loading.folds);
    return status;
}

enum pb_status pb_summary_recipe(struct pb_reader *reader, const struct pb_summary_check *check,
                                 struct pb_recipe *ret_recipe, struct pb_error *error) {
    struct pb_row row;
    enum pb_status status = pb_reader_row(reader, check->reading_seq, &row, error);
    return status == PB_OK ? pb_recipe_from_row(&row, ret_recipe, error) : status;
}

void pb_summary_finish(struct pb_summary *summary) {
    for (size_t i = 0; i < summary->step_count; i++) free(summary->steps[i].notes);
    for (size_t i = 0; i < summary->check_count; i++) free(summary->checks[i].fault);
    free(summary->cases);
    free(summary->steps);
    free(summary->checks);
    *summary = (struct pb_summary){0};
}

/* --- the last line ------------------------------------------------------------------------------------------------ */

void pb_summary_add(struct pb_summary *total, const struct pb_summary *summary) {
    struct pb_summary_counts *sum = &total->counts;
    const struct pb_summary_counts *more = &summary->counts;
    bool has_failed = total->verdict == PB_VERDICT_FAIL || summary->verdict == PB_VERDICT_FAIL;
    total->verdict = has_failed ? PB_VERDICT_FAIL : pb_verdict_worst(total->verdict, summary->verdict);
    int64_t *const to[] = {&sum->cases, &sum->judged, &sum->passed,         &sum->failed,  &sum->inconc,
                           &sum->error, &sum->played, &sum->not_observable, &sum->not_run, &sum->unverified};
    const int64_t from[] = {more->cases, more->judged, more->passed,         more->failed,  more->inconc,
                            more->error, more->played, more->not_observable, more->not_run, more->unverified};
    for (size_t i = 0; i < sizeof from / sizeof *from; i++) *to[i] += from[i];
    for (int mode = 0; mode < PB_STEP_MODE_COUNT; mode++)
        for (int evidence = 0; evidence < PB_STEP_EVIDENCE_COUNT; evidence++)
            sum->steps[mode][evidence] += more->steps[mode][evidence];
}

int pb_summary_exit_status(const struct pb_summary *summary) {
    if (summary->verdict == PB_VERDICT_FAIL) return 1;
    if (summary->verdict == PB_VERDICT_ERROR) return 4;
    return summary->verdict == PB_VERDICT_PASS ? 0 : 3;
}

void pb_summary_verdict_describe(enum pb_verdict verdict, int64_t unverified, char *ret_text, size_t size) {
    if (!unverified) snprintf(ret_text, size, "%s", pb_verdict_name(verdict));
    else
        snprintf(ret_text, size, "%s (%" PRId64 " on unverified limit%s)", pb_verdict_name(verdict), unverified,
                 unverified == 1 ? "" : "s");
}

int64_t pb_summary_unverified_in(const struct pb_summary *summary, const struct pb_summary_case *of) {
    int64_t count = 0;
    for (size_t i = of->first_step; i < of->first_step + of->step_count; i++)
        for (size_t k = 0; k < summary->steps[i].check_count; k++)
            count += rests_on_unverified(&summary->checks[summary->steps[i].first_check + k]);
    return count;
}

void pb_summary_evidence_describe(const struct pb_summary_counts *counts, enum pb_step_mode mode, char *ret_text,
                                  size_t size) {
    size_t used = 0;
    ret_text[0] = '\0';
    for (int i = 0; i < PB_STEP_EVIDENCE_COUNT && used < size; i++)
        if (counts->steps[mode][i])
            used += (size_t)snprintf(ret_text + used, size - used, "%s%s %" PRId64, used ? ", " : "",
                                     pb_step_evidence_name((enum pb_step_evidence)i), counts->steps[mode][i]);
}

void pb_summary_line(const struct pb_summary *summary, char *ret_text, size_t size) {
    const struct pb_summary_counts *n = &summary->counts;
    static const char *const sides[PB_SIDE_COUNT] = {"", "evse", "pev", "either", "both"};
    char unverified[40] = "", side[24] = "";
    if (summary->side != PB_SIDE_NONE) snprintf(side, sizeof side, " at_fault=%s", sides[summary->side]);
    if (n->unverified) snprintf(unverified, sizeof unverified, " unverified=%" PRId64, n->unverified);
    snprintf(ret_text, size,
             "verdict: %s cases=%" PRId64 " judged=%" PRId64 " passed=%" PRId64 " failed=%" PRId64 " inconc=%" PRId64
             " error=%" PRId64 " played=%" PRId64 " not_observable=%" PRId64 " not_run=%" PRId64 "%s%s",
             pb_verdict_name(summary->verdict), n->cases, n->judged, n->passed, n->failed, n->inconc, n->error,
             n->played, n->not_observable, n->not_run, unverified, side);
}
