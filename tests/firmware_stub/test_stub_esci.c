/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stub-esci between a scripted vehicle, meter and utility: a session as S1 has it, and each defect's deviation from it. */
#include "tests/firmware_stub/dialogue.h"
#include "tests/support/check.h"

#include <stdio.h>

#define VIN "'vin':'1PB00000000000001'"
enum { PREMISE = PBW_LINK_ESCI, UPSTREAM = PBW_LINK_UTILITY };

static struct dialogue healthy, other;

static void vehicle(struct dialogue *dialogue, const char *type, const char *fields) {
    dialogue_say(dialogue, PREMISE, "pev", "utility", type, fields);
}
static void utility(struct dialogue *dialogue, const char *to, const char *type, const char *fields) {
    dialogue_say(dialogue, UPSTREAM, "utility", to, type, fields);
}

static void open_stub(struct dialogue *dialogue, const char *first, const char *second) {
    const char *const arguments[] = {first, second, NULL};
    dialogue_open(dialogue, "stub-esci", PBW_ESCI, arguments);
}

static void ask(struct dialogue *dialogue, const char *vin) {
    dialogue_say(dialogue, PREMISE, "pev", "esci", "session_open", "{'initiator':'pev'}");
    dialogue_run(dialogue, SECONDS);
    vehicle(dialogue, "vin", vin);
    vehicle(dialogue, "billing_request", "{'payer':'premise'}");
    vehicle(dialogue, "energy_request", "{'amount':5760,'rate':1920000}");
    vehicle(dialogue, "schedule_request",
            "{'balance_from':'23:01','balance_to':'23:30','connection_from':'16:00','connection_to':'06:30',"
            "'full_from':'20:00','full_to':'23:00'}");
    vehicle(dialogue, "event_info_request", "{}");
    vehicle(dialogue, "price_information", "{'most':'0.15'}");
    vehicle(dialogue, "cpp_info_request", "{}");
    vehicle(dialogue, "active_management_request", "{'amount':5760}");
    dialogue_run(dialogue, 2 * SECONDS);
}

static void answer(struct dialogue *dialogue, const char *verification) {
    utility(dialogue, "esci", "id_verification", verification);
    utility(dialogue, "eumd", "binding_confirmation", "{'premise':'P-1','success':true," VIN "}");
    utility(dialogue, "pev", "energy_available", "{'amount':5760,'rate':1261000}");
    utility(dialogue, "pev", "schedule_available",
            "{'balance_from':'03:44','balance_to':'04:12','connection_from':'16:00','connection_to':'06:30',"
            "'full_from':'23:08','full_to':'03:42'}");
    utility(dialogue, "pev", "event_alert", "{'duration_s':600,'event':'E-1','start':'17:00'}");
    utility(dialogue, "pev", "hourly_prices",
            "{'prices':[{'from':'00:00','price':'0.06'},{'from':'07:00','price':'0.1'}]}");
    utility(dialogue, "pev", "cpp_prices", "{'prices':[{'from':'17:00','price':'0.75','tier':3}]}");
    utility(dialogue, "pev", "active_management", "{'amount':5760,'from':'23:08','rate':1261000}");
    dialogue_run(dialogue, 3 * SECONDS);
}

static void charge(struct dialogue *dialogue) {
    static const char *const intervals[] = {"{'duration_s':60,'energy_wh':20,'number':0}",
                                            "{'duration_s':60,'energy_wh':21,'number':1}",
                                            "{'duration_s':30,'energy_wh':10,'number':2}"};
    for (int i = 0; i < 3; i++) {
        dialogue_run(dialogue, 60 * SECONDS);
        dialogue_say(dialogue, PREMISE, "eumd", "esci", "interval_metering", intervals[i]);
    }
    dialogue_run(dialogue, 2 * SECONDS);
    dialogue_say(dialogue, PREMISE, "pev", "esci", "charging_status", "{'charging':'complete'}");
    dialogue_run(dialogue, 10 * SECONDS);
}

