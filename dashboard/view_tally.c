/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many checks went which way, of how many planned: numbers with sign and word, and a bar of them. */
#include "dashboard/views.h"
#include "dashboard/words.h"

#include <stdio.h>

static void draw_count(struct pb_views *views, SDL_Rect cell, const struct pb_sign *sign, int count, const char *word) {
    char text[32];
    cell.w -= pb_tenths(views, 6);
    const enum pb_ink ink = count > 0 ? sign->ink : PB_INK_MUTED;
    snprintf(text, sizeof text, "%s %d", sign->mark, count);
    pb_draw_text(views->draw, pb_cut_top(&cell, pb_tenths(views, 19)), PB_FONT_LARGE, ink, PB_ALIGN_LEFT, text);
    pb_draw_text(views->draw, pb_cut_top(&cell, pb_tenths(views, 12)), PB_FONT_SMALL, ink, PB_ALIGN_LEFT, word);
}

/* Which check failed first, because the list of steps has gone on by then. */
static void draw_first_bad(struct pb_views *views, SDL_Rect line) {
    const struct pb_snapshot_body *body = views->body;
    char text[sizeof body->checks->text + sizeof body->checks->value + 64];
    for (int i = 0; i < body->check_count; i++) {
        const struct pb_snapshot_check *check = &body->checks[i];
        if (check->verdict != PB_VERDICT_FAIL && check->verdict != PB_VERDICT_ERROR) continue;
        const char *step = check->step >= 0 ? body->steps[check->step].id : "";
        snprintf(text, sizeof text, "first: step %s, %s%s%s", step, check->text, check->value[0] ? ": " : "",
                 check->value);
        pb_draw_text(views->draw, line, PB_FONT_SMALL, pb_sign_of_verdict((enum pb_verdict)check->verdict)->ink,
                     PB_ALIGN_LEFT, text);
        return;
    }
}

void pb_view_tally(struct pb_views *views, SDL_Rect box) {
    const struct pb_snapshot_body *body = views->body;
    const struct {
        enum pb_verdict verdict;
        int count;
        const char *word;
    } rows[] = {{PB_VERDICT_PASS, body->passed, "passed"},
                {PB_VERDICT_FAIL, body->failed, "failed"},
                {PB_VERDICT_INCONC, body->inconc, "inconclusive"},
                {PB_VERDICT_ERROR, body->error, "in error"}};
    enum { ROWS = sizeof rows / sizeof *rows };
    const int done = body->passed + body->failed + body->inconc + body->error, left = body->planned - done;
    SDL_Rect rest = pb_inset(box, pb_tenths(views, 8), pb_tenths(views, 6));
    SDL_Rect counts = pb_cut_top(&rest, pb_tenths(views, 33));
    const int cell = counts.w / ROWS;
    char text[96];
    for (int i = 0; i < ROWS; i++)
        draw_count(views, pb_cut_left(&counts, cell), pb_sign_of_verdict(rows[i].verdict), rows[i].count, rows[i].word);
    snprintf(text, sizeof text, "%d of %d checks judged", done, body->planned);
    SDL_Rect line = pb_cut_top(&rest, pb_tenths(views, 13));
    pb_draw_text(views->draw, pb_cut_left(&line, line.w * 7 / 10), PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT, text);
    if (left > 0) snprintf(text, sizeof text, "%d %s", left, views->life == PB_LIFE_OVER ? "not reached" : "to come");
    else text[0] = 0;
    pb_draw_text(views->draw, line, PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_RIGHT, text);
    draw_first_bad(views, pb_cut_bottom(&rest, pb_tenths(views, 14)));
    pb_cut_bottom(&rest, pb_tenths(views, 1));
    SDL_Rect bar = pb_cut_bottom(&rest, pb_tenths(views, 6));
    pb_draw_fill(views->draw, bar, PB_INK_RULE);
    const int whole = body->planned > done ? body->planned : done, full = bar.w;
    for (int i = 0; i < ROWS && whole > 0; i++) {
        SDL_Rect part = pb_cut_left(&bar, (int)((int64_t)full * rows[i].count / whole));
        part.w -= part.w > 4 ? pb_draw_hair(views->draw) : 0;
        pb_draw_fill(views->draw, part, pb_sign_of_verdict(rows[i].verdict)->ink);
    }
}
