/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Traceability: what of each source's step is checked, what proves that the check can fail, and what carries the step. */
#ifndef PB_HARNESS_MATRIX_H
#define PB_HARNESS_MATRIX_H

#include "harness/engine/plan.h"

#include <stdio.h>

enum pb_matrix_form { PB_MATRIX_NONE, PB_MATRIX_CSV, PB_MATRIX_HTML, PB_MATRIX_FORM_COUNT };
/* "csv", "html" or NULL (csv); PB_MATRIX_NONE: neither. */
enum pb_matrix_form pb_matrix_form_of(const char *text);

/* A row a check, or a row a step that has none, which then says why. data: the folder whose fixtures/ hold kill-matrix.csv and
 * use-case-tags.csv; one that is not there leaves its column empty. Errors: PB_ERR_MEMORY, PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_matrix_print(FILE *file, const struct pb_plan *plan, const char *data,
                                             enum pb_matrix_form form, struct pb_error *error);

#endif
