/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines from any peer: what is taken must come back the same when it is written and read again; what is refused has a place and a text. */
#include "messages/jsonl/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct pb_message_value again;
static char line[4 * PB_LINE_BYTES_MAX];

static void on_message(void *user, const struct pb_message_value *value, const char *bytes, size_t size) {
    struct pb_error error;
    size_t length;
    (void)user, (void)bytes;
    if (size > PB_LINE_BYTES_MAX) abort();
    if (pb_line_write(value, line, sizeof line, &length, &error) != PB_OK || length > PB_LINE_BYTES_MAX) abort();
    if (pb_message_decode(line, length, &again, &error) != PB_OK || !pb_message_is_equal(value, &again)) abort();
}
static void on_mistake(void *user, const struct pb_error *error, const char *bytes, size_t size) {
    (void)user, (void)bytes;
    if (error->status != PB_ERR_INPUT || strncmp(error->where, "line ", 5) != 0 || !strstr(error->text, "found") ||
        !strstr(error->text, "expected") || size > PB_LINE_BYTES_MAX)
        abort();
}

/* The first byte says in which pieces the rest comes. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct pb_line_sink sink = {on_message, on_mistake, NULL};
    static struct pb_line_reader reader;
    reader.line = reader.used = 0;
    reader.is_skipping = false;
    if (!size) return 0;
    size_t piece = data[0] ? data[0] : size;
    for (size_t at = 1; at < size; at += piece)
        pb_lines_feed(&reader, data + at, piece < size - at ? piece : size - at, &sink);
    pb_lines_end(&reader, &sink);
    return 0;
}
