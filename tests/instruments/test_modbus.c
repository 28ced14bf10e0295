/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The modbus driver against a libmodbus server process, over TCP and RTU on a pseudo terminal. No wall time is asserted: how hard the driver tries is
 * counted in requests and connections that the server saw. */
#include "instruments/modbus/modbus.h"

#include "base/wall.h"
#include "tests/instruments/live.h"
#include "tests/instruments/modbus_server.h"
#include "tests/support/check.h"

#include <errno.h>
#include <modbus/modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A device that nobody has met: this text is all that the driver knows of it. */
static const char supply_profile[] =
    "pilotbench_instrument: 1\n"
    "name: made-up supply\n"
    "source: this test\n"
    "driver: modbus\n"
    "identity: {table: holding, address: 64512, type: u32}\n"
    "channels:\n"
    "  - {name: volts, role: eumd.voltage, access: read, unit: V, min: 0 V, max: 300 V, table: input, address: 20, scale: 0.1 V, period: 2 ms}\n"
    "  - {name: heat, role: ambient, access: read, unit: degC, min: -40 degC, max: 125 degC, table: holding, address: 30, type: i32,\n"
    "     order: dcba, scale: 1 degC, per: 100, period: 2 ms}\n"
    "  - {name: limit, role: load, access: drive, unit: A, min: 0 A, max: 32 A, safe: 0 A, energises: true, table: holding, address: 40, scale: 0.1 A}\n"
    "  - {name: mains, role: mains.switch, access: drive, unit: none, min: 0, max: 1, safe: 0, energises: true, table: coil, address: 3}\n"
    "  - {name: wide, role: cp.load.r2, access: drive, unit: ohm, min: 0 ohm, max: 100 kohm, safe: 0 ohm, table: holding, address: 42, type: f32,\n"
    "     order: cdab}\n";

static struct live live;
static struct modbus_server server;

static void fill_meter(void) {
    modbus_server_put_float(server.shared->input, 0, 231.5F);
    modbus_server_put_float(server.shared->input, 6, 15.25F);
    modbus_server_put_float(server.shared->input, 12, -3530.5F);
    modbus_server_put_float(server.shared->input, 70, 49.98F);
    modbus_server_put_float(server.shared->input, 72, 1234.567F);
    modbus_server_put_float(server.shared->input, 74, 0.25F);
    server.shared->serial_number[0] = 0x0123;
    server.shared->serial_number[1] = 0x4567;
}

static enum pb_status open_with(const char *profile, const char *more, struct pb_error *error) {
    char params[600];
    snprintf(params, sizeof params, "profile: %s, link: '%s', unit: 7, retry: 5 ms%s", profile, server.link, more);
    return live_open(&live, &pb_modbus_driver, params, error);
}

static void open_meter(const char *more) {
    struct pb_error error;
    fill_meter();
    PB_CHECK_OK(open_with("eastron-sdm120.yaml", more, &error), &error);
}

static void open_supply(const char *more) {
    struct pb_error error;
    server.shared->input[20] = 2301;
    server.shared->holding[30] = 0xE803; /* 1000, last byte first */
    server.shared->holding[31] = 0;
    fill_meter();
    PB_CHECK_OK(open_with(live_write_profile(supply_profile), more, &error), &error);
}

static int start_tcp(void **state) {
    (void)state;
    server = modbus_server_start(true, 7);
    return 0;
}
static int start_line(void **state) {
    (void)state;
    server = modbus_server_start(false, 7);
    return 0;
}
static int finish(void **state) {
    (void)state;
    if (live.config) live_close(&live);
    modbus_server_finish(&server);
    return 0;
}

/* ---- reading ---- */

