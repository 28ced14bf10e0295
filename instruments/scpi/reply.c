/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Parsing is strict: a reply that is not wholly what was asked for is nonsense, never a number with something behind it. */
#include "instruments/scpi/reply.h"

#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { DIGITS_MAX = 18, EXPONENT_MAX = 60, SHIFT_MAX = 37 };

/* ---- profiles ---- */

static const struct pb_param top_params[] = {
    PB_PROFILE_TOP_PARAMS(
        struct pb_scpi_top, true,
        "{query: '*IDN?', begins: ...}: what the device's answer begins with; the whole of it must stay the same"),
    PB_PROFILE_TEXT(struct pb_scpi_top, "confirm", confirm, false, "",
                    "question that is answered with 1 when a command is done, as '*OPC?'"),
    PB_PROFILE_TEXT(struct pb_scpi_top, "errors", errors, false, "",
                    "question for the device's next error, as 'SYST:ERR?'; asked after each command"),
};
static const struct pb_param row_params[] = {
    PB_PROFILE_ROW_PARAMS(struct pb_scpi_row),
    PB_PROFILE_TEXT(struct pb_scpi_row, "query", query, false, "",
                    "question for the value; an output without one is not read back"),
    PB_PROFILE_TEXT(struct pb_scpi_row, "set", set, false, "", "command with {} where the number goes"),
    PB_PROFILE_TEXT(struct pb_scpi_row, "on", on, false, "", "command for 1, for an output that is 0 or 1"),
    PB_PROFILE_TEXT(struct pb_scpi_row, "off", off, false, "", "command for 0"),
};
struct identity {
    const char *query, *begins;
};
static const struct pb_param identity_params[] = {
    PB_PROFILE_TEXT(struct identity, "query", query, false, "*IDN?", "the question"),
    PB_PROFILE_TEXT(struct identity, "begins", begins, true, NULL, "what the answer begins with: maker and type"),
};

static bool is_line(const char *text) {
    for (const char *c = text; *c; c++)
        if (*c < 0x20 || *c > 0x7E) return false;
    return strlen(text) <= PB_SCPI_LINE_MAX;
}

static enum pb_status check_lines(const struct pb_doc *doc, const struct pb_node *map,
                                  const char *const (*keys_and_texts)[2], size_t count, struct pb_error *error) {
    for (size_t i = 0; i < count; i++)
        if (!is_line(keys_and_texts[i][1]))
            return pb_doc_mistake(doc, pb_node_find(map, keys_and_texts[i][0]), error,
                                  "found a text for %s that is no line of at most %d ASCII characters, expected one",
                                  keys_and_texts[i][0], PB_SCPI_LINE_MAX);
    return PB_OK;
}

static enum pb_status check_top(const struct pb_doc *doc, void *top_, struct pb_error *error) {
    struct pb_scpi_top *top = top_;
    struct identity identity = {0};
    enum pb_status status =
        pb_doc_bind(doc, top->top.identity, identity_params, sizeof identity_params / sizeof *identity_params,
                    &identity, sizeof identity, error);
    if (status != PB_OK) return status;
    top->identity_query = identity.query;
    top->identity_begins = identity.begins;
    const char *const in_identity[][2] = {{"query", identity.query}, {"begins", identity.begins}};
    const char *const in_root[][2] = {{"confirm", top->confirm}, {"errors", top->errors}};
    status = check_lines(doc, top->top.identity, in_identity, 2, error);
    return status == PB_OK ? check_lines(doc, pb_doc_root(doc), in_root, 2, error) : status;
}

static bool is_power_of_ten(int64_t value) {
    while (value % 10 == 0) value /= 10;
    return value == 1;
}

static enum pb_status check_output(const struct pb_doc *doc, const struct pb_node *node, const struct pb_scpi_row *row,
                                   struct pb_error *error) {
    const struct pb_channel *channel = &row->row.channel;
    bool has_two = row->on[0] && row->off[0], has_one = row->set[0];
    const char *hole = strstr(row->set, "{}");
    if (has_two == has_one || (row->on[0] != 0) != (row->off[0] != 0))
        return pb_doc_mistake(doc, node, error,
                              "found an output without one way to command it, expected `set`, or `on` and `off`");
    if (has_one && (!hole || strstr(hole + 1, "{}")))
        return pb_doc_mistake(doc, pb_node_find(node, "set"), error,
                              "found a command without one {}, expected it where the number goes");
    if (has_one && (row->row.per != 1 || !is_power_of_ten(row->row.scale)))
        return pb_doc_mistake(doc, pb_node_find(node, row->row.per != 1 ? "per" : "scale"), error,
                              "found a scale that is no power of ten, expected one for a number that is sent");
    if (has_two && (channel->unit != PB_UNIT_NONE || row->row.scale != 1 || row->row.per != 1 || channel->min != 0 ||
                    channel->max != 1))
        return pb_doc_mistake(doc, node, error,
                              "found on and off for an output that is not 0 to 1 without a unit, expected that");
    return PB_OK;
}

