/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One thread, one poll. This is the board's own clock: nothing of the bench's is in here. */
#include "firmware_stub/peer/host/links.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define MS_NS INT64_C(1000000)
#define RETRY_NS (200 * MS_NS)
#define WRITE_MS 2000
#define EXIT_LINK 4

enum kind { KIND_TCP, KIND_TCP_LISTEN, KIND_UNIX, KIND_UNIX_LISTEN, KIND_PTY, KIND_STDIO, KIND_COUNT };

static const char *const prefixes[KIND_COUNT] = {"tcp:", "tcp-listen:", "unix:", "unix-listen:", "pty:", "stdio"};

struct link {
    enum kind kind;
    const char *rest;      /* of the address; NULL: the peer has no such link */
    int listener, in, out; /* -1: none */
    int64_t retry_ns;
    bool is_skipping; /* a line that is too long goes by */
    size_t used;
    char line[PEER_BYTES_MAX];
};

struct links {
    const char *name;
    struct peer peer;
    struct link links[PEER_LINKS];
    bool is_over;
};

static int64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 * MS_NS + now.tv_nsec;
}

/* ---- addresses ---- */

static enum kind kind_of(const char *address) {
    enum kind kind = KIND_TCP;
    while (kind < KIND_COUNT && strncmp(address, prefixes[kind], strlen(prefixes[kind])) != 0) kind++;
    return kind;
}

static bool parse_tcp(const char *rest, struct sockaddr_in *ret_address) {
    char host[64];
    const char *colon = strrchr(rest, ':');
    if (!colon || (size_t)(colon - rest) >= sizeof host) return false;
    snprintf(host, sizeof host, "%.*s", (int)(colon - rest), rest);
    long port = strtol(colon + 1, NULL, 10);
    *ret_address = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    return port > 0 && port < 65536 && inet_pton(AF_INET, host, &ret_address->sin_addr) == 1;
}

const char *peer_links_check(const char *address) {
    struct sockaddr_in tcp;
    enum kind kind = kind_of(address);
    if (kind == KIND_COUNT) return "expected tcp:, tcp-listen:, unix:, unix-listen:, pty: or stdio";
    const char *rest = address + strlen(prefixes[kind]);
    if ((kind == KIND_TCP || kind == KIND_TCP_LISTEN) && !parse_tcp(rest, &tcp))
        return "expected ADDRESS:PORT in numbers";
    if (kind == KIND_STDIO ? *rest : !*rest) return "expected stdio alone, or a path";
    return NULL;
}

/* ---- opening ---- */

