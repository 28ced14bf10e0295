/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extractors of a vehicle under test, rows of the table in extract.c. Inside judge/ only. */
#ifndef PB_JUDGE_VEHICLE_H
#define PB_JUDGE_VEHICLE_H

#include "judge/judge.h"

/* Sets an outcome without a value, and its reason; extract.c's. */
void pb_judge__set_outcome(struct pb_reading *reading, enum pb_outcome outcome, const char *format, ...)
    PB_PRINTF(3, 4);

enum pb_status pb_judge__capacitance(struct pb_reader *reader, const struct pb_recipe *recipe,
                                     struct pb_reading *reading, struct pb_error *error);
enum pb_status pb_judge__told_energy(struct pb_reader *reader, const struct pb_recipe *recipe,
                                     struct pb_reading *reading, struct pb_error *error);
enum pb_status pb_judge__dwell(struct pb_reader *reader, const struct pb_recipe *recipe, struct pb_reading *reading,
                               struct pb_error *error);

#endif
