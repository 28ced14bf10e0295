/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The world's log file: one line an entry, written at once with one write(2), so that it survives any death:
 * `<CLOCK_MONOTONIC ns> <bench ns> <who> <what>`. DUT processes write their own output to the same file. */
#ifndef PB_WORLD_LOG_H
#define PB_WORLD_LOG_H

#include "base/instant.h"
#include "base/status.h"

/* fd: opened for appending; -1: nothing is logged. who: "bench", "guardian", "world", "slave". */
void pb_log(int fd, pb_instant now, const char *who, const char *format, ...) PB_PRINTF(4, 5);

#endif
