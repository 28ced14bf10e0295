/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging a recorded run again. First the plan and the numbers of the reading and verdict rows are loaded, then each of
 * those rows is fetched by itself, so that no query is open while an extractor makes its own. */
#include "judge/fault.h"
#include "judge/fold.h"
#include "judge/judge.h"
#include "judge/list.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct judged_check {
    struct pb_check check;
    enum pb_verdict stored, anew;
    struct {
        int64_t side;
        char why[sizeof((struct pb_fault *)0)->why];
    } fault; /* stored; side 0: none */
    bool has_fault_anew;
};
struct judged_reading {
    int64_t seq;
    struct pb_reading reading;
};
struct judged_case {
    int32_t case_no;
    int64_t seq; /* of its row */
    struct pb_fold stored, anew;
    bool is_ended;
};
struct rejudge {
    struct pb_reader *reader;
    struct judged_check *checks;
    struct judged_reading *readings; /* in order of seq */
    struct judged_case *cases;
    int64_t *seqs; /* of reading and verdict rows */
    size_t check_count, reading_count, case_count, seq_count;
    pb_rejudge_fn *differ;
    void *user;
    struct pb_rejudge_result result;
    struct pb_error *error;
};

static enum pb_status out_of_memory(struct rejudge *rejudge) {
    return pb_fail(rejudge->error, PB_ERR_MEMORY, 0, "rejudge", "no room for the rows of the run");
}

static enum pb_status bad_row(struct rejudge *rejudge, const struct pb_row *row, const char *what) {
    char where[64];
    snprintf(where, sizeof where, "row %" PRId64, row->seq);
    return pb_fail(rejudge->error, PB_ERR_INPUT, 0, where, "%s row \"%.80s\" %s", pb_row_kind_name(row->kind),
                   row->name, what);
}

/* Plans number their checks from 1 without gaps; any other ascending numbering is found too. */
static struct judged_check *find_check(struct rejudge *rejudge, int32_t check_no) {
    size_t usual = (size_t)check_no - 1;
    if (usual < rejudge->check_count && rejudge->checks[usual].check.check_no == check_no)
        return &rejudge->checks[usual];
    for (size_t i = 0; i < rejudge->check_count; i++)
        if (rejudge->checks[i].check.check_no == check_no) return &rejudge->checks[i];
    return NULL;
}

static struct judged_case *find_case(struct rejudge *rejudge, int32_t case_no) {
    for (size_t i = 0; i < rejudge->case_count; i++)
        if (rejudge->cases[i].case_no == case_no) return &rejudge->cases[i];
    return NULL;
}

static const struct judged_reading *find_reading(const struct rejudge *rejudge, int64_t seq) {
    size_t low = 0, high = rejudge->reading_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rejudge->readings[middle].seq < seq) low = middle + 1;
        else high = middle;
    }
    return low < rejudge->reading_count && rejudge->readings[low].seq == seq ? &rejudge->readings[low] : NULL;
}

/* --- loading ------------------------------------------------------------------------------------------------------ */

static enum pb_status load_case(struct rejudge *rejudge, const struct pb_row *row) {
    if (rejudge->case_count && row->case_no <= rejudge->cases[rejudge->case_count - 1].case_no)
        return bad_row(rejudge, row, "is out of order");
    if (!pb_list_has_room((void **)&rejudge->cases, rejudge->case_count, sizeof *rejudge->cases))
        return out_of_memory(rejudge);
    rejudge->cases[rejudge->case_count++] = (struct judged_case){.case_no = row->case_no, .seq = row->seq};
    return PB_OK;
}