static void test_a_meters_registers_are_read_by_its_profile(void **state) {
    (void)state;
    struct pb_error error;
    open_meter(", timeout: 2 s");
    PB_CHECK_OK(live_await(&live, "energy_out", 0, 1, &error), &error);
    PB_CHECK_INT(live_newest(&live, "voltage").value, 231500000, "uV");
    PB_CHECK_INT(live_newest(&live, "current").value, 15250, "mA");
    PB_CHECK_INT(live_newest(&live, "power").value, -3530500, "mW");
    PB_CHECK_NEAR(live_newest(&live, "frequency").value, 49980000, 5, "uHz");
    PB_CHECK_INT(live_newest(&live, "energy_in").value, 1234567, "Wh");
    PB_CHECK_INT(live_newest(&live, "energy_out").value, 250, "Wh");
    PB_CHECK_TEXT(live.channels[live_channel(&live, "energy_in")].role, "eumd.energy");
    PB_CHECK_INT(atomic_load(&server.shared->requests), 1 + 4,
                 "requests (identity, three alone, three adjacent in one)");
}

static void test_a_reading_is_dated_within_its_transaction_and_tells_how_old_it_may_be(void **state) {
    (void)state;
    struct pb_error error;
    open_meter(", timeout: 2 s");
    int64_t opened_ns = pb_between(live.zero, pb_wall_now()).ns;
    PB_CHECK_OK(live_await(&live, "voltage", 0, 1, &error), &error);
    struct pb_seen seen = live_newest(&live, "voltage");
    PB_CHECK_BETWEEN(seen.at.ns, 0, opened_ns, "ns");
    PB_CHECK_BETWEEN(seen.u_ns, INT64_C(1000000000), INT64_C(1000000000) + opened_ns, "ns");
    PB_CHECK_INT(live.channels[seen.channel].stale_after_ns, INT64_C(7000000000),
                 "ns (1 s and three times period and refresh)");
}

static void test_readings_come_again_and_again_in_order(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", timeout: 2 s");
    server.shared->input[20] = 2400;
    PB_CHECK_OK(live_await(&live, "volts", 0, 20, &error), &error);
    PB_CHECK_OK(live_await(&live, "heat", 0, 20, &error), &error);
    PB_CHECK_INT(live_newest(&live, "volts").value, 240000000, "uV");
    PB_CHECK_INT(live_newest(&live, "heat").value, 10000, "mdegC");
    PB_CHECK_INT(live.disorder, 0, "events out of order or behind the completeness");
    PB_CHECK_TRUE(live.complete.ns > live.seen[0].at.ns, "completeness stands still");
}

static void test_what_is_no_number_is_an_error_and_no_reading(void **state) {
    (void)state;
    struct pb_error error;
    fill_meter();
    modbus_server_put_float(server.shared->input, 6, __builtin_nanf(""));
    PB_CHECK_INT(open_with("eastron-sdm120.yaml", ", timeout: 2 s", &error), PB_ERR_PROTOCOL, "(status)");
    PB_CHECK_CONTAINS(error.text, "no number for current");
}

static void test_a_value_outside_of_the_profiles_range_is_an_error_and_no_reading(void **state) {
    (void)state;
    struct pb_error error;
    fill_meter();
    modbus_server_put_float(server.shared->input, 0, 401.0F);
    PB_CHECK_INT(open_with("eastron-sdm120.yaml", ", timeout: 2 s", &error), PB_ERR_PROTOCOL, "(status)");
    PB_CHECK_CONTAINS(error.text, "outside of the profile's range for voltage");
}

/* ---- refusals and nonsense ---- */

static void test_a_device_of_another_number_is_silence(void **state) {
    (void)state;
    struct pb_error error;
    char params[600];
    fill_meter();
    snprintf(params, sizeof params, "profile: eastron-sdm120.yaml, link: '%s', unit: 8, timeout: 60 ms", server.link);
    PB_CHECK_INT(live_open(&live, &pb_modbus_driver, params, &error), PB_ERR_TIMEOUT, "(status)");
    PB_CHECK_INT(error.vendor_code, ETIMEDOUT, "(errno)");
    PB_CHECK_INT(atomic_load(&server.shared->requests), 0, "requests for it");
}

