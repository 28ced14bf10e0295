/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Quantities: exact reading, refusals, writing. Expected values were worked out by hand from the unit table. */
#include "base/quantity.h"
#include "tests/support/check.h"

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

struct reading {
    const char *text;
    enum pb_unit unit;
    int64_t steps;
};

static void check_readings(const struct reading *readings, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct pb_error error = {0};
        int64_t value = -999;
        enum pb_status status = pb_quantity_parse(readings[i].text, readings[i].unit, &value, &error);
        PB_CHECK_TRUE(status == PB_OK, "\"%s\": %s", readings[i].text, error.text);
        PB_CHECK_TRUE(value == readings[i].steps, "\"%s\" is %lld %s, expected %lld", readings[i].text,
                      (long long)value, pb_unit_step_name(readings[i].unit), (long long)readings[i].steps);
        struct pb_quantity any = {0};
        PB_CHECK_OK(pb_quantity_parse_any(readings[i].text, &any, &error), &error);
        PB_CHECK_INT(any.value, readings[i].steps, pb_unit_step_name(readings[i].unit));
        PB_CHECK_INT(any.unit, readings[i].unit, "(unit)");
        PB_CHECK_INT(any.u, 0, "steps of uncertainty");
    }
}

static void test_every_unit_reads_its_own_symbol(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"7", PB_UNIT_NONE, 7},
        {"-12 V", PB_UNIT_VOLT, -12000000},
        {"3 s", PB_UNIT_SECOND, 3000000000},
        {"26.667 %", PB_UNIT_PERCENT, 266670},
        {"32 A", PB_UNIT_AMPERE, 32000},
        {"60 Hz", PB_UNIT_HERTZ, 60000000},
        {"150 ohm", PB_UNIT_OHM, 150000},
        {"1 F", PB_UNIT_FARAD, 1000000000000000},
        {"3300 W", PB_UNIT_WATT, 3300000},
        {"24000 Wh", PB_UNIT_WATT_HOUR, 24000},
        {"-40.5 degC", PB_UNIT_CELSIUS, -40500},
    };
    PB_CHECK_INT(COUNT_OF(readings), PB_UNIT_COUNT, "units");
    check_readings(readings, COUNT_OF(readings));
}

static void test_prefixes_are_powers_of_a_thousand(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"1 fF", PB_UNIT_FARAD, 1},          {"300 pF", PB_UNIT_FARAD, 300000},    {"3.1 nF", PB_UNIT_FARAD, 3100000},
        {"1 uF", PB_UNIT_FARAD, 1000000000}, {"5 mV", PB_UNIT_VOLT, 5000},         {"2.74 kohm", PB_UNIT_OHM, 2740000},
        {"1 Mohm", PB_UNIT_OHM, 1000000000}, {"1 kHz", PB_UNIT_HERTZ, 1000000000}, {"24 kWh", PB_UNIT_WATT_HOUR, 24000},
        {"250 us", PB_UNIT_SECOND, 250000},  {"1 ns", PB_UNIT_SECOND, 1},          {"6.6 kW", PB_UNIT_WATT, 6600000},
        {"5 mA", PB_UNIT_AMPERE, 5},
    };
    check_readings(readings, COUNT_OF(readings));
}

static void test_minutes_hours_and_days_are_seconds(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"6 min", PB_UNIT_SECOND, 360000000000},    {"14 h", PB_UNIT_SECOND, 50400000000000},
        {"2 d", PB_UNIT_SECOND, 172800000000000},   {"0.5 min", PB_UNIT_SECOND, 30000000000},
        {"-1.5 h", PB_UNIT_SECOND, -5400000000000},
    };
    check_readings(readings, COUNT_OF(readings));
}

static void test_signs_and_blanks_are_free(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"+9 V", PB_UNIT_VOLT, 9000000}, {"9V", PB_UNIT_VOLT, 9000000}, {"9    V", PB_UNIT_VOLT, 9000000},
        {"5%", PB_UNIT_PERCENT, 50000},  {"-0 V", PB_UNIT_VOLT, 0},     {"-3", PB_UNIT_NONE, -3},
        {"+0", PB_UNIT_NONE, 0},
    };
    check_readings(readings, COUNT_OF(readings));
}

