/* SPDX-License-Identifier: GPL-3.0-or-later */
/* jansson parses (and refuses a member twice); all else is the catalogue's rows. Writing is done here: the rows are in canonical order. */
#include "messages/codec.h"

#include "base/text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <string.h>

#define MINUTE_NS INT64_C(60000000000)
#define DAY_NS (1440 * MINUTE_NS)
enum { MILLION = 1000000 };

/* Where a reader is: fields.MEMBER, or fields.LIST[item].MEMBER. */
struct place {
    struct pb_error *error;
    const char *list;
    size_t item;
};

static enum pb_status PB_PRINTF(3, 4) refuse(const struct place *place, const char *member, const char *format, ...) {
    char text[320], where[140];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!place->list) snprintf(where, sizeof where, "fields.%.40s", member);
    else if (!member[0]) snprintf(where, sizeof where, "fields.%.40s[%zu]", place->list, place->item);
    else snprintf(where, sizeof where, "fields.%.40s[%zu].%.40s", place->list, place->item, member);
    return pb_fail(place->error, PB_ERR_INPUT, 0, where, "%s", text);
}

/* ---- texts of single values ---- */

char *pb_decimal_format(int64_t millionths, char *ret_text, size_t size) {
    uint64_t most = millionths < 0 ? -(uint64_t)millionths : (uint64_t)millionths;
    int length =
        snprintf(ret_text, size, "%s%" PRIu64 ".%06" PRIu64, millionths < 0 ? "-" : "", most / MILLION, most % MILLION);
    while (length > 0 && ret_text[length - 1] == '0') ret_text[--length] = 0;
    if (length > 0 && ret_text[length - 1] == '.') ret_text[--length] = 0;
    return ret_text;
}

