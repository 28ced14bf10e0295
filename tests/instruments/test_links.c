/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Links that need no real serial port; those are tried in tests/kernel. */
#include "base/wall.h"
#include "instruments/links/guard.h"
#include "instruments/links/ports.h"
#include "instruments/links/serial.h"
#include "tests/support/check.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct pb_line LINE = {.baud = 9600, .stop_bits = 1};
static pb_instant soon(void) { return pb_after(pb_wall_now(), pb_s(5)); }

static struct pb_link_address address_of(const char *text) {
    struct pb_link_address address;
    struct pb_error error;
    PB_CHECK_OK(pb_link_parse(text, &address, &error), &error);
    return address;
}

static void test_addresses_that_are_right_are_taken_apart(void **state) {
    (void)state;
    struct pb_link_address address = address_of("tcp:192.0.2.7:5025");
    PB_CHECK_INT(address.kind, PB_LINK_TCP, "(kind)");
    PB_CHECK_TEXT(address.host, "192.0.2.7");
    PB_CHECK_TEXT(address.port, "5025");
    address = address_of("tcp:[::1]:502");
    PB_CHECK_TEXT(address.host, "::1");
    PB_CHECK_TEXT(address_of("unix:/run/x").path, "/run/x");
    PB_CHECK_TEXT(address_of("serial:usb:0403:6001:A1").path, "usb:0403:6001:A1");
    PB_CHECK_INT(address_of("pty:/dev/pts/3").kind, PB_LINK_PTY, "(kind)");
}

static void test_addresses_that_are_wrong_are_refused(void **state) {
    (void)state;
    static const char *const wrong[] = {"",
                                        "tcp:",
                                        "tcp:1.2.3.4",
                                        "tcp:1.2.3.4:0",
                                        "tcp:1.2.3.4:65536",
                                        "tcp:1.2.3.4:5x",
                                        "tcp:host:5025",
                                        "tcp:::1:502",
                                        "tcp:[1.2.3.4]:5",
                                        "tcp:1.2.3.4: 5",
                                        "tcp:1.2.3.4:+5",
                                        "unix:",
                                        "unix:relative",
                                        "serial:ttyS0",
                                        "serial:usb:403:6001",
                                        "serial:usb:0403:6001:",
                                        "usb:0403:6001",
                                        "pty:usb:0403:6001",
                                        "/dev/ttyS0"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct pb_link_address address;
        struct pb_error error;
        PB_CHECK_TRUE(pb_link_parse(wrong[i], &address, &error) == PB_ERR_INPUT, "'%s' was taken", wrong[i]);
        PB_CHECK_CONTAINS(error.text, "expected tcp:");
    }
}

static void test_a_usb_adapter_is_known_by_its_identity(void **state) {
    (void)state;
    struct pb_usb_identity any, one;
    PB_CHECK_TRUE(pb_usb_identity_parse("usb:0403:6001", &any) && pb_usb_identity_parse("usb:0403:6001:A1B2", &one),
                  "not parsed");
    PB_CHECK_INT(one.vendor, 0x0403, "(vendor)");
    PB_CHECK_INT(one.product, 0x6001, "(product)");
    PB_CHECK_TRUE(pb_usb_identity_matches(&any, 0x0403, 0x6001, NULL), "any serial number");
    PB_CHECK_TRUE(pb_usb_identity_matches(&one, 0x0403, 0x6001, "A1B2"), "its own");
    PB_CHECK_TRUE(!pb_usb_identity_matches(&one, 0x0403, 0x6001, "A1B3"), "another's");
    PB_CHECK_TRUE(!pb_usb_identity_matches(&one, 0x0403, 0x6001, NULL), "none");
    PB_CHECK_TRUE(!pb_usb_identity_matches(&any, 0x0403, 0x6002, NULL), "another product");
}

static void test_time_outs_are_rounded_up_and_never_zero(void **state) {
    (void)state;
    unsigned ms = 7;
    PB_CHECK_INT(pb_serial_timeout(pb_ns(1), &ms), PB_OK, "(status)");
    PB_CHECK_INT(ms, 1, "ms (0 would be for ever)");
    PB_CHECK_INT(pb_serial_timeout(pb_us(1001), &ms), PB_OK, "(status)");
    PB_CHECK_INT(ms, 2, "ms");
    PB_CHECK_INT(pb_serial_timeout(PB_SPAN_ZERO, &ms), PB_ERR_RANGE, "(status)");
    PB_CHECK_INT(pb_serial_timeout(pb_ns(-5), &ms), PB_ERR_RANGE, "(status)");
    PB_CHECK_INT(pb_serial_timeout(pb_s(INT64_C(4294968)), &ms), PB_ERR_RANGE, "(status)");
    PB_CHECK_INT(ms, 2, "ms (untouched)");
}

