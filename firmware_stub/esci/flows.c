/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of the IntelliGrid consumer portal (EPRI scenario P9, 1.1.2 to 2.3.4: the portal is this gateway) and of the home health check of ETSI TR 102 935
 * (steps 3, 7 and 9: it is the communication operator) with its trigger by prices and control. The station goes on before the meter measures: the source's order. */
#include "firmware_stub/esci/flows.h"

#include "firmware_stub/peer/core/peer.h"

/* The premise's own customer. */
static json_t *say_customer(const struct peer *peer, const json_t *known) {
    (void)peer;
    (void)known;
    return json_string("C-1");
}

static const struct peer_flow_field location[] = {
    {"amount", NULL}, {"customer", say_customer}, {"ev", NULL}, {"location", peer_say_premise}, {NULL, NULL}};
static const struct peer_flow_field ev[] = {{"ev", NULL}, {NULL, NULL}};
static const struct peer_flow_field completion[] = {
    {"duration_s", NULL}, {"energy_wh", NULL}, {"ev", NULL}, {NULL, NULL}};
static const struct peer_flow_field vehicle[] = {{"vehicle", NULL}, {NULL, NULL}};
static const struct peer_flow_field finding[] = {{"part", NULL}, {"text", NULL}, {"vehicle", NULL}, {NULL, NULL}};
static const struct peer_flow_field charging[] = {
    {"duration_s", NULL}, {"energy_wh", NULL}, {"flow", NULL}, {"vehicle", NULL}, {NULL, NULL}};
static const struct peer_flow_field wanted[] = {
    {"amount", NULL}, {"flow", NULL}, {"rate", NULL}, {"vehicle", NULL}, {NULL, NULL}};
static const struct peer_flow_field control[] = {
    {"duration_s", NULL}, {"flow", NULL}, {"rate", NULL}, {"start", NULL}, {NULL, NULL}};

#define HEARS(type, whom, where) .because = type, .because_to = whom, .because_link = where
#define SAYS(type, who, whom, where) .say = type, .from = who, .to = whom, .link = where
#define OPERATOR "communication_operator"
#define PASSES(type, who, whom, heard, said)                                                                           \
    HEARS(type, whom, heard), .because_from = who, SAYS(type, who, whom, said), .is_passed_on = true, .delay_ms = 300

const struct peer_flow_row gateway_flow[GATEWAY_FLOW_COUNT] = {
    {HEARS("portal_ev_identification", "esci", PEER_PREMISE), .begins = true,
     SAYS("portal_location_report", "esci", "operations", PEER_UPSTREAM), .fields = location, .delay_ms = 700},
    /* at its slot, by the time of day that it was told */
    {HEARS("portal_start_time", "esci", PEER_UPSTREAM), SAYS("portal_start_charging", "esci", "evse", PEER_PREMISE),
     .fields = ev, .delay_ms = 500, .at = "start"},
    {.because = "portal_start_charging",
     SAYS("portal_start_measuring", "esci", "eumd", PEER_PREMISE),
     .fields = ev,
     .delay_ms = 400},
    {HEARS("portal_consumption", "esci", PEER_PREMISE), SAYS("portal_completion", "esci", "operations", PEER_UPSTREAM),
     .fields = completion, .delay_ms = 600},
    /* 2b, 2c and 8 go on to the system operator */
    {HEARS("pev_information", OPERATOR, PEER_PREMISE), .begins = true,
     SAYS("pev_information", OPERATOR, "system_operator", PEER_UPSTREAM), .fields = vehicle, .delay_ms = 700},
    {HEARS("charging_information", OPERATOR, PEER_PREMISE),
     SAYS("charging_information", OPERATOR, "system_operator", PEER_UPSTREAM), .is_passed_on = true, .fields = charging,
     .delay_ms = 700},
    {HEARS("defect_detected", OPERATOR, PEER_PREMISE),
     SAYS("defect_detected", OPERATOR, "system_operator", PEER_UPSTREAM), .is_passed_on = true, .fields = finding,
     .delay_ms = 700},
    /* between a provider's centre and what is plugged in */
    {PASSES("health_check_start", "system_operator", "pev", PEER_UPSTREAM, PEER_PREMISE), .fields = vehicle},
    {PASSES("charging_parameters", "pev", "charging_provider", PEER_PREMISE, PEER_UPSTREAM), .fields = wanted},
    {PASSES("charging_parameters", "evse", "charging_provider", PEER_PREMISE, PEER_UPSTREAM), .fields = wanted},
    {PASSES("feed_control", "charging_provider", "evse", PEER_UPSTREAM, PEER_PREMISE), .fields = control},
    {HEARS("time_of_day", "esci", PEER_UPSTREAM)},
};
