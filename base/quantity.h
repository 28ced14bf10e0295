/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantities: an integer count of a unit's smallest step, so that judged values compare as integers and the same
 * record gives the same bits on any machine. The table below is the one list of units: symbol as written in files and
 * reports, and how many steps make one. */
#ifndef PB_BASE_QUANTITY_H
#define PB_BASE_QUANTITY_H

#include "base/status.h"

#include <stddef.h>
#include <stdint.h>

/* X(enum name, symbol, steps per one, name of the step) */
#define PB_UNIT_MAP(X)                                                                                                 \
    X(NONE, "", 1, "")                                                                                                 \
    X(VOLT, "V", 1000000, "uV")                                                                                        \
    X(SECOND, "s", 1000000000, "ns")                                                                                   \
    X(PERCENT, "%", 10000, "ppm")                                                                                      \
    X(AMPERE, "A", 1000, "mA")                                                                                         \
    X(HERTZ, "Hz", 1000000, "uHz")                                                                                     \
    X(OHM, "ohm", 1000, "mohm")                                                                                        \
    X(FARAD, "F", 1000000000000000, "fF")                                                                              \
    X(WATT, "W", 1000, "mW")                                                                                           \
    X(WATT_HOUR, "Wh", 1, "Wh")                                                                                        \
    X(CELSIUS, "degC", 1000, "mdegC")

enum pb_unit {
#define X(name, symbol, steps, step_name) PB_UNIT_##name,
    PB_UNIT_MAP(X)
#undef X
        PB_UNIT_COUNT
};

/* value and expanded uncertainty (k=2, never negative; 0 where exact), both in steps of the unit. */
struct pb_quantity {
    int64_t value;
    int64_t u;
    enum pb_unit unit;
};

const char *pb_unit_symbol(enum pb_unit unit);
int64_t pb_unit_steps(enum pb_unit unit);
const char *pb_unit_step_name(enum pb_unit unit);
/* The unit whose symbol this is; PB_UNIT_COUNT if none. */
enum pb_unit pb_unit_find(const char *symbol);

/* Reads "2.74 kohm", "300 pF", "-12 V", "3 s", "6 min", "14 h", "26.667 %", "1 kHz" (prefixes f p n u m k M; min, h, d
 * for seconds; none before % and degC) and for PB_UNIT_NONE a bare integer. Digits and a point, at most 30 digits, no
 * exponent, no leading zero; blanks between number and unit are free. The whole text must be used, the unit must be
 * the one asked for, nan and inf are refused. Exact: the decimal text is rounded once to the step, half away from
 * zero, never through a double. Errors: PB_ERR_INPUT (text names what was found and what is expected), PB_ERR_RANGE
 * (does not fit). */
PB_MUST_CHECK enum pb_status pb_quantity_parse(const char *text, enum pb_unit unit, int64_t *ret_value,
                                               struct pb_error *error);
/* Same, the unit taken from the text. */
PB_MUST_CHECK enum pb_status pb_quantity_parse_any(const char *text, struct pb_quantity *ret_quantity,
                                                   struct pb_error *error);

/* "11.987 V", "996.2 ms", "26.63 %": engineering prefixes for people (seconds: none above s), rounded half away from
 * zero to at most `digits` significant digits (1..15), no trailing zeros after the point. Returns ret_text; 40 bytes
 * are enough. */
char *pb_quantity_format(int64_t value, enum pb_unit unit, int digits, char *ret_text, size_t size);

#endif