static void session(struct dialogue *dialogue, const char *first, const char *second) {
    open_stub(dialogue, first, second);
    ask(dialogue, "{" VIN "}");
    answer(dialogue, "{'premise':'P-1','verified':true," VIN "}");
    charge(dialogue);
}

static void test_a_session_passes_through_and_all_it_says_is_as_the_catalogue_has_it(void **state) {
    (void)state;
    static const char *const up[] = {"vin",
                                     "billing_request",
                                     "energy_request",
                                     "schedule_request",
                                     "event_info_request",
                                     "price_information",
                                     "cpp_info_request",
                                     "active_management_request",
                                     "premise_id"};
    static const char *const down[] = {"session_open",  "energy_available", "schedule_available", "event_alert",
                                       "hourly_prices", "cpp_prices",       "active_management"};
    session(&healthy, NULL, NULL);
    dialogue_check_catalogue(&healthy);
    for (size_t i = 0; i < sizeof up / sizeof up[0]; i++)
        PB_CHECK_INT(dialogue_count(&healthy, up[i], UPSTREAM), 1, up[i]);
    for (size_t i = 0; i < sizeof down / sizeof down[0]; i++)
        PB_CHECK_INT(dialogue_count(&healthy, down[i], PREMISE), 1, down[i]);
    PB_CHECK_INT(dialogue_count(&healthy, "binding_confirmation", PREMISE), 2, "confirmations: to vehicle and meter");
    PB_CHECK_TEXT(dialogue_field(dialogue_find(&healthy, "energy_available", PREMISE, 0), "rate"), "1261000");
    dialogue_close(&healthy);
}

static void test_each_interval_makes_a_running_sum_and_the_end_a_report_to_utility_and_vehicle(void **state) {
    (void)state;
    static const char *const sums[] = {"20", "41", "51", "51"};
    static const uint8_t links[] = {PREMISE, UPSTREAM};
    session(&healthy, NULL, NULL);
    for (size_t k = 0; k < sizeof links; k++) {
        uint8_t link = links[k];
        PB_CHECK_INT(dialogue_count(&healthy, "session_report", link), 4, "reports");
        for (size_t i = 0; i < 4; i++) {
            const struct said *report = dialogue_find(&healthy, "session_report", link, i);
            PB_CHECK_TEXT(dialogue_field(report, "energy_wh"), sums[i]);
            PB_CHECK_TEXT(dialogue_field(report, "running"), i < 3 ? "true" : "");
            PB_CHECK_TEXT(dialogue_field(report, "session"), "1");
        }
        PB_CHECK_TEXT(dialogue_field(dialogue_find(&healthy, "session_report", link, 3), "duration_s"), "150");
    }
    dialogue_close(&healthy);
}

static void test_a_session_without_an_end_is_over_when_the_meter_has_been_quiet(void **state) {
    (void)state;
    open_stub(&other, "--quiet", "100");
    vehicle(&other, "vin", "{" VIN "}");
    dialogue_say(&other, PREMISE, "eumd", "esci", "interval_metering", "{'duration_s':60,'energy_wh':20}");
    dialogue_run(&other, 99 * SECONDS);
    PB_CHECK_INT(dialogue_count(&other, "session_report", UPSTREAM), 1, "reports");
    dialogue_run(&other, 10 * SECONDS);
    PB_CHECK_INT(dialogue_count(&other, "session_report", UPSTREAM), 2, "reports");
    PB_CHECK_TEXT(dialogue_field(dialogue_find(&other, "session_report", UPSTREAM, 1), "running"), "");
    dialogue_close(&other);
}

