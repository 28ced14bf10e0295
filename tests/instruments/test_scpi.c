/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scpi driver against a responder process, over TCP and a pseudo terminal. */
#include "instruments/scpi/scpi.h"

#include "tests/instruments/live.h"
#include "tests/instruments/scpi_server.h"
#include "tests/support/check.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD                                                                                                           \
    "pilotbench_instrument: 1\nname: made-up device\nsource: this test\ndriver: scpi\nidentity: {begins: 'Keysight'}\n"
/* Devices that nobody has met: these texts are all that the driver knows of them. */
static const char meter_profile[] = HEAD
    "channels:\n"
    "  - {name: volts, role: meter.voltage, access: read, unit: V, min: -20 V, max: 20 V, query: 'MEAS:VOLT:DC?', period: 2 ms}\n";
static const char supply_profile[] = HEAD
    "confirm: '*OPC?'\n"
    "errors: 'SYST:ERR?'\n"
    "channels:\n"
    "  - {name: volts, role: meter.voltage, access: read, unit: V, min: -20 V, max: 20 V, query: 'MEAS:VOLT:DC?', period: 2 ms}\n"
    "  - {name: k1, role: mains.switch, access: drive, unit: none, min: 0, max: 1, safe: 0, energises: true, on: 'ROUT:CLOS (@101)', off: 'ROUT:OPEN (@101)',\n"
    "     query: 'ROUT:CLOS? (@101)'}\n"
    "  - {name: out, role: cp.source, access: drive, unit: V, min: -12 V, max: 12.5 V, safe: 0 V, set: 'VOLT {},(@1)'}\n";

static struct live live;
static struct scpi_server server;

static enum pb_status open_with(const char *profile, const char *more, struct pb_error *error) {
    char params[600];
    snprintf(params, sizeof params, "profile: %s, link: '%s', retry: 5 ms%s", profile, server.link, more);
    return live_open(&live, &pb_scpi_driver, params, error);
}
static void open_text(const char *text, const char *more) {
    struct pb_error error;
    PB_CHECK_OK(open_with(live_write_profile(text), more, &error), &error);
}

static int start_tcp(void **state) {
    (void)state;
    server = scpi_server_start(true);
    return 0;
}
static int start_line(void **state) {
    (void)state;
    server = scpi_server_start(false);
    return 0;
}
static int finish(void **state) {
    (void)state;
    if (live.config) live_close(&live);
    scpi_server_finish(&server);
    return 0;
}

static void test_a_meter_is_read_by_its_profile(void **state) {
    (void)state;
    struct pb_error error;
    PB_CHECK_OK(open_with("keysight-34461a.yaml", ", timeout: 2 s", &error), &error);
    PB_CHECK_OK(live_await(&live, "volts", 0, 1, &error), &error);
    PB_CHECK_INT(live_newest(&live, "volts").value, 11987654, "uV");
}

static void test_relays_are_driven_by_their_profile(void **state) {
    (void)state;
    struct pb_error error;
    strcpy(server.shared->identity, "Agilent Technologies,34972A,MY00000001,1.17-1.12-02-02");
    server.shared->relays[2] = true; /* left from before */
    PB_CHECK_OK(open_with("keysight-34903a.yaml", ", timeout: 2 s", &error), &error);
    PB_CHECK_INT(server.shared->relays[2], 0, "(relay 2)");
    PB_CHECK_OK(live.driver->out->set(live.instrument, live_channel(&live, "s2"), 1, &error), &error);
    PB_CHECK_INT(server.shared->relays[1], 1, "(relay 1)");
    PB_CHECK_INT(live.driver->out->set(live.instrument, live_channel(&live, "s2"), 2, &error), PB_ERR_RANGE,
                 "(status)");
    PB_CHECK_INT(server.shared->relays[1], 1, "(relay 1)");
    live_close(&live);
    PB_CHECK_INT(server.shared->relays[1], 0, "(relay 1)");
}

static void test_a_number_is_sent_as_the_profile_says(void **state) {
    (void)state;
    struct pb_error error;
    open_text(supply_profile, ", timeout: 2 s");
    PB_CHECK_TEXT(server.shared->last_set, "VOLT 0.000000,(@1)");
    PB_CHECK_OK(live.driver->out->set(live.instrument, live_channel(&live, "out"), -11950001, &error), &error);
    PB_CHECK_TEXT(server.shared->last_set, "VOLT -11.950001,(@1)");
    PB_CHECK_INT(live.driver->out->set(live.instrument, live_channel(&live, "out"), 12500001, &error), PB_ERR_RANGE,
                 "(status)");
    PB_CHECK_TEXT(server.shared->last_set, "VOLT -11.950001,(@1)");
}

