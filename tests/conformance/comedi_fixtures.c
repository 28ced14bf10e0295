/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boards of tests/kernel/vm.py: comedi_test on /dev/comedi2, whose outputs its inputs show as long as they are not streamed, and a parallel port on
 * /dev/comedi0, whose registers the kernel shows in /dev/port. A row's subdevice is locked while the driver has it: what looks on from outside, or
 * disturbs, goes by one that has no row. */
#include "tests/conformance/comedi_fixtures.h"

#include "tests/support/check.h"

#include <comedilib.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TEST_IN = 0, TEST_OUT = 1, FULL_SCALE = 65535, DATA_PORT = 0x378, STATUS_PORT = 0x379, CONTROL_PORT = 0x37A };

static void write_wiring(const char *rows, const char *more, char *ret_params, size_t size) {
    FILE *file = fopen("wiring.yaml", "w");
    PB_CHECK_TRUE(file && fprintf(file, "pilotbench_comedi: 1\n%s", rows) > 0 && fclose(file) == 0, "wiring.yaml");
    snprintf(ret_params, size, "profile: '%s/wiring.yaml', %s", getcwd((char[400]){0}, 400), more);
}

/* Behind the driver's back. */
static lsampl_t single_value(unsigned subdevice, unsigned line, const lsampl_t *write) {
    lsampl_t code = 0;
    comedi_t *board = comedi_open("/dev/comedi2");
    PB_CHECK_TRUE(board, "comedi_open");
    int done = write ? comedi_data_write(board, subdevice, line, 0, AREF_GROUND, *write)
                     : comedi_data_read(board, subdevice, line, 0, AREF_GROUND, &code);
    PB_CHECK_INT(done, 1, "values");
    comedi_close(board);
    return code;
}

/* ---- outputs ---- */

static const struct {
    const char *name;
    unsigned line;
} analogue_outs[] = {{"a", 0}, {"b", 3}, {"c", 7}};

static void start_outputs(char *ret_params, size_t size) {
    write_wiring("analogue_out:\n"
                 "  - {name: a, role: cp.source, line: 0, energises: true}\n"
                 "  - {name: b, role: heater, line: 3, from: -5 V, to: 5 V, safe: -5 V}\n"
                 "  - {name: c, role: load, line: 7, from: 0 V, to: 10 V, safe: 2.5 V}\n",
                 "device: /dev/comedi2", ret_params, size);
}

static int64_t observe_outputs(const struct pb_channel *channel) {
    size_t i = 0;
    while (strcmp(analogue_outs[i].name, channel->name) != 0) i++;
    /* The simulated input shows the output's code: volts by the output's range, the narrowest of the board's that holds the row. */
    int64_t span_uv = channel->min >= -5000000 && channel->max <= 5000000 ? 10000000 : 20000000;
    return single_value(TEST_IN, analogue_outs[i].line, NULL) * span_uv / FULL_SCALE - span_uv / 2;
}

/* ---- inputs ---- */

static void start_looks(char *ret_params, size_t size) {
    write_wiring("analogue_in:\n"
                 "  - {name: a, role: cp.sense, line: 1, change: 1 mV}\n"
                 "  - {name: b, role: pp.sense, line: 6, from: 0 V, to: 5 V}\n",
                 "device: /dev/comedi2, look: 1 ms", ret_params, size);
}

static void stir_looks(const struct pb_channel *channel, unsigned round) {
    lsampl_t code = round % 2 ? 40000 : 50000;
    (void)single_value(TEST_OUT, channel->name[0] == 'a' ? 1 : 6, &code);
}

static void start_stream(char *ret_params, size_t size) {
    write_wiring("stream_in:\n"
                 "  - {name: saw, role: cp.sense, line: 0}\n"
                 "  - {name: square, role: pp.sense, line: 1}\n"
                 "  - {name: still, role: mains.sense, line: 5, from: 0 V, to: 5 V}\n",
                 "device: /dev/comedi2, rate: 200 kHz, buffer: 2 s", ret_params, size);
}

/* ---- digital lines ---- */

static uint8_t port(int at, const uint8_t *write) {
    uint8_t byte = write ? *write : 0;
    int ports = open("/dev/port", O_RDWR | O_CLOEXEC);
    PB_CHECK_INT(write ? pwrite(ports, write, 1, at) : pread(ports, &byte, 1, at), 1, "bytes");
    close(ports);
    return byte;
}

/* QEMU's printer is busy when the strobe rises, and free again some looks after it has fallen. */
static void start_digital(char *ret_params, size_t size) {
    static const uint8_t at_rest = 0xC;
    (void)port(CONTROL_PORT, &at_rest);
    for (int looks = 0; looks < 4; looks++) (void)port(STATUS_PORT, NULL);
    write_wiring("digital_in:\n"
                 "  - {name: free, role: 'contactor.sense[0]', subdevice: 1, line: 4}\n"
                 "digital_out:\n"
                 "  - {name: init, role: a, subdevice: 2, line: 2, safe: 1}\n"
                 "  - {name: select, role: b, subdevice: 2, line: 3, safe: 1}\n"
                 "  - {name: strobe, role: mains.switch, subdevice: 2, line: 0, energises: true}\n"
                 "  - {name: feed, role: cp.load.s2, subdevice: 2, line: 1, inverted: true}\n"
                 "  - {name: d0, role: c, subdevice: 0, line: 0}\n"
                 "  - {name: d7, role: d, subdevice: 0, line: 7, inverted: true, safe: 1}\n",
                 "device: /dev/comedi0, look: 1 ms", ret_params, size);
}

static int64_t observe_digital(const struct pb_channel *channel) {
    static const struct {
        const char *name;
        int port, bit, inverted;
    } lines[] = {{"init", CONTROL_PORT, 2, 0}, {"select", CONTROL_PORT, 3, 0}, {"strobe", CONTROL_PORT, 0, 0},
                 {"feed", CONTROL_PORT, 1, 1}, {"d0", DATA_PORT, 0, 0},        {"d7", DATA_PORT, 7, 1}};
    size_t i = 0;
    while (strcmp(lines[i].name, channel->name) != 0) i++;
    return (port(lines[i].port, NULL) >> lines[i].bit & 1) ^ lines[i].inverted;
}

static void stir_digital(const struct pb_channel *channel, unsigned round) {
    (void)channel;
    uint8_t byte = (uint8_t)((port(CONTROL_PORT, NULL) & 0xE) | !(round % 2));
    (void)port(CONTROL_PORT, &byte);
}

static void finish(void) { (void)unlink("wiring.yaml"); }

#define NEEDS_BOARDS "it needs boards that it may drive: test_conformance comedi, in the machine of tests/kernel"
const struct fixture comedi_fixtures[COMEDI_FIXTURES] = {
    {.driver = "comedi",
     .what = "analogue outputs",
     .not_here = NEEDS_BOARDS,
     .start = start_outputs,
     .observe = observe_outputs,
     .within = 160, /* half a code */
     .is_seen_after_close = true,
     .finish = finish},
    {.driver = "comedi",
     .what = "analogue inputs that are looked at",
     .not_here = NEEDS_BOARDS,
     .start = start_looks,
     .stir = stir_looks,
     .finish = finish},
    {.driver = "comedi",
     .what = "analogue inputs that are streamed",
     .not_here = NEEDS_BOARDS,
     .start = start_stream,
     .finish = finish},
    {.driver = "comedi",
     .what = "digital lines",
     .not_here = NEEDS_BOARDS,
     .start = start_digital,
     .observe = observe_digital,
     .stir = stir_digital,
     .is_seen_after_close = true,
     .finish = finish},
};
