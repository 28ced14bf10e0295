/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guardian at any moment, and the end of the world. */
#include "base/status.h"
#include "tests/world/bench.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <unistd.h>

static void open_charging(struct bench *bench, const struct pbl_config *config, const char *mode) {
    bench_open(bench, config, mode);
    bench_set(bench, PBL_OUT_MAINS, 1);
    bench_set(bench, PBL_OUT_PLUG, 1);
    bench_set(bench, PBL_OUT_S2, 1);
    PB_CHECK_INT(bench_advance(bench, 900 * BENCH_MS, 0), 900 * BENCH_MS, "ns");
}

static long number_after(const char *text, const char *mark) {
    const char *at = strstr(text, mark);
    PB_CHECK_TRUE(at != NULL, "no \"%s\" in: %s", mark, text);
    return strtol(at + strlen(mark), NULL, 10);
}

/* CLOCK_MONOTONIC of the line that holds mark. */
static int64_t line_wall_ns(const char *log, const char *mark) {
    const char *at = strstr(log, mark);
    PB_CHECK_TRUE(at != NULL, "no \"%s\" in: %s", mark, log);
    while (at > log && at[-1] != '\n') at--;
    return strtoll(at, NULL, 10);
}

static void cut_bench_link(struct bench *bench) {
    close(bench->fd);
    bench->fd = -1;
}

static void test_the_guardian_is_answered_between_turns(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    open_charging(&bench, &config, "good");
    struct pbl_guard answer = bench_guard(&bench, PBL_OUT_S2, 0);
    PB_CHECK_INT(answer.value, 0, "");
    PB_CHECK_INT(answer.t_ns, 900 * BENCH_MS, "ns");
    answer = bench_guard(&bench, PBL_OUT_PLUG, 5);
    PB_CHECK_INT(answer.value, 1, ": a value that is refused changes nothing");
    PB_CHECK_INT(bench_advance(&bench, 950 * BENCH_MS, PBL_WAKE(PBL_EVENT_COIL)), 900 * BENCH_MS,
                 "ns: the DUT saw S2 open");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    char *log = bench_log(&bench);
    PB_CHECK_CONTAINS(log, " 900000000 guardian set s2=0\n");
    PB_CHECK_CONTAINS(log, " world left plug=1 s2=0 mains=1");
    free(log);
    bench_free(&bench);
}

static void test_the_guardian_is_answered_while_a_dut_hangs(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    config.answer_ms = 600000;
    open_charging(&bench, &config, "hang");
    bench_send_advance(&bench, 2 * BENCH_S, 0);
    while (bench_guard(&bench, PBL_OUT_DRAW, 0).t_ns < BENCH_S) {} /* the DUT hangs at 1 s */
    struct pbl_guard answer = bench_guard(&bench, PBL_OUT_MAINS, 0);
    PB_CHECK_INT(answer.value, 0, "");
    PB_CHECK_TRUE(!bench_has_data(&bench), "the turn is over: the guardian was not answered during it");
    cut_bench_link(&bench);
    PB_CHECK_INT(bench_guard(&bench, PBL_OUT_S2, 0).value, 0, "");
    PB_CHECK_INT(bench_wait_end(&bench), 1, "(exit status)");
    char *log = bench_log(&bench);
    PB_CHECK_CONTAINS(log, "guardian set mains=0\n");
    PB_CHECK_CONTAINS(log, "guardian set s2=0\n");
    PB_CHECK_CONTAINS(log, "world left plug=1 s2=0 mains=0");
    PB_CHECK_CONTAINS(log, "pole0=0");
    free(log);
    bench_free(&bench);
}

static void test_a_cut_bench_link_leaves_the_guardian_in_charge_for_2_s(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    open_charging(&bench, &config, "good");
    cut_bench_link(&bench);
    while (bench_guard(&bench, PBL_OUT_DRAW, 0).t_ns < 950 * BENCH_MS) {} /* the world runs on by itself */
    PB_CHECK_INT(bench_guard(&bench, PBL_OUT_S2, 0).value, 0, "");
    PB_CHECK_INT(bench_guard(&bench, PBL_OUT_PLUG, 0).value, 0, "");
    PB_CHECK_INT(bench_wait_end(&bench), 1, "(exit status)");
    char *log = bench_log(&bench);
    PB_CHECK_CONTAINS(log, "guardian set s2=0\n");
    PB_CHECK_CONTAINS(log, "world left plug=0 s2=0 mains=1");
    PB_CHECK_CONTAINS(log, "pole0=0 pole1=0"); /* the DUT saw it and let go */
    PB_CHECK_TRUE(line_wall_ns(log, "world left") - line_wall_ns(log, "bench link gone") >= 1990 * BENCH_MS,
                  "left early: %s", log);
    errno = 0;
    pid_t dut = (pid_t)number_after(log, "started pid=");
    PB_CHECK_TRUE(kill(dut, 0) < 0 && errno == ESRCH, "the DUT is alive");
    free(log);
    bench_free(&bench);
}

