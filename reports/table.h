/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of cells for a terminal: each cell has a width in columns and wraps its text inside it; the line is as tall as
 * its tallest cell. Inside reports/ only. */
#ifndef PB_REPORTS_TABLE_H
#define PB_REPORTS_TABLE_H

#include "reports/report.h"

#include <stddef.h>

struct pb_cell {
    const char *text;
    int width;          /* columns */
    const char *colour; /* ANSI parameters such as "31;1"; NULL: none */
    bool is_right;      /* set to the right edge */
};
/* Prints the cells with `indent` columns before and one between them. No spaces at the end of lines. */
void pb_table_line(FILE *file, const struct pb_report_options *options, int indent, const struct pb_cell *cells,
                   size_t count);

#endif
