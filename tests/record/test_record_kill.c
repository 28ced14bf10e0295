/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A writer killed by SIGKILL at any moment leaves a file that opens, verifies, and has every row that was committed. The child
 * tells through a pipe what it is about to do and what is committed; the parent kills it after a number of tellings drawn
 * from a seed, wherever the child is by then. */
#include "tests/record/run_files.h"
#include "tests/support/check.h"

#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ROUNDS = 30, CREATED = -1 };

static void tell(int pipe_end, int64_t what) {
    if (write(pipe_end, &what, sizeof what) != sizeof what) _exit(3);
}

static void must(enum pb_status status) {
    if (status != PB_OK) _exit(4);
}

/* Notes and captures without end; tells CREATED, then the number of rows at each commit. */
static void write_for_ever(const char *path, int pipe_end) {
    struct pb_writer *writer = NULL;
    int16_t counts[3000];
    must(pb_writer_create(path, &writer, NULL));
    tell(pipe_end, CREATED);
    must(pb_writer_header(writer, "pid", "1", NULL));
    for (int64_t i = 0, last = 0;; i++) {
        const struct pb_row row = {.at = {i},
                                   .kind = i % 3 ? PB_ROW_EVENT : PB_ROW_VERDICT,
                                   .name = "cp.state",
                                   .a = i,
                                   .text = "{\"killed\":\"soon\"}"};
        must(pb_writer_add(writer, &row, &last, NULL));
        if (i % 50 == 49) {
            for (int k = 0; k < 3000; k++) counts[k] = test_sample(i * 60 + k);
            must(pb_writer_capture(writer, row.at, "cp.sense", &test_sampling, i * 60, counts, 3000, NULL));
            last++;
        }
        if (i % 7 != 6) continue;
        must(i % 700 == 699 ? pb_writer_sync(writer, NULL) : pb_writer_commit(writer, NULL));
        tell(pipe_end, last);
    }
}

/* Returns the last number told. */
static int64_t kill_after(const char *path, int tellings) {
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(ends[0]);
        write_for_ever(path, ends[1]);
    }
    close(ends[1]);
    int64_t what = 0, last = 0;
    for (int i = 0; i < tellings && read(ends[0], &what, sizeof what) == sizeof what; i++) last = what;
    kill(child, SIGKILL);
    int result = 0;
    waitpid(child, &result, 0);
    PB_CHECK_TRUE(WIFSIGNALED(result) && WTERMSIG(result) == SIGKILL, "the writer failed by itself: %d",
                  WEXITSTATUS(result));
    while (read(ends[0], &what, sizeof what) == sizeof what) last = what; /* told before the kill came through */
    close(ends[0]);
    return last;
}

static void check_survivor(const char *path, int64_t told) {
    struct pb_error error;
    struct pb_reader *reader = run_open(path);
    struct pb_verify_result result;
    PB_CHECK_OK(pb_reader_verify(reader, &result, &error), &error);
    PB_CHECK_TRUE(!result.is_closed, "not closed");
    if (told > 0) PB_CHECK_BETWEEN(result.rows, told, INT64_MAX, "rows");
    pb_reader_close(reader);
}

static void test_whatever_was_committed_survives_sigkill(void **state) {
    (void)state;
    uint32_t seed = 4711;
    int64_t rows = 0;
    for (int round = 0; round < ROUNDS; round++) {
        seed = seed * 1664525u + 1013904223u;
        const int tellings = 1 + (int)((seed >> 8) % (round % 3 ? 600 : 20));
        char name[20];
        snprintf(name, sizeof name, "killed%d", round);
        const int64_t told = kill_after(run_path(name), tellings);
        check_survivor(run_path(name), told);
        rows += told;
    }
    PB_CHECK_TRUE(rows > 1000, "%lld rows told", (long long)rows);
}

/* The moments before the first telling: the file is not there, or it opens. */
static void test_a_run_file_opens_from_the_moment_it_exists(void **state) {
    (void)state;
    int there = 0;
    for (int round = 0; round < ROUNDS; round++) {
        char name[20];
        snprintf(name, sizeof name, "early%d", round);
        const char *path = run_path(name);
        const pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) write_for_ever(path, STDERR_FILENO + 50); /* fails at the first telling, if it gets so far */
        struct stat info;
        while (stat(path, &info) != 0 && waitpid(child, NULL, WNOHANG) == 0) {}
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
        if (stat(path, &info) != 0) continue;
        there++;
        check_survivor(path, 0);
    }
    PB_CHECK_INT(there, ROUNDS, "files");
}

static void test_rows_are_committed_after_256_without_being_told_to(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_writer *writer = run_create(run_path("limit"));
    for (int i = 0; i < 511; i++) {
        const struct pb_row row = {.kind = PB_ROW_NOTE, .name = "", .text = ""};
        PB_CHECK_OK(pb_writer_add(writer, &row, NULL, &error), &error);
    }
    run_copy(run_path("limit"), run_path("limit-copy")); /* what a kill would leave */
    pb_writer_abandon(writer);
    struct pb_reader *reader = run_open(run_path("limit-copy"));
    struct pb_verify_result result;
    PB_CHECK_OK(pb_reader_verify(reader, &result, &error), &error);
    PB_CHECK_BETWEEN(result.rows, 256, 511,
                     "rows"); /* a slow machine commits sooner, by time; 255 may always be pending */
    pb_reader_close(reader);
}

int main(void) {
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whatever_was_committed_survives_sigkill),
        cmocka_unit_test(test_a_run_file_opens_from_the_moment_it_exists),
        cmocka_unit_test(test_rows_are_committed_after_256_without_being_told_to),
    };
    return cmocka_run_group_tests(tests, run_folder_make, run_folder_remove);
}
