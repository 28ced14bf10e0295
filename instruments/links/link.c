/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sockets and pseudo terminals are plain descriptors here; a serial port is libserialport's (serial.c). A descriptor that polls readable and then
 * reads nothing has ended: it is told at once, not polled again. */
#include "instruments/links/link.h"

#include "base/wall.h"
#include "instruments/links/serial.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <termios.h>
#include <unistd.h>

struct pb_link {
    struct pb_link_address address;
    int descriptor;
    struct pb_serial *serial; /* SERIAL; descriptor is its own */
};

/* ---- addresses ---- */

static enum pb_status refuse(const char *text, struct pb_error *error) {
    return pb_fail(
        error, PB_ERR_INPUT, 0, "",
        "found the link '%.60s', expected tcp:NUMERIC-ADDRESS:PORT, unix:PATH, pty:PATH, serial:PATH or serial:usb:VID:PID[:SERIAL]",
        text);
}

static bool copy(char *ret_text, size_t size, const char *from, size_t length) {
    if (!length || length >= size) return false;
    memcpy(ret_text, from, length);
    ret_text[length] = 0;
    return true;
}

static bool parse_tcp(const char *rest, struct pb_link_address *ret_address) {
    const char *colon = strrchr(rest, ':');
    if (!colon) return false;
    bool has_brackets = rest[0] == '[' && colon > rest && colon[-1] == ']';
    const char *host = has_brackets ? rest + 1 : rest;
    size_t length = (size_t)(colon - host) - has_brackets;
    char *end;
    long port = strtol(colon + 1, &end, 10);
    if (colon[1] < '0' || colon[1] > '9' || *end || port < 1 || port > 65535) return false;
    if (!copy(ret_address->host, sizeof ret_address->host, host, length)) return false;
    snprintf(ret_address->port, sizeof ret_address->port, "%ld", port);
    uint8_t numeric[16];
    return inet_pton(has_brackets ? AF_INET6 : AF_INET, ret_address->host, numeric) == 1;
}

enum pb_status pb_link_parse(const char *text, struct pb_link_address *ret_address, struct pb_error *error) {
    static const struct {
        const char *prefix;
        enum pb_link_kind kind;
    } kinds[] = {{"tcp:", PB_LINK_TCP}, {"unix:", PB_LINK_UNIX}, {"pty:", PB_LINK_PTY}, {"serial:", PB_LINK_SERIAL}};
    struct pb_link_address address = {0};
    if (strlen(text) >= sizeof address.text) return refuse(text, error);
    strcpy(address.text, text);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = strlen(kinds[i].prefix);
        if (strncmp(text, kinds[i].prefix, length) != 0) continue;
        const char *rest = text + length;
        struct pb_usb_identity identity;
        address.kind = kinds[i].kind;
        bool is_right =
            address.kind == PB_LINK_TCP
                ? parse_tcp(rest, &address)
                : copy(address.path, sizeof address.path, rest, strlen(rest)) &&
                      (rest[0] == '/' || (address.kind == PB_LINK_SERIAL && pb_usb_identity_parse(rest, &identity)));
        if (!is_right) break;
        *ret_address = address;
        return PB_OK;
    }
    return refuse(text, error);
}

enum pb_status pb_link_socket_address(const struct pb_link_address *address, struct sockaddr_storage *ret_address,
                                      socklen_t *ret_size, struct pb_error *error) {
    memset(ret_address, 0, sizeof *ret_address);
    if (address->kind == PB_LINK_UNIX) {
        struct sockaddr_un *to = (struct sockaddr_un *)ret_address;
        to->sun_family = AF_UNIX;
        snprintf(to->sun_path, sizeof to->sun_path, "%s", address->path);
        *ret_size = sizeof *to;
        return PB_OK;
    }
    struct addrinfo hints = {.ai_family = AF_UNSPEC,
                             .ai_socktype = SOCK_STREAM,
                             .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV},
                    *found;
    int rc = getaddrinfo(address->host, address->port, &hints, &found);
    if (rc != 0) return pb_fail(error, PB_ERR_INPUT, rc, address->text, "no numeric address: %s", gai_strerror(rc));
    memcpy(ret_address, found->ai_addr, found->ai_addrlen);
    *ret_size = found->ai_addrlen;
    freeaddrinfo(found);
    return PB_OK;
}

