/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps and programs are those of the use cases of the Vehicle Use Case Task Force. The ratios of grant and schedule are those of the one worked
 * example there (S1, section 5.3): full charge of 180 min becomes 274 min and begins 188 min later than asked for, of 870 min of connection; balance charge
 * follows 2 min later. Prices, events and delays are ours. */
#include "firmware_stub/utility/utility.h"

#include "firmware_stub/utility/flows.h"

#include <stdio.h>
#include <string.h>

#define DAY_S 86400
#define ENERGY_MAX_WH 2000000
#define RATE_MAX_MW 1000000000
#define DURATION_MAX_S 31536000

const struct peer_setup utility_standard = {
    .parameters = {.verify_ms = 900,
                   .confirm_ms = 600,
                   .grant_ms = 1200,
                   .schedule_ms = 250,
                   .event_ms = 1500,
                   .prices_ms = 1300,
                   .flow_ms = 1400,
                   .record_ms = 2000,
                   .enroll_ms = 3000,
                   .prepare_ms = 2500,
                   .set_up_ms = 1800,
                   .revise_ms = 60000,
                   .roam_ms = 1500,
                   .confirmations = 1,
                   .records = 1,
                   .lost_message = -1,
                   .is_enrolment_checked = 1,
                   .is_vin_checked = 1,
                   .is_version_checked = 1,
                   .is_replay_known = 1,
                   .is_request_checked = 1,
                   .is_identity_checked = 1,
                   .is_order_kept = 1,
                   .is_report_known = 1,
                   .is_long_borne = 1,
                   .is_receipt_given = 1,
                   .is_set_up_known = 1,
                   .is_slot_kept = 1,
                   .limit_mw = 50000000,
                   .rate_ppm = 656934,
                   .amount_ppm = 1000000,
                   .defer_ppm = 216092,
                   .gap_ppm = 2299,
                   .energy_ppm = 1000000,
                   .price_factor = 1,
                   .event_s = 7200},
    .premise = "P-1",
    .enrolled = {"1PB00000000000001"},
    .enrolled_count = 1,
};

/* ---- who is known ---- */

static bool is_known(const struct peer *peer, const char *vin) {
    for (size_t i = 0; i < peer->setup.enrolled_count; i++)
        if (strcmp(peer->setup.enrolled[i], vin) == 0) return true;
    return false;
}

static bool is_verified(const struct peer *peer, const json_t *because) {
    const struct peer_parameters *parameters = &peer->setup.parameters;
    const char *vin = peer_text(peer, PEER_VIN, "vin");
    bool stands = is_known(peer, vin) || strcmp(peer->home_answer, vin) == 0 || !parameters->is_enrolment_checked;
    (void)because;
    return stands && *vin && !parameters->is_everyone_denied;
}

static bool is_not_verified(const struct peer *peer, const json_t *because) { return !is_verified(peer, because); }

static bool must_ask_home(const struct peer *peer, const json_t *because) {
    (void)because;
    return peer->setup.parameters.is_roaming && !is_known(peer, peer_text(peer, PEER_VIN, "vin"));
}

static bool can_tell(const struct peer *peer, const json_t *because) { return !must_ask_home(peer, because); }

static void note_home_answer(struct peer *peer, const json_t *fields) {
    bool stands = json_is_true(json_object_get(fields, "accepted"));
    const char *vin = peer_text_in(fields, "vin");
    peer->home_answer[0] = 0;
    if (stands && peer_is_vin(vin)) snprintf(peer->home_answer, sizeof peer->home_answer, "%s", vin);
}

static bool is_acceptable(const struct peer *peer, const json_t *fields) {
    return peer_is_vin(peer_text_in(fields, "vin")) && *peer_text_in(fields, "customer") &&
           strcmp(peer_text_in(fields, "premise"), peer->setup.premise) == 0;
}

/* Use case E: a first set-up tells what charges and what is charged; the agreement, or a program later on, does not. */
static bool is_set_up(const struct peer *peer, const json_t *because) {
    return is_acceptable(peer, because) && json_object_get(because, "charger") &&
           json_object_get(because, "capacity") && !json_object_get(because, "program");
}

