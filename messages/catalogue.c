/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rows. Fields in brackets in the sources' tables (a unit or field that the source leaves out) are optional or marked in the text.
 * Steps: S1 S2 S3 L1 L2 (both branches) L3 L4 U1-U5 E D (diagnostics); IG: IntelliGrid portal function; ETSI: numbers of the repaired flow. */
#include "messages/catalogue.h"

#include <string.h>

#define BIT(party) PB_PARTY_BIT(PB_PARTY_##party)
#define FIELDS(list) .fields = list, .field_count = sizeof list / sizeof *list
#define MEMBERS(list) .members = list, .member_count = sizeof list / sizeof *list

const struct pb_party_row pb_parties[PB_PARTY_COUNT] = {
    [PB_PARTY_CUSTOMER] = {"customer", PB_PARTY_CUSTOMER, "the person; IntelliGrid and ETSI: customer"},
    [PB_PARTY_EVSE] = {"evse", PB_PARTY_EVSE, "EVSE; IntelliGrid: EV charging station; ETSI: EVCE"},
    [PB_PARTY_PEV] = {"pev", PB_PARTY_PEV, "PHEV, PEV; IntelliGrid: EV on-board system"},
    [PB_PARTY_ESCI] = {"esci", PB_PARTY_ESCI,
                       "premise gateway (ESCI, ESI); IntelliGrid: customer communication portal"},
    [PB_PARTY_EUMD] = {"eumd", PB_PARTY_EUMD, "charging meter; IntelliGrid: meter device"},
    [PB_PARTY_UTILITY] = {"utility", PB_PARTY_UTILITY, "the utility that serves the premise"},
    [PB_PARTY_HOME_UTILITY] = {"home_utility", PB_PARTY_UTILITY, "L3: the utility that the vehicle is enrolled with"},
    [PB_PARTY_OPERATIONS] = {"operations", PB_PARTY_UTILITY, "IntelliGrid: EV operation system"},
    [PB_PARTY_SCHEDULER] = {"scheduler", PB_PARTY_UTILITY, "IntelliGrid: EV charging scheduler"},
    [PB_PARTY_BILLING] = {"billing", PB_PARTY_UTILITY, "IntelliGrid: customer billing system"},
    [PB_PARTY_NETWORK_PROVIDER] = {"network_provider", PB_PARTY_UTILITY, "ETSI: electricity network service provider"},
    [PB_PARTY_CHARGING_PROVIDER] = {"charging_provider", PB_PARTY_UTILITY, "ETSI: EV charging service provider"},
    [PB_PARTY_VEHICLE_PROVIDER] = {"vehicle_provider", PB_PARTY_UTILITY, "ETSI: PEV service provider"},
    [PB_PARTY_SYSTEM_OPERATOR] = {"system_operator", PB_PARTY_UTILITY, "ETSI: system operator"},
    [PB_PARTY_COMMUNICATION_OPERATOR] = {"communication_operator", PB_PARTY_ESCI, "ETSI: communication operator"},
    [PB_PARTY_MANUFACTURER] = {"manufacturer", PB_PARTY_UTILITY, "ETSI: vehicle manufacturer"},
};

const char *const pb_field_type_names[PB_FIELD_TYPE_COUNT] = {
    "quantity", "integer", "boolean", "choice", "text", "decimal", "clock", "instant", "list",
};
const char *const pb_evidence_names[PB_EVIDENCE_COUNT] = {"none", "found", "inferred", "remembered"};

/* ---- fields that several messages have ---- */

#define VIN_ALPHABET "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
#define ID_ALPHABET "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-"
#define YEAR_S INT64_C(31536000)

#define VIN(optional)                                                                                                  \
    {                                                                                                                  \
        .name = "vin", .type = PB_FIELD_TEXT, .is_optional = optional, .min = 17, .max = 17, .alphabet = VIN_ALPHABET, \
        .text = "vehicle identification number, 17 characters without I, O and Q"                                      \
    }
#define ID(field, optional, what)                                                                                      \
    {                                                                                                                  \
        .name = field, .type = PB_FIELD_TEXT, .is_optional = optional, .min = 1, .max = 40, .alphabet = ID_ALPHABET,   \
        .text = what                                                                                                   \
    }
#define WORDS(field, optional, what)                                                                                   \
    { .name = field, .type = PB_FIELD_TEXT, .is_optional = optional, .min = 1, .max = 120, .text = what }
#define ENERGY(field, optional, what)                                                                                  \
    {                                                                                                                  \
        .name = field, .type = PB_FIELD_QUANTITY, .is_optional = optional, .unit = PB_UNIT_WATT_HOUR, .step = 1,       \
        .max = 2000000, .text = what                                                                                   \
    }
#define POWER(field, optional, what)                                                                                   \
    {                                                                                                                  \
        .name = field, .type = PB_FIELD_QUANTITY, .is_optional = optional, .unit = PB_UNIT_WATT, .step = 1,            \
        .max = 1000000000, .text = what                                                                                \
    }
#define CURRENT(field, optional, what)                                                                                 \
    {                                                                                                                  \
        .name = field, .type = PB_FIELD_QUANTITY, .is_optional = optional, .unit = PB_UNIT_AMPERE, .step = 1,          \
        .max = 1000000, .text = what                                                                                   \
    }
#define SECONDS(field, optional, what)                                                                                 \
    {                                                                                                                  \
        .name = field, .type = PB_FIELD_QUANTITY, .is_optional = optional, .unit = PB_UNIT_SECOND, .step = 1000000000, \
        .max = YEAR_S, .text = what                                                                                    \
    }
#define PERCENT(field, optional, what)                                                                                 \
    {                                                                                                                  \
        .name = field, .type = PB_FIELD_QUANTITY, .is_optional = optional, .unit = PB_UNIT_PERCENT, .step = 1,         \
        .max = 1000000, .text = what                                                                                   \
    }
