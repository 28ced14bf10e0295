/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/check.h"

#include "messages/match.h"

enum { MESSAGES = 16 };
static struct pb_message_value values[MESSAGES];
static struct pb_heard heard[MESSAGES];
static struct pb_heard_result as[MESSAGES];
static struct pb_matcher matcher;
static size_t count;

static int reset(void **state) {
    (void)state;
    count = 0;
    return 0;
}

/* Received at so many ms; ids count up by themselves. */
static struct pb_message_value *say(const char *type, enum pb_party from, enum pb_party to, int64_t at_ms) {
    size_t row = pb_catalogue_find(type);
    int64_t id = 0;
    for (size_t i = 0; i < count; i++) id += values[i].from == from;
    pb_message_begin(&values[count], &pb_catalogue[row], from, to, id);
    heard[count] = (struct pb_heard){&values[count], {at_ms * 1000000}, 0};
    return &values[count++];
}
static void number(struct pb_message_value *value, const char *field, int64_t to) {
    struct pb_error error;
    PB_CHECK_OK(pb_message_set_number(value, field, to, &error), &error);
}
static void text(struct pb_message_value *value, const char *field, const char *to) {
    struct pb_error error;
    PB_CHECK_OK(pb_message_set_text(value, field, to, &error), &error);
}
static void request(int64_t amount, int64_t rate, int64_t at_ms) {
    struct pb_message_value *value = say("energy_request", PB_PARTY_PEV, PB_PARTY_UTILITY, at_ms);
    number(value, "amount", amount);
    number(value, "rate", rate);
}
static void grant(int64_t amount, int64_t rate, int64_t at_ms) {
    struct pb_message_value *value = say("energy_available", PB_PARTY_UTILITY, PB_PARTY_PEV, at_ms);
    number(value, "amount", amount);
    number(value, "rate", rate);
}

static void run(const struct pb_pattern *patterns, size_t patterns_count, enum pb_unexpected_policy policy) {
    struct pb_error error;
    struct pb_expected expected = {patterns, patterns_count, policy};
    PB_CHECK_OK(pb_match_all(&expected, heard, count, &matcher, as, &error), &error);
}
#define RUN(patterns, policy) run(patterns, sizeof(patterns) / sizeof *(patterns), policy)

#define FOREVER .within = {INT64_MAX}, .transit = {INT64_MAX}, .after = -1
#define ANYONE .from = PB_PARTY_COUNT, .to = PB_PARTY_COUNT
#define NUMBER_OF(n)                                                                                                   \
    { .kind = PB_OPERAND_NUMBER, .number = n }
#define FIELD_OF(pattern, name)                                                                                        \
    { .kind = PB_OPERAND_FIELD, .number = pattern, .text = name }

/* Rate of the request: the lesser of 1440 W (ALC) and 3300 W (charger); the grant never above the request. */
static const struct pb_pattern energy[] = {
    {.name = "9",
     .type = "energy_request",
     .from = PB_PARTY_PEV,
     .to = PB_PARTY_UTILITY,
     .group = 1,
     FOREVER,
     .conditions = {{"rate", PB_RELATION_MIN_OF, NUMBER_OF(1440000), NUMBER_OF(3300000), 1000, false, NULL}},
     .condition_count = 1},
    {.name = "12",
     .type = "energy_available",
     .from = PB_PARTY_UTILITY,
     .to = PB_PARTY_PEV,
     .group = 2,
     .after = 0,
     .within = {1000000000},
     .transit = {INT64_MAX},
     .conditions = {{"rate", PB_RELATION_AT_MOST, FIELD_OF(0, "rate"), {0}, 0, false, NULL},
                    {"amount", PB_RELATION_EQUAL, FIELD_OF(0, "amount"), {0}, 10, false, NULL}},
     .condition_count = 2},
};

static void test_what_is_expected_passes(void **state) {
    (void)state;
    request(4320, 1440900, 0);
    grant(4311, 945985, 1000);
    RUN(energy, PB_UNEXPECTED_JUDGE);
    PB_CHECK_TRUE(pb_match_is_pass(&matcher), "not a pass");
    PB_CHECK_INT(as[1].as, PB_HEARD_MATCHED, "");
}

