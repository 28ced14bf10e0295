/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every way a DUT can break the wire protocol gives one FAULT with its reason, then ADVANCED, and no time passes any more. */
#include "base/status.h"
#include "tests/world/bench.h"
#include "world/wire/pb_wire.h"

#include <signal.h>
#include <stdlib.h>

struct breach {
    const char *mode;
    enum pb_status status;
    const char *text;
    bool takes_time;
};

static const struct breach breaches[] = {
    {"garbage", PB_ERR_PROTOCOL, "type is 42405 (unknown type)", false},
    {"wrong_version", PB_ERR_PROTOCOL, "wire version is 9, expected 1", false},
    {"wrong_actor", PB_ERR_PROTOCOL, "actor is 2 (pev), expected 1 (evse)", false},
    {"past", PB_ERR_PROTOCOL, "(CP_EDGE, seq 3): t_ns is 999999999, expected at or after 1000000000", false},
    {"future", PB_ERR_PROTOCOL, "t_ns is 1000000001, expected at or before 1000000000 (RUN_UNTIL)", false},
    {"two_times", PB_ERR_PROTOCOL, "t_ns is 1000000001, expected 1000000000 like the outputs before", false},
    {"no_done", PB_ERR_TIMEOUT, "no DONE within 1000 ms of wall time (1 records", true},
    {"hang", PB_ERR_TIMEOUT, "no DONE within 1000 ms of wall time (0 records", true},
    {"spin", PB_ERR_TIMEOUT, "no DONE within 1000 ms", true},
    {"deaf", PB_ERR_TIMEOUT, "no DONE within 1000 ms", true},
    {"partial_record", PB_ERR_TIMEOUT, "10 bytes of the next", true},
    {"die", PB_ERR_GONE, "died of signal 9 (Killed)", false},
    {"segv", PB_ERR_GONE, "died of signal 11", false},
    {"exit", PB_ERR_GONE, "exited with status 42", false},
    {"close", PB_ERR_GONE, "closed the wire and still runs", false},
    {"seq_hole", PB_ERR_PROTOCOL, "seq is 4, expected 3", false},
    {"unknown_type", PB_ERR_PROTOCOL, "type is 77 (unknown type), expected one that a DUT sends", false},
    {"wrong_direction", PB_ERR_PROTOCOL, "type is 18 (MAINS), expected one that a DUT sends", false},
    {"bad_cord", PB_ERR_PROTOCOL, "cord is 1, expected below 1", false},
    {"reserved_set", PB_ERR_PROTOCOL, "a reserved byte is not 0", false},
    {"reserved_head", PB_ERR_PROTOCOL, "a reserved byte is not 0", false},
    {"flood", PB_ERR_PROTOCOL, "more than 4096 records in a turn", false},
    {"done_beyond", PB_ERR_PROTOCOL, "reached is 1000000001, expected 1000000000 (RUN_UNTIL)", false},
    {"done_short", PB_ERR_PROTOCOL, "reached is 999999995, expected 1000000000 (RUN_UNTIL)", false},
    {"bad_pwm", PB_ERR_PROTOCOL, "frequency_uhz is 0, expected 1000000 to", false},
    {"bad_coil", PB_ERR_PROTOCOL, "index is 7, expected at most 3", false},
    {"bad_length", PB_ERR_PROTOCOL, "length is 41, expected 1 to 40", false},
    {"long_message", PB_ERR_PROTOCOL, "longer than 65536 bytes", false},
    {"ready_twice", PB_ERR_PROTOCOL, "a second READY", false},
    {"livelock", PB_ERR_PROTOCOL, "more than 4096 turns at the instant 1000000000 ns", false},
    {"broken_promise", PB_ERR_PROTOCOL, "t_ns is 1000000000, expected at or after 2000000000", false},
};

static void check_breach(const struct breach *breach) {
    struct pbl_config config = bench_config();
    struct bench bench;
    if (breach->takes_time) config.answer_ms = 1000;
    bench_open(&bench, &config, breach->mode);
    bench_set(&bench, PBL_OUT_MAINS, 1);
    int64_t reached = bench_advance(&bench, 5 * BENCH_S, 0);
    print_message("%s: %s\n", breach->mode, bench.fault_text);
    PB_CHECK_INT(bench.fault_count, 1, "faults");
    PB_CHECK_INT(bench.fault.status, breach->status, "(status)");
    PB_CHECK_INT(bench.fault.slave, 0, "(slave)");
    PB_CHECK_CONTAINS(bench.fault_text, "slave 0 (evse)");
    PB_CHECK_CONTAINS(bench.fault_text, breach->text);
    PB_CHECK_BETWEEN(reached, 0, 2 * BENCH_S, "ns");
    PB_CHECK_INT(bench_advance(&bench, 6 * BENCH_S, 0), reached, "ns: no time passes");
    PB_CHECK_INT(bench.fault_count, 1, "faults");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void test_each_breach_is_told_with_its_reason_and_time_stands_still(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof breaches / sizeof breaches[0]; i++) check_breach(&breaches[i]);
}

