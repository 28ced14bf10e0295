/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The wall clock's only door. Nothing else in the project asks the kernel for the time. Monotonic readings serve
 * time-outs on other processes, durability ("within 10 ms") and pacing; UTC goes into headers. */
#ifndef PB_BASE_WALL_H
#define PB_BASE_WALL_H

#include "base/instant.h"

#include <stddef.h>
#include <time.h>

/* CLOCK_MONOTONIC as an instant (not comparable with bench instants of a simulated clock). */
pb_instant pb_wall_now(void);
/* "2026-11-21T05:30:00.123Z" into ret_text (at least 25 bytes). */
void pb_wall_utc(char *ret_text, size_t size);

/* Milliseconds for poll(2) from now until `deadline`: rounded up, 0 when past, -1 for PB_INSTANT_NEVER. */
int pb_wall_poll_ms(pb_instant deadline);
/* The same for ppoll(2), to the nanosecond: 0 when past. deadline is not PB_INSTANT_NEVER. */
struct timespec pb_wall_left(pb_instant deadline);

#endif
