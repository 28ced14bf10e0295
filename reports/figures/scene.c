/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figures/scene.h"

#include "reports/figures/glyphs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct pb_tone_row pb_tone_rows[PB_TONE_COUNT] = {
#define X(name, text, light, dark) [PB_TONE_##name] = {text, light, dark},
    PB_TONE_MAP(X)
#undef X
};

enum pb_tone pb_tone_of_verdict(enum pb_verdict verdict) {
    static const enum pb_tone tones[PB_VERDICT_COUNT] = {PB_TONE_MUTED, PB_TONE_PASS, PB_TONE_INCONC, PB_TONE_FAIL,
                                                         PB_TONE_ERROR};
    return tones[verdict];
}

enum pb_marker pb_marker_of_verdict(enum pb_verdict verdict) {
    static const enum pb_marker markers[PB_VERDICT_COUNT] = {PB_MARKER_RING, PB_MARKER_TICK, PB_MARKER_DIAMOND,
                                                             PB_MARKER_CROSS, PB_MARKER_SQUARE};
    return markers[verdict];
}

#define ROUND                                                                                                          \
    { .4f, 0, .283f, .283f, 0, .4f, -.283f, .283f, -.4f, 0, -.283f, -.283f, 0, -.4f, .283f, -.283f, .4f, 0 }
const struct pb_marker_shape pb_marker_shapes[PB_MARKER_COUNT] = {
    [PB_MARKER_TICK] = {{{{-.45f, .02f, -.13f, .36f, .45f, -.36f}, 3}}, 1, false},
    [PB_MARKER_DIAMOND] = {{{{0, -.45f, .45f, 0, 0, .45f, -.45f, 0, 0, -.45f}, 5}}, 1, false},
    [PB_MARKER_CROSS] = {{{{-.36f, -.36f, .36f, .36f}, 2}, {{-.36f, .36f, .36f, -.36f}, 2}}, 2, false},
    [PB_MARKER_SQUARE] = {{{{-.38f, -.38f, .38f, -.38f, .38f, .38f, -.38f, .38f, -.38f, -.38f}, 5}}, 1, false},
    [PB_MARKER_DOT] = {{{ROUND, 9}}, 1, true},
    [PB_MARKER_RING] = {{{ROUND, 9}}, 1, false},
    [PB_MARKER_RIGHT] = {{{{0, 0, -1, -.45f, -1, .45f, 0, 0}, 4}}, 1, true},
    [PB_MARKER_LEFT] = {{{{0, 0, 1, -.45f, 1, .45f, 0, 0}, 4}}, 1, true},
    [PB_MARKER_DOWN] = {{{{0, 0, -.5f, -.9f, .5f, -.9f, 0, 0}, 4}}, 1, true},
    [PB_MARKER_BREAK] = {{{{-.35f, .5f, .05f, -.5f}, 2}, {{-.05f, .5f, .35f, -.5f}, 2}}, 2, false},
};

void pb_scene_finish(struct pb_scene *scene) {
    free(scene->items);
    free(scene->points);
    free(scene->texts);
    *scene = (struct pb_scene){0};
}

static bool has_room(struct pb_scene *scene, void **list, size_t *room, size_t needed, size_t size) {
    if (scene->has_failed) return false;
    if (needed <= *room) return true;
    size_t wanted = needed * 2 + 64;
    void *grown = realloc(*list, wanted * size);
    if (!grown) {
        scene->has_failed = true;
        return false;
    }
    *list = grown;
    *room = wanted;
    return true;
}

static void add(struct pb_scene *scene, const struct pb_item *item) {
    if (has_room(scene, (void **)&scene->items, &scene->item_room, scene->item_count + 1, sizeof *scene->items))
        scene->items[scene->item_count++] = *item;
}

