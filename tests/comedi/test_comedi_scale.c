/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "instruments/comedi/scale.h"
#include "tests/support/check.h"

static const struct comedi_range_uv TEN = {-10000000, 10000000};
static const struct comedi_wiring PLAIN = {0, 1, 0, 0, 1000000, 1000000};

static struct comedi_scale scale_of(const struct comedi_wiring *wiring, const struct comedi_range_uv *range,
                                    uint32_t maxdata) {
    struct comedi_scale scale;
    PB_CHECK_TRUE(comedi_scale_make(wiring, range, maxdata, &scale), "no scale");
    return scale;
}

static void test_the_ends_of_the_codes_are_the_ends_of_the_range(void **state) {
    (void)state;
    struct comedi_scale scale = scale_of(&PLAIN, &TEN, 65535);
    PB_CHECK_INT(comedi_scale_uv(&scale, 0), -10000000, "uV");
    PB_CHECK_INT(comedi_scale_uv(&scale, 65535), 10000000, "uV");
    PB_CHECK_INT(comedi_scale_uv(&scale, 32768), 153, "uV");
}

static void test_every_code_comes_back_from_its_voltage(void **state) {
    (void)state;
    static const uint32_t maxdata[] = {1, 255, 4095, 65535};
    struct comedi_wiring wiring = {20000000, 10000000, -100000, 50000, 7000000, 7100000};
    for (size_t i = 0; i < sizeof maxdata / sizeof *maxdata; i++) {
        struct comedi_scale scale = scale_of(&wiring, &TEN, maxdata[i]);
        for (uint32_t code = 0; code <= maxdata[i]; code++) {
            uint32_t back = code + 1;
            PB_CHECK_TRUE(comedi_scale_code(&scale, comedi_scale_uv(&scale, code), &back), "code %u", code);
            PB_CHECK_INT(back, code, "");
        }
    }
}

static void test_a_voltage_beyond_the_converter_has_no_code(void **state) {
    (void)state;
    struct comedi_scale scale = scale_of(&PLAIN, &TEN, 4095);
    uint32_t code;
    PB_CHECK_TRUE(!comedi_scale_code(&scale, 10003000, &code), "");
    PB_CHECK_TRUE(!comedi_scale_code(&scale, -10003000, &code), "");
    PB_CHECK_TRUE(!comedi_scale_code(&scale, INT64_MAX, &code), "");
    PB_CHECK_TRUE(!comedi_scale_code(&scale, INT64_MIN, &code), "");
}

static void test_calibration_takes_both_its_points_to_the_truth(void **state) {
    (void)state;
    struct comedi_wiring plain = {20000000, 10000000, 0, 0, 1000000, 1000000}, wiring = plain;
    struct comedi_scale uncalibrated = scale_of(&plain, &TEN, 65535);
    wiring.low_read_uv = comedi_scale_uv(&uncalibrated, 10000);
    wiring.low_true_uv = -20000000;
    wiring.high_read_uv = comedi_scale_uv(&uncalibrated, 50000);
    wiring.high_true_uv = 15000000;
    struct comedi_scale scale = scale_of(&wiring, &TEN, 65535);
    PB_CHECK_INT(comedi_scale_uv(&scale, 10000), -20000000, "uV");
    PB_CHECK_INT(comedi_scale_uv(&scale, 50000), 15000000, "uV");
}

static void test_a_calibration_may_turn_the_sign(void **state) {
    (void)state;
    struct comedi_wiring wiring = {0, 1, 0, 0, 1000000, -1000000};
    struct comedi_scale scale = scale_of(&wiring, &TEN, 65535);
    uint32_t code;
    PB_CHECK_INT(comedi_scale_uv(&scale, 0), 10000000, "uV");
    PB_CHECK_TRUE(comedi_scale_code(&scale, -10000000, &code) && code == 65535, "code %u", code);
}

