/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Head: which case, on what, since when. Status: how the run is, what it waits for and how long it still may. */
#include "dashboard/views.h"
#include "dashboard/words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static void describe_speed(const struct pb_snapshot_body *body, char *ret_text, size_t size) {
    if (body->speed_milli <= 0) snprintf(ret_text, size, "bench clock");
    else snprintf(ret_text, size, "bench clock, \u00d7 %g", (double)body->speed_milli / 1000);
}

/* "DUT stub-evse" in a part of the line. */
static void draw_fact(struct pb_draw *draw, SDL_Rect box, const char *name, const char *value) {
    const int gap = pb_draw_unit(draw) / 2;
    if (!value[0]) return;
    box.w -= 2 * gap;
    pb_draw_flow(draw, &box, PB_FONT_SMALL, PB_INK_MUTED, name, gap);
    pb_draw_text(draw, box, PB_FONT_SMALL, PB_INK_TEXT, PB_ALIGN_LEFT, value);
}

void pb_view_head(struct pb_views *views, SDL_Rect box) {
    struct pb_draw *draw = views->draw;
    const struct pb_snapshot_body *body = views->body;
    char clock[32], speed[48], version[48];
    pb_draw_fill(draw, box, PB_INK_RAISED);
    SDL_Rect rest = pb_inset(box, pb_tenths(views, 8), pb_tenths(views, 4));
    SDL_Rect right = pb_cut_right(&rest, pb_tenths(views, 125)), top = pb_cut_top(&rest, pb_tenths(views, 18));
    pb_words_clock((pb_instant){body->now_ns}, clock, sizeof clock);
    describe_speed(body, speed, sizeof speed);
    pb_draw_text(draw, pb_cut_top(&right, pb_tenths(views, 18)), PB_FONT_LARGE, PB_INK_TEXT, PB_ALIGN_RIGHT, clock);
    pb_draw_text(draw, right, PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_RIGHT, speed);
    SDL_Rect id = top;
    id.w = id.w * 4 / 10;
    pb_cut_left(&top, pb_draw_text(draw, id, PB_FONT_LARGE, PB_INK_TEXT, PB_ALIGN_LEFT,
                                   body->case_id[0] ? body->case_id : "Pilotbench") +
                          pb_tenths(views, 8));
    pb_draw_text(draw, top, PB_FONT_TEXT, PB_INK_TEXT, PB_ALIGN_LEFT, body->case_title);
    snprintf(version, sizeof version, "pilotbench %s", body->version);
    draw_fact(draw, pb_cut_left(&rest, rest.w * 28 / 100), "DUT", body->dut);
    draw_fact(draw, pb_cut_left(&rest, rest.w * 30 / 100), "bench", body->bench);
    draw_fact(draw, pb_cut_left(&rest, rest.w * 62 / 100), "run", file_name(body->run));
    if (body->version[0]) pb_draw_text(draw, rest, PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT, version);
}

/* ---- status ---- */

/* A sign and a word on a ground of their ink. */
static void draw_pill(struct pb_views *views, SDL_Rect *box, enum pb_ink ink, enum pb_ink on, const char *mark,
                      const char *word) {
    char text[48];
    snprintf(text, sizeof text, "%s %s", mark, word);
    const int width = pb_draw_text_width(views->draw, PB_FONT_BOLD, text) + pb_tenths(views, 12);
    SDL_Rect pill = pb_cut_left(box, width);
    pb_draw_fill(views->draw, pb_inset(pill, 0, pb_tenths(views, 3)), ink);
    pb_draw_text(views->draw, pill, PB_FONT_BOLD, on, PB_ALIGN_CENTRE, text);
    pb_cut_left(box, pb_tenths(views, 8));
}

/* The whole strip in one ink, for what must not be overlooked. */
static void draw_banner(struct pb_views *views, SDL_Rect box, const struct pb_sign *sign, const char *text) {
    char head[48];
    pb_draw_fill(views->draw, box, sign->ink);
    box = pb_inset(box, pb_tenths(views, 8), 0);
    snprintf(head, sizeof head, "%s %s", sign->mark, sign->word);
    pb_draw_flow(views->draw, &box, PB_FONT_BOLD, sign->on, head, pb_tenths(views, 10));
    pb_draw_text(views->draw, box, PB_FONT_TEXT, sign->on, PB_ALIGN_LEFT, text);
}

static void describe_end(const struct pb_snapshot_body *body, char *ret_text, size_t size) {
    const int judged = body->passed + body->failed + body->inconc + body->error;
    char *at = ret_text;
    at += snprintf(at, size, "The run is over: %d of %d checks passed", body->passed, body->planned);
    const struct {
        int count;
        const char *word;
    } rest[] = {{body->failed, "failed"},
                {body->inconc, "inconclusive"},
                {body->error, "in error"},
                {body->planned - judged, "not reached"}};
    for (size_t i = 0; i < sizeof rest / sizeof *rest; i++)
        if (rest[i].count > 0)
            at += snprintf(at, size - (size_t)(at - ret_text), ", %d %s", rest[i].count, rest[i].word);
}

