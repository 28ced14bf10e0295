/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gateway's part in the consumer portal's flow at home, in a vehicle's health check and in a cycle that prices and control start. */
#ifndef ESCI_FLOWS_H
#define ESCI_FLOWS_H

#include "firmware_stub/peer/core/flow.h"

enum { GATEWAY_FLOW_COUNT = 12 };
extern const struct peer_flow_row gateway_flow[GATEWAY_FLOW_COUNT];

#endif
