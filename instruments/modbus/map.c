/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Places, orders and types of Modbus values, by tables. */
#include "instruments/modbus/map.h"

#include <string.h>

static const char *const table_names[] = {"input", "holding", "coil", "discrete", NULL};
static const char *const type_names[] = {"u16", "i16", "u32", "i32", "u64", "i64", "f32", NULL};
static const char *const order_names[] = {"abcd", "cdab", "badc", "dcba", NULL};
static const struct {
    size_t words;
    uint64_t sign;    /* the raw value's bit; 0: it has none */
    int64_t min, max; /* of the raw value, as far as an int64 goes */
} types[] = {
    [PB_MODBUS_U16] = {1, 0, 0, UINT16_MAX}, [PB_MODBUS_I16] = {1, UINT64_C(1) << 15, INT16_MIN, INT16_MAX},
    [PB_MODBUS_U32] = {2, 0, 0, UINT32_MAX}, [PB_MODBUS_I32] = {2, UINT64_C(1) << 31, INT32_MIN, INT32_MAX},
    [PB_MODBUS_U64] = {4, 0, 0, INT64_MAX},  [PB_MODBUS_I64] = {4, UINT64_C(1) << 63, INT64_MIN, INT64_MAX},
    [PB_MODBUS_F32] = {2, 0, 0, 0},
};

static bool is_bits(const struct pb_modbus_place *place) {
    return place->table == PB_MODBUS_COIL || place->table == PB_MODBUS_DISCRETE;
}
size_t pb_modbus_words(const struct pb_modbus_place *place) { return is_bits(place) ? 1 : types[place->type].words; }

/* ---- profiles ---- */

#define PLACE_PARAMS(type_, prefix_)                                                                                   \
    PB_PROFILE_CHOICE(type_, "table", prefix_ table, true, table_names, NULL,                                          \
                      "which of the four tables of a Modbus device"),                                                  \
        PB_PROFILE_COUNT(type_, "address", prefix_ address, true, NULL, "0", "65535",                                  \
                         "as in the frame, from 0 (30073 of a table of inputs is 72)"),                                \
        PB_PROFILE_CHOICE(type_, "type", prefix_ type, false, type_names, "u16",                                       \
                          "how the registers hold the value; of no use to coils and discretes"),                       \
        PB_PROFILE_CHOICE(type_, "order", prefix_ order, false, order_names, "abcd",                                   \
                          "order of its bytes in the frame, a the most significant")

static const struct pb_param top_params[] = {
    PB_PROFILE_TOP_PARAMS(struct pb_modbus_top, false,
                          "{table, address, type, order} of an integer that no two devices share (its serial number)")};
static const struct pb_param row_params[] = {PB_PROFILE_ROW_PARAMS(struct pb_modbus_row),
                                             PLACE_PARAMS(struct pb_modbus_row, place.)};
static const struct pb_param identity_params[] = {PLACE_PARAMS(struct pb_modbus_place, )};

static enum pb_status check_top(const struct pb_doc *doc, void *top_, struct pb_error *error) {
    struct pb_modbus_top *top = top_;
    if (!top->top.identity) return PB_OK;
    enum pb_status status =
        pb_doc_bind(doc, top->top.identity, identity_params, sizeof identity_params / sizeof *identity_params,
                    &top->identity, sizeof top->identity, error);
    if (status != PB_OK) return status;
    if (is_bits(&top->identity) || top->identity.type == PB_MODBUS_F32)
        return pb_doc_mistake(doc, top->top.identity, error,
                              "found an identity that is no integer register, expected a serial number");
    return PB_OK;
}

/* A value is held exactly when value * per is a multiple of scale. */
static int64_t grid_of(const struct pb_profile_row *row) {
    int64_t a = row->scale, b = row->per;
    while (b) {
        int64_t rest = a % b;
        a = b;
        b = rest;
    }
    return row->scale / a;
}