static void test_reading_rounds_once_half_away_from_zero(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"0.0000005 V", PB_UNIT_VOLT, 1},
        {"0.00000049999999999999999999 V", PB_UNIT_VOLT, 0},
        {"-0.0000005 V", PB_UNIT_VOLT, -1},
        {"-0.0000004999 V", PB_UNIT_VOLT, 0},
        {"1.4999999 uV", PB_UNIT_VOLT, 1},
        {"1.5 uV", PB_UNIT_VOLT, 2},
        {"0.5 Wh", PB_UNIT_WATT_HOUR, 1},
        {"0.4 Wh", PB_UNIT_WATT_HOUR, 0},
        {"1.00000000000000000000000000000 V", PB_UNIT_VOLT, 1000000}, /* 30 digits */
        {"0.00000000000000000000000000001 fF", PB_UNIT_FARAD, 0},
        {"0.0000000000000000000001 d", PB_UNIT_SECOND, 0},
    };
    check_readings(readings, COUNT_OF(readings));
}

/* Doubles hold 53 bits: each of these is wrong by at least a step when it goes through one. */
static void test_reading_is_exact_where_a_double_is_not(void **state) {
    (void)state;
    static const struct reading readings[] = {
        {"9007199254740993", PB_UNIT_NONE, 9007199254740993},
        {"9223372036854775807", PB_UNIT_NONE, INT64_MAX},
        {"-9223372036854775807", PB_UNIT_NONE, -INT64_MAX},
        {"9007199.254740993 s", PB_UNIT_SECOND, 9007199254740993},
        {"9223372036.854775807 s", PB_UNIT_SECOND, INT64_MAX},
        {"9223372036854.775807 V", PB_UNIT_VOLT, INT64_MAX},
        {"1.0000005 V", PB_UNIT_VOLT, 1000001},
        {"1.0000015 V", PB_UNIT_VOLT, 1000002},
        {"106751.991167300 d", PB_UNIT_SECOND, 9223372036854720000},
    };
    check_readings(readings, COUNT_OF(readings));
}

static void test_malformed_texts_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum pb_unit unit;
    } cases[] = {
        {"", PB_UNIT_VOLT},
        {" ", PB_UNIT_VOLT},
        {"V", PB_UNIT_VOLT},
        {"nan", PB_UNIT_VOLT},
        {"nan V", PB_UNIT_VOLT},
        {".nan", PB_UNIT_NONE},
        {"inf V", PB_UNIT_VOLT},
        {"-inf", PB_UNIT_NONE},
        {".inf", PB_UNIT_NONE},
        {"2.0x", PB_UNIT_VOLT},
        {"2.0x", PB_UNIT_NONE},
        {"2.74 kohm", PB_UNIT_NONE},
        {"2.74 kohm", PB_UNIT_VOLT},
        {"2.74 kiloohm", PB_UNIT_OHM},
        {"12", PB_UNIT_VOLT},
        {"12 ", PB_UNIT_VOLT},
        {"12 V ", PB_UNIT_VOLT},
        {"12 V or so", PB_UNIT_VOLT},
        {"12 V 3", PB_UNIT_VOLT},
        {"12 VV", PB_UNIT_VOLT},
        {"12 v", PB_UNIT_VOLT},
        {" 12 V", PB_UNIT_VOLT},
        {"12\tV", PB_UNIT_VOLT},
        {"12 A", PB_UNIT_VOLT},
        {"12 W", PB_UNIT_WATT_HOUR},
        {"5 ", PB_UNIT_NONE},
        {"2.5", PB_UNIT_NONE},
        {"2.0", PB_UNIT_NONE},
        {"1e3", PB_UNIT_NONE},
        {"1e3 V", PB_UNIT_VOLT},
        {"0x10", PB_UNIT_NONE},
        {"010", PB_UNIT_NONE},
        {"0o17", PB_UNIT_NONE},
        {"01 V", PB_UNIT_VOLT},
        {"1_000", PB_UNIT_NONE},
        {"1,5 V", PB_UNIT_VOLT},
        {"1. V", PB_UNIT_VOLT},
        {".5 V", PB_UNIT_VOLT},
        {"1.2.3 V", PB_UNIT_VOLT},
        {"--1 V", PB_UNIT_VOLT},
        {"- 1 V", PB_UNIT_VOLT},
        {"+-1 V", PB_UNIT_VOLT},
        {"1 k", PB_UNIT_NONE},
        {"1 kV k", PB_UNIT_VOLT},
        {"1 kkV", PB_UNIT_VOLT},
        {"1 m%", PB_UNIT_PERCENT},
        {"1 kdegC", PB_UNIT_CELSIUS},
        {"1 kmin", PB_UNIT_SECOND},
        {"1 \xC2\xB5V", PB_UNIT_VOLT},
        {"1\xC2\xA0V", PB_UNIT_VOLT},
        {"\xEF\xBC\x91 V", PB_UNIT_VOLT},
        {"1.000000000000000000000000000000 V", PB_UNIT_VOLT}, /* 31 digits */
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pb_error error = {0};
        int64_t value = 4711;
        enum pb_status status = pb_quantity_parse(cases[i].text, cases[i].unit, &value, &error);
        PB_CHECK_TRUE(status == PB_ERR_INPUT, "\"%s\" gave %s", cases[i].text, pb_status_name(status));
        PB_CHECK_INT(value, 4711, "(untouched)");
        PB_CHECK_INT(strncmp(error.text, "found ", 6), 0, "(text begins with found)");
        PB_CHECK_CONTAINS(error.text, ", expected ");
    }
}