static void test_a_second_done_is_a_breach_in_or_after_the_turn(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    bench_open(&bench, &config, "done_twice");
    bench_advance(&bench, 5 * BENCH_S, 0);
    if (!bench.fault_count) bench_advance(&bench, 6 * BENCH_S, 0);
    PB_CHECK_INT(bench.fault_count, 1, "faults");
    PB_CHECK_CONTAINS(bench.fault_text, "DONE");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void test_a_program_that_is_not_there_is_a_fault(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    bench_open(&bench, &config, NULL);
    bench_start_dut(&bench, "/nonexistent/dut", "good", 0);
    PB_CHECK_INT(bench_advance(&bench, BENCH_S, 0), 0, "ns");
    PB_CHECK_INT(bench.fault.status, PB_ERR_IO, "(status)");
    PB_CHECK_TEXT(bench.fault_text,
                  "slave 0 (evse): /nonexistent/dut: could not be started: No such file or directory");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void test_a_dut_that_does_not_read_is_a_fault(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    static const uint8_t message[PBW_MESSAGE_MAX];
    config.answer_ms = 1000;
    bench_open(&bench, &config, "deaf");
    for (int i = 0; i < 40; i++) {
        struct pbl_text text = {0};
        bench_send(&bench, PBL_MESSAGE, &text, sizeof text, message, sizeof message);
    }
    bench_advance(&bench, BENCH_S, 0);
    PB_CHECK_INT(bench.fault.status, PB_ERR_TIMEOUT, "(status)");
    PB_CHECK_CONTAINS(bench.fault_text, "does not read");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static pid_t dut_pid(const struct bench *bench) {
    char *log = bench_log(bench);
    const char *at = strstr(log, "started pid=");
    PB_CHECK_TRUE(at != NULL, "no pid in the log: %s", log);
    pid_t pid = (pid_t)strtol(at + strlen("started pid="), NULL, 10);
    free(log);
    return pid;
}

static void test_a_dut_killed_between_turns_is_told(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    struct bench bench;
    bench_open(&bench, &config, "good");
    bench_set(&bench, PBL_OUT_MAINS, 1);
    PB_CHECK_INT(bench_advance(&bench, BENCH_S, 0), BENCH_S, "ns");
    kill(dut_pid(&bench), SIGKILL);
    bench_set(&bench, PBL_OUT_PLUG, 1);
    PB_CHECK_INT(bench_advance(&bench, 2 * BENCH_S, 0), BENCH_S, "ns");
    PB_CHECK_INT(bench.fault.status, PB_ERR_GONE, "(status)");
    PB_CHECK_CONTAINS(bench.fault_text, "died of signal 9 (Killed)");
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

static void check_refused(enum pbl_type type, const void *payload, size_t size, const char *text) {
    struct bench bench;
    bench_start_world(&bench);
    bench_send(&bench, type, payload, size, NULL, 0);
    PB_CHECK_INT(bench_wait_end(&bench), 2, "(exit status)");
    char *log = bench_log(&bench);
    PB_CHECK_CONTAINS(log, text);
    free(log);
    bench_free(&bench);
}

static void test_a_bench_that_sends_nonsense_ends_the_world_with_a_line(void **state) {
    (void)state;
    struct pbl_config config = bench_config();
    config.version = PBL_VERSION + 1;
    check_refused(PBL_CONFIG, &config, sizeof config, "config: version is 6, expected 5");
    config = bench_config();
    config.quantum_ns = 0;
    check_refused(PBL_CONFIG, &config, sizeof config, "config: quantum_ns is 0, expected 1 to");
    config = bench_config();
    check_refused(PBL_CONFIG, &config, sizeof config - 1, "bytes, expected");
    struct pbl_advance advance = {.until_ns = 5};
    check_refused(PBL_ADVANCE, &advance, sizeof advance, "before CONFIG");
    check_refused((enum pbl_type)99, NULL, 0, "type is 99");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_breach_is_told_with_its_reason_and_time_stands_still),
        cmocka_unit_test(test_a_second_done_is_a_breach_in_or_after_the_turn),
        cmocka_unit_test(test_a_program_that_is_not_there_is_a_fault),
        cmocka_unit_test(test_a_dut_that_does_not_read_is_a_fault),
        cmocka_unit_test(test_a_dut_killed_between_turns_is_told),
        cmocka_unit_test(test_a_bench_that_sends_nonsense_ends_the_world_with_a_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