static void test_an_exception_keeps_the_librarys_number(void **state) {
    (void)state;
    static const struct {
        int exception;
        enum pb_status status;
    } cases[] = {{MODBUS_EXCEPTION_ILLEGAL_FUNCTION, PB_ERR_UNSUPPORTED},
                 {MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS, PB_ERR_NOT_FOUND},
                 {MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE, PB_ERR_RANGE},
                 {MODBUS_EXCEPTION_SLAVE_OR_SERVER_FAILURE, PB_ERR_IO},
                 {MODBUS_EXCEPTION_SLAVE_OR_SERVER_BUSY, PB_ERR_BUSY}};
    fill_meter();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_error error;
        atomic_store(&server.shared->exception, cases[i].exception);
        modbus_server_set_mood(&server, MOOD_EXCEPTION, -1);
        PB_CHECK_INT(open_with("eastron-sdm120.yaml", ", timeout: 2 s", &error), cases[i].status, "(status)");
        PB_CHECK_INT(error.vendor_code, MODBUS_ENOBASE + cases[i].exception, "(libmodbus errno)");
        PB_CHECK_CONTAINS(error.where, "Eastron SDM120");
    }
}

static void test_a_device_that_goes_on_refusing_ends_it_after_the_tries(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", tries: 3, timeout: 2 s");
    PB_CHECK_OK(live_await(&live, "volts", 0, 5, &error), &error); /* by now both connections are accepted */
    atomic_store(&server.shared->exception, MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS);
    modbus_server_set_mood(&server, MOOD_EXCEPTION, -1);
    int connections = atomic_load(&server.shared->connections);
    PB_CHECK_INT(live_await_failure(&live, &error), PB_ERR_NOT_FOUND, "(status)");
    PB_CHECK_INT(error.vendor_code, EMBXILADD, "(libmodbus errno)");
    PB_CHECK_INT(atomic_load(&server.shared->connections), connections, "connections: the link itself is well");
    int requests = atomic_load(&server.shared->requests);
    for (int i = 0; i < 5; i++) PB_CHECK_INT(live_await_failure(&live, &error), PB_ERR_NOT_FOUND, "(status)");
    PB_CHECK_INT(atomic_load(&server.shared->requests), requests, "requests after the end");
}

static void test_nonsense_for_a_while_is_survived_without_a_wrong_number(void **state) {
    (void)state;
    static const enum modbus_mood moods[] = {MOOD_GARBAGE, MOOD_HALF,  MOOD_OTHER_NUMBER, MOOD_SILENT,
                                             MOOD_LATE,    MOOD_SHORT, MOOD_HANG_UP};
    bool is_line = server.port == 0;
    open_supply(", tries: 20, timeout: 400 ms");
    for (size_t i = 0; i < sizeof moods / sizeof *moods; i++) {
        struct pb_error error;
        if (is_line && (moods[i] == MOOD_SHORT || moods[i] == MOOD_HANG_UP)) continue;
        size_t from = live.seen_count;
        modbus_server_set_mood(&server, moods[i], 2);
        PB_CHECK_OK(live_await(&live, "volts", from, 8, &error), &error);
        PB_CHECK_OK(live_await(&live, "heat", from, 8, &error), &error);
    }
    for (size_t i = 0; i < live.seen_count; i++)
        PB_CHECK_INT(live.seen[i].value, live.seen[i].channel == live_channel(&live, "volts") ? 230100000 : 10000,
                     "uV or mdegC");
    PB_CHECK_INT(live.disorder, 0, "events out of order");
}

