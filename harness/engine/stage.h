/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The bench as the engine sees it: open instruments, one clock, events merged by time and written to the record as they become known, the newest pilot
 * samples in a ring, and the guardian. Everything is sized at the start. One thread. */
#ifndef PB_HARNESS_STAGE_H
#define PB_HARNESS_STAGE_H

#include "harness/control/control.h"
#include "harness/engine/expect.h"
#include "harness/engine/messages.h"
#include "harness/guardian/guardian.h"
#include "harness/timeline/timeline.h"
#include "pilot_emulator/analyser.h"
#include "record/write/writer.h"

#include <signal.h>

struct pb_stage;

struct pb_stage_setup {
    const struct pb_bench *bench;
    const struct pb_dut *dut;
    const struct pb_cp_windows *windows; /* by which the pilot's states are told; copied */
    const struct pb_duty_law *law;       /* what a duty announces; the caller's */
    struct pb_writer *writer;
    uint64_t seed;
    const char *log_path;       /* of the world or of drivers */
    struct pb_control *control; /* NULL: no door */
    pb_control_fn *carry_out;   /* of the engine */
    void *user;
    const volatile sig_atomic_t *stop;                             /* set by a signal */
    enum pb_status (*turning)(void *user, struct pb_error *error); /* called before every turn; NULL: nobody */
    void (*turned)(void *user);                                    /* called after every turn; NULL: nobody */
    int64_t speed_milli; /* simulated clock: 1000 is real time; 0: as fast as possible */
};

/* Opens the instruments, forks the guardian, starts the DUT's processes. */
PB_MUST_CHECK enum pb_status pb_stage_open(const struct pb_stage_setup *setup, struct pb_stage **ret_stage,
                                           struct pb_error *error);
/* Makes safe what is not, stops the guardian, closes. NULL is fine. */
void pb_stage_close(struct pb_stage *stage);

pb_instant pb_stage_now(const struct pb_stage *stage);
/* Of a station with several cords: from now on, what is asked of the stage is about this one (from 0), and what is written goes to its roles, but
 * for what the station has once. */
void pb_stage_set_cord(struct pb_stage *stage, unsigned cord);
unsigned pb_stage_cord(const struct pb_stage *stage);
size_t pb_stage_poles(const struct pb_stage *stage);
int64_t pb_stage_value(const struct pb_stage *stage, enum pb_event_name name); /* of its last event; 0 before */
/* When a cord's pilot last came to announce less than before, in this case. */
bool pb_stage_reduced(const struct pb_stage *stage, unsigned cord, struct pb_event *ret_event);
/* For requests: the run ends at the next turn. */
void pb_stage_abort(struct pb_stage *stage, const char *why);
/* Rows written from now on belong to this case and step. A new case forgets the events before it. */
void pb_stage_set_place(struct pb_stage *stage, int32_t case_no, int32_t step_no);

/* All that follow can fail with what a bench can fail with: a dead DUT, a dead guardian, lost samples, PB_ERR_INTERRUPTED. */

/* Lets time pass until everything dated before `until` is known, and at least until then. */
PB_MUST_CHECK enum pb_status pb_stage_run_until(struct pb_stage *stage, pb_instant until, struct pb_error *error);
/* Lets time pass until `until`, or until is_over(user) is true at the end of a turn. what: shown as what is waited for. */
PB_MUST_CHECK enum pb_status pb_stage_hold(struct pb_stage *stage, pb_instant until, const char *what,
                                           bool (*is_over)(void *user), void *user, struct pb_error *error);
/* Wall clock: lets all that has happened so far become known, and now is the present. Simulated time stands still between calls: nothing to do. */
PB_MUST_CHECK enum pb_status pb_stage_catch_up(struct pb_stage *stage, struct pb_error *error);
/* The first event `name` with one of these values, dated after `from` and at or before `until` (its other date, if use_other_date). Runs until it is there, or
 * until it is known that it is not: *ret_found. */
PB_MUST_CHECK enum pb_status pb_stage_wait(struct pb_stage *stage, enum pb_event_name name, pb_values values,
                                           bool use_other_date, pb_instant from, pb_instant until, bool *ret_found,
                                           struct pb_event *ret_event, struct pb_error *error);
/* The last event `name` of this case dated at or before an instant: what stood then. */
bool pb_stage_stood(const struct pb_stage *stage, enum pb_event_name name, pb_instant at, struct pb_event *ret_event);
/* The last event in which the pilot's letter changed to (or away from) `letter` in this case, and its date. */
bool pb_stage_entered(const struct pb_stage *stage, char letter, struct pb_event *ret_event);
/* The first such event of this case. */
bool pb_stage_first_entered(const struct pb_stage *stage, char letter, struct pb_event *ret_event);
bool pb_stage_left(const struct pb_stage *stage, char letter, struct pb_event *ret_event);
/* Writes a role; the ACTION row comes first, and is durable first when the channel can energise. */
PB_MUST_CHECK enum pb_status pb_stage_write(struct pb_stage *stage, const char *role, int64_t value, const char *text,
                                            struct pb_error *error);