char *pb_clock_format(int64_t ns, char *ret_text, size_t size) {
    int minutes = (int)(ns / MINUTE_NS), seconds = (int)(ns % MINUTE_NS / 1000000000);
    if (seconds) snprintf(ret_text, size, "%02d:%02d:%02d", minutes / 60, minutes % 60, seconds);
    else snprintf(ret_text, size, "%02d:%02d", minutes / 60, minutes % 60);
    return ret_text;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Exact, within +-10^12; "-0", leading zeros and a bare point are refused, so that a value has few texts. */
bool pb_decimal_parse(const char *text, int64_t *ret_millionths) {
    bool is_negative = *text == '-';
    const char *at = text + is_negative;
    int64_t value = 0;
    int digits = 0, places = 0;
    if (!is_digit(*at) || (*at == '0' && is_digit(at[1]))) return false;
    for (; is_digit(*at) && digits < 12; at++, digits++) value = value * 10 + (*at - '0');
    if (*at == '.') {
        if (!is_digit(*++at)) return false;
        for (; is_digit(*at) && places < 6; at++, places++) value = value * 10 + (*at - '0');
    }
    if (*at || (is_negative && !value)) return false;
    for (; places < 6; places++) value *= 10;
    *ret_millionths = is_negative ? -value : value;
    return true;
}

/* "HH:MM" or "HH:MM:SS". */
bool pb_clock_parse(const char *text, int64_t *ret_ns) {
    static const char shape[] = "00:00:00";
    size_t length = strlen(text);
    if (length != 5 && length != 8) return false;
    for (size_t i = 0; i < length; i++)
        if (shape[i] == ':' ? text[i] != ':' : !is_digit(text[i])) return false;
    int parts[3] = {0};
    for (size_t i = 0; i * 3 < length; i++) parts[i] = (text[i * 3] - '0') * 10 + (text[i * 3 + 1] - '0');
    if (parts[0] > 23 || parts[1] > 59 || parts[2] > 59) return false;
    *ret_ns = ((parts[0] * 60 + parts[1]) * INT64_C(60) + parts[2]) * 1000000000;
    return true;
}

/* What a row wants, in words. Returns ret_text. */
static const char *wanted(const struct pb_field_row *row, char *ret_text, size_t size) {
    static const char *const words[PB_FIELD_TYPE_COUNT] = {
        [PB_FIELD_BOOLEAN] = "true or false",
        [PB_FIELD_DECIMAL] = "a text such as \"0.15\", at most 6 digits after the point",
        [PB_FIELD_CLOCK] = "a time of day, \"HH:MM\" or \"HH:MM:SS\"",
    };
    size_t used = 0;
    if (words[row->type]) return words[row->type];
    if (row->type == PB_FIELD_TEXT)
        snprintf(ret_text, size, "a text of %d to %d %s", (int)row->min, (int)row->max,
                 row->alphabet ? "of its characters" : "bytes without control characters");
    else if (row->type == PB_FIELD_LIST)
        snprintf(ret_text, size, "a list of %d to %d objects", (int)row->min, (int)row->max);
    else if (row->type == PB_FIELD_CHOICE) {
        ret_text[0] = 0;
        for (size_t i = 0; row->choices[i] && used < size; i++)
            used += (size_t)snprintf(ret_text + used, size - used, "%s%s", i ? ", " : "one of ", row->choices[i]);
    } else
        snprintf(ret_text, size, "an integer%s%s from %" PRId64 " to %" PRId64,
                 row->type == PB_FIELD_QUANTITY ? " of " : "",
                 row->type == PB_FIELD_QUANTITY ? pb_field_unit_name(row) : "", row->min, row->max);
    return ret_text;
}

/* ---- values that fit their row ---- */

static int64_t step_of(const struct pb_field_row *row) { return row->type == PB_FIELD_QUANTITY ? row->step : 1; }

static bool set_text(struct pb_message_value *value, struct pb_field_value *field, const char *text, size_t length) {
    if (length + 1 > sizeof value->texts - value->text_bytes) return false;
    *field = (struct pb_field_value){.start = value->text_bytes, .length = (uint16_t)length, .is_present = true};
    memcpy(value->texts + value->text_bytes, text, length);
    value->texts[value->text_bytes + length] = 0;
    value->text_bytes = (uint16_t)(value->text_bytes + length + 1);
    return true;
}

static bool is_fit_text(const struct pb_field_row *row, const char *text, size_t length) {
    if ((int64_t)length < row->min || (int64_t)length > row->max) return false;
    for (size_t i = 0; i < length; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return false;
        if (row->alphabet && !strchr(row->alphabet, text[i])) return false;
    }
    return pb_text_utf8_length(text, length) == length;
}

/* A text value of any kind but a list. */
static bool take_text(struct pb_message_value *value, const struct pb_field_row *row, struct pb_field_value *field,
                      const char *text, size_t length) {
    int64_t number = 0;
    switch (row->type) {
    case PB_FIELD_TEXT: return is_fit_text(row, text, length) && set_text(value, field, text, length);
    case PB_FIELD_CHOICE:
        while (row->choices[number] && strcmp(row->choices[number], text) != 0) number++;
        if (!row->choices[number]) return false;
        break;
    case PB_FIELD_DECIMAL:
        if (!pb_decimal_parse(text, &number) || number < row->min || number > row->max) return false;
        break;
    case PB_FIELD_CLOCK:
        if (!pb_clock_parse(text, &number)) return false;
        break;
    default: return false;
    }
    *field = (struct pb_field_value){.number = number, .is_present = true};
    return true;
}

static bool take_count(const struct pb_field_row *row, struct pb_field_value *field, int64_t count) {
    bool is_number = row->type == PB_FIELD_QUANTITY || row->type == PB_FIELD_INTEGER || row->type == PB_FIELD_INSTANT;
    if (!is_number || count < row->min || count > row->max) return false;
    *field = (struct pb_field_value){.number = count * step_of(row), .is_present = true};
    return true;
}

/* ---- from JSON ---- */

/* What was found, short, for a message. */
static const char *shown(const json_t *json, char *ret_text, size_t size) {
    static const char *const kinds[] = {
        [JSON_OBJECT] = "an object", [JSON_ARRAY] = "a list", [JSON_REAL] = "a real number",
        [JSON_TRUE] = "true",        [JSON_FALSE] = "false",  [JSON_NULL] = "null"};
    if (json_is_string(json)) return pb_text_quote(json_string_value(json), ret_text, size < 60 ? size : 60);
    if (!json_is_integer(json)) return kinds[json_typeof(json)];
    snprintf(ret_text, size, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    return ret_text;
}

static enum pb_status read_scalar(const struct place *place, struct pb_message_value *value,
                                  const struct pb_field_row *row, const json_t *json, struct pb_field_value *field) {
    char found[64], expected[200];
    bool is_fit = false;
    if (json_is_string(json)) is_fit = take_text(value, row, field, json_string_value(json), json_string_length(json));
    else if (json_is_integer(json)) is_fit = take_count(row, field, json_integer_value(json));
    else if (json_is_boolean(json) && row->type == PB_FIELD_BOOLEAN) {
        *field = (struct pb_field_value){.number = json_is_true(json), .is_present = true};
        is_fit = true;
    }
    if (is_fit) return PB_OK;
    if (json_is_string(json) && row->type == PB_FIELD_TEXT &&
        is_fit_text(row, json_string_value(json), json_string_length(json)))
        return refuse(place, row->name, "found more than %d bytes of texts in the message, expected less",
                      PB_MESSAGE_TEXT_MAX);
    return refuse(place, row->name, "found %s, expected %s", shown(json, found, sizeof found),
                  wanted(row, expected, sizeof expected));
}

static enum pb_status read_members(const struct place *place, struct pb_message_value *value, const json_t *object,
                                   const struct pb_field_row *rows, size_t count, struct pb_field_value *fields);

static enum pb_status read_list(const struct place *place, struct pb_message_value *value,
                                const struct pb_field_row *row, const json_t *array, struct pb_field_value *field) {
    char found[64], expected[200];
    size_t count = json_array_size(array); /* 0 for what is no array */
    if (!json_is_array(array) || (int64_t)count < row->min || (int64_t)count > row->max)
        return refuse(place, row->name, "found %s, expected %s",
                      json_is_array(array) ? "a list of another length" : shown(array, found, sizeof found),
                      wanted(row, expected, sizeof expected));
    if (count * row->member_count > sizeof value->cells / sizeof *value->cells - value->cell_count)
        return refuse(place, row->name, "found more items in lists than a message can hold, expected less");
    *field = (struct pb_field_value){.start = value->cell_count, .length = (uint16_t)count, .is_present = true};
    value->cell_count = (uint16_t)(value->cell_count + count * row->member_count);
    for (size_t i = 0; i < count; i++) {
        struct place inside = {place->error, row->name, i};
        const json_t *item = json_array_get(array, i);
        if (!json_is_object(item))
            return refuse(&inside, "", "found %s, expected an object", shown(item, found, sizeof found));
        enum pb_status status = read_members(&inside, value, item, row->members, row->member_count,
                                             value->cells + field->start + i * row->member_count);
        if (status != PB_OK) return status;
    }
    return PB_OK;
}

/* Members of an object by its rows; fields has one for each row, not present. */
static enum pb_status read_members(const struct place *place, struct pb_message_value *value, const json_t *object,
                                   const struct pb_field_row *rows, size_t count, struct pb_field_value *fields) {
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_object_get(object, rows[i].name);
        enum pb_status status = PB_OK;
        fields[i] = (struct pb_field_value){0};
        if (!json && !rows[i].is_optional)
            return refuse(place, rows[i].name, "found nothing, expected the field: it is required");
        if (!json) continue;
        known++;
        if (rows[i].type == PB_FIELD_LIST) status = read_list(place, value, &rows[i], json, &fields[i]);
        else status = read_scalar(place, value, &rows[i], json, &fields[i]);
        if (status != PB_OK) return status;
    }
    if (known == json_object_size(object)) return PB_OK;
    for (void *at = json_object_iter((json_t *)object); at; at = json_object_iter_next((json_t *)object, at)) {
        size_t i = 0;
        char name[60];
        while (i < count && strcmp(rows[i].name, json_object_iter_key(at)) != 0) i++;
        if (i < count) continue;
        pb_text_quote(json_object_iter_key(at), name, sizeof name);
        return refuse(place, name, "found the unknown field %s, expected fields of %s only", name, value->row->name);
    }
    return PB_OK;
}

static enum pb_status read_party(const json_t *envelope, const char *key, const struct pb_message_row *row,
                                 uint32_t allowed, enum pb_party *ret_party, struct pb_error *error) {
    const char *name = json_string_value(json_object_get(envelope, key));
    char names[200] = "", found[60];
    size_t used = 0;
    *ret_party = name ? pb_party_find(name) : PB_PARTY_COUNT;
    if (*ret_party < PB_PARTY_COUNT && (allowed & PB_PARTY_BIT(*ret_party))) return PB_OK;
    for (int i = 0; i < PB_PARTY_COUNT && used < sizeof names; i++)
        if (allowed & PB_PARTY_BIT(i))
            used += (size_t)snprintf(names + used, sizeof names - used, "%s%s", used ? " or " : "", pb_parties[i].name);
    return pb_fail(error, PB_ERR_INPUT, 0, key, "found %s, expected %s (%s)",
                   name ? pb_text_quote(name, found, sizeof found) : "nothing", names, row->name);
}

static enum pb_status read_integer(const json_t *envelope, const char *key, int64_t min, int64_t max,
                                   int64_t *ret_value, struct pb_error *error) {
    char found[64];
    const json_t *json = json_object_get(envelope, key);
    int64_t number = json_integer_value(json); /* 0 for what is none */
    if (!json_is_integer(json) || number < min || number > max)
        return pb_fail(error, PB_ERR_INPUT, 0, key, "found %s, expected an integer from %" PRId64 " to %" PRId64,
                       json ? shown(json, found, sizeof found) : "nothing", min, max);
    *ret_value = number;
    return PB_OK;
}

/* The row of an envelope's type, if it is of our version; else NULL and `error`. */
static const struct pb_message_row *read_type(const json_t *envelope, struct pb_error *error) {
    char found[64];
    int64_t version = 0;
    if (!json_is_object(envelope)) {
        pb_fail(error, PB_ERR_INPUT, 0, "byte 1", "found %s, expected an object", shown(envelope, found, sizeof found));
        return NULL;
    }
    if (read_integer(envelope, "v", PB_MESSAGE_VERSION, PB_MESSAGE_VERSION, &version, error) != PB_OK) return NULL;
    const char *type = json_string_value(json_object_get(envelope, "type"));
    size_t number = type ? pb_catalogue_find(type) : pb_catalogue_count;
    if (number < pb_catalogue_count && !pb_catalogue[number].is_pilot) return &pb_catalogue[number];
    pb_fail(error, PB_ERR_INPUT, 0, "type", "found %s, expected the name of a message that links carry",
            type ? pb_text_quote(type, found, sizeof found) : "nothing");
    return NULL;
}

/* What there is beside type and version. */
static enum pb_status read_envelope(const json_t *envelope, struct pb_message_value *value, struct pb_error *error) {
    static const char *const known[] = {"at_ns", "fields", "from", "id", "to", "type", "v"};
    char found[64];
    enum pb_status status;
    for (void *at = json_object_iter((json_t *)envelope); at; at = json_object_iter_next((json_t *)envelope, at)) {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && strcmp(known[i], json_object_iter_key(at)) != 0) i++;
        if (i < sizeof known / sizeof *known) continue;
        pb_text_quote(json_object_iter_key(at), found, sizeof found);
        return pb_fail(error, PB_ERR_INPUT, 0, found,
                       "found the unknown member %s, expected at_ns, fields, from, id, to, type, v", found);
    }
    if ((status = read_party(envelope, "from", value->row, value->row->from, &value->from, error)) != PB_OK)
        return status;
    if ((status = read_party(envelope, "to", value->row, value->row->to, &value->to, error)) != PB_OK) return status;
    if ((status = read_integer(envelope, "id", 0, INT64_MAX - 1, &value->id, error)) != PB_OK) return status;
    value->has_sent = json_object_get(envelope, "at_ns") != NULL;
    return value->has_sent ? read_integer(envelope, "at_ns", 0, INT64_MAX - 1, &value->sent.ns, error) : PB_OK;
}

