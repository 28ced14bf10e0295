/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run came to: counts, verdict, exit status and last line for every mix; runs that were killed; files that are
 * not runs. */
#include "tests/judge/judged_run.h"
#include "tests/record/run_files.h"
#include "tests/support/check.h"

#include <stdio.h>

static struct pb_error error;

static void read_summary(const char *path, struct pb_summary *ret_summary) {
    struct pb_reader *reader = run_open(path);
    PB_CHECK_OK(pb_summary_read(reader, ret_summary, &error), &error);
    pb_reader_close(reader);
}

static struct pb_check numbered_check(int32_t case_no, int32_t check_no) {
    struct pb_check check = check_of(PB_EXTRACT_COUNT_EVENTS);
    check.case_no = check.step_no = case_no;
    check.check_no = check_no;
    return check;
}

/* Verdict letters of the checks of a case (p i f e, - never judged), '/' and the engine's own for the case (n: none);
 * cases parted by a blank. Capital letters rest on a reading. */
static enum pb_verdict verdict_of(char letter) {
    static const char letters[] = "npife";
    return (enum pb_verdict)(strchr(letters, letter | 0x20) - letters);
}

static const char *make_mix(const char *mix) {
    const char *path = run_path("mix.pbrun");
    struct pb_writer *writer = run_create(path);
    int32_t case_no = 1, check_no = 0;
    add_case(writer, 1, "S1");
    add_step(writer, 1, 1, "1", PB_STEP_JUDGED);
    for (const char *at = mix; *at; at++) {
        if (*at == ' ') {
            add_case(writer, ++case_no, "S2");
            add_step(writer, case_no, case_no, "1", PB_STEP_JUDGED);
            continue;
        }
        if (*at == '/') {
            add_verdict(writer, &(struct pb_check){.case_no = case_no, .id = "S1"}, verdict_of(*++at), "the engine's");
            continue;
        }
        struct pb_check check = numbered_check(case_no, ++check_no);
        add_check(writer, &check);
        if (*at == '-') continue;
        struct pb_row row = {.kind = PB_ROW_READING,
                             .case_no = case_no,
                             .step_no = case_no,
                             .check_no = check_no,
                             .name = check.id,
                             .text = "{\"extractor\":\"count\",\"version\":1}"};
        int64_t seq = 0;
        if (*at < 'a') add_row(writer, &row, &seq);
        row.kind = PB_ROW_VERDICT;
        row.a = verdict_of(*at);
        row.b = seq;
        row.text = "because";
        add_row(writer, &row, NULL);
    }
    run_close(writer);
    return path;
}

