/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the stage's files share: stage.c (events, waiting, doing), stage_time.c (the two clocks), stage_open.c. */
#ifndef PB_HARNESS_STAGE_PRIVATE_H
#define PB_HARNESS_STAGE_PRIVATE_H

#include "harness/engine/announce.h"
#include "harness/engine/messages.h"
#include "harness/engine/stage.h"

enum { RING = 1 << 20, HISTORY = 4096, WAITING = 4096, CHANNEL_NONE = 0xffff, HELD = 64, ARMED = 64 };

/* A message on its way to the device: whose it is for the record. Its bytes may be what a mutation made of it. */
struct posted {
    char name[40];
    int64_t from, to; /* enum pb_party */
    enum pb_message_link link;
    int32_t case_no, step_no;
};
/* What a mutation holds back. */
struct held_message {
    struct posted of;
    pb_instant due;
    enum pb_mutation mutation;
    bool is_judged;
    uint8_t *bytes; /* owned */
    size_t size;
};
/* An injection that waits for its time, or for its event first. */
struct armed_injection {
    const struct pb_step *step;
    const struct pb_inject *inject;
    pb_instant due;     /* NEVER: its event has not come */
    pb_instant settled; /* of a contactor's event: what takes it back before then is a bounce */
    char *said;         /* owned; what a replay says again */
    int32_t case_no;
};

/* What an instrument's channel means to the engine. */
struct meaning {
    uint16_t event; /* enum pb_event_name, or CHANNEL_NONE */
    uint8_t cord;
    bool is_pilot, is_pev_console, is_scope;
    enum pb_message_link link; /* PB_MESSAGE_LINK_COUNT: it is none */
};
struct driver_slot {
    struct pb_stage *stage;
    struct pb_instrument *instrument;
    uint16_t source; /* of its events, in the timeline */
    struct meaning meanings[64];
    uint64_t wake_mask;
    uint64_t is_told; /* channels whose value is in `told` */
    int64_t told[64];
};

/* What a station has of each cord. */
struct cord {
    struct pb_stage *stage;
    unsigned number;     /* from 0 */
    const char *channel; /* of its samples, in the record */
    size_t pilot_slot;
    unsigned pilot_channel;
    bool has_pilot;
    uint16_t source_pilot;
    size_t poles;
    int64_t pole_value[PB_POLES_MAX];
    int64_t last_value[PB_EVENT_NAME_COUNT];
    double energy_wh; /* of this case, up to energy_at, while energy_ma flows */
    int64_t energy_ma, charging_ns;
    pb_instant energy_at;
    int64_t interval_wh, interval_ns; /* energy and time of charging, when they were last asked for */
    struct pb_sampling sampling;
    struct pb_cp_tracker tracker;
    struct pb_announce announce;
    int64_t valid_from, next_index; /* what the ring holds */
    int64_t capture_from;           /* a reading in progress wants samples from here on; INT64_MAX: none */
    struct pb_event entered[128], first_entered[128], left[128];
    bool has_entered[128], has_left[128];
    int16_t ring[RING];
};

/* An event of the run. */
struct remembered {
    struct pb_event event;
    pb_instant reach; /* the latest first date of it and of all before it, with its U: never falls */
};

struct pb_stage {
    /* What a reaction to an event needs stands together: each page more that it touches after a wait costs some 0.1 us. */
    struct pb_stage_setup setup;
    const struct pb_bench *bench;
    struct pb_timeline *timeline;
    struct pb_guardian *guardian;
    const struct stage_clock *clock;
    pb_instant wall_zero; /* what the wall clock read at bench time 0 (simulated clock: where it is paced) */
    pb_instant now;
    pb_instant woken; /* when a turn last ended early: something has happened */
    int32_t case_no, step_no;
    unsigned cord_count;
    unsigned cord; /* that the present step is about, from 0 */
    bool is_safe, is_guardian_dead;
    enum pb_status failure; /* of a sink or of a request, taken at the next turn */
    size_t held_count, armed_count;
    size_t history_count; /* of the run; only the newest HISTORY are kept */
    size_t case_history;  /* where this case's begin */
    pb_instant deadline;
    const char *waiting_for;

    struct driver_slot slots[PB_INSTRUMENTS_MAX];
    struct {
        size_t slot;
        unsigned channel;
        bool is_there;
        struct pb_sampling sampling;
        int64_t next_index;      /* of the block that is taken */
    } scope;                     /* the oscilloscope on the first cord's pilot */
    bool is_moved[PB_ROLES_MAX]; /* a kept output that is not at its nominal value */

