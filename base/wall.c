/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that calls clock_gettime. */
#include "base/wall.h"

#include "base/status.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

PB_HOT pb_instant pb_wall_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (pb_instant){(int64_t)now.tv_sec * 1000000000 + now.tv_nsec};
}

void pb_wall_utc(char *ret_text, size_t size) {
    struct timespec now;
    struct tm utc;
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    snprintf(ret_text, size, "%04d-%02d-%02dT%02d:%02d:%02d.%03dZ", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday,
             utc.tm_hour, utc.tm_min, utc.tm_sec, (int)(now.tv_nsec / 1000000));
}

int pb_wall_poll_ms(pb_instant deadline) {
    if (deadline.ns == PB_INSTANT_NEVER.ns) return -1;
    int64_t left_ns = pb_between(pb_wall_now(), deadline).ns;
    if (left_ns <= 0) return 0;
    int64_t left_ms = left_ns / 1000000 + (left_ns % 1000000 != 0);
    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

struct timespec pb_wall_left(pb_instant deadline) {
    int64_t left_ns = pb_between(pb_wall_now(), deadline).ns;
    if (left_ns < 0) left_ns = 0;
    return (struct timespec){.tv_sec = left_ns / 1000000000, .tv_nsec = left_ns % 1000000000};
}
