/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one door for what people ask of a run (abort, comment, answer to a prompt, status): a Unix stream socket beside the run file. Terminal and
 * dashboard are its clients. One JSON object a line, at most 4096 bytes: {"verb":"comment","text":"..."}; the answer is one line,
 * {"ok":true,"answer":"..."} or {"ok":false,"error":"..."}. Each request that the run takes becomes a row of the record.
 * Polled by the engine between turns: no thread, never blocks; a slow, flooding or silent client cannot hold up a run (at most 8 clients,
 * 16 requests a poll; a client that does not read its answers is dropped). */
#ifndef PB_HARNESS_CONTROL_H
#define PB_HARNESS_CONTROL_H

#include "base/status.h"

#include <stddef.h>

struct pb_control;

enum pb_verb { PB_VERB_ABORT, PB_VERB_COMMENT, PB_VERB_ANSWER, PB_VERB_STATUS, PB_VERB_COUNT };
const char *pb_verb_name(enum pb_verb verb);

struct pb_request {
    enum pb_verb verb;
    const char *text; /* "" for none; comment, answer */
    const char *who;  /* "pid 4711 uid 1000", from the socket's credentials */
};
/* Carries a request out. ret_answer: text for the client (JSON string value `answer`). Not PB_OK: refused, the text says why. */
typedef enum pb_status pb_control_fn(void *user, const struct pb_request *request, char *ret_answer, size_t size);

/* Listens at path (mode 0600; a stale socket that nobody listens on is replaced). Errors: PB_ERR_BUSY, PB_ERR_IO, PB_ERR_ARG (path too long). */
PB_MUST_CHECK enum pb_status pb_control_open(const char *path, struct pb_control **ret_control, struct pb_error *error);
/* Takes what has come. One accept/poll system call when nothing has. */
void pb_control_poll(struct pb_control *control, pb_control_fn *carry_out, void *user);
void pb_control_close(struct pb_control *control); /* removes the socket; NULL is fine */

/* Client: sends one request and waits for the answer (at most wait_ms). Errors: PB_ERR_NOT_FOUND (no socket), PB_ERR_GONE (the run has ended, or
 * closed the door), PB_ERR_BUSY, PB_ERR_TIMEOUT, PB_ERR_UNSUPPORTED (refused; the text is the run's), PB_ERR_PROTOCOL, PB_ERR_ARG, PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_control_ask(const char *path, enum pb_verb verb, const char *text, int wait_ms,
                                            char *ret_answer, size_t size, struct pb_error *error);

#endif
