/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The plan of a run: cases, their steps, what each step does and what is expected to be seen, and the checks that follow from it for this DUT. Made by
 * harness/script from suites; after that no Lua runs. Rows of the record are written from it before the first step. */
#ifndef PB_HARNESS_PLAN_H
#define PB_HARNESS_PLAN_H

#include "harness/engine/mutations.h"
#include "harness/setup/bench.h"
#include "harness/setup/dut.h"
#include "harness/setup/limits.h"
#include "judge/judge.h"
#include "judge/summary.h"
#include "messages/catalogue.h"

enum {
    PB_STEP_WRITES = 4,
    PB_STEP_EXPECTATIONS = 6,
    PB_EXPECT_CHECKS = 4,
    PB_STEP_INJECTS = 4,
    PB_MESSAGE_BYTES = 1500,
    PB_EXPECTS_BYTES = 1200
};

/* One thing that an actor of the bench does: a value for a role. */
struct pb_write {
    const char *role; /* static or the plan's */
    int64_t value;
};
enum pb_deed {
    PB_DEED_NONE,
    PB_DEED_WRITE,
    PB_DEED_TAKE_RATE, /* the vehicle reads the duty and will draw the lowest of ALC, charger and `most` */
    PB_DEED_CONSOLE    /* `text` as a line to the DUT's console */
};
struct pb_action {
    enum pb_deed deed;
    int64_t most_ma; /* TAKE_RATE; 0: no further bound */
    char text[80];   /* for the record */
    struct pb_write writes[PB_STEP_WRITES];
    size_t write_count;
};

/* What can be seen. Each kind has a row in expect.c: its checks, their anchors, how it is waited for. */
enum pb_expect_kind {
    PB_EXPECT_LEVEL,         /* value: letter A..D. The pilot reaches that level, and the level is right */
    PB_EXPECT_PWM,           /* value: duty, ppm. PWM starts; frequency, duty and low level are right */
    PB_EXPECT_NO_PWM_BEFORE, /* value: letter. No PWM from the case's begin to the first excursion towards that state */
    PB_EXPECT_NOT_CLOSED_BEFORE, /* value: letter. Contactor likewise */
    PB_EXPECT_CLOSES,            /* value: letter. All poles conduct within a limit of the state */
    PB_EXPECT_OPENS,             /* value: letter. No pole conducts within a limit of leaving the state */
    PB_EXPECT_STATE,             /* value: enum pb_cp_state. The pilot reaches exactly that state */
    PB_EXPECT_STAYS_OPEN,        /* value: ns. No pole conducts for so long from the step's begin */
    PB_EXPECT_OPENS_AFTER,       /* No pole conducts within a limit of the step's begin */
    PB_EXPECT_SOURCE_RESISTANCE, /* of the pilot's driver, from the levels read in A and B */
    PB_EXPECT_MESSAGE, /* value: 0 or letter. A message of that name from the DUT, within a limit of the step's begin or of leaving the state */
    PB_EXPECT_STAYS_CLOSED, /* holds: every pole conducts for the rest of the step */
    PB_EXPECT_STAYS_OPENED, /* holds: no pole conducts again since OPENS or OPENS_AFTER last saw it, else since the case's begin */
    PB_EXPECT_STAYS_STEADY,    /* holds: the pilot's state does not change for the rest of the step */
    PB_EXPECT_LOADS,           /* value: letter. The vehicle brings the pilot to that level, and the level is right */
    PB_EXPECT_STAYS_UNLOADED,  /* value: letter. holds: the vehicle does not bring the pilot there, nor lower */
    PB_EXPECT_CURRENT_AT_MOST, /* value: mA. holds: no more is drawn for the rest of the step */
    PB_EXPECT_CURRENT_FOLLOWS, /* value: mA. No more is drawn, within a limit of the step's begin and from then on */
    PB_EXPECT_CURRENT_STOPS,   /* value: mA, as FOLLOWS: as good as nothing */
    PB_EXPECT_CURRENT_STARTS,  /* value: mA. So much is drawn within a limit of the step's begin */
    PB_EXPECT_CURRENT_SHED,    /* value: letter. Less than the limit is drawn from leaving the state on */
    PB_EXPECT_CAPACITANCE,     /* the vehicle's, from the pilot's falling edges: PWM must be on */
    PB_EXPECT_TELLS_ENERGY,    /* the vehicle answers on its console what it has counted, as the bench has */
    PB_EXPECT_TOGGLES,         /* holds: the vehicle goes from B to C and back as a BCB toggle has it */
    PB_EXPECT_RISE_TIME,       /* value: letter. The PWM that runs rises fast enough for that state */
    PB_EXPECT_FALL_TIME,       /* likewise falls */
    PB_EXPECT_ANNOUNCES,       /* value: mA. The cord's pilot comes to announce that current */
    PB_EXPECT_SUM_ANNOUNCED, /* value: mA. All cords together announce no more, from the case's begin to now; `within`: waits for this cord's first */
    PB_EXPECT_FOLLOWED, /* The cord's contactor closes no sooner than `within` after another cord was told a lower current */
    PB_EXPECT_KIND_COUNT
};
struct pb_expectation {
    enum pb_expect_kind kind;
    int64_t value;
    int64_t give_ma;     /* ANNOUNCES, SUM_ANNOUNCED: what the tolerance of a duty makes of the current */
    char name[32];       /* MESSAGE */
    int32_t within;      /* number of the limit on the time in the plan's list; 0: the kind's own limit row */
    int32_t law;         /* number, in the same list, of the duty law's row that `value` follows from; 0: none */
    int32_t first_check; /* number of its first check; 0: none planned (not judged for this cast) */
};