static void test_what_flows_after_the_end_is_none_of_the_sessions(void **state) {
    (void)state;
    session(&other, NULL, NULL);
    dialogue_say(&other, PREMISE, "eumd", "esci", "interval_metering", "{'duration_s':60,'energy_wh':20,'number':3}");
    dialogue_run(&other, 10 * SECONDS);
    dialogue_say(&other, PREMISE, "pev", "esci", "charging_status", "{'charging':'not_connected'}");
    dialogue_run(&other, 10 * SECONDS);
    PB_CHECK_INT(dialogue_count(&other, "session_report", UPSTREAM), 4, "reports");
    ask(&other, "{" VIN "}");
    dialogue_say(&other, PREMISE, "eumd", "esci", "interval_metering", "{'duration_s':60,'energy_wh':7,'number':4}");
    dialogue_run(&other, 10 * SECONDS);
    PB_CHECK_INT(dialogue_count(&other, "session_report", UPSTREAM), 5, "reports");
    PB_CHECK_TEXT(dialogue_field(dialogue_find(&other, "session_report", UPSTREAM, 4), "energy_wh"), "7");
    dialogue_close(&other);
}

static void test_a_fault_does_not_end_a_session(void **state) {
    (void)state;
    open_stub(&other, NULL, NULL);
    ask(&other, "{" VIN "}");
    dialogue_say(&other, PREMISE, "eumd", "esci", "interval_metering", "{'duration_s':60,'energy_wh':20}");
    dialogue_run(&other, 10 * SECONDS);
    dialogue_say(&other, PREMISE, "pev", "esci", "charging_status", "{'charging':'fault','reason':'vehicle'," VIN "}");
    dialogue_run(&other, 10 * SECONDS);
    PB_CHECK_INT(dialogue_count(&other, "session_report", UPSTREAM), 1, "reports");
    dialogue_say(&other, PREMISE, "eumd", "esci", "interval_metering", "{'duration_s':60,'energy_wh':10}");
    dialogue_run(&other, 10 * SECONDS);
    dialogue_say(&other, PREMISE, "pev", "esci", "charging_status", "{'charging':'complete'}");
    dialogue_run(&other, 10 * SECONDS);
    PB_CHECK_INT(dialogue_count(&other, "session_report", UPSTREAM), 3, "reports");
    PB_CHECK_TEXT(dialogue_field(dialogue_find(&other, "session_report", UPSTREAM, 2), "energy_wh"), "30");
    PB_CHECK_TEXT(dialogue_field(dialogue_find(&other, "session_report", UPSTREAM, 2), "running"), "");
    dialogue_close(&other);
}

static void test_a_grant_stays_within_request_and_premise(void **state) {
    (void)state;
    open_stub(&other, "--limit", "1000");
    ask(&other, "{" VIN "}");
    utility(&other, "pev", "energy_available", "{'amount':5760,'rate':99000000}");
    dialogue_run(&other, SECONDS);
    PB_CHECK_TEXT(dialogue_field(dialogue_find(&other, "energy_available", PREMISE, 0), "rate"), "1000000");
    dialogue_close(&other);
    open_stub(&other, NULL, NULL);
    ask(&other, "{" VIN "}");
    utility(&other, "pev", "energy_available", "{'amount':5760,'rate':2500000}");
    dialogue_run(&other, SECONDS);
    PB_CHECK_TEXT(dialogue_field(dialogue_find(&other, "energy_available", PREMISE, 0), "rate"), "1920000");
    dialogue_close(&other);
}

static void test_a_vin_that_can_be_none_goes_no_further(void **state) {
    (void)state;
    static const char *const wrong[] = {"{'vin':'1PB0000000000000'}", "{'vin':'1PB0000000000000I'}", "{'vin':7}", "{}"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        open_stub(&other, NULL, NULL);
        ask(&other, wrong[i]);
        PB_CHECK_INT(dialogue_count(&other, "vin", UPSTREAM), 0, wrong[i]);
        dialogue_close(&other);
    }
    open_stub(&other, "--defect", "vin_not_checked");
    ask(&other, wrong[1]);
    PB_CHECK_INT(dialogue_count(&other, "vin", UPSTREAM), 1, "VINs");
    dialogue_close(&other);
}

