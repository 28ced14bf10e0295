/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text from outside, made fit for a message: whole UTF-8 characters, one line, bounded length. */
#ifndef PB_BASE_TEXT_H
#define PB_BASE_TEXT_H

#include <stddef.h>

/* Takes away a UTF-8 character that was cut short at the end of text. */
void pb_text_drop_partial(char *text);

/* How many bytes at the head of text are whole, well-formed UTF-8 characters (no overlong forms, no surrogates, at most U+10FFFF):
 * length, when all of it is. */
size_t pb_text_utf8_length(const char *text, size_t length);

/* The text between double quotes, control characters as '?', cut with "..." when it does not fit; the word nothing
 * (without quotes) for an empty one. Returns ret_text (size at least 8). */
char *pb_text_quote(const char *text, char *ret_text, size_t size);

#endif
