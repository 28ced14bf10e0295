/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An EVSE of a few lines around stub-pev: pilot levels follow S2, a contactor follows state C under PWM, and all that the vehicle says is in the
 * script's log. */
#ifndef PB_TESTS_SCRIPTED_EVSE_H
#define PB_TESTS_SCRIPTED_EVSE_H

#include "tests/firmware_stub/scripted_world.h"

struct station {
    struct script script;
    bool is_plugged, is_pwm, is_contactor_stuck_open;
    int64_t open_mv; /* of a steady pilot; without PWM */
    int64_t frequency_uhz, duty_ppm;
    struct pbw_ev_pilot told;
    int64_t supply_mv;
};

/* Starts stub-pev with these arguments (NULL ends the list). Nothing is plugged, the pilot is at steady 12 V. */
void station_open(struct station *station, uint64_t seed, const char *const *arguments);
void station_close(struct station *station);
void station_steady(struct station *station, int64_t open_mv);
void station_pwm(struct station *station, int64_t duty_ppm);
void station_plug(struct station *station, bool is_plugged);
void station_press_s3(struct station *station, bool is_pressed);
/* Lets time pass; the station answers within 10 ms. */
void station_run(struct station *station, int64_t span_ns);
/* From plugged in to charging: 12 V for 2 s, then this duty for 20 s. */
void station_charge(struct station *station, int64_t duty_ppm);

bool station_is_s2_closed(const struct station *station);
int64_t station_drawn_ma(const struct station *station); /* as the vehicle last said; 0 without supply */
/* Since an instant: the most and the least that it said; the most before if it said nothing. */
int64_t station_most_ma(const struct station *station, int64_t from_ns);
/* First instant at or after which S2 is in this position, or the draw at most this; PBW_NEVER. */
int64_t station_s2_ns(const struct station *station, bool is_closed, int64_t from_ns);
int64_t station_draws_at_most_ns(const struct station *station, int64_t ma, int64_t from_ns);

#endif
