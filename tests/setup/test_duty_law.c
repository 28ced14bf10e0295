/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The duty law as the public limits files state it: worked values of control_pilot.md 3.2 in both directions, every row's edges and one generator tolerance
 * to each side of them, what has no code. The expected values are written out here, not computed from the files. */
#include "harness/setup/limits.h"
#include "tests/support/check.h"

#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct pb_limits both, sae, iec;

static const struct {
    long ma, ppm;
} worked[] = {
    {6000, 100000},  {16000, 266667}, {30000, 500000}, {60000, 880000}, {8000, 133333},  {18000, 300000},
    {32000, 533333}, {63000, 892000}, {10000, 166667}, {20000, 333333}, {36000, 600000}, {65000, 900000},
    {12000, 200000}, {24000, 400000}, {40000, 666667}, {70000, 920000}, {13000, 216667}, {25000, 416667},
    {48000, 800000}, {75000, 940000}, {15000, 250000}, {28000, 466667}, {51000, 850000}, {80000, 960000},
};

static void test_worked_values_hold_in_both_directions_by_every_file(void **state) {
    (void)state;
    const struct pb_limits *const sets[] = {&both, &sae, &iec};
    for (size_t k = 0; k < COUNT(sets); k++)
        for (size_t i = 0; i < COUNT(worked); i++) {
            int64_t ma;
            PB_CHECK_INT(pb_duty_announce(&sets[k]->law, worked[i].ma), worked[i].ppm, "ppm");
            PB_CHECK_INT(pb_duty_read(&sets[k]->law, worked[i].ppm, &ma), PB_DUTY_CURRENT, "(meaning)");
            PB_CHECK_INT(ma, worked[i].ma, "mA");
        }
}

static void test_every_milliampere_has_a_code_that_reads_back_or_none(void **state) {
    (void)state;
    const struct pb_limits *const sets[] = {&both, &sae, &iec};
    for (size_t k = 0; k < COUNT(sets); k++)
        for (int64_t ma = -1000; ma <= 90000; ma++) {
            int64_t again, duty_ppm = pb_duty_announce(&sets[k]->law, ma);
            bool has_code = (ma >= 6000 && ma <= 51000) || (ma >= 52500 && ma <= 80000);
            PB_CHECK_INT(duty_ppm != 0, has_code, "(code)");
            if (!has_code) continue;
            PB_CHECK_INT(pb_duty_read(&sets[k]->law, duty_ppm, &again), PB_DUTY_CURRENT, "(meaning)");
            PB_CHECK_INT(again, ma == 52500 ? 51000 : ma, "mA"); /* 85 % is both; the lower current is the safe one */
        }
}

static void test_no_current_between_51_and_52_5_a_has_a_code(void **state) {
    (void)state;
    const struct pb_limits *const sets[] = {&both, &sae, &iec};
    for (size_t k = 0; k < COUNT(sets); k++) {
        const struct pb_duty_law *law = &sets[k]->law;
        PB_CHECK_INT(pb_duty_announce(law, 51000), 850000, "ppm");
        for (int64_t ma = 51001; ma < 52500; ma++) PB_CHECK_INT(pb_duty_announce(law, ma), 0, "ppm");
        PB_CHECK_INT(pb_duty_announce(law, 52500), 850000, "ppm");
        for (int64_t ppm = 845000; ppm <= 855000; ppm++) { /* and no duty reads as one of them */
            int64_t ma;
            pb_duty_read(law, ppm, &ma);
            PB_CHECK_TRUE(ma <= 51000 || ma >= 52500, "%lld ppm reads as %lld mA", (long long)ppm, (long long)ma);
        }
    }
}

