/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Registers to values and back, transactions, frames: without a device. Frames are the examples of public Modbus guides, worked out by others. */
#include "instruments/modbus/map.h"

#include "tests/support/check.h"

#include <stdio.h>

static struct pb_modbus_row row_of(int table, int type, int order, int64_t scale, int64_t per) {
    return (struct pb_modbus_row){.row = {.channel = {.name = "x", .min = INT64_MIN / 2, .max = INT64_MAX / 2},
                                          .name = "x",
                                          .scale = scale,
                                          .per = per},
                                  .place = {.table = table, .type = type, .order = order}};
}

static void test_each_order_puts_the_same_bytes_right(void **state) {
    (void)state;
    static const struct {
        int order;
        uint16_t words[2];
    } cases[] = {{PB_MODBUS_ABCD, {0x1234, 0x5678}},
                 {PB_MODBUS_CDAB, {0x5678, 0x1234}},
                 {PB_MODBUS_BADC, {0x3412, 0x7856}},
                 {PB_MODBUS_DCBA, {0x7856, 0x3412}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_modbus_row row = row_of(PB_MODBUS_INPUT, PB_MODBUS_U32, cases[i].order, 1, 1);
        uint16_t back[PB_MODBUS_MAX_WORDS];
        int64_t value;
        struct pb_error error;
        PB_CHECK_OK(pb_modbus_decode(&row, cases[i].words, &value, &error), &error);
        PB_CHECK_INT(value, 0x12345678, "(value)");
        PB_CHECK_OK(pb_modbus_encode(&row, value, back, &error), &error);
        PB_CHECK_TRUE(memcmp(back, cases[i].words, sizeof cases[i].words) == 0, "order %d does not come back",
                      cases[i].order);
    }
}

static void test_each_type_is_read_with_its_sign_and_scale(void **state) {
    (void)state;
    static const struct {
        int type;
        uint16_t words[4];
        int64_t scale, per, value;
    } cases[] = {
        {PB_MODBUS_U16, {0xFFFF}, 100, 1, 6553500},
        {PB_MODBUS_I16, {0xFFFE}, 100, 1, -200},
        {PB_MODBUS_I32, {0xFFFF, 0xFFFF}, 1000, 100, -10},
        {PB_MODBUS_U32, {0xFFFF, 0xFFFF}, 1, 1, 4294967295},
        {PB_MODBUS_U64, {0, 1, 0, 0}, 1, 1, INT64_C(4294967296)},
        {PB_MODBUS_I64, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFB}, 1, 2, -3}, /* -2.5, half away from zero */
        {PB_MODBUS_U16, {5}, 1, 10, 1},                              /* 0.5 */
        {PB_MODBUS_F32, {0x4366, 0x3333}, 1000000, 1, 230199997},    /* 230.2 as a float */
        {PB_MODBUS_F32, {0xC148, 0x0000}, 1000, 1, -12500},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_modbus_row row =
            row_of(PB_MODBUS_HOLDING, cases[i].type, PB_MODBUS_ABCD, cases[i].scale, cases[i].per);
        struct pb_error error;
        int64_t value;
        PB_CHECK_OK(pb_modbus_decode(&row, cases[i].words, &value, &error), &error);
        PB_CHECK_INT(value, cases[i].value, "(steps)");
    }
}

