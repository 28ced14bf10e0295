/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of the messages of the use cases (use_cases.md 9.1), in process for now; fields, matching and bindings come with messages/. */
#ifndef PB_HARNESS_MESSAGES_H
#define PB_HARNESS_MESSAGES_H

#include <stddef.h>

extern const char *const pb_message_names[];
extern const size_t pb_message_count; /* at most 64: the number is the value of a "message" event */
/* Number of a name; pb_message_count if there is none. */
size_t pb_message_number(const char *name);

#endif
