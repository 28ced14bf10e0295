/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Steps are those of use case S1 (Vehicle Use Case Task Force), with L2's running sum. Delays and the premise's limit are ours. */
#include "firmware_stub/esci/gateway.h"

#include "firmware_stub/esci/flows.h"

#include <string.h>

#define S_NS INT64_C(1000000000)
#define ENERGY_MAX_WH 2000000
#define RATE_MAX_MW 1000000000
#define DURATION_MAX_S 31536000

const struct peer_setup gateway_standard = {
    .parameters = {.open_ms = 200,
                   .pass_ms = 40,
                   .premise_ms = 120,
                   .confirm_ms = 400,
                   .grant_ms = 60,
                   .schedule_ms = 60,
                   .event_ms = 60,
                   .prices_ms = 60,
                   .flow_ms = 60,
                   .report_ms = 800,
                   .vehicle_report_ms = 800,
                   .reason_up_ms = 150,
                   .reason_customer_ms = 300,
                   .lost_message = -1,
                   .quiet_s = 600,
                   .confirmations = 1,
                   .reports = 1,
                   .reasons = 1,
                   .is_vin_checked = 1,
                   .is_version_checked = 1,
                   .is_replay_known = 1,
                   .is_request_checked = 1,
                   .is_identity_checked = 1,
                   .is_order_kept = 1,
                   .is_report_known = 1,
                   .is_long_borne = 1,
                   .is_verification_heeded = 1,
                   .limit_mw = 24000000,
                   .is_sum_kept = 1,
                   .is_sum_told = 1,
                   .is_sum_told_vehicle = 1,
                   .is_reason_kept = 1,
                   .is_slot_kept = 1,
                   .energy_ppm = 1000000},
    .premise = "P-1",
};

/* ---- what it learns ---- */

/* An interval that comes twice under one number counts once. */
static void note_interval(struct peer *peer, const json_t *fields) {
    struct peer_session *session = &peer->session;
    int64_t number = peer_number_in(fields, "number", 0, INT32_MAX, -1);
    peer->quiet_ns = peer->now_ns + peer->setup.parameters.quiet_s * S_NS;
    if (number >= 0 && number == session->last_interval) return;
    session->last_interval = number;
    int64_t duration_s = peer_number_in(fields, "duration_s", 0, DURATION_MAX_S, 0);
    if (!peer->setup.parameters.is_sum_kept) session->energy_wh = session->duration_s = 0;
    session->energy_wh += peer_number_in(fields, "energy_wh", 0, ENERGY_MAX_WH, 0);
    session->duration_s += duration_s;
    session->ended_ns = peer_number_in(fields, "ended_ns", 0, INT64_MAX - 1, peer->now_ns);
    if (session->started_ns < 0) session->started_ns = session->ended_ns - duration_s * S_NS;
}

/* A vehicle with a fault may resume. */
static void note_status(struct peer *peer, const json_t *fields) {
    static const char *const over[] = {"not_connected", "complete"};
    const char *state = peer_text_in(fields, "charging");
    for (size_t i = 0; i < sizeof over / sizeof over[0]; i++)
        if (strcmp(state, over[i]) == 0) peer_end_session(peer);
}

/* ---- when ---- */

/* A grant answers a request of this session. */
static bool was_asked(const struct peer *peer, const json_t *because) {
    (void)because;
    return (peer->heard & PEER_BIT(ENERGY_REQUEST)) || !peer->setup.parameters.is_order_kept;
}

/* Energy that no vehicle answers for is no session's. */
static bool has_vehicle(const struct peer *peer, const json_t *because) {
    (void)because;
    return *peer_text(peer, PEER_VIN, "vin") != 0;
}

/* What flows when the session is over is none of it. */
static bool has_sum(const struct peer *peer, const json_t *because) {
    return has_vehicle(peer, because) && !peer->session.is_over;
}
static bool has_sum_for_utility(const struct peer *peer, const json_t *because) {
    return has_sum(peer, because) && peer->setup.parameters.is_sum_told;
}
static bool has_sum_for_vehicle(const struct peer *peer, const json_t *because) {
    return has_sum(peer, because) && peer->setup.parameters.is_sum_told_vehicle;
}

/* Why it does not charge is told to the gateway, for others to know. */
static bool has_reason(const struct peer *peer, const json_t *because) {
    const char *reason = peer_text_in(because, "reason");
    (void)peer;
    return *reason && strcmp(reason, "none") != 0;
}

