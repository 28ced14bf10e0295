/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits files: what the standards allow, as data, each row with clause, source and confidence (control_pilot.md's codes), by standard and edition. A file
 * can include others; what is read later replaces rows of the same id, so that a lab puts its own copy of the edition it bought over the public figures. */
#ifndef PB_HARNESS_LIMITS_H
#define PB_HARNESS_LIMITS_H

#include "judge/judge.h"
#include "pilot_emulator/duty.h"
#include "pilot_emulator/state.h"

enum { PB_LIMITS_FILES_MAX = 16 };

struct pb_limits {
    struct pb_doc *docs[PB_LIMITS_FILES_MAX]; /* all that was read, the included ones before those that include them */
    size_t doc_count;
    char name[200]; /* standards and editions of the files that were named, "; " between them */
    struct pb_limit *rows;
    size_t count;
    struct pb_duty_law law; /* either direction is the one of the last file that has it; no rows where none has */
    struct pb_limit announced[PB_DUTY_ROWS_MAX], read[PB_DUTY_ROWS_MAX]; /* where each row of the law is from */
    bool is_strict; /* unverified rows decide nothing (--strict-limits) */
};

/* A file and what it includes, by paths relative to its own folder. */
PB_MUST_CHECK enum pb_status pb_limits_read(const char *path, struct pb_limits *ret_limits, struct pb_error *error);
/* Puts another file over the set; on failure the set is finished. */
PB_MUST_CHECK enum pb_status pb_limits_add(struct pb_limits *limits, const char *path, struct pb_error *error);
/* From a document, which is taken over, on failure too; it may include nothing. */
PB_MUST_CHECK enum pb_status pb_limits_bind(struct pb_doc *doc, struct pb_limits *ret_limits, struct pb_error *error);
void pb_limits_finish(struct pb_limits *limits);
const struct pb_limit *pb_limits_find(const struct pb_limits *limits, const char *id); /* NULL if there is none */
/* Id, clause, source and confidence of the row of the duty law by which a current is announced, or a duty is read; NULL: no row holds it. */
const struct pb_limit *pb_limits_announced(const struct pb_limits *limits, int64_t ma);
const struct pb_limit *pb_limits_read_duty(const struct pb_limits *limits, int64_t duty_ppm);
/* What the bench itself needs of a set, to follow a pilot and to play a vehicle: rows cp.window.a to f, and how a duty is read. Errors: PB_ERR_INPUT. */
PB_MUST_CHECK enum pb_status pb_limits_windows(const struct pb_limits *limits, struct pb_cp_windows *ret_windows,
                                               struct pb_error *error);

#endif
