/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The steps, a row each; the present one with its whole text and its checks, failed ones with the checks that failed. The list
 * follows the run until the person scrolls. Only whole rows are drawn. */
#include "dashboard/views.h"
#include "dashboard/words.h"

#include <stdio.h>

enum {
    ROWS_MAX = 2 * PB_SNAPSHOT_STEPS + PB_SNAPSHOT_CHECKS,
    A_STEP = -1,
    A_CASE = -2 /* instead of a check */,
    TEXT_LINES = 3,
    WIDE = 280 /* tenths */
};

/* A row is a step, one of its checks, or the case that begins with the step. */
struct row {
    int16_t step, check;
    int height;
};
struct list {
    struct row rows[ROWS_MAX];
    int count, focus; /* focus: the row to keep in view; -1: none */
};

static bool is_bad(int32_t verdict) { return verdict == PB_VERDICT_FAIL || verdict == PB_VERDICT_ERROR; }
static bool is_over(const struct pb_views *views) { return views->life == PB_LIFE_OVER; }
static bool is_current(const struct pb_views *views, int step) {
    return !is_over(views) && views->body->current_step == step;
}
static int icon_width(const struct pb_views *views) { return pb_tenths(views, 17); }
static int id_width(const struct pb_views *views) { return pb_tenths(views, 45); }
static int actor_width(const struct pb_views *views) { return pb_tenths(views, 46); }

/* The present step's text begins under its number. */
static int text_width(const struct pb_views *views, int width) { return width - icon_width(views); }

static int step_height(struct pb_views *views, int step, int width) {
    if (!is_current(views, step)) return pb_tenths(views, 16);
    const int lines = pb_draw_wrap_lines(views->draw, text_width(views, width), PB_FONT_TEXT,
                                         views->body->steps[step].text, TEXT_LINES);
    return pb_tenths(views, 18) + lines * pb_draw_line_height(views->draw, PB_FONT_TEXT) + pb_tenths(views, 3);
}

static void add_row(struct list *list, int step, int check, int height) {
    if (list->count < ROWS_MAX) list->rows[list->count++] = (struct row){(int16_t)step, (int16_t)check, height};
}

static void add_checks(struct pb_views *views, struct list *list, int step, const int16_t *next, int first) {
    for (int i = first; i >= 0; i = next[i]) {
        const int32_t verdict = views->body->checks[i].verdict;
        if (is_current(views, step) || views->has_details || is_bad(verdict))
            add_row(list, step, i, pb_tenths(views, is_bad(verdict) ? 27 : 14));
    }
}

/* Checks by step, in their order: first[step], next[check]. */
static void sort_checks(const struct pb_snapshot_body *body, int16_t *ret_first, int16_t *ret_next) {
    for (int i = 0; i < body->step_count; i++) ret_first[i] = -1;
    for (int i = body->check_count - 1; i >= 0; i--) {
        const int step = body->checks[i].step;
        if (step < 0) continue;
        ret_next[i] = ret_first[step];
        ret_first[step] = (int16_t)i;
    }
}

static void make_list(struct pb_views *views, struct list *list, int width) {
    const struct pb_snapshot_body *body = views->body;
    int16_t first[PB_SNAPSHOT_STEPS], next[PB_SNAPSHOT_CHECKS];
    list->count = 0;
    list->focus = -1;
    sort_checks(body, first, next);
    for (int i = 0; i < body->step_count; i++) {
        const bool is_first_bad = is_over(views) && list->focus < 0 && is_bad(body->steps[i].verdict);
        if (body->cases > 1 && (i == 0 || body->steps[i].case_no != body->steps[i - 1].case_no))
            add_row(list, i, A_CASE, pb_tenths(views, 18));
        if (is_current(views, i) || is_first_bad) list->focus = list->count;
        add_row(list, i, A_STEP, step_height(views, i, width));
        add_checks(views, list, i, next, first[i]);
    }
}

static int height_of(const struct list *list, int from, int to) {
    int height = 0;
    for (int i = from; i < to && i < list->count; i++) height += list->rows[i].height;
    return height;
}

/* The first row to draw: three rows before the one in focus, later when its checks would not fit, earlier when room would be left. */
static int choose_first(const struct pb_views *views, const struct list *list, int room) {
    int last = list->count; /* the last screenful begins here */
    while (last > 0 && height_of(list, last - 1, list->count) <= room) last--;
    if (views->first_row >= 0) return views->first_row < last ? views->first_row : last;
    if (list->focus < 0) return is_over(views) ? last : 0;
    int end = list->focus + 1, first = list->focus > 3 ? list->focus - 3 : 0;
    while (end < list->count && list->rows[end].check >= 0) end++;
    while (first < list->focus && height_of(list, first, end) > room) first++;
    return first < last ? first : last;
}

static void draw_case(struct pb_views *views, SDL_Rect box, int step) {
    const int case_no = views->body->steps[step].case_no;
    const char *id = case_no >= 1 && case_no <= PB_SNAPSHOT_CASES ? views->body->case_ids[case_no - 1] : "";
    char text[64];
    snprintf(text, sizeof text, "%s", id);
    if (!id[0]) snprintf(text, sizeof text, "case %d", case_no);
    SDL_Rect rule = box;
    pb_cut_left(&rule, pb_draw_text(views->draw, box, PB_FONT_SMALL, PB_INK_ACCENT, PB_ALIGN_LEFT, text) +
                           pb_tenths(views, 6));
    rule.y += rule.h / 2, rule.h = pb_draw_hair(views->draw);
    pb_draw_fill(views->draw, rule, PB_INK_RULE);
}