static void check_failure(size_t pattern, enum pb_match_outcome outcome, const char *says) {
    char said[200];
    PB_CHECK_TRUE(!pb_match_is_pass(&matcher), "a pass");
    PB_CHECK_TEXT(pb_match_outcome_names[matcher.results[pattern].outcome], pb_match_outcome_names[outcome]);
    PB_CHECK_CONTAINS(pb_match_explain(&matcher, pattern, said, sizeof said), says);
}

static void test_a_rate_above_the_lesser_of_two_is_a_mismatch(void **state) {
    (void)state;
    request(4320, 3300000, 0);
    grant(4320, 1, 1);
    RUN(energy, PB_UNEXPECTED_NOTE);
    check_failure(0, PB_MATCH_MISMATCH, "rate is 3300000 mW, expected the lesser of two: 1440000 mW");
    PB_CHECK_INT(matcher.results[1].outcome, PB_MATCH_FITS, "");
}

static void test_a_grant_above_the_request_is_a_mismatch(void **state) {
    (void)state;
    request(4320, 1440000, 0);
    grant(4320, 1440001, 1);
    RUN(energy, PB_UNEXPECTED_NOTE);
    check_failure(1, PB_MATCH_MISMATCH, "rate is 1440001 mW, expected at most 1440000 mW");
}

static void test_a_tolerance_is_inclusive(void **state) {
    (void)state;
    request(4320, 1440000, 0);
    grant(4331, 1440000, 1);
    RUN(energy, PB_UNEXPECTED_NOTE);
    check_failure(1, PB_MATCH_MISMATCH, "amount is 4331 Wh, expected equal to 4320 Wh");
}

static void test_a_missing_message_is_told(void **state) {
    (void)state;
    request(4320, 1440000, 0);
    RUN(energy, PB_UNEXPECTED_NOTE);
    check_failure(1, PB_MATCH_MISSING, "missing");
}

static void test_a_late_message_is_told_with_its_time(void **state) {
    (void)state;
    request(4320, 1440000, 5);
    grant(4320, 1440000, 1006);
    RUN(energy, PB_UNEXPECTED_NOTE);
    check_failure(1, PB_MATCH_LATE, "1001000000 ns, expected at most 1000000000 ns");
}

static void test_one_by_one_and_at_once_are_the_same(void **state) {
    struct pb_error error;
    struct pb_matcher single;
    struct pb_expected expected = {energy, 2, PB_UNEXPECTED_NOTE};
    (void)state;
    request(4320, 1440000, 5);
    grant(4320, 1440000, 1006);
    PB_CHECK_OK(pb_match_begin(&single, &expected, &error), &error);
    for (size_t i = 0; i < 2; i++) pb_match_take(&single, &heard[i]);
    PB_CHECK_INT(single.results[0].outcome, PB_MATCH_FITS, "");
    PB_CHECK_INT(single.results[1].outcome, PB_MATCH_LATE, "");
    pb_match_close(&single);
    RUN(energy, PB_UNEXPECTED_NOTE);
    for (size_t i = 0; i < 2; i++) PB_CHECK_INT(single.results[i].outcome, matcher.results[i].outcome, "");
}

static void test_order_is_told_at_the_one_that_came_after(void **state) {
    static const struct pb_pattern order[] = {
        {.name = "8", .type = "vin", ANYONE, .group = 1, FOREVER},
        {.name = "9b", .type = "event_info_request", ANYONE, .group = 1, FOREVER},
        {.name = "9d", .type = "cpp_info_request", ANYONE, .group = 2, FOREVER},
    };
    (void)state;
    say("event_info_request", PB_PARTY_PEV, PB_PARTY_UTILITY, 0);
    text(say("vin", PB_PARTY_PEV, PB_PARTY_UTILITY, 1), "vin", "1PB00000000000001");
    say("cpp_info_request", PB_PARTY_PEV, PB_PARTY_UTILITY, 2);
    RUN(order, PB_UNEXPECTED_JUDGE);
    PB_CHECK_TRUE(pb_match_is_pass(&matcher), "within a group any order is right");
    count = 0;
    text(say("vin", PB_PARTY_PEV, PB_PARTY_UTILITY, 1), "vin", "1PB00000000000001");
    say("cpp_info_request", PB_PARTY_PEV, PB_PARTY_UTILITY, 2);
    say("event_info_request", PB_PARTY_PEV, PB_PARTY_UTILITY, 3);
    RUN(order, PB_UNEXPECTED_JUDGE);
    check_failure(1, PB_MATCH_OUT_OF_ORDER, "event_info_request is out of order with cpp_info_request");
}

