/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for messages. In what is cut and quoted only the shape of UTF-8 is looked at; wrong bytes pass as they are. */
#include "base/text.h"

#include <string.h>

static size_t character_length(unsigned char lead) {
    return lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
}

void pb_text_drop_partial(char *text) {
    size_t length = strlen(text);
    size_t start = length;
    while (start > 0 && ((unsigned char)text[start - 1] & 0xC0) == 0x80) start--;
    if (start == 0) return;
    start--;
    if (length - start < character_length((unsigned char)text[start])) text[start] = '\0';
}

char *pb_text_quote(const char *text, char *ret_text, size_t size) {
    if (!*text) return strcpy(ret_text, "nothing");
    size_t room = size - sizeof "\"\"";
    size_t length = strnlen(text, room + 1);
    int is_cut = length > room;
    if (is_cut) length = room - strlen("...");
    char *out = ret_text;
    *out++ = '"';
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        *out++ = byte < 0x20 || byte == 0x7F ? '?' : (char)byte;
    }
    *out = '\0';
    if (is_cut) pb_text_drop_partial(ret_text);
    strcat(ret_text, is_cut ? "...\"" : "\"");
    return ret_text;
}

/* Length of the well-formed character at the head of text (Unicode, table 3-7), 0 if there is none. */
static size_t whole_character(const unsigned char *text, size_t length) {
    static const struct {
        unsigned char lead_min, lead_max, second_min, second_max;
        size_t length;
    } forms[] = {{0x00, 0x7F, 0, 0, 1},       {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
                 {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
                 {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4}};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        if (text[0] < forms[i].lead_min || text[0] > forms[i].lead_max) continue;
        if (length < forms[i].length) return 0;
        if (forms[i].length > 1 && (text[1] < forms[i].second_min || text[1] > forms[i].second_max)) return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((text[k] & 0xC0) != 0x80) return 0;
        return forms[i].length;
    }
    return 0;
}

size_t pb_text_utf8_length(const char *text, size_t length) {
    size_t used = 0;
    for (size_t step; used < length && (step = whole_character((const unsigned char *)text + used, length - used));
         used += step) {}
    return used;
}