/* How much of the time until the deadline is gone, counted from the present step's begin. */
static double part_gone(const struct pb_snapshot_body *body) {
    const int64_t from = body->current_step >= 0 ? body->steps[body->current_step].began_ns : 0;
    if (body->deadline_ns <= from) return 1;
    const double part = (double)(body->now_ns - from) / (double)(body->deadline_ns - from);
    return part < 0 ? 0 : part > 1 ? 1 : part;
}

static void draw_waiting(struct pb_views *views, SDL_Rect box) {
    const struct pb_snapshot_body *body = views->body;
    struct pb_draw *draw = views->draw;
    char left[40], text[64];
    box = pb_inset(box, pb_tenths(views, 8), 0);
    draw_pill(views, &box, PB_INK_ACCENT, PB_INK_ON_ACCENT, "\u25b6", "RUNNING");
    if (body->deadline_ns == PB_INSTANT_NEVER.ns) return;
    SDL_Rect bar = pb_cut_right(&box, box.w * 30 / 100);
    bar = pb_inset(bar, 0, (bar.h - pb_tenths(views, 8)) / 2);
    const int gone = (int)(bar.w * part_gone(body));
    pb_draw_fill(draw, bar, PB_INK_RULE);
    pb_draw_fill(draw, pb_cut_left(&bar, gone), PB_INK_ACCENT);
    pb_words_span(pb_between((pb_instant){body->now_ns}, (pb_instant){body->deadline_ns}), left, sizeof left);
    snprintf(text, sizeof text, "%s left", left);
    pb_draw_text(draw, pb_inset(pb_cut_right(&box, pb_tenths(views, 118)), pb_tenths(views, 8), 0), PB_FONT_BOLD,
                 PB_INK_TEXT, PB_ALIGN_RIGHT, text);
    pb_draw_flow(draw, &box, PB_FONT_TEXT, PB_INK_MUTED, "waits for", pb_tenths(views, 4));
    pb_draw_text(draw, box, PB_FONT_TEXT, PB_INK_TEXT, PB_ALIGN_LEFT, pb_words_waiting(body->waiting_for));
}

void pb_view_status(struct pb_views *views, SDL_Rect box) {
    static const struct pb_sign stalled = {"\u25a0", "STALLED", PB_INK_INCONC, PB_INK_ON_INCONC};
    static const struct pb_sign gone = {"\u2717", "GONE", PB_INK_ERROR, PB_INK_ON_ERROR};
    static const struct pb_sign question = {"?", "SURE", PB_INK_INCONC, PB_INK_ON_INCONC};
    static const struct pb_sign answer = {"\u2022", "NOTE", PB_INK_ACCENT, PB_INK_ON_ACCENT};
    static const struct pb_sign ends[] = {
        [PB_VERDICT_PASS] = {"\u2713", "PASS", PB_INK_PASS, PB_INK_ON_PASS},
        [PB_VERDICT_INCONC] = {"?", "INCONC", PB_INK_INCONC, PB_INK_ON_INCONC},
        [PB_VERDICT_FAIL] = {"\u2717", "FAIL", PB_INK_FAIL, PB_INK_ON_FAIL},
        [PB_VERDICT_ERROR] = {"!", "ERROR", PB_INK_ERROR, PB_INK_ON_ERROR},
    };
    char text[300], silent[40];
    if (views->notice) {
        draw_banner(views, box, views->is_question ? &question : &answer, views->notice);
        return;
    }
    pb_words_span(views->silent, silent, sizeof silent);
    switch (views->life) {
    case PB_LIFE_AWAITED:
        box = pb_inset(box, pb_tenths(views, 8), 0);
        draw_pill(views, &box, PB_INK_RULE, PB_INK_TEXT, "\u25cb", "WAITING");
        snprintf(text, sizeof text, "for a run to show itself at %.200s", views->path);
        pb_draw_text(views->draw, box, PB_FONT_TEXT, PB_INK_TEXT, PB_ALIGN_LEFT, text);
        return;
    case PB_LIFE_RUNNING: draw_waiting(views, box); return;
    case PB_LIFE_STALLED:
        snprintf(text, sizeof text, "Nothing heard from the run for %s; shown is what was seen last.", silent);
        draw_banner(views, box, &stalled, text);
        return;
    case PB_LIFE_GONE:
        snprintf(text, sizeof text, "The run's process ended without a word %s ago; the record holds what was judged.",
                 silent);
        draw_banner(views, box, &gone, text);
        return;
    case PB_LIFE_OVER:
        describe_end(views->body, text, sizeof text);
        draw_banner(views, box, &ends[pb_verdict_of_run(views->body)], text);
        return;
    }
}