/* On one line, and with no more marks on a letter than any script needs: a stranger's stack of them would reach into the lines around. */
static size_t keep_text(struct pb_scene *scene, const char *text) {
    size_t at = scene->text_count;
    int marks = 0;
    if (!has_room(scene, (void **)&scene->texts, &scene->text_room, at + strlen(text) + 1, 1)) return 0;
    while (*text) {
        const char *begin = text;
        uint32_t character = pb_text_next(&text);
        marks = pb_character_columns(character) == 0 ? marks + 1 : 0;
        if (marks > PB_MARKS_MAX) continue;
        if (character < 0x20)
            scene->texts[scene->text_count++] = character == '\t' || character == '\n' || character == '\r' ? ' ' : '?';
        else {
            memcpy(scene->texts + scene->text_count, begin, (size_t)(text - begin));
            scene->text_count += (size_t)(text - begin);
        }
    }
    scene->texts[scene->text_count++] = 0;
    return at;
}

const char *pb_scene_item_text(const struct pb_scene *scene, const struct pb_item *item) {
    return scene->texts ? scene->texts + item->text : "";
}
const float *pb_scene_item_points(const struct pb_scene *scene, const struct pb_item *item) {
    return scene->points + item->first_point;
}

void pb_scene_name(struct pb_scene *scene, const char *title, const char *description) {
    snprintf(scene->title, sizeof scene->title, "%s", title);
    snprintf(scene->description, sizeof scene->description, "%s", description);
}

static void add_line(struct pb_scene *scene, enum pb_tone tone, double stroke, double x, double y, double x2, double y2,
                     bool is_dashed) {
    add(scene, &(struct pb_item){.kind = PB_ITEM_LINE,
                                 .tone = tone,
                                 .size = (float)stroke,
                                 .x = (float)x,
                                 .y = (float)y,
                                 .x2 = (float)x2,
                                 .y2 = (float)y2,
                                 .is_dashed = is_dashed});
}
void pb_scene_line(struct pb_scene *scene, enum pb_tone tone, double stroke, double x, double y, double x2, double y2) {
    add_line(scene, tone, stroke, x, y, x2, y2, false);
}
void pb_scene_dashed(struct pb_scene *scene, enum pb_tone tone, double stroke, double x, double y, double x2,
                     double y2) {
    add_line(scene, tone, stroke, x, y, x2, y2, true);
}

void pb_scene_polyline(struct pb_scene *scene, enum pb_tone tone, double stroke, const float *xy, size_t count) {
    size_t first = scene->point_count;
    if (!count ||
        !has_room(scene, (void **)&scene->points, &scene->point_room, first + 2 * count, sizeof *scene->points))
        return;
    memcpy(scene->points + first, xy, 2 * count * sizeof *xy);
    scene->point_count += 2 * count;
    add(scene,
        &(struct pb_item){
            .kind = PB_ITEM_POLYLINE, .tone = tone, .size = (float)stroke, .first_point = first, .point_count = count});
}

void pb_scene_rect(struct pb_scene *scene, enum pb_tone tone, double x, double y, double width, double height,
                   double round) {
    add(scene, &(struct pb_item){.kind = PB_ITEM_RECT,
                                 .tone = tone,
                                 .x = (float)x,
                                 .y = (float)y,
                                 .x2 = (float)width,
                                 .y2 = (float)height,
                                 .round = (float)round,
                                 .is_filled = true});
}
void pb_scene_frame(struct pb_scene *scene, enum pb_tone tone, double stroke, double x, double y, double width,
                    double height, double round) {
    add(scene, &(struct pb_item){.kind = PB_ITEM_RECT,
                                 .tone = tone,
                                 .size = (float)stroke,
                                 .x = (float)x,
                                 .y = (float)y,
                                 .x2 = (float)width,
                                 .y2 = (float)height,
                                 .round = (float)round});
}

void pb_scene_marker(struct pb_scene *scene, enum pb_tone tone, enum pb_marker marker, double x, double y,
                     double size) {
    add(scene,
        &(struct pb_item){
            .kind = PB_ITEM_MARKER, .tone = tone, .marker = marker, .x = (float)x, .y = (float)y, .size = (float)size});
}

