/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pilot's state in big letters, what was measured of it last, and what flows. */
#include "dashboard/views.h"
#include "dashboard/words.h"

#include "pilot_emulator/state.h"

#include <inttypes.h>
#include <stdio.h>

static SDL_Rect take_line(struct pb_views *views, SDL_Rect *box, int size) {
    return pb_cut_top(box, pb_tenths(views, size));
}

static void draw_state(struct pb_views *views, SDL_Rect box) {
    const int32_t state = views->body->cp_state;
    const char *name = state == PB_CP_NONE      ? "\u2013"
                       : state == PB_CP_INVALID ? "?"
                                                : pb_cp_state_name((enum pb_cp_state)state);
    pb_draw_text(views->draw, take_line(views, &box, 13), PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_CENTRE, "pilot state");
    pb_draw_text(views->draw, take_line(views, &box, 42), PB_FONT_HUGE, PB_INK_TEXT, PB_ALIGN_CENTRE, name);
    pb_draw_text(views->draw, take_line(views, &box, 14), PB_FONT_SMALL, PB_INK_TEXT, PB_ALIGN_CENTRE,
                 pb_words_state(state));
}

static int label_width(const struct pb_views *views) { return pb_tenths(views, views->is_narrow ? 49 : 54); }

/* In narrow windows the readings are small too. */
static enum pb_font font_of(const struct pb_views *views) { return views->is_narrow ? PB_FONT_SMALL : PB_FONT_TEXT; }

static void draw_row(struct pb_views *views, SDL_Rect *box, const char *label, const char *value) {
    SDL_Rect line = take_line(views, box, 14);
    pb_draw_text(views->draw, pb_cut_left(&line, label_width(views)), PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT,
                 label);
    pb_draw_text(views->draw, line, font_of(views), PB_INK_TEXT, PB_ALIGN_LEFT, value);
}

static void draw_measured(struct pb_views *views, SDL_Rect box) {
    const struct pb_snapshot_body *body = views->body;
    const struct {
        const char *label;
        struct pb_quantity quantity;
        bool is_known;
    } rows[] = {{"High", {body->high_uv, body->u_level_uv, PB_UNIT_VOLT}, body->high_uv != 0},
                {"Low", {body->low_uv, body->u_level_uv, PB_UNIT_VOLT}, body->low_uv != 0},
                {"Frequency", {body->frequency_uhz, body->u_frequency_uhz, PB_UNIT_HERTZ}, body->frequency_uhz > 0},
                {"Duty", {body->duty_ppm, body->u_duty_ppm, PB_UNIT_PERCENT}, body->duty_ppm > 0}};
    char text[64];
    pb_draw_text(views->draw, take_line(views, &box, 14), PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT,
                 "measured last, U with k = 2");
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        snprintf(text, sizeof text, "\u2013");
        for (int places = 3; rows[i].is_known && places >= 0; places--) {
            pb_words_reading(rows[i].quantity, places, text, sizeof text);
            if (pb_draw_text_width(views->draw, font_of(views), text) <= box.w - label_width(views)) break;
        }
        draw_row(views, &box, rows[i].label, text);
    }
}

/* A contact: two ends and a bridge, on them or above them. */
static void draw_contact(struct pb_views *views, SDL_Rect box, bool is_closed) {
    const int end = pb_tenths(views, 4), bridge = pb_tenths(views, 2) + 1;
    const enum pb_ink ink = is_closed ? PB_INK_ACCENT : PB_INK_MUTED;
    const int y = box.y + box.h * 55 / 100;
    pb_draw_fill(views->draw, (SDL_Rect){box.x, y, end, bridge}, ink);
    pb_draw_fill(views->draw, (SDL_Rect){box.x + box.w - end, y, end, bridge}, ink);
    if (is_closed) pb_draw_fill(views->draw, (SDL_Rect){box.x, y, box.w, bridge}, ink);
    else pb_draw_fill(views->draw, (SDL_Rect){box.x + end / 2, y - pb_tenths(views, 4), box.w - end, bridge}, ink);
}

static void draw_contactor(struct pb_views *views, SDL_Rect line) {
    const int poles = views->body->poles, closed = views->body->poles_closed, width = pb_tenths(views, 10),
              gap = pb_tenths(views, 3);
    char text[32];
    if (poles <= 0) snprintf(text, sizeof text, "\u2013");
    else if (closed <= 0) snprintf(text, sizeof text, "open");
    else if (closed >= poles) snprintf(text, sizeof text, "closed");
    else snprintf(text, sizeof text, "%d of %d", closed, poles);
    const int room = line.w - pb_draw_text_width(views->draw, font_of(views), text) - gap;
    for (int i = 0; i < poles && poles * (width + gap) <= room; i++) { /* all of them or none */
        draw_contact(views, pb_cut_left(&line, width), i < closed);
        pb_cut_left(&line, i + 1 < poles ? gap : 2 * gap);
    }
    pb_draw_text(views->draw, line, font_of(views), PB_INK_TEXT, PB_ALIGN_LEFT, text);
}

static void draw_power(struct pb_views *views, SDL_Rect box) {
    const struct pb_snapshot_body *body = views->body;
    const bool has_pwm = pb_cp_state_has_pwm((enum pb_cp_state)body->cp_state);
    char text[64];
    pb_draw_text(views->draw, take_line(views, &box, 14), PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT, "power");
    SDL_Rect line = take_line(views, &box, 14);
    pb_draw_text(views->draw, pb_cut_left(&line, label_width(views)), PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT,
                 "Contactor");
    draw_contactor(views, line);
    if (has_pwm && body->duty_ppm > 0) snprintf(text, sizeof text, "%.1f A", (double)body->offered_ma / 1000);
    else snprintf(text, sizeof text, "\u2013");
    draw_row(views, &box, "Offered", text);
    snprintf(text, sizeof text, "%.2f A", (double)body->current_ma / 1000);
    draw_row(views, &box, "Current", text);
    snprintf(text, sizeof text, "%.3f kWh", (double)body->energy_wh / 1000);
    draw_row(views, &box, "Energy", text);
}

void pb_view_readings(struct pb_views *views, SDL_Rect box) {
    SDL_Rect rest = pb_inset(box, pb_tenths(views, 8), pb_tenths(views, 6));
    views->is_narrow = box.w < pb_tenths(views, 380);
    draw_state(views, pb_cut_left(&rest, pb_tenths(views, 74)));
    pb_cut_left(&rest, pb_tenths(views, 8));
    draw_power(views, pb_cut_right(&rest, rest.w * 44 / 100));
    pb_cut_right(&rest, pb_tenths(views, 6));
    draw_measured(views, rest);
}
