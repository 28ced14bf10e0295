/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Judging again: equal for what was judged here, a difference for each column and text that is not what the record
 * gives. */
#include "tests/judge/judged_run.h"
#include "tests/record/run_files.h"
#include "tests/support/check.h"

#include <stdio.h>

static struct pb_error error;

struct found {
    int count;
    char what[80], check[96], stored[256], anew[256];
};

static void note_difference(void *user, const struct pb_check *check, const char *what, const char *stored,
                            const char *anew) {
    struct found *found = user;
    if (found->count++) return;
    snprintf(found->what, sizeof found->what, "%s", what);
    snprintf(found->check, sizeof found->check, "%s", check ? check->id : "");
    snprintf(found->stored, sizeof found->stored, "%s", stored);
    snprintf(found->anew, sizeof found->anew, "%s", anew);
}

static struct pb_rejudge_result rejudge(const char *path, struct found *ret_found) {
    *ret_found = (struct found){0};
    struct pb_rejudge_result result;
    struct pb_reader *reader = run_open(path);
    PB_CHECK_OK(pb_rejudge(reader, note_difference, ret_found, &result, &error), &error);
    pb_reader_close(reader);
    PB_CHECK_INT(result.differences, ret_found->count, "differences told");
    return result;
}

static const char *make_run(change_fn *change) {
    const char *path = run_path("run.pbrun");
    struct pb_writer *writer = run_create(path);
    fill_run(writer, change);
    run_close(writer);
    return path;
}

static void test_a_run_judged_here_is_equal_when_judged_again(void **state) {
    (void)state;
    struct found found;
    struct pb_rejudge_result result = rejudge(make_run(NULL), &found);
    PB_CHECK_TRUE(result.differences == 0, "%s of %s: %s became %s", found.what, found.check, found.stored, found.anew);
    PB_CHECK_INT(result.readings, PB_EXTRACTOR_COUNT, "readings");
    PB_CHECK_INT(result.verdicts, PB_EXTRACTOR_COUNT, "verdicts");
    PB_CHECK_TEXT(pb_verdict_name(result.verdict), "pass");
}