static void test_one_too_many_is_told(void **state) {
    (void)state;
    request(4320, 1440000, 0);
    grant(4320, 1440000, 1);
    grant(4320, 1440000, 2);
    RUN(energy, PB_UNEXPECTED_IGNORE);
    check_failure(1, PB_MATCH_TOO_MANY, "too many");
    PB_CHECK_INT(as[2].as, PB_HEARD_TOO_MANY, "");
}

/* Whoever judged the pattern when it had one knows nothing of the next. */
static void test_a_further_one_that_does_not_fit_is_told_from_the_first(void **state) {
    static const struct pb_pattern many[] = {
        {.name = "9",
         .type = "energy_request",
         ANYONE,
         .often = PB_OFTEN_AT_LEAST_ONCE,
         FOREVER,
         .conditions = {{"rate", PB_RELATION_AT_MOST, NUMBER_OF(1440000), {0}, 0, false, NULL}},
         .condition_count = 1},
    };
    (void)state;
    request(4320, 1440000, 0);
    request(4320, 1440000, 1);
    request(4320, 1440001, 2);
    RUN(many, PB_UNEXPECTED_JUDGE);
    check_failure(0, PB_MATCH_MISMATCH, "rate");
    PB_CHECK_INT(as[1].as, PB_HEARD_MATCHED, "");
    PB_CHECK_INT(as[2].as, PB_HEARD_FURTHER, "");
    count = 0;
    request(4320, 1440001, 0);
    RUN(many, PB_UNEXPECTED_JUDGE);
    PB_CHECK_INT(as[0].as, PB_HEARD_MISMATCHED, "");
}

static void test_a_repeated_id_is_never_a_match(void **state) {
    (void)state;
    request(4320, 1440000, 0);
    grant(4320, 1440000, 1);
    grant(4320, 1440000, 2);
    values[2].id = values[1].id;
    RUN(energy, PB_UNEXPECTED_NOTE);
    PB_CHECK_INT(as[2].as, PB_HEARD_REPEATED, "");
    PB_CHECK_TRUE(pb_match_is_pass(&matcher), "a repeated one is noted only");
    RUN(energy, PB_UNEXPECTED_JUDGE);
    PB_CHECK_TRUE(!pb_match_is_pass(&matcher), "policy judges it");
}

static void test_holes_and_late_ids_are_told(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) say("cpp_info_request", PB_PARTY_PEV, PB_PARTY_UTILITY, i);
    values[1].id = 2; /* 0 2 1 100 */
    values[2].id = 1;
    values[3].id = 100;
    RUN(energy, PB_UNEXPECTED_IGNORE);
    PB_CHECK_TRUE(!as[0].is_after_gap && as[1].is_after_gap && as[2].is_late_id && as[3].is_after_gap, "flags");
    values[3].id = 2;
    RUN(energy, PB_UNEXPECTED_IGNORE);
    PB_CHECK_INT(as[3].as, PB_HEARD_REPEATED, "");
}

static void test_each_link_has_a_numbering_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) say("cpp_info_request", PB_PARTY_PEV, PB_PARTY_UTILITY, i);
    values[1].id = values[0].id;
    heard[1].link = 1;
    RUN(energy, PB_UNEXPECTED_IGNORE);
    PB_CHECK_INT(as[1].as, PB_HEARD_UNEXPECTED, "");
    heard[1].link = 0;
    RUN(energy, PB_UNEXPECTED_IGNORE);
    PB_CHECK_INT(as[1].as, PB_HEARD_REPEATED, "");
}