static bool is_no_set_up(const struct peer *peer, const json_t *because) { return !is_set_up(peer, because); }

/* Whoever is told of a later enrolment knows that the set-up stands. */
static void note_set_up(struct peer *peer, const json_t *fields) {
    const char *vin = is_set_up(peer, fields) ? peer_text_in(fields, "vin") : "";
    snprintf(peer->set_up.vin, sizeof peer->set_up.vin, "%s", vin);
    snprintf(peer->set_up.customer, sizeof peer->set_up.customer, "%s", peer_text_in(fields, "customer"));
    peer->set_up.is_due = false;
}

/* Each connection after the first one only binds anew. */
static void note_connection(struct peer *peer, const json_t *fields) {
    if (peer->set_up.is_due && peer->setup.parameters.is_set_up_known) peer->set_up.vin[0] = 0;
    peer->set_up.is_due =
        *peer->set_up.vin && strcmp(peer->set_up.vin, peer_text_in(fields, "vin")) == 0 && is_verified(peer, fields);
}

static bool is_set_up_due(const struct peer *peer, const json_t *because) {
    (void)because;
    return peer->set_up.is_due;
}

static void note_enrollment(struct peer *peer, const json_t *fields) {
    struct peer_setup *setup = &peer->setup;
    const char *vin = peer_text_in(fields, "vin");
    note_set_up(peer, fields);
    if (!is_acceptable(peer, fields) || is_known(peer, vin) || setup->enrolled_count == PEER_ENROLLED_MAX) return;
    snprintf(setup->enrolled[setup->enrolled_count++], PEER_TEXT_MAX, "%s", vin);
}

/* Of a vehicle that was verified in this session, and is its vehicle. */
static bool is_report_right(const struct peer *peer, const json_t *fields) {
    const struct peer_parameters *parameters = &peer->setup.parameters;
    const char *vin = peer_text_in(fields, "vin");
    bool is_vehicle = !*vin || strcmp(vin, peer_text(peer, PEER_VIN, "vin")) == 0;
    return (is_vehicle || !parameters->is_identity_checked) &&
           ((peer->said & PEER_BIT(ID_VERIFICATION)) || !parameters->is_order_kept);
}

/* A session is recorded once, however often its report comes. */
static void note_report(struct peer *peer, const json_t *fields) {
    int32_t number = (int32_t)peer_number_in(fields, "session", 0, INT32_MAX, -1);
    bool is_known = number >= 0 && number == peer->recorded && peer->setup.parameters.is_report_known;
    if (json_is_true(json_object_get(fields, "running")) || is_known) return;
    peer->recorded = number;
    peer->session.is_over = false;
    peer_end_session(peer);
}

static bool gets_receipt(const struct peer *peer, const json_t *because) {
    (void)because;
    return strcmp(peer_text(peer, PEER_BILLING_REQUEST, "payer"), "on_the_spot") == 0 &&
           peer->setup.parameters.is_receipt_given;
}

/* ---- energy and schedule ---- */

static int64_t asked_mw(const struct peer *peer) {
    return peer_number(peer, PEER_ENERGY_REQUEST, "rate", 0, RATE_MAX_MW, 0);
}

static int64_t asked_wh(const struct peer *peer) {
    return peer_number(peer, PEER_ENERGY_REQUEST, "amount", 0, ENERGY_MAX_WH, 0);
}

static int64_t granted_mw(const struct peer *peer) {
    const struct peer_parameters *parameters = &peer->setup.parameters;
    int64_t rate_mw = asked_mw(peer) * parameters->rate_ppm / 1000000;
    return rate_mw < parameters->limit_mw ? rate_mw : parameters->limit_mw;
}

/* In seconds from the begin of the connection. */
struct schedule {
    int64_t connection_s, window_s, full_from_s, full_to_s, balance_from_s, balance_to_s;
};

static int64_t length_s(int32_t from_s, int32_t to_s) {
    return from_s < 0 || to_s < 0 ? 0 : (to_s - from_s + DAY_S) % DAY_S;
}

