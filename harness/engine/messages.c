/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/messages.h"

#include "messages/catalogue.h"

const size_t pb_message_count = 64;

size_t pb_message_number(const char *name) {
    size_t number = pb_catalogue_find(name);
    return number < pb_message_count && number < pb_catalogue_count ? number : pb_message_count;
}
