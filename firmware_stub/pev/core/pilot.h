/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the pilot means at the inlet (IEC 61851-1 Table A.3) and which current a duty offers (Table A.8). Pure functions. */
#ifndef PEV_PILOT_H
#define PEV_PILOT_H

#include "firmware_stub/pev/core/hal.h"
#include "firmware_stub/pev/core/parameters.h"

/* UNKNOWN: no level of the table, or PWM of another frequency. ZERO: state E, or no pilot at all. F. STEADY: x1. OFFER, DIGITAL and RESERVED:
 * x2, by its duty. */
enum pev_condition { PEV_UNKNOWN, PEV_ZERO, PEV_F, PEV_STEADY, PEV_OFFER, PEV_DIGITAL, PEV_RESERVED };

struct pev_reading {
    enum pev_condition condition;
    uint32_t duty_ppm; /* of PWM */
};

struct pev_reading pev_pilot_of(const struct pev_pilot *pilot, const struct pev_parameters *parameters);
/* The current that a duty offers, mA; outside the table's rows as at their nearest end. */
uint32_t pev_offer_ma(uint32_t duty_ppm);
const char *pev_condition_name(enum pev_condition condition);

#endif