/* Full charge is stretched as the rate is lowered; what does not fit before departure is cut from its begin, then from its length. */
static struct schedule plan(const struct peer *peer) {
    const struct peer_parameters *parameters = &peer->setup.parameters;
    const json_t *asked = peer->fields[PEER_SCHEDULE_REQUEST];
    int32_t from_s = peer_clock_in(asked, "connection_from");
    struct schedule schedule = {.connection_s = from_s < 0 ? 0 : from_s,
                                .window_s = length_s(from_s, peer_clock_in(asked, "connection_to"))};
    int64_t full_s = length_s(peer_clock_in(asked, "full_from"), peer_clock_in(asked, "full_to"));
    int64_t balance_s = length_s(peer_clock_in(asked, "balance_from"), peer_clock_in(asked, "balance_to"));
    int64_t gap_s = schedule.window_s * parameters->gap_ppm / 1000000, rate_mw = granted_mw(peer);
    if (rate_mw > 0 && rate_mw < asked_mw(peer)) full_s = (full_s * asked_mw(peer) + rate_mw - 1) / rate_mw;
    int64_t room_s = schedule.window_s - gap_s - balance_s;
    if (room_s < 0) room_s = 0;
    if (full_s > room_s) full_s = room_s;
    int64_t asked_s = length_s(from_s, peer_clock_in(asked, "full_from"));
    int64_t defer_s = asked_s + schedule.window_s * parameters->defer_ppm / 1000000;
    if (defer_s > room_s - full_s) defer_s = room_s - full_s;
    schedule.full_from_s = defer_s + parameters->shift_s;
    schedule.full_to_s = schedule.full_from_s + full_s;
    schedule.balance_from_s = schedule.full_to_s + gap_s;
    schedule.balance_to_s = schedule.balance_from_s + balance_s;
    return schedule;
}

/* An event lies in the last tenth of the connection where there is a schedule, else in the evening. */
static int64_t event_start_s(const struct peer *peer) {
    struct schedule schedule = plan(peer);
    return schedule.window_s ? schedule.connection_s + schedule.window_s * 9 / 10 : INT64_C(17) * 3600;
}

/* ---- fields ---- */

#define CLOCK_FIELD(name, of)                                                                                          \
    static json_t *name(const struct peer *peer, const json_t *because) {                                              \
        (void)because;                                                                                                 \
        struct schedule schedule = plan(peer);                                                                         \
        return peer_clock(schedule.connection_s + (of));                                                               \
    }
CLOCK_FIELD(say_connection_from, 0)
CLOCK_FIELD(say_connection_to, schedule.window_s)
CLOCK_FIELD(say_full_from, schedule.full_from_s)
CLOCK_FIELD(say_full_to, schedule.full_to_s)
CLOCK_FIELD(say_balance_from, schedule.balance_from_s)
CLOCK_FIELD(say_balance_to, schedule.balance_to_s)

static json_t *say_amount(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_integer(asked_wh(peer) * peer->setup.parameters.amount_ppm / 1000000);
}

static json_t *say_rate(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_integer(granted_mw(peer));
}

static json_t *say_verified(const struct peer *peer, const json_t *because) {
    return json_boolean(is_verified(peer, because));
}

static json_t *say_bound_premise(const struct peer *peer, const json_t *because) {
    (void)because;
    const struct peer_parameters *parameters = &peer->setup.parameters;
    return peer_identity(peer->setup.premise, parameters->is_bound_premise_wrong || parameters->is_premise_wrong);
}

static json_t *say_event_duration(const struct peer *peer, const json_t *because) {
    (void)because;
    struct schedule schedule = plan(peer);
    const struct peer_parameters *parameters = &peer->setup.parameters;
    if (parameters->is_event_shortened) return json_integer(0);
    return json_integer(schedule.window_s && parameters->event_s > 0 ? schedule.window_s / 10 : parameters->event_s);
}

static json_t *say_event(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_sprintf("E-%d", (int)peer->session.number);
}

static json_t *say_event_start(const struct peer *peer, const json_t *because) {
    (void)because;
    return peer_clock(event_start_s(peer));
}

static json_t *say_event_kind(const struct peer *peer, const json_t *because) {
    (void)peer;
    (void)because;
    return json_string("load_control");
}

static json_t *say_event_limit(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_integer(granted_mw(peer) / 2);
}

static json_t *say_currency(const struct peer *peer, const json_t *because) {
    (void)peer;
    (void)because;
    return json_string("USD");
}

