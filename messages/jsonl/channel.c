/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages/jsonl/channel.h"

#include "base/wall.h"
#include "instruments/links/link.h"
#include "messages/jsonl/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    PIECE = 4096,
    BUFFER = 16384
}; /* a pipe that polls writable takes a piece; a record of TLS is at most a buffer */

struct pb_channel {
    struct pb_link *link;             /* or NULL: in and out */
    const struct pb_tls_calls *calls; /* of TLS on `in`; or NULL */
    struct pb_tls *tls;
    int in, out; /* -1: none of ours */
    struct pb_line_reader reader;
    char line[PB_LINE_BYTES_MAX + 2];
    uint8_t buffer[BUFFER];
};

/* ---- plain descriptors ---- */

static enum pb_status await(int descriptor, short events, pb_instant deadline, struct pb_error *error) {
    for (;;) {
        struct pollfd entry = {.fd = descriptor, .events = events};
        int ready = poll(&entry, 1, pb_wall_poll_ms(deadline));
        if (ready > 0) return PB_OK;
        if (ready == 0) return pb_fail(error, PB_ERR_TIMEOUT, ETIMEDOUT, "channel", "no answer in time");
        if (errno != EINTR) return pb_fail(error, PB_ERR_IO, errno, "channel", "waiting: %s", strerror(errno));
    }
}

static bool is_again(int number) { return number == EAGAIN || number == EINTR; }

static enum pb_status write_all(int descriptor, const uint8_t *bytes, size_t size, pb_instant deadline,
                                struct pb_error *error) {
    while (size) {
        enum pb_status status = await(descriptor, POLLOUT, deadline, error);
        if (status != PB_OK) return status;
        ssize_t written = write(descriptor, bytes, size < PIECE ? size : PIECE);
        if (written < 0 && !is_again(errno))
            return pb_fail(error, errno == EPIPE || errno == ECONNRESET ? PB_ERR_GONE : PB_ERR_IO, errno, "channel",
                           "writing: %s", strerror(errno));
        if (written < 0) continue;
        bytes += written;
        size -= (size_t)written;
    }
    return PB_OK;
}

static enum pb_status read_some(int descriptor, void *ret_bytes, size_t size, pb_instant deadline, size_t *ret_size,
                                struct pb_error *error) {
    for (;;) {
        enum pb_status status = await(descriptor, POLLIN, deadline, error);
        if (status != PB_OK) return status;
        ssize_t got = read(descriptor, ret_bytes, size);
        if (got < 0 && is_again(errno)) continue;
        if (got < 0 && errno != ECONNRESET)
            return pb_fail(error, PB_ERR_IO, errno, "channel", "reading: %s", strerror(errno));
        if (got <= 0) return pb_fail(error, PB_ERR_GONE, 0, "channel", "the stream has ended");
        *ret_size = (size_t)got;
        return PB_OK;
    }
}

/* ---- opening ---- */

static enum pb_status shake_hands(struct pb_channel *channel, const struct pb_tls_setup *tls, pb_instant deadline,
                                  struct pb_error *error) {
    int flags = fcntl(channel->in, F_GETFL);
    if (channel->in != channel->out || flags < 0 || fcntl(channel->in, F_SETFL, flags | O_NONBLOCK) != 0)
        return pb_fail(error, PB_ERR_ARG, errno, "tls", "found no socket, expected one");
    enum pb_status status = pb_tls_load(&channel->calls, error);
    return status == PB_OK ? channel->calls->open(channel->in, tls, deadline, &channel->tls, error) : status;
}

enum pb_status pb_channel_adopt(int in, int out, const struct pb_tls_setup *tls, pb_instant deadline,
                                struct pb_channel **ret_channel, struct pb_error *error) {
    enum pb_status status = PB_OK;
    struct pb_channel *channel = calloc(1, sizeof *channel);
    if (!channel) {
        close(in);
        if (out != in) close(out);
        return pb_fail(error, PB_ERR_MEMORY, 0, "channel", "no memory");
    }
    channel->in = in;
    channel->out = out;
    if (tls) status = shake_hands(channel, tls, deadline, error);
    if (status != PB_OK) {
        pb_channel_close(channel);
        return status;
    }
    *ret_channel = channel;
    return PB_OK;
}

