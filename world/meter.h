/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The charging meter of a cord (EUMD): integrates the power that flows, with the error of its class, into a register of whole
 * watt-hours that rolls over. It tells its reading every period of flow, when flow ends, and when it was set. */
#ifndef PB_WORLD_METER_H
#define PB_WORLD_METER_H

#include "base/instant.h"

#include <stdbool.h>

struct pb_meter {
    int64_t reading_wh, rollover_wh;
    int64_t rest_fj;             /* below 1 Wh, in 1e-15 J */
    int64_t class_ppm, more_ppm; /* its own error, and what was set on top */
    int64_t power_uw;
    pb_span period;
    pb_instant counted; /* up to here */
    pb_instant due;     /* the next telling; NEVER: none */
};

/* class_ppm: this specimen's error, positive: it counts too much. Rollover at least 1. */
void pb_meter_init(struct pb_meter *meter, int64_t class_ppm, int64_t rollover_wh, pb_span period);
/* From now on this power flows (uW, at least 0). */
void pb_meter_flow(struct pb_meter *meter, pb_instant now, int64_t power_uw);
/* Sets the register; what is at or above the rollover loses the digits that the register does not have. */
void pb_meter_set(struct pb_meter *meter, pb_instant now, int64_t reading_wh);
/* From now on it errs by so much more than its own error. */
void pb_meter_err(struct pb_meter *meter, pb_instant now, int64_t more_ppm);
static inline pb_instant pb_meter_next(const struct pb_meter *meter) { return meter->due; }
/* True: its reading is to be told now. */
bool pb_meter_run(struct pb_meter *meter, pb_instant now);

#endif