static void test_equal_points_make_no_scale(void **state) {
    (void)state;
    struct comedi_scale scale;
    struct comedi_wiring equal_read = {0, 1, 5, 0, 5, 1}, equal_true = {0, 1, 0, 5, 1, 5};
    PB_CHECK_TRUE(!comedi_scale_make(&equal_read, &TEN, 65535, &scale), "");
    PB_CHECK_TRUE(!comedi_scale_make(&equal_true, &TEN, 65535, &scale), "");
    PB_CHECK_TRUE(!comedi_scale_make(&PLAIN, &TEN, 0, &scale), "");
}

static void test_the_widest_wiring_of_24_bits_fits_and_beyond_is_refused(void **state) {
    (void)state;
    struct comedi_wiring wiring = {9999999999, 9999999967, -1999999999, -1999999997, 1999999973, 1999999943};
    struct comedi_range_uv range = {-1999999999, 1999999987};
    struct comedi_scale scale = scale_of(&wiring, &range, (1U << 24) - 1);
    struct pb_sampling sampling;
    uint32_t code;
    comedi_scale_sampling(&scale, &sampling);
    PB_CHECK_TRUE(comedi_scale_code(&scale, comedi_scale_uv(&scale, 12345678), &code), "");
    PB_CHECK_NEAR(code, 12345678, 1, "");
    PB_CHECK_TRUE(!comedi_scale_make(&wiring, &range, UINT32_MAX, &scale), "");
    PB_CHECK_TRUE(sampling.uv_den > 0 && sampling.uv_den <= 1000000000000, "%" PRId64, sampling.uv_den);
}

static void test_counts_and_sampling_say_the_same_as_codes(void **state) {
    (void)state;
    static const uint32_t maxdata[] = {255, 4095, 65535, 262143, UINT32_MAX};
    struct comedi_wiring wiring = {20000000, 10000000, 0, 30000, 10000000, 10050000};
    for (size_t i = 0; i < sizeof maxdata / sizeof *maxdata; i++) {
        struct comedi_scale scale = scale_of(&wiring, &TEN, maxdata[i]);
        struct pb_sampling sampling;
        comedi_scale_sampling(&scale, &sampling);
        for (uint32_t k = 0; k < 16; k++) { /* the last code is a mark, not a value */
            uint32_t code = maxdata[i] / 16 * k;
            double uv = (double)sampling.uv_offset +
                        comedi_count_of(code, maxdata[i]) * (double)sampling.uv_num / (double)sampling.uv_den;
            double count_uv = (double)sampling.uv_num / (double)sampling.uv_den;
            PB_CHECK_NEAR(uv, comedi_scale_uv(&scale, code), maxdata[i] > 65535 ? count_uv + 2 : 2, "uV");
        }
    }
}

static void test_the_ends_of_any_converter_are_the_ends_of_int16(void **state) {
    (void)state;
    static const uint32_t maxdata[] = {1, 255, 4095, 65535, 262143, UINT32_MAX};
    for (size_t i = 0; i < sizeof maxdata / sizeof *maxdata; i++) {
        PB_CHECK_INT(comedi_count_of(0, maxdata[i]), INT16_MIN, "counts");
        PB_CHECK_INT(comedi_count_of(maxdata[i], maxdata[i]), INT16_MAX, "counts");
        PB_CHECK_INT(comedi_count_of(maxdata[i] / 2 + 1, maxdata[i]), maxdata[i] == 1 ? INT16_MAX : 0, "counts");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_ends_of_the_codes_are_the_ends_of_the_range),
        cmocka_unit_test(test_every_code_comes_back_from_its_voltage),
        cmocka_unit_test(test_a_voltage_beyond_the_converter_has_no_code),
        cmocka_unit_test(test_calibration_takes_both_its_points_to_the_truth),
        cmocka_unit_test(test_a_calibration_may_turn_the_sign),
        cmocka_unit_test(test_equal_points_make_no_scale),
        cmocka_unit_test(test_the_widest_wiring_of_24_bits_fits_and_beyond_is_refused),
        cmocka_unit_test(test_counts_and_sampling_say_the_same_as_codes),
        cmocka_unit_test(test_the_ends_of_any_converter_are_the_ends_of_int16),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
