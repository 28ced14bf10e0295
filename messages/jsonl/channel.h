/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A link that carries lines of messages: TCP, TCP with TLS, Unix sockets, pseudo terminals, serial lines (instruments/links), or two descriptors
 * (stdio, an accepted socket). For the wall clock; every wait has a deadline. Belongs to one thread. The program ignores SIGPIPE. */
#ifndef PB_MESSAGES_CHANNEL_H
#define PB_MESSAGES_CHANNEL_H

#include "base/instant.h"
#include "instruments/links/link.h"
#include "messages/jsonl/lines.h"
#include "messages/jsonl/tls_setup.h"

struct pb_channel;

/* "tcp:192.0.2.7:5000", "tls:192.0.2.7:5000", "unix:/path", "pty:/dev/pts/3", "serial:/dev/ttyUSB0" (set as line says; NULL: 115200 baud, 8N1),
 * "stdio" (descriptors 0 and 1). tls: only for "tls:", there required. Errors: PB_ERR_INPUT (the address, a file of TLS), PB_ERR_GONE, PB_ERR_TIMEOUT, PB_ERR_PROTOCOL
 * (TLS is refused by one of the two), PB_ERR_BUSY, PB_ERR_IO, PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status pb_channel_open(const char *address, const struct pb_line *line,
                                             const struct pb_tls_setup *tls, pb_instant deadline,
                                             struct pb_channel **ret_channel, struct pb_error *error);
/* Over descriptors that are open: `in` and `out` may be the same. They become the channel's, on failure too. tls: NULL for none; else both are
 * one socket, which is made non-blocking. */
PB_MUST_CHECK enum pb_status pb_channel_adopt(int in, int out, const struct pb_tls_setup *tls, pb_instant deadline,
                                              struct pb_channel **ret_channel, struct pb_error *error);
void pb_channel_close(struct pb_channel *channel); /* NULL is fine */
/* "TLSv1.3, TLS_AES_256_GCM_SHA384, CN = gateway", for the record; "" without TLS. Returns ret_text. */
char *pb_channel_describe(const struct pb_channel *channel, char *ret_text, size_t size);
/* For poll(2): readable when there may be something to receive. */
int pb_channel_descriptor(const struct pb_channel *channel);
/* One message. PB_ERR_INPUT, PB_ERR_RANGE (it cannot be encoded); PB_ERR_GONE, PB_ERR_TIMEOUT (how much was sent is not known), PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_channel_send(struct pb_channel *channel, const struct pb_message_value *value,
                                             pb_instant deadline, struct pb_error *error);
/* Bytes as they are, for injection of what no encoder writes; the newline too is the caller's. */
PB_MUST_CHECK enum pb_status pb_channel_send_bytes(struct pb_channel *channel, const void *bytes, size_t size,
                                                   pb_instant deadline, struct pb_error *error);
/* Reads once, and gives what is whole to the sink: none or more messages and mistakes. PB_ERR_TIMEOUT: nothing came; PB_ERR_GONE: the stream
 * has ended (a line without its end is told before). */
PB_MUST_CHECK enum pb_status pb_channel_receive(struct pb_channel *channel, const struct pb_line_sink *sink,
                                                pb_instant deadline, struct pb_error *error);

#endif
