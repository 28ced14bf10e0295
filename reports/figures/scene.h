/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure as a list of primitives, drawn by a back end: SVG with real text (svg.h) or SDL. What is drawn says what it means
 * (a tone), not a colour, so that light and dark themes are one table. Lengths are px of a 96 px/inch page, y downwards.
 * Functions that add do not report: when memory runs out the scene has failed, which the back end says. */
#ifndef PB_FIGURES_SCENE_H
#define PB_FIGURES_SCENE_H

#include "judge/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(enum name, name in style sheets, light RGB, dark RGB). Texts on paper and panel have a contrast of at least 4.5. */
#define PB_TONE_MAP(X)                                                                                                 \
    X(TEXT, "text", 0x1B1F23, 0xE4E7EA)                                                                                \
    X(MUTED, "muted", 0x57606A, 0xA2ABB4)                                                                              \
    X(AXIS, "axis", 0x8A929A, 0x77808A)                                                                                \
    X(GRID, "grid", 0xE1E4E8, 0x30363C)                                                                                \
    X(PANEL, "panel", 0xF4F5F7, 0x1E2327)                                                                              \
    X(PAPER, "paper", 0xFFFFFF, 0x15191C)                                                                              \
    X(ACCENT, "accent", 0x1C5A9C, 0x82B6F0)                                                                            \
    X(ACCENT_SOFT, "accent-soft", 0xE3EDF8, 0x1D3145)                                                                  \
    X(PASS, "pass", 0x17693A, 0x6CCB8B)                                                                                \
    X(INCONC, "inconc", 0x855000, 0xEBB35C)                                                                            \
    X(FAIL, "fail", 0xB3211A, 0xFF8B80)                                                                                \
    X(ERROR, "error", 0x7A2C8C, 0xDCA3EC)                                                                              \
    X(PASS_SOFT, "pass-soft", 0xE4F2E8, 0x17301F)                                                                      \
    X(INCONC_SOFT, "inconc-soft", 0xFBF0DC, 0x352914)                                                                  \
    X(FAIL_SOFT, "fail-soft", 0xFBE7E5, 0x3C1C1A)                                                                      \
    X(ERROR_SOFT, "error-soft", 0xF4E8F7, 0x331C39)                                                                    \
    X(ALLOWED, "allowed", 0xCFE6D6, 0x234A32)                                                                          \
    X(GUARD, "guard", 0xF0D9A8, 0x5C4718)                                                                              \
    X(SIGNAL, "signal", 0x2B4F77, 0x9CC3EE)                                                                            \
    X(STATE_A, "state-a", 0x9AA3AC, 0x6F7982)                                                                          \
    X(STATE_B, "state-b", 0xE0A63A, 0xC08A2A)                                                                          \
    X(STATE_C, "state-c", 0x4FA56F, 0x3F8F5C)                                                                          \
    X(STATE_D, "state-d", 0x3E9DA8, 0x37868F)                                                                          \
    X(STATE_E, "state-e", 0xCB5A4E, 0xB9534A)                                                                          \
    X(STATE_F, "state-f", 0x8F5FA8, 0x8A62A3)

enum pb_tone {
#define X(name, text, light, dark) PB_TONE_##name,
    PB_TONE_MAP(X)
#undef X
        PB_TONE_COUNT
};
struct pb_tone_row {
    const char *name;
    uint32_t light_rgb, dark_rgb;
};
extern const struct pb_tone_row pb_tone_rows[PB_TONE_COUNT];
enum pb_tone pb_tone_of_verdict(enum pb_verdict verdict);

enum pb_text_side { PB_SIDE_LEFT, PB_SIDE_MIDDLE, PB_SIDE_RIGHT };

/* Verdicts differ by shape: pass a tick, inconc a diamond with a hole, fail a cross, error a square with a hole. */
enum pb_marker {
    PB_MARKER_TICK,
    PB_MARKER_DIAMOND,
    PB_MARKER_CROSS,
    PB_MARKER_SQUARE,
    PB_MARKER_DOT,
    PB_MARKER_RING,
    PB_MARKER_RIGHT, /* arrow heads: the point is at x, y */
    PB_MARKER_LEFT,
    PB_MARKER_DOWN,
    PB_MARKER_BREAK, /* two slanted strokes on an axis */
    PB_MARKER_COUNT
};
enum pb_marker pb_marker_of_verdict(enum pb_verdict verdict); /* none: a ring */

