/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text for messages. Only the shape of UTF-8 is looked at; wrong bytes pass as they are. */
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
