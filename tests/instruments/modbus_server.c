/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/instruments/modbus_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

enum { CLIENTS = 8, SERIAL_NUMBER = 64512, LATE_MS = 600, TRICKLE_MS = 150 };

static void must(bool is_well, const char *what) {
    if (is_well) return;
    perror(what);
    abort();
}

void modbus_server_put_float(uint16_t *table, int address, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    table[address] = (uint16_t)(bits >> 16);
    table[address + 1] = (uint16_t)bits;
}

void modbus_server_set_mood(struct modbus_server *server, enum modbus_mood mood, int requests) {
    atomic_store(&server->shared->mood_left, requests);
    atomic_store(&server->shared->mood, (int)mood);
}

/* ---- the process ---- */

static enum modbus_mood take_mood(struct modbus_shared *shared) {
    int left = atomic_load(&shared->mood_left);
    if (left == 0) return MOOD_WELL;
    if (left > 0) atomic_store(&shared->mood_left, left - 1);
    return (enum modbus_mood)atomic_load(&shared->mood);
}

static void send_raw(int descriptor, const void *bytes, size_t size) { (void)!write(descriptor, bytes, size); }

/* The library's own answer, caught on a socket pair, so that it can be bent. */
static size_t answer_of(modbus_t *context, const uint8_t *request, int size, modbus_mapping_t *mapping,
                        uint8_t *ret_answer) {
    int ends[2], own = modbus_get_socket(context);
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    modbus_set_socket(context, ends[0]);
    int sent = modbus_reply(context, request, size, mapping);
    ssize_t got = sent > 0 ? read(ends[1], ret_answer, MODBUS_TCP_MAX_ADU_LENGTH) : 0;
    modbus_set_socket(context, own);
    close(ends[0]);
    close(ends[1]);
    return got > 0 ? (size_t)got : 0;
}

/* The serial number stands far away from all else: a mapping of its own. */
static bool is_for_identity(modbus_t *context, const uint8_t *request) {
    int offset = modbus_get_header_length(context);
    return ((request[offset + 1] << 8) | request[offset + 2]) >= SERIAL_NUMBER;
}

/* False: hang up. */
static bool treat(modbus_t *context, struct modbus_shared *shared, const uint8_t *request, int size, bool is_tcp) {
    modbus_mapping_t whole = {.nb_bits = 64,
                              .nb_input_bits = 64,
                              .nb_input_registers = 512,
                              .nb_registers = 512,
                              .tab_bits = shared->coils,
                              .tab_input_bits = shared->discretes,
                              .tab_input_registers = shared->input,
                              .tab_registers = shared->holding};
    modbus_mapping_t identity = {
        .nb_registers = 2, .start_registers = SERIAL_NUMBER, .tab_registers = shared->serial_number};
    uint8_t answer[MODBUS_TCP_MAX_ADU_LENGTH + 8] = {0};
    int descriptor = modbus_get_socket(context);
    enum modbus_mood mood = take_mood(shared);
    uint8_t coils[64];
    uint16_t holding[512];
    atomic_fetch_add(&shared->requests, 1);
    if (mood == MOOD_SILENT) return true;
    if (mood == MOOD_HANG_UP) return false;
    if (mood == MOOD_EXCEPTION)
        return modbus_reply_exception(context, request, (unsigned)atomic_load(&shared->exception)) >= 0;
    modbus_mapping_t *mapping = is_for_identity(context, request) ? &identity : &whole;
    if (mood == MOOD_WELL && !atomic_load(&shared->is_stuck)) return modbus_reply(context, request, size, mapping) >= 0;
    memcpy(coils, shared->coils, sizeof coils);
    memcpy(holding, shared->holding, sizeof holding);
    size_t used = answer_of(context, request, size, mapping, answer);
    if (atomic_load(&shared->is_stuck)) {
        memcpy(shared->coils, coils, sizeof coils);
        memcpy(shared->holding, holding, sizeof holding);
    }
    if (mood == MOOD_GARBAGE)
        for (size_t i = 0; i < used; i++) answer[i] = (uint8_t)(answer[i] * 37 + 11);
    if (mood == MOOD_HALF) used /= 2;
    if (mood == MOOD_OTHER_NUMBER) answer[is_tcp ? 1 : 0] ^= 0x55;
    if (mood == MOOD_SHORT && is_tcp) answer[8] = 2, answer[5] = 5, used = 11; /* one register, well formed */
    if (mood == MOOD_LATE) (void)poll(NULL, 0, LATE_MS);
    for (size_t i = 0; mood == MOOD_TRICKLE && i < used; i++) {
        send_raw(descriptor, answer + i, 1);
        (void)poll(NULL, 0, TRICKLE_MS);
    }
    if (mood != MOOD_TRICKLE) send_raw(descriptor, answer, used);
    return true;
}