/* On a line answers carry no number: one to a question that was given up must not be dated by the next. */
static void test_a_late_answer_is_not_taken_for_the_next_questions(void **state) {
    (void)state;
    static const char profile[] =
        "pilotbench_instrument: 1\nname: one register\nsource: this test\ndriver: modbus\nchannels:\n"
        "  - {name: volts, role: eumd.voltage, access: read, unit: V, min: 0 V, max: 300 V, table: input, address: 20, period: 2 ms}\n";
    struct pb_error error;
    server.shared->input[20] = 100;
    PB_CHECK_OK(open_with(live_write_profile(profile), ", tries: 20, timeout: 400 ms", &error), &error);
    PB_CHECK_OK(live_await(&live, "volts", 0, 3, &error), &error);
    modbus_server_set_mood(&server, MOOD_LATE, 1);
    while (atomic_load(&server.shared->mood_left)) PB_CHECK_OK(live_drain_for(&live, pb_ms(5), &error), &error);
    PB_CHECK_OK(live_drain_for(&live, pb_ms(50), &error), &error); /* the answer is made, and held back */
    server.shared->input[20] = 200;
    int64_t changed_ns = pb_between(live.zero, pb_wall_now()).ns;
    PB_CHECK_OK(live_await(&live, "volts", live.seen_count, 5, &error), &error);
    for (size_t i = 0; i < live.seen_count; i++)
        if (live.seen[i].at.ns - live.seen[i].u_ns > changed_ns) PB_CHECK_INT(live.seen[i].value, 200000000, "uV");
    PB_CHECK_INT(live_newest(&live, "volts").value, 200000000, "uV");
}

static void check_ends(enum modbus_mood mood, enum pb_status expected) {
    struct pb_error error;
    open_supply(", tries: 3, timeout: 300 ms");
    PB_CHECK_OK(live_await(&live, "volts", 0, 3, &error), &error);
    modbus_server_set_mood(&server, mood, -1);
    enum pb_status status = live_await_failure(&live, &error);
    int requests = atomic_load(&server.shared->requests);
    PB_CHECK_TEXT(pb_status_name(status), pb_status_name(expected));
    PB_CHECK_CONTAINS(error.text, "it did not come back");
    PB_CHECK_TRUE(live_await_failure(&live, &error) != PB_OK, "poll is well again");
    PB_CHECK_INT(atomic_load(&server.shared->requests), requests, "requests after the end");
    live_close(&live);
}

static void test_nonsense_for_ever_ends_it_with_its_name(void **state) {
    (void)state;
    check_ends(MOOD_GARBAGE, PB_ERR_PROTOCOL);
}
/* The library's own time-out would begin anew at each byte. */
static void test_an_answer_a_byte_at_a_time_has_the_time_out_of_one(void **state) {
    (void)state;
    check_ends(MOOD_TRICKLE, PB_ERR_GONE);
}
static void test_silence_for_ever_is_a_device_that_is_gone(void **state) {
    (void)state;
    check_ends(MOOD_SILENT, PB_ERR_GONE);
}

/* ---- lost and found ---- */

static void test_a_server_that_is_gone_is_tried_a_bounded_number_of_times(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", tries: 4, timeout: 300 ms");
    PB_CHECK_OK(live_await(&live, "volts", 0, 3, &error), &error);
    modbus_server_kill(&server);
    PB_CHECK_INT(live_await_failure(&live, &error), PB_ERR_GONE, "(status)");
    PB_CHECK_CONTAINS(error.text, "it did not come back");
    PB_CHECK_TRUE(error.vendor_code != 0, "no vendor code");
    PB_CHECK_INT(live.driver->out->set(live.instrument, live_channel(&live, "mains"), 0, &error), PB_ERR_GONE,
                 "(status)");
}

static void test_a_server_that_comes_back_is_read_on(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", tries: 1000, timeout: 300 ms");
    PB_CHECK_OK(live_await(&live, "volts", 0, 3, &error), &error);
    modbus_server_kill(&server);
    size_t from = live.seen_count;
    modbus_server_restart(&server);
    PB_CHECK_OK(live_await(&live, "volts", from, 10, &error), &error);
    PB_CHECK_INT(live.disorder, 0, "events out of order");
}

static void test_another_device_at_the_same_place_is_refused(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", tries: 1000, timeout: 300 ms");
    PB_CHECK_OK(live_await(&live, "volts", 0, 3, &error), &error);
    modbus_server_kill(&server);
    server.shared->serial_number[1]++;
    modbus_server_restart(&server);
    PB_CHECK_INT(live_await_failure(&live, &error), PB_ERR_CHANGED, "(status)");
    PB_CHECK_CONTAINS(error.text, "found a device with identity 19088744, expected 19088743");
}