static void test_values_that_do_not_fit_are_out_of_range(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum pb_unit unit;
    } cases[] = {
        {"9223372036854775808", PB_UNIT_NONE},
        {"-9223372036854775808", PB_UNIT_NONE},
        {"18446744073709551616", PB_UNIT_NONE},
        {"18446744073709551617", PB_UNIT_NONE},
        {"999999999999999999999999999999", PB_UNIT_NONE},
        {"9223372036.854775808 s", PB_UNIT_SECOND},
        {"9223372036.8547758075 s", PB_UNIT_SECOND},
        {"106752 d", PB_UNIT_SECOND},
        {"999999999999999999999999999999 d", PB_UNIT_SECOND},
        {"340282366920938463463374607431 MF", PB_UNIT_FARAD},
        {"10 kF", PB_UNIT_FARAD},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct pb_error error = {0};
        int64_t value = 4711;
        enum pb_status status = pb_quantity_parse(cases[i].text, cases[i].unit, &value, &error);
        PB_CHECK_TRUE(status == PB_ERR_RANGE, "\"%s\" gave %s", cases[i].text, pb_status_name(status));
        PB_CHECK_INT(value, 4711, "(untouched)");
        PB_CHECK_CONTAINS(error.text, ", expected no more than ");
    }
}

static void test_refusals_name_what_was_found_and_expected(void **state) {
    (void)state;
    struct pb_error error;
    int64_t value;
    assert_int_equal(pb_quantity_parse("5 A", PB_UNIT_VOLT, &value, &error), PB_ERR_INPUT);
    PB_CHECK_TEXT(error.text, "found \"5 A\", expected a number with the unit V, such as \"12 V\"");
    assert_int_equal(pb_quantity_parse("", PB_UNIT_NONE, &value, &error), PB_ERR_INPUT);
    PB_CHECK_TEXT(error.text, "found nothing, expected a whole number");
    assert_int_equal(pb_quantity_parse("106752 d", PB_UNIT_SECOND, &value, &error), PB_ERR_RANGE);
    PB_CHECK_TEXT(error.text, "found \"106752 d\", expected no more than 9223000000 s either way");
    struct pb_quantity any;
    assert_int_equal(pb_quantity_parse_any("12 volts", &any, &error), PB_ERR_INPUT);
    PB_CHECK_TEXT(error.text, "found \"12 volts\", expected a number and a unit");
    assert_int_equal(pb_quantity_parse("1 V", PB_UNIT_COUNT, &value, &error), PB_ERR_ARG);
    assert_int_equal(pb_quantity_parse("x", PB_UNIT_VOLT, &value, NULL), PB_ERR_INPUT);
}

static void test_units_are_found_by_their_symbol(void **state) {
    (void)state;
    for (enum pb_unit unit = PB_UNIT_NONE; unit < PB_UNIT_COUNT; unit++) {
        PB_CHECK_INT(pb_unit_find(pb_unit_symbol(unit)), unit, "(unit)");
        int64_t steps = pb_unit_steps(unit);
        while (steps % 10 == 0) steps /= 10;
        PB_CHECK_INT(steps, 1, "(steps are a power of ten)");
    }
    PB_CHECK_INT(pb_unit_find("Volt"), PB_UNIT_COUNT, "(unit)");
    PB_CHECK_INT(pb_unit_find("kV"), PB_UNIT_COUNT, "(unit)");
    PB_CHECK_TEXT(pb_unit_step_name(PB_UNIT_PERCENT), "ppm");
}

