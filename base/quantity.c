/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Decimal text to integer steps and back, exactly: a text is a coefficient of at most 30 digits, a power of ten and,
 * for minutes, hours and days, a factor; all of it fits 128 bits (10^30 * 86400 < 2^117), so nothing is rounded but
 * once. */
#include "base/quantity.h"

#include "base/text.h"

#include <stdbool.h>
#include <string.h>

typedef unsigned __int128 wide;

enum { MAX_DIGITS = 30, MAX_WIDE_EXPONENT = 37 };

/* Whether a unit takes prefixes, and the power of ten of the largest that is written. */
struct unit_prefixes {
    bool is_allowed;
    int format_max_exponent;
};

static const struct {
    const char *symbol;
    int64_t steps;
    const char *step_name;
} units[] = {
#define X(name, symbol, steps, step_name) {symbol, steps, step_name},
    PB_UNIT_MAP(X)
#undef X
};

static const struct unit_prefixes unit_prefixes[PB_UNIT_COUNT] = {
    [PB_UNIT_VOLT] = {true, 6},  [PB_UNIT_SECOND] = {true, 0},    [PB_UNIT_AMPERE] = {true, 6},
    [PB_UNIT_HERTZ] = {true, 6}, [PB_UNIT_OHM] = {true, 6},       [PB_UNIT_FARAD] = {true, 6},
    [PB_UNIT_WATT] = {true, 6},  [PB_UNIT_WATT_HOUR] = {true, 6},
};

static const struct {
    char letter;
    int exponent;
} prefixes[] = {{'f', -15}, {'p', -12}, {'n', -9}, {'u', -6}, {'m', -3}, {'k', 3}, {'M', 6}};

static const struct {
    const char *symbol;
    unsigned seconds;
} long_times[] = {{"min", 60}, {"h", 3600}, {"d", 86400}};

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

/* What stands behind a number. */
struct suffix {
    enum pb_unit unit;
    int exponent;
    unsigned factor;
};

struct decimal {
    bool is_negative;
    wide coefficient;
    int exponent;
};

const char *pb_unit_symbol(enum pb_unit unit) { return (unsigned)unit < PB_UNIT_COUNT ? units[unit].symbol : "?"; }

int64_t pb_unit_steps(enum pb_unit unit) { return (unsigned)unit < PB_UNIT_COUNT ? units[unit].steps : 1; }

const char *pb_unit_step_name(enum pb_unit unit) {
    return (unsigned)unit < PB_UNIT_COUNT ? units[unit].step_name : "?";
}

enum pb_unit pb_unit_find(const char *symbol) {
    enum pb_unit unit = PB_UNIT_NONE;
    while (unit < PB_UNIT_COUNT && strcmp(symbol, units[unit].symbol) != 0) unit++;
    return unit;
}

/* Steps are powers of ten. */
static int steps_exponent(enum pb_unit unit) {
    int exponent = 0;
    for (int64_t steps = pb_unit_steps(unit); steps > 1; steps /= 10) exponent++;
    return exponent;
}

static bool is_digit(char c) { return c >= '0' && c <= '9'; }

/* The decimal at the head of text: its end, or NULL if there is none. */
static const char *read_decimal(const char *text, struct decimal *ret_decimal) {
    struct decimal decimal = {.is_negative = *text == '-'};
    if (*text == '-' || *text == '+') text++;
    if (!is_digit(*text) || (text[0] == '0' && is_digit(text[1]))) return NULL;
    int digits = 0;
    bool has_point = false;
    for (; is_digit(*text) || (*text == '.' && !has_point && is_digit(text[1])); text++) {
        if (*text == '.') {
            has_point = true;
            continue;
        }
        if (++digits > MAX_DIGITS) return NULL;
        decimal.coefficient = decimal.coefficient * 10 + (unsigned)(*text - '0');
        decimal.exponent -= has_point;
    }
    *ret_decimal = decimal;
    return text;
}

