/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/instruments/scpi_server.h"

#include <arpa/inet.h>
#include <fcntl.h>
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

enum { CLIENTS = 8, LATE_MS = 600, LINE = 400 };

static void must(bool is_well, const char *what) {
    if (is_well) return;
    perror(what);
    abort();
}

void scpi_server_set_mood(struct scpi_server *server, enum scpi_mood mood, int questions) {
    atomic_store(&server->shared->mood_left, questions);
    atomic_store(&server->shared->mood, (int)mood);
}

static void say(int descriptor, const char *text) { (void)!write(descriptor, text, strlen(text)); }

static enum scpi_mood take_mood(struct scpi_shared *shared) {
    int left = atomic_load(&shared->mood_left);
    if (left == 0) return SCPI_WELL;
    if (left > 0) atomic_store(&shared->mood_left, left - 1);
    return (enum scpi_mood)atomic_load(&shared->mood);
}

/* False: hang up. */
static bool tell_volts(int descriptor, struct scpi_shared *shared) {
    char text[LINE + 8], big[LINE];
    enum scpi_mood mood = take_mood(shared);
    snprintf(text, sizeof text, "%s\n", shared->volts);
    if (mood == SCPI_SILENT) return true;
    if (mood == SCPI_HANG_UP) return false;
    if (mood == SCPI_LATE) (void)poll(NULL, 0, LATE_MS);
    if (mood == SCPI_GARBLED) text[3] = 'x';
    if (mood == SCPI_HALF) text[4] = 0;
    if (mood == SCPI_EMPTY) strcpy(text, "\n");
    if (mood == SCPI_TWO_LINES) strcat(text, "+9.99000000E+00\n");
    if (mood == SCPI_OVERSIZED) {
        memset(big, '1', sizeof big - 1);
        big[sizeof big - 1] = 0;
        say(descriptor, big);
    }
    say(descriptor, text);
    return true;
}

static bool obey(int descriptor, const char *line, struct scpi_shared *shared) {
    char reply[LINE];
    int relay;
    if (strcmp(line, "*IDN?") == 0) snprintf(reply, sizeof reply, "%s\n", shared->identity);
    else if (strcmp(line, "*OPC?") == 0) strcpy(reply, "1\n");
    else if (strcmp(line, "SYST:ERR?") == 0) {
        int number = atomic_exchange(&shared->error, 0);
        snprintf(reply, sizeof reply, "%+d,\"%s\"\n", number, number ? "Data out of range" : "No error");
    } else if (strcmp(line, "MEAS:VOLT:DC?") == 0) {
        atomic_fetch_add(&shared->questions, 1);
        return tell_volts(descriptor, shared);
    } else if (sscanf(line, "ROUT:CLOS? (@1%2d)", &relay) == 1)
        snprintf(reply, sizeof reply, "%d\n", shared->relays[relay]);
    else {
        reply[0] = 0;
        bool is_taken = !atomic_load(&shared->is_stuck);
        if (sscanf(line, "ROUT:CLOS (@1%2d)", &relay) == 1 && is_taken) shared->relays[relay] = true;
        if (sscanf(line, "ROUT:OPEN (@1%2d)", &relay) == 1 && is_taken) shared->relays[relay] = false;
        if (strncmp(line, "VOLT ", 5) == 0) snprintf(shared->last_set, sizeof shared->last_set, "%s", line);
    }
    say(descriptor, reply);
    return true;
}

struct client {
    char in[LINE];
    size_t used;
};

/* False: the client is gone, or is sent away. */
static bool serve(int descriptor, struct client *client, struct scpi_shared *shared) {
    ssize_t got = read(descriptor, client->in + client->used, sizeof client->in - client->used - 1);
    if (got <= 0) return false;
    client->used += (size_t)got;
    client->in[client->used] = 0;
    for (char *end; (end = strchr(client->in, '\n'));) {
        *end = 0;
        if (!obey(descriptor, client->in, shared)) return false;
        client->used -= (size_t)(end + 1 - client->in);
        memmove(client->in, end + 1, client->used + 1);
    }
    return true;
}

static void serve_line(int master, struct scpi_shared *shared) {
    struct client client = {0};
    while (serve(master, &client, shared)) {}
    _exit(0);
}

static void serve_sockets(int listening, struct scpi_shared *shared) {
    static struct client clients[CLIENTS + 1];
    struct pollfd entries[CLIENTS + 1] = {{.fd = listening, .events = POLLIN}};
    int count = 1;
    for (;;) {
        must(poll(entries, (nfds_t)count, -1) > 0, "poll");
        for (int i = count - 1; i > 0; i--) {
            if (!entries[i].revents || serve(entries[i].fd, &clients[i], shared)) continue;
            close(entries[i].fd);
            entries[i] = entries[--count];
            clients[i] = clients[count];
        }
        if (entries[0].revents && count <= CLIENTS) {
            int fresh = accept(listening, NULL, NULL);
            if (fresh < 0) continue;
            atomic_fetch_add(&shared->connections, 1);
            clients[count].used = 0;
            entries[count++] = (struct pollfd){.fd = fresh, .events = POLLIN};
        }
    }
}

static int listen_at(int *port) {
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)*port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof at;
    int on = 1, listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(listening >= 0 && setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0, "socket");
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

static void start(struct scpi_server *server, bool is_tcp) {
    pid_t parent = getpid();
    int descriptor = is_tcp ? listen_at(&server->port) : make_pty(server->path, sizeof server->path);
    int other = is_tcp ? -1 : open(server->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    server->pid = fork();
    must(server->pid >= 0, "fork");
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGPIPE, SIG_IGN);
        if (getppid() != parent) _exit(0);
        if (is_tcp) serve_sockets(descriptor, server->shared);
        serve_line(descriptor, server->shared);
    }
    close(descriptor);
    if (other >= 0) close(other);
    if (is_tcp) snprintf(server->link, sizeof server->link, "tcp:127.0.0.1:%d", server->port);
    else snprintf(server->link, sizeof server->link, "pty:%s", server->path);
}

struct scpi_server scpi_server_start(bool is_tcp) {
    struct scpi_server server = {0};
    server.shared = mmap(NULL, sizeof *server.shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    must(server.shared != MAP_FAILED, "mmap");
    strcpy(server.shared->identity, "Keysight Technologies,34461A,MY12345678,A.02.14");
    strcpy(server.shared->volts, "+1.19876543E+01");
    start(&server, is_tcp);
    return server;
}

void scpi_server_kill(struct scpi_server *server) {
    if (server->pid <= 0) return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}
void scpi_server_restart(struct scpi_server *server) { start(server, true); }
void scpi_server_finish(struct scpi_server *server) {
    scpi_server_kill(server);
    munmap(server->shared, sizeof *server->shared);
}
