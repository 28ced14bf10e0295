/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A run file gives back what was put in: rows, header, captures; live, finished, killed, read-only; and refuses other files. */
#include "base/wall.h"
#include "tests/record/run_files.h"
#include "tests/support/check.h"

#include <dirent.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- rows --- */

static const struct pb_row extremes[] = {
    {.at = {INT64_MIN}, .kind = PB_ROW_CASE, .name = "", .a = INT64_MIN, .b = INT64_MAX, .c = -1, .d = 0, .text = ""},
    {.at = {INT64_MAX},
     .kind = PB_ROW_NOTE,
     .case_no = INT32_MAX,
     .step_no = INT32_MAX,
     .check_no = INT32_MAX,
     .name = "\xce\xbcV \xe2\x86\x92 \xf0\x9f\x94\x8c",
     .a = INT64_MAX,
     .b = INT64_MIN,
     .c = 1,
     .d = INT64_MAX,
     .text = "quote ' \" \\ \n tab\t \x01 \xe6\xbc\xa2\xe5\xad\x97"},
    {.at = {0}, .kind = PB_ROW_EVENT, .case_no = 1, .name = "12", .text = "34.0"}, /* looks like numbers, stays text */
    {.at = {-5}, .kind = PB_ROW_MESSAGE, .name = "esci", .text = "{}"},
};
#define EXTREMES (sizeof extremes / sizeof *extremes)

struct count {
    const struct pb_row *expected;
    int64_t next_seq;
    int64_t rows;
};

static void check_same(const struct pb_row *row, const struct pb_row *expected) {
    PB_CHECK_INT(row->at.ns, expected->at.ns, "ns");
    PB_CHECK_INT(row->kind, expected->kind, "kind");
    PB_CHECK_INT(row->case_no, expected->case_no, "case");
    PB_CHECK_INT(row->step_no, expected->step_no, "step");
    PB_CHECK_INT(row->check_no, expected->check_no, "check");
    PB_CHECK_TEXT(row->name, expected->name);
    PB_CHECK_INT(row->a, expected->a, "a");
    PB_CHECK_INT(row->b, expected->b, "b");
    PB_CHECK_INT(row->c, expected->c, "c");
    PB_CHECK_INT(row->d, expected->d, "d");
    PB_CHECK_TEXT(row->text, expected->text);
}

static enum pb_status compare_next(void *user, const struct pb_row *row) {
    struct count *count = user;
    PB_CHECK_INT(row->seq, ++count->rows, "seq");
    check_same(row, count->expected + row->seq - 1);
    return PB_OK;
}

static void add_extremes(struct pb_writer *writer) {
    struct pb_error error;
    for (size_t i = 0; i < EXTREMES; i++) {
        int64_t seq = 0;
        PB_CHECK_OK(pb_writer_add(writer, &extremes[i], &seq, &error), &error);
        PB_CHECK_INT(seq, (int64_t)i + 1, "seq");
    }
}

static void test_every_column_comes_back_as_written(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("columns"));
    add_extremes(writer);
    pb_writer_abandon(writer);
    struct pb_reader *reader = run_open(run_path("columns"));
    struct count count = {.expected = extremes};
    PB_CHECK_OK(pb_reader_each_row(reader, 1, UINT32_MAX, compare_next, &count, &error), &error);
    PB_CHECK_INT(count.rows, EXTREMES, "rows");
    for (size_t i = EXTREMES; i-- > 0;) {
        struct pb_row row;
        PB_CHECK_OK(pb_reader_row(reader, (int64_t)i + 1, &row, &error), &error);
        check_same(&row, &extremes[i]);
    }
    struct pb_row row;
    PB_CHECK_INT(pb_reader_row(reader, EXTREMES + 1, &row, &error), PB_ERR_NOT_FOUND, "status");
    PB_CHECK_CONTAINS(error.text, "no log row 5");
    pb_reader_close(reader);
}

static struct pb_row numbered_row(int64_t i) {
    static char name[32], text[64];
    snprintf(name, sizeof name, "event %lld", (long long)(i % 10));
    snprintf(text, sizeof text, "{\"i\":%lld}", (long long)i);
    return (struct pb_row){.at = {i / 3 * 1000},
                           .kind = i % 4 ? PB_ROW_EVENT : PB_ROW_ACTION,
                           .case_no = 1,
                           .name = name,
                           .a = i,
                           .b = i * i,
                           .text = text};
}

static enum pb_status compare_numbered(void *user, const struct pb_row *row) {
    struct count *count = user;
    const struct pb_row expected = numbered_row(row->seq);
    check_same(row, &expected);
    PB_CHECK_TRUE(row->seq >= count->next_seq, "order of seq");
    count->next_seq = row->seq + 1;
    count->rows++;
    return PB_OK;
}

