/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Current against duty: what the law allows as a line, what a vehicle drew as marks with their U. */
#include "reports/figures/figures.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const double width = 1040, left = 52, right = 16, top = 52, plot_height = 300, bottom = 42, mark_size = 9;
static const int64_t all_ppm = 1000000;

struct drawing {
    struct pb_scene *scene;
    const struct pb_duty_chart *chart;
    double most_ma, step_ma; /* the scale's end, and from line to line */
};

static double x_of(double ppm) { return left + (width - left - right) * ppm / (double)all_ppm; }
static double y_of(const struct drawing *drawing, double ma) {
    double share = ma / drawing->most_ma;
    return top + plot_height * (1 - (share < 0 ? 0 : share > 1 ? 1 : share));
}

static int64_t current_at(const struct pb_duty_row *row, int64_t ppm) {
    return row->slope_ma ? (ppm - row->zero_ppm) * row->slope_ma / 10000 : row->fixed_ma;
}

static double find_most(const struct pb_duty_chart *chart) {
    double most = 10000;
    for (size_t i = 0; i < chart->row_count; i++)
        if (chart->rows[i].meaning == PB_DUTY_CURRENT)
            most = fmax(most, (double)current_at(&chart->rows[i], chart->rows[i].to));
    for (size_t i = 0; i < chart->point_count; i++) {
        most = fmax(most, (double)chart->points[i].limit_ma);
        most = fmax(most, (double)chart->points[i].ma + (double)chart->points[i].u_ma);
    }
    return most * 1.04;
}

/* A round step (1, 2, 5 times a power of ten), at most six to the end. */
static double round_step(double most_ma) {
    double step = pow(10, floor(log10(most_ma / 6)));
    static const double times[] = {1, 2, 5, 10};
    size_t i = 0;
    while (i < 3 && step * times[i] * 6 < most_ma) i++;
    return step * times[i];
}

/* --- behind the marks ---------------------------------------------------------------------------------------------------- */

static void draw_region(struct pb_scene *scene, enum pb_tone tone, int64_t from, int64_t to) {
    if (to > from)
        pb_scene_rect(scene, tone, x_of((double)from), top, x_of((double)to) - x_of((double)from), plot_height, 0);
}

/* What no row holds is reserved. Rows stand in the order of their duties. */
static void draw_regions(const struct drawing *drawing) {
    const struct pb_duty_chart *chart = drawing->chart;
    int64_t end = 0;
    for (size_t i = 0; i < chart->row_count; i++) {
        const struct pb_duty_row *row = &chart->rows[i];
        draw_region(drawing->scene, PB_TONE_GUARD, end, row->from);
        if (row->meaning == PB_DUTY_DIGITAL) draw_region(drawing->scene, PB_TONE_ACCENT_SOFT, row->from, row->to);
        if (row->to > end) end = row->to;
    }
    if (chart->row_count) draw_region(drawing->scene, PB_TONE_GUARD, end, all_ppm);
}

static void draw_scales(const struct drawing *drawing) {
    struct pb_scene *scene = drawing->scene;
    char text[32];
    const long lines = lround(drawing->most_ma / drawing->step_ma);
    for (long i = 0; i <= lines; i++) {
        double ma = (double)i * drawing->step_ma, y = y_of(drawing, ma);
        pb_scene_line(scene, i ? PB_TONE_GRID : PB_TONE_AXIS, 1, left, y, width - right, y);
        snprintf(text, sizeof text, "%.4g A", ma / 1000);
        pb_scene_text(scene, PB_TONE_MUTED, 11, PB_SIDE_RIGHT, left - 7, y + 4, text);
    }
    for (int percent = 0; percent <= 100; percent += 10) {
        double x = x_of(percent * 10000.0);
        pb_scene_line(scene, PB_TONE_AXIS, 1, x, top + plot_height, x, top + plot_height + 4);
        snprintf(text, sizeof text, "%d %%", percent);
        pb_scene_text(scene, PB_TONE_MUTED, 11, percent == 100 ? PB_SIDE_RIGHT : PB_SIDE_MIDDLE,
                      percent == 100 ? width - right : x, top + plot_height + 18, text);
    }
    pb_scene_text(scene, PB_TONE_MUTED, 11, PB_SIDE_MIDDLE, (left + width - right) / 2, top + plot_height + 35,
                  "duty that the bench announced");
}

/* A row's line, and behind it what the generator's tolerance makes of it: parallel to the line, so a broad stroke. */
static void draw_law(const struct drawing *drawing, bool is_band) {
    for (size_t i = 0; i < drawing->chart->row_count; i++) {
        const struct pb_duty_row *row = &drawing->chart->rows[i];
        if (row->meaning != PB_DUTY_CURRENT || row->to <= row->from) continue;
        double x = x_of((double)row->from), x2 = x_of((double)row->to),
               y = y_of(drawing, (double)current_at(row, row->from)),
               y2 = y_of(drawing, (double)current_at(row, row->to));
        double rise = fabs(y2 - y), tolerance = x_of((double)drawing->chart->tolerance_ppm) - left;
        double band = 2 * tolerance * rise / hypot(rise, x2 - x);
        const float xy[] = {(float)x, (float)y, (float)x2, (float)y2};
        if (is_band) pb_scene_polyline(drawing->scene, PB_TONE_ALLOWED, band + 3, xy, 2);
        else pb_scene_polyline(drawing->scene, PB_TONE_SIGNAL, 1.3, xy, 2);
    }
}

/* Without a law only what each mark was held against is known. */
static void draw_limits(const struct drawing *drawing) {
    for (size_t i = 0; i < drawing->chart->point_count && !drawing->chart->row_count; i++) {
        const struct pb_duty_point *point = &drawing->chart->points[i];
        double x = x_of((double)point->duty_ppm), y = y_of(drawing, (double)point->limit_ma);
        if (!point->is_s2_open) pb_scene_line(drawing->scene, PB_TONE_SIGNAL, 1.3, x - 6, y, x + 6, y);
    }
}

