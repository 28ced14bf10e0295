/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Three columns that read as one line a step: number and text, lifelines with what went from one to the other, checks with their verdicts. */
#include "reports/figures/figures.h"

#include <stdio.h>
#include <string.h>

static const double number_x = 8, text_x = 64, text_width = 280, lanes_x = 356, lane_step = 96, check_width = 118,
                    line_height = 15, head_height = 44, message_height = 24;
enum { TEXT_LINES = 4, CHECK_COLUMNS = 2 };

struct drawing {
    struct pb_scene *scene;
    const struct pb_sequence *sequence;
    double checks_x;
};

static double lane_x(int actor) { return lanes_x + lane_step * (actor + 0.5); }

static double most(double a, double b) { return a > b ? a : b; }

static size_t check_lines(const struct pb_sequence_step *step) {
    return (step->check_count + CHECK_COLUMNS - 1) / CHECK_COLUMNS;
}

static double step_height(const struct pb_sequence_step *step) {
    int lines = pb_scene_paragraph(NULL, PB_TONE_TEXT, 12, 0, 0, text_width, line_height, TEXT_LINES, step->text);
    double checks = line_height * (double)check_lines(step);
    double messages = 6 + message_height * (double)step->message_count;
    return most(most(line_height * lines, checks), messages) + 12;
}

/* --- parts of a step ----------------------------------------------------------------------------------------------------- */

static void draw_arrow(struct pb_scene *scene, enum pb_tone tone, bool is_dashed, int from, int to, double y) {
    double x = lane_x(from), x2 = lane_x(to), side = x2 > x ? 1 : -1;
    if (is_dashed) pb_scene_dashed(scene, tone, 1.2, x + side * 5, y, x2 - side * 8, y);
    else pb_scene_line(scene, tone, 1.4, x + side * 5, y, x2 - side * 8, y);
    pb_scene_marker(scene, tone, side > 0 ? PB_MARKER_RIGHT : PB_MARKER_LEFT, x2 - side * 3, y, 8);
}

static void draw_message(const struct drawing *drawing, const struct pb_sequence_message *message, double y) {
    char label[96];
    if (message->from < 0 || message->to < 0) return;
    double middle = (lane_x(message->from) + lane_x(message->to)) / 2;
    if (message->from == message->to) {
        pb_scene_marker(drawing->scene, PB_TONE_ACCENT, PB_MARKER_DOT, lane_x(message->from), y, 8);
        pb_scene_text(drawing->scene, PB_TONE_TEXT, 11, PB_SIDE_LEFT, lane_x(message->from) + 8, y + 4, message->name);
        return;
    }
    draw_arrow(drawing->scene, PB_TONE_ACCENT, false, message->from, message->to, y);
    pb_text_fit(message->name, 11, 2.2 * lane_step, label, sizeof label);
    double width = pb_text_width(label, 11);
    pb_scene_rect(drawing->scene, PB_TONE_PAPER, middle - width / 2, y - 15, width, 12, 2);
    pb_scene_text(drawing->scene, PB_TONE_TEXT, 11, PB_SIDE_MIDDLE, middle, y - 5, label);
}

/* What was done where: judged filled, played a ring, not observable a dashed box, not run or not reached nothing but the box. */
static void draw_deed(const struct drawing *drawing, const struct pb_sequence_step *step, double y) {
    enum pb_tone tone = step->is_reached ? PB_TONE_TEXT : PB_TONE_AXIS;
    if (step->actor < 0) return;
    if (step->to >= 0 && step->to != step->actor && !step->message_count)
        draw_arrow(drawing->scene, tone, !step->is_reached || step->mode == PB_STEP_NOT_OBSERVABLE, step->actor,
                   step->to, y);
    if (step->mode == PB_STEP_NOT_OBSERVABLE) {
        pb_scene_rect(drawing->scene, PB_TONE_PAPER, lane_x(step->actor) - 6, y - 6, 12, 12, 2);
        pb_scene_text(drawing->scene, PB_TONE_MUTED, 11, PB_SIDE_MIDDLE, lane_x(step->actor), y + 4, "?");
        pb_scene_frame(drawing->scene, PB_TONE_AXIS, 1, lane_x(step->actor) - 6, y - 6, 12, 12, 2);
        return;
    }
    pb_scene_marker(drawing->scene, PB_TONE_PAPER, PB_MARKER_DOT, lane_x(step->actor), y, 14);
    bool is_filled = step->is_reached && step->mode == PB_STEP_JUDGED;
    pb_scene_marker(drawing->scene, tone, is_filled ? PB_MARKER_DOT : PB_MARKER_RING, lane_x(step->actor), y,
                    is_filled ? 11 : 10);
}

