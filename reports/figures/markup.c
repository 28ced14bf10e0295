/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Void elements of HTML are closed as XML wants it ("<br/>"), all others get an end tag, also when they are empty: so both kinds of
 * parser read the same. */
#include "reports/figures/markup.h"

#include "reports/figures/glyphs.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void pb_markup_finish(struct pb_markup *markup) {
    free(markup->bytes);
    *markup = (struct pb_markup){0};
}

static void append(struct pb_markup *markup, const char *bytes, size_t count) {
    if (markup->has_failed || !count) return;
    if (markup->count + count > markup->room) {
        size_t room = (markup->count + count) * 2 + 65536;
        char *grown = realloc(markup->bytes, room);
        if (!grown) {
            markup->has_failed = true;
            return;
        }
        markup->bytes = grown;
        markup->room = room;
    }
    memcpy(markup->bytes + markup->count, bytes, count);
    markup->count += count;
}

static void append_text(struct pb_markup *markup, const char *text) { append(markup, text, strlen(text)); }

static const char *entity_of(uint32_t character) {
    switch (character) {
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '&': return "&amp;";
    case '"': return "&quot;";
    case '\r': return " ";
    default: return NULL;
    }
}

static void append_escaped(struct pb_markup *markup, const char *text) {
    const char *plain = text; /* not written yet, needs no care */
    int marks = 0;
    while (*text) {
        const char *begin = text;
        uint32_t character = pb_text_next(&text);
        bool is_allowed = pb_character_is_xml(character) && !pb_character_is_override(character);
        marks = pb_character_columns(character) == 0 ? marks + 1 : 0;
        const char *instead = marks > PB_MARKS_MAX ? "" : is_allowed ? entity_of(character) : "\xEF\xBF\xBD";
        if (!instead) continue;
        append(markup, plain, (size_t)(begin - plain));
        append_text(markup, instead);
        plain = text;
    }
    append(markup, plain, (size_t)(text - plain));
}

static void close_tag(struct pb_markup *markup) {
    if (markup->is_in_tag) append(markup, ">", 1);
    markup->is_in_tag = false;
}

static bool is_void(const char *element) {
    static const char *const names[] = {"meta", "link", "br", "hr", "col", "wbr"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], element) == 0) return true;
    return false;
}

void pb_markup_begin(struct pb_markup *markup, const char *element) {
    assert(markup->depth < PB_MARKUP_DEPTH);
    close_tag(markup);
    append(markup, "<", 1);
    append_text(markup, element);
    markup->open[markup->depth++] = element;
    markup->is_in_tag = true;
}

void pb_markup_end(struct pb_markup *markup) {
    assert(markup->depth > 0);
    const char *element = markup->open[--markup->depth];
    if (markup->is_in_tag && is_void(element)) {
        append(markup, "/>", 2);
        markup->is_in_tag = false;
        return;
    }
    close_tag(markup);
    append(markup, "</", 2);
    append_text(markup, element);
    append(markup, ">", 1);
}

void pb_markup_attribute(struct pb_markup *markup, const char *name, const char *value) {
    assert(markup->is_in_tag);
    append(markup, " ", 1);
    append_text(markup, name);
    append(markup, "=\"", 2);
    append_escaped(markup, value);
    append(markup, "\"", 1);
}

void pb_markup_attribute_f(struct pb_markup *markup, const char *name, const char *format, ...) {
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pb_markup_attribute(markup, name, text);
}

void pb_markup_attribute_px(struct pb_markup *markup, const char *name, double px) {
    char text[40];
    snprintf(text, sizeof text, "%.1f", px);
    size_t length = strlen(text);
    if (length > 2 && text[length - 1] == '0' && text[length - 2] == '.') text[length - 2] = 0;
    pb_markup_attribute(markup, name, text);
}

void pb_markup_text(struct pb_markup *markup, const char *text) {
    close_tag(markup);
    append_escaped(markup, text);
}

void pb_markup_text_f(struct pb_markup *markup, const char *format, ...) {
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    pb_markup_text(markup, text);
}

void pb_markup_element(struct pb_markup *markup, const char *element, const char *text) {
    pb_markup_begin(markup, element);
    pb_markup_text(markup, text);
    pb_markup_end(markup);
}

void pb_markup_classed(struct pb_markup *markup, const char *element, const char *class_name, const char *text) {
    pb_markup_begin(markup, element);
    pb_markup_attribute(markup, "class", class_name);
    pb_markup_text(markup, text);
    pb_markup_end(markup);
}

void pb_markup_raw(struct pb_markup *markup, const char *bytes) {
    close_tag(markup);
    append_text(markup, bytes);
}
