/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dashboard/layout.h"

#include "dashboard/draw.h"

#include <string.h>

/* In units, the least that a window has room for: with fewer columns or rows texts would not fit. */
enum { COLUMNS_MIN = 60, ROWS_MIN = 36 };

/* Heights in tenths of a unit. */
enum { HEAD = 38, STATUS = 24, READINGS = 82, TALLY = 80, EVENTS_MIN = 66, STEPS_MIN = 120 };

static int least(int a, int b) { return a < b ? a : b; }

int pb_layout_unit(int width, int height, int least_px, int steps) {
    const int most = least(width / COLUMNS_MIN, height / ROWS_MIN);
    /* 13 px at 800 x 480, 18 at 1920 x 1080, 27 at 3840 x 2160 */
    const int size = 9000 + least(4000 * width / PB_WINDOW_MIN_WIDTH, 4000 * height / PB_WINDOW_MIN_HEIGHT);
    double unit = (double)size / 1000;
    if (unit < least_px) unit = least_px;
    for (; steps > 0; steps--) unit *= 1.1;
    for (; steps < 0; steps++) unit /= 1.1;
    if (unit < 10) unit = 10;
    return unit < most ? (int)unit : most;
}

struct maker {
    struct pb_layout *layout;
    int unit, hair;
};

static int tenths(const struct maker *maker, int size) { return size * maker->unit / 10; }
static void add_rule(struct maker *maker, SDL_Rect rule) { maker->layout->rules[maker->layout->rule_count++] = rule; }
static void take_top(struct maker *maker, SDL_Rect *rest, enum pb_place place, int height) {
    maker->layout->places[place] = pb_cut_top(rest, height);
    add_rule(maker, pb_cut_top(rest, maker->hair));
}

/* Scope, readings and log below one another. */
static void lay_pilot(struct maker *maker, SDL_Rect box, int events_height) {
    maker->layout->places[PB_PLACE_EVENTS] = pb_cut_bottom(&box, events_height);
    add_rule(maker, pb_cut_bottom(&box, maker->hair));
    maker->layout->places[PB_PLACE_READINGS] = pb_cut_bottom(&box, tenths(maker, READINGS));
    add_rule(maker, pb_cut_bottom(&box, maker->hair));
    maker->layout->places[PB_PLACE_SCOPE] = box;
}

static void lay_wide(struct maker *maker, SDL_Rect rest) {
    SDL_Rect left = pb_cut_left(&rest, rest.w * 56 / 100);
    add_rule(maker, pb_cut_left(&rest, maker->hair));
    /* A scope higher than wide shows nothing more: what is left belongs to the log. */
    int scope = left.h - tenths(maker, READINGS + EVENTS_MIN) - 2 * maker->hair;
    scope = least(scope, left.w * 62 / 100);
    lay_pilot(maker, left, left.h - scope - tenths(maker, READINGS) - 2 * maker->hair);
    take_top(maker, &rest, PB_PLACE_TALLY, tenths(maker, TALLY));
    maker->layout->places[PB_PLACE_STEPS] = rest;
}

static void lay_tall(struct maker *maker, SDL_Rect rest) {
    take_top(maker, &rest, PB_PLACE_TALLY, tenths(maker, TALLY));
    const int pilot = least(rest.h - tenths(maker, STEPS_MIN),
                            rest.w * 45 / 100 + tenths(maker, READINGS + EVENTS_MIN) + 2 * maker->hair);
    SDL_Rect box = pb_cut_top(&rest, pilot);
    add_rule(maker, pb_cut_top(&rest, maker->hair));
    lay_pilot(maker, box, tenths(maker, EVENTS_MIN));
    maker->layout->places[PB_PLACE_STEPS] = rest;
}

void pb_layout_make(int width, int height, int unit, int hair, struct pb_layout *ret_layout) {
    struct maker maker = {ret_layout, unit, hair};
    SDL_Rect rest = {0, 0, width, height};
    memset(ret_layout, 0, sizeof *ret_layout);
    ret_layout->places[PB_PLACE_HEAD] = pb_cut_top(&rest, tenths(&maker, HEAD));
    ret_layout->places[PB_PLACE_STATUS] = pb_cut_top(&rest, tenths(&maker, STATUS));
    if (height > width) lay_tall(&maker, rest);
    else lay_wide(&maker, rest);
}