static enum pb_status check_row(const struct pb_doc *doc, const struct pb_node *node, void *row_,
                                struct pb_error *error) {
    struct pb_modbus_row *row = row_;
    struct pb_channel *channel = &row->row.channel;
    bool is_driven = channel->access & PB_ACCESS_DRIVE;
    uint16_t words[PB_MODBUS_MAX_WORDS];
    if (is_driven && (row->place.table == PB_MODBUS_INPUT || row->place.table == PB_MODBUS_DISCRETE))
        return pb_doc_mistake(doc, pb_node_find(node, "table"), error,
                              "found table %s for an output, expected holding or coil", table_names[row->place.table]);
    if ((size_t)row->place.address + pb_modbus_words(&row->place) > 65536)
        return pb_doc_mistake(doc, pb_node_find(node, "address"), error,
                              "found a value that ends behind the last register, expected it to end before");
    if (is_bits(&row->place) && (channel->unit != PB_UNIT_NONE || row->row.scale != 1 || row->row.per != 1 ||
                                 channel->min < 0 || channel->max > 1))
        return pb_doc_mistake(doc, node, error,
                              "found a unit, scale or range for a bit, expected unit none and 0 to 1");
    if (!is_driven) return PB_OK;
    const struct {
        const char *key;
        int64_t value;
    } ends[] = {{"min", channel->min}, {"max", channel->max}, {"safe", channel->safe}};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (pb_modbus_encode(row, ends[i].value, words, NULL) != PB_OK)
            return pb_doc_mistake(doc, pb_node_find(node, ends[i].key), error,
                                  "found a value that the register cannot hold, expected a whole number of scale/per");
    if (is_bits(&row->place) || row->place.type != PB_MODBUS_F32) channel->grid = grid_of(&row->row);
    return PB_OK;
}

const struct pb_profile_kind pb_modbus_profile_kind = {
    .driver = "modbus",
    .top_params = top_params,
    .top_count = sizeof top_params / sizeof *top_params,
    .top_size = sizeof(struct pb_modbus_top),
    .row_params = row_params,
    .row_count = sizeof row_params / sizeof *row_params,
    .row_size = sizeof(struct pb_modbus_row),
    .check_top = check_top,
    .check_row = check_row,
};

/* ---- values ---- */

/* The word that stands at position i of a value of n words, put right; its own inverse for whole values. */
static uint16_t word_at(const struct pb_modbus_place *place, const uint16_t *words, size_t i, size_t n) {
    bool is_reversed = place->order == PB_MODBUS_CDAB || place->order == PB_MODBUS_DCBA;
    bool is_swapped = place->order == PB_MODBUS_BADC || place->order == PB_MODBUS_DCBA;
    uint16_t word = words[is_reversed ? n - 1 - i : i];
    return is_swapped ? (uint16_t)(word << 8 | word >> 8) : word;
}

uint64_t pb_modbus_join(const struct pb_modbus_place *place, const uint16_t *words) {
    size_t n = pb_modbus_words(place);
    uint64_t raw = 0;
    for (size_t i = 0; i < n; i++) raw = raw << 16 | word_at(place, words, i, n);
    return raw;
}

static enum pb_status refuse_raw(const struct pb_modbus_row *row, const char *what, struct pb_error *error) {
    return pb_fail(error, PB_ERR_PROTOCOL, 0, row->row.channel.name, "the device gives %s for %s", what,
                   row->row.channel.name);
}

static enum pb_status decode_float(const struct pb_modbus_row *row, uint32_t bits, int64_t *ret_value,
                                   struct pb_error *error) {
    float number;
    memcpy(&number, &bits, sizeof number);
    double steps = (double)number * (double)row->row.scale / (double)row->row.per;
    if (!(steps > -9e18 && steps < 9e18)) return refuse_raw(row, "no number", error);
    int64_t value = (int64_t)(steps < 0 ? steps - 0.5 : steps + 0.5);
    if (value < row->row.channel.min || value > row->row.channel.max)
        return refuse_raw(row, "a value outside of the profile's range", error);
    *ret_value = value;
    return PB_OK;
}

static __int128 with_sign(uint64_t raw, int type) {
    uint64_t sign = types[type].sign;
    return raw & sign ? (__int128)raw - 2 * (__int128)sign : (__int128)raw;
}

enum pb_status pb_modbus_decode(const struct pb_modbus_row *row, const uint16_t *words, int64_t *ret_value,
                                struct pb_error *error) {
    if (!is_bits(&row->place) && row->place.type == PB_MODBUS_F32)
        return decode_float(row, (uint32_t)pb_modbus_join(&row->place, words), ret_value, error);
    __int128 raw = is_bits(&row->place) ? words[0] : with_sign(pb_modbus_join(&row->place, words), row->place.type);
    if (pb_profile_scale(&row->row, raw, ret_value) == PB_OK) return PB_OK;
    return refuse_raw(row, "a value outside of the profile's range", error);
}

