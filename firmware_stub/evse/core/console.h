/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The console: one line in, one line out, no prompt. `state`, `fault?`, `version`, `set current 16`, `stop`, `start`. */
#ifndef EVSE_CONSOLE_H
#define EVSE_CONSOLE_H

#include "firmware_stub/evse/core/evse.h"

/* A line to the console: up to three words, spaces between. NULL words are left out. */
void evse_say(struct evse *evse, const char *first, const char *second, const char *third);
/* Takes the bytes; true if a line was carried out that can change what the EVSE does. */
bool evse_console_take(struct evse *evse, const uint8_t *bytes, uint8_t length);

#endif