static bool has_energy(const struct peer *peer, const json_t *because) {
    if (!has_vehicle(peer, because)) return false;
    return peer->session.last_interval >= 0 || peer->session.duration_s > 0 || peer->session.energy_wh > 0;
}

/* ---- fields ---- */

static json_t *say_initiator(const struct peer *peer, const json_t *because) {
    (void)peer;
    return json_string(strcmp(peer_text_in(because, "initiator"), "esci") == 0 ? "esci" : "pev");
}

static json_t *say_bound_premise(const struct peer *peer, const json_t *because) {
    (void)because;
    const struct peer_parameters *parameters = &peer->setup.parameters;
    return peer_identity(peer->setup.premise, parameters->is_bound_premise_wrong || parameters->is_premise_wrong);
}

/* Verified by the utility, and it is this vehicle and this premise. */
static json_t *say_is_bound(const struct peer *peer, const json_t *because) {
    const char *premise = peer_text_in(because, "premise");
    bool is_vehicle = strcmp(peer_text_in(because, "vin"), peer_text(peer, PEER_VIN, "vin")) == 0;
    bool is_ours = (is_vehicle || !peer->setup.parameters.is_identity_checked) &&
                   (!*premise || strcmp(premise, peer->setup.premise) == 0);
    bool is_verified = !json_is_false(json_object_get(because, "verified")) && is_ours;
    return json_boolean(is_verified || !peer->setup.parameters.is_verification_heeded);
}

/* What the utility grants, at most what the premise bears and what was asked for. */
static json_t *say_rate(const struct peer *peer, const json_t *because) {
    const struct peer_parameters *parameters = &peer->setup.parameters;
    int64_t asked_mw = peer_number(peer, PEER_ENERGY_REQUEST, "rate", 0, RATE_MAX_MW, RATE_MAX_MW);
    int64_t rate_mw = peer_number_in(because, "rate", 0, RATE_MAX_MW, 0);
    if (parameters->raised_ppm) return json_integer(asked_mw * parameters->raised_ppm / 1000000);
    if (rate_mw > asked_mw) rate_mw = asked_mw;
    return json_integer(rate_mw < parameters->limit_mw ? rate_mw : parameters->limit_mw);
}

static json_t *say_energy(const struct peer *peer, const json_t *because) {
    (void)because;
    int64_t energy_wh = peer->session.energy_wh;
    if (energy_wh > ENERGY_MAX_WH) energy_wh = ENERGY_MAX_WH;
    return json_integer(energy_wh * peer->setup.parameters.energy_ppm / 1000000);
}

static json_t *say_duration(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_integer(peer->session.duration_s < DURATION_MAX_S ? peer->session.duration_s : DURATION_MAX_S);
}

static json_t *say_instant(int64_t ns) { return ns < 0 ? NULL : json_integer(ns); }

static json_t *say_started(const struct peer *peer, const json_t *because) {
    (void)because;
    int64_t lag_ns = peer->setup.parameters.clock_lag_s * S_NS;
    return say_instant(peer->session.started_ns - lag_ns);
}

static json_t *say_ended(const struct peer *peer, const json_t *because) {
    (void)because;
    int64_t lag_ns = peer->setup.parameters.clock_lag_s * S_NS;
    return say_instant(peer->session.ended_ns - lag_ns);
}

static json_t *say_session(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_integer(peer->session.number);
}

static json_t *say_last_session(const struct peer *peer, const json_t *because) {
    (void)because;
    return json_integer(peer->session.number + peer->setup.parameters.session_step);
}

static json_t *say_reason(const struct peer *peer, const json_t *because) {
    return peer->setup.parameters.is_reason_kept ? json_incref(json_object_get(because, "reason"))
                                                 : json_string("none");
}

/* As they came. */
static json_t *say_prices(const struct peer *peer, const json_t *because) {
    json_t *list = json_copy(json_object_get(because, "prices")), *first = json_array_get(list, 0);
    if (!peer->setup.parameters.are_prices_swapped || json_array_size(list) < 2) return list;
    json_incref(first);
    json_array_set(list, 0, json_array_get(list, 1));
    json_array_set_new(list, 1, first);
    return list;
}

static const struct peer_field opening[] = {{"initiator", say_initiator}, {NULL, NULL}};
static const struct peer_field vehicle[] = {{"vin", peer_say_vin}, {NULL, NULL}};
static const struct peer_field premise[] = {{"premise", peer_say_premise}, {NULL, NULL}};
static const struct peer_field binding[] = {
    {"premise", say_bound_premise}, {"success", say_is_bound}, {"vin", peer_say_vin}, {NULL, NULL}};