struct price {
    int16_t from_min;
    int16_t tier;
    int32_t millicents; /* for a kWh */
};

static const struct price hourly[] = {
    {0, 0, 6100},    {120, 0, 5800},  {360, 1, 8400},  {540, 1, 9900},
    {780, 2, 12400}, {960, 2, 15800}, {1200, 1, 9700}, {1380, 0, 6900},
};
static const struct price critical[] = {
    {0, 0, 6000}, {420, 1, 9500}, {1020, 3, 75000}, {1140, 1, 9500}, {1380, 0, 6000},
};

/* In order of time; each lasts until the next one's begin. Decimal texts: currency per kWh. */
static json_t *price_list(const struct peer *peer, const struct price *prices, size_t count) {
    const struct peer_parameters *parameters = &peer->setup.parameters;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        size_t swapped = i == 1 ? 2 : i == 2 ? 1 : i;
        const struct price *price = &prices[parameters->are_prices_swapped ? swapped : i];
        int64_t millicents = (int64_t)price->millicents * parameters->price_factor;
        json_array_append_new(
            list,
            json_pack("{s:o, s:o, s:i}", "from", peer_clock((int64_t)price->from_min * 60), "price",
                      json_sprintf("%lld.%05lld", (long long)(millicents / 100000), (long long)(millicents % 100000)),
                      "tier", (int)price->tier));
    }
    return list;
}

static json_t *say_hourly(const struct peer *peer, const json_t *because) {
    (void)because;
    return price_list(peer, hourly, sizeof hourly / sizeof hourly[0]);
}

static json_t *say_critical(const struct peer *peer, const json_t *because) {
    (void)because;
    return price_list(peer, critical,
                      peer->setup.parameters.is_peak_left_out ? 1 : sizeof critical / sizeof critical[0]);
}

/* U5: a reservation, at the granted rate, as long as the energy takes. */
static int64_t flow_wh(const struct peer *peer) {
    int64_t wanted_wh = peer_number(peer, PEER_ACTIVE_MANAGEMENT_REQUEST, "amount", 0, ENERGY_MAX_WH, asked_wh(peer));
    return wanted_wh * peer->setup.parameters.amount_ppm / 1000000;
}

static int64_t flow_mw(const struct peer *peer) {
    const struct peer_parameters *parameters = &peer->setup.parameters;
    int64_t wanted_mw = peer_number(peer, PEER_ACTIVE_MANAGEMENT_REQUEST, "rate", 0, RATE_MAX_MW, asked_mw(peer));
    int64_t rate_mw = wanted_mw * parameters->rate_ppm / 1000000;
    return rate_mw < parameters->limit_mw ? rate_mw : parameters->limit_mw;
}

static json_t *say_flow_amount(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_integer(flow_wh(peer));
}

static json_t *say_flow_rate(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_integer(flow_mw(peer));
}

static json_t *say_flow_duration(const struct peer *peer, const json_t *because) {
    int64_t rate_mw = flow_mw(peer);
    int64_t duration_s = rate_mw > 0 ? (flow_wh(peer) * 3600000 + rate_mw - 1) / rate_mw : 0;
    (void)because;
    return duration_s > 0 && duration_s <= DURATION_MAX_S ? json_integer(duration_s) : NULL;
}

static bool is_revised(const struct peer *peer, const json_t *because) {
    (void)because;
    return is_verified(peer, because) && peer->setup.parameters.revised_ppm > 0;
}

static json_t *say_revised_rate(const struct peer *peer, const json_t *because) {
    int64_t wanted_mw = peer_number(peer, PEER_ACTIVE_MANAGEMENT_REQUEST, "rate", 0, RATE_MAX_MW, asked_mw(peer));
    (void)because;
    return json_integer(wanted_mw * peer->setup.parameters.revised_ppm / 1000000);
}

static json_t *say_flow_from(const struct peer *peer, const json_t *because) {
    int32_t from_s = peer_clock_in(peer->fields[PEER_ACTIVE_MANAGEMENT_REQUEST], "from");
    (void)because;
    return from_s < 0 ? NULL : peer_clock(from_s);
}

