/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dashboard/views.h"

typedef void view_fn(struct pb_views *views, SDL_Rect box);

static view_fn *const view_rows[PB_PLACE_COUNT] = {
    [PB_PLACE_HEAD] = pb_view_head,         [PB_PLACE_STATUS] = pb_view_status, [PB_PLACE_SCOPE] = pb_view_scope,
    [PB_PLACE_READINGS] = pb_view_readings, [PB_PLACE_EVENTS] = pb_view_events, [PB_PLACE_TALLY] = pb_view_tally,
    [PB_PLACE_STEPS] = pb_view_steps,
};

int pb_tenths(const struct pb_views *views, int size) { return size * pb_draw_unit(views->draw) / 10; }

void pb_views_draw(struct pb_views *views, int width, int height) {
    struct pb_layout layout;
    pb_layout_make(width, height, pb_draw_unit(views->draw), pb_draw_hair(views->draw), &layout);
    pb_draw_clear(views->draw, PB_INK_GROUND);
    pb_draw_fill_many(views->draw, layout.rules, layout.rule_count, PB_INK_RULE);
    for (int i = 0; i < PB_PLACE_COUNT; i++) view_rows[i](views, layout.places[i]);
}
