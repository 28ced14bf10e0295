/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guardian against a fake output: its write sends a datagram that tells what was written and when. The witness (the other
 * end) sees the end of file only when harness and guardian are both gone, so that "exactly once" is a count of all there is.
 * Times are printed; only their order, the settle spans (lower bounds) and a loose 2 s are asserted. */
#include "harness/guardian/guardian.h"

#include "base/wall.h"
#include "tests/support/check.h"

#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { OUTPUTS = 4, MAX_WRITES = 64, DEAF_CHANNEL = 11, LONG_HANG_MS = 60000, DEADLINE_MS = 2000 };

struct writing {
    uint32_t channel;
    int64_t value, at_ns;
};

static enum pb_status fake_write(int descriptor, unsigned channel, int64_t value, const struct pb_guard_note *note,
                                 int wait_ms) {
    (void)note;
    struct writing writing = {.channel = channel, .value = value, .at_ns = pb_wall_now().ns};
    if (wait_ms != 200 || send(descriptor, &writing, sizeof writing, MSG_NOSIGNAL) < 0) return PB_ERR_IO;
    return channel == DEAF_CHANNEL ? PB_ERR_TIMEOUT : PB_OK;
}
static const struct pb_guard_ops fake_ops = {.write = fake_write};

struct bench {
    int witness, driven;
    struct pb_guard_output outputs[OUTPUTS];
};

static struct bench make_bench(unsigned first_channel) {
    int sockets[2];
    PB_CHECK_INT(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets), 0, "result");
    static const int settle_ms[OUTPUTS] = {3, 0, 5, 1000};
    struct bench bench = {.witness = sockets[0], .driven = sockets[1]};
    for (unsigned i = 0; i < OUTPUTS; i++)
        bench.outputs[i] = (struct pb_guard_output){.ops = &fake_ops,
                                                    .descriptor = bench.driven,
                                                    .channel = first_channel + i,
                                                    .safe_value = -100 * (int64_t)i,
                                                    .settle = pb_ms(settle_ms[i])};
    return bench;
}

/* What the witness has seen when everybody who could write is gone. */
static int read_all(struct bench *bench, struct writing *ret_writings) {
    int count = 0;
    pb_instant deadline = pb_after(pb_wall_now(), pb_ms(DEADLINE_MS));
    for (;;) {
        struct pollfd entry = {.fd = bench->witness, .events = POLLIN};
        PB_CHECK_INT(poll(&entry, 1, pb_wall_poll_ms(deadline)), 1, "events before 2 s had passed");
        ssize_t size = recv(bench->witness, &ret_writings[count], sizeof ret_writings[0], 0);
        if (size <= 0) break;
        PB_CHECK_INT(size, sizeof ret_writings[0], "bytes");
        PB_CHECK_TRUE(++count < MAX_WRITES, "too many writes");
    }
    close(bench->witness);
    return count;
}

static void check_all_in_order(const struct bench *bench, const struct writing *writings, int count) {
    PB_CHECK_INT(count, OUTPUTS, "writes");
    for (int i = 0; i < OUTPUTS; i++) {
        PB_CHECK_INT(writings[i].channel, bench->outputs[i].channel, "(channel)");
        PB_CHECK_INT(writings[i].value, bench->outputs[i].safe_value, "(value)");
        if (i > 0)
            PB_CHECK_BETWEEN(writings[i].at_ns - writings[i - 1].at_ns, bench->outputs[i - 1].settle.ns, INT64_MAX,
                             "ns");
    }
}

static void print_latency(const char *what, pb_instant killed, const struct writing *writings) {
    print_message("%s: first write after %.3f ms, last after %.3f ms\n", what,
                  (double)(writings[0].at_ns - killed.ns) / 1e6,
                  (double)(writings[OUTPUTS - 1].at_ns - killed.ns) / 1e6);
}

static void wait_until(pb_instant deadline) {
    while (poll(NULL, 0, pb_wall_poll_ms(deadline)) != 0 || pb_is_before(pb_wall_now(), deadline)) {}
}

