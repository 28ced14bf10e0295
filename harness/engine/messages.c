/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "harness/engine/messages.h"

#include <string.h>

const char *const pb_message_names[] = {
    "session_open",
    "vin",
    "customer_id",
    "premise_id",
    "billing_request",
    "energy_request",
    "schedule_request",
    "event_info_request",
    "price_information",
    "cpp_info_request",
    "active_management_request",
    "id_verification",
    "binding_confirmation",
    "energy_available",
    "schedule_available",
    "event_alert",
    "hourly_prices",
    "cpp_prices",
    "active_management",
    "charge_cycle_override",
    "interval_metering",
    "session_report",
    "charge_sum",
    "charge_complete",
    "session_record",
};
const size_t pb_message_count = sizeof pb_message_names / sizeof *pb_message_names;
_Static_assert(sizeof pb_message_names / sizeof *pb_message_names <= 64, "an event's value is a bit of a mask");

size_t pb_message_number(const char *name) {
    size_t i = 0;
    while (i < pb_message_count && strcmp(pb_message_names[i], name) != 0) i++;
    return i;
}
