/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The healthy vehicle, as the program, with a scripted pilot. Figures: IEC 61851-1 Tables A.6 and A.8. */
#include "tests/firmware_stub/scripted_evse.h"
#include "tests/support/check.h"

static struct station station;

static int stop(void **state) {
    (void)state;
    if (station.script.fd > 0 && station.script.pid > 0) station_close(&station);
    station.script.pid = 0;
    return 0;
}

static void start(const char *const *arguments) { station_open(&station, 11, arguments); }

static void test_an_offer_is_answered_by_s2_and_a_ramp_to_what_is_offered(void **state) {
    (void)state;
    start(NULL);
    station_plug(&station, true);
    station_run(&station, 5 * SECONDS);
    PB_CHECK_TRUE(!station_is_s2_closed(&station), "S2 closed without an offer");
    int64_t offer_ns = station.script.now_ns;
    station_pwm(&station, 266667); /* 16 A */
    station_run(&station, 20 * SECONDS);
    PB_CHECK_BETWEEN(station_s2_ns(&station, true, offer_ns) - offer_ns, 500 * MS, 700 * MS, "ns");
    PB_CHECK_BETWEEN(station_drawn_ma(&station), 15600, 16000, "mA");
    PB_CHECK_BETWEEN(station_most_ma(&station, offer_ns), 15600, 16000, "mA");
    const struct pbw_ev_load *load = &script_last(&station.script, PBW_EV_LOAD)->u.ev_load;
    PB_CHECK_BETWEEN(load->r2_milliohm, 2658000, 2822000, "mohm");
    PB_CHECK_BETWEEN(load->r3_milliohm, 1261000, 1339000, "mohm");
    PB_CHECK_INT(load->has_diode, 1, "");
    PB_CHECK_BETWEEN(load->diode_uv, 550000, 850000, "uV");
}

/* Where the current of a duty is, mA; 0: no charging. */
static const struct {
    int64_t duty_ppm, ma;
} duties[] = {
    {25000, 0},      {29000, 0},      {50000, 0},      {71000, 0},      {75000, 0},
    {79000, 0},      {81000, 6000},   {90000, 6000},   {100000, 6000},  {266667, 16000},
    {500000, 30000}, {533333, 32000}, {666667, 40000}, {850000, 51000}, {860000, 55000},
    {900000, 65000}, {960000, 80000}, {969000, 80000}, {971000, 0},     {980000, 0},
};

static void test_each_duty_is_worth_what_the_table_says(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof duties / sizeof duties[0]; i++) {
        start((const char *const[]){"--charger", "80", NULL});
        station_charge(&station, duties[i].duty_ppm);
        int64_t ma = station_drawn_ma(&station);
        PB_CHECK_TRUE(station_is_s2_closed(&station) == (duties[i].ma > 0), "S2 at %d ppm", (int)duties[i].duty_ppm);
        PB_CHECK_BETWEEN(ma, duties[i].ma * 97 / 100, duties[i].ma, "mA");
        station_close(&station);
        station.script.pid = 0;
    }
}

static void test_the_charger_is_the_limit_where_it_is_smaller_than_the_offer(void **state) {
    (void)state;
    start((const char *const[]){"--charger", "10", NULL});
    station_charge(&station, 500000);
    PB_CHECK_BETWEEN(station_drawn_ma(&station), 9700, 10000, "mA");
}

static void test_duty_is_a_ratio_at_any_frequency(void **state) {
    (void)state;
    static const int64_t frequencies_uhz[] = {980000000, 1020000000, 850000000, 1150000000};
    for (size_t i = 0; i < sizeof frequencies_uhz / sizeof frequencies_uhz[0]; i++) {
        start(NULL);
        station.frequency_uhz = frequencies_uhz[i];
        station_charge(&station, 500000);
        PB_CHECK_BETWEEN(station_drawn_ma(&station), 29200, 30000, "mA");
        station_close(&station);
        station.script.pid = 0;
    }
}

static void test_another_duty_is_followed_within_five_seconds_down_and_up(void **state) {
    (void)state;
    start(NULL);
    station_charge(&station, 533333);
    int64_t down_ns = station.script.now_ns;
    station_pwm(&station, 100000);
    station_run(&station, 10 * SECONDS);
    PB_CHECK_BETWEEN(station_draws_at_most_ns(&station, 6000, down_ns) - down_ns, 0, 2 * SECONDS, "ns");
    int64_t up_ns = station.script.now_ns;
    station_pwm(&station, 533333);
    station_run(&station, 5 * SECONDS);
    PB_CHECK_BETWEEN(station_drawn_ma(&station), 31300, 32000, "mA");
    PB_CHECK_TRUE(station_most_ma(&station, up_ns) <= 32000, "more than was offered");
    PB_CHECK_TRUE(station_s2_ns(&station, false, down_ns) == PBW_NEVER, "S2 opened");
}

