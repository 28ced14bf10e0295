/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "messages/jsonl/lines.h"

#include <inttypes.h>
#include <string.h>

static void mistake(struct pb_line_reader *reader, const struct pb_error *error, const struct pb_line_sink *sink) {
    struct pb_error placed = *error;
    snprintf(placed.where, sizeof placed.where, "line %" PRIu64 ": %.120s", reader->line + 1, error->where);
    sink->on_mistake(sink->user, &placed, reader->bytes, reader->used);
}

static void take_line(struct pb_line_reader *reader, const struct pb_line_sink *sink) {
    struct pb_error error;
    if (reader->used && reader->bytes[reader->used - 1] == '\r') reader->used--;
    if (!reader->used) return;
    if (pb_message_decode(reader->bytes, reader->used, &reader->value, &error) == PB_OK)
        sink->on_message(sink->user, &reader->value, reader->bytes, reader->used);
    else mistake(reader, &error, sink);
}

/* Keeps what fits; what does not is told once, and skipped. */
static void keep(struct pb_line_reader *reader, const char *bytes, size_t size, const struct pb_line_sink *sink) {
    struct pb_error error;
    if (reader->is_skipping || !size) return;
    size_t room = sizeof reader->bytes - reader->used, kept = size < room ? size : room;
    memcpy(reader->bytes + reader->used, bytes, kept);
    reader->used += kept;
    if (size <= room) return;
    pb_fail(&error, PB_ERR_INPUT, 0, "byte 65537", "found a line of more than %d bytes, expected a newline",
            PB_LINE_BYTES_MAX);
    mistake(reader, &error, sink);
    reader->is_skipping = true;
}

void pb_lines_feed(struct pb_line_reader *reader, const void *bytes, size_t size, const struct pb_line_sink *sink) {
    const char *at = bytes;
    while (size) {
        const char *end = memchr(at, '\n', size);
        size_t length = end ? (size_t)(end - at) : size;
        keep(reader, at, length, sink);
        if (!end) return;
        if (!reader->is_skipping) take_line(reader, sink);
        reader->is_skipping = false;
        reader->used = 0;
        reader->line++;
        at += length + 1;
        size -= length + 1;
    }
}

void pb_lines_end(struct pb_line_reader *reader, const struct pb_line_sink *sink) {
    struct pb_error error;
    if (reader->used && !reader->is_skipping) {
        pb_fail(&error, PB_ERR_INPUT, 0, "its end",
                "found the end of the stream after %zu bytes of a line, expected a newline", reader->used);
        mistake(reader, &error, sink);
    }
    reader->used = 0;
    reader->is_skipping = false;
}

enum pb_status pb_line_write(const struct pb_message_value *value, char *ret_text, size_t size, size_t *ret_length,
                             struct pb_error *error) {
    size_t length = 0;
    enum pb_status status = pb_message_encode(value, ret_text, size ? size - 1 : 0, &length, error);
    if (status != PB_OK) return status;
    ret_text[length] = '\n';
    ret_text[length + 1] = 0;
    *ret_length = length + 1;
    return PB_OK;
}
