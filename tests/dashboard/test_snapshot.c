/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The snapshot between two processes: never a torn copy, and what a reader is told about files that are none. */
#include "harness/snapshot/snapshot.h"
#include "tests/support/check.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char folder[64];
static char path[96];
static struct pb_snapshot_body body;
static struct pb_error error;

static int set_up(void **state) {
    (void)state;
    strcpy(folder, "/tmp/pb-snapshot-XXXXXX");
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/run.snap", folder);
    memset(&error, 0, sizeof error);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails when a file was left behind */
}

static struct pb_snapshot *create(void) {
    struct pb_snapshot *snapshot;
    PB_CHECK_OK(pb_snapshot_create(path, &snapshot, &error), &error);
    return snapshot;
}

/* FNV-1a over the body but for its checksum, which sits where a text would be. */
static uint64_t checksum(const struct pb_snapshot_body *of) {
    uint64_t sum = 14695981039346656037u;
    const unsigned char *bytes = (const unsigned char *)of;
    for (size_t i = sizeof of->run; i < sizeof *of; i += 61) sum = (sum ^ bytes[i]) * 1099511628211u;
    return sum;
}

/* Each round fills all of the body with bytes that no other round near it has, then the sum. */
static void write_round(struct pb_snapshot *snapshot, uint32_t round) {
    pb_snapshot_begin(snapshot);
    memset((char *)&snapshot->body + sizeof body.run, (int)(round * 37 + 11), sizeof body - sizeof body.run);
    uint64_t sum = checksum(&snapshot->body);
    memcpy(snapshot->body.run, &sum, sizeof sum);
    memcpy(snapshot->body.run + sizeof sum, &round, sizeof round);
    pb_snapshot_end(snapshot);
}

static void write_for_ever(struct pb_snapshot *snapshot) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (uint32_t round = 1;; round++) {
        write_round(snapshot, round);
        for (volatile int i = 0; i < 20000; i++) {} /* as an engine does: most of the time it does other things */
    }
}

static void test_reader_never_gets_a_torn_copy(void **state) {
    (void)state;
    struct pb_snapshot *snapshot = create();
    const struct pb_snapshot *seen;
    PB_CHECK_OK(pb_snapshot_attach(path, &seen, &error), &error);
    write_round(snapshot, 0);
    pid_t writer = fork();
    if (writer == 0) write_for_ever(snapshot);
    const char *soak = getenv("PB_SOAK");
    const int wanted = soak && *soak == '1' ? 200000 : 4000;
    int copies = 0, refused = 0;
    uint32_t rounds = 0, last = 0;
    while (copies < wanted || rounds < 50) {
        if (!pb_snapshot_copy(seen, &body)) {
            refused++;
            sched_yield();
            continue;
        }
        uint64_t sum;
        uint32_t round;
        memcpy(&sum, body.run, sizeof sum);
        memcpy(&round, body.run + sizeof sum, sizeof round);
        if (sum != checksum(&body))
            fail_msg("copy %d, round %u: torn (%d copies refused before)", copies, round, refused);
        PB_CHECK_TRUE(round >= last, "round %u came after round %u", round, last);
        rounds += round != last;
        last = round;
        copies++;
    }
    kill(writer, SIGKILL);
    waitpid(writer, NULL, 0);
    print_message("%d copies of %u rounds, %d refused\n", copies, rounds, refused);
    pb_snapshot_detach(seen);
    pb_snapshot_destroy(snapshot, path);
}

static void test_a_writer_killed_inside_leaves_no_copy_and_no_hang(void **state) {
    (void)state;
    struct pb_snapshot *snapshot = create();
    const struct pb_snapshot *seen;
    PB_CHECK_OK(pb_snapshot_attach(path, &seen, &error), &error);
    pb_snapshot_begin(snapshot); /* ... and dies here */
    PB_CHECK_TRUE(!pb_snapshot_copy(seen, &body), "a copy was made while the writer was inside");
    pb_snapshot_end(snapshot);
    PB_CHECK_TRUE(pb_snapshot_copy(seen, &body), "no copy though the writer is done");
    pb_snapshot_detach(seen);
    pb_snapshot_destroy(snapshot, path);
}

static void test_a_reader_cannot_write(void **state) {
    (void)state;
    struct pb_snapshot *snapshot = create();
    const struct pb_snapshot *seen;
    PB_CHECK_OK(pb_snapshot_attach(path, &seen, &error), &error);
    int zeros = open("/dev/zero", O_RDONLY);
    snapshot->body.pid = 5;
    PB_CHECK_INT(read(zeros, (void *)(uintptr_t)&seen->body.pid, sizeof seen->body.pid), -1,
                 "(a write through the reader's mapping)");
    PB_CHECK_INT(errno, EFAULT, "(errno)");
    close(zeros);
    PB_CHECK_INT(snapshot->body.pid, 5, "");
    pb_snapshot_detach(seen);
    pb_snapshot_destroy(snapshot, path);
}

static void test_the_last_picture_stays_with_who_has_it(void **state) {
    (void)state;
    struct pb_snapshot *snapshot = create();
    const struct pb_snapshot *seen, *late;
    PB_CHECK_OK(pb_snapshot_attach(path, &seen, &error), &error);
    write_round(snapshot, 7);
    pb_snapshot_destroy(snapshot, path);
    PB_CHECK_TRUE(pb_snapshot_copy(seen, &body), "no copy after the run's end");
    PB_CHECK_INT(pb_snapshot_attach(path, &late, &error), PB_ERR_NOT_FOUND, "(status)");
    PB_CHECK_CONTAINS(error.where, "run.snap");
    pb_snapshot_detach(seen);
}