/* A harness in a child: starts a guardian, tells that it did, beats (or not) until it is killed. */
static pid_t fork_harness(struct bench *bench, int hang_ms, bool is_beating, int *ret_told) {
    int pipes[2];
    PB_CHECK_INT(pipe(pipes), 0, "result");
    pid_t pid = fork();
    PB_CHECK_TRUE(pid >= 0, "fork: %s", strerror(errno));
    if (pid == 0) {
        close(bench->witness);
        close(pipes[0]);
        struct pb_guardian *guardian;
        struct pb_error error;
        if (pb_guardian_start(bench->outputs, OUTPUTS, hang_ms, &guardian, &error) != PB_OK) _exit(9);
        pid_t guardian_pid = pb_guardian_pid(guardian);
        if (write(pipes[1], &guardian_pid, sizeof guardian_pid) < 0) _exit(9);
        for (;; poll(NULL, 0, 1))
            if (is_beating) pb_guardian_beat(guardian);
    }
    close(pipes[1]);
    close(bench->driven);
    *ret_told = pipes[0];
    return pid;
}

static pid_t read_told(int told) {
    pid_t guardian = 0;
    if (read(told, &guardian, sizeof guardian) != (ssize_t)sizeof guardian) guardian = 0;
    close(told);
    return guardian;
}

static void wait_until_told(int told) {
    struct pollfd entry = {.fd = told, .events = POLLIN};
    PB_CHECK_INT(poll(&entry, 1, -1), 1, "events");
}