static enum pb_status check_row(const struct pb_doc *doc, const struct pb_node *node, void *row_,
                                struct pb_error *error) {
    const struct pb_scpi_row *row = row_;
    const char *const lines[][2] = {{"query", row->query}, {"set", row->set}, {"on", row->on}, {"off", row->off}};
    enum pb_status status = check_lines(doc, node, lines, sizeof lines / sizeof *lines, error);
    if (status != PB_OK) return status;
    if (row->row.channel.access & PB_ACCESS_DRIVE) {
        char text[PB_SCPI_LINE_MAX + 1];
        status = check_output(doc, node, row, error);
        if (status != PB_OK) return status;
        if (pb_scpi_command(row, row->row.channel.min, text) != PB_OK ||
            pb_scpi_command(row, row->row.channel.max, text) != PB_OK)
            return pb_doc_mistake(doc, node, error,
                                  "found a command that is too long with its number, expected at most %d characters",
                                  PB_SCPI_LINE_MAX);
        return PB_OK;
    }
    if (row->set[0] || row->on[0] || row->off[0])
        return pb_doc_mistake(doc, node, error, "found a command for a channel that is read, expected `query` only");
    if (!row->query[0])
        return pb_doc_mistake(doc, node, error, "found no key \"query\", expected it for a channel that is read");
    return PB_OK;
}

const struct pb_profile_kind pb_scpi_profile_kind = {
    .driver = "scpi",
    .top_params = top_params,
    .top_count = sizeof top_params / sizeof *top_params,
    .top_size = sizeof(struct pb_scpi_top),
    .row_params = row_params,
    .row_count = sizeof row_params / sizeof *row_params,
    .row_size = sizeof(struct pb_scpi_row),
    .check_top = check_top,
    .check_row = check_row,
};

/* ---- numbers ---- */

/* mantissa * 10^exponent */
struct decimal {
    int64_t mantissa;
    int exponent;
};

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* Digits from *at on into the decimal; how many, -1 for too many. */
static int take_digits(const char *line, size_t length, size_t *at, struct decimal *decimal, bool is_fraction) {
    int count = 0;
    for (; *at < length && is_digit(line[*at]); (*at)++, count++) {
        if (decimal->mantissa >= INT64_C(100000000000000000)) return -1; /* 18 digits */
        decimal->mantissa = decimal->mantissa * 10 + (line[*at] - '0');
        decimal->exponent -= is_fraction;
    }
    return count;
}

static bool take_exponent(const char *line, size_t length, size_t *at, struct decimal *decimal) {
    if (*at >= length || (line[*at] != 'E' && line[*at] != 'e')) return true;
    (*at)++;
    bool is_negative = *at < length && line[*at] == '-';
    if (*at < length && (line[*at] == '-' || line[*at] == '+')) (*at)++;
    int exponent = 0, count = 0;
    for (; *at < length && is_digit(line[*at]); (*at)++, count++) {
        exponent = exponent * 10 + (line[*at] - '0');
        if (exponent > EXPONENT_MAX) return false;
    }
    decimal->exponent += is_negative ? -exponent : exponent;
    return count > 0;
}

static bool parse_decimal(const char *line, size_t length, struct decimal *ret_decimal) {
    struct decimal decimal = {0};
    size_t at = 0;
    bool is_negative = length && line[0] == '-';
    if (length && (line[0] == '-' || line[0] == '+')) at++;
    int whole = take_digits(line, length, &at, &decimal, false), fraction = 0;
    if (whole >= 0 && at < length && line[at] == '.') {
        at++;
        fraction = take_digits(line, length, &at, &decimal, true);
    }
    if (whole < 0 || fraction < 0 || whole + fraction == 0 || !take_exponent(line, length, &at, &decimal) ||
        at != length)
        return false;
    if (is_negative) decimal.mantissa = -decimal.mantissa;
    *ret_decimal = decimal;
    return true;
}

