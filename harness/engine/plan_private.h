/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What plan.c and plan_messages.c share. */
#ifndef PB_HARNESS_PLAN_PRIVATE_H
#define PB_HARNESS_PLAN_PRIVATE_H

#include "harness/engine/plan.h"

/* Room for one check more, which counts from now on; NULL: no memory. */
struct pb_check *pb_plan__new_check(struct pb_plan *plan);
/* No source says what the step says. */
bool pb_plan__is_own_inference(const struct pb_step *step);
/* Pattern and check of a step whose message the device is to say. */
PB_MUST_CHECK enum pb_status pb_plan__add_message(struct pb_plan *plan, struct pb_step *step, const struct pb_dut *dut,
                                                  const struct pb_limits *limits, enum pb_rule rule,
                                                  struct pb_error *error);

#endif