/* A message that an actor sends. fields is the catalogue's JSON; "@energy" and "@duration" in it stand for what the bench's meter has counted in
 * this case (Wh) and for the time of charging (s), "@interval_energy" and "@interval_duration" for the same since it was last asked, "@session" for the
 * number of the case. */
struct pb_message {
    char name[40];
    char fields[PB_MESSAGE_BYTES];
};

/* What a step says. */
struct pb_saying {
    struct pb_message message;
    enum pb_party from, to; /* which of the parties that actor and receiver play */
    char expects
        [PB_EXPECTS_BYTES]; /* what must hold of it when the device sends it: a JSON list of conditions (judge/choreography.h) */
};

/* What the bench says to the device beside the choreography, as a step's `injects` has it. Sender, receiver and way are the step's. */
enum pb_inject_what {
    PB_INJECT_MESSAGE, /* an envelope; its fields and version may be what the catalogue refuses */
    PB_INJECT_RAW,     /* bytes */
    PB_INJECT_REPLAY   /* what a step of the case said last, byte for byte */
};
enum pb_inject_when {
    PB_INJECT_AT_BEGIN,  /* `after` the step's begin */
    PB_INJECT_ON_STATE,  /* `after` the pilot's next coming to a state of `mask` */
    PB_INJECT_ON_CLOSED, /* ... the contactor's next closing: all poles */
    PB_INJECT_ON_OPENED,
    PB_INJECT_ON_HEARD, /* ... a message of the number `heard` from the device */
    PB_INJECT_IN_PLACE  /* of the step's own message, which is then not said */
};
struct pb_inject {
    enum pb_inject_what what;
    enum pb_inject_when when;
    uint64_t mask; /* ON_STATE */
    size_t heard;  /* ON_HEARD: row of the catalogue */
    pb_span after;
    struct pb_message message;  /* MESSAGE */
    int64_t version;            /* MESSAGE: of the envelope */
    char raw[PB_MESSAGE_BYTES]; /* RAW */
    size_t raw_size;
    char replay[24]; /* REPLAY: the step's id */
    size_t size;     /* blanks after the first byte, to so many bytes; 0: none */
    char text[120];  /* what it is and when, for people */
};

