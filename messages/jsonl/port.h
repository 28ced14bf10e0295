/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One end of a link of messages on the wall clock, on a thread of its own: opens it or waits for who comes, frames lines, stamps them when they
 * are read, sends what waits to be sent, gets a lost link back within a bounded time, and hands all over to the engine's thread.
 *
 * Bounded on both ways: what the engine has not drained yet, and what was not sent yet, has at most 256 KiB; lines come at most at `rate` (a second's
 * worth at once). Beyond that nothing is read, so that the sender has to wait: a flood slows itself down, and its lines are dated when
 * they are taken. */
#ifndef PB_MESSAGES_PORT_H
#define PB_MESSAGES_PORT_H

#include "instruments/links/link.h"
#include "messages/jsonl/tls_setup.h"

#include <stdint.h>

struct pb_port_setup {
    const char *name; /* of the link, in messages: "tls:192.0.2.7:4712" */
    struct pb_link_address address;
    struct pb_line line;            /* serial */
    bool is_listener;               /* the other side connects (TCP, UNIX) */
    const struct pb_tls_setup *tls; /* NULL: none. TCP */
    const char *const *argv;        /* not NULL: a program to start, instead of an address; ended by NULL */
    const char *log_path;           /* of its standard error; NULL */
    pb_instant zero;                /* wall clock at bench time 0 */
    pb_span wait;                   /* so long the other side may be missing, at first and after each loss */
    pb_span retry;                  /* between two tries to connect */
    pb_span timeout;                /* of one try, of one sending */
    int64_t rate;                   /* lines a second */
};

/* What a port hands over, in order of time. Bytes live until it returns. */
struct pb_port_sink {
    void *user;
    void (*line)(void *user, pb_instant at, const char *bytes, size_t size);
    /* A line that is no message: too long, cut by the end of the stream, not decodable. */
    void (*mistake)(void *user, pb_instant at, const char *why, const char *bytes, size_t size);
    void (*note)(void *user, pb_instant at, const char *text); /* the link is up, lost */
};

struct pb_port;

/* Listens, where it is a listener; the rest is done by the thread. What the setup points to must outlive the port. PB_ERR_BUSY, PB_ERR_IO,
 * PB_ERR_INPUT, PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status pb_port_open(const struct pb_port_setup *setup, struct pb_port **ret_port,
                                          struct pb_error *error);
void pb_port_close(struct pb_port *port);           /* NULL is fine; ends a program that it has started */
int pb_port_descriptor(const struct pb_port *port); /* polls readable when there is something to drain */
bool pb_port_is_up(struct pb_port *port);
/* A message; its newline is added. PB_ERR_GONE: the link is down; PB_ERR_BUSY: too much waits to be sent already. */
PB_MUST_CHECK enum pb_status pb_port_send(struct pb_port *port, const void *bytes, size_t size, struct pb_error *error);
/* Hands over what came, up to `now`. *ret_complete: nothing dated before it will come. Fails, for good, when the link is lost for good; the reason
 * stands in the error. */
PB_MUST_CHECK enum pb_status pb_port_drain(struct pb_port *port, pb_instant now, const struct pb_port_sink *sink,
                                           pb_instant *ret_complete, struct pb_error *error);

#endif