static void test_formatting_uses_engineering_prefixes(void **state) {
    (void)state;
    static const struct {
        int64_t value;
        enum pb_unit unit;
        int digits;
        const char *text;
    } cases[] = {
        {11987000, PB_UNIT_VOLT, 5, "11.987 V"},
        {996200000, PB_UNIT_SECOND, 4, "996.2 ms"},
        {266300, PB_UNIT_PERCENT, 4, "26.63 %"},
        {12000000, PB_UNIT_VOLT, 5, "12 V"},
        {-12000000, PB_UNIT_VOLT, 5, "-12 V"},
        {0, PB_UNIT_VOLT, 5, "0 V"},
        {42, PB_UNIT_NONE, 3, "42"},
        {-1234567, PB_UNIT_NONE, 15, "-1234567"},
        {1, PB_UNIT_VOLT, 5, "1 uV"},
        {999, PB_UNIT_VOLT, 5, "999 uV"},
        {1000, PB_UNIT_VOLT, 5, "1 mV"},
        {999999, PB_UNIT_VOLT, 3, "1 V"},
        {999499, PB_UNIT_VOLT, 3, "999 mV"},
        {2740000, PB_UNIT_OHM, 3, "2.74 kohm"},
        {1000000000, PB_UNIT_OHM, 3, "1 Mohm"},
        {300000, PB_UNIT_FARAD, 3, "300 pF"},
        {1, PB_UNIT_FARAD, 3, "1 fF"},
        {50400000000000, PB_UNIT_SECOND, 5, "50400 s"},
        {51234567890123, PB_UNIT_SECOND, 3, "51200 s"},
        {25, PB_UNIT_VOLT, 1, "30 uV"},
        {-25, PB_UNIT_VOLT, 1, "-30 uV"},
        {24, PB_UNIT_VOLT, 1, "20 uV"},
        {5, PB_UNIT_PERCENT, 3, "0.0005 %"},
        {-40500, PB_UNIT_CELSIUS, 4, "-40.5 degC"},
        {5, PB_UNIT_CELSIUS, 4, "0.005 degC"},
        {24000, PB_UNIT_WATT_HOUR, 4, "24 kWh"},
        {1000000000, PB_UNIT_HERTZ, 6, "1 kHz"},
        {12345678, PB_UNIT_VOLT, 0, "10 V"},
        {1234567890123456789, PB_UNIT_SECOND, 99, "1234567890.12346 s"},
        {INT64_MAX, PB_UNIT_NONE, 15, "9223372036854780000"},
        {INT64_MIN, PB_UNIT_NONE, 1, "-9000000000000000000"},
        {INT64_MAX, PB_UNIT_WATT_HOUR, 15, "9223372036854.78 MWh"},
        {INT64_MIN, PB_UNIT_FARAD, 4, "-9.223 kF"},
    };
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        char text[40];
        PB_CHECK_TEXT(pb_quantity_format(cases[i].value, cases[i].unit, cases[i].digits, text, sizeof text),
                      cases[i].text);
    }
}

/* Up to 15 digits nothing is lost: what is written reads back as the same steps. */
static void test_what_is_written_reads_back(void **state) {
    (void)state;
    uint64_t seed = 20261121;
    for (int i = 0; i < 20000; i++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        enum pb_unit unit = (enum pb_unit)((seed >> 33) % PB_UNIT_COUNT);
        int64_t value = (int64_t)(seed >> 14) % INT64_C(1000000000000000);
        value >>= (seed >> 3) % 50;
        if (seed & 4) value = -value;
        char text[40];
        struct pb_error error = {0};
        int64_t back = 0;
        pb_quantity_format(value, unit, 15, text, sizeof text);
        PB_CHECK_OK(pb_quantity_parse(text, unit, &back, &error), &error);
        PB_CHECK_TRUE(back == value, "%lld -> \"%s\" -> %lld", (long long)value, text, (long long)back);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_unit_reads_its_own_symbol),
        cmocka_unit_test(test_prefixes_are_powers_of_a_thousand),
        cmocka_unit_test(test_minutes_hours_and_days_are_seconds),
        cmocka_unit_test(test_signs_and_blanks_are_free),
        cmocka_unit_test(test_reading_rounds_once_half_away_from_zero),
        cmocka_unit_test(test_reading_is_exact_where_a_double_is_not),
        cmocka_unit_test(test_malformed_texts_are_refused),
        cmocka_unit_test(test_values_that_do_not_fit_are_out_of_range),
        cmocka_unit_test(test_refusals_name_what_was_found_and_expected),
        cmocka_unit_test(test_units_are_found_by_their_symbol),
        cmocka_unit_test(test_formatting_uses_engineering_prefixes),
        cmocka_unit_test(test_what_is_written_reads_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