static void test_an_output_that_fell_while_the_link_was_down_ends_it(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", tries: 1000, timeout: 300 ms");
    PB_CHECK_OK(live.driver->out->set(live.instrument, live_channel(&live, "mains"), 1, &error), &error);
    modbus_server_kill(&server);
    server.shared->coils[3] = 0;
    modbus_server_restart(&server);
    PB_CHECK_INT(live_await_failure(&live, &error), PB_ERR_CHANGED, "(status)");
    PB_CHECK_CONTAINS(error.text, "output mains has 0 instead of 1");
}

static void test_completeness_waits_at_the_last_time_that_is_known(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", tries: 1000, timeout: 300 ms");
    PB_CHECK_OK(live_await(&live, "volts", 0, 3, &error), &error);
    modbus_server_kill(&server);
    /* The driver notices within its time-out: then completeness stands at the begin of the first transaction that failed. */
    PB_CHECK_OK(live_drain_for(&live, pb_ms(700), &error), &error);
    int64_t stands_ns = live.complete.ns;
    PB_CHECK_OK(live_drain_for(&live, pb_ms(20), &error), &error);
    int64_t now_ns = pb_between(live.zero, pb_wall_now()).ns;
    PB_CHECK_INT(live.complete.ns, stands_ns, "ns");
    PB_CHECK_TRUE(stands_ns < now_ns, "completeness went on without a device");
}

/* System calls that read, of this process so far; -1: the kernel does not count them. */
static long count_reads(void) {
    char line[80];
    long count = -1;
    FILE *file = fopen("/proc/self/io", "r");
    while (file && fgets(line, sizeof line, file)) (void)!sscanf(line, "syscr: %ld", &count);
    if (file) fclose(file);
    return count;
}

static void test_a_line_that_is_hung_up_ends_it_and_nobody_spins(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", tries: 3, timeout: 300 ms");
    PB_CHECK_OK(live_await(&live, "volts", 0, 3, &error), &error);
    modbus_server_kill(&server);
    long before = count_reads();
    PB_CHECK_INT(live_await_failure(&live, &error), PB_ERR_GONE, "(status)");
    PB_CHECK_BETWEEN(count_reads() - before, 0, 500, "reads until it was given up");
}

/* ---- outputs ---- */

static void test_opening_and_closing_leave_outputs_safe(void **state) {
    (void)state;
    struct pb_error error;
    server.shared->holding[40] = 160;
    server.shared->coils[3] = 1;
    open_supply(", timeout: 2 s");
    PB_CHECK_INT(server.shared->holding[40], 0, "(0.1 A)");
    PB_CHECK_INT(server.shared->coils[3], 0, "(coil)");
    PB_CHECK_OK(live.driver->out->set(live.instrument, live_channel(&live, "limit"), 16100, &error), &error);
    PB_CHECK_OK(live.driver->out->set(live.instrument, live_channel(&live, "mains"), 1, &error), &error);
    PB_CHECK_OK(live.driver->out->set(live.instrument, live_channel(&live, "wide"), 2740000, &error), &error);
    PB_CHECK_INT(server.shared->holding[40], 161, "(0.1 A)");
    PB_CHECK_INT(server.shared->coils[3], 1, "(coil)");
    PB_CHECK_INT(server.shared->holding[43], 0x452B, "(upper half of 2740.0, words swapped)");
    live_close(&live);
    PB_CHECK_INT(server.shared->holding[40], 0, "(0.1 A)");
    PB_CHECK_INT(server.shared->coils[3], 0, "(coil)");
}

