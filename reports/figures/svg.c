/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figures/svg.h"

#include <stdio.h>

static void write_class(struct pb_markup *markup, char kind, enum pb_tone tone, bool is_dashed) {
    pb_markup_attribute_f(markup, "class", "%c-%s%s", kind, pb_tone_rows[tone].name, is_dashed ? " dash" : "");
}

static void write_stroke(struct pb_markup *markup, const struct pb_item *item) {
    if (item->size < 0.99f || item->size > 1.01f) pb_markup_attribute_px(markup, "stroke-width", item->size);
}

static void write_line(struct pb_markup *markup, const struct pb_item *item) {
    pb_markup_begin(markup, "line");
    write_class(markup, 's', item->tone, item->is_dashed);
    write_stroke(markup, item);
    pb_markup_attribute_px(markup, "x1", item->x);
    pb_markup_attribute_px(markup, "y1", item->y);
    pb_markup_attribute_px(markup, "x2", item->x2);
    pb_markup_attribute_px(markup, "y2", item->y2);
    pb_markup_end(markup);
}

/* Path data in tenths of a px, relative, so that long waveforms stay small. */
static size_t put_points(char *ret_text, size_t size, const float *xy, size_t count) {
    size_t used = 0;
    long last_x = 0, last_y = 0;
    for (size_t i = 0; i < count && used + 40 < size; i++) {
        long x = (long)(xy[2 * i] * 10 + (xy[2 * i] < 0 ? -.5f : .5f)),
             y = (long)(xy[2 * i + 1] * 10 + (xy[2 * i + 1] < 0 ? -.5f : .5f));
        used += (size_t)snprintf(ret_text + used, size - used, i ? "l%g %g" : "M%g %g", (double)(x - last_x) / 10,
                                 (double)(y - last_y) / 10);
        last_x = x;
        last_y = y;
    }
    return used;
}

enum { POINTS_AT_ONCE = 60 };

static void write_polyline(struct pb_markup *markup, const struct pb_scene *scene, const struct pb_item *item) {
    const float *xy = pb_scene_item_points(scene, item);
    /* Pieces that share their end points: one bounded buffer, and no renderer has a long path to choke on. */
    for (size_t first = 0; first + 1 < item->point_count; first += POINTS_AT_ONCE - 1) {
        char text[2048];
        size_t count = item->point_count - first;
        put_points(text, sizeof text, xy + 2 * first, count < POINTS_AT_ONCE ? count : POINTS_AT_ONCE);
        pb_markup_begin(markup, "path");
        write_class(markup, 's', item->tone, false);
        write_stroke(markup, item);
        pb_markup_attribute(markup, "d", text);
        pb_markup_end(markup);
    }
}

static void write_rect(struct pb_markup *markup, const struct pb_item *item) {
    pb_markup_begin(markup, "rect");
    write_class(markup, item->is_filled ? 'f' : 's', item->tone, false);
    if (!item->is_filled) write_stroke(markup, item);
    pb_markup_attribute_px(markup, "x", item->x);
    pb_markup_attribute_px(markup, "y", item->y);
    pb_markup_attribute_px(markup, "width", item->x2 > 0 ? item->x2 : 0);
    pb_markup_attribute_px(markup, "height", item->y2 > 0 ? item->y2 : 0);
    if (item->round > 0) pb_markup_attribute_px(markup, "rx", item->round);
    pb_markup_end(markup);
}

static void write_text(struct pb_markup *markup, const struct pb_scene *scene, const struct pb_item *item) {
    static const char *const anchors[] = {NULL, "middle", "end"};
    pb_markup_begin(markup, "text");
    pb_markup_attribute_f(markup, "class", "f-%s%s", pb_tone_rows[item->tone].name, item->is_bold ? " b" : "");
    pb_markup_attribute_px(markup, "font-size", item->size);
    if (anchors[item->side]) pb_markup_attribute(markup, "text-anchor", anchors[item->side]);
    pb_markup_attribute_px(markup, "x", item->x);
    pb_markup_attribute_px(markup, "y", item->y);
    pb_markup_text(markup, pb_scene_item_text(scene, item));
    pb_markup_end(markup);
}

