/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of one axis, each with all tracks below one another, as a score has its staves. */
#include "reports/figures/figures.h"

#include "pilot_emulator/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const double label_width = 78, head_height = 44, bare_head_height = 16, lane_height = 11, level_height = 16,
                    amount_height = 34, message_height = 18, marks_height = 14, foot_height = 24, row_gap = 12,
                    right_margin = 14;
enum { LANES = 6, LABEL_LINES = 3 };

struct drawing {
    struct pb_scene *scene;
    const struct pb_timing *timing;
    double row_height;
};

void pb_span_describe(pb_span span, char *ret_text, size_t size) {
    int64_t seconds = span.ns / 1000000000;
    if (seconds < 120) pb_quantity_format(span.ns, PB_UNIT_SECOND, 4, ret_text, size);
    else if (seconds < 3600) snprintf(ret_text, size, "%" PRId64 "m%02ds", seconds / 60, (int)(seconds % 60));
    else
        snprintf(ret_text, size, "%" PRId64 "h%02dm%02ds", seconds / 3600, (int)(seconds / 60 % 60),
                 (int)(seconds % 60));
}

static double track_height(const struct pb_track *track) {
    return track->kind == PB_TRACK_STATE   ? LANES * lane_height + 6
           : track->kind == PB_TRACK_LEVEL ? level_height
                                           : amount_height;
}

static double tracks_height(const struct pb_timing *timing) {
    double height = timing->message_count ? message_height : 0;
    for (size_t i = 0; i < timing->track_count; i++) height += track_height(&timing->tracks[i]);
    return height;
}

/* Without steps only a stretch's label stands above the tracks. */
static double head_of(const struct pb_timing *timing) { return timing->step_count ? head_height : bare_head_height; }
static double foot_of(const struct pb_timing *timing) { return foot_height + (timing->mark_count ? marks_height : 0); }

/* --- tracks -------------------------------------------------------------------------------------------------------------- */

/* Changes at or before the instant: the last of them is what holds there; 0: not known. */
static size_t count_until(const struct pb_track *track, pb_instant at) {
    size_t low = 0, high = track->change_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (pb_is_before(at, track->changes[middle].at)) high = middle;
        else low = middle + 1;
    }
    return low;
}

typedef void segment_fn(const struct drawing *drawing, const struct pb_track *track, int64_t value, double x, double x2,
                        double y);

/* Calls draw for each stretch of one value in the piece; stretches thinner than half a px are joined to the one before, so that a
 * thousand bounces are no thousand rectangles. */
static void each_segment(const struct drawing *drawing, const struct pb_track *track, const struct pb_axis_piece *piece,
                         double y, segment_fn *draw) {
    size_t i = count_until(track, piece->from);
    double x = piece->x, drawn = x - 1;
    for (;; i++) {
        bool is_last = i >= track->change_count || !pb_is_before(track->changes[i].at, piece->to);
        double end = is_last ? piece->x + piece->width : pb_axis_x(piece, track->changes[i].at);
        if (i > 0 && (end - drawn >= 0.5 || is_last) && end > x) {
            draw(drawing, track, track->changes[i - 1].value, x, end, y);
            drawn = end;
            x = end;
        } else if (i == 0) x = drawn = end;
        if (is_last) return;
    }
}

static void draw_state(const struct drawing *drawing, const struct pb_track *track, int64_t value, double x, double x2,
                       double y) {
    char letter = value >= 0 && value < PB_CP_STATE_COUNT ? pb_cp_state_letter((enum pb_cp_state)value) : 0;
    double height = lane_height - 1;
    (void)track;
    if (!letter) {
        if (value == PB_CP_INVALID) {
            pb_scene_rect(drawing->scene, PB_TONE_FAIL_SOFT, x, y, x2 - x, LANES * lane_height, 0);
            if (x2 - x > 40)
                pb_scene_text(drawing->scene, PB_TONE_FAIL, 10, PB_SIDE_MIDDLE, (x + x2) / 2, y + 3 * lane_height,
                              "invalid");
        }
        return;
    }
    enum pb_tone tone = (enum pb_tone)(PB_TONE_STATE_A + (letter - 'A'));
    double lane = y + lane_height * (letter - 'A');
    pb_scene_rect(drawing->scene, tone, x, lane, x2 - x < 1 ? 1 : x2 - x, height, 0);
    if (x2 - x >= 18) { /* above its bar, in the lane of the level before; beside the axis for A */
        const char *name = pb_cp_state_name((enum pb_cp_state)value);
        pb_scene_text(drawing->scene, PB_TONE_TEXT, 10, PB_SIDE_LEFT, x + 3,
                      letter == 'A' ? lane + 2 * lane_height - 2 : lane - 2, name);
    }
}