static void test_a_value_that_is_refused_leaves_the_output_alone(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", timeout: 2 s");
    unsigned limit = live_channel(&live, "limit");
    PB_CHECK_OK(live.driver->out->set(live.instrument, limit, 16000, &error), &error);
    PB_CHECK_INT(live.driver->out->set(live.instrument, limit, 32001, &error), PB_ERR_RANGE, "(status)");
    PB_CHECK_INT(live.driver->out->set(live.instrument, limit, -1, &error), PB_ERR_RANGE, "(status)");
    PB_CHECK_INT(live.driver->out->set(live.instrument, limit, 16050, &error), PB_ERR_RANGE,
                 "(status: between two steps)");
    PB_CHECK_INT(live.driver->out->set(live.instrument, live_channel(&live, "volts"), 0, &error), PB_ERR_RANGE,
                 "(status: no output)");
    PB_CHECK_INT(server.shared->holding[40], 160, "(0.1 A)");
}

static void test_a_device_that_says_done_and_did_not_is_found_out(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", timeout: 2 s");
    atomic_store(&server.shared->is_stuck, true);
    PB_CHECK_INT(live.driver->out->set(live.instrument, live_channel(&live, "mains"), 1, &error), PB_ERR_CHANGED,
                 "(status)");
    PB_CHECK_CONTAINS(error.text, "output mains was told 1 and has 0");
}

static void test_a_command_that_is_not_answered_ends_in_time(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", tries: 1000, timeout: 300 ms");
    modbus_server_set_mood(&server, MOOD_SILENT, -1);
    enum pb_status status = live.driver->out->set(live.instrument, live_channel(&live, "mains"), 1, &error);
    PB_CHECK_TRUE(status == PB_ERR_TIMEOUT || status == PB_ERR_GONE, "%s", pb_status_name(status));
    PB_CHECK_INT(server.shared->coils[3], 0, "(coil)");
}

/* ---- the guardian ---- */

/* The write as the guardian does it: in another process, with a descriptor and a note. */
static enum pb_status guard_write(const char *channel, int64_t value) {
    struct pb_guard_note note;
    struct pb_error error;
    unsigned row = live_channel(&live, channel);
    PB_CHECK_OK(live.driver->guard->note(live.instrument, row, value, &note, &error), &error);
    int descriptor = live.driver->guard->descriptor(live.instrument), result;
    PB_CHECK_TRUE(descriptor > STDERR_FILENO, "descriptor %d", descriptor);
    pid_t guardian = fork();
    if (guardian == 0) _exit((int)live.driver->guard->write(descriptor, row, value, &note, 1000));
    PB_CHECK_INT(waitpid(guardian, &result, 0), guardian, "(pid)");
    PB_CHECK_TRUE(WIFEXITED(result), "the guardian died");
    return (enum pb_status)WEXITSTATUS(result);
}

static void test_the_guardian_commands_while_the_driver_reads(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", timeout: 2 s");
    PB_CHECK_OK(live.driver->out->set(live.instrument, live_channel(&live, "mains"), 1, &error), &error);
    for (int i = 0; i < 5; i++) {
        server.shared->holding[40] = 77;
        PB_CHECK_INT(guard_write("limit", 0), PB_OK, "(status)");
        PB_CHECK_INT(server.shared->holding[40], 0, "(0.1 A)");
    }
    PB_CHECK_INT(guard_write("mains", 0), PB_OK, "(status)");
    PB_CHECK_INT(server.shared->coils[3], 0, "(coil)");
    server.shared->holding[43] = 1;
    PB_CHECK_INT(guard_write("wide", 0), PB_OK, "(status)");
    PB_CHECK_INT(server.shared->holding[43], 0, "(upper half)");
    size_t from = live.seen_count;
    PB_CHECK_OK(live_await(&live, "volts", from, 5, &error), &error);
    PB_CHECK_INT(live.disorder, 0, "events out of order");
}

static void test_the_guardian_connects_again_when_its_connection_was_dropped(void **state) {
    (void)state;
    struct pb_error error;
    open_supply(", tries: 1000, timeout: 300 ms");
    PB_CHECK_OK(live.driver->out->set(live.instrument, live_channel(&live, "mains"), 1, &error), &error);
    modbus_server_kill(&server);
    modbus_server_restart(&server);
    PB_CHECK_INT(guard_write("mains", 0), PB_OK, "(status)");
    PB_CHECK_INT(server.shared->coils[3], 0, "(coil)");
}