static bool find_long_time(const char *text, struct suffix *ret_suffix) {
    for (size_t i = 0; i < COUNT_OF(long_times); i++) {
        if (strcmp(text, long_times[i].symbol) != 0) continue;
        *ret_suffix = (struct suffix){PB_UNIT_SECOND, 0, long_times[i].seconds};
        return true;
    }
    return false;
}

static bool find_prefixed(const char *text, struct suffix *ret_suffix) {
    for (size_t i = 0; i < COUNT_OF(prefixes); i++) {
        if (*text != prefixes[i].letter) continue;
        enum pb_unit unit = pb_unit_find(text + 1);
        if (unit == PB_UNIT_COUNT || !unit_prefixes[unit].is_allowed) return false;
        *ret_suffix = (struct suffix){unit, prefixes[i].exponent, 1};
        return true;
    }
    return false;
}

static bool find_suffix(const char *text, struct suffix *ret_suffix) {
    enum pb_unit unit = pb_unit_find(text);
    if (unit == PB_UNIT_COUNT) return find_long_time(text, ret_suffix) || find_prefixed(text, ret_suffix);
    *ret_suffix = (struct suffix){unit, 0, 1};
    return true;
}

static wide power_of_ten(int exponent) {
    wide power = 1;
    while (exponent-- > 0) power *= 10;
    return power;
}

/* magnitude * 10^exponent, rounded half up, if it is no more than INT64_MAX. */
static bool scale(wide magnitude, int exponent, uint64_t *ret_scaled) {
    if (exponent < -MAX_WIDE_EXPONENT) magnitude = 0;
    else if (exponent < 0) {
        wide divisor = power_of_ten(-exponent);
        wide remainder = magnitude % divisor;
        magnitude = magnitude / divisor + (remainder * 2 >= divisor);
    }
    for (; exponent > 0 && magnitude > 0 && magnitude <= INT64_MAX; exponent--) magnitude *= 10;
    *ret_scaled = (uint64_t)magnitude;
    return magnitude <= INT64_MAX;
}

/* What a file should say: "a number with the unit V, such as 12 V" or "a whole number". */
static enum pb_status refuse(const char *text, enum pb_unit unit, struct pb_error *error) {
    char found[80];
    pb_text_quote(text, found, sizeof found);
    if (unit == PB_UNIT_NONE) return pb_fail(error, PB_ERR_INPUT, 0, "", "found %s, expected a whole number", found);
    if (unit == PB_UNIT_COUNT)
        return pb_fail(error, PB_ERR_INPUT, 0, "", "found %s, expected a number and a unit", found);
    return pb_fail(error, PB_ERR_INPUT, 0, "", "found %s, expected a number with the unit %s, such as \"12 %s\"", found,
                   units[unit].symbol, units[unit].symbol);
}

static enum pb_status refuse_size(const char *text, enum pb_unit unit, struct pb_error *error) {
    char found[80], limit[80];
    return pb_fail(error, PB_ERR_RANGE, 0, "", "found %s, expected no more than %s either way",
                   pb_text_quote(text, found, sizeof found),
                   pb_quantity_format(INT64_MAX, unit, 4, limit, sizeof limit));
}

/* wanted is PB_UNIT_COUNT for any unit. */
static enum pb_status parse(const char *text, enum pb_unit wanted, struct pb_quantity *ret_quantity,
                            struct pb_error *error) {
    struct decimal decimal;
    struct suffix suffix;
    const char *rest = read_decimal(text, &decimal);
    if (!rest) return refuse(text, wanted, error);
    bool has_blank = *rest == ' ';
    while (*rest == ' ') rest++;
    if (!find_suffix(rest, &suffix) || (has_blank && !*rest)) return refuse(text, wanted, error);
    if (wanted != PB_UNIT_COUNT && suffix.unit != wanted) return refuse(text, wanted, error);
    if (suffix.unit == PB_UNIT_NONE && decimal.exponent < 0) return refuse(text, wanted, error);

    uint64_t steps;
    int exponent = decimal.exponent + suffix.exponent + steps_exponent(suffix.unit);
    if (!scale(decimal.coefficient * suffix.factor, exponent, &steps)) return refuse_size(text, suffix.unit, error);
    *ret_quantity = (struct pb_quantity){decimal.is_negative ? -(int64_t)steps : (int64_t)steps, 0, suffix.unit};
    return PB_OK;
}