static void test_a_second_run_takes_the_name_and_leaves_the_old_reader_alone(void **state) {
    (void)state;
    struct pb_snapshot *first = create();
    const struct pb_snapshot *seen;
    PB_CHECK_OK(pb_snapshot_attach(path, &seen, &error), &error);
    write_round(first, 1);
    struct pb_snapshot *second = create();
    write_round(second, 2);
    PB_CHECK_TRUE(pb_snapshot_copy(seen, &body), "the old reader lost its picture");
    uint32_t round;
    memcpy(&round, body.run + sizeof(uint64_t), sizeof round);
    PB_CHECK_INT(round, 1, "(round)");
    pb_snapshot_detach(seen);
    pb_snapshot_destroy(first, path);
    pb_snapshot_destroy(second, path);
}

static void expect_refused(enum pb_status expected, const char *part) {
    const struct pb_snapshot *seen = NULL;
    PB_CHECK_INT(pb_snapshot_attach(path, &seen, &error), expected, "(status)");
    PB_CHECK_TRUE(!seen, "something was attached");
    PB_CHECK_CONTAINS(error.text, part);
}

static void put_file(const void *bytes, size_t size) {
    FILE *file = fopen(path, "w");
    PB_CHECK_TRUE(file && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, "cannot write %s", path);
}

static void test_another_version_or_size_is_refused_with_both_numbers(void **state) {
    (void)state;
    struct pb_snapshot *snapshot = create();
    snapshot->version = PB_SNAPSHOT_VERSION + 6;
    expect_refused(PB_ERR_UNSUPPORTED, "version 9");
    snapshot->version = PB_SNAPSHOT_VERSION;
    snapshot->size -= 8;
    expect_refused(PB_ERR_UNSUPPORTED, "both programs from one build");
    snapshot->size += 8;
    snapshot->magic++;
    expect_refused(PB_ERR_INPUT, "another kind");
    pb_snapshot_destroy(snapshot, path);
}

static void test_what_is_no_snapshot_is_refused(void **state) {
    (void)state;
    expect_refused(PB_ERR_NOT_FOUND, "No such file");
    put_file("", 0);
    expect_refused(PB_ERR_INPUT, "another kind");
    put_file("SQLite format 3", 16);
    expect_refused(PB_ERR_INPUT, "another kind");
    const uint32_t head[] = {PB_SNAPSHOT_MAGIC, PB_SNAPSHOT_VERSION, sizeof(struct pb_snapshot)};
    put_file(head, sizeof head); /* cut short: mapping it whole would fault later */
    expect_refused(PB_ERR_INPUT, "found 12 bytes");
    unlink(path);
    PB_CHECK_TRUE(mkdir(path, 0755) == 0, "mkdir");
    expect_refused(PB_ERR_INPUT, "another kind");
    rmdir(path);
    PB_CHECK_TRUE(mkfifo(path, 0600) == 0, "mkfifo"); /* opening it must not hang */
    expect_refused(PB_ERR_INPUT, "another kind");
}

static void test_a_place_that_cannot_be_written_is_an_error(void **state) {
    (void)state;
    struct pb_snapshot *snapshot = NULL;
    PB_CHECK_INT(pb_snapshot_create("/tmp/no/such/folder/run.snap", &snapshot, &error), PB_ERR_IO, "(status)");
    PB_CHECK_CONTAINS(error.text, "No such file");
    PB_CHECK_TRUE(!snapshot, "something was made");
    pb_snapshot_destroy(NULL, path);
}

static void test_whatever_was_written_is_made_to_fit(void **state) {
    (void)state;
    memset(&body, 0xff, sizeof body);
    body.step_count = body.check_count = body.current_step = INT32_MAX;
    pb_snapshot_make_sane(&body);
    PB_CHECK_INT(body.step_count, PB_SNAPSHOT_STEPS, "steps");
    PB_CHECK_INT(body.check_count, PB_SNAPSHOT_CHECKS, "checks");
    PB_CHECK_INT(body.current_step, PB_SNAPSHOT_STEPS - 1, "(index)");
    PB_CHECK_INT(body.trace_count, 0, "samples of a period below 0");
    PB_CHECK_TRUE(body.trace_start < PB_SNAPSHOT_TRACE, "the trace starts at %u", body.trace_start);
    PB_CHECK_INT(strlen(body.steps[PB_SNAPSHOT_STEPS - 1].text), sizeof body.steps[0].text - 1, "bytes");
    PB_CHECK_INT(strlen(body.events[PB_SNAPSHOT_EVENTS - 1].text), sizeof body.events[0].text - 1, "bytes");
    PB_CHECK_INT(strlen(body.checks[0].reason), sizeof body.checks[0].reason - 1, "bytes");
    memset(&body, 0xff, sizeof body);
    body.step_count = -5;
    pb_snapshot_make_sane(&body);
    PB_CHECK_INT(body.step_count, 0, "steps");
    PB_CHECK_INT(body.current_step, -1, "(index)");
    PB_CHECK_INT(body.checks[3].step, -1, "(index)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_reader_never_gets_a_torn_copy, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_writer_killed_inside_leaves_no_copy_and_no_hang, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_reader_cannot_write, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_last_picture_stays_with_who_has_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_second_run_takes_the_name_and_leaves_the_old_reader_alone, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_another_version_or_size_is_refused_with_both_numbers, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_no_snapshot_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_place_that_cannot_be_written_is_an_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_whatever_was_written_is_made_to_fit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
