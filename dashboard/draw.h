/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Drawing on an SDL renderer: rectangles, lines and text in the theme's inks. Text comes glyph by glyph from textures that
 * hold each glyph in the inks it was asked for, because the software renderer copies a glyph several times faster than it
 * tints one; so a frame allocates nothing once its glyphs have been seen. No shaping: one character, one glyph.
 * Nothing here knows what is drawn. */
#ifndef PB_DASHBOARD_DRAW_H
#define PB_DASHBOARD_DRAW_H

#include "base/status.h"
#include "dashboard/theme.h"

#include <SDL.h>

/* Sizes relative to the base size. */
enum pb_font { PB_FONT_SMALL, PB_FONT_TEXT, PB_FONT_BOLD, PB_FONT_LARGE, PB_FONT_HUGE, PB_FONT_COUNT };
enum pb_align { PB_ALIGN_LEFT, PB_ALIGN_CENTRE, PB_ALIGN_RIGHT };

struct pb_draw;

/* Told of every text drawn, with the box that its glyphs fill: for tests of the layout. is_cut: ends with an ellipsis. */
typedef void pb_text_seen_fn(void *user, const char *text, SDL_Rect box, bool is_cut);

/* font_folder: NULL for the usual places. Errors: PB_ERR_NOT_FOUND (a font, with the package that has it), PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status pb_draw_open(SDL_Renderer *renderer, const char *font_folder, struct pb_draw **ret_draw,
                                          struct pb_error *error);
void pb_draw_close(struct pb_draw *draw); /* NULL is fine */

/* Base size of text in px (8 to 96), theme. Both empty the cache when they change. */
PB_MUST_CHECK enum pb_status pb_draw_set(struct pb_draw *draw, int base_px, enum pb_theme theme,
                                         struct pb_error *error);
void pb_draw_watch(struct pb_draw *draw, pb_text_seen_fn *seen, void *user); /* NULL: nobody */
int pb_draw_unit(const struct pb_draw *draw);                                /* base size, px */
int pb_draw_hair(const struct pb_draw *draw);                                /* width of a thin line, px */
int pb_draw_line_height(const struct pb_draw *draw, enum pb_font font);
/* Glyphs rendered since the start: stands still when every glyph has been seen. */
long pb_draw_glyphs_made(const struct pb_draw *draw);

void pb_draw_clear(struct pb_draw *draw, enum pb_ink ink);
void pb_draw_fill(struct pb_draw *draw, SDL_Rect rect, enum pb_ink ink);
void pb_draw_fill_many(struct pb_draw *draw, const SDL_Rect *rects, int count, enum pb_ink ink);

int pb_draw_text_width(struct pb_draw *draw, enum pb_font font, const char *text);
/* One line in the box: aligned, centred in height, cut with an ellipsis where it does not fit; nothing where not even that fits.
 * Control characters become blanks, what is not UTF-8 a replacement sign. Returns the width drawn. */
int pb_draw_text(struct pb_draw *draw, SDL_Rect box, enum pb_font font, enum pb_ink ink, enum pb_align align,
                 const char *text);
/* From the left edge of *box, which then begins after the text and a gap. */
void pb_draw_flow(struct pb_draw *draw, SDL_Rect *box, enum pb_font font, enum pb_ink ink, const char *text, int gap);
/* How many lines text takes, broken at blanks; at most `most`. */
int pb_draw_wrap_lines(struct pb_draw *draw, int width, enum pb_font font, const char *text, int most);
/* Broken at blanks into at most as many lines as the box holds; the last is cut with an ellipsis. */
void pb_draw_wrapped(struct pb_draw *draw, SDL_Rect box, enum pb_font font, enum pb_ink ink, const char *text);

/* Cuts a piece off a box. */
SDL_Rect pb_cut_left(SDL_Rect *box, int width);
SDL_Rect pb_cut_right(SDL_Rect *box, int width);
SDL_Rect pb_cut_top(SDL_Rect *box, int height);
SDL_Rect pb_cut_bottom(SDL_Rect *box, int height);
SDL_Rect pb_inset(SDL_Rect box, int dx, int dy);

#endif