static void test_every_mix_has_its_verdict_and_exit_status(void **state) {
    (void)state;
    static const struct {
        const char *mix, *verdict;
        int exit_status;
        const char *counts;
    } rows[] = {
        {"PP/p", "pass", 0, "judged=2 passed=2 failed=0 inconc=0 error=0"},
        {"PF/f", "fail", 1, "judged=2 passed=1 failed=1 inconc=0 error=0"},
        {"PFE/e", "fail", 1, "judged=3 passed=1 failed=1 inconc=0 error=1"},
        {"Pf/e", "fail", 1, "judged=1 passed=1 failed=1"},
        {"PE/e", "error", 4, "judged=2 passed=1 failed=0 inconc=0 error=1"},
        {"PEI/e", "error", 4, "inconc=1 error=1"},
        {"PI/i", "inconc", 3, "judged=2 passed=1 failed=0 inconc=1 error=0"},
        {"Pi/i", "inconc", 3, "judged=1 passed=1 failed=0 inconc=1 error=0"},
        {"P-", "inconc", 3, "judged=1 passed=1 failed=0 inconc=1 error=0"},
        {"PP/e", "error", 4, "judged=2 passed=2 failed=0 inconc=0 error=0"},
        {"PP/i", "inconc", 3, "judged=2 passed=2"},
        {"PF/p", "fail", 1, "failed=1"},
        {"--", "inconc", 3, "judged=0 passed=0 failed=0 inconc=2 error=0"},
        {"p", "inconc", 3, "judged=0 passed=1"},
        {"", "inconc", 3, "cases=1 judged=0 passed=0 failed=0 inconc=0"},
        {"/n", "inconc", 3, "cases=1 judged=0"},
        {"P/p /n", "pass", 0, "cases=2 judged=1"},
        {"P/p F/f", "fail", 1, "cases=2"},
        {"F/f E/e", "fail", 1, "cases=2"},
        {"FE/e P/p", "fail", 1, "cases=2"},
        {"P/p -/e", "error", 4, "inconc=1 error=0"},
        {"P/p /e", "error", 4, "error=0"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct pb_summary summary;
        read_summary(make_mix(rows[i].mix), &summary);
        char line[320], expected[40];
        pb_summary_line(&summary, line, sizeof line);
        snprintf(expected, sizeof expected, "verdict: %s cases=", rows[i].verdict);
        PB_CHECK_TRUE(pb_summary_exit_status(&summary) == rows[i].exit_status && strstr(line, expected) &&
                          strstr(line, rows[i].counts),
                      "mix \"%s\" gave exit status %d (expected %d) and \"%s\" (expected %s and %s)", rows[i].mix,
                      pb_summary_exit_status(&summary), rows[i].exit_status, line, expected, rows[i].counts);
        pb_summary_finish(&summary);
        run_folder_remove(NULL);
        run_folder_make(NULL);
    }
}

static void test_the_last_line_has_its_agreed_form(void **state) {
    (void)state;
    struct pb_summary summary = {.verdict = PB_VERDICT_PASS,
                                 .counts = {.cases = 2, .judged = 12, .passed = 12, .played = 5, .not_observable = 1}};
    char line[320];
    pb_summary_line(&summary, line, sizeof line);
    PB_CHECK_TEXT(
        line,
        "verdict: pass cases=2 judged=12 passed=12 failed=0 inconc=0 error=0 played=5 not_observable=1 not_run=0");
    summary.counts.unverified = 3;
    pb_summary_line(&summary, line, sizeof line);
    PB_CHECK_TEXT(
        line,
        "verdict: pass cases=2 judged=12 passed=12 failed=0 inconc=0 error=0 played=5 not_observable=1 not_run=0 unverified=3");
}

static void test_a_summary_holds_plan_readings_and_times(void **state) {
    (void)state;
    const char *path = run_path("run.pbrun");
    struct pb_writer *writer = run_create(path);
    fill_run(writer, NULL);
    run_close(writer);
    struct pb_summary summary;
    struct pb_recipe recipe;
    read_summary(path, &summary);
    PB_CHECK_INT(summary.case_count, 1, "cases");
    PB_CHECK_INT(summary.check_count, PB_EXTRACTOR_COUNT, "checks");
    PB_CHECK_INT(summary.is_closed, 1, "(closed)");
    PB_CHECK_TEXT(summary.cases[0].title, "Customer connects");
    PB_CHECK_TEXT(summary.steps[0].actor, "evse");
    PB_CHECK_TEXT(summary.steps[0].evidence, "F");
    PB_CHECK_INT(summary.steps[0].check_count, PB_EXTRACTOR_COUNT, "checks");
    PB_CHECK_INT(summary.steps[0].began.ns, 900 * MS, "ns");
    PB_CHECK_INT(summary.steps[0].took.ns, 1100 * MS, "ns");
    PB_CHECK_INT(summary.cases[0].ended.ns, 2500 * MS, "ns");
    const struct pb_summary_check *span = &summary.checks[PB_EXTRACT_SPAN_TO_FIRST];
    PB_CHECK_INT(span->reading.quantity.value, 20 * MS, "ns");
    struct pb_reader *reader = run_open(path);
    PB_CHECK_OK(pb_summary_recipe(reader, span, &recipe, &error), &error);
    pb_reader_close(reader);
    PB_CHECK_INT(recipe.from.ns, 1000 * MS, "ns");
    PB_CHECK_INT(span->judged_at.ns, 2000 * MS, "ns");
    PB_CHECK_TEXT(span->reason, "20 ms +- 3 us, limit at most 100 ms, inside by 80 ms");
    PB_CHECK_INT(pb_summary_exit_status(&summary), 0, "(exit status)");
    pb_summary_finish(&summary);
}

static void test_unverified_limits_are_counted_where_they_decide(void **state) {
    (void)state;
    const char *path = run_path("run.pbrun");
    struct pb_writer *writer = run_create(path);
    add_case(writer, 1, "S1");
    add_step(writer, 1, 1, "1", PB_STEP_JUDGED);
    struct pb_check checks[PB_CONFIDENCE_COUNT + 1];
    for (int32_t i = 0; i <= PB_CONFIDENCE_COUNT; i++) {
        checks[i] = numbered_check(1, i + 1);
        checks[i].limit.confidence = i < PB_CONFIDENCE_COUNT ? (enum pb_confidence)i : PB_CONFIDENCE_K;
        add_check(writer, &checks[i]);
    }
    struct pb_recipe recipe = recipe_of(PB_EXTRACT_COUNT_EVENTS);
    for (size_t i = 0; i < PB_CONFIDENCE_COUNT; i++) judge_live(writer, &checks[i], &recipe, NULL);
    add_verdict(writer, &checks[PB_CONFIDENCE_COUNT], PB_VERDICT_INCONC, "not reached");
    run_close(writer);
    struct pb_summary summary;
    read_summary(path, &summary);
    PB_CHECK_INT(summary.counts.unverified, 2, "checks (K and U, not the one that was not reached)");
    PB_CHECK_INT(summary.counts.judged, PB_CONFIDENCE_COUNT, "checks");
    pb_summary_finish(&summary);
}

static void test_a_verdict_says_how_many_checks_rest_on_unverified_limits(void **state) {
    (void)state;
    char text[80];
    pb_summary_verdict_describe(PB_VERDICT_PASS, 0, text, sizeof text);
    PB_CHECK_TEXT(text, "pass");
    pb_summary_verdict_describe(PB_VERDICT_PASS, 1, text, sizeof text);
    PB_CHECK_TEXT(text, "pass (1 on unverified limit)");
    pb_summary_verdict_describe(PB_VERDICT_FAIL, 12, text, sizeof text);
    PB_CHECK_TEXT(text, "fail (12 on unverified limits)");
}

static void test_steps_are_counted_by_mode_and_evidence(void **state) {
    (void)state;
    static const struct {
        enum pb_step_mode mode;
        const char *evidence;
    } steps[] = {{PB_STEP_JUDGED, "found"},   {PB_STEP_JUDGED, "inferred"},   {PB_STEP_JUDGED, "found"},
                 {PB_STEP_PLAYED, "carried"}, {PB_STEP_PLAYED, "remembered"}, {PB_STEP_NOT_OBSERVABLE, "added"},
                 {PB_STEP_NOT_RUN, "found"},  {PB_STEP_PLAYED, "hearsay"}};
    const char *path = run_path("evidence.pbrun");
    struct pb_writer *writer = run_create(path);
    struct pb_row row = {.kind = PB_ROW_CASE, .case_no = 1, .name = "L3", .text = "{\"reconstructed\":true}"};
    int64_t seq;
    add_row(writer, &row, &seq);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        char text[40];
        snprintf(text, sizeof text, "{\"evidence\":\"%s\"}", steps[i].evidence);
        row = (struct pb_row){.kind = PB_ROW_STEP,
                              .case_no = 1,
                              .step_no = (int32_t)i + 1,
                              .name = "s",
                              .a = steps[i].mode,
                              .text = text};
        add_row(writer, &row, &seq);
    }
    run_close(writer);
    struct pb_summary summary;
    char text[120];
    read_summary(path, &summary);
    PB_CHECK_TRUE(summary.cases[0].is_reconstructed, "the case lost its mark");
    pb_summary_evidence_describe(&summary.counts, PB_STEP_JUDGED, text, sizeof text);
    PB_CHECK_TEXT(text, "found 2, inferred 1");
    pb_summary_evidence_describe(&summary.counts, PB_STEP_PLAYED, text, sizeof text);
    PB_CHECK_TEXT(text, "carried 1, remembered 1, other 1");
    pb_summary_evidence_describe(&summary.counts, PB_STEP_NOT_OBSERVABLE, text, sizeof text);
    PB_CHECK_TEXT(text, "added 1");
    pb_summary_finish(&summary);
}