static void test_what_is_not_verified_is_not_bound(void **state) {
    (void)state;
    static const char *const answers[] = {"{'premise':'P-1','verified':false," VIN "}", "{'premise':'P-2'," VIN "}",
                                          "{'premise':'P-1','vin':'1PB00000000000002'}"};
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        for (int has_defect = 0; has_defect <= 1; has_defect++) {
            open_stub(&other, has_defect ? "--defect" : NULL, "binds_unverified");
            ask(&other, "{" VIN "}");
            utility(&other, "esci", "id_verification", answers[i]);
            dialogue_run(&other, SECONDS);
            PB_CHECK_TEXT(dialogue_field(dialogue_find(&other, "binding_confirmation", PREMISE, 0), "success"),
                          has_defect ? "true" : "false");
            dialogue_close(&other);
        }
    }
}

static void test_replays_and_messages_for_others_are_left_alone(void **state) {
    (void)state;
    open_stub(&other, NULL, NULL);
    vehicle(&other, "vin", "{" VIN "}");
    for (int i = 0; i < 2; i++) {
        dialogue_say(&other, PREMISE, "eumd", "esci", "interval_metering", "{'duration_s':60,'energy_wh':20}");
        other.id--;
    }
    other.id++;
    dialogue_say(&other, PREMISE, "evse", "pev", "charger_capability", "{'transfer':'ac'}");
    dialogue_say(&other, UPSTREAM, "pev", "utility", "vin", "{" VIN "}");
    dialogue_run(&other, 5 * SECONDS);
    PB_CHECK_INT(other.said_count, 4, "messages: VIN, premise, one running sum to utility and vehicle");
    dialogue_close(&other);
}

static void test_no_bytes_bring_it_down_and_it_goes_on(void **state) {
    (void)state;
    static char big[PBW_MESSAGE_MAX];
    static const char tail[] = {'"', '}', '}'};
    static const char *const nonsense[] = {
        "",
        "{",
        "[]",
        "nul",
        "{\"type\":\"vin\"}",
        "{\"v\":1,\"id\":1,\"from\":7,\"to\":[],\"type\":{},\"fields\":[]}",
        "{\"v\":1,\"id\":1,\"from\":\"pev\",\"to\":\"utility\",\"type\":\"energy_request\",\"fields\":{\"rate\":-9223372036854775808,\"amount\":1e300}}",
        "{\"v\":1,\"id\":2,\"from\":\"utility\",\"to\":\"pev\",\"type\":\"energy_available\",\"fields\":{\"rate\":9223372036854775807}}",
        "{\"v\":2,\"id\":3,\"from\":\"pev\",\"to\":\"esci\",\"type\":\"session_open\",\"fields\":{}}",
        "\xff\xfe\x00\x01"};
    open_stub(&other, NULL, NULL);
    for (size_t i = 0; i < sizeof nonsense / sizeof nonsense[0]; i++)
        for (uint8_t link = 0; link < 3; link++)
            if (*nonsense[i]) script_say(&other.script, link, nonsense[i], strlen(nonsense[i]));
    memset(big, '[', sizeof big);
    script_say(&other.script, PREMISE, big, sizeof big);
    memset(big, ' ', sizeof big);
    size_t head =
        (size_t)snprintf(big, sizeof big, "%s",
                         "{\"v\":1,\"id\":9,\"from\":\"pev\",\"to\":\"utility\",\"type\":\"vin\",\"fields\":{\"x\":\"");
    memset(big + head, 'a', sizeof big - head - sizeof tail);
    memcpy(big + sizeof big - sizeof tail, tail, sizeof tail);
    script_say(&other.script, PREMISE, big, sizeof big);
    dialogue_run(&other, 2 * SECONDS);
    other.id = 100;
    ask(&other, "{" VIN "}");
    PB_CHECK_INT(dialogue_count(&other, "vin", UPSTREAM), 1, "VINs passed on after nonsense");
    dialogue_close(&other);
}

