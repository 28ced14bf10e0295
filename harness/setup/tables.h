/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parameter tables of the three files, for the manual (files.c). Each list ends with an entry without a title. */
#ifndef PB_HARNESS_SETUP_TABLES_H
#define PB_HARNESS_SETUP_TABLES_H

#include "base/doc.h"

struct pb_param_table {
    const char *title, *text;
    const struct pb_param *params;
    size_t count;
};
extern const struct pb_param_table pb_bench_tables[], pb_dut_tables[], pb_limits_tables[];

#endif
