/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A drawn surface as a file. */
#ifndef PB_DASHBOARD_PICTURE_H
#define PB_DASHBOARD_PICTURE_H

#include "base/status.h"

#include <SDL_surface.h>

/* surface: 32 bits a pixel, XRGB8888 or ARGB8888. PNG for names that end with .png (any case), else BMP. Errors: PB_ERR_IO, PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status pb_picture_save(SDL_Surface *surface, const char *path, struct pb_error *error);

#endif