static void test_another_device_at_opening_is_told_by_what_it_says(void **state) {
    (void)state;
    struct pb_error error;
    strcpy(server.shared->identity, "ACME,1");
    PB_CHECK_INT(open_with("keysight-34461a.yaml", ", timeout: 200 ms", &error), PB_ERR_TIMEOUT, "(status)");
}

static void test_nonsense_for_a_while_is_survived_without_a_wrong_number(void **state) {
    (void)state;
    static const enum scpi_mood moods[] = {SCPI_SILENT,    SCPI_GARBLED,   SCPI_HALF,  SCPI_LATE,
                                           SCPI_OVERSIZED, SCPI_TWO_LINES, SCPI_EMPTY, SCPI_HANG_UP};
    bool is_line = server.port == 0;
    open_text(meter_profile, ", tries: 20, timeout: 400 ms");
    for (size_t i = 0; i < sizeof moods / sizeof *moods; i++) {
        struct pb_error error;
        if (is_line && moods[i] == SCPI_HANG_UP) continue;
        size_t from = live.seen_count;
        scpi_server_set_mood(&server, moods[i], 2);
        PB_CHECK_OK(live_await(&live, "volts", from, 8, &error), &error);
    }
    for (size_t i = 0; i < live.seen_count; i++) PB_CHECK_INT(live.seen[i].value, 11987654, "uV");
    PB_CHECK_INT(live.disorder, 0, "events out of order");
}

static void test_nonsense_for_ever_ends_it_with_its_name(void **state) {
    (void)state;
    static const struct {
        enum scpi_mood mood;
        enum pb_status status;
    } cases[] = {{SCPI_GARBLED, PB_ERR_PROTOCOL}, {SCPI_OVERSIZED, PB_ERR_PROTOCOL}, {SCPI_TWO_LINES, PB_ERR_PROTOCOL},
                 {SCPI_EMPTY, PB_ERR_PROTOCOL},   {SCPI_HALF, PB_ERR_GONE},          {SCPI_SILENT, PB_ERR_GONE},
                 {SCPI_HANG_UP, PB_ERR_GONE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_error error;
        scpi_server_set_mood(&server, SCPI_WELL, -1);
        open_text(meter_profile, ", tries: 3, timeout: 300 ms");
        size_t seen = live.seen_count;
        int questions = atomic_load(&server.shared->questions);
        scpi_server_set_mood(&server, cases[i].mood, -1);
        enum pb_status status = live_await_failure(&live, &error);
        PB_CHECK_TEXT(pb_status_name(status), pb_status_name(cases[i].status));
        /* Good ones may still have come before the mood changed. */
        PB_CHECK_TRUE(atomic_load(&server.shared->questions) - questions - (int)(live.seen_count - seen) <= 5,
                      "it asked on and on");
        for (size_t k = 0; k < live.seen_count; k++) PB_CHECK_INT(live.seen[k].value, 11987654, "uV");
        live_close(&live);
    }
}

static void test_an_overloaded_meter_gives_no_number(void **state) {
    (void)state;
    static const char *const replies[] = {"+9.90000000E+37", "-9.9E+37", "+9.91000000E+37", "+2.10000000E+01"};
    for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
        struct pb_error error;
        strcpy(server.shared->volts, replies[i]);
        PB_CHECK_INT(open_with(live_write_profile(meter_profile), ", timeout: 2 s", &error), PB_ERR_RANGE, "(status)");
    }
}

static void test_a_device_that_refuses_a_command_says_why(void **state) {
    (void)state;
    struct pb_error error;
    open_text(supply_profile, ", timeout: 2 s");
    atomic_store(&server.shared->error, -222);
    PB_CHECK_INT(live.driver->out->set(live.instrument, live_channel(&live, "out"), 1000000, &error), PB_ERR_RANGE,
                 "(status)");
    PB_CHECK_INT(error.vendor_code, -222, "(SCPI)");
    PB_CHECK_CONTAINS(error.text, "-222,\"Data out of range\"");
    PB_CHECK_OK(live.driver->out->set(live.instrument, live_channel(&live, "out"), 1000000, &error), &error);
}

