/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The catalogue for people (docs/messages.md) and for other programs (docs/messages.schema.json, JSON Schema 2020-12). */
#ifndef PB_MESSAGES_PRINT_H
#define PB_MESSAGES_PRINT_H

#include <stdio.h>

void pb_catalogue_print(FILE *out);
void pb_catalogue_print_schema(FILE *out);

#endif