static void test_what_a_dead_bench_still_asked_for_does_not_undo_the_guardian(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    struct pbl_guard request = {.magic = PBL_GUARD_MAGIC, .output = PBL_OUT_DRAW, .seq = 1, .value = 0};
    open_charging(&bench, &config, "good");
    kill(bench.world, SIGSTOP); /* so that it finds all of it at once */
    bench_set(&bench, PBL_OUT_DRAW, 16000);
    cut_bench_link(&bench);
    PB_CHECK_INT(write(bench.guardian_fd, &request, sizeof request), sizeof request, "bytes");
    kill(bench.world, SIGCONT);
    PB_CHECK_INT(bench_wait_end(&bench), 1, "(exit status)");
    char *log = bench_log(&bench);
    PB_CHECK_CONTAINS(log, "guardian set draw=0\n");
    PB_CHECK_CONTAINS(log, "draw=0 cp_short");
    PB_CHECK_TRUE(strstr(log, "set draw=16000") == NULL, "the dead bench was obeyed: %s", log);
    free(log);
    bench_free(&bench);
}

static void test_what_stands_before_bye_counts_also_when_the_link_closes_at_once(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    open_charging(&bench, &config, "good");
    kill(bench.world, SIGSTOP);
    bench_set(&bench, PBL_OUT_S2, 0);
    bench_set(&bench, PBL_OUT_MAINS, 0);
    bench_send(&bench, PBL_BYE, NULL, 0, NULL, 0);
    cut_bench_link(&bench);
    kill(bench.world, SIGCONT);
    PB_CHECK_INT(bench_wait_end(&bench), 0, "(exit status)");
    char *log = bench_log(&bench);
    PB_CHECK_CONTAINS(log, "world left plug=1 s2=0 mains=0");
    free(log);
    bench_free(&bench);
}

static void test_a_killed_dut_and_a_cut_link_still_end_the_world(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    open_charging(&bench, &config, "good");
    char *log = bench_log(&bench);
    kill((pid_t)number_after(log, "started pid="), SIGKILL);
    free(log);
    cut_bench_link(&bench);
    PB_CHECK_INT(bench_guard(&bench, PBL_OUT_MAINS, 0).value, 0, "");
    PB_CHECK_INT(bench_wait_end(&bench), 1, "(exit status)");
    log = bench_log(&bench);
    PB_CHECK_CONTAINS(log, "world left plug=1 s2=1 mains=0");
    PB_CHECK_CONTAINS(log, "pole0=0 pole1=0");
    free(log);
    bench_free(&bench);
}

static void test_the_link_cut_in_the_middle_of_a_long_turn_ends_it(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    config.quantum_ns = 1000;
    bench_open(&bench, &config, "blind");
    bench_send_advance(&bench, 3600 * BENCH_S, 0); /* 3.6e9 turns: for ever */
    while (bench_guard(&bench, PBL_OUT_DRAW, 0).t_ns == 0) {}
    cut_bench_link(&bench);
    PB_CHECK_INT(bench_guard(&bench, PBL_OUT_MAINS, 0).value, 0, "");
    PB_CHECK_INT(bench_wait_end(&bench), 1, "(exit status)");
    bench_free(&bench);
}

static void test_bye_ends_the_world_with_its_dut_also_when_the_link_closes_at_once(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    open_charging(&bench, &config, "good");
    bench_send_advance(&bench, 2 * BENCH_S, 0);
    bench_send(&bench, PBL_BYE, NULL, 0, NULL, 0);
    cut_bench_link(&bench);
    PB_CHECK_INT(bench_wait_end(&bench), 0, "(exit status)");
    PB_CHECK_TRUE(bench_turns(&bench) > 0, "the DUT was not told to stop");
    bench_free(&bench);
}

static void test_a_dut_dies_with_the_world(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    open_charging(&bench, &config, "good");
    char *log = bench_log(&bench);
    pid_t dut = (pid_t)number_after(log, "started pid=");
    free(log);
    struct pollfd item = {pidfd_open(dut, 0), POLLIN, 0};
    kill(bench.world, SIGKILL);
    PB_CHECK_INT(bench_wait_end(&bench), 128 + SIGKILL, "(exit status)");
    PB_CHECK_INT(poll(&item, 1, 60000), 1, "DUTs ended");
    close(item.fd);
    bench_free(&bench);
}

static void test_signals_of_a_terminal_do_not_end_the_world(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    open_charging(&bench, &config, "good");
    const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};
    for (int i = 0; i < 4; i++) kill(bench.world, signals[i]);
    PB_CHECK_TRUE(getpgid(bench.world) != getpgid(0), "same process group");
    PB_CHECK_INT(bench_advance(&bench, 2 * BENCH_S, 0), 2 * BENCH_S, "ns");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_guardian_is_answered_between_turns),
        cmocka_unit_test(test_the_guardian_is_answered_while_a_dut_hangs),
        cmocka_unit_test(test_a_cut_bench_link_leaves_the_guardian_in_charge_for_2_s),
        cmocka_unit_test(test_what_a_dead_bench_still_asked_for_does_not_undo_the_guardian),
        cmocka_unit_test(test_what_stands_before_bye_counts_also_when_the_link_closes_at_once),
        cmocka_unit_test(test_a_killed_dut_and_a_cut_link_still_end_the_world),
        cmocka_unit_test(test_the_link_cut_in_the_middle_of_a_long_turn_ends_it),
        cmocka_unit_test(test_bye_ends_the_world_with_its_dut_also_when_the_link_closes_at_once),
        cmocka_unit_test(test_a_dut_dies_with_the_world),
        cmocka_unit_test(test_signals_of_a_terminal_do_not_end_the_world),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