/* What a duty means just inside and just outside of each row's edge, and one tolerance away: 0.5 pp by SAE, 1 pp by IEC. */
struct meant {
    long ppm;
    enum pb_duty_meaning meaning;
    long ma;
};
#define NONE PB_DUTY_NO_CHARGING, 0
#define DIGITAL PB_DUTY_DIGITAL, 0
#define AMPS(ma) PB_DUTY_CURRENT, ma
static const struct meant by_iec[] = {
    {0, NONE},
    {20000, NONE},
    {29999, NONE},
    {30000, DIGITAL},
    {40000, DIGITAL},
    {50000, DIGITAL},
    {60000, DIGITAL},
    {70000, DIGITAL},
    {70001, NONE},
    {75000, NONE},
    {79999, NONE},
    {80000, AMPS(6000)},
    {90000, AMPS(6000)},
    {99999, AMPS(6000)},
    {100000, AMPS(6000)},
    {100008, AMPS(6000)},
    {100009, AMPS(6001)},
    {110000, AMPS(6600)},
    {840000, AMPS(50400)},
    {849999, AMPS(51000)},
    {850000, AMPS(51000)},
    {850001, AMPS(52500)},
    {860000, AMPS(55000)},
    {950000, AMPS(77500)},
    {959999, AMPS(80000)},
    {960000, AMPS(80000)},
    {960001, AMPS(80000)},
    {965000, AMPS(80000)},
    {970000, AMPS(80000)},
    {970001, NONE},
    {980000, NONE},
    {1000000, NONE},
    {-5, NONE},
};
static const struct meant by_sae[] = {
    {0, NONE},
    {40000, NONE},
    {44999, NONE},
    {45000, DIGITAL},
    {50000, DIGITAL},
    {55000, DIGITAL},
    {55001, NONE},
    {60000, NONE},
    {90000, NONE},
    {94999, NONE},
    {95000, AMPS(6000)},
    {99999, AMPS(6000)},
    {100000, AMPS(6000)},
    {105000, AMPS(6300)},
    {845000, AMPS(50700)},
    {850000, AMPS(51000)},
    {850001, AMPS(52500)},
    {855000, AMPS(53750)},
    {955000, AMPS(78750)},
    {960000, AMPS(80000)},
    {965000, AMPS(80000)},
    {965001, NONE},
    {970000, NONE},
    {1000000, NONE},
};

static void check_meant(const struct pb_duty_law *law, const struct meant *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        int64_t ma;
        enum pb_duty_meaning meaning = pb_duty_read(law, rows[i].ppm, &ma);
        PB_CHECK_TRUE(meaning == rows[i].meaning && ma == rows[i].ma, "%ld ppm means %d, %lld mA; expected %d, %ld mA",
                      rows[i].ppm, (int)meaning, (long long)ma, (int)rows[i].meaning, rows[i].ma);
    }
}

static bool is_among(const struct meant *rows, size_t count, int64_t ppm) {
    for (size_t i = 0; i < count; i++)
        if (rows[i].ppm == ppm) return true;
    return false;
}

/* The table above leaves out no edge of a row, nor one tolerance of the file to either side of it. Returns how many it looked for. */
static int check_covers(const struct pb_limits *limits, const struct meant *rows, size_t count, int64_t tolerance_ppm) {
    int looked = 0;
    PB_CHECK_INT(pb_limits_find(limits, "cp.duty.tolerance")->max, tolerance_ppm, "ppm");
    for (size_t i = 0; i < limits->law.read_count; i++) {
        const int64_t edges[] = {limits->law.read[i].from, limits->law.read[i].to};
        for (size_t k = 0; k < 2; k++)
            for (int side = -1; side <= 1; side++, looked++)
                PB_CHECK_TRUE(is_among(rows, count, edges[k] + side * tolerance_ppm), "%lld ppm is not looked at",
                              (long long)(edges[k] + side * tolerance_ppm));
    }
    return looked;
}

static void test_no_edge_of_a_row_and_no_tolerance_beside_it_is_left_out(void **state) {
    (void)state;
    PB_CHECK_INT(check_covers(&iec, by_iec, COUNT(by_iec), 10000), 30, "places");
    PB_CHECK_INT(check_covers(&sae, by_sae, COUNT(by_sae), 5000), 30, "places");
}

