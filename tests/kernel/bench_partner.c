/* SPDX-License-Identifier: GPL-3.0-or-later */
/* bench_partner [--pwm-after MS] [--close-after MS] [--open-after MS] [--amps A] DEVICE PORT COMMAND...: a cordset EVSE and a vehicle's load, as the bench of bench.yaml sees them
 * through real drivers. It holds the partner's end of pb_bench_board (DEVICE) and is an SDM120 meter and an electronic load on Modbus TCP (PORT of this machine); runs
 * COMMAND once both are there, and ends with its exit status. A loop over descriptors: the board's inputs are looked at every millisecond. */
#include "base/wall.h"

#include <comedilib.h>
#include <errno.h>
#include <math.h>
#include <modbus.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

enum { AO = 1, DO = 4, DI = 5, FULL_SCALE = 65535, RANGE_UV = 15000000 };
enum { LINE_HIGH, LINE_LOW, LINE_DUTY };
enum { IN_MAINS = 1, IN_PLUG = 2, IN_S2 = 4, OUT_POLES = 3, OUT_COIL = 4 };
enum { CLIENTS_MAX = 8, INPUTS = 80, IDENTITY_AT = 64512, SERIAL_NUMBER = 20260001, LOAD = 2, HOLDINGS = 3 };

/* The pilot in volts: 12 V behind 1 kohm, a diode of 0.7 V, 2.74 kohm, and 1.3 kohm beside it with S2. */
static const double LEVEL_A = 12.0, LEVEL_B = 8.979, LEVEL_C = 5.997, LEVEL_LOW = -12.0;

struct partner {
    comedi_t *board;
    modbus_t *modbus;
    modbus_mapping_t *map;
    int listening, clients[CLIENTS_MAX];
    pb_span pwm_after, close_after, open_after;
    double amps;
    unsigned inputs;
    double volts;
    bool has_pwm, is_closed, was_asked;
    pb_instant plugged, asked, released, metered;
    double energy_wh;
};

static void fail(const char *what) {
    fprintf(stderr, "bench_partner: %s: %s\n", what, strerror(errno));
    exit(125);
}

/* ---- board ---- */

static void write_level(struct partner *partner, unsigned line, lsampl_t code) {
    if (comedi_data_write(partner->board, AO, line, 0, AREF_GROUND, code) != 1) fail("analogue output");
}
static lsampl_t code_of(double volts) {
    return (lsampl_t)lrint((volts * 1e6 + RANGE_UV) * FULL_SCALE / (2.0 * RANGE_UV));
}
static void set_high(struct partner *partner, double volts) {
    if (volts == partner->volts) return;
    partner->volts = volts;
    write_level(partner, LINE_HIGH, code_of(volts));
}
static void set_pwm(struct partner *partner, bool is_on) {
    if (is_on == partner->has_pwm) return;
    partner->has_pwm = is_on;
    double ratio = partner->amps / 60.0; /* 0.6 A a percent */
    write_level(partner, LINE_DUTY, is_on ? (lsampl_t)lrint(ratio * FULL_SCALE) : FULL_SCALE);
}
static void set_contactor(struct partner *partner, bool is_closed) {
    unsigned bits = is_closed ? OUT_POLES | OUT_COIL : 0;
    partner->is_closed = is_closed;
    if (comedi_dio_bitfield2(partner->board, DO, OUT_POLES | OUT_COIL, &bits, 0) < 0) fail("digital outputs");
}

static bool has_passed(pb_instant from, pb_span span) { return !pb_is_before(pb_wall_now(), pb_after(from, span)); }

static void look(struct partner *partner) {
    unsigned bits = 0, before = partner->inputs;
    if (comedi_dio_bitfield2(partner->board, DI, 0, &bits, 0) < 0) fail("digital inputs");
    partner->inputs = bits;
    bool is_on = bits & IN_MAINS, is_plugged = is_on && bits & IN_PLUG, is_asked = is_plugged && bits & IN_S2;
    if (is_plugged && (~before & (IN_MAINS | IN_PLUG))) partner->plugged = pb_wall_now();
    if (is_asked && (~before & (IN_MAINS | IN_PLUG | IN_S2))) partner->asked = pb_wall_now();
    if (!is_asked && partner->was_asked) partner->released = pb_wall_now();
    if (!is_asked && partner->is_closed && has_passed(partner->released, partner->open_after))
        set_contactor(partner, false);
    partner->was_asked = is_asked;
    set_high(partner, !is_on ? 0.0 : is_asked ? LEVEL_C : is_plugged ? LEVEL_B : LEVEL_A);
    set_pwm(partner, is_plugged && has_passed(partner->plugged, partner->pwm_after));
    if (is_asked && partner->has_pwm && !partner->is_closed && has_passed(partner->asked, partner->close_after))
        set_contactor(partner, true);
}

/* ---- meter and load ---- */

/* The high word first. (libmodbus 3.1.6's own function swaps bytes.) */
static void put(struct partner *partner, int address, double value) {
    float number = (float)value;
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    partner->map->tab_input_registers[address] = (uint16_t)(bits >> 16);
    partner->map->tab_input_registers[address + 1] = (uint16_t)bits;
}

