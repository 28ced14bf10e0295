/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The guardian's inside: what both sides share, and the guardian process itself. For guardian.c alone. */
#ifndef PB_HARNESS_GUARD_PROCESS_H
#define PB_HARNESS_GUARD_PROCESS_H

#include "harness/guardian/guardian.h"

#include <stdatomic.h>
#include <stdint.h>

enum { PB_GUARD_WRITE_MS = 200, PB_GUARD_SETUP_FAILED = 125 };

struct pb_guard_page {
    _Atomic uint64_t beats;
};

/* Datagrams on the socket pair. An answer carries its question's number, so that one that came too late is known as such. */
enum pb_guard_order { PB_GUARD_MAKE_SAFE, PB_GUARD_END };
struct pb_guard_question {
    uint32_t number, order, output;
};
struct pb_guard_answer {
    uint32_t number, status;
};

struct pb_guard_process {
    int socket;  /* the guardian's end; at its other end's close the harness is gone */
    int harness; /* pidfd of the harness */
    int hang_ms;
    const struct pb_guard_page *page;
    const struct pb_guard_output *outputs;
    size_t count;
};

/* Runs in the forked child, with every signal blocked. Exit code: outputs that could not be written (100 for more), or
 * PB_GUARD_SETUP_FAILED. The first datagram that it sends, an answer numbered 0, says that it is on guard. */
_Noreturn void pb_guard_process_run(const struct pb_guard_process *process);

#endif
