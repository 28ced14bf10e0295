/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pilot's levels mean (IEC 61851-1 Table A.4) and which duty offers which current (Table A.7). Pure functions. */
#ifndef EVSE_PILOT_H
#define EVSE_PILOT_H

#include <stdbool.h>

#include "firmware_stub/evse/core/hal.h"
#include "firmware_stub/evse/core/parameters.h"

/* DIODE: a vehicle's high level with a low level that its diode would not leave. INVALID: no level of the table. */
enum evse_pilot { EVSE_UNKNOWN, EVSE_A, EVSE_B, EVSE_C, EVSE_D, EVSE_E, EVSE_DIODE, EVSE_INVALID };

#define EVSE_MA_MIN 6000u
#define EVSE_MA_MAX 80000u

/* The state of these peaks. Between two windows both neighbours are right: the previous state stays if it is one of them.
 * is_pwm: the low level is there to be judged. */
enum evse_pilot evse_pilot_of(struct evse_peaks peaks, enum evse_pilot previous, bool is_pwm,
                              const struct evse_parameters *parameters);
/* The levels in which this state needs no second look. */
struct evse_window evse_pilot_window(enum evse_pilot state, bool is_pwm, const struct evse_parameters *parameters);
/* 'A' to 'E', '?' else. */
char evse_pilot_letter(enum evse_pilot state);
/* Duty of the offer, ppm. Up to 51 A: D = I / 0.6 A percent; from 52.5 A: D = I / 2.5 A + 64; between them the code has
 * no word, so 51 A is said. Above 80 A: as 80 A. */
uint32_t evse_duty_ppm(uint32_t ma);

#endif