static void test_ten_thousand_rows_come_back_in_order(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("many"));
    for (int64_t i = 1; i <= 10000; i++) {
        const struct pb_row row = numbered_row(i);
        PB_CHECK_OK(pb_writer_add(writer, &row, NULL, &error), &error);
    }
    pb_writer_abandon(writer);
    struct pb_reader *reader = run_open(run_path("many"));
    struct count count = {0}, late = {0}, actions = {0};
    PB_CHECK_OK(pb_reader_each_row(reader, 0, UINT32_MAX, compare_numbered, &count, &error), &error);
    PB_CHECK_INT(count.rows, 10000, "rows");
    PB_CHECK_OK(pb_reader_each_row(reader, 9001, UINT32_MAX, compare_numbered, &late, &error), &error);
    PB_CHECK_INT(late.rows, 1000, "rows from 9001 on");
    PB_CHECK_OK(pb_reader_each_row(reader, 1, 1u << PB_ROW_ACTION, compare_numbered, &actions, &error), &error);
    PB_CHECK_INT(actions.rows, 2500, "action rows");
    pb_reader_close(reader);
}

/* --- events --- */

struct event_walk {
    int64_t at_ns[16], seq[16];
    int count;
};

static enum pb_status note_event(void *user, const struct pb_row *row) {
    struct event_walk *walk = user;
    walk->at_ns[walk->count] = row->at.ns;
    walk->seq[walk->count++] = row->seq;
    return walk->count == 16 ? PB_ERR_INTERRUPTED : PB_OK;
}

static void test_events_come_by_time_then_by_seq_within_both_ends(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("events"));
    static const struct {
        const char *name;
        int64_t at_ns;
        enum pb_row_kind kind;
    } rows[] = {{"edge", 300, PB_ROW_EVENT}, {"edge", 100, PB_ROW_EVENT},  {"other", 200, PB_ROW_EVENT},
                {"edge", 200, PB_ROW_EVENT}, {"edge", 200, PB_ROW_ACTION}, {"edge", 99, PB_ROW_EVENT},
                {"edge", 200, PB_ROW_EVENT}, {"edge", 301, PB_ROW_EVENT}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct pb_row row = {.at = {rows[i].at_ns}, .kind = rows[i].kind, .name = rows[i].name, .text = ""};
        PB_CHECK_OK(pb_writer_add(writer, &row, NULL, &error), &error);
    }
    struct pb_reader *reader = NULL;
    PB_CHECK_OK(pb_reader_attach(pb_writer_handle(writer), &reader, &error), &error);
    struct event_walk walk = {.count = 0};
    PB_CHECK_OK(pb_writer_flush(writer, &error), &error);
    PB_CHECK_OK(pb_reader_each_event(reader, "edge", (pb_instant){100}, (pb_instant){300}, note_event, &walk, &error),
                &error);
    static const int64_t expected[] = {2, 4, 7, 1};
    PB_CHECK_INT(walk.count, 4, "events");
    for (int i = 0; i < 4; i++) PB_CHECK_INT(walk.seq[i], expected[i], "seq");
    pb_reader_close(reader);
    pb_writer_abandon(writer);
}

struct nested {
    struct pb_reader *reader;
    struct pb_writer *writer;
    int outer, inner;
};

static enum pb_status count_inner(void *user, const struct pb_row *row) {
    (void)row;
    ((struct nested *)user)->inner++;
    return PB_OK;
}

static enum pb_status visit_within(void *user, const struct pb_row *row) {
    struct nested *nested = user;
    struct pb_error error;
    const struct pb_row verdict = {.kind = PB_ROW_VERDICT, .name = row->name, .c = row->seq, .text = ""};
    PB_CHECK_OK(pb_writer_add(nested->writer, &verdict, NULL, &error), &error);
    PB_CHECK_OK(pb_writer_commit(nested->writer, &error), &error);
    nested->outer++;
    return pb_reader_each_event(nested->reader, "edge", PB_INSTANT_ZERO, PB_INSTANT_NEVER, count_inner, nested, &error);
}

static void test_a_visitor_may_read_and_write_the_run_it_visits(void **state) {
    (void)state;
    struct pb_error error;
    struct nested nested = {.writer = run_create(run_path("nested"))};
    for (int i = 0; i < 5; i++) {
        const struct pb_row row = {.at = {i}, .kind = PB_ROW_EVENT, .name = "edge", .text = "x"};
        PB_CHECK_OK(pb_writer_add(nested.writer, &row, NULL, &error), &error);
    }
    PB_CHECK_OK(pb_writer_flush(nested.writer, &error), &error);
    PB_CHECK_OK(pb_reader_attach(pb_writer_handle(nested.writer), &nested.reader, &error), &error);
    PB_CHECK_OK(
        pb_reader_each_event(nested.reader, "edge", PB_INSTANT_ZERO, PB_INSTANT_NEVER, visit_within, &nested, &error),
        &error);
    PB_CHECK_INT(nested.outer, 5, "visits");
    PB_CHECK_INT(nested.inner, 25, "visits within");
    struct pb_verify_result result;
    PB_CHECK_OK(pb_reader_verify(nested.reader, &result, &error), &error);
    PB_CHECK_INT(result.rows, 10, "rows");
    pb_reader_close(nested.reader);
    pb_writer_abandon(nested.writer);
}