static void test_the_guardian_tells_when_the_device_is_gone(void **state) {
    (void)state;
    open_supply(", tries: 1000, timeout: 300 ms");
    modbus_server_kill(&server);
    PB_CHECK_INT(guard_write("mains", 0), PB_ERR_GONE, "(status)");
}

/* ---- boundary ---- */

static void test_time_outs_are_rounded_up_and_never_zero(void **state) {
    (void)state;
    static const struct {
        int64_t ns;
        uint32_t s, us;
    } cases[] = {{1, 0, 1}, {1000, 0, 1}, {1001, 0, 2}, {999999999, 1, 0}, {INT64_C(1500000000), 1, 500000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint32_t s = 7, us = 7;
        PB_CHECK_INT(pb_modbus_timeout(pb_ns(cases[i].ns), &s, &us), PB_OK, "(status)");
        PB_CHECK_INT(s, cases[i].s, "s");
        PB_CHECK_INT(us, cases[i].us, "us");
    }
    uint32_t s, us;
    PB_CHECK_INT(pb_modbus_timeout(PB_SPAN_ZERO, &s, &us), PB_ERR_RANGE, "(status)");
    PB_CHECK_INT(pb_modbus_timeout(pb_ns(-1), &s, &us), PB_ERR_RANGE, "(status)");
    PB_CHECK_INT(pb_modbus_timeout(PB_SPAN_FOREVER, &s, &us), PB_ERR_RANGE, "(status)");
}

#define TCP(test) cmocka_unit_test_setup_teardown(test, start_tcp, finish)
#define LINE(test) cmocka_unit_test_setup_teardown(test, start_line, finish)
/* cmocka names a test by its function; the second run of one is over the line. */
#define BOTH(test)                                                                                                     \
    TCP(test), { #test "_over_a_line", test, start_line, finish, NULL }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(test_a_meters_registers_are_read_by_its_profile),
        TCP(test_a_reading_is_dated_within_its_transaction_and_tells_how_old_it_may_be),
        BOTH(test_readings_come_again_and_again_in_order),
        TCP(test_what_is_no_number_is_an_error_and_no_reading),
        TCP(test_a_value_outside_of_the_profiles_range_is_an_error_and_no_reading),
        LINE(test_a_device_of_another_number_is_silence),
        BOTH(test_an_exception_keeps_the_librarys_number),
        TCP(test_a_device_that_goes_on_refusing_ends_it_after_the_tries),
        BOTH(test_nonsense_for_a_while_is_survived_without_a_wrong_number),
        BOTH(test_a_late_answer_is_not_taken_for_the_next_questions),
        TCP(test_nonsense_for_ever_ends_it_with_its_name),
        BOTH(test_an_answer_a_byte_at_a_time_has_the_time_out_of_one),
        BOTH(test_silence_for_ever_is_a_device_that_is_gone),
        TCP(test_a_server_that_is_gone_is_tried_a_bounded_number_of_times),
        TCP(test_a_server_that_comes_back_is_read_on),
        TCP(test_another_device_at_the_same_place_is_refused),
        TCP(test_an_output_that_fell_while_the_link_was_down_ends_it),
        TCP(test_completeness_waits_at_the_last_time_that_is_known),
        LINE(test_a_line_that_is_hung_up_ends_it_and_nobody_spins),
        BOTH(test_opening_and_closing_leave_outputs_safe),
        TCP(test_a_value_that_is_refused_leaves_the_output_alone),
        TCP(test_a_device_that_says_done_and_did_not_is_found_out),
        TCP(test_a_command_that_is_not_answered_ends_in_time),
        BOTH(test_the_guardian_commands_while_the_driver_reads),
        TCP(test_the_guardian_connects_again_when_its_connection_was_dropped),
        TCP(test_the_guardian_tells_when_the_device_is_gone),
        cmocka_unit_test(test_time_outs_are_rounded_up_and_never_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