static void stops_within_three_seconds(void (*how)(void)) {
    start(NULL);
    station_charge(&station, 533333);
    int64_t end_ns = station.script.now_ns;
    how();
    station_run(&station, 10 * SECONDS);
    int64_t light_ns = station_draws_at_most_ns(&station, 1000, end_ns),
            open_ns = station_s2_ns(&station, false, end_ns);
    PB_CHECK_BETWEEN(light_ns - end_ns, 1, 3 * SECONDS, "ns until it draws no more than 1 A");
    PB_CHECK_BETWEEN(open_ns, light_ns, end_ns + 3 * SECONDS, "ns until S2 opens, no load first");
    station_close(&station);
    station.script.pid = 0;
}

static void x1(void) { station_steady(&station, 12000); }
static void f(void) { station_steady(&station, -12000); }
static void e(void) { station_steady(&station, 0); }
static void digital(void) { station_pwm(&station, 50000); }
static void console_stop(void) { script_type_line(&station.script, "stop"); }

static void test_it_stops_within_three_seconds_whatever_ends_the_offer(void **state) {
    (void)state;
    stops_within_three_seconds(x1);
    stops_within_three_seconds(f);
    stops_within_three_seconds(e);
    stops_within_three_seconds(digital);
    stops_within_three_seconds(console_stop);
}

static void test_after_x1_it_charges_again_when_pwm_comes_back(void **state) {
    (void)state;
    start(NULL);
    station_charge(&station, 266667);
    station_steady(&station, 12000);
    station_run(&station, 5 * SECONDS);
    PB_CHECK_TRUE(!station_is_s2_closed(&station), "S2 is closed");
    station_pwm(&station, 266667);
    station_run(&station, 10 * SECONDS);
    PB_CHECK_BETWEEN(station_drawn_ma(&station), 15600, 16000, "mA");
}

static void test_the_latchs_button_ends_the_current_within_a_tenth_of_a_second(void **state) {
    (void)state;
    start(NULL);
    station_charge(&station, 533333);
    int64_t pressed_ns = station.script.now_ns;
    station_press_s3(&station, true);
    station_run(&station, 2 * SECONDS);
    PB_CHECK_BETWEEN(station_draws_at_most_ns(&station, 0, pressed_ns) - pressed_ns, 1, 100 * MS, "ns");
    PB_CHECK_BETWEEN(station_s2_ns(&station, false, pressed_ns) - pressed_ns, 1, SECONDS, "ns");
    station_run(&station, 10 * SECONDS);
    PB_CHECK_TRUE(!station_is_s2_closed(&station), "S2 closed again while pressed");
    station_press_s3(&station, false);
    station_run(&station, 10 * SECONDS);
    PB_CHECK_TRUE(station_is_s2_closed(&station), "S2 stays open after the button");
}

static void test_unplugged_it_lets_go_at_once(void **state) {
    (void)state;
    start(NULL);
    station_charge(&station, 533333);
    int64_t pulled_ns = station.script.now_ns;
    station_plug(&station, false);
    station_run(&station, SECONDS);
    PB_CHECK_BETWEEN(station_s2_ns(&station, false, pulled_ns) - pulled_ns, 1, 50 * MS, "ns");
    PB_CHECK_INT(script_last(&station.script, PBW_EV_DRAW)->u.value.a, 0, "mA");
    PB_CHECK_INT(script_last(&station.script, PBW_EV_LATCH)->u.value.a, 0, "");
}

static void test_ventilation_is_asked_for_by_its_resistor(void **state) {
    (void)state;
    start((const char *const[]){"--ventilation", NULL});
    station_charge(&station, 266667);
    PB_CHECK_BETWEEN(script_last(&station.script, PBW_EV_LOAD)->u.ev_load.r3_milliohm, 262000, 278000, "mohm");
    PB_CHECK_TRUE(station_drawn_ma(&station) > 0, "does not charge");
}

static void test_a_charge_begins_when_it_was_planned_for(void **state) {
    (void)state;
    start((const char *const[]){"--start-at", "3600", NULL});
    station_charge(&station, 266667);
    PB_CHECK_TRUE(!station_is_s2_closed(&station), "S2 closed before the time");
    station_run(&station, 3600 * SECONDS - station.script.now_ns);
    PB_CHECK_TRUE(!station_is_s2_closed(&station), "S2 closed before the time");
    station_run(&station, 10 * SECONDS);
    PB_CHECK_TRUE(station_drawn_ma(&station) > 15000, "it does not charge");
}

