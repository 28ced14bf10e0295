/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guardian: a process of its own, forked before anything can be energised, that holds the output descriptors from the start and brings
 * every output to its harmless value, in the bench file's order, when a test ends or fails (asked), when the harness hangs (no beat
 * for hang_ms of wall time: it is killed first) and when it dies, kill -9 included (its socket closes). It is no safety function for people.
 * It closes every descriptor it inherited but its own, leads its own session, ignores SIGINT, SIGTERM, SIGHUP, SIGPIPE, and allocates nothing. */
#ifndef PB_HARNESS_GUARDIAN_H
#define PB_HARNESS_GUARDIAN_H

#include "base/instant.h"
#include "base/status.h"
#include "instruments/roles/driver.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct pb_guardian; /* the harness's side */

/* One output, in the order in which they are made safe. */
struct pb_guard_output {
    const struct pb_guard_ops *ops;
    int descriptor; /* ops->descriptor(instrument); the guardian keeps its own copy */
    unsigned channel;
    int64_t safe_value;
    struct pb_guard_note note; /* where ops has note(): what it filled */
    pb_span settle;            /* waited after it before the next one (wall time, when the guardian acts alone) */
};

/* Forks the guardian. outputs are copied. Returns when it is on guard. Errors: PB_ERR_ARG (hang_ms not above 0,
 * no ops, a standard stream as descriptor), PB_ERR_MEMORY, PB_ERR_IO, PB_ERR_TIMEOUT. */
PB_MUST_CHECK enum pb_status pb_guardian_start(const struct pb_guard_output *outputs, size_t count, int hang_ms,
                                               struct pb_guardian **ret_guardian, struct pb_error *error);
/* "I am alive": one store into a shared page; call it at every turn of the engine and of any wait. */
void pb_guardian_beat(struct pb_guardian *guardian);
/* PB_ERR_GONE when the guardian process has died (then the harness must make safe by itself and end the run as a bench error). Cheap: no system call but
 * one poll every 16 calls. */
PB_MUST_CHECK enum pb_status pb_guardian_check(struct pb_guardian *guardian, struct pb_error *error);
/* Asks the guardian to write output i's safe value now, and waits for its answer. The caller lets settle pass on the bench clock. Every output is tried
 * by the caller, whatever one says. */
PB_MUST_CHECK enum pb_status pb_guardian_make_safe(struct pb_guardian *guardian, size_t i, struct pb_error *error);
pid_t pb_guardian_pid(const struct pb_guardian *guardian);
/* Makes the guardian end without acting (outputs are safe already) and reaps it. NULL is fine. */
void pb_guardian_stop(struct pb_guardian *guardian);

#endif
