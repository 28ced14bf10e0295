/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can be wrong with the utility. */
#include "firmware_stub/utility/defects.h"

#include "firmware_stub/peer/core/peer.h"

#define AT(member) offsetof(struct peer_parameters, member)
#define HOURS_MS 86400000
#define NEVER(member)                                                                                                  \
    { AT(member), PEER_NEVER_MS, 0 }

/* clang-format off */
static const struct defect rows[] = {
    /* who */
    {"denied_despite_enrolment", "verifies nobody", "", 0, 0, 0, 1, {{AT(is_everyone_denied), 1, 0}}},
    {"accepted_unenrolled", "verifies any vehicle", "", 0, 0, 0, 1, {{AT(is_enrolment_checked), 0, 0}}},
    {"wrong_vin_echoed", "what it says of a vehicle has another VIN", "", 0, 0, 0, 1, {{AT(is_vin_wrong), 1, 0}}},
    {"wrong_premise", "verifies and records another premise", "", 0, 0, 0, 1, {{AT(is_premise_wrong), 1, 0}}},
    {"late_verification", "verifies this late", "ms", 60000, 2000, HOURS_MS, 1, {{AT(verify_ms), 0, 1}}},
    {"never_verifies", "says nothing to a VIN", "", 0, 0, 0, 1, {NEVER(verify_ms)}},
    {"gateway_not_prepared", "does not put the gateway into service after a set-up", "", 0, 0, 0, 1, {NEVER(prepare_ms)}},
    {"set_up_not_confirmed", "never tells the customer that the first connection has ended the set-up", "", 0, 0, 0, 1, {NEVER(set_up_ms)}},
    {"set_up_confirmed_anew", "tells the customer of the set-up at each connection", "", 0, 0, 0, 1, {{AT(is_set_up_known), 0, 0}}},
    {"enrolment_unanswered", "does not answer an enrolment", "", 0, 0, 0, 1, {NEVER(enroll_ms)}},
    /* binding */
    {"bound_to_wrong_premise", "confirms the binding to another premise", "", 0, 0, 0, 1, {{AT(is_bound_premise_wrong), 1, 0}}},
    {"late_confirmation", "confirms the binding this late", "ms", 60000, 2000, HOURS_MS, 1, {{AT(confirm_ms), 0, 1}}},
    {"no_confirmation", "never confirms the binding", "", 0, 0, 0, 1, {NEVER(confirm_ms)}},
    {"double_confirmation", "confirms the binding twice", "", 0, 0, 0, 1, {{AT(confirmations), 2, 0}}},
    /* energy and schedule */
    {"grant_above_request", "grants this much of the rate that was asked for", "ppm", 1500000, 1000001, 2100000, 1, {{AT(rate_ppm), 0, 1}}},
    {"amount_above_request", "grants this much of the energy that was asked for", "ppm", 1250000, 1000001, 2100000, 1, {{AT(amount_ppm), 0, 1}}},
    {"late_grant", "grants this late", "ms", 60000, 3000, HOURS_MS, 1, {{AT(grant_ms), 0, 1}}},
    {"never_grants", "never grants", "", 0, 0, 0, 1, {NEVER(grant_ms)}},
    {"schedule_outside_window", "the schedule is later by this than it fits", "s", 36000, 1, 43200, 1, {{AT(shift_s), 0, 1}}},
    {"schedule_overlaps", "balance charge begins before full charge ends, by this much of the connection", "ppm", 20000, 1000, 100000,
     1, {{AT(gap_ppm), 0, -1}}},
    {"schedule_lost", "never sends a schedule", "", 0, 0, 0, 1, {NEVER(schedule_ms)}},
    /* programs */
    {"event_ignored", "never tells of an event", "", 0, 0, 0, 1, {NEVER(event_ms)}},
    {"event_end_before_begin", "an event lasts this long less than nothing", "s", 600, 1, 86400, 1, {{AT(event_s), 0, -1}}},
    {"event_without_length", "an event lasts no time at all", "", 0, 0, 0, 1, {{AT(is_event_shortened), 1, 0}}},
    {"prices_out_of_order", "the second and the third price have changed places", "", 0, 0, 0, 1, {{AT(are_prices_swapped), 1, 0}}},
    {"price_units_wrong", "prices are too high by this, cents where the currency should be", "times", 100, 2, 1000, 1, {{AT(price_factor), 0, 1}}},
    {"peak_left_out", "of the prices with a peak it sends the first alone", "", 0, 0, 0, 1, {{AT(is_peak_left_out), 1, 0}}},
    {"prices_lost", "never sends prices", "", 0, 0, 0, 1, {NEVER(prices_ms)}},
    {"flow_lost", "never answers active management", "", 0, 0, 0, 1, {NEVER(flow_ms)}},
    {"revised_upward", "revises a reservation to this much of the rate that was asked for", "ppm", 1500000, 1000001, 2100000,
     1, {{AT(revised_ppm), 0, 1}}},
    {"loses", "never says the message of this number (docs/messages.md)", "number", 17, 0, 18, 1, {{AT(lost_message), 0, 1}}},
    {"loses_one", "never says what would be its message of this number since it was started", "number", 2, 1, 10000, 1, {{AT(lost_saying), 0, 1}}},
    /* flows beside the session */
    {"flow_row_lost", "never says what this row of its flows says", "row", 1, 1, 23, 1, {{AT(flow_lost_row), 0, 1}}},
    {"flow_late", "all that its flows say comes this late", "ms", 20000, 6000, HOURS_MS, 1, {{AT(flow_lag_ms), 0, 1}}},
    {"flow_twice", "says all that its flows say twice", "", 0, 0, 0, 1, {{AT(flow_repeats), 1, 0}}},
    {"flow_otherwise", "says this field of a row of its flows otherwise than it is", "10 * row + field", 11, 11, 239,
     1, {{AT(flow_other_field), 0, 1}}},
    {"subscribes_abroad", "a provider subscribes to what concerns another vehicle: 1 the vehicle's provider, 2 the charging provider", "provider", 1, 1, 2,
     1, {{AT(provider_abroad), 0, 1}}},
    /* what is not right */
    {"vin_not_checked", "answers any VIN, also one that can be none", "", 0, 0, 0, 1, {{AT(is_vin_checked), 0, 0}}},
    {"version_ignored", "takes messages of any version", "", 0, 0, 0, 1, {{AT(is_version_checked), 0, 0}}},
    {"replay_heeded", "takes a message again that was there already", "", 0, 0, 0, 1, {{AT(is_replay_known), 0, 0}}},
    {"request_not_checked", "answers any energy request, also one below nothing", "", 0, 0, 0, 1, {{AT(is_request_checked), 0, 0}}},
    {"replayed_report_recorded", "records a session anew when its report is said again", "", 0, 0, 0,
     2, {{AT(is_replay_known), 0, 0}, {AT(is_report_known), 0, 0}}},
    {"any_report_recorded", "records the report of a vehicle that is not the session's", "", 0, 0, 0, 1, {{AT(is_identity_checked), 0, 0}}},
    {"hasty_report_recorded", "records a session before it has verified anybody", "", 0, 0, 0, 1, {{AT(is_order_kept), 0, 0}}},
    {"jammed_by_long_message", "hears nothing after a message that is too long", "", 0, 0, 0, 1, {{AT(is_long_borne), 0, 0}}},
    /* record */
    {"double_session_record", "records a session twice", "", 0, 0, 0, 1, {{AT(records), 2, 0}}},
    {"no_session_record", "never records a session", "", 0, 0, 0, 1, {NEVER(record_ms)}},
    {"late_session_record", "records a session this late", "ms", 120000, 3000, HOURS_MS, 1, {{AT(record_ms), 0, 1}}},
    {"record_energy_short", "records this much of the energy", "ppm", 900000, 0, 2000000, 1, {{AT(energy_ppm), 0, 1}}},
    {"wrong_session_number", "records under another session's number", "", 0, 0, 0, 1, {{AT(session_step), 1, 0}}},
    {"wrong_payer", "bills another payer than was asked for", "", 0, 0, 0, 1, {{AT(is_payer_wrong), 1, 0}}},
    {"no_receipt", "gives who pays on the spot no receipt", "", 0, 0, 0, 1, {{AT(is_receipt_given), 0, 0}}},
    {"stale_clock", "its clock is behind by this", "s", 3600, 1, 86400, 1, {{AT(clock_lag_s), 0, 1}}},
};
/* clang-format on */

const struct defect_list utility_defects = {rows, sizeof rows / sizeof rows[0]};