static int open_socket(const struct link *link, bool is_listener) {
    struct sockaddr_un local = {.sun_family = AF_UNIX};
    struct sockaddr_in tcp;
    bool is_tcp = link->kind == KIND_TCP || link->kind == KIND_TCP_LISTEN;
    int on = 1;
    if (is_tcp && !parse_tcp(link->rest, &tcp)) return -1;
    if (!is_tcp) snprintf(local.sun_path, sizeof local.sun_path, "%s", link->rest);
    const struct sockaddr *address = is_tcp ? (const struct sockaddr *)&tcp : (const struct sockaddr *)&local;
    socklen_t size = is_tcp ? sizeof tcp : sizeof local;
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return -1;
    if (is_listener && is_tcp) (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (is_listener && !is_tcp) (void)unlink(link->rest);
    if (is_listener ? bind(fd, address, size) == 0 && listen(fd, 1) == 0 : connect(fd, address, size) == 0) return fd;
    close(fd);
    return -1;
}

static int open_pty(const char *path) {
    struct termios mode;
    int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return -1;
    if (tcgetattr(fd, &mode) == 0) {
        cfmakeraw(&mode);
        (void)tcsetattr(fd, TCSANOW, &mode);
    }
    return fd;
}

static void open_link(struct link *link, int64_t now) {
    if (!link->rest || link->in >= 0 || link->listener >= 0 || now < link->retry_ns) return;
    link->retry_ns = now + RETRY_NS;
    switch (link->kind) {
    case KIND_TCP:
    case KIND_UNIX: link->in = link->out = open_socket(link, false); break;
    case KIND_TCP_LISTEN:
    case KIND_UNIX_LISTEN: link->listener = open_socket(link, true); break;
    case KIND_PTY: link->in = link->out = open_pty(link->rest); break;
    case KIND_STDIO: link->in = STDIN_FILENO, link->out = STDOUT_FILENO; break;
    case KIND_COUNT: break;
    }
}

static void lose(struct links *links, struct link *link) {
    if (link->kind == KIND_STDIO) links->is_over = true;
    else close(link->in);
    link->in = link->out = -1;
    link->used = 0;
    link->is_skipping = false;
    link->retry_ns = now_ns() + RETRY_NS;
}

/* ---- lines ---- */

static void on_say(void *host, uint8_t number, const char *bytes, size_t size) {
    static char line[PEER_BYTES_MAX + 1];
    struct links *links = host;
    struct link *link = &links->links[number];
    memcpy(line, bytes, size);
    line[size] = '\n';
    for (size_t done = 0; link->out >= 0 && done < size + 1;) {
        struct pollfd entry = {.fd = link->out, .events = POLLOUT};
        ssize_t n = poll(&entry, 1, WRITE_MS) > 0 ? write(link->out, line + done, size + 1 - done) : -1;
        if (n > 0) done += (size_t)n;
        else if (n == 0 || errno != EINTR) lose(links, link);
    }
}

static void take(struct links *links, size_t number, const char *bytes, size_t size) {
    struct link *link = &links->links[number];
    for (size_t i = 0; i < size; i++) {
        if (bytes[i] != '\n') {
            if (link->used == sizeof link->line) link->is_skipping = true;
            else link->line[link->used++] = bytes[i];
            continue;
        }
        if (link->used && !link->is_skipping)
            peer_hear(&links->peer, now_ns(), (uint8_t)number, link->line, link->used);
        link->used = 0;
        link->is_skipping = false;
    }
}

static void hear(struct links *links, size_t number) {
    struct link *link = &links->links[number];
    char bytes[4096];
    ssize_t n = read(link->in, bytes, sizeof bytes);
    if (n > 0) take(links, number, bytes, (size_t)n);
    else if (n == 0 || errno != EINTR) lose(links, link);
}

/* ---- turns ---- */

static int until_ms(int64_t then_ns) {
    int64_t left_ms = (then_ns - now_ns() + MS_NS - 1) / MS_NS;
    return left_ms < 0 ? 0 : left_ms > 200 ? 200 : (int)left_ms;
}

static void turn(struct links *links) {
    struct pollfd entries[PEER_LINKS];
    for (size_t i = 0; i < PEER_LINKS; i++) {
        struct link *link = &links->links[i];
        open_link(link, now_ns());
        entries[i] = (struct pollfd){.fd = link->in >= 0 ? link->in : link->listener, .events = POLLIN};
    }
    int64_t next_ns = peer_next_ns(&links->peer);
    int ready = poll(entries, PEER_LINKS, next_ns == INT64_MAX ? 200 : until_ms(next_ns));
    for (size_t i = 0; ready > 0 && i < PEER_LINKS; i++) {
        struct link *link = &links->links[i];
        if (!entries[i].revents) continue;
        if (link->in >= 0) hear(links, i);
        else link->in = link->out = accept4(link->listener, NULL, NULL, SOCK_CLOEXEC);
    }
    for (int64_t now = now_ns(); !links->is_over && peer_next_ns(&links->peer) <= now;) peer_run(&links->peer, now);
}

int peer_links_serve(const char *name, const struct peer_kind *kind, const struct peer_setup *setup, uint64_t seed,
                     const char *const addresses[PEER_LINKS]) {
    static struct links links;
    const struct peer_hal hal = {&links, on_say};
    links.name = name;
    for (size_t i = 0; i < PEER_LINKS; i++) {
        struct link *link = &links.links[i];
        link->listener = link->in = link->out = -1;
        if (!addresses[i]) continue;
        link->kind = kind_of(addresses[i]);
        link->rest = addresses[i] + strlen(prefixes[link->kind]);
    }
    peer_init(&links.peer, kind, setup, &hal, seed, now_ns());
    for (size_t i = 0; i < PEER_LINKS; i++) { /* what it is to be found at must be free */
        struct link *link = &links.links[i];
        open_link(link, now_ns());
        bool is_listener = link->rest && (link->kind == KIND_TCP_LISTEN || link->kind == KIND_UNIX_LISTEN);
        if (!is_listener || link->listener >= 0) continue;
        fprintf(stderr, "%s: %s%s: %s\n", name, prefixes[link->kind], link->rest, strerror(errno));
        return EXIT_LINK;
    }
    while (!links.is_over) turn(&links);
    peer_finish(&links.peer);
    return 0;
}