static void write_marker(struct pb_markup *markup, const struct pb_item *item) {
    const struct pb_marker_shape *shape = &pb_marker_shapes[item->marker];
    char text[1024];
    size_t used = 0;
    for (int i = 0; i < shape->line_count; i++) {
        float xy[18];
        for (size_t k = 0; k < (size_t)shape->lines[i].count; k++) {
            xy[2 * k] = item->x + shape->lines[i].xy[2 * k] * item->size;
            xy[2 * k + 1] = item->y + shape->lines[i].xy[2 * k + 1] * item->size;
        }
        used += put_points(text + used, sizeof text - used, xy, (size_t)shape->lines[i].count);
    }
    pb_markup_begin(markup, "path");
    write_class(markup, shape->is_filled ? 'f' : 's', item->tone, false);
    if (!shape->is_filled) pb_markup_attribute_px(markup, "stroke-width", item->size > 11 ? 2.4 : 1.8);
    pb_markup_attribute(markup, "d", text);
    pb_markup_end(markup);
}

static void write_item(struct pb_markup *markup, const struct pb_scene *scene, const struct pb_item *item) {
    switch (item->kind) {
    case PB_ITEM_LINE: write_line(markup, item); return;
    case PB_ITEM_POLYLINE: write_polyline(markup, scene, item); return;
    case PB_ITEM_RECT: write_rect(markup, item); return;
    case PB_ITEM_TEXT: write_text(markup, scene, item); return;
    case PB_ITEM_MARKER: write_marker(markup, item); return;
    case PB_ITEM_GROUP:
        pb_markup_begin(markup, "g");
        if (*pb_scene_item_text(scene, item)) pb_markup_element(markup, "title", pb_scene_item_text(scene, item));
        return;
    case PB_ITEM_END: pb_markup_end(markup); return;
    }
}

static void write_name(struct pb_markup *markup, const char *element, const char *id, char letter, const char *text) {
    pb_markup_begin(markup, element);
    pb_markup_attribute_f(markup, "id", "%s-%c", id, letter);
    pb_markup_text(markup, text);
    pb_markup_end(markup);
}

void pb_svg_write(struct pb_markup *markup, const struct pb_scene *scene, const char *id) {
    if (scene->has_failed) markup->has_failed = true;
    pb_markup_begin(markup, "svg");
    pb_markup_attribute(markup, "xmlns", "http://www.w3.org/2000/svg");
    pb_markup_attribute_f(markup, "viewBox", "0 0 %.0f %.0f", scene->width, scene->height);
    pb_markup_attribute_px(markup, "width", scene->width);
    pb_markup_attribute_px(markup, "height", scene->height);
    pb_markup_attribute(markup, "role", "img");
    pb_markup_attribute_f(markup, "aria-labelledby", scene->description[0] ? "%s-t %s-d" : "%s-t", id, id);
    write_name(markup, "title", id, 't', scene->title);
    if (scene->description[0]) write_name(markup, "desc", id, 'd', scene->description);
    for (size_t i = 0; i < scene->item_count; i++) write_item(markup, scene, &scene->items[i]);
    pb_markup_end(markup);
}

static void write_tones(struct pb_markup *markup, bool is_dark) {
    char text[80];
    for (int i = 0; i < PB_TONE_COUNT; i++) {
        snprintf(text, sizeof text, "--%s:#%06x;", pb_tone_rows[i].name,
                 (unsigned)(is_dark ? pb_tone_rows[i].dark_rgb : pb_tone_rows[i].light_rgb));
        pb_markup_raw(markup, text);
    }
}

void pb_svg_write_style(struct pb_markup *markup) {
    char text[160];
    pb_markup_raw(markup, ":root{");
    write_tones(markup, false);
    pb_markup_raw(markup, "}\n@media screen and (prefers-color-scheme:dark){:root{");
    write_tones(markup, true);
    pb_markup_raw(
        markup,
        "}}\nsvg{display:block}svg text{font-family:var(--sans);unicode-bidi:isolate;white-space:pre}svg .b{font-weight:600}\n"
        "svg .dash{stroke-dasharray:4 3}\n");
    for (int i = 0; i < PB_TONE_COUNT; i++) {
        const char *name = pb_tone_rows[i].name;
        snprintf(text, sizeof text, ".f-%s{fill:var(--%s)}.s-%s{stroke:var(--%s);fill:none}\n", name, name, name, name);
        pb_markup_raw(markup, text);
    }
}