static void draw_checks(const struct drawing *drawing, const struct pb_sequence_step *step, double y) {
    for (size_t i = 0; i < step->check_count; i++) {
        const struct pb_sequence_check *check = &step->checks[i];
        char label[96];
        size_t above = i / CHECK_COLUMNS;
        double x = drawing->checks_x + check_width * (double)(i % CHECK_COLUMNS),
               line = y + line_height * (double)above;
        enum pb_tone tone = pb_tone_of_verdict(check->verdict);
        pb_scene_group(drawing->scene, check->name);
        pb_scene_marker(drawing->scene, tone, pb_marker_of_verdict(check->verdict), x + 6, line - 4, 10);
        pb_text_fit(check->name, 11, check_width - 22, label, sizeof label);
        pb_scene_text(drawing->scene, check->verdict > PB_VERDICT_PASS ? tone : PB_TONE_TEXT, 11, PB_SIDE_LEFT, x + 16,
                      line, label);
        pb_scene_end(drawing->scene);
    }
    if (step->mode == PB_STEP_JUDGED && step->check_count) return;
    const char *word =
        step->mode == PB_STEP_JUDGED ? (step->is_reached ? "" : "not reached") : pb_step_mode_name(step->mode);
    pb_scene_text(drawing->scene, PB_TONE_MUTED, 11, PB_SIDE_LEFT, drawing->checks_x,
                  y + line_height * (double)check_lines(step), word);
}

static void draw_step(const struct drawing *drawing, const struct pb_sequence_step *step, double top, double height) {
    char number[40], tooltip[400], fitted[40];
    double base = top + 16;
    snprintf(number, sizeof number, "%s%s", step->number, step->is_marked ? "*" : "");
    snprintf(tooltip, sizeof tooltip, "%s: %s%s%s", number, step->text, step->when[0] ? ", at " : "", step->when);
    pb_scene_line(drawing->scene, PB_TONE_GRID, 1, 0, top + height, drawing->scene->width, top + height);
    pb_scene_group(drawing->scene, tooltip);
    pb_scene_bold(drawing->scene, PB_TONE_TEXT, 12, PB_SIDE_LEFT, number_x, base,
                  pb_text_fit(number, 12, text_x - number_x - 2, fitted, sizeof fitted));
    pb_scene_paragraph(drawing->scene, step->is_reached ? PB_TONE_TEXT : PB_TONE_MUTED, 12, text_x, base, text_width,
                       line_height, TEXT_LINES, step->text);
    if (step->message_count)
        for (size_t i = 0; i < step->message_count; i++)
            draw_message(drawing, &step->messages[i], top + 24 + message_height * (double)i);
    else draw_deed(drawing, step, top + 12);
    pb_scene_end(drawing->scene);
    draw_checks(drawing, step, base);
}

/* --- the whole ----------------------------------------------------------------------------------------------------------- */

static void draw_lifelines(const struct drawing *drawing) {
    struct pb_scene *scene = drawing->scene;
    for (size_t i = 0; i < drawing->sequence->actor_count; i++) {
        const struct pb_sequence_actor *actor = &drawing->sequence->actors[i];
        char label[64];
        double x = lane_x((int)i);
        if (actor->is_dut)
            pb_scene_rect(scene, PB_TONE_ACCENT_SOFT, x - 9, head_height, 18, scene->height - head_height, 0);
        pb_scene_line(scene, actor->is_dut ? PB_TONE_ACCENT : PB_TONE_AXIS, actor->is_dut ? 2 : 1, x, head_height, x,
                      scene->height);
        if (actor->is_dut) pb_scene_rect(scene, PB_TONE_ACCENT, x - 42, 8, 84, 30, 4);
        else pb_scene_frame(scene, PB_TONE_AXIS, 1, x - 42, 8, 84, 30, 4);
        pb_text_fit(actor->name, 12, 78, label, sizeof label);
        pb_scene_bold(scene, actor->is_dut ? PB_TONE_PAPER : PB_TONE_TEXT, 12, PB_SIDE_MIDDLE, x,
                      actor->is_dut ? 21 : 27, label);
        if (actor->is_dut) pb_scene_text(scene, PB_TONE_PAPER, 10, PB_SIDE_MIDDLE, x, 33, "under test");
    }
}

void pb_figure_sequence(struct pb_scene *scene, const struct pb_sequence *sequence) {
    struct drawing drawing = {scene, sequence, lanes_x + lane_step * (double)sequence->actor_count + 14};
    char description[200];
    snprintf(
        description, sizeof description,
        "%zu steps between %zu actors, each with its number, its text, what was sent and the verdicts of its checks. The table of steps holds the same as text.",
        sequence->step_count, sequence->actor_count);
    pb_scene_name(scene, sequence->title, description);
    scene->width = drawing.checks_x + CHECK_COLUMNS * check_width + 4;
    scene->height = head_height + 8;
    for (size_t i = 0; i < sequence->step_count; i++) scene->height += step_height(&sequence->steps[i]);
    pb_scene_bold(scene, PB_TONE_MUTED, 11, PB_SIDE_LEFT, number_x, 27, "Step");
    pb_scene_bold(scene, PB_TONE_MUTED, 11, PB_SIDE_LEFT, drawing.checks_x, 27, "Checks");
    draw_lifelines(&drawing);
    double y = head_height + 4;
    pb_scene_line(scene, PB_TONE_AXIS, 1, 0, y, scene->width, y);
    for (size_t i = 0; i < sequence->step_count; i++) {
        double height = step_height(&sequence->steps[i]);
        draw_step(&drawing, &sequence->steps[i], y, height);
        y += height;
    }
}