static void test_a_stamp_after_the_receipt_is_told(void **state) {
    static const struct pb_pattern swift[] = {
        {.name = "9d",
         .type = "cpp_info_request",
         ANYONE,
         .often = PB_OFTEN_AT_LEAST_ONCE,
         .after = -1,
         .within = {INT64_MAX},
         .transit = {1000000}},
    };
    (void)state;
    struct pb_message_value *value = say("cpp_info_request", PB_PARTY_PEV, PB_PARTY_UTILITY, 5);
    value->has_sent = true;
    value->sent.ns = 5000001;
    RUN(swift, PB_UNEXPECTED_IGNORE);
    PB_CHECK_TRUE(as[0].is_from_future, "flag");
    value->sent.ns = 3999999;
    RUN(swift, PB_UNEXPECTED_IGNORE);
    check_failure(0, PB_MATCH_SLOW, "1000001 ns");
    value->has_sent = false;
    RUN(swift, PB_UNEXPECTED_IGNORE);
    check_failure(0, PB_MATCH_SLOW, "-1 ns");
    value->has_sent = true;
    value->sent.ns = 4000000;
    RUN(swift, PB_UNEXPECTED_IGNORE);
    PB_CHECK_TRUE(pb_match_is_pass(&matcher), "in time");
}

static void test_a_running_sum_must_not_fall(void **state) {
    static const struct pb_pattern sums[] = {
        {.name = "10",
         .type = "session_report",
         ANYONE,
         .often = PB_OFTEN_ANY,
         .group = -1,
         FOREVER,
         .conditions =
             {{"energy_wh", PB_RELATION_AT_LEAST, FIELD_OF(0, "energy_wh"), {0}, 0, false, NULL},
              {"vin", PB_RELATION_EQUAL, {.kind = PB_OPERAND_TEXT, .text = "1PB00000000000001"}, {0}, 0, false, NULL}},
         .condition_count = 2},
    };
    static const int64_t energies[] = {10, 10, 25, 24};
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct pb_message_value *value = say("session_report", PB_PARTY_ESCI, PB_PARTY_UTILITY, i);
        number(value, "energy_wh", energies[i]);
        number(value, "duration_s", 0);
        text(value, "vin", "1PB00000000000001");
        text(value, "premise", "P-1");
    }
    count = 3;
    RUN(sums, PB_UNEXPECTED_JUDGE);
    PB_CHECK_TRUE(pb_match_is_pass(&matcher), "sums rise");
    count = 4;
    RUN(sums, PB_UNEXPECTED_JUDGE);
    check_failure(0, PB_MATCH_MISMATCH, "energy_wh is 24 Wh, expected at least 25 Wh");
    count = 1;
    text(&values[0], "vin", "1PB00000000000002");
    RUN(sums, PB_UNEXPECTED_JUDGE);
    check_failure(0, PB_MATCH_MISMATCH, "vin is not equal to 1PB00000000000001");
}

static void test_a_forbidden_message_is_told(void **state) {
    static const struct pb_pattern forbidden[] = {
        {.name = "no",
         .type = "binding_confirmation",
         ANYONE,
         .often = PB_OFTEN_NEVER,
         FOREVER,
         .conditions = {{"success", PB_RELATION_EQUAL, NUMBER_OF(1), {0}, 0, false, NULL}},
         .condition_count = 1},
        {.name = "one", .type = "binding_confirmation", ANYONE, .often = PB_OFTEN_AT_MOST_ONCE, FOREVER},
    };
    (void)state;
    RUN(forbidden, PB_UNEXPECTED_JUDGE);
    PB_CHECK_TRUE(pb_match_is_pass(&matcher), "silence is right");
    number(say("binding_confirmation", PB_PARTY_UTILITY, PB_PARTY_ESCI, 0), "success", 0);
    RUN(forbidden, PB_UNEXPECTED_JUDGE);
    PB_CHECK_TRUE(pb_match_is_pass(&matcher), "a denial is right");
    number(&values[0], "success", 1);
    RUN(forbidden, PB_UNEXPECTED_JUDGE);
    check_failure(0, PB_MATCH_FORBIDDEN, "forbidden");
}