static enum pb_status stop_at_third(void *user, const struct pb_row *row) {
    *(int64_t *)user = row->seq;
    return row->seq == 3 ? PB_ERR_INTERRUPTED : PB_OK;
}

static void test_a_visitor_can_stop(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("stop"));
    add_extremes(writer);
    pb_writer_abandon(writer);
    struct pb_reader *reader = run_open(run_path("stop"));
    int64_t last = 0;
    PB_CHECK_INT(pb_reader_each_row(reader, 1, UINT32_MAX, stop_at_third, &last, &error), PB_ERR_INTERRUPTED, "status");
    PB_CHECK_INT(last, 3, "seq");
    pb_reader_close(reader);
}

/* --- header --- */

static enum pb_status list_header(void *user, const char *key, const char *value) {
    strcat(user, key);
    strcat(user, "=");
    strcat(user, value);
    strcat(user, ";");
    return PB_OK;
}

static void test_header_lines_are_written_once_and_read_by_key(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("header"));
    PB_CHECK_OK(pb_writer_header(writer, "pid", "4711", &error), &error);
    PB_CHECK_OK(pb_writer_header(writer, "bench", "", &error), &error);
    PB_CHECK_INT(pb_writer_header(writer, "pid", "4712", &error), PB_ERR_ARG, "status");
    PB_CHECK_CONTAINS(error.text, "\"pid\" was written before");
    PB_CHECK_INT(pb_writer_header(writer, "digest", "0", &error), PB_ERR_ARG, "status");
    add_extremes(writer); /* a refused line does not end the record */
    run_close(writer);
    struct pb_reader *reader = run_open(run_path("header"));
    const char *pid = pb_reader_header(reader, "pid");
    PB_CHECK_TEXT(pid, "4711");
    PB_CHECK_TEXT(pb_reader_header(reader, "bench"), "");
    PB_CHECK_TRUE(!pb_reader_header(reader, "nothing"), "an unknown key has no value");
    PB_CHECK_TRUE(!pb_reader_header(reader, "digest"), "the digest is not a line of the bench's");
    PB_CHECK_TEXT(pid, "4711");
    char lines[100] = "";
    PB_CHECK_OK(pb_reader_each_header(reader, list_header, lines, &error), &error);
    PB_CHECK_TEXT(lines, "bench=;pid=4711;");
    pb_reader_close(reader);
}

static void test_equal_rows_have_equal_chains_whatever_the_header_says(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_verify_result results[3];
    static const char *const walls[] = {"2026-11-21T05:30:00.123Z", "2031-01-01T00:00:00.000Z",
                                        "2026-11-21T05:30:00.123Z"};
    for (int i = 0; i < 3; i++) {
        const char *path = run_path((const char *const[]){"equal0", "equal1", "equal2"}[i]);
        struct pb_writer *writer = run_create(path);
        run_fill(writer, walls[i]);
        if (i == 2) PB_CHECK_OK(pb_writer_add(writer, &extremes[0], NULL, &error), &error);
        run_close(writer);
        struct pb_reader *reader = run_open(path);
        PB_CHECK_OK(pb_reader_verify(reader, &results[i], &error), &error);
        PB_CHECK_TRUE(results[i].is_closed, "closed");
        pb_reader_close(reader);
    }
    PB_CHECK_INT(results[0].rows, 61, "rows");
    PB_CHECK_TRUE(memcmp(results[0].head, results[1].head, 32) == 0, "equal rows, equal head");
    PB_CHECK_TRUE(memcmp(results[0].head, results[2].head, 32) != 0, "other rows, other head");
}

/* --- captures --- */

struct sample_walk {
    int64_t next;
    int blocks;
    size_t largest;
};

static enum pb_status compare_samples(void *user, const struct pb_sampling *sampling, int64_t first,
                                      const int16_t *counts, size_t count) {
    struct sample_walk *walk = user;
    PB_CHECK_INT(first, walk->next, "index");
    PB_CHECK_TRUE(memcmp(sampling, &test_sampling, sizeof *sampling) == 0, "sampling as captured");
    for (size_t i = 0; i < count; i++) PB_CHECK_INT(counts[i], test_sample(first + (int64_t)i), "counts");
    walk->next = first + (int64_t)count;
    walk->blocks++;
    if (count > walk->largest) walk->largest = count;
    return PB_OK;
}

