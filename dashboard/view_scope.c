/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The pilot: trace over volts and time, the windows of the states shaded and named. */
#include "dashboard/views.h"

#include "pilot_emulator/state.h"

#include <stdio.h>

enum { VOLTS_MAX = 14 };

/* Not all windows have the room for a grid line between them, but their middles do. */
static const int volt_labels[] = {12, 9, 6, 3, 0, -6, -12};

static int y_of(SDL_Rect plot, double volts) {
    volts = volts > VOLTS_MAX ? VOLTS_MAX : volts < -VOLTS_MAX ? -VOLTS_MAX : volts;
    return plot.y + (int)((VOLTS_MAX - volts) * (plot.h - 1) / (2.0 * VOLTS_MAX) + 0.5);
}

static void draw_title(struct pb_views *views, SDL_Rect line) {
    const struct pb_snapshot_body *body = views->body;
    struct pb_draw *draw = views->draw;
    char text[96];
    snprintf(text, sizeof text, body->cords > 1 ? "Pilot, cord 1 of %d" : "Pilot", (int)body->cords);
    pb_draw_flow(draw, &line, PB_FONT_BOLD, PB_INK_TEXT, text, pb_tenths(views, 8));
    if (!body->trace_count) {
        pb_draw_text(draw, line, PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT, "no samples yet");
        return;
    }
    const double rate = 1e6 * (double)body->trace_period_den / (double)body->trace_period_num_ns;
    snprintf(text, sizeof text, "%s",
             body->is_modelled           ? "not sampled now: nothing changes"
             : views->scope.is_triggered ? "rise through 0 V"
                                         : "steady");
    pb_draw_text(draw, pb_cut_right(&line, pb_draw_text_width(draw, PB_FONT_SMALL, text)), PB_FONT_SMALL,
                 body->is_modelled ? PB_INK_INCONC : PB_INK_MUTED, PB_ALIGN_RIGHT, text);
    snprintf(text, sizeof text, "%.4g kS/s", rate);
    pb_draw_text(draw, line, PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT, text);
}

static void draw_windows(struct pb_views *views, SDL_Rect plot, SDL_Rect names) {
    const struct pb_snapshot_body *body = views->body;
    const char now = pb_cp_state_letter((enum pb_cp_state)body->cp_state);
    for (int i = 0; i < (int)(sizeof body->windows / sizeof *body->windows); i++) {
        if (body->windows[i].max_uv <= body->windows[i].min_uv) continue; /* not filled yet */
        const int top = y_of(plot, (double)body->windows[i].max_uv * 1e-6),
                  bottom = y_of(plot, (double)body->windows[i].min_uv * 1e-6);
        const char name[2] = {(char)('A' + i), 0};
        const bool is_now = name[0] == now;
        pb_draw_fill(views->draw, (SDL_Rect){plot.x, top, plot.w, bottom - top},
                     is_now ? PB_INK_BAND_NOW : PB_INK_BAND);
        const int height = pb_draw_line_height(views->draw, PB_FONT_BOLD);
        pb_draw_text(views->draw, (SDL_Rect){names.x, (top + bottom - height) / 2, names.w, height}, PB_FONT_BOLD,
                     is_now ? PB_INK_ACCENT : PB_INK_MUTED, PB_ALIGN_CENTRE, name);
    }
}

static void draw_axes(struct pb_views *views, SDL_Rect plot, SDL_Rect volts, SDL_Rect times) {
    struct pb_draw *draw = views->draw;
    const int hair = pb_draw_hair(draw), height = pb_draw_line_height(draw, PB_FONT_SMALL);
    char text[24];
    for (size_t i = 0; i < sizeof volt_labels / sizeof *volt_labels; i++) {
        const int y = y_of(plot, volt_labels[i]);
        pb_draw_fill(draw, (SDL_Rect){plot.x, y, plot.w, hair}, volt_labels[i] == 0 ? PB_INK_MUTED : PB_INK_GRID);
        snprintf(text, sizeof text, "%s%d V", volt_labels[i] < 0 ? "\u2212" : "",
                 volt_labels[i] < 0 ? -volt_labels[i] : volt_labels[i]);
        pb_draw_text(draw, (SDL_Rect){volts.x, y - height / 2, volts.w - pb_tenths(views, 4), height}, PB_FONT_SMALL,
                     PB_INK_MUTED, PB_ALIGN_RIGHT, text);
    }
    const int whole = (int)(pb_scope_span.ns / 1000000), room = plot.w / whole;
    for (int ms = 0; ms < whole; ms++) {
        const int x = plot.x + (int)((ms * (int64_t)1000000 + pb_scope_before.ns) * plot.w / pb_scope_span.ns);
        pb_draw_fill(draw, (SDL_Rect){x, plot.y, hair, plot.h}, PB_INK_GRID);
        snprintf(text, sizeof text, "%d ms", ms);
        pb_draw_text(draw, (SDL_Rect){x - room / 2, times.y, room, times.h}, PB_FONT_SMALL, PB_INK_MUTED,
                     PB_ALIGN_CENTRE, text);
    }
}

static void draw_trace(struct pb_views *views, SDL_Rect plot) {
    const struct pb_scope *scope = &views->scope;
    const int thick = pb_draw_hair(views->draw) + (pb_draw_unit(views->draw) >= 14);
    for (int i = 0; i < scope->drawn_count; i++) {
        const int column = scope->first_drawn + i;
        const int top = y_of(plot, scope->high_volts[column]), bottom = y_of(plot, scope->low_volts[column]);
        views->columns[i] =
            (SDL_Rect){plot.x + column, top, column + thick <= plot.w ? thick : 1, bottom - top + thick};
    }
    pb_draw_fill_many(views->draw, views->columns, scope->drawn_count, PB_INK_TRACE);
}

void pb_view_scope(struct pb_views *views, SDL_Rect box) {
    SDL_Rect plot = pb_inset(box, pb_tenths(views, 8), pb_tenths(views, 4));
    SDL_Rect title = pb_cut_top(&plot, pb_tenths(views, 16));
    SDL_Rect times = pb_cut_bottom(&plot, pb_tenths(views, 12));
    SDL_Rect volts = pb_cut_left(&plot, pb_tenths(views, 38)), names = pb_cut_right(&plot, pb_tenths(views, 16));
    pb_scope_make(&views->scope, views->body, plot.w);
    draw_title(views, title);
    draw_windows(views, plot, names);
    draw_axes(views, plot, volts, times);
    draw_trace(views, plot);
}