static enum pb_status read_message(const json_t *envelope, struct pb_message_value *value, struct pb_error *error) {
    char found[64];
    value->row = read_type(envelope, error);
    if (!value->row) return PB_ERR_INPUT;
    enum pb_status status = read_envelope(envelope, value, error);
    if (status != PB_OK) return status;
    const json_t *fields = json_object_get(envelope, "fields");
    if (!json_is_object(fields))
        return pb_fail(error, PB_ERR_INPUT, 0, "fields", "found %s, expected an object",
                       fields ? shown(fields, found, sizeof found) : "nothing");
    return read_members(&(struct place){.error = error}, value, fields, value->row->fields, value->row->field_count,
                        value->fields);
}

/* A copy of what is in use. */
static void copy_value(struct pb_message_value *to, const struct pb_message_value *from) {
    memcpy(to, from, offsetof(struct pb_message_value, cells));
    memcpy(to->cells, from->cells, from->cell_count * sizeof *from->cells);
    memcpy(to->texts, from->texts, from->text_bytes);
    to->cell_count = from->cell_count;
    to->text_bytes = from->text_bytes;
}

enum pb_status pb_message_decode(const char *bytes, size_t size, struct pb_message_value *ret_value,
                                 struct pb_error *error) {
    json_error_t mistake;
    struct pb_message_value value;
    char where[40];
    if (size > PB_MESSAGE_BYTES_MAX)
        return pb_fail(error, PB_ERR_INPUT, 0, "byte 65536", "found %zu bytes, expected at most %d", size,
                       PB_MESSAGE_BYTES_MAX);
    json_t *envelope = json_loadb(bytes, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &mistake);
    if (!envelope) {
        snprintf(where, sizeof where, "byte %d", mistake.position < 1 ? 1 : mistake.position);
        return pb_fail(error, PB_ERR_INPUT, 0, where, "found no JSON (%.120s), expected one object", mistake.text);
    }
    pb_message_begin(&value, NULL, PB_PARTY_COUNT, PB_PARTY_COUNT, 0);
    enum pb_status status = read_message(envelope, &value, error);
    json_decref(envelope);
    if (status == PB_OK) copy_value(ret_value, &value);
    return status;
}

