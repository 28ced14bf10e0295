/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the IntelliGrid consumer portal (EPRI scenario P9, 1.2 to 2.2.1 and 4.1 to 4.1.2): operation system, scheduler and billing are this utility. The
 * narrative has a cheap night rate; slot and price are ours. */
#include "firmware_stub/utility/flows.h"

#include "firmware_stub/peer/core/peer.h"

#define NIGHT_S 82800         /* 23:00 */
#define NIGHT_MILLICENTS 6900 /* for a kWh */
#define ENERGY_MAX_WH 2000000

static json_t *say_place(const struct peer *peer, const json_t *known) {
    (void)peer;
    (void)known;
    return json_string("home");
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

#define HEARS(type) .because = type, .because_to = "operations", .because_link = PEER_UPSTREAM
#define SAYS(type, who, whom) .say = type, .from = who, .to = whom, .link = PEER_UPSTREAM

const struct peer_flow_row utility_flow[UTILITY_FLOW_COUNT] = {
    {HEARS("portal_location_report"), .begins = true, SAYS("portal_charging_type", "operations", "operations"),
     .fields = place, .delay_ms = 600},
    {.because = "portal_charging_type",
     SAYS("portal_rates", "operations", "operations"),
     .fields = rates,
     .delay_ms = 400},
    {.because = "portal_rates",
     SAYS("portal_requirements", "operations", "operations"),
     .fields = requirements,
     .delay_ms = 400},
    {.because = "portal_requirements", SAYS("portal_slot", "scheduler", "operations"), .fields = slot, .delay_ms = 500},
    {.because = "portal_slot", SAYS("portal_start_time", "operations", "esci"), .fields = start, .delay_ms = 400},
    {HEARS("portal_completion"), SAYS("portal_billing_usage", "operations", "billing"), .fields = usage,
     .delay_ms = 800},
    {.because = "portal_billing_usage", SAYS("portal_bill", "billing", "esci"), .fields = bill, .delay_ms = 600},
    {.because = "portal_bill",
     SAYS("portal_acknowledgement", "operations", "scheduler"),
     .fields = ev,
     .delay_ms = 400},
};
