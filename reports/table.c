/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrapping cells. The text is a stranger's: it is decoded character by character, and nothing that moves a cursor is
 * passed on. */
#include "reports/table.h"

#include <string.h>

uint32_t pb_text_next(const char **text) {
    const unsigned char *at = (const unsigned char *)*text;
    static const struct {
        unsigned char mask, lead;
        uint32_t least;
    } forms[] = {{0x80, 0x00, 0}, {0xE0, 0xC0, 0x80}, {0xF0, 0xE0, 0x800}, {0xF8, 0xF0, 0x10000}};
    for (unsigned extra = 0; extra < 4; extra++) {
        if ((at[0] & forms[extra].mask) != forms[extra].lead) continue;
        uint32_t character = at[0] & (unsigned char)~forms[extra].mask;
        unsigned i = 1;
        for (; i <= extra && (at[i] & 0xC0) == 0x80; i++) character = character << 6 | (at[i] & 0x3F);
        if (i <= extra || character < forms[extra].least || character > 0x10FFFF || (character & 0xFFFFF800) == 0xD800)
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

/* Control characters, and the marks that turn the direction of writing round. */
static bool is_unprintable(uint32_t character) {
    return character < 0x20 || (character >= 0x7F && character < 0xA0) || character == 0x200E || character == 0x200F ||
           (character >= 0x2028 && character <= 0x202E) || (character >= 0x2066 && character <= 0x2069);
}

static int columns_of(uint32_t character) {
    for (size_t i = 0; i < sizeof odd_widths / sizeof *odd_widths; i++)
        if (character >= odd_widths[i].first && character <= odd_widths[i].last) return odd_widths[i].columns;
    return 1;
}

int pb_text_columns(const char *text) {
    int columns = 0;
    while (*text) columns += columns_of(pb_text_next(&text));
    return columns;
}

/* One line's worth of a text. */
struct piece {
    const char *begin, *end; /* what is printed */
    const char *next;        /* where the next line goes on */
    int columns;
};

/* A number stays with its unit, and "±" with its number. */
static bool is_binding(uint32_t character) { return (character >= '0' && character <= '9') || character == 0xB1; }

/* Breaks at the last blank that fits and binds nothing, else behind the last that fits (always at least one). */
static struct piece cut_piece(const char *text, int width) {
    while (*text == ' ') text++;
    struct piece piece = {text, text, text, 0};
    const char *blank = NULL;
    int columns_to_blank = 0;
    uint32_t previous = 0;
    while (*piece.end) {
        const char *next = piece.end;
        uint32_t character = pb_text_next(&next);
        if (character == ' ' && !is_binding(previous)) {
            blank = piece.end;
            columns_to_blank = piece.columns;
        }
        if (piece.columns + columns_of(character) > width && piece.end != text) break;
        piece.columns += columns_of(character);
        piece.end = next;
        previous = character;
    }
    if (*piece.end && blank) {
        piece.end = blank;
        piece.columns = columns_to_blank;
    }
    piece.next = piece.end;
    return piece;
}

static void print_piece(FILE *file, const struct pb_report_options *options, const struct piece *piece) {
    for (const char *at = piece->begin; at < piece->end;) {
        const char *next = at;
        uint32_t character = pb_text_next(&next);
        bool is_plain = !is_unprintable(character) && (character < 0x80 || (options->is_utf8 && character != 0xFFFD));
        if (is_plain) fwrite(at, 1, (size_t)(next - at), file);
        else
            for (int i = columns_of(character); i > 0; i--) fputc('?', file);
        at = next;
    }
}

static void print_blanks(FILE *file, int count) {
    if (count > 0) fprintf(file, "%*s", count, "");
}

enum { CELLS_MAX = 8 };

void pb_table_line(FILE *file, const struct pb_report_options *options, int indent, const struct pb_cell *cells,
                   size_t count) {
    const char *rest[CELLS_MAX];
    for (size_t i = 0; i < count; i++) rest[i] = cells[i].text;
    for (bool is_more = true; is_more;) {
        is_more = false;
        int owed = indent; /* blanks that are only printed before something */
        for (size_t i = 0; i < count; i++) {
            struct piece piece = cut_piece(rest[i], cells[i].width);
            bool has_colour = options->is_colour && cells[i].colour && piece.columns > 0;
            int pad = cells[i].width - piece.columns;
            if (piece.end > piece.begin) {
                print_blanks(file, owed + (cells[i].is_right ? pad : 0));
                owed = cells[i].is_right ? -pad : 0;
            }
            if (has_colour) fprintf(file, "\033[%sm", cells[i].colour);
            print_piece(file, options, &piece);
            if (has_colour) fputs("\033[0m", file);
            owed += pad + 1;
            rest[i] = piece.next;
            while (*rest[i] == ' ') rest[i]++;
            is_more = is_more || *rest[i];
        }
        fputc('\n', file);
    }
}