static const struct peer_field prices[] = {{"prices", say_prices}, {NULL, NULL}};
static const struct peer_field grant[] = {{"rate", say_rate}, {NULL, NULL}};
static const struct peer_field report[] = {{"duration_s", say_duration},  {"ended_ns", say_ended},
                                           {"energy_wh", say_energy},     {"premise", peer_say_premise},
                                           {"session", say_last_session}, {"started_ns", say_started},
                                           {"vin", peer_say_vin},         {NULL, NULL}};
static const struct peer_field status[] = {{"charging", NULL}, {"reason", say_reason},      {"since_ns", NULL},
                                           {"text", NULL},     {"vin", peer_say_their_vin}, {NULL, NULL}};
static const struct peer_field running[] = {
    {"duration_s", say_duration},  {"ended_ns", say_ended},    {"energy_wh", say_energy},
    {"premise", peer_say_premise}, {"running", peer_say_true}, {"session", say_session},
    {"started_ns", say_started},   {"vin", peer_say_vin},      {NULL, NULL}};

/* ---- the tables ---- */

#define AFTER(member) .delay_ms = offsetof(struct peer_parameters, member)
#define TIMES(member) .times = offsetof(struct peer_parameters, member)
#define FROM_VEHICLE(what)                                                                                             \
    { .message = PEER_##what, .link = PEER_PREMISE, .to = "utility" }
#define FROM_UTILITY(what)                                                                                             \
    { .message = PEER_##what, .link = PEER_UPSTREAM, .to = "pev" }
#define UP(what)                                                                                                       \
    { .heard = PEER_BIT(what), .say = PEER_##what, .link = PEER_UPSTREAM, .is_passed_on = true, AFTER(pass_ms) }
#define DOWN(what, member)                                                                                             \
    { .heard = PEER_BIT(what), .say = PEER_##what, .link = PEER_PREMISE, .is_passed_on = true, AFTER(member) }

static const struct peer_take takes[] = {
    {.message = PEER_SESSION_OPEN, .link = PEER_PREMISE, .to = "esci", .begins = true},
    {.message = PEER_VIN, .link = PEER_PREMISE, .to = "utility", .is_right = peer_is_vin_right},
    FROM_VEHICLE(CUSTOMER_ID),
    FROM_VEHICLE(BILLING_REQUEST),
    {.message = PEER_ENERGY_REQUEST, .link = PEER_PREMISE, .to = "utility", .is_right = peer_is_request_right},
    FROM_VEHICLE(SCHEDULE_REQUEST),
    FROM_VEHICLE(EVENT_INFO_REQUEST),
    FROM_VEHICLE(PRICE_INFORMATION),
    FROM_VEHICLE(CPP_INFO_REQUEST),
    FROM_VEHICLE(ACTIVE_MANAGEMENT_REQUEST),
    FROM_VEHICLE(EVENT_RESPONSE),
    FROM_VEHICLE(VEHICLE_STATUS),
    {.message = PEER_INTERVAL_METERING, .link = PEER_PREMISE, .to = "esci", .note = note_interval},
    {.message = PEER_CHARGING_STATUS, .link = PEER_PREMISE, .note = note_status},
    {.message = PEER_ID_VERIFICATION, .link = PEER_UPSTREAM, .to = "esci"},
    {.message = PEER_BINDING_CONFIRMATION, .link = PEER_UPSTREAM, .to = "eumd"},
    FROM_UTILITY(ENERGY_AVAILABLE),
    FROM_UTILITY(SCHEDULE_AVAILABLE),
    FROM_UTILITY(EVENT_ALERT),
    FROM_UTILITY(HOURLY_PRICES),
    FROM_UTILITY(CPP_PRICES),
    FROM_UTILITY(ACTIVE_MANAGEMENT),
    FROM_UTILITY(TIME_OF_DAY),
};

static const struct peer_row rows[] = {
    /* 7: either side may open; the other answers */
    {.heard = PEER_BIT(SESSION_OPEN),
     .say = PEER_SESSION_OPEN,
     .link = PEER_PREMISE,
     .from = "esci",
     .to = "pev",
     .fields = opening,
     AFTER(open_ms)},
    /* 8 to 9e: the vehicle's, to the utility */
    {.heard = PEER_BIT(VIN),
     .say = PEER_VIN,
     .link = PEER_UPSTREAM,
     .is_passed_on = true,
     .fields = vehicle,
     AFTER(pass_ms)},
    {.heard = PEER_BIT(VIN),
     .say = PEER_PREMISE_ID,
     .link = PEER_UPSTREAM,
     .from = "esci",
     .to = "utility",
     .fields = premise,
     AFTER(premise_ms)},
    UP(CUSTOMER_ID),
    UP(BILLING_REQUEST),
    UP(ENERGY_REQUEST),
    UP(SCHEDULE_REQUEST),
    UP(EVENT_INFO_REQUEST),
    UP(PRICE_INFORMATION),
    UP(CPP_INFO_REQUEST),
    UP(ACTIVE_MANAGEMENT_REQUEST),
    UP(EVENT_RESPONSE),
    UP(VEHICLE_STATUS),
    UP(CHARGING_STATUS),
    /* Diagnostics 3a, 3b: why it does not charge */
    {.heard = PEER_BIT(CHARGING_STATUS),
     .when = has_reason,
     .say = PEER_CHARGING_STATUS,
     .link = PEER_UPSTREAM,
     .from = "esci",
     .to = "utility",
     .is_told_on = true,
     .fields = status,
     AFTER(reason_up_ms),
     TIMES(reasons)},
    {.heard = PEER_BIT(CHARGING_STATUS),
     .when = has_reason,
     .say = PEER_CHARGING_STATUS,
     .link = PEER_PREMISE,
     .from = "esci",
     .to = "customer",
     .is_told_on = true,
     .fields = status,
     AFTER(reason_customer_ms)},
    /* 10: the vehicle is told whether it is bound; 11: the utility's confirmation goes through to the meter */
    {.heard = PEER_BIT(ID_VERIFICATION),
     .say = PEER_BINDING_CONFIRMATION,
     .link = PEER_PREMISE,
     .from = "esci",
     .to = "pev",
     .fields = binding,
     AFTER(confirm_ms),
     TIMES(confirmations)},
    DOWN(BINDING_CONFIRMATION, pass_ms),
    /* 12 to 12e: the utility's, to the vehicle */
    {.heard = PEER_BIT(ENERGY_AVAILABLE),
     .when = was_asked,
     .say = PEER_ENERGY_AVAILABLE,
     .link = PEER_PREMISE,
     .is_passed_on = true,
     .fields = grant,
     AFTER(grant_ms)},
    DOWN(SCHEDULE_AVAILABLE, schedule_ms),
    DOWN(EVENT_ALERT, event_ms),
    {.heard = PEER_BIT(HOURLY_PRICES),
     .say = PEER_HOURLY_PRICES,
     .link = PEER_PREMISE,
     .is_passed_on = true,
     .fields = prices,
     AFTER(prices_ms)},
    DOWN(CPP_PRICES, prices_ms),
    DOWN(ACTIVE_MANAGEMENT, flow_ms),
    DOWN(TIME_OF_DAY, pass_ms),
    /* 14: each interval makes a running sum; 15: the report, to utility and vehicle */
    {.heard = PEER_BIT(INTERVAL_METERING),
     .when = has_sum_for_utility,
     .say = PEER_SESSION_REPORT,
     .link = PEER_UPSTREAM,
     .from = "esci",
     .to = "utility",
     .fields = running,
     AFTER(report_ms)},
    {.heard = PEER_BIT(INTERVAL_METERING),
     .when = has_sum_for_vehicle,
     .say = PEER_SESSION_REPORT,
     .link = PEER_PREMISE,
     .from = "esci",
     .to = "pev",
     .fields = running,
     AFTER(vehicle_report_ms)},
    {.heard = PEER_BIT(END),
     .when = has_energy,
     .say = PEER_SESSION_REPORT,
     .link = PEER_UPSTREAM,
     .from = "esci",
     .to = "utility",
     .fields = report,
     AFTER(report_ms),
     TIMES(reports)},
    {.heard = PEER_BIT(END),
     .when = has_energy,
     .say = PEER_SESSION_REPORT,
     .link = PEER_PREMISE,
     .from = "esci",
     .to = "pev",
     .fields = report,
     AFTER(vehicle_report_ms),
     TIMES(reports)},
};

const struct peer_kind gateway_kind = {
    "esci", takes, sizeof takes / sizeof takes[0], rows, sizeof rows / sizeof rows[0], gateway_flow, GATEWAY_FLOW_COUNT,
};