static json_t *say_recorded_energy(const struct peer *peer, const json_t *because) {
    (void)because;
    int64_t energy_wh = peer_number(peer, PEER_SESSION_REPORT, "energy_wh", 0, ENERGY_MAX_WH, 0);
    return json_integer(energy_wh * peer->setup.parameters.energy_ppm / 1000000);
}

static json_t *say_recorded_duration(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_integer(peer_number(peer, PEER_SESSION_REPORT, "duration_s", 0, DURATION_MAX_S, 0));
}

static json_t *say_recorded_premise(const struct peer *peer, const json_t *because) {
    (void)because;
    return peer_identity(peer_text(peer, PEER_SESSION_REPORT, "premise"), peer->setup.parameters.is_premise_wrong);
}

static json_t *say_recorded_vin(const struct peer *peer, const json_t *because) {
    (void)because;
    return peer_identity(peer_text(peer, PEER_SESSION_REPORT, "vin"), peer->setup.parameters.is_vin_wrong);
}

static json_t *say_recorded_session(const struct peer *peer, const json_t *because) {
    (void)because;
    int64_t number = peer_number(peer, PEER_SESSION_REPORT, "session", 0, INT32_MAX, -1);
    return number < 0 ? NULL : json_integer(number + peer->setup.parameters.session_step);
}

/* The premise, unless the vehicle asked for another payer. */
static json_t *say_payer(const struct peer *peer, const json_t *because) {
    static const char *const payers[] = {"premise", "customer", "home_utility", "on_the_spot"};
    const char *asked = peer_text(peer, PEER_BILLING_REQUEST, "payer");
    size_t payer = 0;
    (void)because;
    for (size_t i = 0; i < sizeof payers / sizeof payers[0]; i++)
        if (strcmp(asked, payers[i]) == 0) payer = i;
    if (peer->setup.parameters.is_payer_wrong) payer = payer ? 0 : 1;
    return json_string(payers[payer]);
}

#define RECEIPT_MILLICENTS 9500 /* on the spot, for a kWh */

static json_t *say_cost(const struct peer *peer, const json_t *because) {
    (void)because;
    int64_t energy_wh = peer_number(peer, PEER_SESSION_REPORT, "energy_wh", 0, ENERGY_MAX_WH, 0);
    int64_t cents = energy_wh * RECEIPT_MILLICENTS / 1000000;
    return json_sprintf("%lld.%02lld", (long long)(cents / 100), (long long)(cents % 100));
}

static json_t *say_accepted(const struct peer *peer, const json_t *because) {
    return json_boolean(is_acceptable(peer, because));
}

static json_t *say_set_up_customer(const struct peer *peer, const json_t *because) {
    (void)because;
    return peer_identity(peer->set_up.customer, false);
}
static json_t *say_stands_for(const struct peer *peer, const json_t *because) {
    const char *vin = peer_text_in(because, "vin");
    return json_boolean(is_known(peer, vin) && !peer->setup.parameters.is_everyone_denied);
}

static const struct peer_field verification[] = {
    {"premise", peer_say_premise}, {"verified", say_verified}, {"vin", peer_say_vin}, {NULL, NULL}};
static const struct peer_field binding[] = {
    {"premise", say_bound_premise}, {"success", say_verified}, {"vin", peer_say_vin}, {NULL, NULL}};
static const struct peer_field grant[] = {{"amount", say_amount}, {"rate", say_rate}, {NULL, NULL}};
static const struct peer_field schedule_fields[] = {{"balance_from", say_balance_from},
                                                    {"balance_to", say_balance_to},
                                                    {"connection_from", say_connection_from},
                                                    {"connection_to", say_connection_to},
                                                    {"full_from", say_full_from},
                                                    {"full_to", say_full_to},
                                                    {NULL, NULL}};
static const struct peer_field event[] = {{"duration_s", say_event_duration}, {"event", say_event},
                                          {"kind", say_event_kind},           {"limit", say_event_limit},
                                          {"start", say_event_start},         {NULL, NULL}};