static void check_range(struct pb_reader *reader, int64_t first, int64_t count, int blocks) {
    struct pb_error error;
    struct sample_walk walk = {.next = first};
    PB_CHECK_OK(pb_reader_samples(reader, "cp.sense", first, count, compare_samples, &walk, &error), &error);
    PB_CHECK_INT(walk.next, first + count, "index after the last");
    if (blocks >= 0) PB_CHECK_INT(walk.blocks, blocks, "blocks");
}

static void test_captures_are_split_into_blocks_and_read_across_them(void **state) {
    (void)state;
    struct pb_writer *writer = run_create(run_path("blocks"));
    capture_range(writer, "cp.sense", -100, 200000);
    capture_range(writer, "cp.sense", 199900, 5000);
    run_close(writer);
    struct pb_reader *reader = run_open(run_path("blocks"));
    check_range(reader, -100, 205000, 5);
    check_range(reader, 0, 5000, 1);
    check_range(reader, 65400, 100, 2);
    check_range(reader, 204899, 1, 1);
    check_range(reader, 17, 0, 0);
    pb_reader_close(reader);
}

static enum pb_status count_row(void *user, const struct pb_row *row) {
    struct count *count = user;
    count->rows++;
    count->next_seq += row->b;
    return PB_OK;
}

static void test_samples_kept_before_are_not_kept_twice(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("overlap"));
    static const struct {
        int64_t first;
        size_t count;
    } ranges[] = {{1000, 1000}, {1500, 1000}, {3000, 500}, {500, 3500}, {500, 3500},
                  {0, 1},       {4000, 1},    {-5, 5000},  {7, 0}};
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        capture_range(writer, "cp.sense", ranges[i].first, ranges[i].count);
    run_close(writer);
    struct pb_reader *reader = run_open(run_path("overlap"));
    struct count count = {0};
    PB_CHECK_OK(pb_reader_each_row(reader, 1, 1u << PB_ROW_CAPTURE, count_row, &count, &error), &error);
    PB_CHECK_INT(count.next_seq, 5000, "samples kept");
    check_range(reader, -5, 5000, -1);
    struct pb_verify_result result;
    PB_CHECK_OK(pb_reader_verify(reader, &result, &error), &error);
    pb_reader_close(reader);
}

static void check_missing(struct pb_reader *reader, const char *channel, int64_t first, int64_t count,
                          const char *text) {
    struct pb_error error;
    struct sample_walk walk = {.next = first};
    PB_CHECK_INT(pb_reader_samples(reader, channel, first, count, compare_samples, &walk, &error), PB_ERR_NOT_FOUND,
                 "status");
    PB_CHECK_TEXT(error.text, text);
}

static void test_a_missing_sample_is_named(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("missing"));
    capture_range(writer, "cp.sense", 100, 100);
    capture_range(writer, "cp.sense", 250, 100);
    run_close(writer);
    struct pb_reader *reader = run_open(run_path("missing"));
    check_missing(reader, "cp.sense", 150, 150, "sample 200 of cp.sense was not kept");
    check_missing(reader, "cp.sense", 99, 2, "sample 99 of cp.sense was not kept");
    check_missing(reader, "cp.sense", 349, 2, "sample 350 of cp.sense was not kept");
    check_missing(reader, "pp.sense", 100, 1, "sample 100 of pp.sense was not kept");
    check_missing(reader, "cp.sense", INT64_MIN, 1, "sample -9223372036854775808 of cp.sense was not kept");
    check_missing(reader, "cp.sense", INT64_MAX - 1, 1, "sample 9223372036854775806 of cp.sense was not kept");
    PB_CHECK_INT(pb_reader_samples(reader, "cp.sense", INT64_MAX, 2, compare_samples, NULL, &error), PB_ERR_ARG,
                 "status");
    pb_reader_close(reader);
}

static void test_a_sampling_that_changes_within_a_range_is_refused(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("sampling"));
    struct pb_sampling other = test_sampling;
    other.u_rate_ppb++;
    int16_t counts[100];
    for (int i = 0; i < 100; i++) counts[i] = test_sample(i);
    PB_CHECK_OK(pb_writer_capture(writer, PB_INSTANT_ZERO, "cp.sense", &test_sampling, 0, counts, 100, &error), &error);
    PB_CHECK_OK(pb_writer_capture(writer, PB_INSTANT_ZERO, "cp.sense", &other, 100, counts, 100, &error), &error);
    run_close(writer);
    struct pb_reader *reader = run_open(run_path("sampling"));
    struct sample_walk walk = {.next = 0};
    PB_CHECK_INT(pb_reader_samples(reader, "cp.sense", 0, 101, compare_samples, &walk, &error), PB_ERR_INPUT, "status");
    PB_CHECK_CONTAINS(error.text, "changes at sample 100");
    check_range(reader, 0, 100, 1);
    pb_reader_close(reader);
}

