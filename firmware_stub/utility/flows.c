/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the IntelliGrid consumer portal (EPRI scenario P9, 1.2 to 2.2.1, 3.1 to 3.2.1 and 4.1 to 4.1.2): operation system, scheduler and billing are this utility. The
 * narrative has a cheap night rate; slot and price are ours. And of ETSI TR 102 935, home charging: steps 4 to 12, and its trigger by prices and
 * control: providers, system operator and manufacturer are this utility, too. */
#include "firmware_stub/utility/flows.h"

#include "firmware_stub/peer/core/peer.h"

#include <string.h>

#define NIGHT_S 82800 /* 23:00 */
#define CYCLE_S 3600
#define NIGHT_MILLICENTS 6900 /* for a kWh */
#define ENERGY_MAX_WH 2000000

/* Its register. */
static const struct { const char *ev, *customer, *home; } vehicles[] = {{"EV-1", "C-1", "P-1"}, {"EV-2", "C-2", "P-2"}};

/* A vehicle that it does not know is at a third party's. */
static bool is_at_home(const struct peer *peer, const json_t *known) {
    (void)peer;
    for (size_t i = 0; i < sizeof vehicles / sizeof vehicles[0]; i++)
        if (strcmp(vehicles[i].ev, peer_text_in(known, "ev")) == 0)
            return strcmp(vehicles[i].home, peer_text_in(known, "location")) == 0;
    return false;
}

static bool is_abroad(const struct peer *peer, const json_t *known) { return !is_at_home(peer, known); }

static json_t *say_place(const struct peer *peer, const json_t *known) {
    return json_string(is_at_home(peer, known) ? "home" : "third_party");
}

static json_t *say_owner(const struct peer *peer, const json_t *known) {
    (void)peer;
    for (size_t i = 0; i < sizeof vehicles / sizeof vehicles[0]; i++)
        if (strcmp(vehicles[i].ev, peer_text_in(known, "ev")) == 0) return json_string(vehicles[i].customer);
    return NULL;
}

/* Of the portal, which has reported. */
static json_t *say_reporter(const struct peer *peer, const json_t *known) {
    (void)peer;
    return json_string(peer_text_in(known, "customer"));
}

static bool is_vehicle_provider_abroad(const struct peer *peer, const json_t *known) {
    (void)known;
    return peer->setup.parameters.provider_abroad == 1;
}

static bool is_charging_provider_abroad(const struct peer *peer, const json_t *known) {
    (void)known;
    return peer->setup.parameters.provider_abroad == 2;
}

static json_t *say_other_vehicle(const struct peer *peer, const json_t *known) {
    (void)peer;
    return peer_identity(peer_text_in(known, "vehicle"), true);
}

static json_t *say_topic(const struct peer *peer, const json_t *known) {
    (void)peer;
    (void)known;
    return json_string("vehicle");
}

static json_t *say_tariff(const struct peer *peer, const json_t *known) {
    (void)peer;
    (void)known;
    return json_pack("[{s:s,s:s},{s:s,s:s}]", "from", "00:00", "price", "0.06100", "from", "07:00", "price", "0.09900");
}

static json_t *say_cycle(const struct peer *peer, const json_t *known) {
    (void)peer;
    (void)known;
    return json_integer(CYCLE_S);
}

static json_t *say_price(const struct peer *peer, const json_t *known) {
    (void)peer;
    (void)known;
    return json_sprintf("0.%05d", NIGHT_MILLICENTS);
}

static json_t *say_slot(const struct peer *peer, const json_t *known) {
    (void)peer;
    (void)known;
    return peer_clock(NIGHT_S);
}

static json_t *say_cost(const struct peer *peer, const json_t *known) {
    int64_t cents = peer_number_in(known, "energy_wh", 0, ENERGY_MAX_WH, 0) * (int64_t)NIGHT_MILLICENTS / 1000000;
    (void)peer;
    return json_sprintf("%d.%02d", (int)(cents / 100), (int)(cents % 100));
}

static json_t *say_currency(const struct peer *peer, const json_t *known) {
    (void)peer;
    (void)known;
    return json_string("USD");
}

static const struct peer_flow_field place[] = {{"ev", NULL}, {"place", say_place}, {NULL, NULL}};
static const struct peer_flow_field rates[] = {{"customer", NULL}, {"ev", NULL}, {"price", say_price}, {NULL, NULL}};
static const struct peer_flow_field requirements[] = {{"amount", NULL}, {"ev", NULL}, {NULL, NULL}};
static const struct peer_flow_field slot[] = {{"ev", NULL}, {"start", say_slot}, {NULL, NULL}};
static const struct peer_flow_field start[] = {{"ev", NULL}, {"start", NULL}, {NULL, NULL}};
static const struct peer_flow_field usage[] = {
    {"customer", NULL}, {"energy_wh", NULL}, {"ev", NULL}, {"price", NULL}, {NULL, NULL}};
static const struct peer_flow_field bill[] = {
    {"cost", say_cost}, {"currency", say_currency}, {"customer", NULL}, {"energy_wh", NULL}, {NULL, NULL}};
static const struct peer_flow_field ev[] = {{"ev", NULL}, {NULL, NULL}};

static const struct peer_flow_field identities[] = {
    {"customer", say_owner}, {"ev", NULL}, {"portal_customer", say_reporter}, {NULL, NULL}};