static const struct peer_field hourly_fields[] = {{"currency", say_currency}, {"prices", say_hourly}, {NULL, NULL}};
static const struct peer_field critical_fields[] = {{"currency", say_currency}, {"prices", say_critical}, {NULL, NULL}};
static const struct peer_field flow[] = {{"amount", say_flow_amount},
                                         {"duration_s", say_flow_duration},
                                         {"from", say_flow_from},
                                         {"rate", say_flow_rate},
                                         {NULL, NULL}};
static const struct peer_field revision[] = {{"amount", say_flow_amount},
                                             {"duration_s", say_flow_duration},
                                             {"from", say_flow_from},
                                             {"rate", say_revised_rate},
                                             {NULL, NULL}};
static const struct peer_field record[] = {{"duration_s", say_recorded_duration},
                                           {"energy_wh", say_recorded_energy},
                                           {"payer", say_payer},
                                           {"premise", say_recorded_premise},
                                           {"session", say_recorded_session},
                                           {"vin", say_recorded_vin},
                                           {NULL, NULL}};
static const struct peer_field receipt[] = {
    {"cost", say_cost}, {"currency", say_currency}, {"energy_wh", say_recorded_energy}, {NULL, NULL}};
static const struct peer_field enrolled[] = {
    {"accepted", say_accepted}, {"customer", NULL}, {"program", NULL}, {"vin", peer_say_their_vin}, {NULL, NULL}};
static const struct peer_field set_up[] = {
    {"accepted", peer_say_true}, {"customer", say_set_up_customer}, {"vin", peer_say_vin}, {NULL, NULL}};
static const struct peer_field query[] = {{"vin", peer_say_vin}, {NULL, NULL}};
static const struct peer_field answer[] = {{"accepted", say_stands_for}, {"vin", peer_say_their_vin}, {NULL, NULL}};

/* ---- the tables ---- */