/* --- the file --- */

static int entries_of_folder(const char *prefix) {
    DIR *entries = opendir(run_folder());
    int count = 0;
    for (struct dirent *entry; (entry = readdir(entries));)
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(entries);
    return count;
}

static void test_a_clean_close_leaves_one_file_that_needs_no_wal(void **state) {
    (void)state;
    struct pb_error error;
    const char *path = run_path("clean %?#1");
    struct pb_writer *writer = run_create(path);
    run_fill(writer, "now");
    struct pb_reader *reader = NULL;
    PB_CHECK_OK(pb_reader_attach(pb_writer_handle(writer), &reader, &error), &error);
    struct pb_row row;
    PB_CHECK_OK(pb_reader_row(reader, 7, &row, &error), &error);
    run_close(writer); /* an attached reader is no hindrance */
    PB_CHECK_INT(entries_of_folder("clean"), 1, "files");
    pb_reader_close(reader);
    size_t size;
    unsigned char *bytes = file_read(path, &size);
    PB_CHECK_INT(bytes[18], 1, "(SQLite header, write version)");
    PB_CHECK_INT(bytes[19], 1, "(SQLite header, read version)");
    free(bytes);
    reader = run_open(path);
    struct pb_verify_result result;
    PB_CHECK_OK(pb_reader_verify(reader, &result, &error), &error);
    PB_CHECK_TRUE(result.is_closed, "closed");
    pb_reader_close(reader);
    PB_CHECK_INT(entries_of_folder("clean"), 1, "files");
}

/* The disk is full: the error comes once and for ever, and what was committed can be read. */
static int fill_the_disk(const char *path) {
    const struct rlimit limit = {400000, 400000};
    signal(SIGXFSZ, SIG_IGN);
    struct pb_writer *writer = NULL;
    struct pb_error error = {0}, again = {0};
    if (setrlimit(RLIMIT_FSIZE, &limit) != 0 || pb_writer_create(path, &writer, &error) != PB_OK) return 1;
    enum pb_status status = PB_OK;
    for (int64_t i = 1; status == PB_OK && i < 100000; i++) {
        const struct pb_row row = numbered_row(i);
        status = pb_writer_add(writer, &row, NULL, &error);
    }
    if (status != PB_ERR_IO) return 2;
    const struct pb_row row = numbered_row(1);
    if (pb_writer_add(writer, &row, NULL, &again) != PB_ERR_IO || strcmp(error.text, again.text) != 0) return 3;
    if (pb_writer_commit(writer, NULL) != PB_ERR_IO || pb_writer_sync(writer, NULL) != PB_ERR_IO) return 4;
    return pb_writer_close(writer, PB_INSTANT_ZERO, 0, "", &again) == PB_ERR_IO ? 0 : 5;
}

static void test_a_full_disk_ends_the_record_and_leaves_what_was_committed(void **state) {
    (void)state;
    struct pb_error error;
    const pid_t child = fork();
    if (child == 0) _exit(fill_the_disk(run_path("full")));
    int result = -1;
    waitpid(child, &result, 0);
    PB_CHECK_INT(result, 0, "exit status of the writer");
    struct pb_reader *reader = run_open(run_path("full"));
    struct pb_verify_result verified;
    PB_CHECK_OK(pb_reader_verify(reader, &verified, &error), &error);
    PB_CHECK_BETWEEN(verified.rows, 256, 20000, "rows");
    PB_CHECK_TRUE(!verified.is_closed, "not closed");
    pb_reader_close(reader);
}

static void test_a_run_is_never_overwritten(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = NULL;
    file_write(run_path("taken"), "x", 1);
    PB_CHECK_INT(pb_writer_create(run_path("taken"), &writer, &error), PB_ERR_BUSY, "status");
    PB_CHECK_INT(pb_writer_create(run_path("no/folder"), &writer, &error), PB_ERR_IO, "status");
    PB_CHECK_TRUE(!writer, "result untouched");
}

static void test_a_run_being_written_is_busy(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_reader *reader = NULL;
    struct pb_writer *writer = run_create(run_path("live"));
    add_extremes(writer);
    PB_CHECK_OK(pb_writer_sync(writer, &error), &error);
    PB_CHECK_INT(pb_reader_open(run_path("live"), &reader, &error), PB_ERR_BUSY, "status");
    PB_CHECK_TEXT(error.text, "is still being written");
    const pid_t child = fork();
    if (child == 0) _exit(pb_reader_open(run_path("live"), &reader, &error) == PB_ERR_BUSY ? 0 : 1);
    int result = -1;
    waitpid(child, &result, 0);
    PB_CHECK_INT(result, 0, "exit status of another process that tries");
    pb_writer_abandon(writer);
}

