/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer's program: command line, then turns on file descriptor 3 (one read and one write a turn), or real links in real time.
 * Exit 0: the world said STOP or closed; 2: bad arguments; 3: the world broke the protocol, or the descriptor failed; 4: a link cannot
 * be listened at. */
#ifndef PEER_PROGRAM_H
#define PEER_PROGRAM_H

#include "firmware_stub/device/defects.h"
#include "firmware_stub/peer/core/peer.h"

#include <argp.h>

struct peer_program {
    const char *name, *text; /* "stub-esci", one sentence */
    uint8_t actor;           /* enum pbw_actor */
    const struct peer_kind *kind;
    const struct defect_list *defects;
    const struct argp_option *options; /* of its own; keys from PEER_KEY on; NULL: none */
    /* One of them; NULL, or what is wrong with it. */
    const char *(*option)(struct peer_setup *setup, int key, const char *text);
};
enum { PEER_KEY = 512, PEER_KEYS_END = 528 };

/* setup: the healthy one; it is changed as the command line says. Returns the exit status. */
int peer_main(const struct peer_program *program, struct peer_setup *setup, int argc, char **argv);
/* For `option`: an identity of 1 to 40 characters into ret_text; NULL, or what is wrong. */
const char *peer_identity_option(const char *text, char *ret_text);

#endif