static void test_a_killed_run_counts_what_it_did_not_reach(void **state) {
    (void)state;
    const char *path = run_path("killed.pbrun"), *copy = run_path("copy.pbrun");
    struct pb_writer *writer = run_create(path);
    add_case(writer, 1, "S1");
    add_step(writer, 1, 1, "1", PB_STEP_JUDGED);
    add_step(writer, 1, 2, "2", PB_STEP_JUDGED);
    add_step(writer, 1, 3, "3", PB_STEP_PLAYED);
    struct pb_check reached = check_of(PB_EXTRACT_COUNT_EVENTS), not_reached = check_of(PB_EXTRACT_SPAN_TO_FIRST);
    reached.check_no = 1;
    reached.limit.min = 0;
    not_reached.check_no = not_reached.step_no = 2;
    add_check(writer, &reached);
    add_check(writer, &not_reached);
    judge_live(writer, &reached, &(struct pb_recipe[]){recipe_of(PB_EXTRACT_COUNT_EVENTS)}[0], NULL);
    PB_CHECK_OK(pb_writer_commit(writer, &error), &error);
    run_copy(path, copy); /* what SIGKILL leaves */
    pb_writer_abandon(writer);
    struct pb_summary summary;
    read_summary(copy, &summary);
    PB_CHECK_INT(summary.is_closed, 0, "(closed)");
    PB_CHECK_INT(summary.counts.passed, 1, "checks");
    PB_CHECK_INT(summary.counts.inconc, 1, "checks");
    PB_CHECK_INT(summary.checks[1].verdict, PB_VERDICT_NONE, "(verdict)");
    PB_CHECK_TRUE(summary.steps[1].began.ns == PB_INSTANT_NEVER.ns, "a step that was not reached has a date");
    PB_CHECK_INT(pb_summary_exit_status(&summary), 3, "(exit status)");
    pb_summary_finish(&summary);
}

