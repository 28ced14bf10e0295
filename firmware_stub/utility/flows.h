/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The utility's part in the consumer portal's flow, in a vehicle's health check and in a cycle that prices and control start. */
#ifndef UTILITY_FLOWS_H
#define UTILITY_FLOWS_H

#include "firmware_stub/peer/core/flow.h"

enum { UTILITY_FLOW_COUNT = 23 };
extern const struct peer_flow_row utility_flow[UTILITY_FLOW_COUNT];

#endif