#define CLOCK(field, optional, what)                                                                                   \
    { .name = field, .type = PB_FIELD_CLOCK, .is_optional = optional, .text = what }
#define INSTANT(field, optional, what)                                                                                 \
    { .name = field, .type = PB_FIELD_INSTANT, .is_optional = optional, .max = INT64_MAX - 1, .text = what }
#define BOOLEAN(field, optional, what)                                                                                 \
    { .name = field, .type = PB_FIELD_BOOLEAN, .is_optional = optional, .max = 1, .text = what }
#define NUMBER(field, optional, most, what)                                                                            \
    { .name = field, .type = PB_FIELD_INTEGER, .is_optional = optional, .max = most, .text = what }
#define CHOICE(field, optional, list, what)                                                                            \
    { .name = field, .type = PB_FIELD_CHOICE, .is_optional = optional, .choices = list, .text = what }
#define MONEY(field, optional, what)                                                                                   \
    {                                                                                                                  \
        .name = field, .type = PB_FIELD_DECIMAL, .is_optional = optional, .min = -1000000000000, .max = 1000000000000, \
        .text = what                                                                                                   \
    }
#define CURRENCY                                                                                                       \
    {                                                                                                                  \
        .name = "currency", .type = PB_FIELD_TEXT, .is_optional = true, .min = 3, .max = 3,                            \
        .alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", .text = "ISO 4217 code"                                              \
    }

static const char *const payers[] = {"premise", "customer", "home_utility", "on_the_spot", NULL};
static const char *const initiators[] = {"pev", "esci", NULL};
static const char *const event_kinds[] = {"load_control", "critical_peak", "emergency", NULL};
static const char *const event_answers[] = {"received", "opted_in", "opted_out", "started", "completed", NULL};
static const char *const stop_reasons[] = {"complete", "unplugged", "customer", "program", "fault", NULL};
static const char *const charging_states[] = {"not_connected", "connected", "waiting", "charging",
                                              "complete",      "fault",     NULL};
static const char *const hold_reasons[] = {"none",    "pilot",    "evse",    "session",  "authentication",
                                           "program", "schedule", "vehicle", "customer", "no_communication",
                                           NULL};
static const char *const programs[] = {"U1", "U2", "U3", "U4", "U5", NULL};
static const char *const places[] = {"home", "third_party", NULL};
static const char *const transfers[] = {"ac", "dc", NULL};
static const char *const flows[] = {"charge", "feed", NULL};
static const char *const pilot_levels[] = {"12", "9", "6", "3", NULL};

static const struct pb_field_row price_members[] = {
    CLOCK("from", false, "begin of the interval; it lasts until the next one's begin"),
    MONEY("price", false, "currency per kWh"),
    NUMBER("tier", true, 15, "tariff tier"),
};
static const struct pb_field_row prices[] = {
    CURRENCY,
    {.name = "prices",
     .type = PB_FIELD_LIST,
     .min = 1,
     .max = PB_LIST_ITEMS_MAX,
     MEMBERS(price_members),
     .text = "intervals in order of time"},
};

/* ---- S, L, U, E, diagnostics ---- */

static const struct pb_field_row session_open[] = {CHOICE("initiator", false, initiators, "who opens the session"),
                                                   VIN(true)};
static const struct pb_field_row vin[] = {VIN(false)};
static const struct pb_field_row customer_id[] = {ID("customer", false, "customer's identity")};
static const struct pb_field_row premise_id[] = {ID("premise", false, "premise's identity")};
static const struct pb_field_row billing_request[] = {CHOICE("payer", false, payers, "who is to be billed")};
static const struct pb_field_row energy_request[] = {
    CURRENT("alc", true, "available line current that the vehicle read from the pilot"),
    ENERGY("amount", false, "total energy, from the state of charge"),
    POWER("charger", true, "size of the charger"),
    POWER("rate", false, "lesser of available line current and charger"),
    PERCENT("soc", true, "state of charge"),
};
static const struct pb_field_row schedule[] = {
    CLOCK("balance_from", false, "balance charge begins"),   CLOCK("balance_to", false, "balance charge ends"),
    CLOCK("connection_from", false, "vehicle is connected"), CLOCK("connection_to", false, "vehicle departs"),
    CLOCK("full_from", false, "full charge begins"),         CLOCK("full_to", false, "full charge ends"),
};
static const struct pb_field_row price_information[] = {CURRENCY,
                                                        MONEY("most", false, "customer's limit, currency per kWh")};
static const struct pb_field_row flow_request[] = {
    ENERGY("amount", true, "energy wanted"),
    CLOCK("from", true, "earliest begin"),
    SECONDS("least_duration_s", true, "time that it takes at full rate"),
    POWER("rate", true, "highest rate"),
    CLOCK("to", true, "departure"),
};
static const struct pb_field_row flow_grant[] = {
    ENERGY("amount", true, "energy granted"),
    SECONDS("duration_s", true, "length of the flow"),
    CLOCK("from", true, "begin"),
    POWER("rate", true, "rate granted"),
};
static const struct pb_field_row id_verification[] = {
    ID("customer", true, "customer's identity"),
    ID("premise", true, "premise's identity"),
    BOOLEAN("verified", true, "false: unknown or not enrolled (default true)"),
    VIN(false),
};
#define CORD NUMBER("cord", true, 16, "cord of a station that has several, from 1")

static const struct pb_field_row binding_confirmation[] = {
    CORD,
    ID("premise", true, "premise that the vehicle is bound to"),
    BOOLEAN("success", false, "binding succeeded"),
    VIN(true),
};
static const struct pb_field_row energy_available[] = {
    ENERGY("amount", false, "energy granted"),
    POWER("rate", false, "rate granted"),
};
static const struct pb_field_row event_alert[] = {
    SECONDS("duration_s", false, "length of the event"),
    ID("event", false, "identity of the event"),
    CHOICE("kind", true, event_kinds, "kind of event"),
    POWER("limit", true, "highest rate while it lasts; absent: stop"),
    BOOLEAN("mandatory", true, "no opt-out"),
    CLOCK("start", false, "begin of the event"),
};
static const struct pb_field_row event_response[] = {
    CHOICE("answer", false, event_answers, "what the vehicle does about it"),
    ID("event", false, "identity of the event"),
};
static const struct pb_field_row override[] = {
    BOOLEAN("on", true, "charge now, whatever the program says (default true)")};
static const struct pb_field_row interval_metering[] = {
    CORD,
    SECONDS("duration_s", false, "length of the interval"),
    INSTANT("ended_ns", true, "end of the interval, bench clock"),
    ENERGY("energy_wh", false, "energy of the interval"),
    NUMBER("number", true, 1000000, "number of the interval in its session, from 0"),
    ID("premise", true, "premise's identity"),
    {.name = "register_wh",
     .type = PB_FIELD_QUANTITY,
     .is_optional = true,
     .unit = PB_UNIT_WATT_HOUR,
     .step = 1,
     .max = INT64_C(1000000000000),
     .text = "the meter's register at the end; rolls over"},
    NUMBER("session", true, 1000000000, "number of the meter's session"),
    VIN(true),
};
static const struct pb_field_row session_report[] = {
    SECONDS("duration_s", false, "time of charging"),
    INSTANT("ended_ns", true, "end, bench clock"),
    ENERGY("energy_wh", false, "energy delivered"),
    ID("premise", false, "premise's identity"),
    BOOLEAN("running", true, "a running sum of a session that goes on (L2, every minute)"),
    NUMBER("session", true, 1000000000, "number of the session"),
    INSTANT("started_ns", true, "begin, bench clock"),
    VIN(false),
};
static const struct pb_field_row session_record[] = {
    ID("account", true, "account that is billed"),
    SECONDS("duration_s", false, "time of charging"),
    ENERGY("energy_wh", false, "energy recorded"),
    CHOICE("payer", true, payers, "who is billed"),
    ID("premise", false, "premise's identity"),
    NUMBER("session", true, 1000000000, "number of the session"),
    VIN(false),
};
static const struct pb_field_row charge_sum[] = {MONEY("cost", true, "amount billed"), CURRENCY,
                                                 ENERGY("energy_wh", false, "energy of the session")};
static const struct pb_field_row charge_complete[] = {ENERGY("energy_wh", true, "energy of the session"),
                                                      CHOICE("reason", true, stop_reasons, "why it ended")};
static const struct pb_field_row charger_capability[] = {
    CURRENT("current", true, "highest current"),
    POWER("power", true, "size of the off-board charger"),
    PERCENT("soc", true, "state of charge (from the vehicle)"),
    CHOICE("transfer", false, transfers, "AC or DC"),
    {.name = "voltage",
     .type = PB_FIELD_QUANTITY,
     .is_optional = true,
     .unit = PB_UNIT_VOLT,
     .step = 1,
     .max = 1500000000,
     .text = "highest voltage"},
};
static const struct pb_field_row enrollment[] = {
    ENERGY("capacity", true, "size of the vehicle's storage"),
    POWER("charger", true, "size of the charger"),
    ID("customer", false, "customer's identity or account"),
    ID("premise", false, "premise's identity"),
    CHOICE("program", true, programs, "program that is asked for; absent: registration alone"),
    VIN(false),
};
static const struct pb_field_row enrollment_confirmation[] = {
    BOOLEAN("accepted", false, "eligible and recorded"),
    ID("customer", false, "customer's identity or account"),
    CHOICE("program", true, programs, "program enrolled in"),
    WORDS("reason", true, "why not"),
    VIN(false),
};
static const struct pb_field_row roaming_query[] = {CHOICE("payer", true, payers, "payer that was asked for"),
                                                    VIN(false)};
static const struct pb_field_row roaming_answer[] = {
    BOOLEAN("accepted", false, "enrolled there, and it pays"),
    ID("customer", true, "customer's identity"),
    WORDS("reason", true, "why not"),
    VIN(false),
};
static const struct pb_field_row payment_agreement[] = {BOOLEAN("accepted", false, "terms and price accepted"),
                                                        ID("payment", true, "means of payment"), VIN(true)};
static const struct pb_field_row receipt[] = {
    MONEY("cost", false, "amount paid"),
    CURRENCY,
    ENERGY("energy_wh", false, "energy of the session"),
    ID("payment", true, "means of payment"),
};
static const struct pb_field_row charging_status[] = {
    CHOICE("charging", false, charging_states, "state of the connection"),
    CHOICE("reason", true, hold_reasons, "why it is not charging"),
    INSTANT("since_ns", true, "since when, bench clock"),
    WORDS("text", true, "for a person"),
    VIN(true),
};
static const struct pb_field_row vehicle_status[] = {
    ENERGY("capacity", true, "size of the vehicle's storage"),
    POWER("charger", true, "size of the charger"),
    ENERGY("energy_wh", true, "energy taken in the interval"),
    PERCENT("soc", true, "state of charge"),
    VIN(true),
};
static const struct pb_field_row time_of_day[] = {CLOCK("time", false, "time of day at the sender")};
static const struct pb_field_row customer_presets[] = {
    ID("customer", true, "customer's identity"),
    CLOCK("departs", true, "charge is wanted by"),
    MONEY("most", true, "limit of price, currency per kWh"),
    CHOICE("payer", true, payers, "billing preference"),
};
static const struct pb_field_row program_participation[] = {BOOLEAN("accepted", false, "takes part"),
                                                            CHOICE("program", false, programs, "the program")};

/* ---- ETSI / oneM2M ---- */

static const struct pb_field_row subscription[] = {ID("topic", false, "information wanted"),
                                                   ID("vehicle", true, "vehicle")};
static const struct pb_field_row pev_information[] = {ID("vehicle", false, "identity of the vehicle (\"PEV1\")")};
static const struct pb_field_row charging_information[] = {
    SECONDS("duration_s", true, "charging period"),
    ENERGY("energy_wh", true, "energy"),
    CHOICE("flow", true, flows, "load or resource"),
    ID("vehicle", false, "identity of the vehicle"),
};
static const struct pb_field_row charging_parameters[] = {
    ENERGY("amount", true, "energy wanted"),
    CHOICE("flow", true, flows, "load or resource"),
    POWER("rate", true, "highest rate"),
    ID("vehicle", false, "identity of the vehicle"),
};
static const struct pb_field_row health_check[] = {ID("vehicle", false, "identity of the vehicle")};
static const struct pb_field_row defect[] = {ID("part", false, "part that is defective"),
                                             WORDS("text", true, "finding"),
                                             ID("vehicle", false, "identity of the vehicle")};
static const struct pb_field_row part_order[] = {ID("part", false, "part ordered"),
                                                 ID("vehicle", false, "identity of the vehicle")};
static const struct pb_field_row feed_control[] = {
    SECONDS("duration_s", false, "length of the cycle"),
    CHOICE("flow", false, flows, "charge or feed"),
    POWER("rate", true, "highest rate"),
    CLOCK("start", false, "begin"),
};

/* ---- IntelliGrid ---- */

static const struct pb_field_row portal_identity[] = {ENERGY("amount", true, "charge requirement"),
                                                      ID("ev", false, "EV ID")};
static const struct pb_field_row portal_location[] = {
    ENERGY("amount", true, "charge requirement"),
    ID("customer", false, "customer ID"),
    ID("ev", false, "EV ID"),
    ID("location", false, "portal's location"),
};
static const struct pb_field_row portal_place[] = {ID("ev", true, "EV ID"),
                                                   CHOICE("place", false, places, "home or third party")};
static const struct pb_field_row portal_rates[] = {ID("customer", true, "customer ID"), ID("ev", true, "EV ID"),
                                                   MONEY("price", false, "currency per kWh")};
static const struct pb_field_row portal_requirements[] = {ENERGY("amount", false, "charge requirement"),
                                                          ID("ev", true, "EV ID"), POWER("rate", true, "highest rate")};
static const struct pb_field_row portal_slot[] = {
    SECONDS("duration_s", true, "length of the slot"),
    ID("ev", true, "EV ID"),
    CLOCK("start", false, "begin of the slot"),
};
static const struct pb_field_row portal_ev[] = {ID("ev", true, "EV ID")};
static const struct pb_field_row portal_consumption[] = {SECONDS("duration_s", true, "time of charging"),
                                                         ENERGY("energy_wh", false, "energy used"),
                                                         ID("ev", true, "EV ID")};
static const struct pb_field_row portal_identities[] = {
    ID("customer", false, "customer ID of the EV's owner"),
    ID("ev", false, "EV ID"),
    ID("portal_customer", false, "customer ID of the portal's owner"),
};
static const struct pb_field_row portal_usage[] = {
    ID("customer", false, "customer ID of the EV's owner"),
    ENERGY("energy_wh", false, "energy used"),
    ID("ev", true, "EV ID"),
    MONEY("price", true, "currency per kWh"),
};
static const struct pb_field_row portal_bill[] = {MONEY("cost", false, "amount billed"), CURRENCY,
                                                  ID("customer", false, "customer ID of the EV's owner"),
                                                  ENERGY("energy_wh", true, "energy used")};

/* ---- on the pilot ---- */

static const struct pb_field_row pilot_level[] = {
    CHOICE("level", false, pilot_levels, "volts of the pilot's high level")};
static const struct pb_field_row line_current[] = {CURRENT("alc", false, "available line current"),
                                                   PERCENT("duty", false, "duty cycle; 20 % is 12 A")};
static const struct pb_field_row ready_to_charge[] = {
    BOOLEAN("ventilation", false, "3 V: ventilation required; 6 V: not")};

#define FOUND .evidence = PB_EVIDENCE_FOUND
#define INFERRED .evidence = PB_EVIDENCE_INFERRED
#define SEP(counterpart) .sep = counterpart, .sep_evidence = PB_EVIDENCE_INFERRED
#define NO_SEP .sep = ""
#define SEP_SECONDARY(counterpart) .sep = counterpart, .sep_evidence = PB_EVIDENCE_REMEMBERED

const struct pb_message_row pb_catalogue[] = {
    {.name = "session_open",
     .from = BIT(PEV) | BIT(ESCI),
     .to = BIT(ESCI) | BIT(PEV),
     FIELDS(session_open),
     .steps = "S1/7, S2/7, S3/8, L1/2, L2/2, L3/2, L4/3, E/6",
     FOUND,
     SEP("TLS session; EndDevice, Registration"),
     .text = "opens a secure session; either side may"},
    {.name = "vin",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     FIELDS(vin),
     .steps = "S1/8, S2/8, S3/9, L1/2, L2/2, L3/2, L4/3",
     FOUND,
     SEP("EndDevice (LFDI), Registration (PIN); a VIN has no field there"),
     .text = "vehicle's identity; ID is sent at each connection"},
    {.name = "customer_id",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     FIELDS(customer_id),
     .steps = "S1/5.4, L4/3",
     FOUND,
     SEP("EndDevice, Registration"),
     .text = "customer's identity, where the vehicle sends it"},
    {.name = "premise_id",
     .from = BIT(ESCI),
     .to = BIT(UTILITY),
     FIELDS(premise_id),
     .steps = "S1/5.4, S1/10, S2/10, S3/11, L2/8",
     FOUND,
     SEP("UsagePoint"),
     .text = "premise's identity"},
    {.name = "billing_request",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     FIELDS(billing_request),
     .steps = "S1/8a, S2/8a, S3/9a, L1/2, L3/2a, L4/4",
     FOUND,
     NO_SEP,
     .text = "who is to pay"},
    {.name = "energy_request",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     FIELDS(energy_request),
     .steps = "S1/9, S2/9, S3/10, L1/4, L2/4, L3/4, L4/4",
     FOUND,
     SEP("PEVInfo energyRequestNow, maxForwardPower; FlowReservationRequest energyRequested, powerRequested"),
     .text = "energy and rate that the vehicle asks for"},
    {.name = "schedule_request",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     FIELDS(schedule),
     .steps = "S1/9a, S2/9a, S3/10a, L1/4, L2/4, U1/7",
     FOUND,
     SEP("PEVInfo timeChargeIsNeeded, minimumChargingDuration; FlowReservationRequest intervalRequested"),
     .text = "times for the energy request (U1)"},
    {.name = "event_info_request",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     .steps = "S1/9b, S2/9b, S3/10b, U2/7",
     FOUND,
     SEP_SECONDARY("GET of DemandResponseProgram list"),
     .text = "asks for discrete events (U2)"},
    {.name = "price_information",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     FIELDS(price_information),
     .steps = "S1/9c, S2/9c, S3/10c, U3/7",
     FOUND,
     NO_SEP,
     .text = "customer's limit of price (U3)"},
    {.name = "cpp_info_request",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     .steps = "S1/9d, S2/9d, S3/10d, U4/7",
     FOUND,
     SEP_SECONDARY("GET of TimeTariffInterval list"),
     .text = "asks for critical-peak or periodic prices (U4)"},
    {.name = "active_management_request",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     FIELDS(flow_request),
     .steps = "S1/9e, S2/9e, S3/10e, U5/7",
     FOUND,
     SEP_SECONDARY("FlowReservationRequest"),
     .text = "blank in the source; fields are those of a flow reservation (U5)"},
    {.name = "id_verification",
     .from = BIT(UTILITY),
     .to = BIT(ESCI),
     FIELDS(id_verification),
     .steps = "S1/10, S2/10, S3/11, L1/2, L2/2, L3/2d",
     FOUND,
     SEP("EndDevice, Registration"),
     .text = "verifies the vehicle's, premise's or customer's identity"},
    {.name = "binding_confirmation",
     .from = BIT(UTILITY) | BIT(ESCI),
     .to = BIT(ESCI) | BIT(EUMD) | BIT(PEV),
     FIELDS(binding_confirmation),
     .steps = "S1/11, S2/11, S3/12, L1/3, L2/3, L3/3",
     FOUND,
     SEP("EndDevice, Registration"),
     .text = "binding succeeded, through the gateway to the meter; the vehicle shows it"},
    {.name = "energy_available",
     .from = BIT(UTILITY),
     .to = BIT(PEV),
     FIELDS(energy_available),
     .steps = "S1/12, S2/12, S3/13, L1/5, L2/5, L3/5, L4/5",
     FOUND,
     SEP("FlowReservationResponse energyAvailable, powerAvailable"),
     .text = "energy and rate that are granted"},
    {.name = "schedule_available",
     .from = BIT(UTILITY),
     .to = BIT(PEV),
     FIELDS(schedule),
     .steps = "S1/12a, S2/12a, S3/13a, L1/5, L2/5, U1/7",
     FOUND,
     SEP("FlowReservationResponse interval"),
     .text = "times that are granted (U1)"},
    {.name = "event_alert",
     .from = BIT(UTILITY) | BIT(EUMD),
     .to = BIT(PEV),
     FIELDS(event_alert),
     .steps = "S1/12b, S1/5.3, S2/12b, S3/13b, L2/7, U2/7",
     FOUND,
     SEP_SECONDARY("EndDeviceControl"),
     .text = "a discrete event (U2); its fields are not in the source"},
    {.name = "hourly_prices",
     .from = BIT(UTILITY) | BIT(EUMD),
     .to = BIT(PEV),
     FIELDS(prices),
     .steps = "S1/12c, S1/5.3, S2/12c, S3/13c, U3/7",
     FOUND,
     SEP_SECONDARY("TimeTariffInterval, ConsumptionTariffInterval price"),
     .text = "periodic or hourly prices (U3)"},
    {.name = "cpp_prices",
     .from = BIT(UTILITY) | BIT(EUMD),
     .to = BIT(PEV),
     FIELDS(prices),
     .steps = "S1/12d, S1/5.3, S2/12d, S3/13d, U4/7",
     FOUND,
     SEP_SECONDARY("TimeTariffInterval with a tier of its own"),
     .text = "critical-peak or hourly prices (U4)"},
    {.name = "active_management",
     .from = BIT(UTILITY),
     .to = BIT(PEV),
     FIELDS(flow_grant),
     .steps = "S1/12e, S2/12e, S3/13e, U5/7",
     FOUND,
     SEP_SECONDARY("FlowReservationResponse"),
     .text = "blank in the source; fields are those of a flow reservation (U5)"},
    {.name = "charge_cycle_override",
     .from = BIT(CUSTOMER),
     .to = BIT(PEV),
     FIELDS(override),
     .steps = "S1/5.4",
     FOUND,
     SEP("DrResponse with overrideDuration, towards the utility"),
     .text = "customer wants to charge at once"},
    {.name = "interval_metering",
     .from = BIT(EUMD) | BIT(EVSE),
     .to = BIT(ESCI),
     FIELDS(interval_metering),
     .steps = "S1/14, S2/14, S3/15, L1/8, L1/9, L2/8, L2/9, L3/8, L4/8",
     FOUND,
     SEP("MirrorUsagePoint, Reading"),
     .text = "energy of a metering interval; from the EVSE where it holds the meter"},
    {.name = "session_report",
     .from = BIT(ESCI),
     .to = BIT(UTILITY) | BIT(PEV),
     FIELDS(session_report),
     .steps = "S1/15, S2/15, S3/16, L1/10, L2/10, L3/10, L4/10",
     FOUND,
     SEP("UsagePoint readings; PowerStatus"),
     .text = "date, time, duration and energy of the session; L2: also a running sum every minute"},
    {.name = "charge_sum",
     .from = BIT(PEV) | BIT(ESCI),
     .to = BIT(CUSTOMER),
     FIELDS(charge_sum),
     .steps = "S1/5.4, S1/5.3",
     FOUND,
     NO_SEP,
     .text = "energy (and cost) shown to the customer"},
    {.name = "charge_complete",
     .from = BIT(PEV) | BIT(ESCI),
     .to = BIT(CUSTOMER),
     FIELDS(charge_complete),
     .steps = "S1/5.4",
     FOUND,
     SEP("PowerStatus"),
     .text = "charging has ended"},
    {.name = "session_record",
     .from = BIT(UTILITY),
     .to = BIT(UTILITY) | BIT(HOME_UTILITY) | BIT(CUSTOMER),
     FIELDS(session_record),
     .steps = "S1/16, S2/16, S3/17, L1/11, L2/11, L3/11, L3/12, L4/11",
     FOUND,
     NO_SEP,
     .text = "the utility's record of a session, tied to premise and vehicle; once a session"},

    {.name = "event_response",
     .from = BIT(PEV),
     .to = BIT(UTILITY),
     FIELDS(event_response),
     .steps = "U2/7",
     INFERRED,
     SEP("DrResponse"),
     .text = "acknowledges, follows or opts out of an event"},
    {.name = "charger_capability",
     .from = BIT(EVSE) | BIT(PEV),
     .to = BIT(PEV) | BIT(EVSE),
     FIELDS(charger_capability),
     .steps = "S3/6",
     INFERRED,
     NO_SEP,
     .text = "off-board charger's limits, and what the vehicle's storage accepts"},
    {.name = "enrollment",
     .from = BIT(CUSTOMER),
     .to = BIT(UTILITY),
     FIELDS(enrollment),
     .steps = "E/2, U1/3, U2/3, U3/3, U4/3, U5/3",
     INFERRED,
     SEP("Registration"),
     .text = "asks to be registered, or enrolled in a program"},
    {.name = "enrollment_confirmation",
     .from = BIT(UTILITY),
     .to = BIT(CUSTOMER) | BIT(ESCI),
     FIELDS(enrollment_confirmation),
     .steps = "E/7, U1/6, U2/6, U3/6, U4/6, U5/6",
     INFERRED,
     SEP("Registration"),
     .text = "registered or enrolled, or not and why"},
    {.name = "roaming_query",
     .from = BIT(UTILITY),
     .to = BIT(HOME_UTILITY),
     FIELDS(roaming_query),
     .steps = "L3/2b",
     INFERRED,
     NO_SEP,
     .text = "visited utility asks the home utility about a vehicle"},
    {.name = "roaming_answer",
     .from = BIT(HOME_UTILITY),
     .to = BIT(UTILITY),
     FIELDS(roaming_answer),
     .steps = "L3/2c",
     INFERRED,
     NO_SEP,
     .text = "home utility confirms or denies"},
    {.name = "payment_agreement",
     .from = BIT(CUSTOMER),
     .to = BIT(UTILITY) | BIT(ESCI),
     FIELDS(payment_agreement),
     .steps = "L4/3'",
     INFERRED,
     NO_SEP,
     .text = "a customer without enrolment agrees to terms and pays on the spot"},
    {.name = "receipt",
     .from = BIT(UTILITY) | BIT(ESCI),
     .to = BIT(CUSTOMER),
     FIELDS(receipt),
     .steps = "L4/11",
     INFERRED,
     NO_SEP,
     .text = "receipt for a session that was paid on the spot"},
    {.name = "charging_status",
     .from = BIT(PEV) | BIT(EVSE) | BIT(ESCI),
     .to = BIT(UTILITY) | BIT(CUSTOMER) | BIT(ESCI),
     FIELDS(charging_status),
     .steps = "D, S1/5.3",
     FOUND,
     SEP("PowerStatus"),
     .text = "why the vehicle is or is not charging; field names are ours"},
    {.name = "vehicle_status",
     .from = BIT(PEV),
     .to = BIT(UTILITY) | BIT(EUMD),
     FIELDS(vehicle_status),
     .steps = "S1/5.3",
     FOUND,
     SEP("PowerStatus estimatedChargeRemaining; PEVInfo"),
     .text = "state of charge, capacity, charger, interval energy"},
    {.name = "time_of_day",
     .from = BIT(UTILITY) | BIT(EUMD),
     .to = BIT(PEV) | BIT(ESCI),
     FIELDS(time_of_day),
     .steps = "S1/5.3",
     FOUND,
     SEP("Time"),
     .text = "time of day"},
    {.name = "customer_presets",
     .from = BIT(CUSTOMER),
     .to = BIT(PEV),
     FIELDS(customer_presets),
     .steps = "S1/5.3, U1/5, U2/5, U3/5, U4/5, U5/5",
     FOUND,
     SEP("PEVInfo timeChargeIsNeeded, from the vehicle on"),
     .text = "what the customer enters: departure, limits, who pays"},
    {.name = "program_participation",
     .from = BIT(CUSTOMER),
     .to = BIT(UTILITY),
     FIELDS(program_participation),
     .steps = "S1/5.3",
     FOUND,
     NO_SEP,
     .text = "customer takes part in a demand-response program"},

    {.name = "subscription",
     .from = BIT(VEHICLE_PROVIDER) | BIT(CHARGING_PROVIDER),
     .to = BIT(SYSTEM_OPERATOR),
     FIELDS(subscription),
     .steps = "ETSI/1",
     FOUND,
     SEP("Subscription"),
     .text = "subscribes to information on a vehicle"},
    {.name = "pev_information",
     .from = BIT(PEV) | BIT(EVSE) | BIT(COMMUNICATION_OPERATOR),
     .to = BIT(COMMUNICATION_OPERATOR) | BIT(SYSTEM_OPERATOR),
     FIELDS(pev_information),
     .steps = "ETSI/2b, ETSI/3",
     FOUND,
     SEP("PEVInfo"),
     .text = "which vehicle is plugged in; forwarded"},
    {.name = "charging_information",
     .from = BIT(EVSE) | BIT(COMMUNICATION_OPERATOR),
     .to = BIT(COMMUNICATION_OPERATOR) | BIT(SYSTEM_OPERATOR),
     FIELDS(charging_information),
     .steps = "ETSI/2c, ETSI/3",
     FOUND,
     SEP("MirrorUsagePoint, Reading"),
     .text = "charging period and metering; forwarded"},
    {.name = "subscription_notification",
     .from = BIT(SYSTEM_OPERATOR),
     .to = BIT(VEHICLE_PROVIDER) | BIT(CHARGING_PROVIDER),
     FIELDS(pev_information),
     .steps = "ETSI/4",
     FOUND,
     SEP("Notification"),
     .text = "notifies who subscribed"},
    {.name = "charging_parameters",
     .from = BIT(PEV) | BIT(EVSE),
     .to = BIT(CHARGING_PROVIDER),
     FIELDS(charging_parameters),
     .steps = "ETSI/5",
     FOUND,
     SEP("PEVInfo; FlowReservationRequest"),
     .text = "charging parameters, pulled or pushed"},
    {.name = "health_check_start",
     .from = BIT(VEHICLE_PROVIDER) | BIT(SYSTEM_OPERATOR) | BIT(COMMUNICATION_OPERATOR),
     .to = BIT(SYSTEM_OPERATOR) | BIT(COMMUNICATION_OPERATOR) | BIT(PEV),
     FIELDS(health_check),
     .steps = "ETSI/6, ETSI/7",
     FOUND,
     NO_SEP,
     .text = "starts a health check of the vehicle"},
    {.name = "defect_detected",
     .from = BIT(PEV) | BIT(COMMUNICATION_OPERATOR),
     .to = BIT(COMMUNICATION_OPERATOR) | BIT(SYSTEM_OPERATOR),
     FIELDS(defect),
     .steps = "ETSI/8, ETSI/9",
     FOUND,
     SEP("LogEvent"),
     .text = "the vehicle has found a defective part"},
    {.name = "defect_notification",
     .from = BIT(SYSTEM_OPERATOR),
     .to = BIT(VEHICLE_PROVIDER),
     FIELDS(defect),
     .steps = "ETSI/10",
     FOUND,
     SEP("Notification"),
     .text = "tells the provider of the defect"},
    {.name = "part_order",
     .from = BIT(VEHICLE_PROVIDER) | BIT(SYSTEM_OPERATOR),
     .to = BIT(SYSTEM_OPERATOR) | BIT(MANUFACTURER),
     FIELDS(part_order),
     .steps = "ETSI/11, ETSI/12",
     FOUND,
     NO_SEP,
     .text = "orders the part"},
    {.name = "price_announcement",
     .from = BIT(NETWORK_PROVIDER),
     .to = BIT(CHARGING_PROVIDER),
     FIELDS(prices),
     .steps = "ETSI/trigger",
     FOUND,
     SEP("TimeTariffInterval"),
     .text = "prices from the network provider"},
    {.name = "feed_control",
     .from = BIT(NETWORK_PROVIDER) | BIT(CHARGING_PROVIDER),
     .to = BIT(CHARGING_PROVIDER) | BIT(EVSE),
     FIELDS(feed_control),
     .steps = "ETSI/trigger",
     FOUND,
     SEP("DERControl; EndDeviceControl"),
     .text = "starts charging or feeding at a set time"},

    {.name = "portal_charging_request",
     .from = BIT(PEV),
     .to = BIT(EVSE) | BIT(ESCI),
     FIELDS(portal_ev),
     .steps = "IG/1",
     FOUND,
     NO_SEP,
     .text = "vehicle is plugged in and wants to charge"},
    {.name = "portal_ev_identification",
     .from = BIT(PEV),
     .to = BIT(ESCI),
     FIELDS(portal_identity),
     .steps = "IG/1.1.1",
     FOUND,
     SEP("EndDevice; PEVInfo"),
     .text = "EV ID and charge requirements"},
    {.name = "portal_location_report",
     .from = BIT(ESCI),
     .to = BIT(OPERATIONS),
     FIELDS(portal_location),
     .steps = "IG/1.1.2",
     FOUND,
     SEP("EndDevice, UsagePoint"),
     .text = "forwards with customer and location"},
    {.name = "portal_charging_type",
     .from = BIT(OPERATIONS),
     .to = BIT(OPERATIONS),
     FIELDS(portal_place),
     .steps = "IG/1.2",
     FOUND,
     NO_SEP,
     .text = "home or third party"},
    {.name = "portal_third_party_flag",
     .from = BIT(OPERATIONS),
     .to = BIT(OPERATIONS),
     FIELDS(portal_ev),
     .steps = "IG/3.1",
     FOUND,
     NO_SEP,
     .text = "marks a third-party event; the source names no producer"},
    {.name = "portal_identities",
     .from = BIT(ESCI) | BIT(OPERATIONS),
     .to = BIT(OPERATIONS),
     FIELDS(portal_identities),
     .steps = "IG/3.1.1",
     FOUND,
     NO_SEP,
     .text = "identities of both customers; the source has data in the producer's place"},
    {.name = "portal_rates",
     .from = BIT(OPERATIONS),
     .to = BIT(OPERATIONS),
     FIELDS(portal_rates),
     .steps = "IG/2.1, IG/3.1.2",
     FOUND,
     SEP("TariffProfile, RateComponent"),
     .text = "rate that applies"},
    {.name = "portal_requirements",
     .from = BIT(OPERATIONS),
     .to = BIT(OPERATIONS),
     FIELDS(portal_requirements),
     .steps = "IG/2.1.1, IG/3.1.3",
     FOUND,
     SEP("PEVInfo"),
     .text = "charge requirements are confirmed"},
    {.name = "portal_slot_request",
     .from = BIT(OPERATIONS),
     .to = BIT(SCHEDULER),
     FIELDS(portal_requirements),
     .steps = "IG/2.2, IG/3.2",
     FOUND,
     SEP("FlowReservationRequest"),
     .text = "asks for a time slot; in the source's text only"},
    {.name = "portal_slot",
     .from = BIT(SCHEDULER),
     .to = BIT(OPERATIONS),
     FIELDS(portal_slot),
     .steps = "IG/2.2, IG/3.2",
     FOUND,
     SEP("FlowReservationResponse interval"),
     .text = "time slot; unnamed in the source"},
    {.name = "portal_start_time",
     .from = BIT(SCHEDULER) | BIT(OPERATIONS),
     .to = BIT(ESCI),
     FIELDS(portal_slot),
     .steps = "IG/2.2.1, IG/3.2.1",
     FOUND,
     SEP("FlowReservationResponse interval"),
     .text = "start time, to the portal"},
    {.name = "portal_start_charging",
     .from = BIT(ESCI),
     .to = BIT(EVSE) | BIT(PEV),
     FIELDS(portal_ev),
     .steps = "IG/2.3, IG/3.3",
     FOUND,
     SEP("EndDeviceControl"),
     .text = "turns the station on at its slot"},
    {.name = "portal_start_measuring",
     .from = BIT(ESCI),
     .to = BIT(EUMD),
     FIELDS(portal_ev),
     .steps = "IG/2.3.1, IG/3.3.1",
     FOUND,
     NO_SEP,
     .text = "alerts the meter"},
    {.name = "portal_power_off",
     .from = BIT(PEV),
     .to = BIT(EVSE),
     FIELDS(portal_ev),
     .steps = "IG/2.3.2, IG/3.3.2",
     FOUND,
     NO_SEP,
     .text = "turns the station off when charged"},
    {.name = "portal_consumption",
     .from = BIT(EUMD),
     .to = BIT(ESCI),
     FIELDS(portal_consumption),
     .steps = "IG/2.3.3, IG/3.3.3",
     FOUND,
     SEP("MirrorUsagePoint, Reading"),
     .text = "energy used"},
    {.name = "portal_completion",
     .from = BIT(ESCI),
     .to = BIT(OPERATIONS),
     FIELDS(portal_consumption),
     .steps = "IG/2.3.4, IG/3.3.4",
     FOUND,
     SEP("PowerStatus"),
     .text = "charging is complete; carries the energy, which the source's home branch forgets"},
    {.name = "portal_usage_assignment",
     .from = BIT(ESCI),
     .to = BIT(OPERATIONS),
     FIELDS(portal_usage),
     .steps = "IG/3.3.5",
     FOUND,
     NO_SEP,
     .text = "usage goes to the EV owner's account"},
    {.name = "portal_billing_usage",
     .from = BIT(OPERATIONS),
     .to = BIT(BILLING),
     FIELDS(portal_usage),
     .steps = "IG/4.1",
     FOUND,
     NO_SEP,
     .text = "energy and rate, to billing"},
    {.name = "portal_bill",
     .from = BIT(BILLING),
     .to = BIT(ESCI),
     FIELDS(portal_bill),
     .steps = "IG/4.1.1",
     FOUND,
     SEP("Billing function set"),
     .text = "charge information for the EV's owner"},
    {.name = "portal_acknowledgement",
     .from = BIT(OPERATIONS),
     .to = BIT(SCHEDULER),
     FIELDS(portal_ev),
     .steps = "IG/4.1.2",
     FOUND,
     NO_SEP,
     .text = "completion, to the scheduler"},

    {.name = "pilot_level",
     .from = BIT(EVSE) | BIT(PEV),
     .to = BIT(PEV) | BIT(EVSE),
     FIELDS(pilot_level),
     .is_pilot = true,
     .steps = "S1/1, S1/2, S1/4, S1/13, S3/14, L2/1a, L2/1b, L2/6",
     FOUND,
     NO_SEP,
     .text = "level of the pilot"},
    {.name = "available_line_current",
     .from = BIT(EVSE),
     .to = BIT(PEV),
     FIELDS(line_current),
     .is_pilot = true,
     .steps = "S1/5, S2/5, S3/5, L2/1a, L2/1b",
     FOUND,
     SEP("PEVInfo maxForwardPower is bounded by it"),
     .text = "duty of the PWM"},
    {.name = "ready_to_charge",
     .from = BIT(PEV),
     .to = BIT(EVSE),
     FIELDS(ready_to_charge),
     .is_pilot = true,
     .steps = "S1/13, S2/13, S3/14, L2/6",
     FOUND,
     NO_SEP,
     .text = "the vehicle is ready, with or without ventilation"},
};
const size_t pb_catalogue_count = sizeof pb_catalogue / sizeof *pb_catalogue;

enum pb_party pb_party_find(const char *name) {
    int i = 0;
    while (i < PB_PARTY_COUNT && strcmp(pb_parties[i].name, name) != 0) i++;
    return (enum pb_party)i;
}

size_t pb_catalogue_find(const char *name) {
    size_t i = 0;
    while (i < pb_catalogue_count && strcmp(pb_catalogue[i].name, name) != 0) i++;
    return i;
}

size_t pb_message_row_field(const struct pb_message_row *row, const char *name) {
    size_t i = 0;
    while (i < row->field_count && strcmp(row->fields[i].name, name) != 0) i++;
    return i;
}

const char *pb_field_unit_name(const struct pb_field_row *row) {
    return row->step == 1 ? pb_unit_step_name(row->unit) : pb_unit_symbol(row->unit);
}
