/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports/figures/figures.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static const double left = 44, right = 12, top = 20, plot_height = 190, bottom = 30;
static const double usual_v = 14;

static double y_of(const struct pb_waveform *waveform, double volts) {
    bool is_usual = waveform->least_uv == waveform->most_uv;
    double least = is_usual ? -usual_v : (double)waveform->least_uv / 1e6,
           most = is_usual ? usual_v : (double)waveform->most_uv / 1e6;
    double share = (most - volts) / (most - least);
    return top + plot_height * (share < 0 ? 0 : share > 1 ? 1 : share);
}

static double x_of(const struct pb_waveform *waveform, pb_instant at) {
    return left + (double)waveform->column_count * (double)pb_between(waveform->from, at).ns /
                      (double)pb_between(waveform->from, waveform->to).ns;
}

static void draw_windows(struct pb_scene *scene, const struct pb_waveform *waveform, double width) {
    for (size_t i = 0; i < waveform->window_count; i++) {
        const struct pb_wave_window *window = &waveform->windows[i];
        double high = y_of(waveform, (double)window->max_uv / 1e6), low = y_of(waveform, (double)window->min_uv / 1e6);
        pb_scene_rect(scene, window->tone, left, high, width, low - high, 0);
        pb_scene_text(scene, PB_TONE_MUTED, 10, PB_SIDE_RIGHT, left + width - 4, (high + low) / 2 - 2, window->label);
    }
}

static void draw_stretches(struct pb_scene *scene, const struct pb_waveform *waveform) {
    for (size_t i = 0; i < waveform->stretch_count; i++) {
        const struct pb_stretch *stretch = &waveform->stretches[i];
        pb_instant from = pb_later(stretch->from, waveform->from), to = pb_earlier(stretch->to, waveform->to);
        if (!pb_is_before(from, to)) continue;
        double x = x_of(waveform, from), x2 = x_of(waveform, to);
        pb_scene_rect(scene, stretch->tone, x, top, x2 - x < 1.5 ? 1.5 : x2 - x, plot_height, 0);
        pb_scene_text(scene, PB_TONE_MUTED, 10, PB_SIDE_LEFT, x + 3, top + plot_height - 5, stretch->label);
    }
}

static void draw_scales(struct pb_scene *scene, const struct pb_waveform *waveform, double width) {
    char text[48];
    double least = waveform->least_uv == waveform->most_uv ? -usual_v : (double)waveform->least_uv / 1e6;
    double most = waveform->least_uv == waveform->most_uv ? usual_v : (double)waveform->most_uv / 1e6, tick = 3;
    static const double finer[] = {1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01};
    for (size_t i = 0; i < sizeof finer / sizeof *finer && (most - least) / tick < 5; i++) tick = finer[i];
    const long last = lround(floor(most / tick + 0.01));
    for (long i = lround(ceil(least / tick)); i <= last; i++) {
        double volts = (double)i * tick, y = y_of(waveform, volts);
        pb_scene_line(scene, i ? PB_TONE_GRID : PB_TONE_AXIS, 1, left, y, left + width, y);
        snprintf(text, sizeof text, "%.4g V", volts);
        pb_scene_text(scene, PB_TONE_MUTED, 10, PB_SIDE_RIGHT, left - 5, y + 3.5, text);
    }
    struct pb_axis_piece piece = {waveform->from, waveform->to, 0, width, 0, false};
    pb_span step = pb_axis_round_span(&piece, width / 5);
    int64_t first = pb_between(waveform->zero, waveform->from).ns / step.ns * step.ns;
    for (pb_instant at = pb_after(waveform->zero, pb_ns(first)); !pb_is_before(waveform->to, at);
         at = pb_after(at, step)) {
        if (pb_is_before(at, waveform->from)) continue;
        double x = x_of(waveform, at);
        int64_t ns = pb_between(waveform->zero, at).ns;
        pb_scene_line(scene, PB_TONE_AXIS, 1, x, top + plot_height, x, top + plot_height + 4);
        if (x > left + width - 20) continue;
        snprintf(text, sizeof text, "%s%.6g ms", ns > 0 ? "+" : "", (double)ns / 1e6);
        pb_scene_text(scene, PB_TONE_MUTED, 10, PB_SIDE_MIDDLE, x, top + plot_height + 16, text);
    }
}

