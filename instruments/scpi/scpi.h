/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices that are asked and told in lines of text (SCPI), described by profiles: meters, supplies, relay boards. */
#ifndef PB_INSTRUMENTS_SCPI_H
#define PB_INSTRUMENTS_SCPI_H

#include "instruments/roles/driver.h"

extern const struct pb_driver pb_scpi_driver;

#endif
