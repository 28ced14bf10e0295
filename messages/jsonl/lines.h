/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages as lines: newline-delimited JSON, one envelope (messages/codec.h) a line, over any stream of bytes. Push bytes in as they come, take
 * messages and mistakes out; after a mistake it goes on at the next newline. Bounded: a line has at most PB_LINE_BYTES_MAX bytes without its
 * newline; of a longer one there is one mistake. Empty lines mean nothing; "\r\n" ends a line too. */
#ifndef PB_MESSAGES_LINES_H
#define PB_MESSAGES_LINES_H

#include "messages/codec.h"

enum { PB_LINE_BYTES_MAX = PB_MESSAGE_BYTES_MAX };

/* What comes out. Either may not be NULL. value and bytes live until it returns. */
struct pb_line_sink {
    /* bytes: the line as it came, for the record. */
    void (*on_message)(void *user, const struct pb_message_value *value, const char *bytes, size_t size);
    /* error->where begins with "line N: "; bytes are those of the line that were kept. */
    void (*on_mistake)(void *user, const struct pb_error *error, const char *bytes, size_t size);
    void *user;
};

/* Plain data; zero it to begin. */
struct pb_line_reader {
    uint64_t line; /* newlines so far */
    size_t used;
    bool is_skipping; /* the line was too long: the rest of it goes by */
    struct pb_message_value value;
    char bytes[PB_LINE_BYTES_MAX];
};

void pb_lines_feed(struct pb_line_reader *reader, const void *bytes, size_t size, const struct pb_line_sink *sink);
/* The stream has ended: a line without its newline is a mistake. */
void pb_lines_end(struct pb_line_reader *reader, const struct pb_line_sink *sink);

/* One message as a line, with its newline and ended by 0. Errors as pb_message_encode(). */
PB_MUST_CHECK enum pb_status pb_line_write(const struct pb_message_value *value, char *ret_text, size_t size,
                                           size_t *ret_length, struct pb_error *error);

#endif
