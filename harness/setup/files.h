/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The manual of the files that people write. */
#ifndef PB_HARNESS_SETUP_FILES_H
#define PB_HARNESS_SETUP_FILES_H

#include <stdio.h>

/* Every parameter of bench file, DUT statement and limits file, as Markdown, from the tables that read them: docs/files.md is this text. */
void pb_setup_print_files(FILE *out);

#endif
