/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lines of the control socket: JSON in, JSON out. Apart from the socket, so that a fuzzer reaches the parser.
 * Strict: an object of texts with the members `verb` and `text`, each at most once, no other. For control/ and its tests. */
#ifndef PB_HARNESS_CONTROL_REQUEST_H
#define PB_HARNESS_CONTROL_REQUEST_H

#include "harness/control/control.h"

#include <stdbool.h>

enum {
    PB_CONTROL_LINE_BYTES = 4096,                             /* of a request, without its newline */
    PB_CONTROL_ANSWER_BYTES = 4096,                           /* of an answer's text, with its 0 */
    PB_CONTROL_REPLY_BYTES = 6 * PB_CONTROL_ANSWER_BYTES + 64 /* of a reply: each byte may become \u00xx */
};

struct pb_parsed_request {
    enum pb_verb verb;
    char text[PB_CONTROL_LINE_BYTES + 1];
};

/* line needs no 0 at its end and is without its newline. Errors: PB_ERR_INPUT, the text fit to be sent back. */
PB_MUST_CHECK enum pb_status pb_request_parse(const char *line, size_t length, struct pb_parsed_request *ret_request,
                                              struct pb_error *error);
/* The request as a line with its newline; returns its length, 0 when it is too long or not UTF-8. */
size_t pb_request_format(enum pb_verb verb, const char *text, char *ret_line, size_t size);

/* {"ok":true,"answer":text} or {"ok":false,"error":text} with its newline; returns its length. Text that is cut within a
 * character loses it; text that is no UTF-8 at all is replaced by a sentence that says so. */
size_t pb_reply_format(bool is_ok, const char *text, char *ret_line, size_t size);
/* Text of a reply line into ret_text (cut to size). Errors: PB_ERR_PROTOCOL (no such reply), PB_ERR_UNSUPPORTED (refused;
 * the error's text is the other side's). */
PB_MUST_CHECK enum pb_status pb_reply_parse(const char *line, size_t length, char *ret_text, size_t size,
                                            struct pb_error *error);

#endif