static enum pb_status open_tls(const char *rest, const struct pb_tls_setup *tls, pb_instant deadline,
                               struct pb_channel **ret_channel, struct pb_error *error) {
    struct pb_link_address address;
    char text[128];
    int descriptor;
    if (!tls)
        return pb_fail(error, PB_ERR_INPUT, 0, "tls", "found no set-up of TLS, expected the authorities at least");
    snprintf(text, sizeof text, "tcp:%.100s", rest);
    enum pb_status status = pb_link_parse(text, &address, error);
    if (status == PB_OK) status = pb_link_connect(&address, deadline, &descriptor, error);
    if (status != PB_OK) return status;
    return pb_channel_adopt(descriptor, descriptor, tls, deadline, ret_channel, error);
}

enum pb_status pb_channel_open(const char *address, const struct pb_line *line, const struct pb_tls_setup *tls,
                               pb_instant deadline, struct pb_channel **ret_channel, struct pb_error *error) {
    static const struct pb_line usual = {115200, PB_PARITY_NONE, 1};
    struct pb_link_address parsed;
    if (strncmp(address, "tls:", 4) == 0) return open_tls(address + 4, tls, deadline, ret_channel, error);
    if (tls)
        return pb_fail(error, PB_ERR_INPUT, 0, "tls", "found the link '%.60s', expected tls:NUMERIC-ADDRESS:PORT",
                       address);
    if (strcmp(address, "stdio") == 0)
        return pb_channel_adopt(STDIN_FILENO, STDOUT_FILENO, NULL, deadline, ret_channel, error);
    enum pb_status status = pb_link_parse(address, &parsed, error);
    if (status != PB_OK) return status;
    struct pb_channel *channel = calloc(1, sizeof *channel);
    if (!channel) return pb_fail(error, PB_ERR_MEMORY, 0, "channel", "no memory");
    channel->in = channel->out = -1;
    status = pb_link_open(&parsed, line ? line : &usual, deadline, &channel->link, error);
    if (status != PB_OK) {
        free(channel);
        return status;
    }
    *ret_channel = channel;
    return PB_OK;
}

void pb_channel_close(struct pb_channel *channel) {
    if (!channel) return;
    if (channel->calls) channel->calls->close(channel->tls);
    pb_link_close(channel->link);
    if (channel->in >= 0) close(channel->in);
    if (channel->out >= 0 && channel->out != channel->in) close(channel->out);
    free(channel);
}

char *pb_channel_describe(const struct pb_channel *channel, char *ret_text, size_t size) {
    if (channel->tls) return channel->calls->describe(channel->tls, ret_text, size);
    ret_text[0] = 0;
    return ret_text;
}

int pb_channel_descriptor(const struct pb_channel *channel) {
    return channel->link ? pb_link_descriptor(channel->link) : channel->in;
}

/* ---- messages ---- */

enum pb_status pb_channel_send_bytes(struct pb_channel *channel, const void *bytes, size_t size, pb_instant deadline,
                                     struct pb_error *error) {
    if (!size) return PB_OK;
    if (channel->tls) return channel->calls->write(channel->tls, bytes, size, deadline, error);
    if (channel->link) return pb_link_write(channel->link, bytes, size, deadline, error);
    return write_all(channel->out, bytes, size, deadline, error);
}

enum pb_status pb_channel_send(struct pb_channel *channel, const struct pb_message_value *value, pb_instant deadline,
                               struct pb_error *error) {
    size_t length = 0;
    enum pb_status status = pb_line_write(value, channel->line, sizeof channel->line, &length, error);
    return status == PB_OK ? pb_channel_send_bytes(channel, channel->line, length, deadline, error) : status;
}

enum pb_status pb_channel_receive(struct pb_channel *channel, const struct pb_line_sink *sink, pb_instant deadline,
                                  struct pb_error *error) {
    size_t size = 0;
    enum pb_status status;
    if (channel->tls) status = channel->calls->read(channel->tls, channel->buffer, BUFFER, deadline, &size, error);
    else if (channel->link) status = pb_link_read(channel->link, channel->buffer, BUFFER, deadline, &size, error);
    else status = read_some(channel->in, channel->buffer, BUFFER, deadline, &size, error);
    if (status == PB_OK) pb_lines_feed(&channel->reader, channel->buffer, size, sink);
    else if (status == PB_ERR_GONE) pb_lines_end(&channel->reader, sink);
    return status;
}
