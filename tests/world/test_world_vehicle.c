/* SPDX-License-Identifier: GPL-3.0-or-later */
/* stub-pev in the world: against the bench's generator and contactor, and against stub-evse, where the bench only plugs in and watches. */
#include "tests/world/bench.h"
#include "world/wire/pb_wire.h"

#include <stdio.h>

#define QUARTER_NS 4166667 /* of a period of 60 Hz, rounded up */

static struct bench bench;
static int64_t now_ns;

static void start(uint8_t actor, const char *const *argv) {
    char text[600];
    size_t used = (size_t)snprintf(text, sizeof text, "%s/%s", PB_BUILD_DIR, argv[0]) + 1;
    for (int i = 1; argv[i]; i++) used += (size_t)snprintf(text + used, sizeof text - used, "%s", argv[i]) + 1;
    struct pbl_slave slave = {.actor = actor, .seed = 5};
    bench_send(&bench, PBL_SLAVE, &slave, sizeof slave, text, used);
}

static void open_bench(void) {
    struct pbl_config config = bench_config();
    config.mains_mv = 240000;
    config.mains_mhz = 60000;
    config.current_by_half_cycle = 1;
    bench_open(&bench, &config, NULL);
    now_ns = 0;
}

static void run(int64_t span_ns) {
    int64_t until_ns = now_ns + span_ns;
    while (now_ns < until_ns) now_ns = bench_advance(&bench, until_ns, 0);
    PB_CHECK_TRUE(!bench.fault_count, "%s", bench.fault_text);
}

static int64_t current_ma(void) {
    int64_t ma = 0;
    for (unsigned i = 0; i < bench.event_count; i++)
        if (bench.events[i].kind == PBL_EVENT_CURRENT) ma = bench.events[i].value;
    return ma;
}

/* When current came to at most this, after an instant. */
static const struct pbl_event *falls_to(int64_t ma, int64_t from_ns) {
    for (unsigned i = 0; i < bench.event_count; i++) {
        const struct pbl_event *event = &bench.events[i];
        if (event->kind == PBL_EVENT_CURRENT && event->t_ns > from_ns && event->value <= ma) return event;
    }
    fail_msg("current does not come down to %d mA", (int)ma);
    return NULL;
}

static void close_bench(void) {
    PB_CHECK_INT(bench_close(&bench), 0, "(exit status)");
    bench_free(&bench);
}

/* The bench as EVSE, up to charging with this duty. */
static void charge_by_the_bench(int64_t duty_ppm) {
    open_bench();
    start(PBW_PEV, (const char *const[]){"stub-pev", NULL});
    bench_set(&bench, PBL_OUT_MAINS, 1);
    bench_set(&bench, PBL_OUT_SOURCE, PBL_SOURCE_HIGH);
    run(BENCH_S);
    bench_set(&bench, PBL_OUT_PLUG, 1);
    run(2 * BENCH_S);
    bench_set(&bench, PBL_OUT_SOURCE_DUTY, duty_ppm);
    bench_set(&bench, PBL_OUT_SOURCE, PBL_SOURCE_PWM);
    run(2 * BENCH_S);
    bench_set(&bench, PBL_OUT_CONTACTOR, 1);
    run(10 * BENCH_S);
}

static void test_the_bench_charges_a_vehicle_and_sees_it_follow_and_stop(void **state) {
    (void)state;
    charge_by_the_bench(500000);
    PB_CHECK_BETWEEN(current_ma(), 29000, 30000, "mA");
    const struct pbl_event *latch = bench_event(&bench, PBL_EVENT_LATCH, -1, 0);
    PB_CHECK_TRUE(latch && latch->value == 1, "the inlet does not hold the connector");
    int64_t down_ns = now_ns;
    bench_set(&bench, PBL_OUT_SOURCE_DUTY, 200000);
    run(10 * BENCH_S);
    const struct pbl_event *followed = falls_to(12000, down_ns);
    PB_CHECK_BETWEEN(followed->t_ns - down_ns, 1, 5 * BENCH_S, "ns");
    PB_CHECK_INT(followed->u_ns, QUARTER_NS, "ns");
    int64_t stop_ns = now_ns;
    bench_set(&bench, PBL_OUT_SOURCE, PBL_SOURCE_HIGH);
    run(10 * BENCH_S);
    PB_CHECK_BETWEEN(falls_to(0, stop_ns)->t_ns - stop_ns, 1, 3 * BENCH_S, "ns");
    close_bench();
}

