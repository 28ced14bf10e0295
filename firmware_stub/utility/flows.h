/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The utility's part in the consumer portal's flow at home. */
#ifndef UTILITY_FLOWS_H
#define UTILITY_FLOWS_H

#include "firmware_stub/peer/core/flow.h"

enum { UTILITY_FLOW_COUNT = 8 };
extern const struct peer_flow_row utility_flow[UTILITY_FLOW_COUNT];

#endif
