/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/check.h"

#include "messages/codec.h"
#include "tests/messages/samples.h"

#include <jansson.h>

static struct pb_message_value value, again;
static char text[PB_MESSAGE_BYTES_MAX + 1];

static void test_every_message_comes_back_as_it_was(void **state) {
    size_t numbers[128], count = sample_link_rows(numbers), length;
    struct pb_error error;
    uint64_t random = 1;
    (void)state;
    for (int turn = 0; turn < 50; turn++)
        for (size_t i = 0; i < count; i++) {
            sample_message(numbers[i], &random, turn, &value);
            PB_CHECK_OK(pb_message_encode(&value, text, sizeof text, &length, &error), &error);
            PB_CHECK_INT(length, strlen(text), "bytes");
            PB_CHECK_OK(pb_message_decode(text, length, &again, &error), &error);
            PB_CHECK_TRUE(pb_message_is_equal(&value, &again), "%s", text);
        }
}

/* jansson, asked for sorted members without blanks, writes the same. */
static void test_json_is_canonical(void **state) {
    size_t numbers[128], count = sample_link_rows(numbers), length;
    struct pb_error error;
    uint64_t random = 2;
    (void)state;
    for (size_t i = 0; i < count; i++) {
        sample_message(numbers[i], &random, 0, &value);
        PB_CHECK_OK(pb_message_encode(&value, text, sizeof text, &length, &error), &error);
        json_t *json = json_loads(text, 0, NULL);
        char *canonical = json_dumps(json, JSON_SORT_KEYS | JSON_COMPACT);
        PB_CHECK_TEXT(text, canonical);
        free(canonical);
        json_decref(json);
    }
}

#define ENERGY(fields)                                                                                                 \
    "{\"v\":1,\"type\":\"energy_request\",\"from\":\"pev\",\"to\":\"utility\",\"id\":7,\"fields\":{" fields "}}"
#define ANY(type, from, to, fields)                                                                                    \
    "{\"v\":1,\"type\":\"" type "\",\"from\":\"" from "\",\"to\":\"" to "\",\"id\":7,\"fields\":{" fields "}}"

