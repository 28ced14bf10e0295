/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happened last, newest on top. */
#include "dashboard/views.h"
#include "dashboard/words.h"

#include <stdio.h>

void pb_view_events(struct pb_views *views, SDL_Rect box) {
    const struct pb_snapshot_body *body = views->body;
    struct pb_draw *draw = views->draw;
    SDL_Rect rest = pb_inset(box, pb_tenths(views, 8), pb_tenths(views, 4));
    const int height = pb_tenths(views, 14);
    const uint32_t kept = body->event_count < PB_SNAPSHOT_EVENTS ? body->event_count : PB_SNAPSHOT_EVENTS;
    if (!kept)
        pb_draw_text(draw, pb_cut_top(&rest, height), PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT,
                     "nothing has happened yet");
    for (uint32_t i = 0; i < kept && rest.h >= height; i++) {
        const struct pb_snapshot_event *event = &body->events[(body->event_count - 1 - i) % PB_SNAPSHOT_EVENTS];
        SDL_Rect line = pb_cut_top(&rest, height);
        char text[96];
        pb_words_clock((pb_instant){event->at_ns}, text, sizeof text);
        pb_draw_text(draw, pb_cut_left(&line, pb_tenths(views, 72)), PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT, text);
        snprintf(text, sizeof text, event->cord > 0 ? "%s %d" : "%s", pb_words_event_name(event->name),
                 (int)event->cord);
        SDL_Rect name = pb_cut_left(&line, pb_tenths(views, 62));
        name.w -= pb_tenths(views, 4);
        pb_draw_text(draw, name, PB_FONT_SMALL, PB_INK_MUTED, PB_ALIGN_LEFT, text);
        pb_words_event_value(event, text, sizeof text);
        pb_draw_text(draw, line, PB_FONT_SMALL, PB_INK_TEXT, PB_ALIGN_LEFT, text);
    }
}