/* ---- making and asking ---- */

void pb_message_begin(struct pb_message_value *ret_value, const struct pb_message_row *row, enum pb_party from,
                      enum pb_party to, int64_t id) {
    memset(ret_value, 0, offsetof(struct pb_message_value, cells));
    ret_value->row = row;
    ret_value->from = from;
    ret_value->to = to;
    ret_value->id = id;
    ret_value->cell_count = ret_value->text_bytes = 0;
}

/* The field's row and value, "list.member" in the list's last item; NULL with the error. */
static const struct pb_field_row *row_of(struct pb_message_value *value, const char *name,
                                         struct pb_field_value **ret_field, struct pb_error *error) {
    const char *point = strchr(name, '.');
    size_t length = point ? (size_t)(point - name) : strlen(name), k = 0;
    for (size_t i = 0; i < value->row->field_count; i++) {
        const struct pb_field_row *row = &value->row->fields[i];
        if (strlen(row->name) != length || strncmp(row->name, name, length) != 0) continue;
        *ret_field = &value->fields[i];
        if (!point) return row;
        while (k < row->member_count && strcmp(row->members[k].name, point + 1) != 0) k++;
        if (k == row->member_count || !value->fields[i].length) break;
        *ret_field = value->cells + value->fields[i].start + (value->fields[i].length - 1u) * row->member_count + k;
        return &row->members[k];
    }
    pb_fail(error, PB_ERR_NOT_FOUND, 0, name, "found field '%.60s', expected a field of %s", name, value->row->name);
    return NULL;
}