/* ---- opening ---- */

static enum pb_status io_failed(const struct pb_link_address *address, const char *what, int number,
                                struct pb_error *error) {
    bool is_gone = number == ECONNREFUSED || number == ECONNRESET || number == EPIPE || number == ENOENT ||
                   number == ENODEV || number == ENXIO || number == EIO || number == EHOSTUNREACH ||
                   number == ENETUNREACH;
    enum pb_status status = is_gone               ? PB_ERR_GONE
                            : number == ETIMEDOUT ? PB_ERR_TIMEOUT
                            : number == EBUSY     ? PB_ERR_BUSY
                                                  : PB_ERR_IO;
    return pb_fail(error, status, number, address->text, "%s: %s", what, strerror(number));
}

static enum pb_status await_ready(const struct pb_link_address *address, int descriptor, short events,
                                  pb_instant deadline, const char *what, struct pb_error *error) {
    for (;;) {
        struct pollfd entry = {.fd = descriptor, .events = events};
        int ready = poll(&entry, 1, pb_wall_poll_ms(deadline));
        if (ready > 0) return PB_OK;
        if (ready == 0) return pb_fail(error, PB_ERR_TIMEOUT, ETIMEDOUT, address->text, "%s: no answer in time", what);
        if (errno != EINTR) return io_failed(address, what, errno, error);
    }
}

/* A peer that died without a word is found within some 11 s. */
static void set_up_tcp(int descriptor) {
    static const struct {
        int level, name, value;
    } options[] = {{IPPROTO_TCP, TCP_NODELAY, 1},
                   {SOL_SOCKET, SO_KEEPALIVE, 1},
                   {IPPROTO_TCP, TCP_KEEPIDLE, 5},
                   {IPPROTO_TCP, TCP_KEEPINTVL, 2},
                   {IPPROTO_TCP, TCP_KEEPCNT, 3}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        (void)setsockopt(descriptor, options[i].level, options[i].name, &options[i].value, sizeof options[i].value);
}

enum pb_status pb_link_connect(const struct pb_link_address *address, pb_instant deadline, int *ret_descriptor,
                               struct pb_error *error) {
    struct sockaddr_storage to;
    socklen_t size = 0;
    enum pb_status status = pb_link_socket_address(address, &to, &size, error);
    if (status != PB_OK) return status;
    int descriptor = socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return io_failed(address, "making a socket", errno, error);
    int number = 0;
    socklen_t number_size = sizeof number;
    if (to.ss_family != AF_UNIX) set_up_tcp(descriptor);
    if (connect(descriptor, (struct sockaddr *)&to, size) != 0) number = errno;
    if (number == EINPROGRESS) {
        status = await_ready(address, descriptor, POLLOUT, deadline, "connecting", error);
        if (status == PB_OK && getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &number_size) != 0) number = errno;
    }
    if (status == PB_OK && number) status = io_failed(address, "connecting", number, error);
    if (status != PB_OK) {
        close(descriptor);
        return status;
    }
    *ret_descriptor = descriptor;
    return PB_OK;
}

/* A socket's file outlives who made it. */
static bool is_left_over(const struct pb_link_address *address) {
    struct pb_error error = {0};
    int descriptor = -1;
    if (address->kind != PB_LINK_UNIX) return false;
    if (pb_link_connect(address, pb_wall_now(), &descriptor, &error) != PB_OK) return error.vendor_code == ECONNREFUSED;
    close(descriptor);
    return false;
}

