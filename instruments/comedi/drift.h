/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a board's clock has run away from the bench clock since the start. A sample is dated by its index alone; it arrives later, by a
 * lag that varies (interrupts, scheduling) but has a floor. The floor's movement from the first window of time to the latest one is the
 * drift. Pure. */
#ifndef PB_INSTRUMENTS_COMEDI_DRIFT_H
#define PB_INSTRUMENTS_COMEDI_DRIFT_H

#include "base/instant.h"

#include <stdbool.h>

struct comedi_drift { /* zeroed at the start */
    bool has_window, has_first;
    pb_instant window_end, first_end;
    pb_span least, first_least; /* lag */
    pb_span offset;  /* bench clock less dating, gathered since the first window: above 0 when the board is slow */
    pb_span elapsed; /* time over which it was gathered */
};

/* A sample dated `newest` was seen at `now`; both on the bench clock, now never before the last. Windows are of 1 s. */
void comedi_drift_feed(struct comedi_drift *drift, pb_instant now, pb_instant newest);
/* Relative, parts in 1e9; 0 before the second window. */
int64_t comedi_drift_ppb(const struct comedi_drift *drift);

#endif
