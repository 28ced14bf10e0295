/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The loop of a stub's process: turns on file descriptor 3, one read and one write each. */
#ifndef DEVICE_PROGRAM_H
#define DEVICE_PROGRAM_H

#include "firmware_stub/device/turn.h"

#define DEVICE_EXIT_USAGE 2
#define DEVICE_EXIT_PROTOCOL 3

/* Until the world says STOP or closes. The exit status: 0, or DEVICE_EXIT_PROTOCOL with a line on standard error. */
int device_serve(struct device_turn *turn);

#endif
