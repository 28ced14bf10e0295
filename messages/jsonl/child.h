/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A program at the other end of two pipes: its standard input and output. Its standard error goes to a log. */
#ifndef PB_MESSAGES_CHILD_H
#define PB_MESSAGES_CHILD_H

#include "base/instant.h"
#include "base/status.h"

#include <sys/types.h>

/* argv[0]: as pb_program_find() has it; argv ends with NULL. ret_in reads what it says, ret_out is read by it; both are the caller's and
 * close-on-exec. log_path: NULL for nowhere. PB_ERR_NOT_FOUND, PB_ERR_IO. */
PB_MUST_CHECK enum pb_status pb_child_start(const char *const *argv, const char *log_path, pid_t *ret_pid, int *ret_in,
                                            int *ret_out, struct pb_error *error);
/* Its pipes are closed: waits for its end for so long, then asks it to end, then makes it. How it ended ("exit status 3", "signal 9") into
 * ret_text. */
void pb_child_end(pid_t pid, pb_span patience, char *ret_text, size_t size);

#endif
