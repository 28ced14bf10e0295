/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Any bytes as a reply line, the first byte choosing the scale. Aborts when a number is taken that the C library, which knows nothing of ours, does not
 * read in the whole line, or reads as another one. */
#include "instruments/scpi/reply.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_number(const struct pb_profile_row *row, const char *line, size_t length) {
    struct pb_error error;
    char text[400], *end;
    int64_t value = INT64_MIN;
    enum pb_status status = pb_scpi_number(row, line, length, &value, &error);
    if (status != PB_OK) {
        if ((status != PB_ERR_PROTOCOL && status != PB_ERR_RANGE) || value != INT64_MIN || !error.text[0]) abort();
        return;
    }
    if (length >= sizeof text || memchr(line, 0, length)) abort();
    memcpy(text, line, length);
    text[length] = 0;
    long double steps = strtold(text, &end) * (long double)row->scale / (long double)row->per,
                off = steps - (long double)value;
    if (*end && *end != ' ') abort();
    if (value < row->channel.min || value > row->channel.max) abort();
    /* Half a step, and what 64 bits of mantissa lose. */
    long double slack = 0.5L + (steps < 0 ? -steps : steps) * 1e-18L;
    if (off > slack || -off > slack) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct {
        int64_t scale, per;
    } scales[] = {{1000000, 1}, {1, 1}, {1000000000000000, 1}, {1000, 7}, {1, 1000000000}, {100000, 3}};
    struct pb_error error;
    int number = 99999;
    if (!size) return 0;
    struct pb_profile_row row = {
        .channel = {.name = "x", .min = -INT64_C(1000000000000000), .max = INT64_C(1000000000000000)},
        .scale = scales[data[0] % 6].scale,
        .per = scales[data[0] % 6].per};
    check_number(&row, (const char *)data + 1, size - 1);
    enum pb_status status = pb_scpi_error_line((const char *)data + 1, size - 1, &number, &error);
    if ((status == PB_OK) != (number != 99999)) abort();
    if (status != PB_OK && status != PB_ERR_PROTOCOL) abort();
    return 0;
}
