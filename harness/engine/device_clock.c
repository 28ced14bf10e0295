/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/device_clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const int64_t second_ns = INT64_C(1000000000), day_ns = INT64_C(86400000000000);

static int64_t within_day(int64_t ns) { return (ns % day_ns + day_ns) % day_ns; }

void pb_clock_text(pb_span of_day, char ret_text[PB_CLOCK_TEXT]) {
    int seconds = (int)(within_day(of_day.ns) / second_ns);
    snprintf(ret_text, PB_CLOCK_TEXT, "%02d:%02d:%02d", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

void pb_clock_line(const char *line, pb_span of_day, char *ret_text, size_t size) {
    static const char place[] = "{time}";
    char time[PB_CLOCK_TEXT];
    const char *at = strstr(line, place);
    int before = at ? (int)(at - line) : (int)strlen(line);
    pb_clock_text(of_day, time);
    snprintf(ret_text, size, "%.*s%s%s", before, line, at ? time : "", at ? at + sizeof place - 1 : "");
}

pb_span pb_clock_offset(pb_span schedule, pb_span device) {
    int64_t ahead = within_day(device.ns - schedule.ns);
    return pb_ns(ahead > day_ns / 2 ? ahead - day_ns : ahead);
}

/* 0 for a text of another form. */
static int64_t of_day(const char *utc) {
    int hours = 0, minutes = 0, seconds = 0;
    if (sscanf(utc, "%*4d-%*2d-%*2dT%2d:%2d:%2d", &hours, &minutes, &seconds) != 3) return 0;
    return (((int64_t)hours * 60 + minutes) * 60 + seconds) * second_ns;
}

pb_span pb_clock_of_device(pb_instant now, const char *utc, pb_span ahead) {
    return pb_ns(within_day((utc ? of_day(utc) : within_day(now.ns)) + ahead.ns));
}

void pb_clock_describe(pb_span schedule, pb_span device, char *ret_text, size_t size) {
    char its[PB_CLOCK_TEXT], ours[PB_CLOCK_TEXT], off[PB_CLOCK_TEXT];
    int64_t offset_ns = pb_clock_offset(schedule, device).ns;
    pb_clock_text(device, its);
    pb_clock_text(schedule, ours);
    pb_clock_text(pb_ns(offset_ns < 0 ? -offset_ns : offset_ns), off);
    snprintf(ret_text, size,
             "the device keeps its own clock: at the connection, %s by the schedule, it showed %s, %s %s", ours, its,
             off, offset_ns < 0 ? "behind" : "ahead");
}