static void test_asleep_it_is_woken_by_pwm(void **state) {
    (void)state;
    start(NULL);
    station_plug(&station, true);
    station_run(&station, 600 * SECONDS);
    script_type_line(&station.script, "state");
    station_run(&station, 10 * MS);
    PB_CHECK_TRUE(script_has_said(&station.script, "asleep latched steady s2-open", 0), "not asleep");
    station_pwm(&station, 266667);
    station_run(&station, 10 * SECONDS);
    PB_CHECK_TRUE(station_drawn_ma(&station) > 15000, "it does not charge");
}

static void test_a_sleeper_is_woken_by_state_f_for_four_seconds_and_not_by_pwm(void **state) {
    (void)state;
    start((const char *const[]){"--sleeper", NULL});
    station_charge(&station, 266667);
    station_run(&station, 20 * SECONDS);
    PB_CHECK_TRUE(!station_is_s2_closed(&station), "awake already");
    station_steady(&station, -12000);
    station_run(&station, 4 * SECONDS);
    station_steady(&station, 12000);
    station_run(&station, 1 * SECONDS);
    station_pwm(&station, 266667);
    station_run(&station, 10 * SECONDS);
    PB_CHECK_TRUE(station_drawn_ma(&station) > 15000, "it does not charge");
}

static void test_full_it_stops_and_has_counted_what_flowed(void **state) {
    (void)state;
    start((const char *const[]){"--energy", "1000", NULL});
    station_charge(&station, 266667);
    station_run(&station, 1800 * SECONDS);
    PB_CHECK_TRUE(!station_is_s2_closed(&station), "still charging: 240 V and 16 A make 1 kWh in 940 s");
    script_type_line(&station.script, "energy?");
    station_run(&station, 10 * MS);
    PB_CHECK_TRUE(script_has_said(&station.script, "energy 100", 0), "another energy than 1000 to 1009 Wh");
}

static void test_without_supply_behind_s2_it_waits(void **state) {
    (void)state;
    start(NULL);
    station.is_contactor_stuck_open = true;
    station_charge(&station, 266667);
    PB_CHECK_TRUE(station_is_s2_closed(&station), "S2 is open");
    PB_CHECK_TRUE(!script_last(&station.script, PBW_EV_DRAW), "it draws from nothing");
    station.is_contactor_stuck_open = false;
    station_run(&station, 10 * SECONDS);
    PB_CHECK_TRUE(station_drawn_ma(&station) > 15000, "it does not charge");
}

static void test_hours_of_charging_cost_no_turns(void **state) {
    (void)state;
    start(NULL);
    station_charge(&station, 266667);
    unsigned turns = station.script.turns;
    script_run(&station.script, INT64_C(10) * 3600 * SECONDS);
    PB_CHECK_TRUE(station.script.turns - turns <= 4, "%u turns in 10 h", station.script.turns - turns);
}

static void test_the_same_seed_and_script_give_the_same_records(void **state) {
    (void)state;
    static struct pbw_record first[SCRIPT_LOG_MAX];
    size_t count = 0;
    for (int round = 0; round < 2; round++) {
        start(NULL);
        station_charge(&station, 533333);
        station_steady(&station, 12000);
        station_run(&station, 5 * SECONDS);
        if (round == 0) memcpy(first, station.script.log, (count = station.script.log_count) * sizeof first[0]);
        else PB_CHECK_INT(station.script.log_count, count, "records");
        station_close(&station);
        station.script.pid = 0;
    }
    assert_memory_equal(first, station.script.log, count * sizeof first[0]);
}

int main(void) {
#define TEST(name) cmocka_unit_test_teardown(name, stop)
    const struct CMUnitTest tests[] = {
        TEST(test_an_offer_is_answered_by_s2_and_a_ramp_to_what_is_offered),
        TEST(test_each_duty_is_worth_what_the_table_says),
        TEST(test_the_charger_is_the_limit_where_it_is_smaller_than_the_offer),
        TEST(test_duty_is_a_ratio_at_any_frequency),
        TEST(test_another_duty_is_followed_within_five_seconds_down_and_up),
        TEST(test_it_stops_within_three_seconds_whatever_ends_the_offer),
        TEST(test_after_x1_it_charges_again_when_pwm_comes_back),
        TEST(test_the_latchs_button_ends_the_current_within_a_tenth_of_a_second),
        TEST(test_unplugged_it_lets_go_at_once),
        TEST(test_ventilation_is_asked_for_by_its_resistor),
        TEST(test_a_charge_begins_when_it_was_planned_for),
        TEST(test_asleep_it_is_woken_by_pwm),
        TEST(test_a_sleeper_is_woken_by_state_f_for_four_seconds_and_not_by_pwm),
        TEST(test_full_it_stops_and_has_counted_what_flowed),
        TEST(test_without_supply_behind_s2_it_waits),
        TEST(test_hours_of_charging_cost_no_turns),
        TEST(test_the_same_seed_and_script_give_the_same_records),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