enum pb_status pb_quantity_parse(const char *text, enum pb_unit unit, int64_t *ret_value, struct pb_error *error) {
    if ((unsigned)unit >= PB_UNIT_COUNT)
        return pb_fail(error, PB_ERR_ARG, 0, "", "unit %d is not in the list", (int)unit);
    struct pb_quantity quantity;
    enum pb_status status = parse(text, unit, &quantity, error);
    if (status == PB_OK) *ret_value = quantity.value;
    return status;
}

enum pb_status pb_quantity_parse_any(const char *text, struct pb_quantity *ret_quantity, struct pb_error *error) {
    return parse(text, PB_UNIT_COUNT, ret_quantity, error);
}

static int digit_count(uint64_t number) {
    int count = 1;
    while (number /= 10) count++;
    return count;
}

/* Rounds to at most `digits` digits and moves trailing zeros into the exponent. */
static void shorten(uint64_t *coefficient, int *exponent, int digits) {
    int excess = digit_count(*coefficient) - digits;
    if (excess > 0) {
        scale(*coefficient, -excess, coefficient);
        *exponent += excess;
    }
    for (; *coefficient && *coefficient % 10 == 0; *coefficient /= 10) ++*exponent;
}

/* The power of a thousand that leaves one to three digits before the point, as far as the unit has prefixes. */
static int engineering_exponent(enum pb_unit unit, int leading_exponent) {
    if ((unsigned)unit >= PB_UNIT_COUNT || !unit_prefixes[unit].is_allowed) return 0;
    int power = leading_exponent >= 0 ? leading_exponent / 3 * 3 : -((2 - leading_exponent) / 3 * 3);
    int max = unit_prefixes[unit].format_max_exponent;
    return power < -15 ? -15 : power > max ? max : power;
}

static char prefix_letter(int exponent) {
    for (size_t i = 0; i < COUNT_OF(prefixes); i++)
        if (prefixes[i].exponent == exponent) return prefixes[i].letter;
    return '\0';
}

/* Copies as much of text as fits before end; returns behind it. */
static char *append(char *at, const char *end, const char *text) {
    while (*text && at < end) *at++ = *text++;
    return at;
}

/* coefficient * 10^exponent without an exponent; returns behind it. A report formats some ten quantities a check, and
 * printf takes most of the time. */
static char *append_plain(char *at, const char *end, uint64_t coefficient, int exponent) {
    for (; exponent > 0; exponent--) coefficient *= 10; /* gives back what shorten() took: it fits */
    char digits[48];
    char *first = digits + sizeof digits - 1;
    *first = '\0';
    for (int place = exponent; coefficient || place <= 0; place++, coefficient /= 10) {
        if (place == 0 && exponent < 0) *--first = '.';
        *--first = (char)('0' + coefficient % 10);
    }
    return append(at, end, first);
}

char *pb_quantity_format(int64_t value, enum pb_unit unit, int digits, char *ret_text, size_t size) {
    uint64_t coefficient = value < 0 ? -(uint64_t)value : (uint64_t)value;
    int exponent = -steps_exponent(unit);
    shorten(&coefficient, &exponent, digits < 1 ? 1 : digits > 15 ? 15 : digits);
    int power = coefficient ? engineering_exponent(unit, digit_count(coefficient) - 1 + exponent) : 0;
    char prefix[2] = {prefix_letter(power)};
    char *at = ret_text;
    const char *end = ret_text + size - 1;
    if (value < 0) at = append(at, end, "-");
    at = append_plain(at, end, coefficient, coefficient ? exponent - power : 0);
    if (unit != PB_UNIT_NONE) at = append(at, end, " ");
    at = append(at, end, prefix);
    *append(at, end, pb_unit_symbol(unit)) = '\0';
    return ret_text;
}