static void test_lists_out_of_order_are_told(void **state) {
    static const struct pb_pattern prices[] = {
        {.name = "12c",
         .type = "hourly_prices",
         ANYONE,
         FOREVER,
         .conditions = {{"prices", PB_RELATION_ASCENDING, {.text = "from"}, {0}, 0, false, NULL}},
         .condition_count = 1},
    };
    struct pb_error error;
    (void)state;
    struct pb_message_value *value = say("hourly_prices", PB_PARTY_UTILITY, PB_PARTY_PEV, 0);
    for (int i = 0; i < 2; i++) {
        PB_CHECK_OK(pb_message_add_item(value, "prices", &error), &error);
        text(value, "prices.from", i ? "17:00" : "16:00");
        text(value, "prices.price", "0.1");
    }
    RUN(prices, PB_UNEXPECTED_JUDGE);
    PB_CHECK_TRUE(pb_match_is_pass(&matcher), "ascending");
    text(value, "prices.from", "15:59");
    RUN(prices, PB_UNEXPECTED_JUDGE);
    check_failure(0, PB_MATCH_MISMATCH, "prices is not ascending from");
}

static void test_unexpected_messages_go_by_policy(void **state) {
    (void)state;
    request(4320, 1440000, 0);
    grant(4320, 1440000, 1);
    number(say("charge_cycle_override", PB_PARTY_CUSTOMER, PB_PARTY_PEV, 2), "on", 1);
    for (enum pb_unexpected_policy policy = PB_UNEXPECTED_IGNORE; policy <= PB_UNEXPECTED_JUDGE; policy++) {
        RUN(energy, policy);
        PB_CHECK_INT(as[2].as, PB_HEARD_UNEXPECTED, "");
        PB_CHECK_INT(pb_match_is_pass(&matcher), policy != PB_UNEXPECTED_JUDGE, "pass");
    }
}

static void test_a_table_that_contradicts_itself_is_refused(void **state) {
    static const struct pb_pattern bad[] = {
        {.name = "a", .type = "no_such", ANYONE, FOREVER},
        {.name = "b", .type = "pilot_level", ANYONE, FOREVER},
        {.name = "c", .type = "vin", ANYONE, .after = 7},
        {.name = "d",
         .type = "vin",
         ANYONE,
         FOREVER,
         .conditions = {{"rate", PB_RELATION_PRESENT, {0}, {0}, 0, false, NULL}},
         .condition_count = 1},
        {.name = "e",
         .type = "vin",
         ANYONE,
         FOREVER,
         .conditions = {{"vin", PB_RELATION_AT_MOST, NUMBER_OF(1), {0}, 0, false, NULL}},
         .condition_count = 1},
        {.name = "f",
         .type = "energy_request",
         ANYONE,
         FOREVER,
         .conditions = {{"rate", PB_RELATION_EQUAL, FIELD_OF(0, "amount"), {0}, 0, false, NULL}},
         .condition_count = 1},
        {.name = "g",
         .type = "session_open",
         ANYONE,
         FOREVER,
         .conditions = {{"initiator", PB_RELATION_EQUAL, NUMBER_OF(2), {0}, 0, false, NULL}},
         .condition_count = 1},
        {.name = "h",
         .type = "hourly_prices",
         ANYONE,
         FOREVER,
         .conditions = {{"prices", PB_RELATION_ASCENDING, {.text = "to"}, {0}, 0, false, NULL}},
         .condition_count = 1},
    };
    struct pb_error error;
    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct pb_expected expected = {&bad[i], 1, PB_UNEXPECTED_NOTE};
        PB_CHECK_INT(pb_match_begin(&matcher, &expected, &error), PB_ERR_ARG, bad[i].name);
    }
}

/* One condition of the two hourly prices of 0.1 and 0.2, and whether it holds; NULL for one that does. */
static const char *explain_of_prices(const struct pb_condition *condition) {
    static char why[200];
    static struct pb_message_value other;
    struct pb_error error;
    struct pb_message_value *value = say("hourly_prices", PB_PARTY_UTILITY, PB_PARTY_PEV, 0);
    for (int i = 0; i < 2; i++) {
        PB_CHECK_OK(pb_message_add_item(value, "prices", &error), &error);
        text(value, "prices.from", i ? "17:00" : "16:00");
        text(value, "prices.price", i ? "0.2" : "0.1");
    }
    other = *value;
    if (condition->a.kind == PB_OPERAND_LIST && condition->tolerance) text(&other, "prices.price", "0.3");
    struct pb_pattern prices[] = {{.name = "12c",
                                   .type = "hourly_prices",
                                   .from = PB_PARTY_UTILITY,
                                   .to = PB_PARTY_PEV,
                                   .after = -1,
                                   .within = PB_SPAN_FOREVER,
                                   .transit = PB_SPAN_FOREVER,
                                   .conditions = {*condition},
                                   .condition_count = 1}};
    if (condition->a.kind == PB_OPERAND_LIST) {
        prices[0].conditions[0].a.value = &other;
        prices[0].conditions[0].tolerance = 0;
    }
    RUN(prices, PB_UNEXPECTED_JUDGE);
    return pb_match_is_pass(&matcher) ? NULL : pb_match_explain(&matcher, 0, why, sizeof why);
}