/* What is refused, where, and what is found and expected. */
static const struct {
    const char *text, *where, *found, *expected;
} wrong[] = {
    {"", "byte 1", "no JSON", "one object"},
    {"{", "byte 1", "no JSON", "one object"},
    {"[1]", "byte 1", "a list", "an object"},
    {"7", "byte 1", "7", "an object"},
    {"{} x", "byte 4", "no JSON", "one object"},
    {"{}", "v", "nothing", "from 1 to 1"},
    {"{\"v\":2}", "v", "found 2", "from 1 to 1"},
    {"{\"v\":\"1\"}", "v", "found \"1\"", "an integer"},
    {"{\"v\":1,\"v\":1}", "byte", "duplicate", "one object"},
    {"{\"v\":1}", "type", "nothing", "name of a message"},
    {"{\"v\":1,\"type\":\"hello\"}", "type", "\"hello\"", "name of a message"},
    {"{\"v\":1,\"type\":\"pilot_level\"}", "type", "\"pilot_level\"", "links carry"},
    {"{\"type\":\"interval_metering\",\"energy_wh\":1,\"duration_s\":2}", "v", "nothing", "integer"},
    {"{\"v\":1,\"type\":\"vin\",\"colour\":1}", "\"colour\"", "unknown member", "at_ns, fields"},
    {ANY("vin", "evse", "utility", ""), "from", "\"evse\"", "pev (vin)"},
    {ANY("vin", "pev", "pev", ""), "to", "\"pev\"", "utility (vin)"},
    {"{\"v\":1,\"type\":\"vin\",\"from\":\"pev\",\"to\":\"utility\",\"id\":-1}", "id", "found -1", "from 0"},
    {"{\"v\":1,\"type\":\"vin\",\"from\":\"pev\",\"to\":\"utility\",\"id\":1,\"at_ns\":1.5}", "at_ns", "a real number",
     "integer"},
    {"{\"v\":1,\"type\":\"vin\",\"from\":\"pev\",\"to\":\"utility\",\"id\":1}", "fields", "nothing", "an object"},
    {ENERGY("\"amount\":1"), "fields.rate", "nothing", "required"},
    {ENERGY("\"amount\":1,\"rate\":1.5"), "fields.rate", "a real number", "an integer of mW from 0 to 1000000000"},
    {ENERGY("\"amount\":1,\"rate\":1000000001"), "fields.rate", "1000000001", "an integer of mW"},
    {ENERGY("\"amount\":-1,\"rate\":1"), "fields.amount", "-1", "an integer of Wh from 0"},
    {ENERGY("\"amount\":1,\"rate\":\"1\""), "fields.rate", "\"1\"", "an integer of mW"},
    {ENERGY("\"amount\":1,\"rate\":true"), "fields.rate", "true", "an integer of mW"},
    {ENERGY("\"amount\":1,\"rate\":null"), "fields.rate", "null", "an integer of mW"},
    {ENERGY("\"amount\":1,\"rate\":{\"unit\":\"W\",\"value\":1440.0}"), "fields.rate", "an object", "an integer of mW"},
    {ENERGY("\"amount\":99999999999999999999,\"rate\":1"), "byte", "too big", "one object"},
    {ENERGY("\"amount\":1,\"rate\":1,\"watts\":1"), "fields.\"watts\"", "unknown field", "energy_request"},
    {ENERGY("\"amount\":1,\"rate\":1,\"rate\":1"), "byte", "duplicate", "one object"},
    {ANY("vin", "pev", "utility", "\"vin\":\"1PB0000000000000\""), "fields.vin", "1PB", "17 to 17"},
    {ANY("vin", "pev", "utility", "\"vin\":\"1PB0000000000000O\""), "fields.vin", "1PB", "of its characters"},
    {ANY("customer_id", "pev", "utility", "\"customer\":\"\""), "fields.customer", "nothing", "1 to 40"},
    {ANY("customer_id", "pev", "utility", "\"customer\":\"a\\u0000b\""), "byte", "no JSON", "one object"},
    {ANY("enrollment_confirmation", "utility", "customer",
         "\"accepted\":true,\"customer\":\"C\",\"vin\":\"1PB00000000000001\",\"reason\":\"a\\nb\""),
     "fields.reason", "a", "without control characters"},
    {ANY("session_open", "pev", "esci", "\"initiator\":\"evse\""), "fields.initiator", "\"evse\"", "one of pev, esci"},
    {ANY("binding_confirmation", "utility", "esci", "\"success\":1"), "fields.success", "1", "true or false"},
    {ANY("price_information", "pev", "utility", "\"most\":0.15"), "fields.most", "a real number",
     "a text such as \"0.15\""},
    {ANY("price_information", "pev", "utility", "\"most\":\"0.1234567\""), "fields.most", "0.1234567", "6 digits"},
    {ANY("price_information", "pev", "utility", "\"most\":\"00.1\""), "fields.most", "00.1", "6 digits"},
    {ANY("price_information", "pev", "utility", "\"most\":\"-0\""), "fields.most", "-0", "6 digits"},
    {ANY("time_of_day", "utility", "pev", "\"time\":\"24:00\""), "fields.time", "24:00", "HH:MM"},
    {ANY("time_of_day", "utility", "pev", "\"time\":\"9:00\""), "fields.time", "9:00", "HH:MM"},
    {ANY("hourly_prices", "utility", "pev", "\"prices\":[]"), "fields.prices", "another length", "1 to 48"},
    {ANY("hourly_prices", "utility", "pev", "\"prices\":{}"), "fields.prices", "an object", "a list"},
    {ANY("hourly_prices", "utility", "pev", "\"prices\":[1]"), "fields.prices[0]", "found 1", "an object"},
    {ANY("hourly_prices", "utility", "pev", "\"prices\":[{\"from\":\"00:00\",\"price\":\"1\"},{\"from\":\"01:00\"}]"),
     "fields.prices[1].price", "nothing", "required"},
};