static void test_a_relay_that_says_done_and_did_not_is_found_out(void **state) {
    (void)state;
    struct pb_error error;
    open_text(supply_profile, ", timeout: 2 s");
    atomic_store(&server.shared->is_stuck, true);
    PB_CHECK_INT(live.driver->out->set(live.instrument, live_channel(&live, "k1"), 1, &error), PB_ERR_CHANGED,
                 "(status)");
    PB_CHECK_CONTAINS(error.text, "output k1 was told 1 and has 0");
}

static void test_a_device_that_comes_back_is_read_on_and_another_is_refused(void **state) {
    (void)state;
    struct pb_error error;
    open_text(meter_profile, ", tries: 1000, timeout: 2 s");
    scpi_server_kill(&server);
    size_t from = live.seen_count;
    scpi_server_restart(&server);
    PB_CHECK_OK(live_await(&live, "volts", from, 10, &error), &error);
    PB_CHECK_INT(live.disorder, 0, "events out of order");
    scpi_server_kill(&server);
    server.shared->identity[strlen("Keysight Technologies,34461A,MY1")] = '9';
    scpi_server_restart(&server);
    PB_CHECK_INT(live_await_failure(&live, &error), PB_ERR_CHANGED, "(status)");
    PB_CHECK_CONTAINS(error.text, "which was here before");
}

static void test_an_output_that_cannot_be_asked_does_not_survive_a_lost_link(void **state) {
    (void)state;
    struct pb_error error;
    open_text(supply_profile, ", tries: 1000, timeout: 2 s");
    scpi_server_kill(&server);
    scpi_server_restart(&server);
    PB_CHECK_INT(live_await_failure(&live, &error), PB_ERR_CHANGED, "(status)");
    PB_CHECK_CONTAINS(error.text, "output out cannot be asked what it has now");
}

static void test_a_device_that_is_gone_is_tried_a_bounded_number_of_times(void **state) {
    (void)state;
    struct pb_error error;
    open_text(meter_profile, ", tries: 4, timeout: 300 ms");
    scpi_server_kill(&server);
    PB_CHECK_INT(live_await_failure(&live, &error), PB_ERR_GONE, "(status)");
    PB_CHECK_CONTAINS(error.text, "it did not come back");
}

static void test_the_guardian_commands_while_the_driver_reads(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_guard_note note;
    open_text(supply_profile, ", timeout: 2 s");
    unsigned k1 = live_channel(&live, "k1");
    PB_CHECK_OK(live.driver->guard->note(live.instrument, k1, 0, &note, &error), &error);
    int descriptor = live.driver->guard->descriptor(live.instrument), result;
    for (int i = 0; i < 5; i++) {
        PB_CHECK_OK(live.driver->out->set(live.instrument, k1, 1, &error), &error);
        pid_t guardian = fork();
        if (guardian == 0) _exit((int)live.driver->guard->write(descriptor, k1, 0, &note, 1000));
        PB_CHECK_INT(waitpid(guardian, &result, 0), guardian, "(pid)");
        PB_CHECK_INT(result, 0, "(exit)");
        PB_CHECK_INT(server.shared->relays[1], 0, "(relay 1)");
    }
    size_t from = live.seen_count;
    PB_CHECK_OK(live_await(&live, "volts", from, 5, &error), &error);
}

#define TCP(test) cmocka_unit_test_setup_teardown(test, start_tcp, finish)
#define BOTH(test)                                                                                                     \
    TCP(test), { #test "_over_a_line", test, start_line, finish, NULL }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(test_a_meter_is_read_by_its_profile),
        BOTH(test_relays_are_driven_by_their_profile),
        TCP(test_a_number_is_sent_as_the_profile_says),
        TCP(test_another_device_at_opening_is_told_by_what_it_says),
        BOTH(test_nonsense_for_a_while_is_survived_without_a_wrong_number),
        TCP(test_nonsense_for_ever_ends_it_with_its_name),
        TCP(test_an_overloaded_meter_gives_no_number),
        TCP(test_a_device_that_refuses_a_command_says_why),
        TCP(test_a_relay_that_says_done_and_did_not_is_found_out),
        TCP(test_a_device_that_comes_back_is_read_on_and_another_is_refused),
        TCP(test_an_output_that_cannot_be_asked_does_not_survive_a_lost_link),
        TCP(test_a_device_that_is_gone_is_tried_a_bounded_number_of_times),
        BOTH(test_the_guardian_commands_while_the_driver_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
