/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sessions as combinations of device, connection, location and programs: which of them a run has, and why the others not. */
#ifndef PB_HARNESS_CLI_COMBINE_H
#define PB_HARNESS_CLI_COMBINE_H

#include "harness/cli/cli.h"

enum { PB_CLI_REASON = 160 };

/* A place and a connection that a device cannot have, whatever the programs. */
struct pb_cli_left {
    size_t number; /* of its combination without programs */
    char reason[PB_CLI_REASON];
};
struct pb_cli_choice {
    size_t device_count, count; /* count: of all combinations */
    bool *chosen;               /* by number of the combination */
    size_t chosen_count;
    struct pb_cli_left *left;
    size_t left_count;
};

/* One case in a combination, "S2,U1,U3" beside its name. Errors: PB_ERR_INPUT. */
PB_MUST_CHECK enum pb_status pb_cli_load_with(const char *name, const char *list, const struct pb_script_setup *setup,
                                              struct pb_plan *plan, struct pb_error *error);
/* setups: one a device. Of the combinations that can be: every one, or so many that any two values that can stand together do so once. */
PB_MUST_CHECK enum pb_status pb_cli_choose(const struct pb_script_setup *setups, size_t device_count, bool every,
                                           struct pb_cli_choice *ret_choice, struct pb_error *error);
void pb_cli_choice_finish(struct pb_cli_choice *choice);
/* A device's sessions, and what is left out as cases that are not run, with the reason. */
PB_MUST_CHECK enum pb_status pb_cli_load_choice(const struct pb_cli_choice *choice, size_t device,
                                                const struct pb_script_setup *setup, struct pb_plan *plan,
                                                struct pb_error *error);
/* How many of how many, and a line for each that is left out. devices: their names. */
void pb_cli_print_choice(const struct pb_cli_choice *choice, const char *const *devices);

#endif
