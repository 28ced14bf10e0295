/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pilot scope draws, as arithmetic: the stretch of the trace to show, and for each column of the picture the lowest and
 * highest voltage in it, so that no spike between two columns is lost. */
#ifndef PB_DASHBOARD_SCOPE_H
#define PB_DASHBOARD_SCOPE_H

#include "base/instant.h"
#include "harness/snapshot/snapshot.h"

#include <stdbool.h>

enum { PB_SCOPE_COLUMNS = 4096 };

struct pb_scope {
    bool
        is_triggered; /* a rise through 0 V stands pb_scope_before after the left edge; else the newest samples are shown */
    pb_span span;     /* of the picture */
    int column_count; /* of those, the first `drawn_count` have a trace (fewer samples than the span needs) */
    int first_drawn, drawn_count;
    float low_volts[PB_SCOPE_COLUMNS], high_volts[PB_SCOPE_COLUMNS];
    float volts[PB_SNAPSHOT_TRACE]; /* the trace, oldest first */
};

extern const pb_span pb_scope_span;   /* 5 ms */
extern const pb_span pb_scope_before; /* left of the trigger, 0.5 ms */

/* columns: 1 to PB_SCOPE_COLUMNS. body must be sane. */
void pb_scope_make(struct pb_scope *scope, const struct pb_snapshot_body *body, int columns);

#endif
