/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A suite loaded from a text, for a bench, a DUT and limits that are the project's own examples in small. */
#ifndef PB_TESTS_LOADED_H
#define PB_TESTS_LOADED_H

#include "harness/script/script.h"

struct loaded {
    struct pb_bench bench;
    struct pb_dut dut;
    struct pb_limits limits;
    struct pb_script_setup setup;
    struct pb_plan plan;
    struct pb_error error;
    enum pb_status status;
};

/* Reads the three files; the DUT is the given actors ("evse", "pev, esci", "" for nobody). Aborts when they are not as they must be. */
void loaded_setup(struct loaded *loaded, const char *actors);
/* Loads a suite named "suite.lua" into an empty plan; status and error tell how it went. Returns status. */
enum pb_status loaded_suite(struct loaded *loaded, const char *text, size_t length);
void loaded_finish(struct loaded *loaded);

#endif
