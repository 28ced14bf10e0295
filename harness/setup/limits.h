/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Limits files: what the standards allow, as data, each row with clause, source and confidence (control_pilot.md's codes). A lab replaces a file
 * by its own copy of the edition it bought. */
#ifndef PB_HARNESS_LIMITS_H
#define PB_HARNESS_LIMITS_H

#include "judge/judge.h"

struct pb_limits {
    struct pb_doc *doc;
    const char *name; /* standard and edition */
    struct pb_limit *rows;
    size_t count;
};

PB_MUST_CHECK enum pb_status pb_limits_read(const char *path, struct pb_limits *ret_limits, struct pb_error *error);
/* The same from a document, which is taken over, on failure too. */
PB_MUST_CHECK enum pb_status pb_limits_bind(struct pb_doc *doc, struct pb_limits *ret_limits, struct pb_error *error);
void pb_limits_finish(struct pb_limits *limits);
const struct pb_limit *pb_limits_find(const struct pb_limits *limits, const char *id); /* NULL if there is none */

#endif
