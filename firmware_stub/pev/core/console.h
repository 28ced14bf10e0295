/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console: one line in, one line out, no prompt. `state`, `energy?`, `version`, `stop`, `start`, `start at 3600`, `start in 60`, `set current 16`. */
#ifndef PEV_CONSOLE_H
#define PEV_CONSOLE_H

#include "firmware_stub/pev/core/pev.h"

/* Takes the bytes; true if a line was carried out that can change what the vehicle does. */
bool pev_console_take(struct pev *pev, const uint8_t *bytes, uint8_t length);

#endif