static void test_a_verdict_not_reached_is_no_date_of_its_step(void **state) {
    (void)state;
    const char *path = run_path("run.pbrun");
    struct pb_writer *writer = run_create(path);
    add_case(writer, 1, "S1");
    add_step(writer, 1, 1, "1", PB_STEP_JUDGED);
    struct pb_check check = check_of(PB_EXTRACT_COUNT_EVENTS);
    check.check_no = 1;
    add_check(writer, &check);
    add_verdict(writer, &check, PB_VERDICT_INCONC, "not reached");
    run_close(writer);
    struct pb_summary summary;
    read_summary(path, &summary);
    PB_CHECK_TRUE(summary.steps[0].began.ns == PB_INSTANT_NEVER.ns, "it has one");
    PB_CHECK_TEXT(summary.checks[0].reason, "not reached");
    pb_summary_finish(&summary);
}

static void test_a_repeated_check_has_its_worst_verdict(void **state) {
    (void)state;
    const char *path = run_path("run.pbrun");
    struct pb_writer *writer = run_create(path);
    add_case(writer, 1, "S1");
    add_step(writer, 1, 1, "1", PB_STEP_JUDGED);
    struct pb_check check = numbered_check(1, 1);
    add_check(writer, &check);
    add_verdict(writer, &check, PB_VERDICT_PASS, "first");
    add_verdict(writer, &check, PB_VERDICT_FAIL, "second");
    add_verdict(writer, &check, PB_VERDICT_PASS, "third");
    run_close(writer);
    struct pb_summary summary;
    read_summary(path, &summary);
    PB_CHECK_TEXT(pb_verdict_name(summary.checks[0].verdict), "fail");
    PB_CHECK_TEXT(summary.checks[0].reason, "second");
    PB_CHECK_INT(summary.counts.failed, 1, "checks");
    pb_summary_finish(&summary);
}

