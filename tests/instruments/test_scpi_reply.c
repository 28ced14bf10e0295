/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Replies to values and values to commands, without a device. */
#include "instruments/scpi/reply.h"

#include "tests/support/check.h"

#include <stdlib.h>

static const struct pb_profile_row VOLTS = {
    .channel = {.name = "v", .unit = PB_UNIT_VOLT, .min = -INT64_C(1000000000000), .max = INT64_C(1000000000000)},
    .scale = 1000000,
    .per = 1};

static void test_every_form_of_a_number_is_read_exactly(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int64_t uv;
    } cases[] = {{"0", 0},
                 {"-0", 0},
                 {"12", 12000000},
                 {"+12", 12000000},
                 {"-12.5", -12500000},
                 {".5", 500000},
                 {"5.", 5000000},
                 {"1E1", 10000000},
                 {"1e-1", 100000},
                 {"+1.19876543E+01", 11987654},
                 {"1.5E-06", 2},
                 {"-1.5E-06", -2},
                 {"0.4E-06", 0},
                 {" 7 ", 7000000},
                 {"123456.789012", INT64_C(123456789012)},
                 {"1E-60", 0},
                 {"0E60", 0},
                 {"1E6", INT64_C(1000000000000)}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_error error;
        int64_t value;
        PB_CHECK_OK(pb_scpi_number(&VOLTS, cases[i].text, strlen(cases[i].text), &value, &error), &error);
        PB_CHECK_INT(value, cases[i].uv, cases[i].text);
    }
}

static void test_what_is_not_wholly_a_number_is_nonsense(void **state) {
    (void)state;
    static const char *const texts[] = {"",    " ",     "+",   "-",     ".",       "E1",    "1E",
                                        "1E+", "1 2",   "1,2", "1.2.3", "0x10",    "nan",   "inf",
                                        "1V",  "1E1.5", "--1", "1-",    "1E999",   "+-1",   "1234567890123456789",
                                        "1\t", "1e5e",  "l.0", "O.5",   "1.0\x80", "\"1\"", "#210",
                                        "1;1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pb_error error;
        int64_t value = 77;
        PB_CHECK_TRUE(pb_scpi_number(&VOLTS, texts[i], strlen(texts[i]), &value, &error) == PB_ERR_PROTOCOL,
                      "'%s' was taken", texts[i]);
        PB_CHECK_INT(value, 77, "(untouched)");
    }
}

static void test_overload_and_no_value_are_told_as_such(void **state) {
    (void)state;
    static const char *const texts[] = {"9.9E37", "-9.9E+37", "+9.91000000E+37", "1E60", "1000000.000001"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct pb_error error;
        int64_t value;
        PB_CHECK_TRUE(pb_scpi_number(&VOLTS, texts[i], strlen(texts[i]), &value, &error) == PB_ERR_RANGE,
                      "'%s' was taken", texts[i]);
    }
}

/* A generator of its own, so that every machine garbles alike. */
static uint32_t next_random(uint32_t *seed) {
    *seed = *seed * 1664525U + 1013904223U;
    return *seed >> 8;
}

static void test_of_ten_thousand_garbled_replies_none_is_read_as_another_number(void **state) {
    (void)state;
    static const char *const good[] = {"+1.19876543E+01", "-42", "0.5", "230.21", "1E-3", "+9.90000000E+37"};
    uint32_t seed = 1;
    size_t taken = 0;
    for (int i = 0; i < 10000; i++) {
        char text[40], *end;
        struct pb_error error;
        int64_t value;
        strcpy(text, good[next_random(&seed) % 6]);
        for (uint32_t changes = 1 + next_random(&seed) % 3; changes; changes--) {
            size_t length = strlen(text), at = next_random(&seed) % (length + 1);
            uint32_t kind = next_random(&seed) % 3;
            if (kind == 0 && at < length) text[at] = (char)(0x20 + next_random(&seed) % 95);
            else if (kind == 1) text[at] = 0;
            else if (length < 36) {
                memmove(text + at + 1, text + at, length - at + 1);
                text[at] = "0123456789+-.Ee "[next_random(&seed) % 16];
            }
        }
        if (pb_scpi_number(&VOLTS, text, strlen(text), &value, &error) != PB_OK) continue;
        /* What is taken is what the C library, which knows nothing of ours, reads in the whole text. */
        long double uv = strtold(text, &end) * 1e6L;
        while (*end == ' ') end++;
        PB_CHECK_TRUE(!*end, "'%s' was taken", text);
        PB_CHECK_NEAR((double)(uv - (long double)value), 0, 0.500001, text);
        taken++;
    }
    PB_CHECK_BETWEEN(taken, 1000, 9000, "taken: both kinds must occur");
}