#define AFTER(member) .delay_ms = offsetof(struct peer_parameters, member)
#define TIMES(member) .times = offsetof(struct peer_parameters, member)
#define TAKES(what)                                                                                                    \
    { .message = PEER_##what, .link = PEER_UPSTREAM, .to = "utility" }
#define SAYS(what, whom) .say = PEER_##what, .link = PEER_UPSTREAM, .from = "utility", .to = whom

static const struct peer_take takes[] = {
    {.message = PEER_VIN,
     .link = PEER_UPSTREAM,
     .to = "utility",
     .note = note_connection,
     .is_right = peer_is_vin_right,
     .begins = true},
    TAKES(PREMISE_ID),
    TAKES(CUSTOMER_ID),
    TAKES(BILLING_REQUEST),
    {.message = PEER_ENERGY_REQUEST, .link = PEER_UPSTREAM, .to = "utility", .is_right = peer_is_request_right},
    TAKES(SCHEDULE_REQUEST),
    TAKES(EVENT_INFO_REQUEST),
    TAKES(PRICE_INFORMATION),
    TAKES(CPP_INFO_REQUEST),
    TAKES(ACTIVE_MANAGEMENT_REQUEST),
    {.message = PEER_SESSION_REPORT,
     .link = PEER_UPSTREAM,
     .to = "utility",
     .note = note_report,
     .is_right = is_report_right},
    {.message = PEER_ENROLLMENT, .link = PEER_UPSTREAM, .to = "utility", .note = note_enrollment},
    {.message = PEER_ROAMING_QUERY, .link = PEER_UPSTREAM, .to = "home_utility"},
    {.message = PEER_ROAMING_ANSWER, .link = PEER_UPSTREAM, .to = "utility", .note = note_home_answer},
};

static const struct peer_row rows[] = {
    /* 10: at once, or when the home utility has answered; 11 */
    {.heard = PEER_BIT(VIN), .when = can_tell, SAYS(ID_VERIFICATION, "esci"), .fields = verification, AFTER(verify_ms)},
    {.heard = PEER_BIT(VIN),
     .when = must_ask_home,
     SAYS(ROAMING_QUERY, "home_utility"),
     .fields = query,
     AFTER(roam_ms)},
    {.heard = PEER_BIT(VIN) | PEER_BIT(ROAMING_ANSWER),
     .when = must_ask_home,
     SAYS(ID_VERIFICATION, "esci"),
     .fields = verification,
     AFTER(verify_ms)},
    {.said = PEER_BIT(ID_VERIFICATION),
     .when = is_verified,
     SAYS(BINDING_CONFIRMATION, "eumd"),
     .fields = binding,
     AFTER(confirm_ms),
     TIMES(confirmations)},
    {.said = PEER_BIT(ID_VERIFICATION),
     .when = is_not_verified,
     SAYS(BINDING_CONFIRMATION, "esci"),
     .fields = binding,
     AFTER(confirm_ms),
     TIMES(confirmations)},
    /* 12 to 12e: what was asked for, once the vehicle is verified; in whichever order the two come */
    {.heard = PEER_BIT(ENERGY_REQUEST),
     .said = PEER_BIT(ID_VERIFICATION),
     .when = is_verified,
     SAYS(ENERGY_AVAILABLE, "pev"),
     .fields = grant,
     AFTER(grant_ms)},
    {.heard = PEER_BIT(SCHEDULE_REQUEST),
     .said = PEER_BIT(ENERGY_AVAILABLE),
     SAYS(SCHEDULE_AVAILABLE, "pev"),
     .fields = schedule_fields,
     AFTER(schedule_ms)},
    {.heard = PEER_BIT(EVENT_INFO_REQUEST),
     .said = PEER_BIT(ID_VERIFICATION),
     .when = is_verified,
     SAYS(EVENT_ALERT, "pev"),
     .fields = event,
     AFTER(event_ms)},
    {.heard = PEER_BIT(PRICE_INFORMATION),
     .said = PEER_BIT(ID_VERIFICATION),
     .when = is_verified,
     SAYS(HOURLY_PRICES, "pev"),
     .fields = hourly_fields,
     AFTER(prices_ms)},
    {.heard = PEER_BIT(CPP_INFO_REQUEST),
     .said = PEER_BIT(ID_VERIFICATION),
     .when = is_verified,
     SAYS(CPP_PRICES, "pev"),
     .fields = critical_fields,
     AFTER(prices_ms)},
    {.heard = PEER_BIT(ACTIVE_MANAGEMENT_REQUEST),
     .said = PEER_BIT(ID_VERIFICATION),
     .when = is_verified,
     SAYS(ACTIVE_MANAGEMENT, "pev"),
     .fields = flow,
     AFTER(flow_ms)},
    {.heard = PEER_BIT(ACTIVE_MANAGEMENT_REQUEST),
     .said = PEER_BIT(ID_VERIFICATION),
     .when = is_revised,
     SAYS(ACTIVE_MANAGEMENT, "pev"),
     .fields = revision,
     AFTER(revise_ms)},
    /* 16 */
    {.heard = PEER_BIT(END), SAYS(SESSION_RECORD, "utility"), .fields = record, AFTER(record_ms), TIMES(records)},
    {.heard = PEER_BIT(END), .when = gets_receipt, SAYS(RECEIPT, "customer"), .fields = receipt, AFTER(record_ms)},
    /* enrolment; and what another utility asks */
    {.heard = PEER_BIT(ENROLLMENT),
     .when = is_no_set_up,
     SAYS(ENROLLMENT_CONFIRMATION, "customer"),
     .fields = enrolled,
     AFTER(enroll_ms)},
    /* E 5: a first set-up puts the gateway into service; E 7: the customer is told once the vehicle is bound */
    {.heard = PEER_BIT(ENROLLMENT),
     .when = is_set_up,
     SAYS(ENROLLMENT_CONFIRMATION, "esci"),
     .fields = enrolled,
     AFTER(prepare_ms)},
    {.said = PEER_BIT(BINDING_CONFIRMATION),
     .when = is_set_up_due,
     SAYS(ENROLLMENT_CONFIRMATION, "customer"),
     .fields = set_up,
     AFTER(set_up_ms)},
    {.heard = PEER_BIT(ROAMING_QUERY),
     .say = PEER_ROAMING_ANSWER,
     .link = PEER_UPSTREAM,
     .from = "home_utility",
     .to = "utility",
     .fields = answer,
     AFTER(roam_ms)},
};

const struct peer_kind utility_kind = {
    "utility",          takes, sizeof takes / sizeof takes[0], rows, sizeof rows / sizeof rows[0], utility_flow,
    UTILITY_FLOW_COUNT,
};