struct pb_step {
    int32_t step_no; /* from 1 within the run */
    char id[24];
    char text[200];
    char evidence[16]; /* found, carried, inferred, remembered, added */
    char seed[8];      /* number of the source text */
    enum pb_actor actor;
    unsigned of; /* actors whose doing shows in `sees` */
    struct pb_action does;
    struct pb_expectation sees[PB_STEP_EXPECTATIONS];
    size_t sees_count;
    struct pb_saying *says; /* NULL: nothing. The plan's own; of a step that is being read, its reader's */
    enum pb_actor to;       /* receiver, or whom the step concerns; PB_ACTOR_COUNT: nobody */
    enum pb_actor via;      /* who passes it on; PB_ACTOR_COUNT: nobody */
    char often[16];         /* "once", as patterns have it */
    int32_t message_within; /* as an expectation's */
    int group;              /* steps of one any_order have one; 0: by itself */
    unsigned cord;          /* of the station, from 0: whose roles, events and samples are meant */
    int32_t message_check;  /* number of its check; 0: the message is not judged */
    bool is_rest;           /* that check is of all messages that no step expects */
    char *pattern;          /* JSON, for the record; NULL: none. The plan's */
    bool has_start, has_end;
    pb_span starts, ends; /* of the session's schedule: not begun before, not left before; from the case's connection */
    pb_span lasts;        /* stays in the step for so long after `sees` */
    struct pb_action
        evse_does;     /* after `sees`, by a bench that drives the pilot itself, where the EVSE is not the device */
    char pev_told[48]; /* to the console of a vehicle that is the device: the person's wish */
    struct pb_expectation holds[PB_STEP_EXPECTATIONS]; /* over the rest of the step, judged at its end */
    size_t holds_count;
    int32_t injects[PB_STEP_INJECTS]; /* numbers of injections in the plan's list */
    size_t inject_count;
    int32_t mutates; /* number in the plan's list of what is done to messages in this step; 0: as the case has it */
    enum pb_step_mode mode;
    char reason[160]; /* why not observable or not run */
};
enum { PB_CASE_ID_MAX = 40 }; /* so much of it stands in the ids of its checks */
struct pb_case {
    int32_t case_no;
    char id[48];
    char title[200];
    char source[160];
    bool is_reconstructed; /* no text of it was read: known by its title only */
    size_t first_step, step_count;
    bool has_schedule;
    pb_span connects; /* of the schedule: time of day of the connection */
    unsigned talkers; /* PB_ACTOR_BITs: actors of the device whose messages are judged */
    int32_t mutates;  /* as a step's; 0: as the run has it */
    char reason[160]; /* not empty: not run, because */
};
struct pb_plan {
    struct pb_case *cases;
    struct pb_step *steps;
    struct pb_check *checks;   /* check_no - 1 is the index */
    struct pb_limit *limits;   /* what steps' `within` are; number - 1 is the index */
    struct pb_inject *injects; /* number - 1 is the index, here too */
    struct pb_mutations *mutations;
    size_t case_count, step_count, check_count, limit_count, inject_count, mutations_count;
    size_t case_room, step_room, check_room, limit_room, inject_room, mutations_room;
    bool has_own_clock; /* the device: nobody has set its clock by the bench's, so its stamps are not judged */
};

void pb_plan_finish(struct pb_plan *plan);
/* Number of an equal limit in the plan's list, which gets it if it has none. */
PB_MUST_CHECK enum pb_status pb_plan_add_limit(struct pb_plan *plan, const struct pb_limit *limit, int32_t *ret_number,
                                               struct pb_error *error);
/* Number of one more. */
PB_MUST_CHECK enum pb_status pb_plan_add_inject(struct pb_plan *plan, const struct pb_inject *inject,
                                                int32_t *ret_number, struct pb_error *error);
PB_MUST_CHECK enum pb_status pb_plan_add_mutations(struct pb_plan *plan, const struct pb_mutations *mutations,
                                                   int32_t *ret_number, struct pb_error *error);
/* The bench can say what the step injects to this device. */
bool pb_plan_is_injected(const struct pb_step *step, const struct pb_dut *dut);
PB_MUST_CHECK enum pb_status pb_plan_add_case(struct pb_plan *plan, const struct pb_case *from, struct pb_error *error);
/* Adds a step to the last case; mode, checks and reason follow from the DUT statement's actors. Errors: PB_ERR_INPUT (a limit row that is not there). */
PB_MUST_CHECK enum pb_status pb_plan_add_step(struct pb_plan *plan, const struct pb_step *from,
                                              const struct pb_dut *dut, const struct pb_limits *limits,
                                              enum pb_rule rule, struct pb_error *error);
/* After the last step of a case whose messages are judged: a step more, which says that nothing else was said. */
PB_MUST_CHECK enum pb_status pb_plan_end_case(struct pb_plan *plan, const struct pb_dut *dut,
                                              const struct pb_limits *limits, enum pb_rule rule,
                                              struct pb_error *error);
/* The last case needs a role, or a group of roles ("cp" for "cp.sense"); one that the bench does not have is the reason why the case is not run;
 * so is the vehicle's load (cp.load) where the vehicle is the device. Called before the case's steps are added. */
void pb_plan_case_needs(struct pb_plan *plan, const struct pb_bench *bench, const struct pb_dut *dut, const char *need);

#endif
