/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The virtual driver: client of pilotbench-world. It starts the world, offers what the world has as channels, and owns simulated time. */
#ifndef PB_INSTRUMENTS_VIRTUAL_H
#define PB_INSTRUMENTS_VIRTUAL_H

#include "instruments/roles/driver.h"

extern const struct pb_driver pb_virtual_driver;

#endif
