/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scenes on an SDL renderer, as SVG shows them: the same list, the same table of colours. A target of its own (pb_figures_sdl), so that reports do not
 * link SDL. Text textures are kept between frames; a frame of texts that were seen before allocates nothing. */
#ifndef PB_FIGURES_SDL_H
#define PB_FIGURES_SDL_H

#include "base/status.h"
#include "reports/figures/scene.h"

#include <SDL.h>

struct pb_sdl_painter;

/* fonts: paths of a face and of its bold, for instance DejaVuSans.ttf and DejaVuSans-Bold.ttf. Borrows the renderer; TTF_Init() is the caller's.
 * Errors: PB_ERR_NOT_FOUND (a font), PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status pb_sdl_painter_open(SDL_Renderer *renderer, const char *const fonts[2],
                                                 struct pb_sdl_painter **ret_painter, struct pb_error *error);
void pb_sdl_painter_close(struct pb_sdl_painter *painter); /* NULL is fine */
/* The scene with its upper left corner at x, y, each of its px as `scale` px of the renderer. Clears nothing: the caller puts PB_TONE_PAPER there. */
void pb_sdl_paint(struct pb_sdl_painter *painter, const struct pb_scene *scene, float x, float y, float scale,
                  bool is_dark);
SDL_Color pb_sdl_colour(enum pb_tone tone, bool is_dark);

#endif
