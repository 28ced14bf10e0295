/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who says what to whom, over which link, for a cast: pure functions of the device's actors. And a message of a plan as JSON. Links are buses
 * (docs/wire.md): 0 the premise's (gateway, EVSE with its meter, vehicle), 1 the utility's side (utility, gateway). */
#ifndef PB_HARNESS_MESSAGES_H
#define PB_HARNESS_MESSAGES_H

#include "harness/engine/plan.h"
#include "judge/choreography.h"

enum pb_message_link { PB_MESSAGE_LINK_PREMISE, PB_MESSAGE_LINK_UTILITY, PB_MESSAGE_LINK_COUNT };
extern const char *const pb_message_roles[PB_MESSAGE_LINK_COUNT]; /* of a bench: "esci", "utility" */

/* A step's message for a cast. */
struct pb_route {
    bool is_sent;              /* the bench says it */
    bool is_heard;             /* the device says it, or passes it on, and an actor of the bench is to hear it */
    enum pb_message_link link; /* on which the bench says it */
};
/* actors: PB_ACTOR_BITs of the device. via: who passes it on; PB_ACTOR_COUNT: nobody. What EVSE and vehicle say to each other is high-level
 * communication, which no bench carries yet: neither sent nor heard. */
struct pb_route pb_message_route(unsigned actors, enum pb_actor from, enum pb_actor to, enum pb_actor via);
/* What a message is that came from the device on a link: HEARD or OVERHEARD. */
enum pb_said pb_message_hearing(unsigned actors, enum pb_message_link link, enum pb_actor from, enum pb_actor to);

/* The party of a message (bits of its row) that an actor is: the actor itself, or another that it plays ("home_utility");
 * PB_PARTY_COUNT: none. */
enum pb_party pb_message_party(uint32_t parties, enum pb_actor actor);
/* Whole message of a plan: canonical JSON. fields: as struct pb_message has them, without placeholders. PB_ERR_INPUT. */
PB_MUST_CHECK enum pb_status pb_message_write(const char *name, const char *fields, enum pb_party from,
                                              enum pb_party to, int64_t id, pb_instant sent, char *ret_text,
                                              size_t size, struct pb_error *error);

#endif