static void meter(struct partner *partner) {
    pb_instant now = pb_wall_now();
    double volts = partner->inputs & IN_MAINS ? 120.0 : 0.0,
           amps = partner->is_closed ? partner->map->tab_registers[LOAD] / 100.0 : 0.0;
    partner->energy_wh += volts * amps * (double)pb_between(partner->metered, now).ns / 3.6e12;
    partner->metered = now;
    put(partner, 0, volts);
    put(partner, 6, amps);
    put(partner, 12, volts * amps);
    put(partner, 70, 60.0);
    put(partner, 72, 1234.0 + partner->energy_wh / 1000.0);
    put(partner, 74, 0.0);
}

static void start_meter(struct partner *partner, int port) {
    partner->modbus = modbus_new_tcp("127.0.0.1", port);
    partner->map = modbus_mapping_new_start_address(0, 0, 0, 0, IDENTITY_AT, HOLDINGS, 0, INPUTS);
    if (!partner->modbus || !partner->map) fail("modbus");
    modbus_set_slave(partner->modbus, 1);
    partner->map->tab_registers[0] = SERIAL_NUMBER >> 16;
    partner->map->tab_registers[1] = SERIAL_NUMBER & 0xFFFF;
    partner->listening = modbus_tcp_listen(partner->modbus, CLIENTS_MAX);
    if (partner->listening < 0) fail("listening");
    for (int i = 0; i < CLIENTS_MAX; i++) partner->clients[i] = -1;
    partner->metered = pb_wall_now();
}

static void accept_client(struct partner *partner) {
    int fd = accept4(partner->listening, NULL, NULL, SOCK_CLOEXEC), i = 0;
    while (i < CLIENTS_MAX && partner->clients[i] >= 0) i++;
    if (fd >= 0 && i < CLIENTS_MAX) partner->clients[i] = fd;
    else if (fd >= 0) close(fd);
}

static void answer(struct partner *partner, int *client) {
    uint8_t query[MODBUS_TCP_MAX_ADU_LENGTH];
    modbus_set_socket(partner->modbus, *client);
    int size = modbus_receive(partner->modbus, query);
    meter(partner);
    if (size >= 0 && modbus_reply(partner->modbus, query, size, partner->map) >= 0) return;
    close(*client);
    *client = -1;
}

/* ---- the loop ---- */

static int timer_of_1_ms(void) {
    struct itimerspec timing = {.it_interval = {.tv_nsec = 1000000}, .it_value = {.tv_nsec = 1000000}};
    int fd = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (fd < 0 || timerfd_settime(fd, 0, &timing, NULL) != 0) fail("timer");
    return fd;
}

static int childrens_ends(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) fail("signals");
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) fail("signals");
    return fd;
}

static pid_t start(char **command) {
    pid_t child = fork();
    if (child != 0) return child;
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    execvp(command[0], command);
    fail(command[0]);
    return -1;
}

static int serve(struct partner *partner, char **command) {
    int timer = timer_of_1_ms(), ends = childrens_ends(), status;
    pid_t child = start(command);
    if (child < 0) fail("fork");
    for (;;) {
        struct pollfd fds[3 + CLIENTS_MAX] = {{.fd = timer, .events = POLLIN},
                                              {.fd = ends, .events = POLLIN},
                                              {.fd = partner->listening, .events = POLLIN}};
        uint64_t expirations;
        for (int i = 0; i < CLIENTS_MAX; i++) fds[3 + i] = (struct pollfd){.fd = partner->clients[i], .events = POLLIN};
        if (poll(fds, 3 + CLIENTS_MAX, -1) < 0 && errno != EINTR) fail("poll");
        if (read(timer, &expirations, sizeof expirations) > 0) look(partner);
        if (fds[1].revents && waitpid(child, &status, WNOHANG) == child)
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        for (int i = 0; i < CLIENTS_MAX; i++)
            if (fds[3 + i].revents) answer(partner, &partner->clients[i]);
        if (fds[2].revents) accept_client(partner);
    }
}

int main(int argc, char **argv) {
    struct partner partner = {
        .pwm_after = pb_ms(500), .close_after = pb_ms(60), .open_after = pb_ms(5), .amps = 16, .volts = NAN};
    int i = 1;
    for (; i + 1 < argc && strncmp(argv[i], "--", 2) == 0; i += 2) {
        double value = strtod(argv[i + 1], NULL);
        if (strcmp(argv[i], "--pwm-after") == 0) partner.pwm_after = pb_ms((int64_t)value);
        else if (strcmp(argv[i], "--close-after") == 0) partner.close_after = pb_ms((int64_t)value);
        else if (strcmp(argv[i], "--open-after") == 0) partner.open_after = pb_ms((int64_t)value);
        else if (strcmp(argv[i], "--amps") == 0) partner.amps = value;
        else break;
    }
    if (argc - i < 3) {
        fputs(
            "usage: bench_partner [--pwm-after MS] [--close-after MS] [--open-after MS] [--amps A] DEVICE PORT COMMAND...\n",
            stderr);
        return 125;
    }
    partner.board = comedi_open(argv[i]);
    if (!partner.board || comedi_lock(partner.board, AO) < 0 || comedi_lock(partner.board, DO) < 0) fail(argv[i]);
    start_meter(&partner, atoi(argv[i + 1]));
    write_level(&partner, LINE_DUTY, FULL_SCALE);
    write_level(&partner, LINE_LOW, code_of(LEVEL_LOW));
    set_contactor(&partner, false);
    look(&partner);
    return serve(&partner, argv + i + 2);
}
