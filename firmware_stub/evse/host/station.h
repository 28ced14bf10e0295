/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The boards of all cords of a station, one beside the other, and what they have in common: the supply's current, the console, the meter's
 * messages. A station of one cord is that board and nothing more. Time moves only by station_run(), for all boards alike. */
#ifndef EVSE_STATION_H
#define EVSE_STATION_H

#include "firmware_stub/device/wire.h"
#include "firmware_stub/evse/host/board.h"

_Static_assert(EVSE_CORDS_MAX *BOARD_OUTPUT_MAX <= DEVICE_OUTPUT_MAX, "all boards may speak at once");
#define STATION_VIN_ROOM 18
#define STATION_MESSAGE_ROOM 4096 /* a longer one is for somebody else */

struct station {
    struct device device;             /* first */
    const struct board_setup *setups; /* of each cord; the first's holds for the station */
    struct board boards[EVSE_CORDS_MAX];
    uint32_t cord_count;
    struct evse_sharing sharing;
    int64_t sharing_due_ns;
    struct {
        char vin[STATION_VIN_ROOM]; /* that the gateway bound to it; "" for none */
        uint32_t session;
        bool was_in_use;
    } cords[EVSE_CORDS_MAX];
    uint32_t sessions, ids;             /* so far */
    char message[STATION_MESSAGE_ROOM]; /* heard on the premise's link, as far as it has come */
    size_t message_size;
};

/* Boards without mains, cold, nothing plugged. Each board has tolerances of its own by the seed. Stays where it is. */
void station_init(struct station *station, const struct board_setup *setups, uint32_t cord_count, uint64_t seed);
/* As far as all of it is. Not before what was run to. */
void station_set_now(struct station *station, int64_t now_ns);
/* An input record, already found well-formed, takes effect at now_ns. */
void station_input(struct station *station, const struct pbw_record *record);
/* A whole message that was heard on the premise's link: a binding is kept for the cord that it names. */
void station_hears(struct station *station, const char *bytes, size_t size);
int64_t station_next_ns(const struct station *station);
/* As board_run(). */
void station_run(struct station *station, int64_t until_ns);

/* The kind of all stations; `device` is a struct station whose setups are there. */
extern const struct device_kind station_kind;

/* For its boards. */
void station_switch_coils(struct station *station, uint32_t cord, bool is_on);
const char *station_vehicle_of(const struct station *station, uint32_t cord); /* "" for none */
uint32_t station_session_of(const struct station *station, uint32_t cord);
uint32_t station_next_id(struct station *station);
/* Adds what the meters of other cords have counted, where one report takes all. */
void station_gather(struct station *station, uint32_t cord, int64_t *energy_nj, int64_t *charging_ms);

#endif