    size_t time_slot; /* of the world in software, where there is one; on simulated time it owns the clock */

    struct pb_message_value message; /* the one that is looked at */
    char message_text[PB_MESSAGE_BYTES_MAX];
    size_t heard_count; /* messages from the device in this run */
    int64_t ids[PB_MESSAGE_LINK_COUNT + 1]
               [PB_ACTOR_COUNT]; /* of the last message that was said there in an actor's name */

    struct mutating *mutating[PB_MUTATE_SCOPE_COUNT]; /* stage_post.c's; NULL: none */
    struct held_message held[HELD];
    struct armed_injection armed[ARMED];
    struct remembered history[HISTORY];
    struct pb_error failure_error;
    struct cord cords[PB_BENCH_CORDS_MAX];
};

/* The two clocks behind one face. */
struct stage_clock {
    /* Brings now towards `until`, hands on what was seen meanwhile. May come back earlier; always comes back in bounded time. */
    enum pb_status (*advance)(struct pb_stage *stage, pb_instant until, bool may_wake, struct pb_error *error);
    /* now, where time passes by itself. */
    void (*tick)(struct pb_stage *stage);
    /* Everything the harness has sent has reached the outputs. */
    void (*let_arrive)(struct pb_stage *stage);
};
const struct stage_clock *pb_stage__clock(enum pb_clock_kind kind);

/* Messages to the device (stage_post.c): the one place where they go out. */
enum pb_status pb_stage__post(struct pb_stage *stage, const struct posted *what, const char *text, size_t length,
                              struct pb_error *error);
/* When something is due to be said; NEVER. */
pb_instant pb_stage__next_post(const struct pb_stage *stage);
/* Says what is due by now. */
enum pb_status pb_stage__post_due(struct pb_stage *stage, struct pb_error *error);
/* An event is known: injections that waited for it have their time. */
void pb_stage__trigger(struct pb_stage *stage, const struct pb_event *event);
void pb_stage__drop_messages(struct pb_stage *stage);

/* The cord that the present step is about. */
struct cord *pb_stage__present(struct pb_stage *stage);
/* One turn towards `until`, or a little on where only the sources' completeness is awaited. */
PB_MUST_CHECK enum pb_status pb_stage__turn_towards(struct pb_stage *stage, pb_instant until, struct pb_error *error);
/* A sink's failure: the next turn returns it. */
void pb_stage__fail_later(struct pb_stage *stage, enum pb_status status, const struct pb_error *error);
/* A row at the present place. */
PB_MUST_CHECK enum pb_status pb_stage__record(struct pb_stage *stage, enum pb_row_kind kind, pb_instant at,
                                              const char *name, int64_t a, int64_t b, int64_t c, int64_t d,
                                              const char *text, struct pb_error *error);
/* The bench's own count of energy: what has flowed until then; all of it until now. */
void pb_stage__count_energy(struct cord *cord, pb_instant until);
int64_t pb_stage__energy_wh(const struct cord *cord);

/* Of stage_samples.c: puts samples of the ring into the record. */
enum pb_status pb_stage__keep_samples(struct cord *cord, int64_t first, int64_t end, struct pb_error *error);

/* Of stage_messages.c and stage.c. */
enum pb_status pb_stage__record_as(struct pb_stage *stage, enum pb_said said, const struct posted *what,
                                   const char *text, struct pb_error *error);
enum pb_status pb_stage__send_bytes(struct pb_stage *stage, const char *role, const void *bytes, size_t size,
                                    struct pb_error *error);
/* Copies with placeholders ("@energy") replaced by what the bench has counted. */
void pb_stage__fill_fields(struct pb_stage *stage, const char *from, char *ret_text, size_t size);

/* Sinks (stage_seen.c, stage_samples.c). */
void pb_stage__event(void *user, const struct pb_seen *seen);
void pb_stage__samples(void *user, unsigned channel, int64_t first_index, const int16_t *counts, size_t count);
void pb_stage__modelled(void *user, unsigned channel, int64_t to_index);
void pb_stage__bytes(void *user, unsigned channel, pb_instant at, const uint8_t *bytes, size_t size);
void pb_stage__complete(void *user, pb_instant to);
void pb_stage__refused(void *user, unsigned channel, pb_instant at, const char *why, const uint8_t *bytes, size_t size);
void pb_stage__note(void *user, unsigned channel, pb_instant at, const char *text);
void pb_stage__transition(void *user, const struct pb_cp_transition *transition);
void pb_stage__announced(void *user, pb_instant at, int64_t ma);

#endif