static void draw_level(const struct drawing *drawing, const struct pb_track *track, int64_t value, double x, double x2,
                       double y) {
    (void)track;
    if (value > 0)
        pb_scene_rect(drawing->scene, PB_TONE_SIGNAL, x, y + 3, x2 - x < 1 ? 1 : x2 - x, level_height - 7, 0);
    else pb_scene_line(drawing->scene, PB_TONE_AXIS, 1, x, y + level_height - 4, x2, y + level_height - 4);
}

static int64_t greatest(const struct pb_track *track) {
    int64_t most = 1;
    for (size_t i = 0; i < track->change_count; i++)
        if (track->changes[i].value > most) most = track->changes[i].value;
    return most;
}

static void draw_amount(const struct drawing *drawing, const struct pb_track *track, int64_t value, double x, double x2,
                        double y) {
    double room = amount_height - 14, height = room * (double)(value > 0 ? value : 0) / (double)greatest(track),
           base = y + amount_height - 3;
    if (height < 0.5) {
        pb_scene_line(drawing->scene, PB_TONE_AXIS, 1, x, base, x2, base);
        return;
    }
    pb_scene_rect(drawing->scene, PB_TONE_ACCENT_SOFT, x, base - height, x2 - x, height, 0);
    pb_scene_line(drawing->scene, PB_TONE_SIGNAL, 1.5, x, base - height, x2, base - height);
    if (x2 - x > 44) {
        char text[40];
        pb_scene_text(drawing->scene, PB_TONE_TEXT, 10, PB_SIDE_LEFT, x + 3, base - height - 2,
                      pb_quantity_format(value, track->unit, 4, text, sizeof text));
    }
}

static void draw_track(const struct drawing *drawing, const struct pb_track *track, const struct pb_axis_piece *piece,
                       double y) {
    static segment_fn *const draws[] = {draw_state, draw_level, draw_amount};
    each_segment(drawing, track, piece, y, draws[track->kind]);
}

static void draw_track_label(const struct drawing *drawing, const struct pb_track *track, double y) {
    struct pb_scene *scene = drawing->scene;
    char label[64];
    double height = track_height(track);
    pb_text_fit(track->name, 11, label_width - (track->kind == PB_TRACK_STATE ? 26 : 10), label, sizeof label);
    pb_scene_text(scene, PB_TONE_TEXT, 11, PB_SIDE_LEFT, 0, y + height / 2 + 4, label);
    if (track->kind != PB_TRACK_STATE) return;
    for (int i = 0; i < LANES; i++) {
        char letter[2] = {(char)('A' + i), 0};
        pb_scene_text(scene, PB_TONE_MUTED, 9.5, PB_SIDE_RIGHT, label_width - 5, y + lane_height * i + 9, letter);
    }
}

/* --- moments ------------------------------------------------------------------------------------------------------------- */

/* A label goes to the first line where there is room to the right of the one before; no room: the tick alone. */
struct label_lines {
    double used_to[LABEL_LINES];
};

static void draw_step_moments(const struct drawing *drawing, int row, double top) {
    struct label_lines lines = {{-1e9, -1e9, -1e9}};
    for (size_t i = 0; i < drawing->timing->step_count; i++) {
        const struct pb_moment *step = &drawing->timing->steps[i];
        const struct pb_axis_piece *piece = pb_axis_find(drawing->timing->axis, step->at);
        if (!piece || piece->row != row) continue;
        double x = label_width + pb_axis_x(piece, step->at), width = pb_text_width(step->label, 10.5) + 3,
               most = drawing->scene->width - 1.3 * width; /* there are wider faces */
        double text_x = x < most ? x : most;
        int line = 0;
        while (line < LABEL_LINES && lines.used_to[line] > text_x) line++;
        pb_scene_group(drawing->scene, step->tooltip);
        double from = line < LABEL_LINES ? top + 13 * line + 3 : top + head_of(drawing->timing) - 4;
        pb_scene_line(drawing->scene, PB_TONE_GRID, 1, x, from, x,
                      top + head_of(drawing->timing) + tracks_height(drawing->timing));
        if (line < LABEL_LINES) {
            pb_scene_bold(drawing->scene, PB_TONE_TEXT, 10.5, PB_SIDE_LEFT, text_x + 3, top + 13 * line + 11,
                          step->label);
            lines.used_to[line] = text_x + width + 5;
        }
        pb_scene_end(drawing->scene);
    }
}