static void test_a_devices_error_is_read_and_understood(void **state) {
    (void)state;
    static const struct {
        const char *line;
        int number;
        enum pb_status status;
    } cases[] = {{"-222,\"Data out of range\"", -222, PB_ERR_RANGE},
                 {"-113,\"Undefined header\"", -113, PB_ERR_UNSUPPORTED},
                 {"-221,\"Settings conflict\"", -221, PB_ERR_BUSY},
                 {"+531,\"Hardware\"", 531, PB_ERR_IO},
                 {"-350", -350, PB_ERR_IO}};
    struct pb_error error;
    int number;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        PB_CHECK_OK(pb_scpi_error_line(cases[i].line, strlen(cases[i].line), &number, &error), &error);
        PB_CHECK_INT(number, cases[i].number, "(SCPI)");
        PB_CHECK_INT(pb_scpi_error_status(number), cases[i].status, "(status)");
    }
    PB_CHECK_INT(pb_scpi_error_line("No error", 8, &number, &error), PB_ERR_PROTOCOL, "(status)");
    PB_CHECK_INT(pb_scpi_error_line("99999,", 6, &number, &error), PB_ERR_PROTOCOL, "(status)");
}

static void test_a_value_is_written_into_its_command(void **state) {
    (void)state;
    char text[PB_SCPI_LINE_MAX + 1];
    struct pb_scpi_row row = {.row = VOLTS, .query = "", .set = "VOLT {},(@1)", .on = "", .off = ""};
    static const struct {
        int64_t scale, value;
        const char *text;
    } cases[] = {{1000000, -11950001, "VOLT -11.950001,(@1)"},
                 {1000000, 7, "VOLT 0.000007,(@1)"},
                 {1000, 1500, "VOLT 1.500,(@1)"},
                 {1, -3, "VOLT -3,(@1)"},
                 {1000000, INT64_MIN, "VOLT -9223372036854.775808,(@1)"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        row.row.scale = cases[i].scale;
        PB_CHECK_INT(pb_scpi_command(&row, cases[i].value, text), PB_OK, "(status)");
        PB_CHECK_TEXT(text, cases[i].text);
    }
}

#define HEAD "pilotbench_instrument: 1\nname: n\nsource: s\ndriver: scpi\nidentity: {begins: x}\nchannels:\n"
#define ROW "  - {name: a, role: load, unit: V, min: 0 V, max: 9 V, access: "
static void test_a_mistake_in_a_profile_is_told_with_line_and_column(void **state) {
    (void)state;
    static const struct {
        const char *text, *where, *part;
    } cases[] = {
        {"pilotbench_instrument: 1\nname: n\nsource: s\ndriver: scpi\nchannels: []\n", "p.yaml:1:1", "\"identity\""},
        {"pilotbench_instrument: 1\nname: n\nsource: s\ndriver: scpi\nidentity: {query: x}\nchannels: []\n",
         "p.yaml:5:11", "\"begins\""},
        {HEAD ROW "read}\n", "p.yaml:7:5", "\"query\""},
        {HEAD ROW "read, query: \"A\\tB\"}\n", "p.yaml:7:77", "found the control character"},
        {HEAD ROW "read, query: A, set: B}\n", "p.yaml:7:5", "found a command for a channel that is read"},
        {HEAD ROW "drive, safe: 0 V}\n", "p.yaml:7:5", "expected `set`, or `on` and `off`"},
        {HEAD ROW "drive, safe: 0 V, on: A}\n", "p.yaml:7:5", "expected `set`, or `on` and `off`"},
        {HEAD ROW "drive, safe: 0 V, on: A, off: B}\n", "p.yaml:7:5", "not 0 to 1"},
        {HEAD ROW "drive, safe: 0 V, set: A}\n", "p.yaml:7:87", "without one {}"},
        {HEAD ROW "drive, safe: 0 V, set: '{}{}'}\n", "p.yaml:7:87", "without one {}"},
        {HEAD ROW "drive, safe: 0 V, set: '{}', scale: 3 V}\n", "p.yaml:7:100", "no power of ten"},
        {HEAD ROW "drive, safe: 0 V, set: '{}', per: 2}\n", "p.yaml:7:98", "no power of ten"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct pb_doc *doc;
        struct pb_profile *profile;
        struct pb_error error = {0};
        PB_CHECK_OK(pb_doc_read_text("p.yaml", cases[i].text, strlen(cases[i].text), &doc, &error), &error);
        PB_CHECK_INT(pb_profile_bind(doc, &pb_scpi_profile_kind, &profile, &error), PB_ERR_INPUT, "(status)");
        if (strcmp(error.where, cases[i].where) != 0) print_error("case %zu: %s\n", i, error.text);
        PB_CHECK_TEXT(error.where, cases[i].where);
        PB_CHECK_CONTAINS(error.text, cases[i].part);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_form_of_a_number_is_read_exactly),
        cmocka_unit_test(test_what_is_not_wholly_a_number_is_nonsense),
        cmocka_unit_test(test_overload_and_no_value_are_told_as_such),
        cmocka_unit_test(test_of_ten_thousand_garbled_replies_none_is_read_as_another_number),
        cmocka_unit_test(test_a_devices_error_is_read_and_understood),
        cmocka_unit_test(test_a_value_is_written_into_its_command),
        cmocka_unit_test(test_a_mistake_in_a_profile_is_told_with_line_and_column),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
