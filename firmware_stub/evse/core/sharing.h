/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A station's cords share one supply. The rule: a cord is in use while a vehicle is connected to it. One cord in use is granted the whole supply,
 * two are granted half of it each. A grant is lowered at once; it is raised only when what all vehicles may draw then is within the supply, and a
 * vehicle may draw what it was told before until it had the time to follow (IEC 61851-1 Table A.6 sequence 6: 5 s), or until it is gone.
 * Portable, tickless: whoever owns it calls evse_sharing_update() when a cord has changed, and at evse_sharing_next_ms(). */
#ifndef EVSE_SHARING_H
#define EVSE_SHARING_H

#include <stdbool.h>
#include <stdint.h>

#define EVSE_CORDS_MAX 2

/* All members are 32 bits wide. */
struct evse_sharing_parameters {
    uint32_t supply_ma;                 /* that the cords share */
    uint32_t share_ppm[EVSE_CORDS_MAX]; /* of it, for each of two cords in use */
    uint32_t bound_ma;     /* that all vehicles together may draw; 0: the supply; UINT32_MAX: nobody looks */
    uint32_t idle_ma;      /* granted to a cord without a vehicle */
    uint32_t follow_ms;    /* that a vehicle has to follow a lower current */
    uint32_t is_restored;  /* the cord that is left gets the whole again */
    uint32_t is_kept_in_b; /* a connected vehicle counts also when it has charged and does so no more */
};
extern const struct evse_sharing_parameters evse_sharing_parameters_standard; /* of a supply of 32 A */

/* What the station sees of a cord. */
struct evse_sharing_view {
    bool is_in_use, is_charging;
    uint32_t announced_ma;
};

struct evse_sharing {
    const struct evse_sharing_parameters *parameters;
    struct {
        uint32_t granted_ma;
        uint32_t drawn_ma; /* the most that its vehicle may draw now */
        uint32_t follows_at_ms;
        bool has_charged, is_counted;
        bool is_following; /* it has until follows_at_ms to draw less */
    } cords[EVSE_CORDS_MAX];
    uint32_t cord_count;
    bool was_shared; /* two vehicles were there, and one still is */
};

/* parameters must stay. No cord is granted anything until the first update. */
void evse_sharing_begin(struct evse_sharing *sharing, const struct evse_sharing_parameters *parameters,
                        uint32_t cord_count);
/* Looks at all cords; grants follow. True when a grant has changed. */
bool evse_sharing_update(struct evse_sharing *sharing, uint32_t now_ms, const struct evse_sharing_view *views);
/* False: nothing is due. */
bool evse_sharing_next_ms(const struct evse_sharing *sharing, uint32_t *ret_at_ms);

#endif
