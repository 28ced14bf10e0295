/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A DUT statement: who the device is, which actors of a use case it plays, how its process is started (where it is software), its
 * capabilities (ICS, ISO/IEC 9646) and the extra information that testing needs (IXIT). The two tables of dut.c are the list of what a
 * suite can ask as ics.x and ixit.x. */
#ifndef PB_HARNESS_DUT_H
#define PB_HARNESS_DUT_H

#include "base/doc.h"
#include "base/instant.h"

#include <stdint.h>

enum pb_actor {
    PB_ACTOR_CUSTOMER,
    PB_ACTOR_EVSE,
    PB_ACTOR_PEV,
    PB_ACTOR_ESCI,
    PB_ACTOR_EUMD,
    PB_ACTOR_UTILITY,
    PB_ACTOR_COUNT
};
const char *pb_actor_name(enum pb_actor actor); /* "evse" */
enum pb_actor pb_actor_find(const char *name);  /* PB_ACTOR_COUNT if none */
#define PB_ACTOR_BIT(actor) (1u << (actor))
/* EVSE and vehicle are both among them: a pair under test, which the bench only watches. */
static inline bool pb_is_pair(unsigned actors) {
    unsigned both = PB_ACTOR_BIT(PB_ACTOR_EVSE) | PB_ACTOR_BIT(PB_ACTOR_PEV);
    return (actors & both) == both;
}

enum { PB_DUT_ARGS_MAX = 32, PB_DUT_PROCESSES_MAX = 4 };

/* A process of the device, on the wire protocol. argv[0] is a path: relative ones are looked for beside this program, then in PATH. */
struct pb_dut_process {
    enum pb_actor actor;        /* evse, pev, esci or utility: what it is greeted as */
    const struct pb_node *node; /* where its program stands in the document */
    const char *argv[PB_DUT_ARGS_MAX + 1];
};

struct pb_dut_ics {
    int64_t rated_current_ma;
    bool ventilation;
    bool asks_ventilation;     /* a vehicle: asks for ventilation (state D) */
    bool bcb_toggle;           /* a vehicle: toggles between B and C while it waits for PWM */
    bool console_schedule;     /* a vehicle: a line `start in 120` has it wait so many seconds */
    bool console_energy;       /* a vehicle: a line `energy?` is answered `energy 1234 Wh` */
    bool console_stop;         /* a line `stop` on the console stops charging until `start` */
    const char *evse_messages; /* what EVSE and meter themselves say: "all", or names of messages */
    const char *pev_messages;  /* what a vehicle that is the device says on links: "none", likewise */
    const char *programs;      /* utility programs of a session: "U1", "U1 U3" */
    int64_t cords;             /* of an EVSE */
    int64_t share_ma;          /* what each of two cords in use announces; 0: half of rated_current_ma */
    int connection;            /* 0: S1, 1: S2, 2: S3 */
    bool own_clock;            /* it keeps a clock that the bench cannot set */
    bool
        binds_first; /* the vehicle binds, then asks for energy (as L2 has it); else the other way round (as S1 has it) */
    bool dc_hlc;     /* DC by high-level communication */
    bool portal, portal_third_party, health_check, power_feed; /* takes part in the flow */
};
/* set_clock: by the message time_of_day. */
#define PB_DUT_CLOCK_MESSAGE "time_of_day"
struct pb_dut_ixit {
    int64_t power_up_ns;    /* supply on to 12 V on the pilot */
    int64_t pwm_start_ns;   /* vehicle seen to PWM on */
    int64_t earth_loss_ns;  /* longest time from loss of earth to open contacts */
    int64_t stop_ns;        /* longest time from a stop at the device to open contacts */
    int64_t s2_close_ns;    /* vehicle: longest time from an offer, or from a wish, to S2 closed */
    int64_t s2_open_ns;     /* vehicle: longest time from a wish to stop to S2 open */
    int64_t draw_ns;        /* vehicle: longest time from supply at the inlet to current */
    const char *set_clock;  /* a console line with {time} in it, or PB_DUT_CLOCK_MESSAGE; "": no way */
    int64_t clock_ahead_ns; /* own_clock: how far it is ahead of the bench's */
    int64_t report_ns;      /* longest time from the end of charging to the DUT's report of energy */
};
extern const struct pb_param pb_dut_ics_params[], pb_dut_ixit_params[];
extern const size_t pb_dut_ics_count, pb_dut_ixit_count;

struct pb_dut {
    struct pb_doc *doc;
    const char *name, *maker, *model, *serial, *firmware;
    unsigned actors;                       /* PB_ACTOR_BIT */
    const char *argv[PB_DUT_ARGS_MAX + 1]; /* of the first process; argv[0] NULL: the device is no software */
    struct pb_dut_process processes[PB_DUT_PROCESSES_MAX];
    size_t process_count;
    struct pb_dut_ics ics;
    struct pb_dut_ixit ixit;
};

PB_MUST_CHECK enum pb_status pb_dut_read(const char *path, struct pb_dut *ret_dut, struct pb_error *error);
/* The same from a document, which is taken over, on failure too. */
PB_MUST_CHECK enum pb_status pb_dut_bind(struct pb_doc *doc, struct pb_dut *ret_dut, struct pb_error *error);
void pb_dut_finish(struct pb_dut *dut);
/* "charge_time=14 h": changes one ICS or IXIT value (a run's --set). PB_ERR_INPUT. */
PB_MUST_CHECK enum pb_status pb_dut_set(struct pb_dut *dut, const char *assignment, struct pb_error *error);

#endif
