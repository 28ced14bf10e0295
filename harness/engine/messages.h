/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Messages as events: the catalogue's first 64 rows (messages/catalogue.h), because the number of a message is the value of a "message" event, and
 * a recipe waits for it by a mask. Those after them can be sent, and are recorded, but no step can wait for them. */
#ifndef PB_HARNESS_MESSAGES_H
#define PB_HARNESS_MESSAGES_H

#include <stddef.h>

extern const size_t pb_message_count; /* 64 */
/* Number of a name; pb_message_count if there is none that can be waited for. */
size_t pb_message_number(const char *name);

#endif