enum pb_status pb_link_listen(const struct pb_link_address *address, int *ret_descriptor, struct pb_error *error) {
    struct sockaddr_storage at;
    socklen_t size = 0;
    enum pb_status status = pb_link_socket_address(address, &at, &size, error);
    if (status != PB_OK) return status;
    int descriptor = socket(at.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (descriptor < 0) return io_failed(address, "making a socket", errno, error);
    int on = 1;
    if (at.ss_family != AF_UNIX) (void)setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (is_left_over(address)) (void)unlink(address->path);
    if (bind(descriptor, (struct sockaddr *)&at, size) == 0 && listen(descriptor, 8) == 0) {
        *ret_descriptor = descriptor;
        return PB_OK;
    }
    int number = errno;
    close(descriptor);
    if (number == EADDRINUSE)
        return pb_fail(error, PB_ERR_BUSY, number, address->text, "listening: somebody listens there already");
    return io_failed(address, "listening", number, error);
}

enum pb_status pb_link_accept(int listener, const struct pb_link_address *address, int *ret_descriptor, char *ret_peer,
                              size_t size, struct pb_error *error) {
    struct sockaddr_storage from;
    socklen_t from_size = sizeof from;
    char host[64], port[8];
    int descriptor = accept4(listener, (struct sockaddr *)&from, &from_size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (descriptor < 0 && (errno == EAGAIN || errno == EINTR || errno == ECONNABORTED))
        return pb_fail(error, PB_ERR_TIMEOUT, errno, address->text, "nobody has come");
    if (descriptor < 0) return io_failed(address, "taking who has come", errno, error);
    bool is_tcp = address->kind == PB_LINK_TCP;
    if (is_tcp) set_up_tcp(descriptor);
    if (is_tcp && getnameinfo((struct sockaddr *)&from, from_size, host, sizeof host, port, sizeof port,
                              NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(ret_peer, size, "%s:%s", host, port);
    else snprintf(ret_peer, size, "a local process");
    *ret_descriptor = descriptor;
    return PB_OK;
}

static enum pb_status open_pty(const struct pb_link_address *address, int *ret_descriptor, struct pb_error *error) {
    int descriptor = open(address->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    struct termios mode;
    if (descriptor < 0) return io_failed(address, "opening", errno, error);
    if (tcgetattr(descriptor, &mode) == 0) {
        cfmakeraw(&mode);
        if (tcsetattr(descriptor, TCSANOW, &mode) == 0 && tcflush(descriptor, TCIOFLUSH) == 0) {
            *ret_descriptor = descriptor;
            return PB_OK;
        }
    }
    int number = errno;
    close(descriptor);
    return io_failed(address, "setting the terminal to raw", number, error);
}

enum pb_status pb_link_open(const struct pb_link_address *address, const struct pb_line *line, pb_instant deadline,
                            struct pb_link **ret_link, struct pb_error *error) {
    struct pb_link *link = calloc(1, sizeof *link);
    if (!link) return pb_fail(error, PB_ERR_MEMORY, 0, address->text, "out of memory");
    link->address = *address;
    enum pb_status status;
    if (address->kind == PB_LINK_SERIAL) {
        status = pb_serial_open(address, line, &link->serial, error);
        if (status == PB_OK) link->descriptor = pb_serial_descriptor(link->serial);
    } else if (address->kind == PB_LINK_PTY) status = open_pty(address, &link->descriptor, error);
    else status = pb_link_connect(address, deadline, &link->descriptor, error);
    if (status != PB_OK) {
        free(link);
        return status;
    }
    *ret_link = link;
    return PB_OK;
}

void pb_link_close(struct pb_link *link) {
    if (!link) return;
    if (link->serial) pb_serial_close(link->serial);
    else close(link->descriptor);
    free(link);
}

int pb_link_descriptor(const struct pb_link *link) { return link->descriptor; }

/* ---- bytes ---- */

static ssize_t put(const struct pb_link *link, const void *bytes, size_t size) {
    if (link->address.kind == PB_LINK_PTY) return write(link->descriptor, bytes, size);
    return send(link->descriptor, bytes, size, MSG_NOSIGNAL);
}

enum pb_status pb_link_write(struct pb_link *link, const void *bytes, size_t size, pb_instant deadline,
                             struct pb_error *error) {
    if (link->serial) return pb_serial_write(link->serial, bytes, size, pb_between(pb_wall_now(), deadline), error);
    for (size_t done = 0; done < size;) {
        ssize_t n = put(link, (const char *)bytes + done, size - done);
        if (n > 0) {
            done += (size_t)n;
            continue;
        }
        if (n == 0)
            return pb_fail(error, PB_ERR_GONE, 0, link->address.text, "writing: the other side takes nothing any more");
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return io_failed(&link->address, "writing", errno, error);
        enum pb_status status = await_ready(&link->address, link->descriptor, POLLOUT, deadline, "writing", error);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

static enum pb_status take(struct pb_link *link, void *ret_bytes, size_t size, size_t *ret_size, bool *ret_is_early,
                           struct pb_error *error) {
    *ret_is_early = false;
    if (link->serial) {
        enum pb_status status = pb_serial_read(link->serial, ret_bytes, size, ret_size, error);
        if (status != PB_OK) return status;
    } else {
        ssize_t n = read(link->descriptor, ret_bytes, size);
        *ret_is_early = n < 0 && (errno == EAGAIN || errno == EINTR);
        if (n < 0 && !*ret_is_early) return io_failed(&link->address, "reading", errno, error);
        *ret_size = n > 0 ? (size_t)n : 0;
    }
    if (*ret_size || *ret_is_early) return PB_OK;
    return pb_fail(error, PB_ERR_GONE, 0, link->address.text, "reading: the other side has closed, or was unplugged");
}

enum pb_status pb_link_read(struct pb_link *link, void *ret_bytes, size_t size, pb_instant deadline, size_t *ret_size,
                            struct pb_error *error) {
    for (;;) {
        enum pb_status status = await_ready(&link->address, link->descriptor, POLLIN, deadline, "reading", error);
        bool is_early;
        size_t got = 0;
        if (status == PB_OK) status = take(link, ret_bytes, size, &got, &is_early, error);
        if (status != PB_OK) return status;
        if (is_early) continue;
        *ret_size = got;
        return PB_OK;
    }
}

/* ---- a line that is shared ---- */

enum pb_status pb_line_lock(int descriptor, pb_instant deadline) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    while (fcntl(descriptor, F_OFD_SETLK, &lock) != 0) {
        if (errno != EAGAIN && errno != EACCES && errno != EINTR) return PB_ERR_IO;
        if (!pb_is_before(pb_wall_now(), deadline)) return PB_ERR_TIMEOUT;
        (void)poll(NULL, 0, 1); /* a lock has no descriptor that would tell */
    }
    return PB_OK;
}

void pb_line_unlock(int descriptor) {
    struct flock lock = {.l_type = F_UNLCK, .l_whence = SEEK_SET};
    (void)fcntl(descriptor, F_OFD_SETLK, &lock);
}

enum pb_status pb_line_await_silence(int descriptor, pb_span quiet, pb_instant deadline) {
    for (;;) {
        struct pollfd entry = {.fd = descriptor, .events = POLLIN};
        char thrown_away[256];
        pb_instant end = pb_after(pb_wall_now(), quiet);
        int ready = poll(&entry, 1, pb_wall_poll_ms(end));
        if (ready == 0) return PB_OK;
        if (ready < 0 && errno == EINTR) continue;
        if (!pb_is_before(pb_wall_now(), deadline)) return PB_ERR_TIMEOUT;
        ssize_t n = read(descriptor, thrown_away, sizeof thrown_away);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return PB_ERR_GONE;
    }
}