static bool is_row(const struct pb_row *row, enum pb_row_kind kind, enum pb_extractor extractor) {
    return row->kind == kind && row->check_no == (int32_t)extractor + 1;
}
#define CHANGE(name, kind, extractor, deed)                                                                            \
    static void name(struct pb_row *row) {                                                                             \
        if (is_row(row, PB_ROW_##kind, PB_EXTRACT_##extractor)) deed;                                                  \
    }
CHANGE(change_value, READING, PILOT_DUTY, row->a++)
CHANGE(change_u, READING, PILOT_HIGH, row->b--)
CHANGE(change_unit, READING, PILOT_LOW, row->c = PB_UNIT_AMPERE)
CHANGE(change_outcome, READING, COUNT_EVENTS, row->d = PB_OUTCOME_ABSENT)
CHANGE(
    change_recipe, READING, COUNT_EVENTS,
    row->text =
        "{\"extractor\":\"count\",\"from\":1000000000,\"from_u\":2000,\"mask\":2,\"name\":\"contactor\",\"until\":2000000000,"
        "\"version\":1,\"zest\":1}")
CHANGE(change_reading_name, READING, COUNT_EVENTS, row->name = "S1/1/other")
CHANGE(change_verdict, VERDICT, SPAN_TO_FIRST, row->a = PB_VERDICT_FAIL)
CHANGE(change_reason, VERDICT, SPAN_TO_FIRST, row->text = "it was all right")
CHANGE(change_verdict_name, VERDICT, SPAN_TO_FIRST, row->name = "S1/1/other")
CHANGE(change_reading_seq, VERDICT, SPAN_TO_FIRST, row->b = 3)
static void change_case(struct pb_row *row) {
    if (row->kind == PB_ROW_VERDICT && row->check_no == 0) row->a = PB_VERDICT_FAIL;
}

static void test_every_column_and_text_that_was_changed_is_found(void **state) {
    (void)state;
    static const struct {
        change_fn *change;
        const char *what, *check;
    } rows[] = {
        {change_value, "value", "S1/1/pilot_duty"},
        {change_u, "U", "S1/1/pilot_high"},
        {change_unit, "unit", "S1/1/pilot_low"},
        {change_outcome, "outcome", "S1/1/count"},
        {change_recipe, "recipe", "S1/1/count"},
        {change_reading_name, "check id of the reading", "S1/1/count"},
        {change_verdict, "verdict", "S1/1/span_to_first"},
        {change_reason, "reason", "S1/1/span_to_first"},
        {change_verdict_name, "check id of the verdict", "S1/1/span_to_first"},
        {change_reading_seq, "row of the reading", "S1/1/span_to_first"},
        {change_case, "verdict of case S1", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct found found;
        rejudge(make_run(rows[i].change), &found);
        PB_CHECK_TRUE(found.count >= 1, "%s: nothing was found", rows[i].what);
        PB_CHECK_TEXT(found.what, rows[i].what);
        PB_CHECK_TEXT(found.check, rows[i].check);
        PB_CHECK_INT(found.count, 1, "differences");
        run_folder_remove(NULL);
        run_folder_make(NULL);
    }
}

static void test_a_difference_tells_both_values(void **state) {
    (void)state;
    struct found found;
    rejudge(make_run(change_verdict), &found);
    PB_CHECK_TEXT(found.stored, "fail");
    PB_CHECK_TEXT(found.anew, "pass");
}

static void change_to_inconc(struct pb_row *row) {
    if (row->kind == PB_ROW_VERDICT && (row->check_no == 0 || is_row(row, PB_ROW_VERDICT, PB_EXTRACT_SPAN_TO_FIRST)))
        row->a = PB_VERDICT_INCONC;
}

static void test_a_case_is_folded_anew_from_its_checks(void **state) {
    (void)state;
    struct found found;
    struct pb_rejudge_result result = rejudge(make_run(change_to_inconc), &found);
    PB_CHECK_INT(result.differences, 2, "differences (of the check and of its case)");
    PB_CHECK_TEXT(pb_verdict_name(result.verdict), "pass");
}

static struct pb_check plan_one(struct pb_writer *writer) {
    struct pb_check check = check_of(PB_EXTRACT_COUNT_EVENTS);
    check.check_no = 1;
    add_case(writer, 1, "S1");
    add_step(writer, 1, 1, "1", PB_STEP_JUDGED);
    add_check(writer, &check);
    return check;
}

static void test_verdicts_without_a_reading_stand(void **state) {
    (void)state;
    static const struct {
        enum pb_verdict check, of_case, expected;
        int differences;
    } rows[] = {{PB_VERDICT_INCONC, PB_VERDICT_INCONC, PB_VERDICT_INCONC, 0},
                {PB_VERDICT_INCONC, PB_VERDICT_ERROR, PB_VERDICT_ERROR, 0},
                {PB_VERDICT_ERROR, PB_VERDICT_ERROR, PB_VERDICT_ERROR, 0},
                {PB_VERDICT_FAIL, PB_VERDICT_ERROR, PB_VERDICT_FAIL, 0},
                {PB_VERDICT_INCONC, PB_VERDICT_PASS, PB_VERDICT_INCONC, 1},
                {PB_VERDICT_PASS, PB_VERDICT_PASS, PB_VERDICT_INCONC, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = run_path("run.pbrun");
        struct pb_writer *writer = run_create(path);
        struct pb_check check = plan_one(writer);
        add_verdict(writer, &check, rows[i].check, "slave died");
        add_verdict(writer, &(struct pb_check){.case_no = 1, .id = "S1"}, rows[i].of_case, "slave died");
        run_close(writer);
        struct found found;
        struct pb_rejudge_result result = rejudge(path, &found);
        PB_CHECK_INT(result.differences, rows[i].differences, "differences");
        PB_CHECK_TEXT(pb_verdict_name(result.verdict), pb_verdict_name(rows[i].expected));
        run_folder_remove(NULL);
        run_folder_make(NULL);
    }
}

static void test_a_killed_run_is_judged_as_far_as_it_came(void **state) {
    (void)state;
    const char *path = run_path("killed.pbrun"), *copy = run_path("copy.pbrun");
    struct pb_writer *writer = run_create(path);
    fill_run(writer, NULL);
    struct pb_check unreached = check_of(PB_EXTRACT_COUNT_EVENTS);
    unreached.check_no = PB_EXTRACTOR_COUNT + 1;
    add_check(writer, &unreached);
    PB_CHECK_OK(pb_writer_commit(writer, &error), &error);
    run_copy(path, copy);
    pb_writer_abandon(writer);
    struct found found;
    struct pb_rejudge_result result = rejudge(copy, &found);
    PB_CHECK_INT(result.readings, PB_EXTRACTOR_COUNT, "readings");
    PB_CHECK_TEXT(pb_verdict_name(result.verdict), "inconc");
}

static void test_summary_and_rejudge_give_one_verdict(void **state) {
    (void)state;
    const char *path = make_run(NULL);
    struct pb_reader *reader = run_open(path);
    struct pb_summary summary;
    struct pb_rejudge_result result;
    PB_CHECK_OK(pb_summary_read(reader, &summary, &error), &error);
    PB_CHECK_OK(pb_rejudge(reader, NULL, NULL, &result, &error), &error);
    PB_CHECK_TEXT(pb_verdict_name(result.verdict), pb_verdict_name(summary.verdict));
    pb_summary_finish(&summary);
    pb_reader_close(reader);
}

/* The committed run was judged by another build, perhaps by another compiler: equal bits, or an extractor needs a new
 * version. */
static void test_the_committed_run_still_gives_its_bits(void **state) {
    (void)state;
    struct found found;
    struct pb_rejudge_result result = rejudge(PB_SOURCE_DIR "/tests/judge/data/golden.pbrun", &found);
    PB_CHECK_TRUE(result.differences == 0, "%s of %s: %s became %s", found.what, found.check, found.stored, found.anew);
    PB_CHECK_BETWEEN(result.readings, 7, PB_EXTRACTOR_COUNT, "readings");
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, run_folder_make, run_folder_remove)

int main(int argc, char **argv) {
    if (argc == 3 && strcmp(argv[1], "--make") == 0) { /* how data/golden.pbrun was made */
        struct pb_writer *writer = run_create(argv[2]);
        fill_run(writer, NULL);
        run_close(writer);
        return 0;
    }
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_a_run_judged_here_is_equal_when_judged_again),
        IN_FOLDER(test_every_column_and_text_that_was_changed_is_found),
        IN_FOLDER(test_a_difference_tells_both_values),
        IN_FOLDER(test_a_case_is_folded_anew_from_its_checks),
        IN_FOLDER(test_verdicts_without_a_reading_stand),
        IN_FOLDER(test_a_killed_run_is_judged_as_far_as_it_came),
        IN_FOLDER(test_summary_and_rejudge_give_one_verdict),
        cmocka_unit_test(test_the_committed_run_still_gives_its_bits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
