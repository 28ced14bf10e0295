/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the window's picture of a run comes from: attaches to the snapshot when it appears, copies it when it has changed, and
 * tells how the run is. Only reads. */
#ifndef PB_DASHBOARD_SOURCE_H
#define PB_DASHBOARD_SOURCE_H

#include "dashboard/views.h"

struct pb_source {
    const char *path;
    const struct pb_snapshot *snapshot; /* NULL: not there yet */
    uint32_t sequence;                  /* of the copy in body */
    bool is_new;                        /* the last poll brought another body */
    struct pb_snapshot_body body;
};

void pb_source_init(struct pb_source *source, const char *path);
/* PB_ERR_NOT_FOUND: not there yet, ask again; others are for good. */
PB_MUST_CHECK enum pb_status pb_source_poll(struct pb_source *source, struct pb_error *error);
/* now: of the wall clock. ret_silent: for how long nothing was heard. */
enum pb_life pb_source_life(const struct pb_source *source, pb_instant now, pb_span *ret_silent);
void pb_source_finish(struct pb_source *source);

#endif