static void test_what_is_passed_on_keeps_its_order(void **state) {
    (void)state;
    static const char *const order[] = {"vin",
                                        "billing_request",
                                        "energy_request",
                                        "schedule_request",
                                        "event_info_request",
                                        "price_information",
                                        "cpp_info_request",
                                        "active_management_request"};
    char seed[8];
    for (int i = 0; i < 10; i++) {
        snprintf(seed, sizeof seed, "%d", i);
        open_stub(&other, "--seed", seed);
        ask(&other, "{" VIN "}");
        int64_t last_ns = 0;
        for (size_t k = 0; k < sizeof order / sizeof order[0]; k++) {
            const struct said *said = dialogue_find(&other, order[k], UPSTREAM, 0);
            PB_CHECK_TRUE(said->t_ns > last_ns, "seed %d: %s is too early", i, order[k]);
            last_ns = said->t_ns;
        }
        dialogue_close(&other);
    }
}

static void test_equal_seeds_give_equal_bytes(void **state) {
    (void)state;
    char types[600];
    session(&healthy, "--seed", "9");
    session(&other, "--seed", "9");
    dialogue_compare(&healthy, &other, types, sizeof types);
    PB_CHECK_TEXT(types, "");
    PB_CHECK_INT(healthy.said_count, other.said_count, "messages");
    for (size_t i = 0; i < healthy.said_count; i++) {
        PB_CHECK_INT(healthy.said[i].t_ns, other.said[i].t_ns, "ns");
        PB_CHECK_TRUE(json_equal(healthy.said[i].message, other.said[i].message), "message %zu differs", i);
    }
    dialogue_close(&healthy);
    dialogue_close(&other);
}