static enum pb_status misfit(const struct pb_field_row *row, enum pb_status status, const char *found,
                             struct pb_error *error) {
    char expected[200];
    return pb_fail(error, status, 0, row->name, "found %.80s, expected %s", found,
                   wanted(row, expected, sizeof expected));
}

enum pb_status pb_message_set_number(struct pb_message_value *value, const char *field, int64_t number,
                                     struct pb_error *error) {
    char found[40];
    struct pb_field_value *to;
    const struct pb_field_row *row = row_of(value, field, &to, error);
    if (!row) return PB_ERR_NOT_FOUND;
    int64_t step = step_of(row), count = number / step, rest = number % step;
    if (rest * 2 >= step) count++;
    else if (rest * 2 <= -step) count--;
    snprintf(found, sizeof found, "%" PRId64, count);
    if (row->type == PB_FIELD_TEXT || row->type == PB_FIELD_LIST) return misfit(row, PB_ERR_INPUT, found, error);
    if (take_count(row, to, count)) return PB_OK;
    int64_t min = row->min, max = row->max;
    if (row->type == PB_FIELD_CLOCK) max = DAY_NS - 1;
    if (row->type == PB_FIELD_CHOICE)
        for (max = -1; row->choices[max + 1];) max++;
    bool is_other = row->type != PB_FIELD_QUANTITY && row->type != PB_FIELD_INTEGER && row->type != PB_FIELD_INSTANT;
    if (!is_other || number < min || number > max) return misfit(row, PB_ERR_RANGE, found, error);
    if (row->type == PB_FIELD_CLOCK) number -= number % 1000000000;
    *to = (struct pb_field_value){.number = number, .is_present = true};
    return PB_OK;
}

