/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The serial link on real serial ports, with libserialport as it is: runs in the virtual machine of vm.py, where /dev/ttyS1 and /dev/ttyS2 are
 * the two ends of one line. (The line is not paced: nothing here depends on the baud rate.) */
#include "base/wall.h"
#include "instruments/links/ports.h"
#include "instruments/links/serial.h"
#include "tests/support/check.h"

#include <stdio.h>

enum { ECHOES = 50 };
static const struct pb_line LINE = {.baud = 9600, .parity = PB_PARITY_NONE, .stop_bits = 1};

static pb_instant soon(void) { return pb_after(pb_wall_now(), pb_s(5)); }

static struct pb_link *open_port(const char *text, const struct pb_line *line) {
    struct pb_link_address address;
    struct pb_link *link;
    struct pb_error error;
    PB_CHECK_OK(pb_link_parse(text, &address, &error), &error);
    PB_CHECK_OK(pb_link_open(&address, line, soon(), &link, &error), &error);
    return link;
}

static void carry(struct pb_link *from, struct pb_link *to, const uint8_t *bytes, size_t size) {
    uint8_t got[256];
    struct pb_error error;
    size_t used = 0, n;
    PB_CHECK_OK(pb_link_write(from, bytes, size, soon(), &error), &error);
    for (; used < size; used += n)
        PB_CHECK_OK(pb_link_read(to, got + used, sizeof got - used, soon(), &n, &error), &error);
    PB_CHECK_INT(used, size, "bytes");
    PB_CHECK_TRUE(memcmp(got, bytes, size) == 0, "what came is not what was sent");
}

static void test_every_byte_goes_both_ways_unchanged(void **state) {
    (void)state;
    struct pb_link *a = open_port("serial:/dev/ttyS1", &LINE), *b = open_port("serial:/dev/ttyS2", &LINE);
    uint8_t bytes[256];
    for (int i = 0; i < 256; i++) bytes[i] = (uint8_t)i;
    carry(a, b, bytes, sizeof bytes);
    carry(b, a, bytes, sizeof bytes);
    pb_link_close(a);
    pb_link_close(b);
}

static void test_fifty_questions_get_fifty_answers(void **state) {
    (void)state;
    struct pb_link *a = open_port("serial:/dev/ttyS1", &LINE), *b = open_port("serial:/dev/ttyS2", &LINE);
    for (int i = 0; i < ECHOES; i++) {
        uint8_t question[8] = {1, 3, 0, 0, 0, (uint8_t)i, 13, 10};
        carry(a, b, question, sizeof question);
        carry(b, a, question, sizeof question);
    }
    pb_link_close(a);
    pb_link_close(b);
}

static void test_line_settings_of_meters_are_taken(void **state) {
    (void)state;
    static const struct pb_line lines[] = {
        {2400, PB_PARITY_EVEN, 1}, {9600, PB_PARITY_NONE, 2}, {19200, PB_PARITY_ODD, 1}, {115200, PB_PARITY_NONE, 1}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct pb_link *a = open_port("serial:/dev/ttyS1", &lines[i]), *b = open_port("serial:/dev/ttyS2", &lines[i]);
        carry(a, b, (const uint8_t *)"*IDN?\n", 6);
        pb_link_close(a);
        pb_link_close(b);
    }
}

static void test_a_silent_line_times_out_when_it_should(void **state) {
    (void)state;
    struct pb_link *link = open_port("serial:/dev/ttyS1", &LINE);
    struct pb_error error;
    char byte;
    size_t n;
    pb_instant before = pb_wall_now(), deadline = pb_after(before, pb_ms(100));
    PB_CHECK_INT(pb_link_read(link, &byte, 1, deadline, &n, &error), PB_ERR_TIMEOUT, "status");
    PB_CHECK_TRUE(!pb_is_before(pb_wall_now(), deadline), "it came back before its time");
    pb_link_close(link);
}

static void test_a_port_that_is_not_there_is_gone(void **state) {
    (void)state;
    struct pb_link_address address;
    struct pb_link *link;
    struct pb_error error;
    PB_CHECK_OK(pb_link_parse("serial:/dev/ttyUSB7", &address, &error), &error);
    PB_CHECK_INT(pb_link_open(&address, &LINE, soon(), &link, &error), PB_ERR_GONE, "status");
    PB_CHECK_OK(pb_link_parse("serial:usb:0403:6001", &address, &error), &error);
    PB_CHECK_INT(pb_link_open(&address, &LINE, soon(), &link, &error), PB_ERR_GONE, "status");
}

static void keep_line(void *user, const char *line) {
    char *text = user;
    snprintf(text + strlen(text), 2000 - strlen(text), "%s\n", line);
}

static void test_the_ports_are_listed_with_the_links_that_name_them(void **state) {
    (void)state;
    char text[2000] = "";
    PB_CHECK_TRUE(pb_ports_scan(keep_line, text) >= 2, "%s", text);
    PB_CHECK_CONTAINS(text, "link: 'serial:/dev/ttyS1'");
    PB_CHECK_CONTAINS(text, "link: 'serial:/dev/ttyS2'");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_byte_goes_both_ways_unchanged),
        cmocka_unit_test(test_fifty_questions_get_fifty_answers),
        cmocka_unit_test(test_line_settings_of_meters_are_taken),
        cmocka_unit_test(test_a_silent_line_times_out_when_it_should),
        cmocka_unit_test(test_a_port_that_is_not_there_is_gone),
        cmocka_unit_test(test_the_ports_are_listed_with_the_links_that_name_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
