/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A bench file: which instruments there are, which channel plays which role, in which order outputs are made safe, and how the bench
 * measures. Roles are channel roles of the drivers ("cp.sense"); a role that the file does not name is bound to the only channel that
 * offers it. */
#ifndef PB_HARNESS_BENCH_H
#define PB_HARNESS_BENCH_H

#include "instruments/roles/driver.h"

enum { PB_INSTRUMENTS_MAX = 8, PB_ROLES_MAX = 64, PB_SAFE_MAX = 48, PB_POLES_MAX = 4, PB_BENCH_CORDS_MAX = 2 };

struct pb_bench_instrument {
    const char *name;
    const struct pb_driver *driver;
    void *config;                      /* bound by the driver's table */
    const struct pb_channel *channels; /* the driver's, or its configuration's */
    size_t channel_count;
};
struct pb_bench_role {
    const char *role;
    size_t instrument;
    unsigned channel;
};
/* One step of making safe: write the channel's safe value, let settle pass. */
struct pb_bench_safe {
    size_t instrument;
    unsigned channel;
    pb_span settle;
};
enum pb_clock_kind { PB_CLOCK_SIMULATED, PB_CLOCK_WALL };

/* How the bench measures and plays; defaults in the table of bench.c. */
struct pb_bench_measuring {
    int64_t settle_ns;                                /* left out after a change before a level or PWM reading begins */
    int64_t window_ns;                                /* length of such a reading */
    int64_t scope_block_ns;                           /* length of an oscilloscope's block */
    int64_t think_min_ns, think_max_ns;               /* a person's pause before each action, drawn by the run's seed */
    int64_t charger_ma;                               /* charger size of the emulated vehicle */
    int64_t contact_settle_ns;                        /* contacts may bounce for so long after they have closed */
    int64_t supply_uv;                                /* nominal supply, for the bench's own count of energy */
    int64_t r2_mohm, u_r2_mohm, diode_uv, u_diode_uv; /* calibrated load of state B, expanded uncertainties */
    int64_t source_mohm, u_source_mohm;               /* cp.source's resistor, expanded uncertainty */
    int64_t own_ff, u_own_ff;                         /* on the pilot without a vehicle; 0: not stated */
    int64_t u_current_ma;                             /* expanded uncertainty of current.sense */
    int64_t schedule_window_ns; /* a session's clock times are pressed into so long; 0: as they are */
    int64_t operator_ns;        /* so long a person gets for what the bench has no instrument for; 0: nobody is there */
    int64_t hang_ns;            /* the guardian takes a harness that is silent for so long (wall time) for hung */
};

struct pb_bench {
    struct pb_doc *doc;
    const char *name;
    int clock; /* enum pb_clock_kind */
    struct pb_bench_measuring measuring;
    struct pb_bench_instrument instruments[PB_INSTRUMENTS_MAX];
    size_t instrument_count;
    struct pb_bench_role roles[PB_ROLES_MAX];
    size_t role_count;
    struct pb_bench_safe safe[PB_SAFE_MAX];
    size_t safe_count;
};

/* Errors: PB_ERR_INPUT with place, found, expected; PB_ERR_IO. The bench owns what it holds. */
PB_MUST_CHECK enum pb_status pb_bench_read(const char *path, struct pb_bench *ret_bench, struct pb_error *error);
/* The same from a document, which is taken over, on failure too. */
PB_MUST_CHECK enum pb_status pb_bench_bind(struct pb_doc *doc, struct pb_bench *ret_bench, struct pb_error *error);
void pb_bench_finish(struct pb_bench *bench);
/* Index of a role, role_count if the bench has none. */
size_t pb_bench_role(const struct pb_bench *bench, const char *role);
/* What a role is called for a cord (from 0): itself for the first, "cord[2].coupler" for the second, but for what a station has once (its supply,
 * earth, console, links). ret_name of PB_ROLE_NAME_SIZE. Returns ret_name, or role. */
enum { PB_ROLE_NAME_SIZE = 64 };
const char *pb_bench_cord_role(unsigned cord, const char *role, char *ret_name);
const struct pb_channel *pb_bench_channel(const struct pb_bench *bench, size_t role);

#endif