enum pb_status pb_message_set_text(struct pb_message_value *value, const char *field, const char *text,
                                   struct pb_error *error) {
    struct pb_field_value *to;
    const struct pb_field_row *row = row_of(value, field, &to, error);
    if (!row) return PB_ERR_NOT_FOUND;
    bool is_text = row->type == PB_FIELD_TEXT || row->type == PB_FIELD_CHOICE || row->type == PB_FIELD_DECIMAL ||
                   row->type == PB_FIELD_CLOCK;
    if (!is_text) return misfit(row, PB_ERR_INPUT, text, error);
    if (!take_text(value, row, to, text, strlen(text))) return misfit(row, PB_ERR_RANGE, text, error);
    return PB_OK;
}

enum pb_status pb_message_add_item(struct pb_message_value *value, const char *list, struct pb_error *error) {
    struct pb_field_value *to;
    const struct pb_field_row *row = row_of(value, list, &to, error);
    if (!row) return PB_ERR_NOT_FOUND;
    if (row->type != PB_FIELD_LIST) return misfit(row, PB_ERR_INPUT, "an item", error);
    if (!to->is_present) *to = (struct pb_field_value){.start = value->cell_count, .is_present = true};
    bool is_last = (size_t)to->start + to->length * row->member_count == value->cell_count;
    if (!is_last || to->length >= row->max ||
        value->cell_count + row->member_count > sizeof value->cells / sizeof *value->cells)
        return misfit(row, PB_ERR_RANGE, "one more item", error);
    memset(value->cells + value->cell_count, 0, row->member_count * sizeof *value->cells);
    value->cell_count = (uint16_t)(value->cell_count + row->member_count);
    to->length++;
    return PB_OK;
}

const struct pb_field_value *pb_message_field(const struct pb_message_value *value, const char *field) {
    size_t i = pb_message_row_field(value->row, field);
    return i < value->row->field_count && value->fields[i].is_present ? &value->fields[i] : NULL;
}

const char *pb_message_text(const struct pb_message_value *value, const char *field) {
    size_t i = pb_message_row_field(value->row, field);
    bool is_there =
        i < value->row->field_count && value->fields[i].is_present && value->row->fields[i].type == PB_FIELD_TEXT;
    return is_there ? value->texts + value->fields[i].start : NULL;
}

static bool is_equal_members(const struct pb_message_value *a, const struct pb_message_value *b,
                             const struct pb_field_row *rows, size_t count, const struct pb_field_value *from_a,
                             const struct pb_field_value *from_b) {
    for (size_t i = 0; i < count; i++) {
        const struct pb_field_value *x = &from_a[i], *y = &from_b[i];
        if (x->is_present != y->is_present || x->number != y->number || x->length != y->length) return false;
        if (!x->is_present) continue;
        if (rows[i].type == PB_FIELD_TEXT && memcmp(a->texts + x->start, b->texts + y->start, x->length) != 0)
            return false;
        if (rows[i].type != PB_FIELD_LIST) continue;
        for (size_t k = 0; k < x->length; k++)
            if (!is_equal_members(a, b, rows[i].members, rows[i].member_count,
                                  a->cells + x->start + k * rows[i].member_count,
                                  b->cells + y->start + k * rows[i].member_count))
                return false;
    }
    return true;
}

bool pb_message_is_equal(const struct pb_message_value *a, const struct pb_message_value *b) {
    if (a->row != b->row || a->from != b->from || a->to != b->to || a->id != b->id) return false;
    if (a->has_sent != b->has_sent || (a->has_sent && a->sent.ns != b->sent.ns)) return false;
    return is_equal_members(a, b, a->row->fields, a->row->field_count, a->fields, b->fields);
}

/* ---- to JSON ---- */

/* Text that knows when it did not fit. */
struct writer {
    char *text;
    size_t size, used;
};

