/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of things that can be expected: for each kind its checks, as data. plan.c makes checks of it, engine.c carries it out. */
#ifndef PB_HARNESS_EXPECT_H
#define PB_HARNESS_EXPECT_H

#include "harness/engine/plan.h"

enum pb_event_name {
    PB_EVENT_CP_STATE,
    PB_EVENT_CONTACTOR,
    PB_EVENT_POLE_0,
    PB_EVENT_CURRENT = PB_EVENT_POLE_0 + PB_POLES_MAX,
    PB_EVENT_COIL,
    PB_EVENT_LOCK,
    PB_EVENT_CCID_TEST,
    PB_EVENT_MESSAGE,
    PB_EVENT_ESTOP, /* 1: closed */
    PB_EVENT_ALC,   /* mA that the pilot announces to a vehicle; where there are several cords */
    PB_EVENT_NAME_COUNT
};
extern const char *const pb_event_names[PB_EVENT_NAME_COUNT]; /* "cp.state" */
/* In the record, of a cord from 0: "cp.state", "cord[2].cp.state". */
const char *pb_event_record_name(enum pb_event_name name, unsigned cord);
bool pb_event_is_of_cord(enum pb_event_name name); /* false: a station has it once */

/* A bit for each value of an event from 0 to 127; PB_VALUES_ANY: whatever it is. (Messages have more than 64 numbers.) */
typedef unsigned __int128 pb_values;
#define PB_VALUES_ANY (~(pb_values)0)
static inline bool pb_values_has(pb_values values, int64_t value) {
    return values == PB_VALUES_ANY || (value >= 0 && value < 128 && (values >> value & 1));
}

/* From when a time counts. */
enum pb_anchor {
    PB_ANCHOR_NONE,
    PB_ANCHOR_STEP,
    PB_ANCHOR_HELD /* when `sees` was over and contacts had settled */,
    PB_ANCHOR_CASE,
    PB_ANCHOR_ENTER /* first excursion towards `value` */,
    PB_ANCHOR_LEAVE /* ... away from it */
};

/* For which devices there is such a check. A pair is an EVSE and a vehicle, both under test. */
enum pb_check_cast {
    PB_CHECK_OF_ANY,
    PB_CHECK_NOT_OF_PAIR,  /* rests on what the bench's own counterpart has calibrated */
    PB_CHECK_OF_PAIR,      /* takes its place */
    PB_CHECK_OF_PAIR_IN_C, /* likewise, for letter C */
    PB_CHECK_UNLESS_LOADED /* not of a pair whose vehicle brings the pilot there (LOADS of that letter in the step): the time is the vehicle's */
};

struct pb_expect_check {
    const char *name; /* %c is the letter */
    const char *text;
    enum pb_extractor extractor;
    const char *limit; /* row of the limits file (%c the letter, small); NULL: made from the expectation */
    bool blocks;       /* when it fails the rest of the case is not reached */
    enum pb_check_cast cast;
    bool is_of_both; /* in a pair generator and resistors together make it, but in state A */
};
struct pb_expect_row {
    enum pb_event_name event;
    enum pb_anchor anchor;
    unsigned hidden_by; /* PB_ACTOR_BITs: what these show is not it, though the step is theirs too */
    struct pb_expect_check checks[PB_EXPECT_CHECKS];
    size_t check_count;
};
extern const struct pb_expect_row pb_expect_rows[PB_EXPECT_KIND_COUNT];

/* Check k of the expectation's row is one of the plan, for a device of these actors. */
bool pb_expect_is_planned(const struct pb_step *step, const struct pb_expectation *expectation, size_t k,
                          unsigned dut_actors);
/* PB_BINDS_... of that check; 0 where the device is no pair. */
unsigned pb_expect_binds(const struct pb_step *step, const struct pb_expectation *expectation, size_t k,
                         unsigned dut_actors);

/* Bits of values of the event that the expectation waits for (or forbids). */
uint64_t pb_expect_mask(const struct pb_expectation *expectation, size_t poles);
/* Bits of the states whose letter it is. */
uint64_t pb_state_mask(char letter);

#endif