static void test_a_port_that_is_not_there_is_told_by_name(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum pb_status status;
        const char *part;
    } cases[] = {{"serial:/dev/ttyNONE7", PB_ERR_GONE, "no such serial port"},
                 {"serial:/dev/pts/0", PB_ERR_UNSUPPORTED, "write pty:/dev/pts/0"},
                 {"serial:usb:FFFF:FFFE:NOBODY", PB_ERR_GONE, "no adapter of that identity"},
                 {"pty:/dev/pts/99999", PB_ERR_GONE, "No such file"},
                 {"unix:/nowhere/socket", PB_ERR_GONE, "connecting"},
                 {"tcp:127.0.0.1:1", PB_ERR_GONE, "refused"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_link_address address = address_of(cases[i].text);
        struct pb_link *link;
        struct pb_error error;
        PB_CHECK_TEXT(pb_status_name(pb_link_open(&address, &LINE, soon(), &link, &error)),
                      pb_status_name(cases[i].status));
        PB_CHECK_TEXT(error.where, cases[i].text);
        PB_CHECK_CONTAINS(error.text, cases[i].part);
    }
}

static int open_master(char *ret_link, size_t size) {
    char path[64];
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 &&
                ptsname_r(master, path, sizeof path) == 0);
    snprintf(ret_link, size, "pty:%s", path);
    return master;
}

static void test_bytes_go_both_ways_and_the_end_is_told_at_once(void **state) {
    (void)state;
    char text[96], got[16];
    int master = open_master(text, sizeof text);
    struct pb_link_address address = address_of(text);
    struct pb_link *link;
    struct pb_error error;
    size_t size = 0;
    PB_CHECK_OK(pb_link_open(&address, &LINE, soon(), &link, &error), &error);
    PB_CHECK_OK(pb_link_write(link, "a\nb\r\x03", 5, soon(), &error), &error);
    PB_CHECK_INT(read(master, got, sizeof got), 5, "bytes");
    PB_CHECK_TRUE(memcmp(got, "a\nb\r\x03", 5) == 0, "the line changes bytes");
    PB_CHECK_INT(write(master, "xyz", 3), 3, "bytes");
    PB_CHECK_OK(pb_link_read(link, got, sizeof got, soon(), &size, &error), &error);
    PB_CHECK_TRUE(size >= 1 && got[0] == 'x', "nothing came");
    while (pb_link_read(link, got, sizeof got, PB_INSTANT_ZERO, &size, &error) == PB_OK) {}
    PB_CHECK_INT(error.status, PB_ERR_TIMEOUT, "(status)");
    close(master);
    PB_CHECK_INT(pb_link_read(link, got, sizeof got, PB_INSTANT_NEVER, &size, &error), PB_ERR_GONE, "(status)");
    pb_link_close(link);
    pb_link_close(NULL);
}

static void test_a_line_belongs_to_one_at_a_time_and_to_nobody_who_died(void **state) {
    (void)state;
    char text[96];
    int master = open_master(text, sizeof text), first = open(text + 4, O_RDWR | O_NOCTTY),
        second = open(text + 4, O_RDWR | O_NOCTTY), result;
    PB_CHECK_INT(pb_line_lock(first, soon()), PB_OK, "(status)");
    PB_CHECK_INT(pb_line_lock(first, soon()), PB_OK, "(status: its own)");
    PB_CHECK_INT(pb_line_lock(second, PB_INSTANT_ZERO), PB_ERR_TIMEOUT, "(status)");
    pb_line_unlock(first);
    PB_CHECK_INT(pb_line_lock(second, PB_INSTANT_ZERO), PB_OK, "(status)");
    pb_line_unlock(second);
    pid_t other = fork();
    if (other == 0) {
        int own = open(text + 4, O_RDWR | O_NOCTTY);
        _exit(pb_line_lock(own, soon()) == PB_OK ? 0 : 1);
    }
    PB_CHECK_INT(waitpid(other, &result, 0), other, "(pid)");
    PB_CHECK_INT(result, 0, "(exit)");
    PB_CHECK_INT(pb_line_lock(first, PB_INSTANT_ZERO), PB_OK, "(status)");
    close(first);
    close(second);
    close(master);
}

static void test_silence_is_awaited_and_a_line_that_never_falls_silent_is_told(void **state) {
    (void)state;
    char text[96];
    int master = open_master(text, sizeof text), line = open(text + 4, O_RDWR | O_NOCTTY | O_NONBLOCK), result;
    PB_CHECK_INT(write(master, "old\n", 4), 4, "bytes");
    PB_CHECK_INT(pb_line_await_silence(line, pb_ms(5), soon()), PB_OK, "(status)");
    char got[8];
    PB_CHECK_INT(read(line, got, sizeof got), -1, "bytes that were left");
    pid_t babbler = fork();
    if (babbler == 0)
        while (write(master, "babble\n", 7) == 7) {}
    PB_CHECK_INT(pb_line_await_silence(line, pb_ms(200), pb_after(pb_wall_now(), pb_ms(20))), PB_ERR_TIMEOUT,
                 "(status)");
    kill(babbler, SIGKILL);
    PB_CHECK_INT(waitpid(babbler, &result, 0), babbler, "(pid)");
    close(master);
    PB_CHECK_INT(pb_line_await_silence(line, pb_ms(200), soon()), PB_ERR_GONE, "(status)");
    close(line);
}