static void test_lists_are_counted_and_compared_item_for_item(void **state) {
    static const struct {
        struct pb_condition condition;
        const char *why; /* NULL: it holds */
    } rows[] = {
        {{.field = "prices", .relation = PB_RELATION_ITEMS, .a = {.kind = PB_OPERAND_NUMBER, .number = 2}}, NULL},
        {{.field = "prices", .relation = PB_RELATION_ITEMS, .a = {.kind = PB_OPERAND_NUMBER, .number = 24}},
         "prices has 2 items, expected 24"},
        {{.field = "prices",
          .relation = PB_RELATION_ITEMS,
          .a = {.kind = PB_OPERAND_NUMBER, .number = 1},
          .b = {.kind = PB_OPERAND_NUMBER, .number = 48}},
         NULL},
        {{.field = "prices",
          .relation = PB_RELATION_AT_MOST,
          .member = "price",
          .a = {.kind = PB_OPERAND_NUMBER, .number = 200000}},
         NULL},
        {{.field = "prices",
          .relation = PB_RELATION_AT_MOST,
          .member = "price",
          .a = {.kind = PB_OPERAND_NUMBER, .number = 199999}},
         "prices: price is 0.2, expected at most 0.199999"},
        {{.field = "prices",
          .relation = PB_RELATION_AT_LEAST,
          .member = "tier",
          .is_if_present = true,
          .a = {.kind = PB_OPERAND_NUMBER, .number = 3}},
         NULL},
        {{.field = "prices", .relation = PB_RELATION_EQUAL, .a = {.kind = PB_OPERAND_LIST, .text = "prices"}}, NULL},
        {{.field = "prices",
          .relation = PB_RELATION_EQUAL,
          .tolerance = 1, /* this test's word for: the other list differs in its last price */
          .a = {.kind = PB_OPERAND_LIST, .text = "prices"}},
         "prices is not the list that was sent"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        count = 0;
        const char *why = explain_of_prices(&rows[i].condition);
        PB_CHECK_TRUE(!why == !rows[i].why && (!why || strcmp(why, rows[i].why) == 0), "row %zu: %s, expected %s", i,
                      why ? why : "holds", rows[i].why ? rows[i].why : "holds");
    }
}

int main(void) {
#define CASE(name) cmocka_unit_test_setup(name, reset)
    const struct CMUnitTest tests[] = {
        CASE(test_what_is_expected_passes),
        CASE(test_lists_are_counted_and_compared_item_for_item),
        CASE(test_a_rate_above_the_lesser_of_two_is_a_mismatch),
        CASE(test_a_grant_above_the_request_is_a_mismatch),
        CASE(test_a_tolerance_is_inclusive),
        CASE(test_a_missing_message_is_told),
        CASE(test_a_late_message_is_told_with_its_time),
        CASE(test_one_by_one_and_at_once_are_the_same),
        CASE(test_order_is_told_at_the_one_that_came_after),
        CASE(test_one_too_many_is_told),
        CASE(test_a_further_one_that_does_not_fit_is_told_from_the_first),
        CASE(test_a_repeated_id_is_never_a_match),
        CASE(test_holes_and_late_ids_are_told),
        CASE(test_each_link_has_a_numbering_of_its_own),
        CASE(test_a_stamp_after_the_receipt_is_told),
        CASE(test_a_running_sum_must_not_fall),
        CASE(test_a_forbidden_message_is_told),
        CASE(test_lists_out_of_order_are_told),
        CASE(test_unexpected_messages_go_by_policy),
        CASE(test_a_table_that_contradicts_itself_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