static void draw_messages(const struct drawing *drawing, int row, double y) {
    double last = -1e9;
    if (!drawing->timing->message_count) return;
    pb_scene_text(drawing->scene, PB_TONE_TEXT, 11, PB_SIDE_LEFT, 0, y + message_height / 2 + 4, "messages");
    for (size_t i = 0; i < drawing->timing->message_count; i++) {
        const struct pb_moment *message = &drawing->timing->messages[i];
        const struct pb_axis_piece *piece = pb_axis_find(drawing->timing->axis, message->at);
        if (!piece || piece->row != row) continue;
        double x = label_width + pb_axis_x(piece, message->at);
        if (x - last < 1) continue;
        pb_scene_group(drawing->scene, message->tooltip);
        pb_scene_marker(drawing->scene, PB_TONE_ACCENT, PB_MARKER_DOWN, x, y + message_height - 4, 8);
        pb_scene_end(drawing->scene);
        last = x;
    }
}

static void draw_marks(const struct drawing *drawing, int row, double top) {
    double taken = -1e9, bottom = top + head_of(drawing->timing) + tracks_height(drawing->timing);
    for (size_t i = 0; i < drawing->timing->mark_count; i++) {
        const struct pb_moment *mark = &drawing->timing->marks[i];
        const struct pb_axis_piece *piece = pb_axis_find(drawing->timing->axis, mark->at);
        if (!piece || piece->row != row) continue;
        double x = label_width + pb_axis_x(piece, mark->at), width = pb_text_width(mark->label, 11) + 14;
        double text_x = x + width > drawing->scene->width ? drawing->scene->width - width : x;
        enum pb_tone tone = pb_tone_of_verdict(mark->verdict);
        pb_scene_group(drawing->scene, mark->tooltip);
        pb_scene_dashed(drawing->scene, tone, 1.4, x, top + head_of(drawing->timing), x, bottom + 4);
        if (text_x > taken) {
            pb_scene_marker(drawing->scene, tone, pb_marker_of_verdict(mark->verdict), text_x + 5, bottom + 9, 9);
            pb_scene_bold(drawing->scene, tone, 10.5, PB_SIDE_LEFT, text_x + 13, bottom + 13, mark->label);
            taken = text_x + width;
        }
        pb_scene_end(drawing->scene);
    }
}

/* --- axis ---------------------------------------------------------------------------------------------------------------- */

static void draw_piece_ground(const struct drawing *drawing, const struct pb_axis_piece *piece, double top) {
    double x = label_width + piece->x, height = tracks_height(drawing->timing), y = top + head_of(drawing->timing);
    if (piece->is_compressed) pb_scene_rect(drawing->scene, PB_TONE_PANEL, x, y, piece->width, height, 0);
    for (size_t i = 0; i < drawing->timing->stretch_count; i++) {
        const struct pb_stretch *stretch = &drawing->timing->stretches[i];
        if (!pb_is_before(stretch->from, piece->to) || !pb_is_before(piece->from, stretch->to)) continue;
        double from = label_width + pb_axis_x(piece, stretch->from), to = label_width + pb_axis_x(piece, stretch->to);
        pb_scene_rect(drawing->scene, stretch->tone, from, y, to - from, height, 0);
        if (from + pb_text_width(stretch->label, 10.5) < drawing->scene->width)
            pb_scene_text(drawing->scene, PB_TONE_TEXT, 10.5, PB_SIDE_LEFT, from + 4, y - 4, stretch->label);
    }
}

