/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sampling of a capture as text and back. The key "digest" sorts before all fields of the table, which are sorted too. */
#include "record/sampling_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *key;
    size_t offset;
    bool may_lack; /* records from before this field: it is 0 */
} fields[] = {
#define FIELD(name)                                                                                                    \
    { #name, offsetof(struct pb_sampling, name), false }
#define LATER(name)                                                                                                    \
    { #name, offsetof(struct pb_sampling, name), true }
    LATER(front_rise_ns), FIELD(period_den), FIELD(period_num_ns), FIELD(u_level_uv), FIELD(u_rate_ppb),
    LATER(u_start_ns),    FIELD(u_time_ns),  FIELD(uv_den),        FIELD(uv_num),     FIELD(uv_offset),
#undef LATER
#undef FIELD
};
#define FIELD_COUNT (sizeof fields / sizeof *fields)
_Static_assert(FIELD_COUNT * sizeof(int64_t) == sizeof(struct pb_sampling), "every member of pb_sampling is a field");

char *pb_sampling_text_write(const struct pb_sampling *sampling, const struct pb_hash *digest,
                             char ret_text[PB_SAMPLING_TEXT_SIZE]) {
    char hex[PB_HASH_HEX_SIZE];
    int length = snprintf(ret_text, PB_SAMPLING_TEXT_SIZE, "{\"digest\":\"%s\"", pb_hash_hex(digest, hex));
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        int64_t value;
        memcpy(&value, (const char *)sampling + fields[i].offset, sizeof value);
        length += snprintf(ret_text + length, PB_SAMPLING_TEXT_SIZE - (size_t)length, ",\"%s\":%" PRId64, fields[i].key,
                           value);
    }
    snprintf(ret_text + length, PB_SAMPLING_TEXT_SIZE - (size_t)length, "}");
    return ret_text;
}

static bool read_fields(const json_t *object, struct pb_sampling *ret_sampling, char ret_digest[PB_HASH_HEX_SIZE]) {
    const json_t *digest = json_object_get(object, "digest");
    if (!json_is_string(digest) || json_string_length(digest) != PB_HASH_HEX_SIZE - 1) return false;
    size_t count = 1;
    for (size_t i = 0; i < FIELD_COUNT; i++) {
        const json_t *field = json_object_get(object, fields[i].key);
        if (!json_is_integer(field) && (field || !fields[i].may_lack)) return false;
        const int64_t value = json_integer_value(field);
        count += field != NULL;
        memcpy((char *)ret_sampling + fields[i].offset, &value, sizeof value);
    }
    memcpy(ret_digest, json_string_value(digest), PB_HASH_HEX_SIZE);
    return json_object_size(object) == count && ret_sampling->period_num_ns > 0 && ret_sampling->period_den > 0 &&
           ret_sampling->uv_den != 0;
}

bool pb_sampling_text_read(const char *text, struct pb_sampling *ret_sampling, char ret_digest[PB_HASH_HEX_SIZE]) {
    json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    const bool is_read = json_is_object(object) && read_fields(object, ret_sampling, ret_digest);
    json_decref(object);
    return is_read;
}
