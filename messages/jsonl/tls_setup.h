/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is to be said of TLS before there is a link. */
#ifndef PB_MESSAGES_TLS_SETUP_H
#define PB_MESSAGES_TLS_SETUP_H

#include <stdbool.h>

/* How TLS is set up: 1.2 or newer. Files are PEM; their contents never go into messages or records. */
struct pb_tls_setup {
    const char *
        authorities; /* who may sign the peer's certificate; NULL only at a server, which then asks for none (not mutual) */
    const char *certificate, *key; /* ours; NULL: a client without one */
    const char *
        name; /* client: the name or numeric address that the server's certificate must be for; NULL: any of the authorities' */
    bool is_server;
};

#endif