static void test_the_button_of_the_latch_stops_the_current_before_the_plug_is_out(void **state) {
    (void)state;
    charge_by_the_bench(500000);
    int64_t pressed_ns = now_ns;
    bench_set(&bench, PBL_OUT_S3, 1);
    run(500 * BENCH_MS);
    PB_CHECK_BETWEEN(falls_to(0, pressed_ns)->t_ns - pressed_ns, 1, 100 * BENCH_MS, "ns");
    bench_set(&bench, PBL_OUT_PLUG, 0);
    run(BENCH_S);
    close_bench();
}

static void test_evse_and_vehicle_charge_each_other_and_the_bench_only_plugs_in(void **state) {
    (void)state;
    open_bench();
    start(PBW_EVSE, (const char *const[]){"stub-evse", "--rated-current", "16", NULL});
    start(PBW_PEV, (const char *const[]){"stub-pev", NULL});
    run(BENCH_S);
    bench_set(&bench, PBL_OUT_MAINS, 1);
    run(2 * BENCH_S);
    bench_set(&bench, PBL_OUT_PLUG, 1);
    bench_set(&bench, PBL_OUT_S2, 1); /* the bench's vehicle is out of it */
    bench_set(&bench, PBL_OUT_DRAW, 32000);
    run(15 * BENCH_S);
    PB_CHECK_BETWEEN(current_ma(), 15600, 16000, "mA");
    const struct pbl_event *coil = bench_event(&bench, PBL_EVENT_COIL, 0, 0);
    PB_CHECK_TRUE(coil && coil->value == 1, "the EVSE did not close");
    struct pbl_text head = {.slave = 0};
    int64_t stop_ns = now_ns;
    bench_send(&bench, PBL_SERIAL, &head, sizeof head, "stop\n", 5);
    run(10 * BENCH_S);
    const struct pbl_event *off = falls_to(0, stop_ns);
    const struct pbl_event *open = bench_event(&bench, PBL_EVENT_COIL, 0, stop_ns);
    PB_CHECK_BETWEEN(off->t_ns - stop_ns, 1, 3 * BENCH_S, "ns");
    PB_CHECK_TRUE(open && open->value == 0 && open->t_ns >= off->t_ns - off->u_ns, "the EVSE opened under load");
    close_bench();
}

static void test_hours_of_a_pair_cost_nothing(void **state) {
    (void)state;
    charge_by_the_bench(266667);
    unsigned before = bench.event_count;
    run(INT64_C(14) * 3600 * BENCH_S);
    PB_CHECK_BETWEEN(bench.event_count - before, 14 * 60 - 1, 14 * 60 + 1, "events: a meter's reading each minute");
    close_bench();
}

static void test_a_vehicle_that_says_an_evses_record_is_a_fault(void **state) {
    (void)state;
    open_bench();
    bench_start_actor(&bench, PBW_PEV, PB_BUILD_DIR "/tests/world_test_dut", "wrong_side", 0);
    bench_set(&bench, PBL_OUT_PLUG, 1);
    bench_advance(&bench, 2 * BENCH_S, 0);
    PB_CHECK_INT(bench.fault_count, 1, "faults");
    PB_CHECK_CONTAINS(bench.fault_text, "expected a record of actor pev");
    (void)bench_close(&bench);
    bench_free(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_bench_charges_a_vehicle_and_sees_it_follow_and_stop),
        cmocka_unit_test(test_the_button_of_the_latch_stops_the_current_before_the_plug_is_out),
        cmocka_unit_test(test_evse_and_vehicle_charge_each_other_and_the_bench_only_plugs_in),
        cmocka_unit_test(test_hours_of_a_pair_cost_nothing),
        cmocka_unit_test(test_a_vehicle_that_says_an_evses_record_is_a_fault),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
