/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file that appears whole or not at all. Inside reports/ only. */
#ifndef PB_REPORTS_SAVE_H
#define PB_REPORTS_SAVE_H

#include "base/status.h"

#include <stddef.h>

/* By way of PATH.part and a rename; a device or pipe that is there is written to. Errors: PB_ERR_IO; what was at path is then still there. */
PB_MUST_CHECK enum pb_status pb_save_whole(const char *path, const void *bytes, size_t count, struct pb_error *error);

#endif