static __int128 power_of_ten(int exponent) {
    __int128 power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

/* decimal * scale / per in steps, rounded half away from zero once. False: far too large. */
static bool to_steps(const struct decimal *decimal, int64_t scale, int64_t per, __int128 *ret_steps) {
    __int128 product, divisor = per;
    if (__builtin_mul_overflow((__int128)decimal->mantissa, (__int128)scale, &product)) return false;
    if (product == 0) {
        *ret_steps = 0;
        return true;
    }
    if (decimal->exponent > SHIFT_MAX ||
        (decimal->exponent > 0 && __builtin_mul_overflow(product, power_of_ten(decimal->exponent), &product)))
        return false;
    if (decimal->exponent < -SHIFT_MAX ||
        (decimal->exponent < 0 && __builtin_mul_overflow(divisor, power_of_ten(-decimal->exponent), &divisor))) {
        *ret_steps = 0; /* |mantissa * scale| < 10^37, and it is divided by more than 10^37 */
        return true;
    }
    __int128 half = divisor / 2, magnitude = product < 0 ? -product : product, quotient = magnitude / divisor,
             rest = magnitude % divisor;
    if (rest > half || (rest == half && divisor % 2 == 0)) quotient++;
    *ret_steps = product < 0 ? -quotient : quotient;
    return true;
}

static enum pb_status nonsense(const char *what, const char *line, size_t length, struct pb_error *error) {
    char text[80], quoted[100];
    snprintf(text, sizeof text, "%.*s", (int)(length < sizeof text ? length : sizeof text - 1), line);
    return pb_fail(error, PB_ERR_PROTOCOL, 0, "", "found the reply %s, expected %s",
                   pb_text_quote(text, quoted, sizeof quoted), what);
}

enum pb_status pb_scpi_number(const struct pb_profile_row *row, const char *line, size_t length, int64_t *ret_value,
                              struct pb_error *error) {
    struct decimal decimal;
    __int128 steps;
    while (length && line[0] == ' ') line++, length--;
    while (length && line[length - 1] == ' ') length--;
    if (!parse_decimal(line, length, &decimal)) return nonsense("one number", line, length, error);
    if (!to_steps(&decimal, row->scale, row->per, &steps))
        return pb_fail(error, PB_ERR_RANGE, 0, "", "%s: the device says that it is overloaded, or has no value",
                       row->channel.name);
    if (steps < row->channel.min || steps > row->channel.max)
        return pb_fail(error, PB_ERR_RANGE, 0, "", "%s: the device gives %.*s, which is outside of the profile's range",
                       row->channel.name, (int)(length < 40 ? length : 40), line);
    *ret_value = (int64_t)steps;
    return PB_OK;
}

enum pb_status pb_scpi_error_line(const char *line, size_t length, int *ret_number, struct pb_error *error) {
    struct decimal decimal;
    const char *comma = memchr(line, ',', length);
    size_t number_length = comma ? (size_t)(comma - line) : length;
    if (!parse_decimal(line, number_length, &decimal) || decimal.exponent != 0 || decimal.mantissa < -32768 ||
        decimal.mantissa > 32767)
        return nonsense("an error number and its text", line, length, error);
    *ret_number = (int)decimal.mantissa;
    return PB_OK;
}

enum pb_status pb_scpi_error_status(int number) {
    if (number == -222) return PB_ERR_RANGE;
    if (number <= -100 && number > -200) return PB_ERR_UNSUPPORTED; /* it does not know the command */
    if (number <= -200 && number > -300) return PB_ERR_BUSY;        /* it knows it and cannot now */
    return PB_ERR_IO;
}

/* ---- commands ---- */

/* value / scale as a decimal number; scale is a power of ten. */
static void format_number(int64_t value, int64_t scale, char *ret_text, size_t size) {
    uint64_t magnitude = value < 0 ? -(uint64_t)value : (uint64_t)value, rest = magnitude % (uint64_t)scale;
    size_t used = (size_t)snprintf(ret_text, size - 1, "%s%" PRIu64 "%s", value < 0 ? "-" : "",
                                   magnitude / (uint64_t)scale, scale > 1 ? "." : "");
    for (uint64_t place = (uint64_t)scale / 10; place && used < size - 1; place /= 10)
        ret_text[used++] = (char)('0' + rest / place % 10);
    ret_text[used] = 0;
}

enum pb_status pb_scpi_command(const struct pb_scpi_row *row, int64_t value, char *ret_text) {
    char number[48];
    int length;
    if (row->on[0]) length = snprintf(ret_text, PB_SCPI_LINE_MAX + 1, "%s", value ? row->on : row->off);
    else {
        const char *hole = strstr(row->set, "{}");
        format_number(value, row->row.scale, number, sizeof number);
        length =
            snprintf(ret_text, PB_SCPI_LINE_MAX + 1, "%.*s%s%s", (int)(hole - row->set), row->set, number, hole + 2);
    }
    return length <= PB_SCPI_LINE_MAX ? PB_OK : PB_ERR_RANGE;
}
