/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Loads suites: Lua in, plan out. */
#ifndef PB_HARNESS_SCRIPT_H
#define PB_HARNESS_SCRIPT_H

#include "harness/engine/plan.h"

#include <stdio.h>

struct pb_script_setup {
    const struct pb_bench *bench;
    const struct pb_dut *dut;
    const struct pb_limits *limits;
    enum pb_rule rule;
    const char *suffix; /* behind the id of every case ("+S2+U1": how it was combined); NULL: nothing */
};

/* Runs one suite file and adds its cases to the plan. wanted: the case to take ("S1"), NULL for all of the file. Errors: PB_ERR_INPUT with
 * file and line, found, expected; also for a suite that runs too long or wants too much memory. */
PB_MUST_CHECK enum pb_status pb_script_load(const char *path, const char *wanted, const struct pb_script_setup *setup,
                                            struct pb_plan *plan, struct pb_error *error);
/* The same from a text; name stands in messages. */
PB_MUST_CHECK enum pb_status pb_script_load_text(const char *name, const char *text, size_t length, const char *wanted,
                                                 const struct pb_script_setup *setup, struct pb_plan *plan,
                                                 struct pb_error *error);
/* The vocabulary, as Markdown: docs/vocabulary.md is this text. */
void pb_script_print_words(FILE *out);
/* Its stubs for editors (LuaLS annotations): test_suites/_api.lua is this text. */
void pb_script_print_stubs(FILE *out);

#endif
