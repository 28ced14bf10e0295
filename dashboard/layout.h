/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where each view stands in a window of some size: pure arithmetic. Views never overlap, never leave the window, and each has
 * at least the room that its texts need, from 800 x 480 up. */
#ifndef PB_DASHBOARD_LAYOUT_H
#define PB_DASHBOARD_LAYOUT_H

#include <SDL_rect.h>

enum { PB_WINDOW_MIN_WIDTH = 800, PB_WINDOW_MIN_HEIGHT = 480 };

enum pb_place {
    PB_PLACE_HEAD,
    PB_PLACE_STATUS,
    PB_PLACE_SCOPE,
    PB_PLACE_READINGS,
    PB_PLACE_EVENTS,
    PB_PLACE_TALLY,
    PB_PLACE_STEPS,
    PB_PLACE_COUNT
};

struct pb_layout {
    SDL_Rect places[PB_PLACE_COUNT];
    int rule_count;
    SDL_Rect rules[PB_PLACE_COUNT]; /* lines between the views */
};

/* Base size of text for a window: grows slower than the window, so that a larger one shows more. least_px: what the display's
 * resolution asks for (0: unknown). steps: the person's wish, 10 % each. Never more than the window has room for. */
int pb_layout_unit(int width, int height, int least_px, int steps);

/* unit: base size of text; hair: width of a rule. */
void pb_layout_make(int width, int height, int unit, int hair, struct pb_layout *ret_layout);

#endif
