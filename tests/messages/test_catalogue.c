/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/check.h"

#include "messages/catalogue.h"

static void test_names_are_unique(void **state) {
    (void)state;
    for (size_t i = 0; i < pb_catalogue_count; i++) PB_CHECK_INT(pb_catalogue_find(pb_catalogue[i].name), i, "row");
    for (int i = 0; i < PB_PARTY_COUNT; i++) PB_CHECK_INT(pb_party_find(pb_parties[i].name), i, "party");
    PB_CHECK_INT(pb_catalogue_find("no_such"), pb_catalogue_count, "row");
}

static void check_fields(const struct pb_message_row *message, const struct pb_field_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct pb_field_row *row = &rows[i];
        PB_CHECK_TRUE(i == 0 || strcmp(rows[i - 1].name, row->name) < 0, "fields of %s are not sorted at %s",
                      message->name, row->name);
        PB_CHECK_TRUE(row->text && row->text[0], "field %s of %s has no text", row->name, message->name);
        PB_CHECK_TRUE(row->min <= row->max, "range of %s of %s is empty", row->name, message->name);
        PB_CHECK_TRUE((row->type == PB_FIELD_CHOICE) == (row->choices != NULL), "choices of %s of %s", row->name,
                      message->name);
        PB_CHECK_TRUE((row->type == PB_FIELD_LIST) == (row->member_count > 0), "members of %s of %s", row->name,
                      message->name);
        if (row->type == PB_FIELD_QUANTITY) {
            PB_CHECK_TRUE(row->step == 1 || row->step == pb_unit_steps(row->unit), "step of %s of %s", row->name,
                          message->name);
            PB_CHECK_TRUE(row->max <= INT64_MAX / row->step, "%s of %s overflows", row->name, message->name);
        }
        if (row->type != PB_FIELD_LIST) continue;
        PB_CHECK_TRUE(row->max <= PB_LIST_ITEMS_MAX && row->member_count <= PB_LIST_MEMBERS_MAX, "list %s is too big",
                      row->name);
        check_fields(message, row->members, row->member_count);
    }
}

static void test_every_row_is_whole(void **state) {
    (void)state;
    for (size_t i = 0; i < pb_catalogue_count; i++) {
        const struct pb_message_row *row = &pb_catalogue[i];
        PB_CHECK_TRUE(row->from && row->to && row->text && row->steps[0] && row->sep, "row %s lacks something",
                      row->name);
        PB_CHECK_TRUE(!row->sep[0] == (row->sep_evidence == PB_EVIDENCE_NONE), "mapping of %s", row->name);
        PB_CHECK_TRUE(row->evidence != PB_EVIDENCE_NONE, "evidence of %s", row->name);
        PB_CHECK_TRUE(row->field_count <= PB_MESSAGE_FIELDS_MAX, "fields of %s", row->name);
        check_fields(row, row->fields, row->field_count);
    }
}

/* Records hold the numbers, and the engine waits for the first 64 with a mask. */
static void test_numbers_of_messages_stay(void **state) {
    static const char *const first[] = {
        "session_open",
        "vin",
        "customer_id",
        "premise_id",
        "billing_request",
        "energy_request",
        "schedule_request",
        "event_info_request",
        "price_information",
        "cpp_info_request",
        "active_management_request",
        "id_verification",
        "binding_confirmation",
        "energy_available",
        "schedule_available",
        "event_alert",
        "hourly_prices",
        "cpp_prices",
        "active_management",
        "charge_cycle_override",
        "interval_metering",
        "session_report",
        "charge_sum",
        "charge_complete",
        "session_record",
    };
    (void)state;
    for (size_t i = 0; i < sizeof first / sizeof *first; i++) PB_CHECK_INT(pb_catalogue_find(first[i]), i, first[i]);
}

/* Steps of the sources in which something is said. Kept by hand from the sources' own tables. */
static const char *const said[] = {
    "S1/5",     "S1/7",     "S1/8",     "S1/8a",    "S1/9",     "S1/9a",    "S1/9b",    "S1/9c",    "S1/9d",
    "S1/9e",    "S1/10",    "S1/11",    "S1/12",    "S1/12a",   "S1/12b",   "S1/12c",   "S1/12d",   "S1/12e",
    "S1/14",    "S1/15",    "S1/16",    "S2/9",     "S2/12",    "S3/6",     "S3/10",    "S3/13",    "S3/16",
    "L1/4",     "L2/2",     "L2/3",     "L2/4",     "L2/5",     "L2/8",     "L2/9",     "L2/10",    "L2/11",
    "L3/2a",    "L3/2b",    "L3/2c",    "L3/2d",    "L3/12",    "L4/3'",    "L4/11",    "E/2",      "E/7",
    "U1/7",     "U2/7",     "U3/7",     "U4/7",     "U5/7",     "IG/1",     "IG/1.1.1", "IG/1.1.2", "IG/1.2",
    "IG/2.1",   "IG/2.1.1", "IG/2.2",   "IG/2.2.1", "IG/2.3",   "IG/2.3.1", "IG/2.3.2", "IG/2.3.3", "IG/2.3.4",
    "IG/3.1",   "IG/3.1.1", "IG/3.1.2", "IG/3.1.3", "IG/3.2",   "IG/3.2.1", "IG/3.3",   "IG/3.3.1", "IG/3.3.2",
    "IG/3.3.3", "IG/3.3.4", "IG/3.3.5", "IG/4.1",   "IG/4.1.1", "IG/4.1.2", "ETSI/1",   "ETSI/2b",  "ETSI/2c",
    "ETSI/3",   "ETSI/4",   "ETSI/5",   "ETSI/6",   "ETSI/7",   "ETSI/8",   "ETSI/9",   "ETSI/10",  "ETSI/11",
    "ETSI/12",
};

static bool is_in(const char *list, const char *step) {
    size_t length = strlen(step);
    for (const char *at = list; (at = strstr(at, step)); at++)
        if ((at == list || at[-1] == ' ') && (at[length] == 0 || at[length] == ',')) return true;
    return false;
}

static void test_every_step_that_says_something_has_a_message(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        size_t row = 0;
        while (row < pb_catalogue_count && !is_in(pb_catalogue[row].steps, said[i])) row++;
        PB_CHECK_TRUE(row < pb_catalogue_count, "no message for step %s", said[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_unique),
        cmocka_unit_test(test_every_row_is_whole),
        cmocka_unit_test(test_numbers_of_messages_stay),
        cmocka_unit_test(test_every_step_that_says_something_has_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
