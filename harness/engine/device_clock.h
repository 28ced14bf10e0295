/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The clock of a device under test beside the clock times of a session's schedule: texts and arithmetic. */
#ifndef PB_HARNESS_DEVICE_CLOCK_H
#define PB_HARNESS_DEVICE_CLOCK_H

#include "base/instant.h"

#include <stddef.h>

enum { PB_CLOCK_TEXT = 16 };

/* A time of day as "16:00:00"; what is below a second is left out. */
void pb_clock_text(pb_span of_day, char ret_text[PB_CLOCK_TEXT]);
/* The line of ixit.set_clock with the time in place of its {time}. */
void pb_clock_line(const char *line, pb_span of_day, char *ret_text, size_t size);
/* How far the device's time of day is from the schedule's, the nearer way round: above -12 h, at most 12 h. */
pb_span pb_clock_offset(pb_span schedule, pb_span device);
/* Time of day of a device whose clock is so far ahead of the bench's. utc: "2026-11-21T05:30:00.123Z", NULL on simulated time, whose day began with
 * the run. */
pb_span pb_clock_of_device(pb_instant now, const char *utc, pb_span ahead);
/* "the device keeps its own clock: at the connection, 16:00:00 by the schedule, it showed 09:00:06, 06:59:54 behind" */
void pb_clock_describe(pb_span schedule, pb_span device, char *ret_text, size_t size);

#endif
