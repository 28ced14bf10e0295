/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of cells for a terminal: each cell has a width in columns and wraps its text inside it; the line is as tall as
 * its tallest cell. Inside reports/ only. */
#ifndef PB_REPORTS_TABLE_H
#define PB_REPORTS_TABLE_H

#include "reports/report.h"

#include <stddef.h>
#include <stdint.h>

struct pb_cell {
    const char *text;
    int width;          /* columns */
    const char *colour; /* ANSI parameters such as "31;1"; NULL: none */
    bool is_right;      /* set to the right edge */
};
/* Prints the cells with `indent` columns before and one between them. No spaces at the end of lines. */
void pb_table_line(FILE *file, const struct pb_report_options *options, int indent, const struct pb_cell *cells,
                   size_t count);
/* Columns that a text takes: wide East Asian characters are two, combining marks none, control characters and bytes
 * that are not UTF-8 one. */
int pb_text_columns(const char *text);
/* Reads one UTF-8 character and moves on; U+FFFD, one byte further, for what is not one. */
uint32_t pb_text_next(const char **text);

#endif
