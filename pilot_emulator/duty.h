/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The law between duty and current, as rows that a limits file fills (IEC 61851-1 Table A.8 and SAE J1772 differ in
 * theirs: control_pilot.md 3.1). Two directions, because they are two rules: what an EVSE announces, and what a vehicle
 * may take from a duty that it reads. Integers only. */
#ifndef PB_PILOT_DUTY_H
#define PB_PILOT_DUTY_H

#include <stddef.h>
#include <stdint.h>

enum pb_duty_meaning {
    PB_DUTY_NO_CHARGING, /* no row holds the duty */
    PB_DUTY_DIGITAL,     /* digital communication first */
    PB_DUTY_CURRENT
};
struct pb_duty_row {
    int64_t from, to; /* inclusive; mA of a row that announces, ppm of one that is read */
    enum pb_duty_meaning meaning;
    int64_t slope_ma, zero_ppm; /* I = slope * (duty - zero) / 1 %; slope 0: fixed_ma */
    int64_t fixed_ma;
};
enum { PB_DUTY_ROWS_MAX = 12 };
struct pb_duty_law {
    struct pb_duty_row announced[PB_DUTY_ROWS_MAX],
        read[PB_DUTY_ROWS_MAX]; /* the first row that holds a value counts */
    size_t announced_count, read_count;
};

/* The row that a duty, or a current that is to be announced, falls into; NULL: none. */
const struct pb_duty_row *pb_duty_row_read(const struct pb_duty_law *law, int64_t duty_ppm);
const struct pb_duty_row *pb_duty_row_announced(const struct pb_duty_law *law, int64_t ma);
/* What a vehicle makes of a duty. *ret_ma is the current that it may take, rounded to the nearest mA; 0 unless CURRENT. */
enum pb_duty_meaning pb_duty_read(const struct pb_duty_law *law, int64_t duty_ppm, int64_t *ret_ma);
/* The duty that announces a current, rounded to the nearest ppm; 0 where the law has no code for it. */
int64_t pb_duty_announce(const struct pb_duty_law *law, int64_t ma);

#endif
