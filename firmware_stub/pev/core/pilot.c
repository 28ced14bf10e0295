/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "firmware_stub/pev/core/pilot.h"

#include <stddef.h>

struct level {
    int16_t min_mv, max_mv;
    enum pev_condition condition;
};

/* States B, C and D steady; E; F. Each window is wider than Table A.3's by what an ADC may be off. */
static const struct level levels[] = {{1500, 13000, PEV_STEADY}, {-1400, 1400, PEV_ZERO}, {-13300, -10500, PEV_F}};

static enum pev_condition of_level(int16_t mv) {
    for (size_t i = 0; i < sizeof levels / sizeof levels[0]; i++)
        if (mv >= levels[i].min_mv && mv <= levels[i].max_mv) return levels[i].condition;
    return PEV_UNKNOWN;
}

static enum pev_condition of_duty(int32_t duty_ppm, const struct pev_parameters *limit) {
    if (duty_ppm >= limit->accept_min_ppm && duty_ppm <= limit->accept_max_ppm) return PEV_OFFER;
    return duty_ppm >= limit->digital_min_ppm && duty_ppm <= limit->digital_max_ppm ? PEV_DIGITAL : PEV_RESERVED;
}

struct pev_reading pev_pilot_of(const struct pev_pilot *pilot, const struct pev_parameters *parameters) {
    struct pev_reading reading = {of_level(pilot->high_mv), 0};
    if (!pilot->period_ns) return reading;
    int32_t hz = (int32_t)(1000000000u / pilot->period_ns);
    bool is_pwm =
        reading.condition == PEV_STEADY && hz >= parameters->frequency_min_hz && hz <= parameters->frequency_max_hz;
    reading.condition = PEV_UNKNOWN;
    if (!is_pwm) return reading;
    uint64_t whole_ns = parameters->is_ratio ? pilot->period_ns : 1000000;
    reading.duty_ppm = (uint32_t)(pilot->width_ns * UINT64_C(1000000) / whole_ns);
    reading.condition = of_duty((int32_t)reading.duty_ppm, parameters);
    return reading;
}

uint32_t pev_offer_ma(uint32_t duty_ppm) {
    if (duty_ppm < 100000) return 6000;
    if (duty_ppm <= 850000) return duty_ppm * 60 / 1000;
    return duty_ppm <= 960000 ? (duty_ppm - 640000) / 4 : 80000;
}

const char *pev_condition_name(enum pev_condition condition) {
    static const char *const names[] = {"unknown", "zero", "f", "steady", "offer", "digital", "reserved"};
    return names[condition];
}