static void add_text(struct pb_scene *scene, enum pb_tone tone, double size, enum pb_text_side side, double x, double y,
                     const char *text, bool is_bold) {
    if (!*text) return;
    add(scene, &(struct pb_item){.kind = PB_ITEM_TEXT,
                                 .tone = tone,
                                 .size = (float)size,
                                 .side = side,
                                 .x = (float)x,
                                 .y = (float)y,
                                 .text = keep_text(scene, text),
                                 .is_bold = is_bold});
}
void pb_scene_text(struct pb_scene *scene, enum pb_tone tone, double size, enum pb_text_side side, double x, double y,
                   const char *text) {
    add_text(scene, tone, size, side, x, y, text, false);
}
void pb_scene_bold(struct pb_scene *scene, enum pb_tone tone, double size, enum pb_text_side side, double x, double y,
                   const char *text) {
    add_text(scene, tone, size, side, x, y, text, true);
}

void pb_scene_group(struct pb_scene *scene, const char *tooltip) {
    add(scene, &(struct pb_item){.kind = PB_ITEM_GROUP, .text = keep_text(scene, tooltip)});
}
void pb_scene_end(struct pb_scene *scene) { add(scene, &(struct pb_item){.kind = PB_ITEM_END}); }

/* --- text ---------------------------------------------------------------------------------------------------------------- */

/* Of the size, by character: the widest of the usual sans-serif faces. */
static double character_width(uint32_t character) {
    static const char narrow[] = "iljtfrI.,:;!'|()[]/ -";
    if (character < 0x80) {
        if (character && strchr(narrow, (int)character)) return 0.40;
        if (character == 'm' || character == 'w' || character == 'M' || character == 'W' || character == '%')
            return 0.95;
        if (character >= 'A' && character <= 'Z') return 0.70;
        return 0.62;
    }
    return 0.62 * pb_character_columns(character);
}

double pb_text_width(const char *text, double size) {
    double width = 0;
    while (*text) width += character_width(pb_text_next(&text));
    return width * size;
}

char *pb_text_fit(const char *text, double size, double width, char *ret_text, size_t text_size) {
    static const char ellipsis[] = "\xE2\x80\xA6";
    const char *end = text, *cut = text;
    double used = 0, room = width - 0.8 * size;
    bool is_cut = false;
    while (*end && !is_cut) {
        const char *next = end;
        used += character_width(pb_text_next(&next)) * size;
        is_cut = used > width || (size_t)(next - text) + sizeof ellipsis > text_size;
        if (!is_cut) end = next;
        if (used <= room && !is_cut) cut = next;
    }
    snprintf(ret_text, text_size, "%.*s%s", (int)((is_cut ? cut : end) - text), text, is_cut ? ellipsis : "");
    return ret_text;
}

/* Where the line that begins at text ends: at a blank if there is one, else where it is full. */
static const char *line_end(const char *text, double size, double width) {
    const char *end = text, *blank = NULL;
    double used = 0;
    while (*end) {
        const char *next = end;
        uint32_t character = pb_text_next(&next);
        if (character == ' ' && end > text) blank = end;
        used += character_width(character) * size;
        if (used > width && end > text) return blank ? blank : end;
        end = next;
    }
    return end;
}

int pb_scene_paragraph(struct pb_scene *scene, enum pb_tone tone, double size, double x, double y, double width,
                       double line_height, int lines_max, const char *text) {
    int lines = 0;
    while (*text == ' ') text++;
    while (*text && lines < lines_max) {
        const char *end = line_end(text, size, width);
        char line[512];
        if (lines + 1 == lines_max) {
            pb_text_fit(text, size, width, line, sizeof line);
            end = text + strlen(text);
        } else snprintf(line, sizeof line, "%.*s", (int)(end - text), text);
        if (scene) pb_scene_text(scene, tone, size, PB_SIDE_LEFT, x, y + lines * line_height, line);
        lines++;
        text = end;
        while (*text == ' ') text++;
    }
    return lines;
}