static const struct peer_flow_field vehicle[] = {{"vehicle", NULL}, {NULL, NULL}};
static const struct peer_flow_field finding[] = {{"part", NULL}, {"text", NULL}, {"vehicle", NULL}, {NULL, NULL}};
static const struct peer_flow_field order[] = {{"part", NULL}, {"vehicle", NULL}, {NULL, NULL}};
static const struct peer_flow_field abroad[] = {{"topic", say_topic}, {"vehicle", say_other_vehicle}, {NULL, NULL}};
static const struct peer_flow_field tariff[] = {{"currency", say_currency}, {"prices", say_tariff}, {NULL, NULL}};
static const struct peer_flow_field control[] = {
    {"duration_s", say_cycle}, {"flow", NULL}, {"start", say_slot}, {NULL, NULL}};

#define HEARS(type, whom) .because = type, .because_to = whom, .because_link = PEER_UPSTREAM
#define SAYS(type, who, whom) .say = type, .from = who, .to = whom, .link = PEER_UPSTREAM
#define SAID(type, who) .because = type, .because_from = who

const struct peer_flow_row utility_flow[UTILITY_FLOW_COUNT] = {
    {HEARS("portal_location_report", "operations"), .begins = true,
     SAYS("portal_charging_type", "operations", "operations"), .fields = place, .delay_ms = 600},
    {SAID("portal_charging_type", NULL), .when = is_at_home, SAYS("portal_rates", "operations", "operations"),
     .fields = rates, .delay_ms = 400},
    {SAID("portal_rates", NULL), SAYS("portal_requirements", "operations", "operations"), .fields = requirements,
     .delay_ms = 400},
    {SAID("portal_requirements", NULL), SAYS("portal_slot", "scheduler", "operations"), .fields = slot,
     .delay_ms = 500},
    {SAID("portal_slot", NULL), SAYS("portal_start_time", "scheduler", "esci"), .fields = start, .delay_ms = 400},
    {HEARS("portal_completion", "operations"), .when = is_at_home,
     SAYS("portal_billing_usage", "operations", "billing"), .fields = usage, .delay_ms = 800},
    {SAID("portal_billing_usage", NULL), SAYS("portal_bill", "billing", "esci"), .fields = bill, .delay_ms = 600},
    {SAID("portal_bill", NULL), SAYS("portal_acknowledgement", "operations", "scheduler"), .fields = ev,
     .delay_ms = 400},
    /* at a third party's; the account comes with 3.3.5 */
    {SAID("portal_charging_type", NULL), .when = is_abroad, SAYS("portal_third_party_flag", "operations", "operations"),
     .fields = ev, .delay_ms = 400},
    {SAID("portal_third_party_flag", NULL), SAYS("portal_identities", "operations", "operations"), .fields = identities,
     .delay_ms = 400},
    {SAID("portal_identities", NULL), SAYS("portal_rates", "operations", "operations"), .fields = rates,
     .delay_ms = 400},
    {HEARS("portal_usage_assignment", "operations"), SAYS("portal_billing_usage", "operations", "billing"),
     .fields = usage, .delay_ms = 800},
    /* health check: all that subscribed are told; the vehicle's provider has it checked when it charges */
    {HEARS("pev_information", "system_operator"), .begins = true,
     SAYS("subscription_notification", "system_operator", "vehicle_provider"), .fields = vehicle, .delay_ms = 500},
    {HEARS("pev_information", "system_operator"),
     SAYS("subscription_notification", "system_operator", "charging_provider"), .fields = vehicle, .delay_ms = 500},
    {HEARS("charging_parameters", "charging_provider"), .because_from = "pev",
     SAYS("health_check_start", "vehicle_provider", "system_operator"), .fields = vehicle, .delay_ms = 900},
    {SAID("health_check_start", "vehicle_provider"), SAYS("health_check_start", "system_operator", "pev"),
     .fields = vehicle, .delay_ms = 300},
    {HEARS("defect_detected", "system_operator"), SAYS("defect_notification", "system_operator", "vehicle_provider"),
     .fields = finding, .delay_ms = 500},
    {SAID("defect_notification", NULL), SAYS("part_order", "vehicle_provider", "system_operator"), .fields = order,
     .delay_ms = 800},
    {SAID("part_order", "vehicle_provider"), SAYS("part_order", "system_operator", "manufacturer"), .fields = order,
     .delay_ms = 400},
    /* what a charging equipment wants to charge is done in the night */
    {HEARS("charging_parameters", "charging_provider"), .because_from = "evse", .begins = true,
     SAYS("price_announcement", "network_provider", "charging_provider"), .fields = tariff, .delay_ms = 600},
    {SAID("price_announcement", NULL), SAYS("feed_control", "charging_provider", "evse"), .fields = control,
     .delay_ms = 700},
    /* it has subscribed to all of its own vehicles, once and for all */
    {HEARS("pev_information", "system_operator"), .when = is_vehicle_provider_abroad,
     SAYS("subscription", "vehicle_provider", "system_operator"), .fields = abroad, .delay_ms = 200},
    {HEARS("pev_information", "system_operator"), .when = is_charging_provider_abroad,
     SAYS("subscription", "charging_provider", "system_operator"), .fields = abroad, .delay_ms = 200},
};