enum pb_status pb_modbus_encode(const struct pb_modbus_row *row, int64_t value, uint16_t *ret_words,
                                struct pb_error *error) {
    const struct pb_modbus_place *place = &row->place;
    uint64_t raw;
    int64_t whole;
    if (place->type == PB_MODBUS_F32 && !is_bits(place)) {
        float number = (float)((double)value * (double)row->row.per / (double)row->row.scale);
        uint32_t bits;
        memcpy(&bits, &number, sizeof bits);
        raw = bits;
    } else {
        bool is_whole = pb_profile_unscale(&row->row, value, &whole) == PB_OK;
        if (!is_whole || (!is_bits(place) && (whole < types[place->type].min || whole > types[place->type].max)))
            return pb_fail(error, PB_ERR_RANGE, 0, row->row.channel.name,
                           "%lld is no value that the register of %s can hold", (long long)value,
                           row->row.channel.name);
        raw = (uint64_t)whole;
    }
    size_t n = pb_modbus_words(place);
    uint16_t plain[PB_MODBUS_MAX_WORDS];
    for (size_t i = 0; i < n; i++) plain[i] = (uint16_t)(raw >> (16 * (n - 1 - i)));
    for (size_t i = 0; i < n; i++) ret_words[i] = is_bits(place) ? plain[i] : word_at(place, plain, i, n);
    return PB_OK;
}

/* ---- transactions ---- */

static bool continues(const struct pb_modbus_row *before, const struct pb_modbus_row *row, size_t words_so_far) {
    return before->place.table == row->place.table && before->row.period_ns == row->row.period_ns &&
           before->place.address + (int64_t)pb_modbus_words(&before->place) == row->place.address &&
           words_so_far + pb_modbus_words(&row->place) <= PB_MODBUS_GROUP_WORDS;
}

void pb_modbus_group(const struct pb_profile *profile, struct pb_modbus_groups *ret_groups) {
    const struct pb_modbus_row *before = NULL;
    size_t used = 0, words = 0;
    ret_groups->count = 0;
    for (unsigned i = 0; i < profile->count; i++) {
        const struct pb_modbus_row *row = pb_profile_row(profile, i);
        if (!(row->row.channel.access & PB_ACCESS_EVENTS)) continue;
        if (!before || !continues(before, row, words)) {
            ret_groups->groups[ret_groups->count++] =
                (struct pb_worker_group){.channels = &ret_groups->channels[used], .period = pb_ns(row->row.period_ns)};
            words = 0;
        }
        ret_groups->channels[used++] = i;
        ret_groups->groups[ret_groups->count - 1].count++;
        words += pb_modbus_words(&row->place);
        before = row;
    }
}

/* CRC-16 of MODBUS over Serial Line V1.02, 6.2.2: polynomial 0xA001, begin 0xFFFF, low byte first. */
static void add_crc(uint8_t *bytes, size_t size) {
    unsigned crc = 0xFFFF;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? crc >> 1 ^ 0xA001 : crc >> 1;
    }
    bytes[size] = (uint8_t)crc;
    bytes[size + 1] = (uint8_t)(crc >> 8);
}

/* A number that libmodbus, which counts from 1, is far from; the connection is the guardian's own anyway. */
enum { TRANSACTION = 0x5AFE, TCP_HEADER = 6, MULTIPLE = 16 };

static size_t wrap(uint8_t *bytes, const uint8_t *pdu, size_t pdu_size, int unit, bool is_tcp) {
    size_t used = 0;
    if (is_tcp) {
        const uint8_t header[TCP_HEADER] = {TRANSACTION >> 8, TRANSACTION & 0xFF, 0, 0, 0, (uint8_t)(pdu_size + 1)};
        memcpy(bytes, header, sizeof header);
        used = sizeof header;
    }
    bytes[used++] = (uint8_t)unit;
    memcpy(bytes + used, pdu, pdu_size);
    used += pdu_size;
    if (is_tcp) return used;
    add_crc(bytes, used);
    return used + 2;
}

void pb_modbus_command_frame(const struct pb_modbus_place *place, const uint16_t *words, int unit, bool is_tcp,
                             uint8_t *ret_request, size_t *ret_request_size, uint8_t *ret_reply,
                             size_t *ret_reply_size) {
    size_t n = pb_modbus_words(place), size = 5;
    uint8_t pdu[6 + 2 * PB_MODBUS_MAX_WORDS] = {0, (uint8_t)(place->address >> 8), (uint8_t)place->address};
    if (is_bits(place) || n == 1) {
        uint16_t value = is_bits(place) ? (words[0] ? 0xFF00 : 0) : words[0];
        pdu[0] = is_bits(place) ? 5 : 6;
        pdu[3] = (uint8_t)(value >> 8);
        pdu[4] = (uint8_t)value;
    } else {
        pdu[0] = MULTIPLE;
        pdu[4] = (uint8_t)n;
        pdu[5] = (uint8_t)(2 * n);
        for (size_t i = 0; i < n; i++) {
            pdu[6 + 2 * i] = (uint8_t)(words[i] >> 8);
            pdu[7 + 2 * i] = (uint8_t)words[i];
        }
        size = 6 + 2 * n;
    }
    *ret_request_size = wrap(ret_request, pdu, size, unit, is_tcp);
    *ret_reply_size = wrap(ret_reply, pdu, 5, unit, is_tcp); /* single: the request; multiple: address and count */
}