/* --- marks --------------------------------------------------------------------------------------------------------------- */

static enum pb_marker marker_of(const struct pb_duty_point *point) {
    if (point->verdict != PB_VERDICT_PASS) return pb_marker_of_verdict(point->verdict);
    return point->is_s2_open ? PB_MARKER_RING : PB_MARKER_DOT;
}

static void draw_point(const struct drawing *drawing, const struct pb_duty_point *point) {
    struct pb_scene *scene = drawing->scene;
    enum pb_tone tone = pb_tone_of_verdict(point->verdict);
    double x = x_of((double)point->duty_ppm), y = y_of(drawing, (double)point->ma);
    double high = y_of(drawing, (double)point->ma + (double)point->u_ma),
           low = y_of(drawing, (double)point->ma - (double)point->u_ma);
    pb_scene_group(scene, point->tooltip);
    if (point->verdict == PB_VERDICT_FAIL && !point->is_s2_open)
        pb_scene_dashed(scene, tone, 1, x, y_of(drawing, (double)point->limit_ma), x, y);
    if (low - high > 1.5) {
        pb_scene_line(scene, tone, 1.3, x, high, x, low);
        pb_scene_line(scene, tone, 1.3, x - 4, high, x + 4, high);
        pb_scene_line(scene, tone, 1.3, x - 4, low, x + 4, low);
    }
    pb_scene_marker(scene, tone, marker_of(point), x, y,
                    point->verdict == PB_VERDICT_PASS ? mark_size - 2 : mark_size + 2);
    pb_scene_end(scene);
}

/* What did not pass stands above what did. */
static void draw_points(const struct drawing *drawing) {
    for (int is_second = 0; is_second < 2; is_second++)
        for (size_t i = 0; i < drawing->chart->point_count; i++)
            if ((drawing->chart->points[i].verdict != PB_VERDICT_PASS) == is_second)
                draw_point(drawing, &drawing->chart->points[i]);
}

/* --- legend -------------------------------------------------------------------------------------------------------------- */

static double put_word(struct pb_scene *scene, double x, const char *word) {
    pb_scene_text(scene, PB_TONE_MUTED, 11, PB_SIDE_LEFT, x + 20, 19, word);
    return x + 20 + pb_text_width(word, 11) + 14;
}

static double legend_of_law(const struct drawing *drawing, double x) {
    struct pb_scene *scene = drawing->scene;
    char text[80];
    if (!drawing->chart->row_count) {
        pb_scene_line(scene, PB_TONE_SIGNAL, 1.3, x, 15, x + 14, 15);
        return put_word(scene, x, "limit");
    }
    const float xy[] = {(float)x, 15, (float)x + 14, 15};
    pb_scene_polyline(scene, PB_TONE_ALLOWED, 7, xy, 2);
    pb_scene_polyline(scene, PB_TONE_SIGNAL, 1.3, xy, 2);
    snprintf(text, sizeof text, "allowed, duty \xC2\xB1 %.2g %%", (double)drawing->chart->tolerance_ppm / 1e4);
    x = put_word(scene, x, text);
    pb_scene_rect(scene, PB_TONE_ACCENT_SOFT, x, 9, 14, 12, 0);
    pb_scene_frame(scene, PB_TONE_AXIS, 1, x, 9, 14, 12, 0);
    x = put_word(scene, x, "digital");
    pb_scene_rect(scene, PB_TONE_GUARD, x, 9, 14, 12, 0);
    pb_scene_frame(scene, PB_TONE_AXIS, 1, x, 9, 14, 12, 0);
    return put_word(scene, x, "reserved");
}

static void draw_legend(const struct drawing *drawing) {
    static const struct {
        enum pb_verdict verdict;
        bool is_s2_open;
        const char *word;
    } words[] = {{PB_VERDICT_PASS, false, "drawn"},    {PB_VERDICT_PASS, true, "S2 open"},
                 {PB_VERDICT_FAIL, false, "too much"}, {PB_VERDICT_FAIL, true, "S2 closed"},
                 {PB_VERDICT_INCONC, false, "inconc"}, {PB_VERDICT_ERROR, false, "error"}};
    double x = legend_of_law(drawing, left);
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        struct pb_duty_point like = {.verdict = words[w].verdict, .is_s2_open = words[w].is_s2_open};
        size_t i = 0;
        while (i < drawing->chart->point_count && (drawing->chart->points[i].verdict != like.verdict ||
                                                   drawing->chart->points[i].is_s2_open != like.is_s2_open))
            i++;
        if (i == drawing->chart->point_count) continue;
        pb_scene_marker(drawing->scene, pb_tone_of_verdict(like.verdict), marker_of(&like), x + 7, 15, mark_size);
        x = put_word(drawing->scene, x, words[w].word);
    }
}

void pb_figure_duty_chart(struct pb_scene *scene, const struct pb_duty_chart *chart) {
    double step_ma = round_step(find_most(chart));
    struct drawing drawing = {scene, chart, step_ma * ceil(find_most(chart) / step_ma), step_ma};
    scene->width = width;
    scene->height = top + plot_height + bottom;
    pb_scene_name(scene, chart->title, "Current against duty: what the law allows, and what the device drew.");
    draw_regions(&drawing);
    draw_scales(&drawing);
    draw_law(&drawing, true);
    draw_law(&drawing, false);
    draw_limits(&drawing);
    draw_points(&drawing);
    draw_legend(&drawing);
    pb_scene_frame(scene, PB_TONE_AXIS, 1, left, top, width - left - right, plot_height, 0);
}
