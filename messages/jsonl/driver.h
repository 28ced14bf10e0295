/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver of message links: a bench file's way to say that a gateway, or the utility's side, is at the other end of a real one. Runs on the
 * wall clock. Its one channel plays the role that the file says. */
#ifndef PB_MESSAGES_JSONL_DRIVER_H
#define PB_MESSAGES_JSONL_DRIVER_H

#include "instruments/roles/driver.h"

extern const struct pb_driver pb_jsonl_driver;

#endif