enum pb_item_kind {
    PB_ITEM_LINE,     /* x, y to x2, y2; size is the stroke's width */
    PB_ITEM_POLYLINE, /* points */
    PB_ITEM_RECT,     /* x, y, width x2, height y2; filled, or stroked with size */
    PB_ITEM_TEXT,     /* at x and base line y; size is the font's */
    PB_ITEM_MARKER,   /* centre x, y; size is its width */
    PB_ITEM_GROUP,    /* until END; text is what a pointer over it shows */
    PB_ITEM_END
};
struct pb_item {
    enum pb_item_kind kind;
    enum pb_tone tone;
    float x, y, x2, y2, size, round;
    enum pb_text_side side;
    enum pb_marker marker;
    bool is_filled, is_dashed, is_bold;
    size_t first_point, point_count; /* pairs x, y in the scene's points */
    size_t text;                     /* offset in the scene's texts */
};
struct pb_scene {
    double width, height;
    char title[240], description[480];
    struct pb_item *items;
    size_t item_count, item_room;
    float *points;
    size_t point_count, point_room; /* floats */
    char *texts;
    size_t text_count, text_room;
    bool has_failed;
};
/* Zeroed by {0}; finish frees. */
void pb_scene_finish(struct pb_scene *scene);
void pb_scene_name(struct pb_scene *scene, const char *title, const char *description);

void pb_scene_line(struct pb_scene *scene, enum pb_tone tone, double stroke, double x, double y, double x2, double y2);
void pb_scene_dashed(struct pb_scene *scene, enum pb_tone tone, double stroke, double x, double y, double x2,
                     double y2);
/* xy: count pairs. */
void pb_scene_polyline(struct pb_scene *scene, enum pb_tone tone, double stroke, const float *xy, size_t count);
void pb_scene_rect(struct pb_scene *scene, enum pb_tone tone, double x, double y, double width, double height,
                   double round);
void pb_scene_frame(struct pb_scene *scene, enum pb_tone tone, double stroke, double x, double y, double width,
                    double height, double round);
void pb_scene_marker(struct pb_scene *scene, enum pb_tone tone, enum pb_marker marker, double x, double y, double size);
void pb_scene_text(struct pb_scene *scene, enum pb_tone tone, double size, enum pb_text_side side, double x, double y,
                   const char *text);
void pb_scene_bold(struct pb_scene *scene, enum pb_tone tone, double size, enum pb_text_side side, double x, double y,
                   const char *text);
void pb_scene_group(struct pb_scene *scene, const char *tooltip);
void pb_scene_end(struct pb_scene *scene);
const char *pb_scene_item_text(const struct pb_scene *scene, const struct pb_item *item);
/* Pairs of points of a polyline. */
const float *pb_scene_item_points(const struct pb_scene *scene, const struct pb_item *item);

/* Width that a text takes in most faces, on the safe side. */
double pb_text_width(const char *text, double size);
/* The text cut with an ellipsis where it would be wider. Returns ret_text. */
char *pb_text_fit(const char *text, double size, double width, char *ret_text, size_t text_size);
/* Text wrapped to width, at most lines_max lines, the last one cut. Returns the lines used; y is the first base line. With
 * scene NULL it only counts. */
int pb_scene_paragraph(struct pb_scene *scene, enum pb_tone tone, double size, double x, double y, double width,
                       double line_height, int lines_max, const char *text);

/* Strokes of a marker of size 1 around 0, 0: up to three lines of points; what both back ends draw. */
struct pb_marker_shape {
    struct {
        float xy[18];
        int count; /* pairs */
    } lines[2];
    int line_count;
    bool is_filled;
};
extern const struct pb_marker_shape pb_marker_shapes[PB_MARKER_COUNT];

#endif