static void test_wrong_rows_are_refused_and_do_no_harm(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("wrong"));
    static const struct pb_row rows[] = {{.kind = PB_ROW_CLOSE, .name = "", .text = ""},
                                         {.kind = PB_ROW_CAPTURE, .name = "", .text = ""},
                                         {.kind = PB_ROW_KIND_COUNT, .name = "", .text = ""},
                                         {.kind = PB_ROW_NOTE, .case_no = -1, .name = "", .text = ""}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        PB_CHECK_INT(pb_writer_add(writer, &rows[i], NULL, &error), PB_ERR_ARG, "status");
    char *large = malloc((16 << 20) + 2);
    assert_non_null(large);
    memset(large, 'x', (16 << 20) + 1);
    large[(16 << 20) + 1] = '\0';
    struct pb_row row = {.kind = PB_ROW_NOTE, .name = "", .text = large};
    PB_CHECK_INT(pb_writer_add(writer, &row, NULL, &error), PB_ERR_RANGE, "status");
    row.text = large + 1;
    PB_CHECK_OK(pb_writer_add(writer, &row, NULL, &error), &error);
    run_close(writer);
    struct pb_reader *reader = run_open(run_path("wrong"));
    struct pb_verify_result result;
    PB_CHECK_OK(pb_reader_verify(reader, &result, &error), &error);
    PB_CHECK_INT(result.rows, 2, "rows");
    struct pb_row kept;
    PB_CHECK_OK(pb_reader_row(reader, 1, &kept, &error), &error);
    PB_CHECK_TEXT(kept.text, large + 1);
    pb_reader_close(reader);
    free(large);
}

/* Leaves a run as SIGKILL does, by way of a copy. */
static void make_killed(const char *path) {
    struct pb_error error;
    char live[800];
    snprintf(live, sizeof live, "%s-live", path);
    struct pb_writer *writer = run_create(live);
    run_fill(writer, "now");
    PB_CHECK_OK(pb_writer_commit(writer, &error), &error);
    run_copy(live, path);
    pb_writer_abandon(writer);
}

static int read_and_verify(const char *path) {
    struct pb_error error;
    struct pb_reader *reader = NULL;
    struct pb_verify_result result;
    if (pb_reader_open(path, &reader, &error) != PB_OK) return 1;
    if (pb_reader_verify(reader, &result, &error) != PB_OK) return 2;
    const char *started = pb_reader_header(reader, "started");
    const int answer = result.rows != 60 ? 3 : result.is_closed ? 4 : !started || strcmp(started, "now") != 0 ? 5 : 0;
    pb_reader_close(reader);
    return answer;
}

static void test_a_killed_run_is_read_with_its_wal_and_left_alone(void **state) {
    (void)state;
    struct stat before[2], after[2];
    char wal[820];
    const char *path = run_path("killed %?#1");
    make_killed(path);
    snprintf(wal, sizeof wal, "%s-wal", path);
    size_t sizes[4];
    unsigned char *bytes[4] = {file_read(path, &sizes[0]), file_read(wal, &sizes[1]), NULL, NULL};
    PB_CHECK_TRUE(bytes[1] && sizes[1] > 4096, "the rows are in the -wal");
    stat(path, &before[0]);
    stat(wal, &before[1]);
    PB_CHECK_INT(read_and_verify(path), 0, "answer");
    bytes[2] = file_read(path, &sizes[2]);
    bytes[3] = file_read(wal, &sizes[3]);
    stat(path, &after[0]);
    stat(wal, &after[1]);
    for (int i = 0; i < 2; i++) {
        PB_CHECK_INT(sizes[i + 2], sizes[i], "bytes");
        PB_CHECK_TRUE(bytes[i] && bytes[i + 2] && memcmp(bytes[i], bytes[i + 2], sizes[i]) == 0, "same bytes");
        PB_CHECK_TRUE(memcmp(&before[i].st_mtim, &after[i].st_mtim, sizeof before[i].st_mtim) == 0, "same mtime");
        PB_CHECK_INT(after[i].st_ino, before[i].st_ino, "inode");
    }
    PB_CHECK_INT(entries_of_folder("killed %?#1-"), 1 + 1, "files beside it (-wal and the abandoned -live)");
    for (int i = 0; i < 4; i++) free(bytes[i]);
}

static int64_t rows_in_copy(const char *live, const char *path) {
    struct pb_error error;
    struct pb_reader *reader = NULL;
    struct pb_verify_result result = {0};
    run_copy(live, path);
    PB_CHECK_OK(pb_reader_open(path, &reader, &error), &error);
    PB_CHECK_OK(pb_reader_verify(reader, &result, &error), &error);
    pb_reader_close(reader);
    return result.rows;
}