/* Real samples of the pilot over [from, from + span): waits for them and puts them into the record. */
PB_MUST_CHECK enum pb_status pb_stage_capture(struct pb_stage *stage, pb_instant from, pb_span span, int64_t *ret_first,
                                              int64_t *ret_count, struct pb_error *error);
/* The same measured on the spot, for an emulated vehicle that reads the pilot (not for judging). */
PB_MUST_CHECK enum pb_status pb_stage_measure(struct pb_stage *stage, pb_span span,
                                              struct pb_cp_measurement *ret_measurement, struct pb_error *error);
/* How cp.sense is sampled; NULL: the bench has none. */
const struct pb_sampling *pb_stage_sampling(const struct pb_stage *stage);
bool pb_stage_has_scope(const struct pb_stage *stage);
/* A block of the oscilloscope from now on, into the record as channel "scope". Only of a bench that has one. */
PB_MUST_CHECK enum pb_status pb_stage_capture_scope(struct pb_stage *stage, pb_span span, int64_t *ret_first,
                                                    int64_t *ret_count, struct pb_error *error);
/* At a case's begin, after its place is set: what stands already is an event of the case, so that a check can count it. */
PB_MUST_CHECK enum pb_status pb_stage_note_standing(struct pb_stage *stage, struct pb_error *error);
/* Kept outputs (sizes of resistors and the like) that were changed go back to their nominal values: what a case begins with. */
PB_MUST_CHECK enum pb_status pb_stage_restore(struct pb_stage *stage, struct pb_error *error);
/* A line to the DUT's console; `of` says whose, where it is EVSE and vehicle (roles dut.console and dut.console.pev). */
PB_MUST_CHECK enum pb_status pb_stage_console(struct pb_stage *stage, enum pb_actor of, const char *line,
                                              struct pb_error *error);
/* A message of the plan: its row, and (SENT) its bytes on the link. */
PB_MUST_CHECK enum pb_status pb_stage_message(struct pb_stage *stage, const struct pb_step *step, enum pb_said said,
                                              enum pb_message_link link, struct pb_error *error);
/* Wall clock: until the other side of every message link is there, so that the first case does not begin without it. */
PB_MUST_CHECK enum pb_status pb_stage_await_links(struct pb_stage *stage, struct pb_error *error);
/* The step's injection: armed, to be said at its time or event in this case; one in place of the step's own is said now. said: what REPLAY says again. */
PB_MUST_CHECK enum pb_status pb_stage_inject(struct pb_stage *stage, const struct pb_step *step,
                                             const struct pb_inject *inject, const char *said, struct pb_error *error);
/* What is done to messages to the device, in the run, a case, a step: the innermost one that is there acts. NULL: nothing from now on. */
enum pb_mutate_scope { PB_MUTATE_RUN, PB_MUTATE_CASE, PB_MUTATE_STEP, PB_MUTATE_SCOPE_COUNT };
PB_MUST_CHECK enum pb_status pb_stage_mutate(struct pb_stage *stage, enum pb_mutate_scope scope,
                                             const struct pb_mutations *mutations, uint64_t seed,
                                             struct pb_error *error);
/* A case is over: what mutations still hold goes out or is dropped, and no injection waits any more. ret_missing: the first injection that never
 * came, "" for none. */
PB_MUST_CHECK enum pb_status pb_stage_end_messages(struct pb_stage *stage, char *ret_missing, size_t size,
                                                   struct pb_error *error);
/* How many messages came from the device in this run. */
size_t pb_stage_heard(const struct pb_stage *stage);
/* Until there are more than `count`, or it is known that none came until `until`. */
PB_MUST_CHECK enum pb_status pb_stage_await_message(struct pb_stage *stage, size_t count, pb_instant until,
                                                    struct pb_error *error);
/* What a window shows of the bench: of its first cord. Pointers are the stage's, valid until the next turn. */
struct pb_stage_picture {
    enum pb_cp_state cp_state;
    unsigned cords; /* that the bench has */
    int64_t poles, poles_closed, current_ma, energy_wh;
    pb_instant deadline;     /* of what is waited for; NEVER: nothing */
    const char *waiting_for; /* "" for nothing but time */
    const int16_t *ring;     /* sample i at ring[i & ring_mask], valid_from <= i < next_index */
    int64_t ring_mask, valid_from, next_index;
    const struct pb_sampling *sampling;
};
void pb_stage_picture(const struct pb_stage *stage, struct pb_stage_picture *ret_picture);
/* Event number n (from 0) of the run; false when there is none, or none any more. */
bool pb_stage_event(const struct pb_stage *stage, size_t n, struct pb_event *ret_event);
/* All outputs to their harmless values, in the bench file's order, by the guardian; where it is dead, by ourselves. Tries every output; the first failure
 * is returned. */
PB_MUST_CHECK enum pb_status pb_stage_make_safe(struct pb_stage *stage, struct pb_error *error);

#endif