static int wait_for_signal_of(pid_t pid) {
    int status;
    PB_CHECK_INT(waitpid(pid, &status, 0), pid, "(pid)");
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static int exit_code_of_orphan(pid_t pid) {
    int status = 0;
    PB_CHECK_INT(waitpid(pid, &status, 0), pid, "(pid)");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct pb_guardian *start(struct bench *bench, int hang_ms) {
    struct pb_guardian *guardian = NULL;
    struct pb_error error;
    PB_CHECK_OK(pb_guardian_start(bench->outputs, OUTPUTS, hang_ms, &guardian, &error), &error);
    close(bench->driven);
    return guardian;
}

static void test_an_output_is_written_when_asked_and_only_that_one(void **state) {
    (void)state;
    struct bench bench = make_bench(20);
    struct pb_guardian *guardian = start(&bench, LONG_HANG_MS);
    struct pb_error error;
    PB_CHECK_OK(pb_guardian_make_safe(guardian, 2, &error), &error);
    PB_CHECK_OK(pb_guardian_make_safe(guardian, 0, &error), &error);
    PB_CHECK_INT(pb_guardian_make_safe(guardian, OUTPUTS, &error), PB_ERR_ARG, "(status)");
    pb_guardian_stop(guardian);
    struct writing writings[MAX_WRITES];
    PB_CHECK_INT(read_all(&bench, writings), 2, "writes");
    PB_CHECK_INT(writings[0].channel, 22, "(channel)");
    PB_CHECK_INT(writings[1].channel, 20, "(channel)");
}

static void test_stop_writes_nothing(void **state) {
    (void)state;
    struct bench bench = make_bench(20);
    pb_guardian_stop(start(&bench, LONG_HANG_MS));
    struct writing writings[MAX_WRITES];
    PB_CHECK_INT(read_all(&bench, writings), 0, "writes");
    PB_CHECK_INT(waitpid(-1, NULL, WNOHANG), -1, "(no child is left)");
    pb_guardian_stop(NULL);
}

static void test_a_refused_write_is_told_to_who_asked(void **state) {
    (void)state;
    struct bench bench = make_bench(DEAF_CHANNEL);
    struct pb_guardian *guardian = start(&bench, LONG_HANG_MS);
    struct pb_error error;
    PB_CHECK_INT(pb_guardian_make_safe(guardian, 0, &error), PB_ERR_TIMEOUT, "(status)");
    PB_CHECK_CONTAINS(error.text, "channel 11");
    PB_CHECK_OK(pb_guardian_make_safe(guardian, 1, &error), &error);
    pb_guardian_stop(guardian);
    close(bench.witness);
}

static void test_a_write_that_fails_does_not_stop_the_rest(void **state) {
    (void)state;
    struct bench bench = make_bench(DEAF_CHANNEL);
    int told;
    pid_t harness = fork_harness(&bench, LONG_HANG_MS, true, &told);
    pid_t guardian = read_told(told);
    kill(harness, SIGKILL);
    PB_CHECK_INT(wait_for_signal_of(harness), SIGKILL, "(signal)");
    struct writing writings[MAX_WRITES];
    check_all_in_order(&bench, writings, read_all(&bench, writings));
    PB_CHECK_INT(exit_code_of_orphan(guardian), 1, "failed writes in the exit code");
}

static int random_moments(void) { return getenv("PB_SOAK") ? 250 : 25; }

static void test_a_killed_harness_leaves_every_output_safe_in_order_and_once(void **state) {
    (void)state;
    srand(4711);
    int moments = random_moments(), guarded = 0;
    for (int i = 0; i < moments; i++) {
        struct bench bench = make_bench(30);
        int told;
        pid_t harness = fork_harness(&bench, LONG_HANG_MS, true, &told);
        /* Every other time from when the guardian is known to exist, else from before its fork. */
        if (i % 2 == 0) wait_until_told(told);
        wait_until(pb_after(pb_wall_now(), pb_us(rand() % 4000)));
        pb_instant killed = pb_wall_now();
        kill(harness, SIGKILL);
        PB_CHECK_INT(wait_for_signal_of(harness), SIGKILL, "(signal)");
        pid_t guardian = read_told(told);
        struct writing writings[MAX_WRITES];
        int count = read_all(&bench, writings);
        if (guardian || count) {
            check_all_in_order(&bench, writings, count);
            print_latency("killed", killed, writings);
            guarded++;
        }
        while (waitpid(-1, NULL, 0) > 0) {}
    }
    print_message("%d of %d kills came after the fork of the guardian\n", guarded, moments);
    PB_CHECK_BETWEEN(guarded, moments / 2, moments, "kills with a guardian");
}

static void test_a_harness_without_beats_is_killed_and_made_safe(void **state) {
    (void)state;
    struct bench bench = make_bench(30);
    int told;
    pid_t harness = fork_harness(&bench, 200, false, &told);
    pb_instant started = pb_wall_now();
    pid_t guardian = read_told(told);
    PB_CHECK_INT(wait_for_signal_of(harness), SIGKILL, "(signal)");
    struct writing writings[MAX_WRITES];
    check_all_in_order(&bench, writings, read_all(&bench, writings));
    print_latency("hung (hang_ms 200, from the start)", started, writings);
    PB_CHECK_INT(exit_code_of_orphan(guardian), 0, "failed writes in the exit code");
}

static void test_a_harness_that_beats_is_left_alone_beyond_the_hang_time(void **state) {
    (void)state;
    struct bench bench = make_bench(30);
    int told;
    /* 1 ms between beats against 1 s: a machine would have to stand still for the harness alone. */
    pid_t harness = fork_harness(&bench, 1000, true, &told);
    pid_t guardian = read_told(told);
    wait_until(pb_after(pb_wall_now(), pb_ms(2500)));
    struct pollfd entry = {.fd = bench.witness, .events = POLLIN};
    PB_CHECK_INT(poll(&entry, 1, 0), 0, "events");
    kill(harness, SIGKILL);
    PB_CHECK_INT(wait_for_signal_of(harness), SIGKILL, "(signal)");
    struct writing writings[MAX_WRITES];
    check_all_in_order(&bench, writings, read_all(&bench, writings));
    PB_CHECK_INT(exit_code_of_orphan(guardian), 0, "failed writes in the exit code");
}

static void test_a_dead_guardian_is_seen_within_64_checks(void **state) {
    (void)state;
    struct bench bench = make_bench(20);
    struct pb_guardian *guardian = start(&bench, LONG_HANG_MS);
    struct pb_error error;
    for (int i = 0; i < 200; i++) PB_CHECK_OK(pb_guardian_check(guardian, &error), &error);
    kill(pb_guardian_pid(guardian), SIGKILL);
    struct writing writings[MAX_WRITES];
    PB_CHECK_INT(read_all(&bench, writings), 0, "writes"); /* its death has been complete when this returns */
    siginfo_t info;
    PB_CHECK_INT(waitid(P_PID, (id_t)pb_guardian_pid(guardian), &info, WEXITED | WNOWAIT), 0, "result");
    enum pb_status status = PB_OK;
    for (int i = 0; i < 64 && status == PB_OK; i++) status = pb_guardian_check(guardian, &error);
    PB_CHECK_INT(status, PB_ERR_GONE, "(status)");
    PB_CHECK_INT(pb_guardian_check(guardian, &error), PB_ERR_GONE, "(status)");
    PB_CHECK_INT(pb_guardian_make_safe(guardian, 0, &error), PB_ERR_GONE, "(status)");
    PB_CHECK_CONTAINS(error.text, "has died");
    pb_guardian_stop(guardian);
}

static void test_a_guardian_that_stands_still_cannot_hang_the_harness(void **state) {
    (void)state;
    struct bench bench = make_bench(20);
    struct pb_guardian *guardian = start(&bench, LONG_HANG_MS);
    kill(pb_guardian_pid(guardian), SIGSTOP);
    struct pb_error error;
    PB_CHECK_INT(pb_guardian_make_safe(guardian, 0, &error), PB_ERR_TIMEOUT, "(status)");
    kill(pb_guardian_pid(guardian), SIGCONT);
    PB_CHECK_OK(pb_guardian_make_safe(guardian, 3, &error), &error); /* the late answer is not taken for this one */
    kill(pb_guardian_pid(guardian), SIGSTOP);
    pb_guardian_stop(guardian);
    struct writing writings[MAX_WRITES];
    PB_CHECK_INT(read_all(&bench, writings), 2, "writes");
    PB_CHECK_INT(writings[1].channel, 23, "(channel)");
}

static int open_descriptors(pid_t pid) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *folder = opendir(path);
    PB_CHECK_TRUE(folder != NULL, "%s", path);
    int count = 0;
    for (struct dirent *entry; (entry = readdir(folder));) count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

static void test_the_guardian_keeps_no_descriptor_but_its_own(void **state) {
    (void)state;
    int links[2], more[2];
    PB_CHECK_INT(pipe(links), 0, "result");
    PB_CHECK_INT(pipe(more), 0, "result");
    struct bench bench = make_bench(20);
    struct pb_guardian *guardian = start(&bench, LONG_HANG_MS);
    /* Three standard streams on /dev/null, its socket, the pidfd of the harness, and the one output. */
    PB_CHECK_INT(open_descriptors(pb_guardian_pid(guardian)), 6, "descriptors");
    close(links[1]);
    char byte;
    PB_CHECK_INT(read(links[0], &byte, 1), 0, "bytes: another link sees its end");
    pb_guardian_stop(guardian);
    close(bench.witness);
    close(links[0]);
    close(more[0]);
    close(more[1]);
}

static void test_the_signals_of_a_terminal_do_not_end_the_guardian(void **state) {
    (void)state;
    struct bench bench = make_bench(20);
    struct pb_guardian *guardian = start(&bench, LONG_HANG_MS);
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGTSTP, SIGUSR1, SIGALRM};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) kill(pb_guardian_pid(guardian), signals[i]);
    struct pb_error error;
    PB_CHECK_OK(pb_guardian_make_safe(guardian, 0, &error), &error);
    PB_CHECK_INT(getsid(pb_guardian_pid(guardian)), pb_guardian_pid(guardian), "(session)");
    pb_guardian_stop(guardian);
    close(bench.witness);
}