static void test_a_row_that_no_other_follows_is_committed_when_it_is_due(void **state) {
    (void)state;
    struct pb_error error;
    char live[800];
    pb_instant due = PB_INSTANT_ZERO;
    snprintf(live, sizeof live, "%s-live", run_path("settled"));
    struct pb_writer *writer = run_create(live);
    PB_CHECK_OK(pb_writer_commit(writer, &error), &error);
    PB_CHECK_OK(pb_writer_settle(writer, &due, &error), &error);
    PB_CHECK_INT(due.ns, PB_INSTANT_NEVER.ns, "ns: nothing waits");
    const pb_instant before = pb_wall_now();
    PB_CHECK_OK(pb_writer_add(writer, &extremes[0], NULL, &error), &error);
    const pb_instant after = pb_wall_now();
    PB_CHECK_OK(pb_writer_settle(writer, &due, &error), &error);
    PB_CHECK_TRUE(due.ns == PB_INSTANT_NEVER.ns || (due.ns >= before.ns + 10000000 && due.ns <= after.ns + 10000000),
                  "due %lld ns after the row", (long long)pb_between(before, due).ns);
    while (due.ns != PB_INSTANT_NEVER.ns) {
        while (pb_is_before(pb_wall_now(), due)) {}
        PB_CHECK_OK(pb_writer_settle(writer, &due, &error), &error);
    }
    PB_CHECK_INT(rows_in_copy(live, run_path("settled")), 1, "rows that a kill would leave");
    pb_writer_abandon(writer);
}

/* SQLite removes a -wal without valid rows when it closes; it is evidence all the same. */
static void test_a_wal_without_rows_is_left_where_it_is(void **state) {
    (void)state;
    struct pb_error error;
    const char *path = run_path("headonly");
    char wal[820];
    make_killed(path);
    snprintf(wal, sizeof wal, "%s-wal", path);
    assert_int_equal(truncate(wal, 32), 0);
    struct pb_reader *reader = run_open(path);
    struct pb_verify_result result;
    PB_CHECK_OK(pb_reader_verify(reader, &result, &error), &error);
    PB_CHECK_INT(result.rows, 0, "rows");
    pb_reader_close(reader);
    struct stat info;
    PB_CHECK_INT(stat(wal, &info), 0, "(-wal is there)");
    PB_CHECK_INT(info.st_size, 32, "bytes");
}

static void test_a_killed_run_in_a_folder_that_cannot_be_written_is_read(void **state) {
    (void)state;
    const char *path = run_path("readonly");
    make_killed(path);
    char wal[820];
    snprintf(wal, sizeof wal, "%s-wal", path);
    chmod(path, 0444);
    chmod(wal, 0444);
    chmod(run_folder(), 0555);
    const pid_t child = fork();
    if (child == 0) { /* permissions do not bind root */
        if (getuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0)) _exit(9);
        char file[820];
        snprintf(file, sizeof file, "%s/x", run_folder());
        if (fopen(file, "w")) _exit(8); /* the folder is not read-only for us */
        _exit(read_and_verify(path));
    }
    int result = -1;
    waitpid(child, &result, 0);
    chmod(run_folder(), 0700);
    PB_CHECK_INT(WEXITSTATUS(result), 0, "answer");
    PB_CHECK_TRUE(WIFEXITED(result), "no signal");
}

static void test_a_run_whose_wal_is_empty_or_gone_is_read(void **state) {
    (void)state;
    struct pb_error error;
    const char *path = run_path("nowal");
    struct pb_writer *writer = run_create(path);
    add_extremes(writer);
    pb_writer_abandon(writer); /* SQLite has moved the -wal into the file, whose header still says WAL */
    for (int i = 0; i < 2; i++) {
        struct pb_reader *reader = run_open(path);
        struct pb_verify_result result;
        PB_CHECK_OK(pb_reader_verify(reader, &result, &error), &error);
        PB_CHECK_INT(result.rows, EXTREMES, "rows");
        pb_reader_close(reader);
        PB_CHECK_INT(entries_of_folder("nowal"), 1 + i, "files");
        file_write(run_path("nowal-wal"), "", 0);
    }
}

/* --- other files --- */

static void check_refused(const char *path, enum pb_status expected, const char *text) {
    struct pb_error error;
    struct pb_reader *reader = NULL;
    PB_CHECK_INT(pb_reader_open(path, &reader, &error), expected, "status");
    PB_CHECK_CONTAINS(error.text, text);
    PB_CHECK_CONTAINS(error.where, path);
    PB_CHECK_TRUE(!reader, "result untouched");
}

static void alter(const char *path, const char *sql) {
    sqlite3 *database = NULL;
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    char *message = NULL;
    if (sqlite3_exec(database, sql, NULL, NULL, &message) != SQLITE_OK) fail_msg("%s: %s", sql, message);
    assert_int_equal(sqlite3_close(database), SQLITE_OK);
}

