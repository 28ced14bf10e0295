/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The client's side: one connection, one request, one answer, within a deadline. */
#include "harness/control/control.h"

#include "base/wall.h"
#include "harness/control/request.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static enum pb_status connect_failed(const char *path, struct pb_error *error) {
    switch (errno) {
    case ENOENT: return pb_fail(error, PB_ERR_NOT_FOUND, errno, path, "no run listens here");
    case ECONNREFUSED: return pb_fail(error, PB_ERR_GONE, errno, path, "the run that listened here has ended");
    case EAGAIN: return pb_fail(error, PB_ERR_BUSY, errno, path, "the run has not taken those who asked before");
    default: return pb_fail(error, PB_ERR_IO, errno, path, "connect: %s", strerror(errno));
    }
}

static enum pb_status receive_reply(int fd, const char *path, int wait_ms, char *ret_line, size_t size,
                                    size_t *ret_length, struct pb_error *error) {
    pb_instant deadline = pb_after(pb_wall_now(), pb_ms(wait_ms));
    for (size_t used = 0; used < size;) {
        struct pollfd entry = {.fd = fd, .events = POLLIN};
        int ready = poll(&entry, 1, pb_wall_poll_ms(deadline));
        if (ready == 0) return pb_fail(error, PB_ERR_TIMEOUT, 0, path, "no answer within %d ms", wait_ms);
        ssize_t count = ready < 0 ? -1 : recv(fd, ret_line + used, size - used, MSG_DONTWAIT);
        if (count < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (count <= 0)
            return pb_fail(error, PB_ERR_GONE, count < 0 ? errno : 0, path,
                           "the run closed the door before it answered");
        char *newline = memchr(ret_line + used, '\n', (size_t)count);
        used += (size_t)count;
        *ret_length = newline ? (size_t)(newline - ret_line) : 0;
        if (newline) return PB_OK;
    }
    return pb_fail(error, PB_ERR_PROTOCOL, 0, path, "the reply is longer than %zu bytes", size);
}

enum pb_status pb_control_ask(const char *path, enum pb_verb verb, const char *text, int wait_ms, char *ret_answer,
                              size_t size, struct pb_error *error) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return pb_fail(error, PB_ERR_ARG, 0, path, "a socket's path has at most %zu bytes",
                       sizeof address.sun_path - 1);
    strcpy(address.sun_path, path);
    char request[PB_CONTROL_LINE_BYTES + 1];
    size_t request_length = pb_request_format(verb, text, request, sizeof request);
    if (request_length == 0)
        return pb_fail(error, PB_ERR_ARG, 0, path, "the text is not UTF-8, or the request exceeds %d bytes",
                       PB_CONTROL_LINE_BYTES);

    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) return pb_fail(error, PB_ERR_IO, errno, path, "socket: %s", strerror(errno));
    enum pb_status status = PB_OK;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        status = connect_failed(path, error);
    } else {
        /* A door that was closed at once may have said why: a failed send shows in the reply. */
        send(fd, request, request_length, MSG_NOSIGNAL);
        char reply[PB_CONTROL_REPLY_BYTES];
        size_t reply_length = 0;
        status = receive_reply(fd, path, wait_ms, reply, sizeof reply, &reply_length, error);
        if (status == PB_OK) status = pb_reply_parse(reply, reply_length, ret_answer, size, error);
    }
    close(fd);
    return status;
}