static void PB_PRINTF(2, 3) put(struct writer *writer, const char *format, ...) {
    va_list arguments;
    size_t left = writer->used < writer->size ? writer->size - writer->used : 0;
    va_start(arguments, format);
    int length = vsnprintf(left ? writer->text + writer->used : NULL, left, format, arguments);
    va_end(arguments);
    writer->used += (size_t)length;
}

static void put_text(struct writer *writer, const char *text) {
    put(writer, "\"");
    for (; *text; text++) put(writer, *text == '"' || *text == '\\' ? "\\%c" : "%c", *text);
    put(writer, "\"");
}

static enum pb_status put_members(struct writer *writer, const struct pb_message_value *value,
                                  const struct place *place, const struct pb_field_row *rows, size_t count,
                                  const struct pb_field_value *fields);

static enum pb_status put_value(struct writer *writer, const struct pb_message_value *value, const struct place *place,
                                const struct pb_field_row *row, const struct pb_field_value *field) {
    char text[32];
    switch (row->type) {
    case PB_FIELD_BOOLEAN: put(writer, field->number ? "true" : "false"); break;
    case PB_FIELD_CHOICE: put_text(writer, row->choices[field->number]); break;
    case PB_FIELD_TEXT: put_text(writer, value->texts + field->start); break;
    case PB_FIELD_DECIMAL: put(writer, "\"%s\"", pb_decimal_format(field->number, text, sizeof text)); break;
    case PB_FIELD_CLOCK: put(writer, "\"%s\"", pb_clock_format(field->number, text, sizeof text)); break;
    case PB_FIELD_LIST:
        put(writer, "[");
        for (size_t i = 0; i < field->length; i++) {
            if (i) put(writer, ",");
            enum pb_status status =
                put_members(writer, value, &(struct place){place->error, row->name, i}, row->members, row->member_count,
                            value->cells + field->start + i * row->member_count);
            if (status != PB_OK) return status;
        }
        put(writer, "]");
        break;
    default: put(writer, "%" PRId64, field->number / step_of(row));
    }
    return PB_OK;
}

static enum pb_status put_members(struct writer *writer, const struct pb_message_value *value,
                                  const struct place *place, const struct pb_field_row *rows, size_t count,
                                  const struct pb_field_value *fields) {
    const char *between = "";
    put(writer, "{");
    for (size_t i = 0; i < count; i++) {
        if (!fields[i].is_present && !rows[i].is_optional)
            return refuse(place, rows[i].name, "found nothing, expected the field: it is required");
        if (!fields[i].is_present) continue;
        put(writer, "%s\"%s\":", between, rows[i].name);
        enum pb_status status = put_value(writer, value, place, &rows[i], &fields[i]);
        if (status != PB_OK) return status;
        between = ",";
    }
    put(writer, "}");
    return PB_OK;
}

enum pb_status pb_message_encode(const struct pb_message_value *value, char *ret_text, size_t size, size_t *ret_length,
                                 struct pb_error *error) {
    struct writer writer = {.size = size};
    const struct pb_message_row *row = value->row;
    writer.text = ret_text;
    bool is_theirs = value->from < PB_PARTY_COUNT && value->to < PB_PARTY_COUNT &&
                     (row->from & PB_PARTY_BIT(value->from)) && (row->to & PB_PARTY_BIT(value->to));
    if (!is_theirs || row->is_pilot)
        return pb_fail(error, PB_ERR_INPUT, 0, row->name,
                       "found another sender or receiver, expected one of the catalogue's");
    put(&writer, "{");
    if (value->has_sent) put(&writer, "\"at_ns\":%" PRId64 ",", value->sent.ns);
    put(&writer, "\"fields\":");
    enum pb_status status =
        put_members(&writer, value, &(struct place){.error = error}, row->fields, row->field_count, value->fields);
    if (status != PB_OK) return status;
    put(&writer, ",\"from\":\"%s\",\"id\":%" PRId64 ",\"to\":\"%s\",\"type\":\"%s\",\"v\":%d}",
        pb_parties[value->from].name, value->id, pb_parties[value->to].name, row->name, PB_MESSAGE_VERSION);
    if (writer.used >= size || writer.used > PB_MESSAGE_BYTES_MAX)
        return pb_fail(error, PB_ERR_RANGE, 0, row->name, "found %zu bytes of JSON, expected at most %zu", writer.used,
                       size);
    *ret_length = writer.used;
    return PB_OK;
}
