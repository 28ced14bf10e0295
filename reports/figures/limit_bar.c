/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One check on a scale: what is allowed, the guard band inside it (w = U), the value with its U as whisker. A value far outside stands at the
 * edge with an arrow. */
#include "reports/figures/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

struct scale {
    double least, most; /* steps of the unit */
    double x, width;
};

static double x_of(const struct scale *scale, double value) {
    double share = (value - scale->least) / (scale->most - scale->least);
    return scale->x + scale->width * (share < 0 ? 0 : share > 1 ? 1 : share);
}

static struct scale make_scale(const struct pb_limit_bar *bar, double x, double width) {
    bool has_min = bar->min != INT64_MIN, has_max = bar->max != INT64_MAX;
    double min = has_min ? (double)bar->min : 0, max = has_max ? (double)bar->max : 0,
           value = bar->has_value ? (double)bar->value : min;
    double span = has_min && has_max ? max - min : fabs(has_max ? max : min);
    if (span <= 0) span = fabs(value - min) > 0 ? fabs(value - min) : 1;
    struct scale scale = {has_min              ? min - 0.35 * span
                          : has_max && max < 0 ? max - span
                                               : 0,
                          has_max ? max + 0.35 * span : min + span, x, width};
    if (has_min && has_max && min == max && min == 0) scale.least = -0.15 * span; /* a count: not below zero */
    double reach = 3 * span; /* beyond this the value is not on the scale */
    if (value < scale.least && value > min - reach) scale.least = value - 0.1 * span;
    if (value > scale.most && value < max + reach) scale.most = value + 0.1 * span;
    return scale;
}

static void draw_allowed(struct pb_scene *scene, const struct pb_limit_bar *bar, const struct scale *scale, double y,
                         double height) {
    double left = bar->min == INT64_MIN ? scale->x : x_of(scale, (double)bar->min);
    double right = bar->max == INT64_MAX ? scale->x + scale->width : x_of(scale, (double)bar->max);
    double guard = (double)bar->u / (scale->most - scale->least) * scale->width;
    if (right - left < 2) right = left + 2;
    pb_scene_rect(scene, PB_TONE_ALLOWED, left, y, right - left, height, 0);
    if (bar->rule != PB_RULE_SIMPLE && bar->has_value && guard >= 0.7 && 2 * guard < right - left) {
        if (bar->min != INT64_MIN) pb_scene_rect(scene, PB_TONE_GUARD, left, y, guard, height, 0);
        if (bar->max != INT64_MAX) pb_scene_rect(scene, PB_TONE_GUARD, right - guard, y, guard, height, 0);
    }
    if (bar->min != INT64_MIN) pb_scene_line(scene, PB_TONE_TEXT, 1, left, y - 1, left, y + height + 1);
    if (bar->max != INT64_MAX) pb_scene_line(scene, PB_TONE_TEXT, 1, right, y - 1, right, y + height + 1);
}

static void draw_value(struct pb_scene *scene, const struct pb_limit_bar *bar, const struct scale *scale, double y,
                       double size) {
    enum pb_tone tone = pb_tone_of_verdict(bar->verdict);
    double value = (double)bar->value, x = x_of(scale, value);
    double from = x_of(scale, value - (double)bar->u), to = x_of(scale, value + (double)bar->u);
    bool is_low = value<scale->least, is_high = value> scale->most;
    if (is_low) pb_scene_marker(scene, tone, PB_MARKER_LEFT, scale->x, y, 7);
    if (is_high) pb_scene_marker(scene, tone, PB_MARKER_RIGHT, scale->x + scale->width, y, 7);
    if (is_low) x = scale->x + 14;
    if (is_high) x = scale->x + scale->width - 14;
    if (!is_low && !is_high && to - from > size) {
        pb_scene_line(scene, tone, 1.6, from, y, to, y);
        pb_scene_line(scene, tone, 1.6, from, y - 4, from, y + 4);
        pb_scene_line(scene, tone, 1.6, to, y - 4, to, y + 4);
    }
    pb_scene_marker(scene, tone, bar->verdict == PB_VERDICT_PASS ? PB_MARKER_DOT : pb_marker_of_verdict(bar->verdict),
                    x, y, size);
}

static void put_figure(struct pb_scene *scene, enum pb_tone tone, const struct scale *scale, int64_t value,
                       enum pb_unit unit, double y, bool is_bold) {
    char text[48];
    pb_quantity_format(value, unit, 5, text, sizeof text);
    double width = pb_text_width(text, 11) * (is_bold ? 1.15 : 1), x = x_of(scale, (double)value);
    if (x < width / 2) x = width / 2;
    if (x > scene->width - width / 2) x = scene->width - width / 2;
    (is_bold ? pb_scene_bold : pb_scene_text)(scene, tone, 11, PB_SIDE_MIDDLE, x, y, text);
}

static void draw_figures(struct pb_scene *scene, const struct pb_limit_bar *bar, const struct scale *scale) {
    if (bar->min != INT64_MIN) put_figure(scene, PB_TONE_MUTED, scale, bar->min, bar->unit, scene->height - 4, false);
    if (bar->max != INT64_MAX && bar->max != bar->min)
        put_figure(scene, PB_TONE_MUTED, scale, bar->max, bar->unit, scene->height - 4, false);
    if (bar->has_value) put_figure(scene, pb_tone_of_verdict(bar->verdict), scale, bar->value, bar->unit, 11, true);
}

void pb_figure_limit_bar(struct pb_scene *scene, const struct pb_limit_bar *bar) {
    char title[240];
    scene->width = bar->is_large ? 330 : 150;
    scene->height = bar->is_large ? 54 : 20;
    snprintf(title, sizeof title, "%.200s: %s", bar->title,
             bar->has_value ? pb_verdict_name(bar->verdict) : "no value");
    pb_scene_name(scene, title, "");
    double y = bar->is_large ? 27 : 10, height = bar->is_large ? 16 : 10;
    struct scale scale = make_scale(bar, 8, scene->width - 16);
    pb_scene_line(scene, PB_TONE_AXIS, 1, scale.x, y, scale.x + scale.width, y);
    draw_allowed(scene, bar, &scale, y - height / 2, height);
    if (bar->has_value) draw_value(scene, bar, &scale, y, bar->is_large ? 13 : 9);
    if (bar->is_large) draw_figures(scene, bar, &scale);
}
