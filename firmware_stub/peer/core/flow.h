/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Flows beside the session (a consumer portal's, a vehicle's health check), as tables: "on hearing this, or on having said that oneself, say this". Rows
 * name messages by text: peer.h's bits are those of sessions. What a flow has heard and said is one object, `known`, from which
 * a row copies fields by name. */
#ifndef PEER_FLOW_H
#define PEER_FLOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct peer;
/* A field's value, new; NULL: the message goes without it. */
typedef json_t *peer_flow_value(const struct peer *peer, const json_t *known);

struct peer_flow_field {
    const char *name;
    peer_flow_value *value; /* NULL: as known */
};

struct peer_flow_row {
    const char *because;                                        /* type of the message */
    const char *because_from;                                   /* its sender; NULL: any */
    const char *because_to;                                     /* its receiver; NULL: said by the peer itself */
    uint8_t because_link;                                       /* where it is heard */
    bool begins;                                                /* all that was known is forgotten */
    bool (*when)(const struct peer *peer, const json_t *known); /* NULL: always */
    const char *say;                                            /* NULL: only learns */
    const char *from, *to;
    uint8_t link;
    bool is_passed_on;                    /* its fields as they were heard, not as known */
    const struct peer_flow_field *fields; /* ended by a NULL name */
    int32_t delay_ms;                     /* 25 % more at most, by the seed */
    const char *at; /* known clock time that it waits for, too; not said where it knows no time of day */
};

enum { PEER_FLOW_QUEUE_MAX = 16 };
#define PEER_FLOW_NO_CLOCK INT64_MIN

struct peer_flow {
    json_t *known;
    int64_t midnight_ns; /* when its day began; PEER_FLOW_NO_CLOCK: it has not been told */
    struct {
        int64_t due_ns;
        const struct peer_flow_row *row;
        json_t *because; /* the fields that made it due */
    } queue[PEER_FLOW_QUEUE_MAX];
    size_t queue_count;
};

void peer_flow_init(struct peer *peer);
void peer_flow_finish(struct peer *peer);
/* Whether some row is about such a message. */
bool peer_flow_wants(const struct peer *peer, uint8_t link, const char *type, const char *from, const char *to);
/* It was heard; `to` NULL: it was said. */
void peer_flow_take(struct peer *peer, uint8_t link, const char *type, const char *from, const char *to,
                    const json_t *fields);
/* When it has something to say next; INT64_MAX: nothing. */
int64_t peer_flow_next_ns(const struct peer *peer);
bool peer_flow_is_taken(const struct peer *peer, int64_t due_ns);
/* Says what is due, one message. */
void peer_flow_run(struct peer *peer, int64_t now_ns);

#endif
