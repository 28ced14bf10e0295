/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "instruments/comedi/drift.h"

#define WINDOW pb_s(1)

static void close_window(struct comedi_drift *drift) {
    if (!drift->has_first) {
        drift->has_first = true;
        drift->first_least = drift->least;
        drift->first_end = drift->window_end;
        return;
    }
    drift->offset = pb_ns(drift->least.ns - drift->first_least.ns);
    drift->elapsed = pb_between(drift->first_end, drift->window_end);
}

void comedi_drift_feed(struct comedi_drift *drift, pb_instant now, pb_instant newest) {
    pb_span lag = pb_between(newest, now);
    if (drift->has_window && !pb_is_before(now, drift->window_end)) {
        close_window(drift);
        drift->has_window = false;
    }
    if (!drift->has_window) {
        drift->has_window = true;
        drift->window_end = pb_after(now, WINDOW);
        drift->least = lag;
    }
    if (pb_is_shorter(lag, drift->least)) drift->least = lag;
}

int64_t comedi_drift_ppb(const struct comedi_drift *drift) {
    if (drift->elapsed.ns <= 0) return 0;
    return (int64_t)((__int128)drift->offset.ns * 1000000000 / drift->elapsed.ns);
}