static const struct {
    const char *defect, *types; /* what differs from the healthy session, and nothing else */
    const char *type;           /* the last of it (NULL: there is none to look at) on a link ... */
    uint8_t link;
    size_t count;
    const char *field, *value; /* ... and what it says */
} deviations[] = {
    {"wrong_vin_echoed", "vin binding_confirmation session_report", "vin", UPSTREAM, 1, "vin", "\"1PB00000000000009\""},
    {"wrong_premise", "premise_id binding_confirmation session_report", "premise_id", UPSTREAM, 1, "premise",
     "\"P-9\""},
    {"premise_not_sent", "premise_id", "premise_id", UPSTREAM, 0, "premise", ""},
    {"session_not_opened", "session_open", "session_open", PREMISE, 0, "initiator", ""},
    {"session_opened_late=5000", "session_open", "session_open", PREMISE, 1, "initiator", "\"pev\""},
    {"bound_to_wrong_premise", "binding_confirmation", "binding_confirmation", PREMISE, 2, "premise", "\"P-9\""},
    {"late_confirmation=5000", "binding_confirmation", "binding_confirmation", PREMISE, 2, "success", "true"},
    {"no_confirmation", "binding_confirmation", "binding_confirmation", PREMISE, 1, "success", "true"},
    {"double_confirmation", "binding_confirmation", "binding_confirmation", PREMISE, 3, "success", "true"},
    {"grant_above_request", "energy_available", "energy_available", PREMISE, 1, "rate", "2880000"},
    {"grant_lost", "energy_available", "energy_available", PREMISE, 0, "rate", ""},
    {"schedule_lost", "schedule_available", "schedule_available", PREMISE, 0, "full_from", ""},
    {"event_ignored", "event_alert", "event_alert", PREMISE, 0, "event", ""},
    {"late_event=5000", "event_alert", "event_alert", PREMISE, 1, "event", "\"E-1\""},
    {"prices_out_of_order", "hourly_prices", "hourly_prices", PREMISE, 1, "prices",
     "[{\"from\":\"07:00\",\"price\":\"0.1\"},{\"from\":\"00:00\",\"price\":\"0.06\"}]"},
    {"prices_lost", "hourly_prices cpp_prices", "hourly_prices", PREMISE, 0, "prices", ""},
    {"flow_lost", "active_management", "active_management", PREMISE, 0, "rate", ""},
    {"running_sum_lost", "session_report", "session_report", UPSTREAM, 4, "energy_wh", "10"},
    {"energy_short", "session_report", "session_report", UPSTREAM, 4, "energy_wh", "45"},
    {"double_report", "session_report", "session_report", UPSTREAM, 5, "running", ""},
    {"wrong_session_number", "session_report", "session_report", UPSTREAM, 4, "session", "2"},
    {"late_report=5000", "session_report", "session_report", UPSTREAM, 4, "energy_wh", "51"},
    {"loses", "energy_request", "energy_request", UPSTREAM, 0, "rate", ""},
    {"loses_one", "vin", "vin", UPSTREAM, 0, "vin", ""},
    {"repeats_one", "vin", "vin", UPSTREAM, 2, "vin", "\"1PB00000000000001\""},
    {"sums_kept_from_utility", "session_report", "session_report", UPSTREAM, 1, "running", ""},
    {"sums_kept_from_vehicle", "session_report", "session_report", PREMISE, 1, "running", ""},
    {"vehicle_not_told", "session_report", "session_report", PREMISE, 0, "energy_wh", ""},
    {"never_reports", "session_report", "session_report", UPSTREAM, 0, "energy_wh", ""},
    {"passes_nothing",
     "vin billing_request energy_request schedule_request event_info_request price_information cpp_info_request "
     "active_management_request binding_confirmation",
     "vin", UPSTREAM, 0, "vin", ""},
    {"passes_late=5000",
     "vin billing_request energy_request schedule_request event_info_request price_information cpp_info_request "
     "active_management_request binding_confirmation",
     "vin", UPSTREAM, 1, "vin", "\"1PB00000000000001\""},
};

static void test_each_defect_shows_what_it_says_and_nothing_else(void **state) {
    (void)state;
    session(&healthy, NULL, NULL);
    for (size_t i = 0; i < sizeof deviations / sizeof deviations[0]; i++) {
        char types[600];
        size_t count = deviations[i].count;
        session(&other, "--defect", deviations[i].defect);
        dialogue_compare(&healthy, &other, types, sizeof types);
        print_message("%s: %s\n", deviations[i].defect, types);
        PB_CHECK_TEXT(types, deviations[i].types);
        PB_CHECK_INT(dialogue_count(&other, deviations[i].type, deviations[i].link), count, deviations[i].type);
        const struct said *last =
            count ? dialogue_find(&other, deviations[i].type, deviations[i].link, count - 1) : NULL;
        if (strcmp(deviations[i].defect, "bound_to_wrong_premise") == 0) /* the vehicle's; the meter's passes through */
            last = dialogue_find(&other, deviations[i].type, deviations[i].link, 1);
        PB_CHECK_TEXT(dialogue_field(last, deviations[i].field), deviations[i].value);
        dialogue_close(&other);
    }
    dialogue_close(&healthy);
}

static void test_premise_limit_ignored_grants_more_than_the_premise_bears(void **state) {
    (void)state;
    open_stub(&other, "--defect", "premise_limit_ignored");
    dialogue_say(&other, PREMISE, "pev", "utility", "energy_request", "{'amount':90000,'rate':80000000}");
    utility(&other, "pev", "energy_available", "{'amount':90000,'rate':50000000}");
    dialogue_run(&other, SECONDS);
    PB_CHECK_TEXT(dialogue_field(dialogue_find(&other, "energy_available", PREMISE, 0), "rate"), "50000000");
    dialogue_close(&other);
}