static enum pb_status load_check(struct rejudge *rejudge, const struct pb_row *row) {
    if (rejudge->check_count && row->check_no <= rejudge->checks[rejudge->check_count - 1].check.check_no)
        return bad_row(rejudge, row, "is out of order");
    if (!find_case(rejudge, row->case_no)) return bad_row(rejudge, row, "belongs to no case");
    if (!pb_list_has_room((void **)&rejudge->checks, rejudge->check_count, sizeof *rejudge->checks))
        return out_of_memory(rejudge);
    struct judged_check *loaded = &rejudge->checks[rejudge->check_count];
    *loaded = (struct judged_check){0};
    enum pb_status status = pb_check_from_row(row, &loaded->check, rejudge->error);
    if (status == PB_OK) rejudge->check_count++;
    return status;
}

static enum pb_status load_fault(struct rejudge *rejudge, const struct pb_row *row) {
    struct judged_check *judged = find_check(rejudge, row->check_no);
    if (!judged) return bad_row(rejudge, row, "belongs to no check");
    judged->fault.side = row->a;
    snprintf(judged->fault.why, sizeof judged->fault.why, "%s", row->text);
    return PB_OK;
}

static enum pb_status load_row(void *user, const struct pb_row *row) {
    struct rejudge *rejudge = user;
    if (row->kind == PB_ROW_FAULT) return load_fault(rejudge, row);
    if (row->kind == PB_ROW_CASE) return load_case(rejudge, row);
    if (row->kind == PB_ROW_CHECK) return load_check(rejudge, row);
    if (!pb_list_has_room((void **)&rejudge->seqs, rejudge->seq_count, sizeof *rejudge->seqs))
        return out_of_memory(rejudge);
    rejudge->seqs[rejudge->seq_count++] = row->seq;
    return PB_OK;
}

/* --- comparing ---------------------------------------------------------------------------------------------------- */

static void differ(struct rejudge *rejudge, const struct pb_check *check, const char *what, const char *stored,
                   const char *anew) {
    rejudge->result.differences++;
    if (rejudge->differ) rejudge->differ(rejudge->user, check, what, stored, anew);
}

static void compare_integer(struct rejudge *rejudge, const struct pb_check *check, const char *what, int64_t stored,
                            int64_t anew) {
    if (stored == anew) return;
    char texts[2][24];
    snprintf(texts[0], sizeof texts[0], "%" PRId64, stored);
    snprintf(texts[1], sizeof texts[1], "%" PRId64, anew);
    differ(rejudge, check, what, texts[0], texts[1]);
}

static void compare_text(struct rejudge *rejudge, const struct pb_check *check, const char *what, const char *stored,
                         const char *anew) {
    if (strcmp(stored, anew) != 0) differ(rejudge, check, what, stored, anew);
}

static void compare_verdict(struct rejudge *rejudge, const struct pb_check *check, const char *what, int64_t stored,
                            enum pb_verdict anew) {
    if (stored != (int64_t)anew)
        differ(rejudge, check, what, pb_verdict_name((enum pb_verdict)stored), pb_verdict_name(anew));
}

/* --- readings ----------------------------------------------------------------------------------------------------- */

/* `row` and its texts are a copy: the reader is used meanwhile. */
static enum pb_status rejudge_reading(struct rejudge *rejudge, const struct pb_row *row) {
    const struct judged_check *judged = find_check(rejudge, row->check_no);
    if (!judged) return bad_row(rejudge, row, "belongs to no check");
    if (!pb_list_has_room((void **)&rejudge->readings, rejudge->reading_count, sizeof *rejudge->readings))
        return out_of_memory(rejudge);
    struct pb_recipe recipe;
    struct judged_reading *anew = &rejudge->readings[rejudge->reading_count];
    enum pb_status status = pb_recipe_from_row(row, &recipe, rejudge->error);
    if (status == PB_OK) status = pb_judge_read(rejudge->reader, &recipe, &anew->reading, rejudge->error);
    if (status != PB_OK) return status;
    anew->seq = row->seq;
    rejudge->reading_count++;
    rejudge->result.readings++;

