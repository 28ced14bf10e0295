/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inside of the driver: how its channels are numbered (outputs in the order of enum pbl_output, then what the world reports, then what a second cord
 * has of its own), its parameters, and what the client (client.c) does. */
#ifndef PB_INSTRUMENTS_VIRTUAL_CLIENT_H
#define PB_INSTRUMENTS_VIRTUAL_CLIENT_H

#include "instruments/roles/driver.h"
#include "world/bench_link/pb_bench_link.h"

/* Channels after the outputs. */
enum {
    CH_CP_SENSE = PBL_OUT_COUNT,
    CH_POLE_0,
    CH_POLE_1,
    CH_POLE_2,
    CH_POLE_3,
    CH_CURRENT,
    CH_COIL,
    CH_LOCK,
    CH_CCID_TEST,
    CH_METER,
    CH_LATCH,
    CH_CONSOLE,
    CH_ESCI,
    CH_UTILITY,
    CH_PEV_CONSOLE,
    CH_SCOPE, /* on the first cord */
    CH_FIRST_COUNT
};

/* What each cord of a station has of its own: outputs, and what is seen. The rest (supply, earth, ventilation, console, links) is the station's. */
#define CORD_OUTPUTS(X)                                                                                                \
    X(PLUG, "plug", "coupler", NONE, 0, 1, 0, false, false)                                                            \
    X(R2, "r2", "cp.load.r2", OHM, 100000, 100000000, 2740000, true, false)                                            \
    X(R3, "r3", "cp.load.r3", OHM, 50000, 100000000, 1300000, true, false)                                             \
    X(S2, "s2", "cp.load.s2", NONE, 0, 1, 0, false, true)                                                              \
    X(DIODE_SHORT, "diode_short", "cp.load.diode_short", NONE, 0, 1, 0, false, false)                                  \
    X(CP_SHORT, "cp_short", "cp.load.short", OHM, 0, 10000000, 0, false, false)                                        \
    X(CAPACITANCE, "capacitance", "cp.load.capacitance", FARAD, 0, 100000000, 0, true, false)                          \
    X(DRAW, "draw", "load", AMPERE, 0, 200000, 0, false, true)                                                         \
    X(RESIDUAL, "residual", "residual_current", AMPERE, 0, 1000, 0, false, true)                                       \
    X(METER_READING, "meter_reading", "eumd.reading", WATT_HOUR, 0, 1000000000000, 0, true, false)                     \
    X(METER_ERROR, "meter_error", "eumd.error", PERCENT, -500000, 500000, 0, true, false)
#define CORD_SENSES(X)                                                                                                 \
    X(CP_SENSE, "cp_sense", "cp.sense", STREAM, VOLT)                                                                  \
    X(POLE_0, "pole0", "contactor.sense[0]", EVENTS, NONE)                                                             \
    X(POLE_1, "pole1", "contactor.sense[1]", EVENTS, NONE)                                                             \
    X(POLE_2, "pole2", "contactor.sense[2]", EVENTS, NONE)                                                             \
    X(POLE_3, "pole3", "contactor.sense[3]", EVENTS, NONE)                                                             \
    X(CURRENT, "current", "current.sense", EVENTS, AMPERE)                                                             \
    X(COIL, "coil", "contactor.coil", EVENTS, NONE)                                                                    \
    X(LOCK, "lock", "lock.sense", EVENTS, NONE)                                                                        \
    X(METER, "meter", "eumd", EVENTS, WATT_HOUR)

#define OUTPUT_NUMBER(id_, ...) CH2_##id_,
#define SENSE_NUMBER(id_, ...) CH2_##id_,
/* Channels of a second cord. */
enum { CH2_BEFORE = CH_FIRST_COUNT - 1, CORD_OUTPUTS(OUTPUT_NUMBER) CORD_SENSES(SENSE_NUMBER) CH_COUNT };
#undef OUTPUT_NUMBER
#undef SENSE_NUMBER

extern const struct pb_channel virtual_channels[CH_COUNT];
bool virtual_is_second(unsigned channel);        /* the second cord's own? */
unsigned virtual_first_cord_s(unsigned channel); /* of the second cord's the first's; any other is itself */
unsigned virtual_second_of(unsigned channel);    /* of the first cord's the second's; 0: there is none */
uint32_t virtual_cord_of(unsigned channel);      /* for the world: 0, 1, or PBL_EVERY_CORD */

/* The places of these choices. */
enum { SOURCE_NONE, SOURCE_BENCH };
enum { VEHICLE_BENCH, VEHICLE_NONE };
enum { BY_SAMPLE, BY_HALF_CYCLE };

struct virtual_config {
    const char *world;
    int64_t sample_rate_uhz, range_uv, noise_uv, keep_before_ns, keep_after_ns;
    bool sample_throughout;
    int64_t cords, mains_uv, mains_uhz, poles, close_delay_ns, open_delay_ns, bounce_ns, answer_within_ns, cable_ff,
        diode_uv, quantum_ns, meter_class_ppm, meter_rollover_wh, meter_period_ns;
    int64_t u_level_uv, u_time_ns, u_rate_ppm, front_rise_ns;
    int64_t scope_rate_uhz, scope_noise_uv, scope_u_level_uv, scope_front_rise_ns;
    int source, vehicle, current_sense; /* places in the choices above */
};

extern const struct pb_core_ops virtual_core_ops;
extern const struct pb_out_ops virtual_out_ops;
extern const struct pb_stream_ops virtual_stream_ops;
extern const struct pb_burst_ops virtual_burst_ops;
extern const struct pb_bytes_ops virtual_bytes_ops;
extern const struct pb_live_ops virtual_live_ops;
extern const struct pb_time_ops virtual_time_ops;
extern const struct pb_guard_ops virtual_guard_ops;

#endif
