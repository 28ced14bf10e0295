/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The window on a display: made, drawn, its keys. */
#ifndef PB_DASHBOARD_WINDOW_H
#define PB_DASHBOARD_WINDOW_H

#include "dashboard/source.h"

struct pb_window_setup {
    const char *path;        /* of the snapshot */
    const char *font_folder; /* NULL: the usual places */
    int width, height;
    enum pb_theme theme;
    pb_span wait;     /* for the snapshot to appear */
    bool is_software; /* no graphics hardware, whatever there is */
};

/* Until the person closes it. Errors: PB_ERR_UNSUPPORTED (no display), PB_ERR_NOT_FOUND (font, snapshot), those of the snapshot. */
PB_MUST_CHECK enum pb_status pb_window_run(const struct pb_window_setup *setup, struct pb_error *error);

/* A window and its renderer; SDL is initialised by it. has_vsync: as the person's window, else as fast as it goes. */
PB_MUST_CHECK enum pb_status pb_window_make(const struct pb_window_setup *setup, bool has_vsync,
                                            SDL_Window **ret_window, SDL_Renderer **ret_renderer,
                                            struct pb_error *error);

#endif