static void draw_piece_axis(const struct drawing *drawing, const struct pb_axis_piece *piece, double top, bool is_first,
                            bool is_last) {
    struct pb_scene *scene = drawing->scene;
    char text[48];
    double x = label_width + piece->x, y = top + head_of(drawing->timing) + tracks_height(drawing->timing),
           base = y + foot_of(drawing->timing) - 6;
    pb_scene_line(scene, PB_TONE_AXIS, 1, x, y, x + piece->width, y);
    if (!is_first) pb_scene_marker(scene, PB_TONE_TEXT, PB_MARKER_BREAK, x, y, 11);
    if (!is_last) pb_scene_marker(scene, PB_TONE_TEXT, PB_MARKER_BREAK, x + piece->width, y, 11);
    if (piece->is_compressed) {
        pb_span_describe(pb_between(piece->from, piece->to), text, sizeof text);
        pb_scene_text(scene, PB_TONE_MUTED, 10, PB_SIDE_MIDDLE, x + piece->width / 2, base, text);
        return;
    }
    pb_span_describe(pb_between(drawing->timing->zero, piece->from), text, sizeof text);
    pb_scene_text(scene, PB_TONE_MUTED, 10, PB_SIDE_LEFT, x + 2, base, text);
    double begin = x + 2 + pb_text_width(text, 10) + 10, room = x + piece->width - begin - 44;
    if (room < 12) return;
    pb_span span = pb_axis_round_span(piece, room < 90 ? room : 90);
    double width = piece->width * (double)span.ns / (double)pb_between(piece->from, piece->to).ns;
    pb_scene_line(scene, PB_TONE_TEXT, 1.4, begin, base - 3, begin + width, base - 3);
    pb_scene_line(scene, PB_TONE_TEXT, 1.4, begin, base - 6, begin, base);
    pb_scene_line(scene, PB_TONE_TEXT, 1.4, begin + width, base - 6, begin + width, base);
    pb_span_describe(span, text, sizeof text);
    pb_scene_text(scene, PB_TONE_TEXT, 10, PB_SIDE_LEFT, begin + width + 5, base, text);
}

static double row_end(const struct pb_axis *axis, int row) {
    double end = 0;
    for (size_t i = 0; i < axis->piece_count; i++)
        if (axis->pieces[i].row == row) end = axis->pieces[i].x + axis->pieces[i].width;
    return end;
}

static void draw_row(const struct drawing *drawing, int row, double top) {
    const struct pb_axis *axis = drawing->timing->axis;
    double y = top + head_of(drawing->timing);
    for (size_t i = 0; i < axis->piece_count; i++)
        if (axis->pieces[i].row == row) draw_piece_ground(drawing, &axis->pieces[i], top);
    draw_step_moments(drawing, row, top);
    for (size_t t = 0; t < drawing->timing->track_count; t++) {
        const struct pb_track *track = &drawing->timing->tracks[t];
        draw_track_label(drawing, track, y);
        pb_scene_line(drawing->scene, PB_TONE_GRID, 1, label_width, y, label_width + row_end(axis, row), y);
        for (size_t i = 0; i < axis->piece_count; i++) {
            struct pb_axis_piece piece = axis->pieces[i];
            piece.x += label_width;
            if (piece.row == row) draw_track(drawing, track, &piece, y + 2);
        }
        y += track_height(track);
    }
    draw_messages(drawing, row, y);
    for (size_t i = 0; i < axis->piece_count; i++)
        if (axis->pieces[i].row == row)
            draw_piece_axis(drawing, &axis->pieces[i], top, i == 0 || axis->pieces[i - 1].row != row,
                            i + 1 == axis->piece_count);
    draw_marks(drawing, row, top);
}

void pb_figure_timing(struct pb_scene *scene, const struct pb_timing *timing) {
    struct drawing drawing = {scene, timing, head_of(timing) + tracks_height(timing) + foot_of(timing)};
    char description[200], length[48];
    const struct pb_axis *axis = timing->axis;
    pb_span_describe(pb_between(axis->pieces[0].from, axis->pieces[axis->piece_count - 1].to), length, sizeof length);
    snprintf(description, sizeof description,
             "%s of bench time on an axis of %zu pieces, each with a scale of its own; shaded pieces are compressed.",
             length, axis->piece_count);
    pb_scene_name(scene, timing->title, axis->piece_count > 1 ? description : "");
    scene->width = label_width + axis->row_width + right_margin;
    scene->height = axis->row_count * (drawing.row_height + row_gap);
    for (int row = 0; row < axis->row_count; row++) draw_row(&drawing, row, row * (drawing.row_height + row_gap));
}