static void test_wrong_arguments_are_refused_before_anything_is_forked(void **state) {
    (void)state;
    struct bench bench = make_bench(20);
    struct pb_guardian *guardian = NULL;
    struct pb_error error;
    PB_CHECK_INT(pb_guardian_start(bench.outputs, OUTPUTS, 0, &guardian, &error), PB_ERR_ARG, "(status)");
    bench.outputs[1].descriptor = 2;
    PB_CHECK_INT(pb_guardian_start(bench.outputs, OUTPUTS, 10, &guardian, &error), PB_ERR_ARG, "(status)");
    PB_CHECK_CONTAINS(error.text, "output 1");
    bench.outputs[0].ops = NULL;
    PB_CHECK_INT(pb_guardian_start(bench.outputs, OUTPUTS, 10, &guardian, &error), PB_ERR_ARG, "(status)");
    PB_CHECK_TRUE(guardian == NULL, "ret_guardian was touched");
    close(bench.witness);
    close(bench.driven);
}

int main(void) {
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* guardians of killed harnesses become ours to reap */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_an_output_is_written_when_asked_and_only_that_one),
        cmocka_unit_test(test_stop_writes_nothing),
        cmocka_unit_test(test_a_refused_write_is_told_to_who_asked),
        cmocka_unit_test(test_a_write_that_fails_does_not_stop_the_rest),
        cmocka_unit_test(test_a_killed_harness_leaves_every_output_safe_in_order_and_once),
        cmocka_unit_test(test_a_harness_without_beats_is_killed_and_made_safe),
        cmocka_unit_test(test_a_harness_that_beats_is_left_alone_beyond_the_hang_time),
        cmocka_unit_test(test_a_dead_guardian_is_seen_within_64_checks),
        cmocka_unit_test(test_a_guardian_that_stands_still_cannot_hang_the_harness),
        cmocka_unit_test(test_the_guardian_keeps_no_descriptor_but_its_own),
        cmocka_unit_test(test_the_signals_of_a_terminal_do_not_end_the_guardian),
        cmocka_unit_test(test_wrong_arguments_are_refused_before_anything_is_forked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
