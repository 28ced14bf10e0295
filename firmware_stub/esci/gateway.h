/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The premise's gateway (ESCI): passes on between vehicle and utility, binds, keeps the grant within what the premise bears, adds up what the
 * meter sends and reports the session. */
#ifndef ESCI_GATEWAY_H
#define ESCI_GATEWAY_H

#include "firmware_stub/peer/core/peer.h"

extern const struct peer_kind gateway_kind;
/* A healthy gateway of premise P-1, which bears 24 kW. */
extern const struct peer_setup gateway_standard;

#endif
