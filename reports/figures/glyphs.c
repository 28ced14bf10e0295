/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figures/glyphs.h"

#include <stddef.h>

uint32_t pb_text_next(const char **text) {
    const unsigned char *at = (const unsigned char *)*text;
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    if (at[0] < 0x80) {
        *text += 1;
        return at[0];
    }
    for (unsigned extra = 1; extra < 4; extra++) {
        if ((at[0] & forms[extra - 1].mask) != forms[extra - 1].lead) continue;
        uint32_t character = at[0] & (unsigned char)~forms[extra - 1].mask;
        unsigned i = 1;
        for (; i <= extra && (at[i] & 0xC0) == 0x80; i++) character = character << 6 | (at[i] & 0x3F);
        if (i <= extra || character < forms[extra - 1].least || character > 0x10FFFF ||
            (character & 0xFFFFF800) == 0xD800)
            break;
        *text += extra + 1;
        return character;
    }
    *text += 1;
    return 0xFFFD;
}

/* Unicode 14's wide blocks and the combining marks that names are written with, roughly: a wrong guess costs a column
 * of alignment. */
static const struct {
    uint32_t first, last;
    int columns;
} odd_widths[] = {{0x0300, 0x036F, 0}, {0x0483, 0x0489, 0},   {0x0591, 0x05BD, 0},  {0x0610, 0x061A, 0},
                  {0x064B, 0x065F, 0}, {0x0E34, 0x0E3A, 0},   {0x0E47, 0x0E4E, 0},  {0x1100, 0x115F, 2},
                  {0x200B, 0x200D, 0}, {0x20D0, 0x20FF, 0},   {0x2E80, 0xA4CF, 2},  {0xAC00, 0xD7A3, 2},
                  {0xF900, 0xFAFF, 2}, {0xFE00, 0xFE0F, 0},   {0xFE30, 0xFE6F, 2},  {0xFF00, 0xFF60, 2},
                  {0xFFE0, 0xFFE6, 2}, {0x1F300, 0x1FAFF, 2}, {0x20000, 0x3FFFD, 2}};

bool pb_character_is_override(uint32_t character) {
    return (character >= 0x202A && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

bool pb_character_is_unprintable(uint32_t character) {
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x200E || character == 0x200F ||
           character == 0x2028 || character == 0x2029 || pb_character_is_override(character);
}

bool pb_character_is_xml(uint32_t c) {
    return c == '\t' || c == '\n' || c == '\r' || (c >= 0x20 && c < 0x7F) || (c >= 0xA0 && c <= 0xD7FF) ||
           (c >= 0xE000 && c < 0xFFFD) || c >= 0x10000;
}

int pb_character_columns(uint32_t character) {
    if (character < odd_widths[0].first) return 1;
    for (size_t i = 0; i < sizeof odd_widths / sizeof *odd_widths; i++)
        if (character >= odd_widths[i].first && character <= odd_widths[i].last) return odd_widths[i].columns;
    return 1;
}

int pb_text_columns(const char *text) {
    int columns = 0;
    while (*text) columns += pb_character_columns(pb_text_next(&text));
    return columns;
}