static void test_rows_that_are_not_of_one_run_are_refused(void **state) {
    (void)state;
    static const char check_text[] = "{\"confidence\":\"V\",\"extractor\":\"count\",\"rule\":\"simple\"}";
    static const struct {
        const char *what;
        struct pb_row row;
    } rows[] = {
        {"belongs to no case", {.kind = PB_ROW_STEP, .case_no = 9, .step_no = 9, .name = "x", .text = ""}},
        {"is out of order", {.kind = PB_ROW_CASE, .case_no = 1, .name = "x", .text = ""}},
        {"is out of order", {.kind = PB_ROW_STEP, .case_no = 1, .step_no = 1, .name = "x", .text = ""}},
        {"mode", {.kind = PB_ROW_STEP, .case_no = 1, .step_no = 2, .name = "x", .a = 99, .text = ""}},
        {"belongs to no step",
         {.kind = PB_ROW_CHECK, .case_no = 1, .step_no = 5, .check_no = 1, .name = "x", .text = check_text}},
        {"belongs to no check", {.kind = PB_ROW_VERDICT, .case_no = 1, .check_no = 7, .name = "x", .a = 1, .text = ""}},
        {"belongs to no case", {.kind = PB_ROW_VERDICT, .case_no = 7, .name = "x", .a = 1, .text = ""}},
        {"holds no verdict", {.kind = PB_ROW_VERDICT, .case_no = 1, .name = "x", .a = 9, .text = ""}},
        {"unit",
         {.kind = PB_ROW_READING,
          .case_no = 1,
          .check_no = 1,
          .name = "x",
          .c = 99,
          .text = "{\"extractor\":\"count\"}"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *path = run_path("odd.pbrun");
        struct pb_writer *writer = run_create(path);
        add_case(writer, 1, "S1");
        add_step(writer, 1, 1, "1", PB_STEP_JUDGED);
        add_row(writer, &rows[i].row, NULL);
        run_close(writer);
        struct pb_reader *reader = run_open(path);
        struct pb_summary summary;
        PB_CHECK_TEXT(pb_status_name(pb_summary_read(reader, &summary, &error)), "ERR_INPUT");
        PB_CHECK_CONTAINS(error.text, rows[i].what);
        PB_CHECK_CONTAINS(error.where, "row ");
        pb_reader_close(reader);
        run_folder_remove(NULL);
        run_folder_make(NULL);
    }
}

#define IN_FOLDER(test) cmocka_unit_test_setup_teardown(test, run_folder_make, run_folder_remove)

int main(void) {
    const struct CMUnitTest tests[] = {
        IN_FOLDER(test_every_mix_has_its_verdict_and_exit_status),
        IN_FOLDER(test_the_last_line_has_its_agreed_form),
        IN_FOLDER(test_a_summary_holds_plan_readings_and_times),
        IN_FOLDER(test_unverified_limits_are_counted_where_they_decide),
        cmocka_unit_test(test_a_verdict_says_how_many_checks_rest_on_unverified_limits),
        IN_FOLDER(test_steps_are_counted_by_mode_and_evidence),
        IN_FOLDER(test_a_killed_run_counts_what_it_did_not_reach),
        IN_FOLDER(test_a_verdict_not_reached_is_no_date_of_its_step),
        IN_FOLDER(test_a_repeated_check_has_its_worst_verdict),
        IN_FOLDER(test_rows_that_are_not_of_one_run_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