static void test_a_row_of_the_law_says_where_it_is_from(void **state) {
    (void)state;
    const struct pb_limit *digital = pb_limits_read_duty(&sae, 50000), *charging = pb_limits_read_duty(&sae, 266667);
    PB_CHECK_INT(digital->confidence, PB_CONFIDENCE_K, "(confidence)");
    PB_CHECK_TEXT(digital->clause, "J1772 duty cycle, 5 %");
    PB_CHECK_TEXT(digital->id, "current_of_duty[1]");
    PB_CHECK_INT(charging->confidence, PB_CONFIDENCE_V2, "(confidence)");
    PB_CHECK_TEXT(pb_limits_announced(&iec, 16000)->clause, "IEC 61851-1 Table A.7, 10 to 85 %");
    PB_CHECK_TEXT(pb_limits_announced(&both, 16000)->source,
                  "Phoenix; Siemens; Gossen"); /* the file that is read last */
    PB_CHECK_TRUE(!pb_limits_announced(&iec, 52000) && !pb_limits_read_duty(&iec, 20000), "a row where there is none");
}

static void test_each_edge_of_the_iec_rows_is_where_it_is(void **state) {
    (void)state;
    check_meant(&iec.law, by_iec, COUNT(by_iec));
    check_meant(&both.law, by_iec, COUNT(by_iec)); /* what is used by default reads by the IEC's */
}
static void test_each_edge_of_the_sae_rows_is_where_it_is(void **state) {
    (void)state;
    check_meant(&sae.law, by_sae, COUNT(by_sae));
}

/* A generator that is off by its tolerance, at any nominal current, is read as a current that is off by no more than the tolerance's worth: 0.06 A a 0.1 pp
 * below 85 %, 0.25 A above, and the jump of 1.5 A where the tolerance crosses 85 %. */
static void test_one_tolerance_of_the_generator_moves_the_current_by_what_it_is_worth(void **state) {
    (void)state;
    for (int64_t ma = 6000; ma <= 80000; ma += 7) {
        int64_t nominal = pb_duty_announce(&both.law, ma);
        for (int64_t off = -5000; off <= 5000 && nominal; off += 100) {
            int64_t seen;
            PB_CHECK_INT(pb_duty_read(&both.law, nominal + off, &seen), PB_DUTY_CURRENT, "(meaning)");
            int64_t worth = (off < 0 ? -off : off) / 4 + 2, jump = nominal > 844999 && nominal < 855001 ? 1500 : 0;
            PB_CHECK_TRUE(seen >= ma - worth - jump && seen <= ma + worth + jump,
                          "%lld mA, %lld ppm off, is read as %lld mA", (long long)ma, (long long)off, (long long)seen);
        }
    }
}

static int read_files(void **state) {
    (void)state;
    struct pb_error error;
    PB_CHECK_OK(pb_limits_read(PB_SOURCE_DIR "/fixtures/limits/j1772-iec61851.yaml", &both, &error), &error);
    PB_CHECK_OK(pb_limits_read(PB_SOURCE_DIR "/fixtures/limits/sae-j1772-2017.yaml", &sae, &error), &error);
    PB_CHECK_OK(pb_limits_read(PB_SOURCE_DIR "/fixtures/limits/iec-61851-1-2017.yaml", &iec, &error), &error);
    return 0;
}
static int forget_files(void **state) {
    (void)state;
    pb_limits_finish(&both);
    pb_limits_finish(&sae);
    pb_limits_finish(&iec);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_values_hold_in_both_directions_by_every_file),
        cmocka_unit_test(test_every_milliampere_has_a_code_that_reads_back_or_none),
        cmocka_unit_test(test_no_current_between_51_and_52_5_a_has_a_code),
        cmocka_unit_test(test_each_edge_of_the_iec_rows_is_where_it_is),
        cmocka_unit_test(test_each_edge_of_the_sae_rows_is_where_it_is),
        cmocka_unit_test(test_no_edge_of_a_row_and_no_tolerance_beside_it_is_left_out),
        cmocka_unit_test(test_a_row_of_the_law_says_where_it_is_from),
        cmocka_unit_test(test_one_tolerance_of_the_generator_moves_the_current_by_what_it_is_worth),
    };
    return cmocka_run_group_tests(tests, read_files, forget_files);
}
