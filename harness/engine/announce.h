/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a cord's pilot announces to a vehicle, as it changes: from the samples, where a station divides its current among several cords. The current
 * of the duty (by the limits file's law) while a vehicle is connected and PWM is on, else 0. A duty counts from the first of two periods in a row
 * that have it; a change of less than PB_ANNOUNCE_STEP_PPM is none (the exact duty is the judge's to read, by its own extractor). */
#ifndef PB_HARNESS_ANNOUNCE_H
#define PB_HARNESS_ANNOUNCE_H

#include "pilot_emulator/duty.h"
#include "pilot_emulator/periods.h"

#include "base/instant.h"

#define PB_ANNOUNCE_STEP_PPM 2000
#define PB_ANNOUNCE_U_NS 1000000 /* of a date: one period */
#define PB_ANNOUNCE_LAG_NS                                                                                             \
    10000000 /* longest time from date to report: two periods, and what analyser and tracker look ahead */

typedef void pb_announce_fn(void *user, pb_instant at, int64_t ma);

struct pb_announce { /* caller's; members are the implementation's */
    struct pb_sampling sampling;
    const struct pb_duty_law *law;
    pb_announce_fn *report;
    void *user;
    int64_t first_index, next_index; /* of the samples that the analyser has */
    int64_t duty_ppm, candidate_ppm, candidate_index;
    int64_t told_ma;
    pb_instant told_at;
    bool is_offered; /* a vehicle is there, and PWM is on */
    struct pb_cp_analyser analyser;
};

/* How much another current a duty means that is wrong by so much, where a current is announced by one cord, or by two that have half each: the
 * greater of both, mA. */
int64_t pb_announce_give(const struct pb_duty_law *law, int64_t ma, int64_t ppm);

/* Stays where it is: it points into itself. */
void pb_announce_init(struct pb_announce *announce, const struct pb_sampling *sampling, const struct pb_duty_law *law,
                      pb_announce_fn *report, void *user);
/* Samples in order; a gap between two calls is a stretch in which nothing changed. */
void pb_announce_feed(struct pb_announce *announce, int64_t first_index, const int16_t *counts, size_t count);
/* The pilot's state from then on. */
void pb_announce_state(struct pb_announce *announce, enum pb_cp_state state, pb_instant at);

#endif
