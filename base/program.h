/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where a program is that a file names. */
#ifndef PB_BASE_PROGRAM_H
#define PB_BASE_PROGRAM_H

#include <stddef.h>

/* A name without a slash is looked for beside this program first; else it stays as it is, for PATH. */
void pb_program_find(const char *name, char *ret_path, size_t size);

#endif
