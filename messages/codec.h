/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One message as JSON and in memory. JSON is one object, the envelope:
 *   {"at_ns":..., "fields":{...}, "from":"pev", "id":7, "to":"utility", "type":"energy_request", "v":1}
 * v: version of this form. id: counts up by one for each message of a sender on a link, from any number; a repeated one is a replay, a hole a loss. at_ns
 * (optional): bench clock when it was sent, as the sender has it. Nothing else may stand in it. Numbers are integers (JSON's real numbers are
 * refused), in the step that docs/messages.md and docs/messages.schema.json give for the field. Times of a message are on no clock of ours. */
#ifndef PB_MESSAGES_CODEC_H
#define PB_MESSAGES_CODEC_H

#include "base/instant.h"
#include "messages/catalogue.h"

enum {
    PB_MESSAGE_VERSION = 1,
    PB_MESSAGE_BYTES_MAX = 65536, /* of JSON, as the wire's messages and a line of jsonl */
    PB_MESSAGE_TEXT_MAX = 1024    /* bytes of all texts of one message in memory, with their ends */
};

/* A field's value: number for all but texts (see enum pb_field_type: quantities in steps of the unit, choices as index). A text is `length`
 * bytes at `start` of texts, ended by 0; a list is `length` items, whose members are cells from `start` on, member_count to an item. */
struct pb_field_value {
    int64_t number;
    uint16_t start, length;
    bool is_present;
};

struct pb_message_value {
    const struct pb_message_row *row;
    enum pb_party from, to;
    int64_t id;
    bool has_sent;
    pb_instant sent;                                     /* where has_sent */
    struct pb_field_value fields[PB_MESSAGE_FIELDS_MAX]; /* as in the row */
    struct pb_field_value cells[PB_LIST_ITEMS_MAX * PB_LIST_MEMBERS_MAX];
    char texts[PB_MESSAGE_TEXT_MAX];
    uint16_t cell_count, text_bytes;
};

/* An empty message; row may not be one of the pilot's. */
void pb_message_begin(struct pb_message_value *ret_value, const struct pb_message_row *row, enum pb_party from,
                      enum pb_party to, int64_t id);
/* Setters check the field's row: PB_ERR_NOT_FOUND (no such field), PB_ERR_INPUT (another type), PB_ERR_RANGE (error says what is expected).
 * "list.member" is a member of the list's last item. Numbers are as in memory (steps of the unit), rounded to the wire's step, half away from 0. */
PB_MUST_CHECK enum pb_status pb_message_set_number(struct pb_message_value *value, const char *field, int64_t number,
                                                   struct pb_error *error);
PB_MUST_CHECK enum pb_status pb_message_set_text(struct pb_message_value *value, const char *field, const char *text,
                                                 struct pb_error *error);
/* Appends an item, with nothing set, to a list; lists are filled one after the other. */
PB_MUST_CHECK enum pb_status pb_message_add_item(struct pb_message_value *value, const char *list,
                                                 struct pb_error *error);
/* Value of a field; NULL if the row has none or it is not present. */
const struct pb_field_value *pb_message_field(const struct pb_message_value *value, const char *field);
/* A text field's text; NULL if it is not there. */
const char *pb_message_text(const struct pb_message_value *value, const char *field);

/* Reads one JSON object of at most PB_MESSAGE_BYTES_MAX bytes. PB_ERR_INPUT with one mistake: where is the place ("fields.rate", "byte 17"),
 * text "found ..., expected ...": not JSON, a member twice, unknown or missing, wrong type, out of range, an unknown message or version, a
 * sender or receiver that the message does not have. Untouched on failure. */
PB_MUST_CHECK enum pb_status pb_message_decode(const char *bytes, size_t size, struct pb_message_value *ret_value,
                                               struct pb_error *error);
/* Canonical JSON: members sorted, no blanks, no line end; ended by 0. PB_ERR_INPUT: a required field is missing, or the sender or receiver is
 * none of the message's. PB_ERR_RANGE: it does not fit. */
PB_MUST_CHECK enum pb_status pb_message_encode(const struct pb_message_value *value, char *ret_text, size_t size,
                                               size_t *ret_length, struct pb_error *error);
/* Same fields, parties, type, id and sent instant. */
bool pb_message_is_equal(const struct pb_message_value *a, const struct pb_message_value *b);

/* "0.15" from millionths, for messages and JSON. Returns ret_text; 32 bytes are enough. */
char *pb_decimal_format(int64_t millionths, char *ret_text, size_t size);
/* "23:08" or "23:08:30" from ns after midnight; 24 bytes are enough. */
char *pb_clock_format(int64_t ns, char *ret_text, size_t size);

/* The inverse. false: the text is none (nothing is set then). */
bool pb_decimal_parse(const char *text, int64_t *ret_millionths);
bool pb_clock_parse(const char *text, int64_t *ret_ns);

#endif
