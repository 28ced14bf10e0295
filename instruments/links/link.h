/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transports of instruments: a stream of bytes to a device over TCP, a Unix socket, a pseudo terminal or a serial line.
 * Every wait has a deadline of the wall clock. A link belongs to one thread. Nothing here tries again: who holds the link decides that. */
#ifndef PB_INSTRUMENTS_LINK_H
#define PB_INSTRUMENTS_LINK_H

#include "base/instant.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

enum pb_link_kind { PB_LINK_TCP, PB_LINK_UNIX, PB_LINK_PTY, PB_LINK_SERIAL };

/* Where a device is, as a bench file says it. */
struct pb_link_address {
    enum pb_link_kind kind;
    char host[64], port[8]; /* TCP: numbers only, because looking a name up takes as long as it likes */
    char path[108];         /* others: file; a serial port may be "usb:VID:PID" or "usb:VID:PID:SERIAL" instead */
    char text[128];         /* all of it, for messages */
};

enum pb_parity { PB_PARITY_NONE, PB_PARITY_EVEN, PB_PARITY_ODD };
/* How a serial line is set; of no use to the others. 8 data bits. */
struct pb_line {
    int baud;
    enum pb_parity parity;
    int stop_bits; /* 1 or 2 */
};

/* Reads "tcp:192.0.2.7:5025", "tcp:[::1]:502", "unix:/path", "pty:/dev/pts/3", "serial:/dev/ttyUSB0", "serial:usb:0403:6001:A1B2". PB_ERR_INPUT
 * (found ..., expected ...). */
PB_MUST_CHECK enum pb_status pb_link_parse(const char *text, struct pb_link_address *ret_address,
                                           struct pb_error *error);

struct pb_link;

/* Errors: PB_ERR_GONE (nobody there, no such port), PB_ERR_TIMEOUT, PB_ERR_BUSY, PB_ERR_UNSUPPORTED (a line setting), PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_link_open(const struct pb_link_address *address, const struct pb_line *line,
                                          pb_instant deadline, struct pb_link **ret_link, struct pb_error *error);
void pb_link_close(struct pb_link *link); /* NULL is fine */
/* For poll(2), locks and vendor libraries; stays the link's. */
int pb_link_descriptor(const struct pb_link *link);
/* All of it. PB_ERR_GONE, PB_ERR_TIMEOUT (how much was sent is not known), PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_link_write(struct pb_link *link, const void *bytes, size_t size, pb_instant deadline,
                                           struct pb_error *error);
/* At least one byte, at most size. PB_ERR_GONE at the end of the stream or when the device was unplugged, PB_ERR_TIMEOUT, PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_link_read(struct pb_link *link, void *ret_bytes, size_t size, pb_instant deadline,
                                          size_t *ret_size, struct pb_error *error);

/* TCP and UNIX: connects; the descriptor is the caller's, close-on-exec and non-blocking. */
PB_MUST_CHECK enum pb_status pb_link_connect(const struct pb_link_address *address, pb_instant deadline,
                                             int *ret_descriptor, struct pb_error *error);
/* TCP and UNIX: somewhere to be connected to; the descriptor is the caller's, close-on-exec and non-blocking, and polls readable when somebody has
 * come. A Unix socket's file that nobody listens at any more is replaced. PB_ERR_BUSY (somebody listens there), PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_link_listen(const struct pb_link_address *address, int *ret_descriptor,
                                            struct pb_error *error);
/* Who has come to a listening descriptor: a descriptor as pb_link_connect() gives, and from where ("192.0.2.9:40122", "a local process") into
 * ret_peer. PB_ERR_TIMEOUT: nobody is there (any more). */
PB_MUST_CHECK enum pb_status pb_link_accept(int listener, const struct pb_link_address *address, int *ret_descriptor,
                                            char *ret_peer, size_t size, struct pb_error *error);
/* The address that pb_link_connect() uses, for who must connect without memory of this. */
PB_MUST_CHECK enum pb_status pb_link_socket_address(const struct pb_link_address *address,
                                                    struct sockaddr_storage *ret_address, socklen_t *ret_size,
                                                    struct pb_error *error);

/* A serial line or pty that several descriptors are open on (another device of the same RS-485 bus, the guardian) is used by one at a time:
 * an open-file-description lock, so each must have opened the file itself. The kernel gives up the lock of who dies. PB_ERR_TIMEOUT.
 * Allocates nothing: the guardian calls it too. */
PB_MUST_CHECK enum pb_status pb_line_lock(int descriptor, pb_instant deadline);
void pb_line_unlock(int descriptor);
/* Throws away what comes in until nothing has come for `quiet`. PB_ERR_TIMEOUT: it never fell silent; PB_ERR_GONE. */
PB_MUST_CHECK enum pb_status pb_line_await_silence(int descriptor, pb_span quiet, pb_instant deadline);

#endif