static void test_what_is_wrong_is_told_at_its_place(void **state) {
    struct pb_error error;
    (void)state;
    memset(&value, 0x5a, sizeof value);
    again = value;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        enum pb_status status = pb_message_decode(wrong[i].text, strlen(wrong[i].text), &value, &error);
        PB_CHECK_TRUE(status == PB_ERR_INPUT, "%s gave %s", wrong[i].text, pb_status_name(status));
        PB_CHECK_CONTAINS(error.where, wrong[i].where);
        PB_CHECK_CONTAINS(error.text, wrong[i].found);
        PB_CHECK_CONTAINS(error.text, wrong[i].expected);
        /* Both were filled by one memset, padding too. NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
        PB_CHECK_TRUE(memcmp(&value, &again, sizeof value) == 0, "the value was touched by %s", wrong[i].text);
    }
}

static void test_a_message_of_more_than_64_kib_is_refused(void **state) {
    struct pb_error error;
    static char big[PB_MESSAGE_BYTES_MAX + 1];
    (void)state;
    memset(big, ' ', sizeof big);
    PB_CHECK_INT(pb_message_decode(big, sizeof big, &value, &error), PB_ERR_INPUT, "status");
    PB_CHECK_CONTAINS(error.text, "65537 bytes");
}

/* What S1 sends today, in its own words. */
static void test_quantities_are_in_steps_of_their_unit(void **state) {
    struct pb_error error;
    size_t length;
    static const char request[] = ENERGY("\"amount\":4320,\"rate\":1440000");
    static const char metering[] = ANY("interval_metering", "eumd", "esci", "\"energy_wh\":960,\"duration_s\":1800");
    (void)state;
    PB_CHECK_OK(pb_message_decode(request, sizeof request - 1, &value, &error), &error);
    PB_CHECK_INT(pb_message_field(&value, "rate")->number, 1440000, "mW");
    PB_CHECK_TRUE(!pb_message_field(&value, "soc"), "soc is there");
    PB_CHECK_OK(pb_message_decode(metering, sizeof metering - 1, &value, &error), &error);
    PB_CHECK_INT(pb_message_field(&value, "duration_s")->number, INT64_C(1800000000000), "ns");
    static const int64_t rounded_ns[][2] = {{1499999999, 1}, {1500000000, 2}};
    for (int i = 0; i < 2; i++) {
        PB_CHECK_OK(pb_message_set_number(&value, "duration_s", rounded_ns[i][0], &error), &error);
        PB_CHECK_OK(pb_message_encode(&value, text, sizeof text, &length, &error), &error);
        PB_CHECK_CONTAINS(text, i ? "\"duration_s\":2," : "\"duration_s\":1,");
    }
}

static void test_prices_and_times_are_exact(void **state) {
    struct pb_error error;
    size_t length;
    (void)state;
    pb_message_begin(&value, &pb_catalogue[pb_catalogue_find("hourly_prices")], PB_PARTY_UTILITY, PB_PARTY_PEV, 3);
    for (int i = 0; i < 2; i++) {
        PB_CHECK_OK(pb_message_add_item(&value, "prices", &error), &error);
        PB_CHECK_OK(pb_message_set_text(&value, "prices.from", i ? "23:08:30" : "16:00", &error), &error);
        PB_CHECK_OK(pb_message_set_text(&value, "prices.price", i ? "-0.000001" : "0.150", &error), &error);
    }
    PB_CHECK_OK(pb_message_encode(&value, text, sizeof text, &length, &error), &error);
    PB_CHECK_TEXT(
        text,
        "{\"fields\":{\"prices\":[{\"from\":\"16:00\",\"price\":\"0.15\"},{\"from\":\"23:08:30\",\"price\":\"-0.000001\"}]},"
        "\"from\":\"utility\",\"id\":3,\"to\":\"pev\",\"type\":\"hourly_prices\",\"v\":1}");
}

static void test_setters_refuse_what_the_row_does_not_have(void **state) {
    struct pb_error error;
    (void)state;
    pb_message_begin(&value, &pb_catalogue[pb_catalogue_find("energy_request")], PB_PARTY_PEV, PB_PARTY_UTILITY, 0);
    PB_CHECK_INT(pb_message_set_number(&value, "watts", 1, &error), PB_ERR_NOT_FOUND, "status");
    PB_CHECK_INT(pb_message_set_number(&value, "rate", -1, &error), PB_ERR_RANGE, "status");
    PB_CHECK_INT(pb_message_set_text(&value, "rate", "1", &error), PB_ERR_INPUT, "status");
    PB_CHECK_INT(pb_message_add_item(&value, "rate", &error), PB_ERR_INPUT, "status");
    PB_CHECK_INT(pb_message_encode(&value, text, sizeof text, &(size_t){0}, &error), PB_ERR_INPUT, "status");
    PB_CHECK_TEXT(error.where, "fields.amount");
    PB_CHECK_OK(pb_message_set_number(&value, "amount", 1, &error), &error);
    PB_CHECK_OK(pb_message_set_number(&value, "rate", 1, &error), &error);
    PB_CHECK_INT(pb_message_encode(&value, text, 40, &(size_t){0}, &error), PB_ERR_RANGE, "status");
    value.from = PB_PARTY_EVSE;
    PB_CHECK_INT(pb_message_encode(&value, text, sizeof text, &(size_t){0}, &error), PB_ERR_INPUT, "status");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_message_comes_back_as_it_was),
        cmocka_unit_test(test_json_is_canonical),
        cmocka_unit_test(test_what_is_wrong_is_told_at_its_place),
        cmocka_unit_test(test_a_message_of_more_than_64_kib_is_refused),
        cmocka_unit_test(test_quantities_are_in_steps_of_their_unit),
        cmocka_unit_test(test_prices_and_times_are_exact),
        cmocka_unit_test(test_setters_refuse_what_the_row_does_not_have),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