static void test_what_is_no_number_or_too_large_is_refused(void **state) {
    (void)state;
    static const struct {
        int type;
        uint16_t words[4];
    } cases[] = {{PB_MODBUS_F32, {0x7FC0, 0}},
                 {PB_MODBUS_F32, {0x7F80, 0}},
                 {PB_MODBUS_F32, {0xFF80, 0}},
                 {PB_MODBUS_F32, {0x7F7F, 0xFFFF}},
                 {PB_MODBUS_U64, {0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF}},
                 {PB_MODBUS_I64, {0x8000, 0, 0, 0}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_modbus_row row = row_of(PB_MODBUS_INPUT, cases[i].type, PB_MODBUS_ABCD, 1000000, 1);
        struct pb_error error;
        int64_t value = 77;
        PB_CHECK_INT(pb_modbus_decode(&row, cases[i].words, &value, &error), PB_ERR_PROTOCOL, "(status)");
        PB_CHECK_INT(value, 77, "(untouched)");
    }
}

static void test_a_register_refuses_what_it_cannot_hold_exactly(void **state) {
    (void)state;
    static const struct {
        int type;
        int64_t scale, value;
    } cases[] = {{PB_MODBUS_U16, 100, 150},
                 {PB_MODBUS_U16, 100, -100},
                 {PB_MODBUS_U16, 100, 6553600},
                 {PB_MODBUS_I16, 1, 32768},
                 {PB_MODBUS_U32, 1, -1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_modbus_row row = row_of(PB_MODBUS_HOLDING, cases[i].type, PB_MODBUS_ABCD, cases[i].scale, 1);
        uint16_t words[PB_MODBUS_MAX_WORDS];
        PB_CHECK_INT(pb_modbus_encode(&row, cases[i].value, words, NULL), PB_ERR_RANGE, "(status)");
    }
}

static void check_frame(const struct pb_modbus_place *place, const uint16_t *words, int unit, bool is_tcp,
                        const char *request, const char *reply) {
    uint8_t got[2][64];
    size_t sizes[2];
    char text[2][200] = {"", ""};
    pb_modbus_command_frame(place, words, unit, is_tcp, got[0], &sizes[0], got[1], &sizes[1]);
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < sizes[k]; i++) snprintf(text[k] + 3 * i, 4, "%02X ", got[k][i]);
    PB_CHECK_TEXT(text[0], request);
    PB_CHECK_TEXT(text[1], reply);
}

static void test_the_guardians_frames_are_those_of_the_specification(void **state) {
    (void)state;
    const struct pb_modbus_place coil = {.table = PB_MODBUS_COIL, .address = 0xAC},
                                 one = {.table = PB_MODBUS_HOLDING, .address = 1},
                                 two = {.table = PB_MODBUS_HOLDING, .type = PB_MODBUS_U32, .address = 1};
    check_frame(&coil, (const uint16_t[]){1}, 0x11, false, "11 05 00 AC FF 00 4E 8B ", "11 05 00 AC FF 00 4E 8B ");
    check_frame(&one, (const uint16_t[]){3}, 0x11, false, "11 06 00 01 00 03 9A 9B ", "11 06 00 01 00 03 9A 9B ");
    check_frame(&two, (const uint16_t[]){0x000A, 0x0102}, 0x11, false, "11 10 00 01 00 02 04 00 0A 01 02 C6 F0 ",
                "11 10 00 01 00 02 12 98 ");
    check_frame(&one, (const uint16_t[]){3}, 0x11, true, "5A FE 00 00 00 06 11 06 00 01 00 03 ",
                "5A FE 00 00 00 06 11 06 00 01 00 03 ");
    check_frame(&two, (const uint16_t[]){0x000A, 0x0102}, 0x11, true,
                "5A FE 00 00 00 0B 11 10 00 01 00 02 04 00 0A 01 02 ", "5A FE 00 00 00 06 11 10 00 01 00 02 ");
}

#define HEAD "pilotbench_instrument: 1\nname: n\nsource: s\ndriver: modbus\nchannels:\n"
static struct pb_profile *read_profile(const char *text, struct pb_error *error) {
    struct pb_doc *doc;
    struct pb_profile *profile = NULL;
    enum pb_status status = pb_doc_read_text("p.yaml", text, strlen(text), &doc, error);
    if (status == PB_OK) status = pb_profile_bind(doc, &pb_modbus_profile_kind, &profile, error);
    return status == PB_OK ? profile : NULL;
}

#define WORD(name, address, more)                                                                                      \
    "  - {name: " name ", role: r." name                                                                               \
    ", access: read, unit: V, min: 0 V, max: 9 V, table: input, address: " address more "}\n"
static void test_adjacent_registers_of_one_period_are_one_transaction(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_modbus_groups groups;
    struct pb_profile *profile =
        read_profile(HEAD WORD("a", "0", ", type: f32") WORD("b", "2", ", type: u16") WORD("c", "3", ", type: u64")
                         WORD("gap", "8", "") WORD("slow", "9", ", period: 5 s") WORD("back", "7", ""),
                     &error);
    PB_CHECK_TRUE(profile != NULL, "%s: %s", error.where, error.text);
    pb_modbus_group(profile, &groups);
    PB_CHECK_INT(groups.count, 4, "transactions");
    static const size_t sizes[] = {3, 1, 1, 1};
    for (size_t i = 0; i < 4; i++) PB_CHECK_INT(groups.groups[i].count, sizes[i], "channels");
    PB_CHECK_INT(groups.groups[2].period.ns, INT64_C(5000000000), "ns");
    pb_profile_destroy(profile);
}

static void test_a_transaction_is_never_longer_than_the_protocol_allows(void **state) {
    (void)state;
    struct pb_error error;
    struct pb_modbus_groups groups;
    char text[12000] = HEAD;
    for (int i = 0; i < 60; i++)
        snprintf(
            text + strlen(text), sizeof text - strlen(text),
            "  - {name: c%d, role: r%d, access: read, unit: V, min: 0 V, max: 9 V, table: input, address: %d, type: i64}\n",
            i, i, 4 * i);
    struct pb_profile *profile = read_profile(text, &error);
    PB_CHECK_TRUE(profile != NULL, "%s: %s", error.where, error.text);
    pb_modbus_group(profile, &groups);
    PB_CHECK_INT(groups.count, 2, "transactions");
    PB_CHECK_INT(groups.groups[0].count * 4, 120, "registers");
    pb_profile_destroy(profile);
}

/* Each mistake has its place, and says what was found and what was expected. */
#define ROW "  - {name: a, role: load, access: "
static void test_a_mistake_in_a_profile_is_told_with_line_and_column(void **state) {
    (void)state;
    static const struct {
        const char *text, *where, *part;
    } cases[] = {
        {"driver: modbus\n", "p.yaml:1:1", "pilotbench_instrument"},
        {"pilotbench_instrument: 2\nname: n\nsource: s\ndriver: modbus\nchannels: []\n", "p.yaml:1:24",
         "expected 1 to 1"},
        {"pilotbench_instrument: 1\nname: n\ndriver: modbus\nchannels: []\n", "p.yaml:1:1", "\"source\""},
        {"pilotbench_instrument: 1\nname: n\nsource: s\ndriver: scpi\nchannels: []\n", "p.yaml:4:9",
         "found a profile for driver 'scpi', expected one for modbus"},
        {HEAD "  []\n", "p.yaml:6:3", "found 0 channels"},
        {HEAD ROW "read, unit: V, min: 0 V, max: 9 V, table: input}\n", "p.yaml:6:5", "\"address\""},
        {HEAD ROW "read, unit: V, min: 0 A, max: 9 V, table: input, address: 1}\n", "p.yaml:6:55", "found"},
        {HEAD ROW "read, unit: V, min: 9 V, max: 0 V, table: input, address: 1}\n", "p.yaml:6:65", "max below min"},
        {HEAD ROW "read, unit: VA, min: 9 V, max: 0 V, table: input, address: 1}\n", "p.yaml:6:47",
         "expected one of none, V"},
        {HEAD ROW "read, unit: V, min: 0 V, max: 9 V, table: input, address: 65536}\n", "p.yaml:6:93", "65535"},
        {HEAD ROW "read, unit: V, min: 0 V, max: 9 V, table: input, address: 65535, type: u32}\n", "p.yaml:6:93",
         "behind the last register"},
        {HEAD ROW "read, unit: V, min: 0 V, max: 9 V, table: input, address: 1, scale: 0 V}\n", "p.yaml:6:103",
         "scale above 0"},
        {HEAD ROW "read, unit: V, min: 0 V, max: 9 V, table: input, address: 1, scale: nan}\n", "p.yaml:6:103",
         "found"},
        {HEAD ROW "read, unit: V, min: 0 V, max: 9 V, table: coil, address: 1}\n", "p.yaml:6:5", "for a bit"},
        {HEAD ROW "read, unit: V, min: 0 V, max: 9 V, safe: 0 V, table: input, address: 1}\n", "p.yaml:6:76",
         "found safe for a channel that is read"},
        {HEAD ROW "read, unit: V, min: 0 V, max: 9 V, adress: 0, table: input, address: 1}\n", "p.yaml:6:70",
         "expected perhaps \"address\""},
        {HEAD ROW "drive, unit: V, min: 0 V, max: 9 V, table: holding, address: 1}\n", "p.yaml:6:5",
         "found no key \"safe\""},
        {HEAD ROW "drive, unit: V, min: 0 V, max: 9 V, safe: 10 V, table: holding, address: 1}\n", "p.yaml:6:77",
         "found safe outside"},
        {HEAD ROW "drive, unit: V, min: 0 V, max: 9 V, safe: 0 V, table: input, address: 1}\n", "p.yaml:6:89",
         "found table input for an output"},
        {HEAD ROW "drive, unit: V, min: 0 V, max: 9 V, safe: 0 V, table: holding, address: 1, scale: 2 V}\n",
         "p.yaml:6:66", "cannot hold"},
        {HEAD ROW "drive, unit: V, min: -1 V, max: 9 V, safe: 0 V, table: holding, address: 1}\n", "p.yaml:6:56",
         "cannot hold"},
        {HEAD "  - {name: a b, role: load, access: read, unit: V, min: 0 V, max: 9 V, table: input, address: 1}\n",
         "p.yaml:6:12", "channel name 'a b'"},
        {HEAD "  - {name: a, role: lo/ad, access: read, unit: V, min: 0 V, max: 9 V, table: input, address: 1}\n",
         "p.yaml:6:21", "the role 'lo/ad'"},
        {HEAD WORD("a", "1", "") WORD("a", "2", ""), "p.yaml:7:12", "a second channel a"},
        {"pilotbench_instrument: 1\nname: n\nsource: s\ndriver: modbus\nidentity: {table: coil, address: 1}\nchannels: []\n",
         "p.yaml:5:11", "no integer register"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_error error = {0};
        PB_CHECK_TRUE(!read_profile(cases[i].text, &error), "case %zu was taken", i);
        if (strcmp(error.where, cases[i].where) != 0) print_error("case %zu: %s\n", i, error.text);
        PB_CHECK_TEXT(error.where, cases[i].where);
        PB_CHECK_CONTAINS(error.text, cases[i].part);
        PB_CHECK_CONTAINS(error.text, "expected");
    }
}

/* 10 mA a count: the bench asks for 16 A or 15.99 A, nothing between. A float holds every value. */
static void test_an_outputs_row_tells_which_values_its_register_holds(void **state) {
    (void)state;
    static const struct {
        const char *rest;
        int64_t grid;
    } cases[] = {{"scale: 0.01 A", 10},          {"scale: 0.001 A", 1},         {"scale: 1 A", 1000},
                 {"scale: 1 A, per: 4", 250},    {"scale: 0.01 A, per: 3", 10}, {"scale: 0.03 A, per: 4", 15},
                 {"scale: 0.01 A, type: f32", 0}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[500];
        struct pb_error error = {0};
        snprintf(text, sizeof text,
                 HEAD ROW "drive, unit: A, min: 0 A, max: 30 A, safe: 0 A, table: holding, address: 1, %s}\n",
                 cases[i].rest);
        struct pb_profile *profile = read_profile(text, &error);
        PB_CHECK_TRUE(profile != NULL, "%s: %s", error.where, error.text);
        PB_CHECK_INT(profile->channels[0].grid, cases[i].grid, "mA");
        pb_profile_destroy(profile);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_order_puts_the_same_bytes_right),
        cmocka_unit_test(test_each_type_is_read_with_its_sign_and_scale),
        cmocka_unit_test(test_what_is_no_number_or_too_large_is_refused),
        cmocka_unit_test(test_a_register_refuses_what_it_cannot_hold_exactly),
        cmocka_unit_test(test_the_guardians_frames_are_those_of_the_specification),
        cmocka_unit_test(test_adjacent_registers_of_one_period_are_one_transaction),
        cmocka_unit_test(test_a_transaction_is_never_longer_than_the_protocol_allows),
        cmocka_unit_test(test_a_mistake_in_a_profile_is_told_with_line_and_column),
        cmocka_unit_test(test_an_outputs_row_tells_which_values_its_register_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
