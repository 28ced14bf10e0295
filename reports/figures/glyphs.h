/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Characters of texts that strangers wrote: decoding, and how wide they are. */
#ifndef PB_FIGURES_GLYPHS_H
#define PB_FIGURES_GLYPHS_H

#include <stdbool.h>
#include <stdint.h>

/* Reads one UTF-8 character and moves on; U+FFFD, one byte further, for what is not one. */
uint32_t pb_text_next(const char **text);
/* Columns that a character, a text takes: wide East Asian characters are two, combining marks none, control characters and
 * bytes that are not UTF-8 one. */
int pb_character_columns(uint32_t character);
int pb_text_columns(const char *text);
/* Control characters, and the marks that turn the direction of writing round. */
bool pb_character_is_unprintable(uint32_t character);
/* Marks that turn the direction of writing round until they are taken back, which a stranger's text may not do. */
bool pb_character_is_override(uint32_t character);
/* Marks on one letter that are shown: more than most scripts need. A stack of them would reach into the lines around. */
enum { PB_MARKS_MAX = 2 };
/* What XML 1.0 can hold, without the C1 controls and U+FFFD, which it only discourages. */
bool pb_character_is_xml(uint32_t character);

#endif
