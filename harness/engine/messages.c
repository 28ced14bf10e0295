/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/messages.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

const char *const pb_message_roles[PB_MESSAGE_LINK_COUNT] = {"esci", "utility"};

static bool has(unsigned actors, enum pb_actor actor) { return (actors & PB_ACTOR_BIT(actor)) != 0; }

static enum pb_message_link own_link(enum pb_actor actor) {
    return actor == PB_ACTOR_UTILITY ? PB_MESSAGE_LINK_UTILITY : PB_MESSAGE_LINK_PREMISE;
}

struct pb_route pb_message_route(unsigned actors, enum pb_actor from, enum pb_actor to, enum pb_actor via) {
    bool is_through = via < PB_ACTOR_COUNT && has(actors, via), is_device_s = has(actors, from),
         is_for_device = has(actors, to) && from != to; /* what an actor says to itself is its own record, said aloud */
    bool is_high_level = (from == PB_ACTOR_EVSE && to == PB_ACTOR_PEV) || (from == PB_ACTOR_PEV && to == PB_ACTOR_EVSE);
    if (is_high_level) return (struct pb_route){.link = PB_MESSAGE_LINK_COUNT};
    struct pb_route route = {.is_sent = !is_device_s && (is_through || is_for_device),
                             .is_heard = !is_for_device && (is_through || is_device_s)};
    route.link = own_link(is_through || to == PB_ACTOR_ESCI ? from : to); /* a gateway is on both */
    return route;
}

enum pb_said pb_message_hearing(unsigned actors, enum pb_message_link link, enum pb_actor from, enum pb_actor to) {
    enum pb_actor hop = to; /* who takes it from the link */
    if (link == PB_MESSAGE_LINK_PREMISE && to == PB_ACTOR_UTILITY) hop = PB_ACTOR_ESCI;
    if (link == PB_MESSAGE_LINK_UTILITY && to != PB_ACTOR_UTILITY && to != PB_ACTOR_CUSTOMER) hop = PB_ACTOR_ESCI;
    return has(actors, hop) && from != to ? PB_SAID_OVERHEARD : PB_SAID_HEARD;
}

enum pb_party pb_message_party(uint32_t parties, enum pb_actor actor) {
    if (parties & PB_PARTY_BIT(actor)) return (enum pb_party)(int)actor;
    unsigned party = 0;
    while (party < PB_PARTY_COUNT && !((parties & PB_PARTY_BIT(party)) && (int)pb_parties[party].actor == (int)actor))
        party++;
    return (enum pb_party)party;
}

enum pb_status pb_message_write(const char *name, const char *fields, enum pb_party from, enum pb_party to, int64_t id,
                                pb_instant sent, char *ret_text, size_t size, struct pb_error *error) {
    struct pb_message_value value;
    size_t length;
    if (from == PB_PARTY_COUNT || to == PB_PARTY_COUNT)
        return pb_fail(error, PB_ERR_INPUT, 0, name, "the message has no such parties");
    int used = snprintf(ret_text, size,
                        "{\"at_ns\":%" PRId64 ",\"fields\":%s,\"from\":\"%s\",\"id\":%" PRId64
                        ",\"to\":\"%s\",\"type\":\"%s\",\"v\":1}",
                        sent.ns, fields, pb_parties[from].name, id, pb_parties[to].name, name);
    if (used < 0 || (size_t)used >= size)
        return pb_fail(error, PB_ERR_RANGE, 0, name, "the message is longer than %zu bytes", size);
    enum pb_status status = pb_message_decode(ret_text, (size_t)used, &value, error);
    return status == PB_OK ? pb_message_encode(&value, ret_text, size, &length, error) : status;
}