static void serve_line(int master, int unit, struct modbus_shared *shared) {
    modbus_t *context = modbus_new_rtu("/dev/null", 9600, 'N', 8, 1);
    uint8_t request[MODBUS_RTU_MAX_ADU_LENGTH];
    must(context != NULL, "modbus_new_rtu");
    modbus_set_slave(context, unit);
    modbus_set_socket(context, master);
    for (;;) {
        int size = modbus_receive(context, request);
        if (size > 0) (void)treat(context, shared, request, size, false);
        else if (size < 0 && errno == EIO) _exit(0);
    }
}

static void serve_sockets(int listening, struct modbus_shared *shared) {
    modbus_t *context = modbus_new_tcp("127.0.0.1", 1502);
    struct pollfd entries[CLIENTS + 1] = {{.fd = listening, .events = POLLIN}};
    uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
    int count = 1;
    for (;;) {
        must(poll(entries, (nfds_t)count, -1) > 0, "poll");
        for (int i = count - 1; i > 0; i--) {
            if (!entries[i].revents) continue;
            modbus_set_socket(context, entries[i].fd);
            int size = modbus_receive(context, request);
            if (size >= 0 && treat(context, shared, request, size, true)) continue;
            close(entries[i].fd);
            entries[i] = entries[--count];
        }
        if (entries[0].revents && count <= CLIENTS) {
            int fresh = accept(listening, NULL, NULL);
            if (fresh < 0) continue;
            atomic_fetch_add(&shared->connections, 1);
            entries[count++] = (struct pollfd){.fd = fresh, .events = POLLIN};
        }
    }
}

static int listen_at(int *port) {
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int on = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(listening >= 0, "socket");
    must(setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "SO_REUSEADDR");
    must(bind(listening, (struct sockaddr *)&at, size) == 0 && listen(listening, CLIENTS) == 0, "listen");
    must(getsockname(listening, (struct sockaddr *)&at, &size) == 0, "getsockname");
    *port = ntohs(at.sin_port);
    return listening;
}

static int make_pty(char *ret_path, size_t size) {
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios mode;
    must(master >= 0 && grantpt(master) == 0 && unlockpt(master) == 0 && ptsname_r(master, ret_path, size) == 0, "pty");
    must(tcgetattr(master, &mode) == 0, "tcgetattr");
    cfmakeraw(&mode);
    must(tcsetattr(master, TCSANOW, &mode) == 0, "tcsetattr");
    return master;
}

static void start(struct modbus_server *server, bool is_tcp) {
    pid_t parent = getpid();
    int descriptor = is_tcp ? listen_at(&server->port) : make_pty(server->path, sizeof server->path);
    /* Held by the child alone: the line must not hang up when the driver closes its end. */
    int other = is_tcp ? -1 : open(server->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    server->pid = fork();
    must(server->pid >= 0, "fork");
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        if (getppid() != parent) _exit(0);
        if (is_tcp) serve_sockets(descriptor, server->shared);
        serve_line(descriptor, server->unit, server->shared);
    }
    close(descriptor);
    if (other >= 0) close(other);
    if (is_tcp) snprintf(server->link, sizeof server->link, "tcp:127.0.0.1:%d", server->port);
    else snprintf(server->link, sizeof server->link, "pty:%s", server->path);
}

struct modbus_server modbus_server_start(bool is_tcp, int unit) {
    struct modbus_server server = {.unit = unit};
    server.shared = mmap(NULL, sizeof *server.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(server.shared != MAP_FAILED, "mmap");
    start(&server, is_tcp);
    return server;
}

void modbus_server_kill(struct modbus_server *server) {
    if (server->pid <= 0) return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

void modbus_server_restart(struct modbus_server *server) { start(server, true); }

void modbus_server_finish(struct modbus_server *server) {
    modbus_server_kill(server);
    munmap(server->shared, sizeof *server->shared);
}