/* A stroke from low to high in each column, joined to the next; broken where there are no samples. */
static void draw_samples(struct pb_scene *scene, const struct pb_waveform *waveform) {
    float *xy = malloc((4 * waveform->column_count + 2) * sizeof *xy);
    if (!xy) {
        scene->has_failed = true;
        return;
    }
    size_t count = 0;
    for (size_t i = 0; i <= waveform->column_count; i++) {
        const struct pb_wave_column *column = &waveform->columns[i];
        if (i == waveform->column_count || column->low_uv > column->high_uv) {
            pb_scene_polyline(scene, PB_TONE_SIGNAL, 1.3, xy, count);
            count = 0;
            continue;
        }
        float x = (float)(left + (double)i + 0.5), high = (float)y_of(waveform, column->high_uv / 1e6),
              low = (float)y_of(waveform, column->low_uv / 1e6);
        bool is_falling = count && xy[2 * count - 1] < (high + low) / 2;
        float first = is_falling ? high : low, second = is_falling ? low : high;
        xy[2 * count] = x;
        xy[2 * count++ + 1] = first;
        if (low - high < 0.6f) continue;
        xy[2 * count] = x;
        xy[2 * count++ + 1] = second;
    }
    free(xy);
}

/* Where nothing was kept for long enough to hold the words. */
static void draw_gaps(struct pb_scene *scene, const struct pb_waveform *waveform) {
    size_t from = 0;
    for (size_t i = 0; i <= waveform->column_count; i++) {
        if (i < waveform->column_count && waveform->columns[i].low_uv > waveform->columns[i].high_uv) continue;
        if (i - from > 100)
            pb_scene_text(scene, PB_TONE_MUTED, 10, PB_SIDE_MIDDLE, left + (double)(from + i) / 2,
                          top + plot_height / 2 - 5, "no samples here");
        from = i + 1;
    }
}

static void draw_marks(struct pb_scene *scene, const struct pb_waveform *waveform, double width) {
    double taken = 0;
    for (size_t i = 0; i < waveform->mark_count; i++) {
        const struct pb_wave_mark *mark = &waveform->marks[i];
        if (pb_is_before(mark->at, waveform->from) || pb_is_before(waveform->to, mark->at)) continue;
        double x = x_of(waveform, mark->at), half = pb_text_width(mark->label, 11) / 2, middle = x;
        if (middle < left + half) middle = left + half;
        if (middle > left + width - half) middle = left + width - half;
        pb_scene_dashed(scene, mark->tone, 1.4, x, top, x, top + plot_height);
        pb_scene_marker(scene, mark->tone, PB_MARKER_DOWN, x, top, 8);
        if (middle - half < taken) continue;
        pb_scene_bold(scene, mark->tone, 11, PB_SIDE_MIDDLE, middle, top - 9, mark->label);
        taken = middle + half + 6;
    }
}

void pb_figure_waveform(struct pb_scene *scene, const struct pb_waveform *waveform) {
    double width = (double)waveform->column_count;
    scene->width = left + width + right;
    scene->height = top + plot_height + bottom;
    pb_scene_name(scene, waveform->title, "Volts of the control pilot over time, from the samples in the record.");
    draw_windows(scene, waveform, width);
    draw_stretches(scene, waveform);
    draw_scales(scene, waveform, width);
    draw_samples(scene, waveform);
    draw_gaps(scene, waveform);
    draw_marks(scene, waveform, width);
    pb_scene_frame(scene, PB_TONE_AXIS, 1, left, top, width, plot_height, 0);
}