    struct pb_row again;
    char text[PB_ROW_TEXT_SIZE];
    if (pb_reading_to_row(&judged->check, &recipe, &anew->reading, &again, text, sizeof text) != PB_OK)
        return bad_row(rejudge, row, "cannot be written again");
    compare_text(rejudge, &judged->check, "check id of the reading", row->name, again.name);
    compare_integer(rejudge, &judged->check, "value", row->a, again.a);
    compare_integer(rejudge, &judged->check, "U", row->b, again.b);
    compare_integer(rejudge, &judged->check, "unit", row->c, again.c);
    compare_integer(rejudge, &judged->check, "outcome", row->d, again.d);
    compare_text(rejudge, &judged->check, "recipe", row->text, again.text);
    return PB_OK;
}

/* --- verdicts ----------------------------------------------------------------------------------------------------- */

static enum pb_status rejudge_check(struct rejudge *rejudge, const struct pb_row *row) {
    struct judged_check *judged = find_check(rejudge, row->check_no);
    if (!judged) return bad_row(rejudge, row, "belongs to no check");
    enum pb_verdict stored = (enum pb_verdict)row->a, anew = stored;
    const struct judged_reading *reading = row->b ? find_reading(rejudge, row->b) : NULL;
    if (reading) {
        char reason[PB_REASON_SIZE];
        anew = pb_judge_decide(&judged->check, &reading->reading, reason, sizeof reason);
        compare_verdict(rejudge, &judged->check, "verdict", row->a, anew);
        compare_text(rejudge, &judged->check, "reason", row->text, reason);
        rejudge->result.verdicts++;
    } else if (row->b) compare_integer(rejudge, &judged->check, "row of the reading", row->b, 0);
    compare_text(rejudge, &judged->check, "check id of the verdict", row->name, judged->check.id);
    judged->stored = pb_verdict_worst(judged->stored, stored);
    judged->anew = pb_verdict_worst(judged->anew, anew);
    return PB_OK;
}

static void fold_checks(struct rejudge *rejudge) {
    for (size_t i = 0; i < rejudge->check_count; i++) {
        struct judged_case *of = find_case(rejudge, rejudge->checks[i].check.case_no);
        pb_fold_check(&of->stored, rejudge->checks[i].stored);
        pb_fold_check(&of->anew, rejudge->checks[i].anew);
    }
}

static enum pb_status rejudge_case(struct rejudge *rejudge, const struct pb_row *row) {
    struct judged_case *judged = find_case(rejudge, row->case_no);
    if (!judged) return bad_row(rejudge, row, "belongs to no case");
    enum pb_verdict stored = (enum pb_verdict)row->a;
    judged->is_ended = true;
    bool is_fold = stored == judged->stored.worst;
    if (!is_fold && (stored == PB_VERDICT_INCONC || stored == PB_VERDICT_ERROR)) {
        pb_fold_case(&judged->anew, stored);
        return PB_OK;
    }
    char what[80];
    snprintf(what, sizeof what, "verdict of case %.48s", row->name);
    compare_verdict(rejudge, NULL, what, row->a, judged->anew.worst);
    return PB_OK;
}

/* --- sides at fault ----------------------------------------------------------------------------------------------- */

static enum pb_status compare_fault(void *user, const struct pb_fault *fault) {
    struct rejudge *rejudge = user;
    struct judged_check *judged = find_check(rejudge, fault->check->check_no);
    judged->has_fault_anew = true;
    compare_text(rejudge, &judged->check, "side at fault", pb_side_name((enum pb_side)judged->fault.side),
                 pb_side_name(fault->side));
    compare_text(rejudge, &judged->check, "why that side", judged->fault.why, fault->why);
    return PB_OK;
}