static void test_a_command_that_is_too_long_for_the_guardians_note_is_refused(void **state) {
    (void)state;
    struct pb_link_address address = address_of("pty:/dev/pts/3");
    struct pb_guard_note note;
    struct pb_error error;
    char request[300] = "";
    PB_CHECK_OK(pb_link_guard_note(&address, request, 224, "1", 1, &note, &error), &error);
    PB_CHECK_INT(pb_link_guard_note(&address, request, 225, "1", 1, &note, &error), PB_ERR_RANGE, "(status)");
}

static void test_a_port_is_told_with_the_link_that_names_it(void **state) {
    (void)state;
    static const struct {
        struct pb_port port;
        const char *line, *link; /* link: as the line must end, and as pb_link_parse() must take it */
    } cases[] = {
        {{.path = "/dev/ttyS1", .description = "ttyS1"}, "/dev/ttyS1: ttyS1; ", "serial:/dev/ttyS1"},
        {{.path = "/dev/ttyS1"}, "/dev/ttyS1: no description; ", "serial:/dev/ttyS1"},
        {{"/dev/ttyUSB0", "FT232R", true, 0x403, 0x6001, "A50285BI"},
         "/dev/ttyUSB0: FT232R, USB 0403:6001, serial number A50285BI; ",
         "serial:usb:0403:6001:A50285BI"},
        {{"/dev/ttyACM3", "CDC", true, 0x2341, 0x43, NULL},
         "/dev/ttyACM3: CDC, USB 2341:0043, serial number none; ",
         "serial:usb:2341:0043"},
        {{"/dev/ttyACM3", "CDC", true, 0x2341, 0x43, "it's odd"},
         "/dev/ttyACM3: CDC, USB 2341:0043, serial number it's odd; ",
         "serial:usb:2341:0043"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[PB_PORT_LINE_BYTES], expected[PB_PORT_LINE_BYTES];
        snprintf(expected, sizeof expected, "%slink: '%s'", cases[i].line, cases[i].link);
        PB_CHECK_TEXT(pb_port_line(&cases[i].port, line), expected);
        PB_CHECK_INT(address_of(cases[i].link).kind, PB_LINK_SERIAL, "(kind)");
    }
}

struct told {
    char text[20000];
    int lines;
};
static void keep_line(void *user, const char *line) {
    struct told *told = user;
    size_t used = strlen(told->text);
    snprintf(told->text + used, sizeof told->text - used, "%s\n", line);
    told->lines++;
}

static void test_a_scan_tells_a_line_a_port_and_no_pseudo_terminal(void **state) {
    (void)state;
    struct told told = {0};
    int terminal = posix_openpt(O_RDWR | O_NOCTTY);
    PB_CHECK_TRUE(terminal >= 0 && unlockpt(terminal) == 0, "no pseudo terminal");
    int ports = pb_ports_scan(keep_line, &told);
    PB_CHECK_TRUE(ports >= -1, "%d ports", ports);
    PB_CHECK_INT(told.lines, 1 + (ports < 0 ? 1 : ports), "lines");
    PB_CHECK_TRUE(!strstr(told.text, ptsname(terminal)), "%s", told.text);
    PB_CHECK_CONTAINS(told.text, "pseudo terminals are not listed");
    close(terminal);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_addresses_that_are_right_are_taken_apart),
        cmocka_unit_test(test_addresses_that_are_wrong_are_refused),
        cmocka_unit_test(test_a_usb_adapter_is_known_by_its_identity),
        cmocka_unit_test(test_time_outs_are_rounded_up_and_never_zero),
        cmocka_unit_test(test_a_port_that_is_not_there_is_told_by_name),
        cmocka_unit_test(test_a_port_is_told_with_the_link_that_names_it),
        cmocka_unit_test(test_a_scan_tells_a_line_a_port_and_no_pseudo_terminal),
        cmocka_unit_test(test_bytes_go_both_ways_and_the_end_is_told_at_once),
        cmocka_unit_test(test_a_line_belongs_to_one_at_a_time_and_to_nobody_who_died),
        cmocka_unit_test(test_silence_is_awaited_and_a_line_that_never_falls_silent_is_told),
        cmocka_unit_test(test_a_command_that_is_too_long_for_the_guardians_note_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
