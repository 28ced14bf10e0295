/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be wrong with the gateway. */
#include "firmware_stub/esci/defects.h"

#include "firmware_stub/peer/core/peer.h"

#define AT(member) offsetof(struct peer_parameters, member)
#define HOURS_MS 86400000
#define NEVER(member)                                                                                                  \
    { AT(member), PEER_NEVER_MS, 0 }

/* clang-format off */
static const struct defect rows[] = {
    /* who */
    {"wrong_vin_echoed", "what it says of a vehicle has another VIN", "", 0, 0, 0, 1, {{AT(is_vin_wrong), 1, 0}}},
    {"vin_not_checked", "passes any VIN on, also one that can be none", "", 0, 0, 0, 1, {{AT(is_vin_checked), 0, 0}}},
    {"wrong_premise", "tells another premise than its own", "", 0, 0, 0, 1, {{AT(is_premise_wrong), 1, 0}}},
    {"premise_not_sent", "never tells the utility its premise", "", 0, 0, 0, 1, {NEVER(premise_ms)}},
    {"session_not_opened", "does not answer the vehicle's opening", "", 0, 0, 0, 1, {NEVER(open_ms)}},
    {"session_opened_late", "answers the vehicle's opening this late", "ms", 30000, 500, HOURS_MS, 1, {{AT(open_ms), 0, 1}}},
    /* binding */
    {"bound_to_wrong_premise", "confirms the binding to another premise", "", 0, 0, 0, 1, {{AT(is_bound_premise_wrong), 1, 0}}},
    {"binds_unverified", "confirms the binding whatever the utility says", "", 0, 0, 0, 1, {{AT(is_verification_heeded), 0, 0}}},
    {"late_confirmation", "confirms the binding this late", "ms", 60000, 1000, HOURS_MS, 1, {{AT(confirm_ms), 0, 1}}},
    {"no_confirmation", "never confirms the binding", "", 0, 0, 0, 1, {NEVER(confirm_ms)}},
    {"double_confirmation", "confirms the binding twice", "", 0, 0, 0, 1, {{AT(confirmations), 2, 0}}},
    /* what passes through it */
    {"passes_late", "what it passes on from the vehicle comes this late", "ms", 30000, 500, HOURS_MS, 1, {{AT(pass_ms), 0, 1}}},
    {"passes_nothing", "passes nothing on from the vehicle", "", 0, 0, 0, 1, {NEVER(pass_ms)}},
    {"grant_above_request", "tells the vehicle this much of the rate it asked for, whatever was granted", "ppm", 1500000, 1000001, 4000000,
     1, {{AT(raised_ppm), 0, 1}}},
    {"premise_limit_ignored", "grants more than the premise bears", "", 0, 0, 0, 1, {{AT(limit_mw), INT32_MAX, 0}}},
    {"grant_lost", "never passes the grant on", "", 0, 0, 0, 1, {NEVER(grant_ms)}},
    {"schedule_lost", "never passes the schedule on", "", 0, 0, 0, 1, {NEVER(schedule_ms)}},
    {"event_ignored", "never passes an event on", "", 0, 0, 0, 1, {NEVER(event_ms)}},
    {"late_event", "passes an event on this late", "ms", 120000, 500, HOURS_MS, 1, {{AT(event_ms), 0, 1}}},
    {"prices_lost", "never passes prices on", "", 0, 0, 0, 1, {NEVER(prices_ms)}},
    {"prices_out_of_order", "the first two hourly prices have changed places", "", 0, 0, 0, 1, {{AT(are_prices_swapped), 1, 0}}},
    {"flow_lost", "never passes active management on", "", 0, 0, 0, 1, {NEVER(flow_ms)}},
    {"reason_not_passed_on", "does not tell the utility why the vehicle does not charge", "", 0, 0, 0, 1, {NEVER(reason_up_ms)}},
    {"customer_not_told_why", "does not tell the customer why the vehicle does not charge", "", 0, 0, 0, 1, {NEVER(reason_customer_ms)}},
    {"reason_told_twice", "tells the utility twice why the vehicle does not charge", "", 0, 0, 0, 1, {{AT(reasons), 2, 0}}},
    {"reason_left_out", "tells on that the vehicle does not charge, not why", "", 0, 0, 0, 1, {{AT(is_reason_kept), 0, 0}}},
    {"loses", "never says the message of this number (docs/messages.md)", "number", 5, 0, 18, 1, {{AT(lost_message), 0, 1}}},
    {"loses_one", "never says what would be its message of this number since it was started", "number", 2, 1, 10000, 1, {{AT(lost_saying), 0, 1}}},
    {"repeats_one", "says its message of this number since it was started once more", "number", 2, 1, 10000, 1, {{AT(repeated_saying), 0, 1}}},
    /* flows beside the session */
    {"flow_row_lost", "never says what this row of its flows says", "row", 1, 1, 12, 1, {{AT(flow_lost_row), 0, 1}}},
    {"flow_late", "all that its flows say comes this late", "ms", 20000, 6000, HOURS_MS, 1, {{AT(flow_lag_ms), 0, 1}}},
    {"flow_twice", "says all that its flows say twice", "", 0, 0, 0, 1, {{AT(flow_repeats), 1, 0}}},
    {"flow_otherwise", "says this field of a row of its flows otherwise than it is", "10 * row + field", 13, 11, 129,
     1, {{AT(flow_other_field), 0, 1}}},
    {"slot_ignored", "turns the station on as soon as it is told of its slot", "", 0, 0, 0, 1, {{AT(is_slot_kept), 0, 0}}},
    /* what is not right */
    {"version_ignored", "takes messages of any version", "", 0, 0, 0, 1, {{AT(is_version_checked), 0, 0}}},
    {"replay_heeded", "takes a message again that was there already", "", 0, 0, 0, 1, {{AT(is_replay_known), 0, 0}}},
    {"request_not_checked", "passes any energy request on, also one below nothing", "", 0, 0, 0, 1, {{AT(is_request_checked), 0, 0}}},
    {"any_vehicle_bound", "binds its vehicle when the utility verifies another one", "", 0, 0, 0, 1, {{AT(is_identity_checked), 0, 0}}},
    {"unasked_grant_passed", "passes a grant on that nobody asked for", "", 0, 0, 0, 1, {{AT(is_order_kept), 0, 0}}},
    {"jammed_by_long_message", "hears nothing after a message that is too long", "", 0, 0, 0, 1, {{AT(is_long_borne), 0, 0}}},
    /* metering and report */
    {"running_sum_lost", "reports the last interval alone", "", 0, 0, 0, 1, {{AT(is_sum_kept), 0, 0}}},
    {"sums_kept_from_utility", "tells no running sum to the utility", "", 0, 0, 0, 1, {{AT(is_sum_told), 0, 0}}},
    {"sums_kept_from_vehicle", "tells no running sum to the vehicle", "", 0, 0, 0, 1, {{AT(is_sum_told_vehicle), 0, 0}}},
    {"energy_short", "reports this much of the energy", "ppm", 900000, 0, 2000000, 1, {{AT(energy_ppm), 0, 1}}},
    {"double_report", "reports the end of a session twice", "", 0, 0, 0, 1, {{AT(reports), 2, 0}}},
    {"wrong_session_number", "the last report has another session's number", "", 0, 0, 0, 1, {{AT(session_step), 1, 0}}},
    {"late_report", "reports this late", "ms", 60000, 1000, HOURS_MS, 2, {{AT(report_ms), 0, 1}, {AT(vehicle_report_ms), 0, 1}}},
    {"never_reports", "never reports energy", "", 0, 0, 0, 2, {NEVER(report_ms), NEVER(vehicle_report_ms)}},
    {"vehicle_not_told", "reports energy to the utility alone", "", 0, 0, 0, 1, {NEVER(vehicle_report_ms)}},
    {"stale_clock", "its clock is behind by this", "s", 3600, 1, 86400, 1, {{AT(clock_lag_s), 0, 1}}},
};
/* clang-format on */

const struct defect_list gateway_defects = {rows, sizeof rows / sizeof rows[0]};
