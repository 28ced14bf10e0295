/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Wrapping cells. The text is a stranger's: it is decoded character by character, and nothing that moves a cursor is
 * passed on. */
#include "reports/table.h"

#include "reports/figures/glyphs.h"

#include <string.h>

/* One line's worth of a text. */
struct piece {
    const char *begin, *end; /* what is printed */
    const char *next;        /* where the next line goes on */
    int columns;
};

/* A number stays with its unit, and "±" with its number. */
static bool is_binding(uint32_t character) { return (character >= '0' && character <= '9') || character == 0xB1; }

/* How many printable ASCII characters, each of one column, the text begins with. */
static size_t plain_length(const char *text) {
    size_t length = 0;
    while (text[length] >= 0x20 && text[length] < 0x7F) length++;
    return length;
}

/* Breaks at the last blank that fits and binds nothing, else behind the last that fits (always at least one). */
static struct piece cut_piece(const char *text, int width) {
    while (*text == ' ') text++;
    size_t plain = plain_length(text);
    if (!text[plain] && plain <= (size_t)width) return (struct piece){text, text + plain, text + plain, (int)plain};
    struct piece piece = {text, text, text, 0};
    const char *blank = NULL;
    int columns_to_blank = 0;
    uint32_t previous = 0;
    while (*piece.end) {
        const char *next = piece.end;
        uint32_t character = pb_text_next(&next);
        int columns = pb_character_columns(character);
        if (character == ' ' && !is_binding(previous)) {
            blank = piece.end;
            columns_to_blank = piece.columns;
        }
        if (piece.columns + columns > width && piece.end != text) break;
        piece.columns += columns;
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
    const char *plain = piece->begin; /* from here on is printed as it stands */
    for (const char *at = plain + plain_length(plain); at < piece->end;) {
        const char *next = at;
        uint32_t character = pb_text_next(&next);
        bool is_plain =
            !pb_character_is_unprintable(character) && (character < 0x80 || (options->is_utf8 && character != 0xFFFD));
        if (!is_plain) {
            fwrite(plain, 1, (size_t)(at - plain), file);
            for (int i = pb_character_columns(character); i > 0; i--) fputc('?', file);
            plain = next;
        }
        at = next;
    }
    fwrite(plain, 1, (size_t)(piece->end - plain), file);
}

static void print_blanks(FILE *file, int count) {
    static const char blanks[] = "                                ";
    for (int rest = count; rest > 0; rest -= (int)sizeof blanks - 1)
        fwrite(blanks, 1, (size_t)rest < sizeof blanks - 1 ? (size_t)rest : sizeof blanks - 1, file);
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
