/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The views: each draws its part of the window from the snapshot, one file each. pb_views_draw() lays them out and draws all. */
#ifndef PB_DASHBOARD_VIEWS_H
#define PB_DASHBOARD_VIEWS_H

#include "dashboard/draw.h"
#include "dashboard/layout.h"
#include "dashboard/scope.h"
#include "harness/snapshot/snapshot.h"

/* How the run is, as far as a reader of its snapshot can tell. */
enum pb_life { PB_LIFE_AWAITED, PB_LIFE_RUNNING, PB_LIFE_STALLED, PB_LIFE_GONE, PB_LIFE_OVER };

struct pb_views {
    struct pb_draw *draw;
    const struct pb_snapshot_body *body; /* sane */
    enum pb_life life;
    pb_span silent;     /* STALLED, GONE: since when nothing was heard */
    const char *path;   /* of the snapshot */
    const char *notice; /* a question or an answer for the person; NULL: none */
    bool is_question;
    int first_row;    /* of the step list as the person scrolled it; -1: it follows the run */
    bool has_details; /* checks of every step */
    /* What the views leave here: */
    int shown_first_row, row_count; /* of the step list */
    bool is_narrow;                 /* readings */
    struct pb_scope scope;
    SDL_Rect columns[PB_SCOPE_COLUMNS];
};

void pb_views_draw(struct pb_views *views, int width, int height);

/* The parts; boxes as of pb_layout_make(). */
void pb_view_head(struct pb_views *views, SDL_Rect box);
void pb_view_status(struct pb_views *views, SDL_Rect box);
void pb_view_scope(struct pb_views *views, SDL_Rect box);
void pb_view_readings(struct pb_views *views, SDL_Rect box);
void pb_view_events(struct pb_views *views, SDL_Rect box);
void pb_view_tally(struct pb_views *views, SDL_Rect box);
void pb_view_steps(struct pb_views *views, SDL_Rect box);

/* A number of tenths of the base size, px. */
int pb_tenths(const struct pb_views *views, int size);

#endif
