/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a person does on a bench that has no instrument for it: the question in words. */
#ifndef PB_HARNESS_PROMPT_H
#define PB_HARNESS_PROMPT_H

#include "harness/setup/bench.h"

/* "Plug the cordset into the vehicle." for a value of a role; NULL where no person can stand in. */
const char *pb_prompt_text(const char *role, int64_t value);
/* Somebody is there (measuring: operator) who can play a role, or one of a group of roles. */
bool pb_prompt_can(const struct pb_bench *bench, const char *need);
/* The bench has nothing for the role, but somebody who can play it (measuring: operator). */
bool pb_prompt_is_needed(const struct pb_bench *bench, const char *role);

#endif