#define ASKS "'from':'pev','to':'utility','type':'energy_request'"
#define SAYS "'from':'utility','to':'esci','type':'id_verification'"
static const struct misuse misuses[] = {
    {"version_ignored",
     {"{'fields':{'amount':1,'rate':1}," ASKS ",'id':900,'v':2}"},
     PREMISE,
     false,
     false,
     "energy_request",
     UPSTREAM,
     NULL,
     NULL,
     1,
     2},
    {"replay_heeded",
     {"{'fields':{'amount':1,'rate':1}," ASKS ",'id':901,'v':1}",
      "{'fields':{'amount':1,'rate':1}," ASKS ",'id':900,'v':1}",
      "{'fields':{'amount':1,'rate':1}," ASKS ",'id':901,'v':1}"},
     PREMISE,
     false,
     false,
     "energy_request",
     UPSTREAM,
     NULL,
     NULL,
     3,
     4},
    {"request_not_checked",
     {"{'fields':{'amount':1,'rate':-1}," ASKS ",'id':900,'v':1}"},
     PREMISE,
     false,
     false,
     "energy_request",
     UPSTREAM,
     NULL,
     NULL,
     1,
     2},
    {"any_vehicle_bound",
     {"{'fields':{'vin':'1PB00000000000002','verified':true}," SAYS ",'id':900,'v':1}"},
     UPSTREAM,
     false,
     false,
     "binding_confirmation",
     PREMISE,
     "success",
     "true",
     0,
     1},
    {"unasked_grant_passed",
     {"{'fields':{'amount':1,'rate':1},'from':'utility','to':'pev','type':'energy_available','id':900,'v':1}"},
     UPSTREAM,
     true,
     false,
     "energy_available",
     PREMISE,
     NULL,
     NULL,
     0,
     1},
    {"jammed_by_long_message",
     {"{'fields':{'amount':1,'rate':1}," ASKS ",'id':900,'v':1}"},
     PREMISE,
     false,
     true,
     "energy_request",
     UPSTREAM,
     NULL,
     NULL,
     2,
     1},
};

static void begin_session(struct dialogue *dialogue) { ask(dialogue, "{" VIN "}"); }

static void test_what_is_not_right_is_left_alone_but_by_its_defect(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++)
        dialogue_check_misuse(&misuses[i], "stub-esci", PBW_ESCI, begin_session);
}

static const struct {
    const char *defect; /* NULL: none */
    size_t to_utility, to_customer;
    const char *reason;
} told_on[] = {
    {NULL, 1, 1, "\"vehicle\""},
    {"reason_not_passed_on", 0, 1, "\"vehicle\""},
    {"customer_not_told_why", 1, 0, "\"vehicle\""},
    {"reason_told_twice", 2, 1, "\"vehicle\""},
    {"reason_left_out", 1, 1, "\"none\""},
};

static void test_why_it_does_not_charge_is_told_to_utility_and_customer_once(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof told_on / sizeof told_on[0]; i++) {
        open_stub(&other, told_on[i].defect ? "--defect" : NULL, told_on[i].defect);
        dialogue_say(&other, PREMISE, "pev", "esci", "charging_status", "{'charging':'charging','reason':'none'}");
        dialogue_say(&other, PREMISE, "pev", "esci", "charging_status",
                     "{'charging':'fault','reason':'vehicle'," VIN "}");
        dialogue_run(&other, 2 * SECONDS);
        PB_CHECK_INT(dialogue_count(&other, "charging_status", UPSTREAM), told_on[i].to_utility, "to the utility");
        PB_CHECK_INT(dialogue_count(&other, "charging_status", PREMISE), told_on[i].to_customer, "to the customer");
        uint8_t link = told_on[i].to_utility ? UPSTREAM : PREMISE;
        PB_CHECK_TEXT(dialogue_field(dialogue_find(&other, "charging_status", link, 0), "reason"), told_on[i].reason);
        dialogue_close(&other);
    }
}

