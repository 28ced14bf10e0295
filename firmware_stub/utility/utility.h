/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The utility: enrols, verifies, grants energy, answers the programs U1 to U5, and records each session for billing. */
#ifndef UTILITY_H
#define UTILITY_H

#include "firmware_stub/peer/core/peer.h"

extern const struct peer_kind utility_kind;
/* A healthy utility that knows vehicle 1PB00000000000001 at premise P-1. */
extern const struct peer_setup utility_standard;

#endif
