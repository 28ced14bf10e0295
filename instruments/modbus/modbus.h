/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Devices that speak Modbus RTU or TCP, described by profiles: meters (role eumd.*), supplies, current limits of an EVSE. */
#ifndef PB_INSTRUMENTS_MODBUS_H
#define PB_INSTRUMENTS_MODBUS_H

#include "instruments/roles/driver.h"

extern const struct pb_driver pb_modbus_driver;

/* libmodbus takes seconds and microseconds: rounded up, PB_ERR_RANGE for what is not positive or does not fit. */
PB_MUST_CHECK enum pb_status pb_modbus_timeout(pb_span span, uint32_t *ret_s, uint32_t *ret_us);

#endif
