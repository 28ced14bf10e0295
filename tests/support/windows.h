/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Windows of the control-pilot states for tests that have no limits file: IEC 61851-1 Table A.4, EVSE output. */
#ifndef PB_TESTS_SUPPORT_WINDOWS_H
#define PB_TESTS_SUPPORT_WINDOWS_H

#include "pilot_emulator/state.h"

static const struct pb_cp_windows table_a4_windows = {
    .a = {11000000, 13000000},
    .b = {8000000, 10000000},
    .c = {5000000, 7000000},
    .d = {2000000, 4000000},
    .e = {-1000000, 1000000},
    .f = {-13000000, -11000000},
};

#endif