static void test_what_is_not_a_run_file_is_refused_in_one_sentence(void **state) {
    (void)state;
    unsigned char garbage[5000];
    for (size_t i = 0; i < sizeof garbage; i++) garbage[i] = (unsigned char)(i * 131 + i / 7);
    file_write(run_path("garbage"), garbage, sizeof garbage);
    file_write(run_path("empty"), "", 0);
    file_write(run_path("text"), "hello\n", 6);
    check_refused(run_path("garbage"), PB_ERR_INPUT, "is not a run file");
    check_refused(run_path("empty"), PB_ERR_INPUT, "is empty, a run file was expected");
    check_refused(run_path("text"), PB_ERR_INPUT, "not a");
    check_refused(run_folder(), PB_ERR_INPUT, "is not a file");
    check_refused(run_path("nothing"), PB_ERR_IO, "No such file");
    alter(run_path("other"), "CREATE TABLE header(key, value)");
    check_refused(run_path("other"), PB_ERR_INPUT, "is an SQLite database but not a run file");
    PB_CHECK_INT(entries_of_folder("other"), 1, "files");
}

static void test_runs_of_another_version_or_other_tables_are_refused(void **state) {
    (void)state;
    run_make(run_path("base"));
    static const struct {
        const char *sql, *text;
    } cases[] = {
        {"PRAGMA user_version = 2", "is a run file of version 2, this program knows version 1"},
        {"PRAGMA user_version = 0", "is a run file of version 0"},
        {"PRAGMA application_id = 7", "not a run file"},
        {"DROP TABLE capture", "its capture is not as expected"},
        {"DROP INDEX log_event", "its log_event is not as expected"},
        {"ALTER TABLE log ADD COLUMN more", "its log is not as expected"},
        {"ALTER TABLE log RENAME TO log2; CREATE VIEW log AS SELECT * FROM log2", "its log is not as expected"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        run_copy(run_path("base"), run_path("altered"));
        alter(run_path("altered"), cases[i].sql);
        check_refused(run_path("altered"), PB_ERR_INPUT, cases[i].text);
    }
}

static void test_a_truncated_run_is_refused_wherever_it_was_cut(void **state) {
    (void)state;
    run_make(run_path("whole"));
    size_t size;
    unsigned char *bytes = file_read(run_path("whole"), &size);
    int cuts = 0;
    for (size_t cut = 1; cut < size; cut += 97, cuts++) {
        file_write(run_path("cut"), bytes, cut);
        struct pb_error error;
        struct pb_reader *reader = NULL;
        PB_CHECK_INT(pb_reader_open(run_path("cut"), &reader, &error), PB_ERR_INPUT, "status");
        PB_CHECK_TRUE(error.text[0] != '\0', "a text");
    }
    PB_CHECK_TRUE(cuts > 100, "%d cuts", cuts);
    free(bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_column_comes_back_as_written),
        cmocka_unit_test(test_ten_thousand_rows_come_back_in_order),
        cmocka_unit_test(test_events_come_by_time_then_by_seq_within_both_ends),
        cmocka_unit_test(test_a_visitor_may_read_and_write_the_run_it_visits),
        cmocka_unit_test(test_a_visitor_can_stop),
        cmocka_unit_test(test_header_lines_are_written_once_and_read_by_key),
        cmocka_unit_test(test_equal_rows_have_equal_chains_whatever_the_header_says),
        cmocka_unit_test(test_captures_are_split_into_blocks_and_read_across_them),
        cmocka_unit_test(test_samples_kept_before_are_not_kept_twice),
        cmocka_unit_test(test_a_missing_sample_is_named),
        cmocka_unit_test(test_a_sampling_that_changes_within_a_range_is_refused),
        cmocka_unit_test(test_a_clean_close_leaves_one_file_that_needs_no_wal),
        cmocka_unit_test(test_a_full_disk_ends_the_record_and_leaves_what_was_committed),
        cmocka_unit_test(test_a_run_is_never_overwritten),
        cmocka_unit_test(test_a_run_being_written_is_busy),
        cmocka_unit_test(test_wrong_rows_are_refused_and_do_no_harm),
        cmocka_unit_test(test_a_killed_run_is_read_with_its_wal_and_left_alone),
        cmocka_unit_test(test_a_row_that_no_other_follows_is_committed_when_it_is_due),
        cmocka_unit_test(test_a_wal_without_rows_is_left_where_it_is),
        cmocka_unit_test(test_a_killed_run_in_a_folder_that_cannot_be_written_is_read),
        cmocka_unit_test(test_a_run_whose_wal_is_empty_or_gone_is_read),
        cmocka_unit_test(test_what_is_not_a_run_file_is_refused_in_one_sentence),
        cmocka_unit_test(test_runs_of_another_version_or_other_tables_are_refused),
        cmocka_unit_test(test_a_truncated_run_is_refused_wherever_it_was_cut),
    };
    return cmocka_run_group_tests(tests, run_folder_make, run_folder_remove);
}