/* Cases that were cut off have no sides yet. */
static enum pb_status rejudge_faults(struct rejudge *rejudge) {
    enum pb_status status = PB_OK;
    bool is_pair = false;
    for (size_t i = 0; i < rejudge->check_count; i++) is_pair = is_pair || rejudge->checks[i].check.binds;
    for (size_t i = 0; is_pair && status == PB_OK && i < rejudge->case_count; i++)
        if (rejudge->cases[i].is_ended)
            status = pb_fault_judge(rejudge->reader, rejudge->cases[i].seq, rejudge->cases[i].case_no, compare_fault,
                                    rejudge, rejudge->error);
    for (size_t i = 0; status == PB_OK && i < rejudge->check_count; i++) {
        const struct judged_check *judged = &rejudge->checks[i];
        if (judged->fault.side && !judged->has_fault_anew)
            compare_text(rejudge, &judged->check, "side at fault", pb_side_name((enum pb_side)judged->fault.side),
                         pb_side_name(PB_SIDE_NONE));
    }
    return status;
}

/* --- the run ------------------------------------------------------------------------------------------------------ */

/* Fetches a row and hands a copy of it on; the texts of a judged row fit, or it was not written by us. */
static enum pb_status with_row(struct rejudge *rejudge, int64_t seq, bool wants_case_verdicts) {
    struct pb_row row;
    enum pb_status status = pb_reader_row(rejudge->reader, seq, &row, rejudge->error);
    if (status != PB_OK) return status;
    bool is_case_verdict = row.kind == PB_ROW_VERDICT && row.check_no == 0;
    if (is_case_verdict != wants_case_verdicts) return PB_OK;
    char name[256], text[PB_ROW_TEXT_SIZE];
    if (strlen(row.name) >= sizeof name || strlen(row.text) >= sizeof text)
        return bad_row(rejudge, &row, "is too long");
    row.name = strcpy(name, row.name);
    row.text = strcpy(text, row.text);
    if (row.kind == PB_ROW_READING) return rejudge_reading(rejudge, &row);
    if (row.a < 0 || row.a >= PB_VERDICT_COUNT) return bad_row(rejudge, &row, "holds no verdict");
    return is_case_verdict ? rejudge_case(rejudge, &row) : rejudge_check(rejudge, &row);
}

static enum pb_status with_rows(struct rejudge *rejudge, bool wants_case_verdicts) {
    enum pb_status status = PB_OK;
    for (size_t i = 0; status == PB_OK && i < rejudge->seq_count; i++)
        status = with_row(rejudge, rejudge->seqs[i], wants_case_verdicts);
    return status;
}

static enum pb_verdict fold_cases(const struct rejudge *rejudge) {
    struct pb_fold run = {0};
    for (size_t i = 0; i < rejudge->case_count; i++) {
        pb_fold_case(&run, rejudge->cases[i].anew.worst);
        run.has_fail = run.has_fail || rejudge->cases[i].anew.has_fail;
    }
    return pb_fold_of_run(&run, rejudge->result.verdicts);
}

enum pb_status pb_rejudge(struct pb_reader *reader, pb_rejudge_fn *differ_fn, void *user,
                          struct pb_rejudge_result *ret_result, struct pb_error *error) {
    struct rejudge rejudge = {.reader = reader, .differ = differ_fn, .user = user, .error = error};
    uint32_t kinds =
        1u << PB_ROW_CASE | 1u << PB_ROW_CHECK | 1u << PB_ROW_READING | 1u << PB_ROW_VERDICT | 1u << PB_ROW_FAULT;
    enum pb_status status = pb_reader_each_row(reader, 0, kinds, load_row, &rejudge, error);
    if (status == PB_OK) status = with_rows(&rejudge, false);
    if (status == PB_OK) {
        fold_checks(&rejudge);
        status = with_rows(&rejudge, true);
    }
    if (status == PB_OK) status = rejudge_faults(&rejudge);
    if (status == PB_OK) {
        rejudge.result.verdict = fold_cases(&rejudge);
        *ret_result = rejudge.result;
    }
    free(rejudge.checks);
    free(rejudge.readings);
    free(rejudge.cases);
    free(rejudge.seqs);
    return status;
}
