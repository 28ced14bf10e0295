/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A peer on real links, in real time: a message a line (docs/messages.md). For benches on the wall clock; the wire protocol is for simulated time.
 * A link is tcp:ADDRESS:PORT, unix:PATH (it connects), tcp-listen:ADDRESS:PORT, unix-listen:PATH (it is connected to), pty:PATH, or stdio. A link that
 * is lost is looked for again; what would be said on it meanwhile is not said. TLS is a relay's in front of it. */
#ifndef PEER_LINKS_H
#define PEER_LINKS_H

#include "firmware_stub/peer/core/peer.h"

/* NULL, or what is wrong with an address. */
const char *peer_links_check(const char *address);
/* addresses: by link; NULL: it has none. Runs until its standard input ends, where that is a link, or for ever. Returns the exit status. */
int peer_links_serve(const char *name, const struct peer_kind *kind, const struct peer_setup *setup, uint64_t seed,
                     const char *const addresses[PEER_LINKS]);

#endif