static void test_energy_without_a_vehicle_is_reported_to_nobody(void **state) {
    (void)state;
    open_stub(&other, NULL, NULL);
    dialogue_say(&other, PREMISE, "eumd", "esci", "interval_metering", "{'duration_s':60,'energy_wh':20}");
    dialogue_run(&other, 5 * SECONDS);
    PB_CHECK_INT(other.said_count, 0, "messages");
    dialogue_close(&other);
}

static bool is_shown(const char *defect) {
    for (size_t i = 0; i < sizeof misuses / sizeof misuses[0]; i++)
        if (strcmp(misuses[i].defect, defect) == 0) return true;
    for (size_t i = 1; i < sizeof told_on / sizeof told_on[0]; i++)
        if (strcmp(told_on[i].defect, defect) == 0) return true;
    static const char *const elsewhere[] = {"vin_not_checked", "binds_unverified", "premise_limit_ignored",
                                            "stale_clock",     "flow_row_lost",    "flow_late",
                                            "flow_twice",      "flow_otherwise",   "slot_ignored"};
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (strcmp(elsewhere[i], defect) == 0) return true;
    for (size_t i = 0; i < sizeof deviations / sizeof deviations[0]; i++)
        if (script_is_defect(deviations[i].defect, defect)) return true;
    return false;
}

static void test_every_defect_of_the_list_is_shown_here(void **state) {
    (void)state;
    PB_CHECK_BETWEEN(script_check_defects("stub-esci", is_shown), 16, 100, "defects");
}

static void test_stale_clock_dates_what_it_says_too_early(void **state) {
    (void)state;
    open_stub(&other, "--defect", "stale_clock=30");
    dialogue_run(&other, 100 * SECONDS);
    dialogue_say(&other, PREMISE, "pev", "esci", "session_open", "{'initiator':'pev'}");
    dialogue_run(&other, SECONDS);
    const struct said *said = dialogue_find(&other, "session_open", PREMISE, 0);
    PB_CHECK_INT(said->t_ns - json_integer_value(json_object_get(said->message, "at_ns")), 30 * SECONDS, "ns");
    dialogue_close(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_session_passes_through_and_all_it_says_is_as_the_catalogue_has_it),
        cmocka_unit_test(test_each_interval_makes_a_running_sum_and_the_end_a_report_to_utility_and_vehicle),
        cmocka_unit_test(test_a_session_without_an_end_is_over_when_the_meter_has_been_quiet),
        cmocka_unit_test(test_what_flows_after_the_end_is_none_of_the_sessions),
        cmocka_unit_test(test_a_fault_does_not_end_a_session),
        cmocka_unit_test(test_a_grant_stays_within_request_and_premise),
        cmocka_unit_test(test_a_vin_that_can_be_none_goes_no_further),
        cmocka_unit_test(test_what_is_not_verified_is_not_bound),
        cmocka_unit_test(test_replays_and_messages_for_others_are_left_alone),
        cmocka_unit_test(test_no_bytes_bring_it_down_and_it_goes_on),
        cmocka_unit_test(test_what_is_passed_on_keeps_its_order),
        cmocka_unit_test(test_equal_seeds_give_equal_bytes),
        cmocka_unit_test(test_each_defect_shows_what_it_says_and_nothing_else),
        cmocka_unit_test(test_premise_limit_ignored_grants_more_than_the_premise_bears),
        cmocka_unit_test(test_what_is_not_right_is_left_alone_but_by_its_defect),
        cmocka_unit_test(test_why_it_does_not_charge_is_told_to_utility_and_customer_once),
        cmocka_unit_test(test_energy_without_a_vehicle_is_reported_to_nobody),
        cmocka_unit_test(test_every_defect_of_the_list_is_shown_here),
        cmocka_unit_test(test_stale_clock_dates_what_it_says_too_early),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