static void draw_step(struct pb_views *views, SDL_Rect box, int number) {
    const struct pb_snapshot_step *step = &views->body->steps[number];
    struct pb_draw *draw = views->draw;
    const bool is_now = is_current(views, number);
    const struct pb_sign *sign = pb_sign_of_step(step, is_now, is_over(views));
    const bool is_quiet = sign->ink == PB_INK_MUTED;
    SDL_Rect line = pb_cut_top(&box, is_now ? pb_tenths(views, 18) : box.h);
    pb_draw_text(draw, pb_cut_left(&line, icon_width(views)), PB_FONT_BOLD, sign->ink, PB_ALIGN_LEFT, sign->mark);
    if (!is_quiet ||
        line.w >= pb_tenths(views, WIDE)) { /* in a narrow list the mark alone says what needs no attention */
        SDL_Rect word =
            pb_cut_right(&line, pb_draw_text_width(draw, is_quiet ? PB_FONT_SMALL : PB_FONT_BOLD, sign->word));
        pb_draw_text(draw, word, is_quiet ? PB_FONT_SMALL : PB_FONT_BOLD, sign->ink, PB_ALIGN_RIGHT, sign->word);
        pb_cut_right(&line, pb_tenths(views, 6));
    }
    SDL_Rect id = pb_cut_left(&line, id_width(views));
    id.w -= pb_tenths(views, 4);
    pb_draw_text(draw, id, PB_FONT_BOLD, PB_INK_TEXT, PB_ALIGN_LEFT, step->id);
    SDL_Rect actor = is_now ? line : pb_cut_left(&line, actor_width(views));
    actor.w -= pb_tenths(views, 4);
    pb_draw_text(draw, actor, PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT, step->actor);
    if (!is_now)
        pb_draw_text(draw, line, PB_FONT_TEXT, step->is_begun ? PB_INK_TEXT : PB_INK_MUTED, PB_ALIGN_LEFT, step->text);
    pb_cut_left(&box, icon_width(views));
    if (is_now) pb_draw_wrapped(draw, box, PB_FONT_TEXT, PB_INK_TEXT, step->text);
}

static void draw_check(struct pb_views *views, SDL_Rect box, int number) {
    const struct pb_snapshot_check *check = &views->body->checks[number];
    struct pb_draw *draw = views->draw;
    const struct pb_sign *sign = pb_sign_of_check(check, is_over(views));
    char text[sizeof check->limit + sizeof check->reason + 16];
    pb_cut_left(&box, icon_width(views));
    SDL_Rect line = pb_cut_top(&box, pb_tenths(views, 14));
    pb_draw_text(draw, pb_cut_left(&line, icon_width(views)), PB_FONT_SMALL, sign->ink, PB_ALIGN_LEFT, sign->mark);
    const bool has_value = check->value[0] != 0;
    const char *right = has_value ? check->value : check->verdict ? sign->word : check->limit;
    SDL_Rect value = pb_cut_right(&line, line.w / 2);
    const int width =
        pb_draw_text(draw, value, PB_FONT_SMALL, check->verdict ? sign->ink : PB_INK_MUTED, PB_ALIGN_RIGHT, right);
    line.w += value.w - width - pb_tenths(views, 6);
    pb_draw_text(draw, line, PB_FONT_SMALL, check->verdict ? PB_INK_TEXT : PB_INK_MUTED, PB_ALIGN_LEFT, check->text);
    if (!is_bad(check->verdict)) return;
    pb_cut_left(&box, icon_width(views));
    snprintf(text, sizeof text, "%s: %s", check->limit, check->reason);
    pb_draw_text(draw, box, PB_FONT_SMALL, sign->ink, PB_ALIGN_LEFT, check->limit[0] ? text : check->reason);
}

static void draw_scroll_bar(struct pb_views *views, SDL_Rect bar, const struct list *list, int first, int end) {
    if (first == 0 && end == list->count) return;
    const int whole = height_of(list, 0, list->count), above = height_of(list, 0, first),
              shown = height_of(list, first, end);
    pb_draw_fill(views->draw, bar, PB_INK_RAISED);
    pb_draw_fill(views->draw, (SDL_Rect){bar.x, bar.y + bar.h * above / whole, bar.w, bar.h * shown / whole},
                 PB_INK_RULE);
}

void pb_view_steps(struct pb_views *views, SDL_Rect box) {
    struct list list;
    SDL_Rect rest = pb_inset(box, pb_tenths(views, 4), pb_tenths(views, 4));
    SDL_Rect bar = pb_cut_right(&rest, pb_tenths(views, 4));
    pb_cut_right(&rest, pb_tenths(views, 4));
    const int pad = pb_tenths(views, 4);
    make_list(views, &list, rest.w - 2 * pad);
    const int first = choose_first(views, &list, rest.h);
    int end = first;
    for (; end < list.count && list.rows[end].height <= rest.h; end++) {
        const struct row *row = &list.rows[end];
        if (row->check == A_CASE && row->height + row[1].height > rest.h) break; /* no head without a step */
        SDL_Rect line = pb_cut_top(&rest, row->height);
        if (is_current(views, row->step) && row->check != A_CASE) {
            pb_draw_fill(views->draw, line, PB_INK_RAISED);
            pb_draw_fill(views->draw, (SDL_Rect){line.x, line.y, pb_tenths(views, 2), line.h}, PB_INK_ACCENT);
        }
        line = pb_inset(line, pad, 0);
        if (row->check == A_CASE) draw_case(views, line, row->step);
        else if (row->check == A_STEP) draw_step(views, line, row->step);
        else draw_check(views, line, row->check);
    }
    draw_scroll_bar(views, bar, &list, first, end);
    views->shown_first_row = first;
    views->row_count = list.count;
}
