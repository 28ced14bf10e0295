/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs in the guardian: system calls only. */
#include "instruments/links/guard.h"

#include "base/wall.h"
#include "instruments/links/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

enum { REPLY_MAX = 512 };

enum pb_status pb_link_guard_open(const struct pb_link_address *address, pb_instant deadline, int *ret_descriptor,
                                  struct pb_error *error) {
    char path[108];
    if (address->kind == PB_LINK_TCP || address->kind == PB_LINK_UNIX)
        return pb_link_connect(address, deadline, ret_descriptor, error);
    snprintf(path, sizeof path, "%s", address->path);
    enum pb_status status = address->kind == PB_LINK_SERIAL ? pb_serial_path(address, path, sizeof path, error) : PB_OK;
    if (status != PB_OK) return status;
    int descriptor = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor < 0)
        return pb_fail(error, PB_ERR_IO, errno, address->text, "opening a second time, for the guardian: %s",
                       strerror(errno));
    *ret_descriptor = descriptor;
    return PB_OK;
}

enum pb_status pb_link_guard_note(const struct pb_link_address *address, const void *request, size_t request_size,
                                  const void *reply, size_t reply_size, struct pb_guard_note *ret_note,
                                  struct pb_error *error) {
    struct pb_link_command command = {.request_size = (uint16_t)request_size, .reply_size = (uint16_t)reply_size};
    if (request_size > sizeof command.request || reply_size > sizeof command.reply)
        return pb_fail(error, PB_ERR_RANGE, 0, address->text,
                       "a safe command of %zu bytes and a reply of %zu, expected at most %zu and %zu", request_size,
                       reply_size, sizeof command.request, sizeof command.reply);
    memcpy(command.request, request, request_size);
    if (reply_size) memcpy(command.reply, reply, reply_size);
    if (address->kind == PB_LINK_TCP || address->kind == PB_LINK_UNIX) {
        enum pb_status status = pb_link_socket_address(address, &command.address, &command.address_size, error);
        if (status != PB_OK) return status;
    }
    memset(ret_note, 0, sizeof *ret_note);
    memcpy(ret_note->bytes, &command, sizeof command);
    return PB_OK;
}

static bool is_ready(int descriptor, short events, pb_instant deadline) {
    for (;;) {
        struct pollfd entry = {.fd = descriptor, .events = events};
        int ready = poll(&entry, 1, pb_wall_poll_ms(deadline));
        if (ready >= 0 || errno != EINTR) return ready > 0;
    }
}

/* The new connection takes the old one's number. */
static enum pb_status connect_again(int descriptor, const struct pb_link_command *command, pb_instant deadline) {
    int fresh = socket(command->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0), number = 0;
    socklen_t size = sizeof number;
    if (fresh < 0) return PB_ERR_IO;
    if (connect(fresh, (const struct sockaddr *)&command->address, command->address_size) != 0) {
        number = errno;
        if (number == EINPROGRESS &&
            (!is_ready(fresh, POLLOUT, deadline) || getsockopt(fresh, SOL_SOCKET, SO_ERROR, &number, &size) != 0))
            number = ETIMEDOUT;
    }
    bool is_there = number == 0 && dup2(fresh, descriptor) >= 0;
    close(fresh);
    return is_there ? PB_OK : PB_ERR_GONE;
}

static enum pb_status put_all(int descriptor, const struct pb_link_command *command, pb_instant deadline) {
    for (size_t done = 0; done < command->request_size;) {
        const uint8_t *from = command->request + done;
        size_t left = command->request_size - done;
        ssize_t n = command->address_size ? send(descriptor, from, left, MSG_NOSIGNAL) : write(descriptor, from, left);
        if (n > 0) done += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR)) return PB_ERR_GONE;
        else if (!is_ready(descriptor, POLLOUT, deadline)) return PB_ERR_TIMEOUT;
    }
    return PB_OK;
}

static bool holds(const uint8_t *bytes, size_t size, const uint8_t *part, size_t part_size) {
    return memmem(bytes, size, part, part_size) != NULL;
}

static enum pb_status await_reply(int descriptor, const struct pb_link_command *command, pb_instant deadline) {
    uint8_t seen[REPLY_MAX];
    size_t used = 0;
    while (!holds(seen, used, command->reply, command->reply_size)) {
        if (used == sizeof seen) return PB_ERR_PROTOCOL;
        if (!is_ready(descriptor, POLLIN, deadline)) return PB_ERR_TIMEOUT;
        ssize_t n = read(descriptor, seen + used, sizeof seen - used);
        if (n > 0) used += (size_t)n;
        else if (n == 0 || (errno != EAGAIN && errno != EINTR)) return PB_ERR_GONE;
    }
    return PB_OK;
}

/* Answers to what the harness asked for before it died are not ours. */
static void throw_away(int descriptor, const struct pb_link_command *command) {
    uint8_t bytes[256];
    if (!command->address_size) (void)tcflush(descriptor, TCIFLUSH);
    else
        while (recv(descriptor, bytes, sizeof bytes, MSG_DONTWAIT) > 0) {}
}

static enum pb_status exchange(int descriptor, const struct pb_link_command *command, pb_instant deadline) {
    throw_away(descriptor, command);
    enum pb_status status = put_all(descriptor, command, deadline);
    return status == PB_OK && command->reply_size ? await_reply(descriptor, command, deadline) : status;
}

enum pb_status pb_link_guard_write(int descriptor, unsigned channel, int64_t value, const struct pb_guard_note *note,
                                   int wait_ms) {
    struct pb_link_command command;
    pb_instant now = pb_wall_now(), deadline = pb_after(now, pb_ms(wait_ms));
    (void)channel;
    (void)value;
    memcpy(&command, note->bytes, sizeof command);
    bool is_line = !command.address_size;
    bool is_locked = is_line && pb_line_lock(descriptor, pb_after(now, pb_ms(wait_ms / 2))) == PB_OK;
    enum pb_status status = exchange(descriptor, &command, deadline);
    if (is_locked) pb_line_unlock(descriptor);
    if (status != PB_ERR_GONE || is_line) return status;
    status = connect_again(descriptor, &command, deadline);
    return status == PB_OK ? exchange(descriptor, &command, deadline) : status;
}
