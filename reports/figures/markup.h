/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Elements and texts as HTML that is XML too: the one place that escapes. Grows in memory; what does not fit there makes it fail, which
 * is asked once at the end. Names of elements and attributes are ours, values and texts anybody's. */
#ifndef PB_FIGURES_MARKUP_H
#define PB_FIGURES_MARKUP_H

#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum { PB_MARKUP_DEPTH = 32 };
struct pb_markup {
    char *bytes;
    size_t count, room;
    const char *open[PB_MARKUP_DEPTH];
    int depth;
    bool is_in_tag; /* the start tag is not closed yet: attributes may follow */
    bool has_failed;
};
/* Zeroed by {0}; finish frees. */
void pb_markup_finish(struct pb_markup *markup);

void pb_markup_begin(struct pb_markup *markup, const char *element);
/* Closes the innermost element. */
void pb_markup_end(struct pb_markup *markup);
/* An attribute of the element that was just begun. */
void pb_markup_attribute(struct pb_markup *markup, const char *name, const char *value);
void pb_markup_attribute_f(struct pb_markup *markup, const char *name, const char *format, ...) PB_PRINTF(3, 4);
/* With at most one decimal, as figures need. */
void pb_markup_attribute_px(struct pb_markup *markup, const char *name, double px);
/* Characters that XML cannot hold and those that override the direction of writing become U+FFFD; of marks stacked on one letter the first few
 * are kept. */
void pb_markup_text(struct pb_markup *markup, const char *text);
void pb_markup_text_f(struct pb_markup *markup, const char *format, ...) PB_PRINTF(2, 3);
/* begin, text, end. */
void pb_markup_element(struct pb_markup *markup, const char *element, const char *text);
/* begin, class attribute, text, end. */
void pb_markup_classed(struct pb_markup *markup, const char *element, const char *class_name, const char *text);
/* Our own bytes as they are: style sheets, the document type. */
void pb_markup_raw(struct pb_markup *markup, const char *bytes);

#endif
