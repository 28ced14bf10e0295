/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model with a vehicle that is a process, against the bench's own generator: what each side is told, and what of a side is whose. */
#include "tests/support/check.h"
#include "world/model.h"

#define MS 1000000LL
#define QUARTER_NS 4166667 /* of a period of 60 Hz, rounded up */

static struct {
    struct pbw_record inputs[64];
    unsigned input_count;
    struct pbl_event events[64];
    unsigned event_count;
} seen;
static struct pb_model model;

static void on_event(void *user, const struct pbl_event *event) {
    (void)user;
    if (event->kind != PBL_EVENT_METER) seen.events[seen.event_count++] = *event;
}
static void on_input(void *user, unsigned cord, const struct pbw_record *record) {
    (void)user, (void)cord;
    seen.inputs[seen.input_count++ % 64] = *record;
}
static void on_samples(void *user, unsigned cord, int64_t first_index, const int16_t *counts, size_t count) {
    (void)user, (void)cord, (void)first_index, (void)counts, (void)count;
}
static void on_modelled(void *user, unsigned cord, int64_t to_index) { (void)user, (void)cord, (void)to_index; }

static int start(void **state) {
    (void)state;
    const struct pbl_config config = {.version = PBL_VERSION,
                                      .cords = 1,
                                      .poles = 2,
                                      .sense_period_num_ns = 2000,
                                      .sense_period_den = 1,
                                      .sense_uv_num = 1000,
                                      .sense_uv_den = 1,
                                      .keep_after_ns = 10 * MS,
                                      .current_by_half_cycle = 1,
                                      .mains_mv = 120000,
                                      .mains_mhz = 60000,
                                      .close_delay_ns = 20 * MS,
                                      .open_delay_ns = 15 * MS,
                                      .answer_ms = 1000,
                                      .cable_ff = 300000,
                                      .diode_uv = 700000,
                                      .r2_mohm = 2740000,
                                      .r3_mohm = 1300000,
                                      .quantum_ns = MS,
                                      .meter_rollover_wh = 1000000,
                                      .meter_period_ns = 60000 * MS};
    const struct pb_model_sink sink = {
        .event = on_event, .input = on_input, .samples = {.samples = on_samples, .modelled = on_modelled}};
    struct pb_error error;
    PB_CHECK_OK(pb_model_check(&config, &error), &error);
    memset(&seen, 0, sizeof seen);
    pb_model_init(&model, &config, &sink);
    return 0;
}

static void set(int64_t at_ns, enum pbl_output output, int64_t value) {
    struct pb_error error;
    PB_CHECK_OK(pb_model_set(&model, (pb_instant){at_ns}, 0, output, value, &error), &error);
}

static void run_to(int64_t until_ns) {
    for (pb_instant next; (next = pb_model_next(&model)).ns <= until_ns;) pb_model_run(&model, next);
}

static void attach(int64_t at_ns, enum pbw_actor actor) { pb_model_attach(&model, (pb_instant){at_ns}, 0, actor); }

static void hang(int64_t at_ns, bool is_s2_closed, bool has_diode) {
    struct pbw_record record = {.type = PBW_EV_LOAD};
    record.u.ev_load = (struct pbw_ev_load){.r2_milliohm = 2740000,
                                            .r3_milliohm = 1300000,
                                            .diode_uv = has_diode ? 700000 : 0,
                                            .s2 = is_s2_closed,
                                            .has_diode = has_diode};
    pb_model_drive(&model, (pb_instant){at_ns}, 0, &record);
}

static void draw(int64_t at_ns, int64_t ma) {
    struct pbw_record record = {.type = PBW_EV_DRAW};
    record.u.value.a = ma;
    pb_model_drive(&model, (pb_instant){at_ns}, 0, &record);
}

static const struct pbw_record *last_input(uint16_t type) {
    for (unsigned i = seen.input_count; i > 0; i--)
        if (seen.inputs[(i - 1) % 64].type == type) return &seen.inputs[(i - 1) % 64];
    fail_msg("no input record of type %u", type);
    return NULL;
}
static const struct pbw_ev_pilot *pilot(void) { return &last_input(PBW_EV_PILOT)->u.ev_pilot; }

static void plug_in(void) {
    attach(0, PBW_PEV);
    hang(0, false, true);
    set(0, PBL_OUT_PLUG, 1);
}

static void test_each_steady_level_of_the_generator_is_what_the_inlet_sees_behind_the_node(void **state) {
    (void)state;
    const struct {
        enum pbl_source source;
        int64_t least_uv, most_uv;
    } rows[] = {
        {PBL_SOURCE_HIGH, 8900000, 9050000}, /* R2 behind the diode */
        {PBL_SOURCE_LOW, -12000001, -11990000}, {PBL_SOURCE_ZERO, -1, 1},
        {PBL_SOURCE_HIGH, 8900000, 9050000},    {PBL_SOURCE_OPEN, -1, 1},
    };
    plug_in();
    for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        set((1 + i) * MS, PBL_OUT_SOURCE, rows[i].source);
        PB_CHECK_BETWEEN(pilot()->high_uv, rows[i].least_uv, rows[i].most_uv, "uV");
        PB_CHECK_INT(pilot()->low_uv, pilot()->high_uv, "uV");
        PB_CHECK_INT(pilot()->frequency_uhz, 0, "uHz");
    }
}

static void test_pwm_of_any_figures_is_told_with_its_levels_behind_the_node(void **state) {
    (void)state;
    plug_in();
    set(MS, PBL_OUT_SOURCE_DUTY, 75000);
    set(MS, PBL_OUT_SOURCE_FREQUENCY, 1020000000);
    set(MS, PBL_OUT_SOURCE_HIGH, 11400000);
    set(MS, PBL_OUT_SOURCE_LOW, -12600000);
    set(MS, PBL_OUT_SOURCE, PBL_SOURCE_PWM);
    PB_CHECK_INT(pilot()->duty_ppm, 75000, "ppm");
    PB_CHECK_INT(pilot()->frequency_uhz, 1020000000, "uHz");
    PB_CHECK_BETWEEN(pilot()->high_uv, 8400000, 8600000, "uV");
    PB_CHECK_BETWEEN(pilot()->low_uv, -12600001, -12590000, "uV");
    hang(2 * MS, true, true);
    PB_CHECK_BETWEEN(pilot()->high_uv, 5600000, 5800000, "uV, S2 closed");
    hang(3 * MS, true, false);
    PB_CHECK_BETWEEN(pilot()->low_uv, -6000000, -5800000, "uV, no diode");
}

static void test_a_figure_changed_under_pwm_holds_from_the_next_rise_all_at_once(void **state) {
    (void)state;
    plug_in();
    set(MS, PBL_OUT_SOURCE, PBL_SOURCE_PWM);
    seen.input_count = 0;
    set(10 * MS + 300000, PBL_OUT_SOURCE_DUTY, 500000);
    set(10 * MS + 300000, PBL_OUT_SOURCE_FREQUENCY, 980000000);
    PB_CHECK_INT(seen.input_count, 0, "records before the rise");
    PB_CHECK_INT(pb_model_next(&model).ns, 11 * MS, "ns");
    run_to(11 * MS);
    PB_CHECK_INT(seen.input_count, 1, "records");
    PB_CHECK_INT(pilot()->duty_ppm, 500000, "ppm");
    PB_CHECK_INT(pilot()->frequency_uhz, 980000000, "uHz");
    set(11 * MS + 1, PBL_OUT_SOURCE_DUTY, 100000);
    set(11 * MS + 2, PBL_OUT_SOURCE, PBL_SOURCE_HIGH); /* a level comes at once */
    PB_CHECK_INT(pb_model_next(&model).ns, PB_INSTANT_NEVER.ns, "ns");
    PB_CHECK_INT(pilot()->frequency_uhz, 0, "uHz");
}

static void test_the_connector_tells_its_resistance_and_its_button(void **state) {
    (void)state;
    plug_in();
    PB_CHECK_INT(last_input(PBW_EV_PP)->u.value.a, 150000, "mohm");
    set(MS, PBL_OUT_S3, 1);
    PB_CHECK_INT(last_input(PBW_EV_PP)->u.value.a, 480000, "mohm");
    set(2 * MS, PBL_OUT_S3, 0);
    set(3 * MS, PBL_OUT_PP, 220000);
    PB_CHECK_INT(last_input(PBW_EV_PP)->u.value.a, 220000, "mohm");
    set(4 * MS, PBL_OUT_PLUG, 0);
    PB_CHECK_INT(last_input(PBW_EV_PP)->u.value.a, INT64_MAX, "mohm");
}

static void test_the_benchs_contactor_brings_volts_to_the_inlet(void **state) {
    (void)state;
    plug_in();
    set(0, PBL_OUT_MAINS, 1);
    set(0, PBL_OUT_CONTACTOR, 1);
    run_to(100 * MS);
    PB_CHECK_INT(last_input(PBW_EV_VOLTS)->u.value.a, 120000, "mV");
    for (unsigned i = 0; i < seen.event_count; i++)
        PB_CHECK_TRUE(seen.events[i].kind != PBL_EVENT_COIL, "the bench is told what it did itself");
    set(100 * MS, PBL_OUT_PLUG, 0);
    PB_CHECK_INT(last_input(PBW_EV_VOLTS)->u.value.a, 0, "mV");
    set(101 * MS, PBL_OUT_PLUG, 1);
    set(101 * MS, PBL_OUT_CONTACTOR, 0);
    run_to(200 * MS);
    PB_CHECK_INT(last_input(PBW_EV_VOLTS)->u.value.a, 0, "mV");
}

static void charge(void) {
    plug_in();
    set(0, PBL_OUT_MAINS, 1);
    set(0, PBL_OUT_CONTACTOR, 1);
    run_to(100 * MS);
    seen.event_count = 0;
}

static void test_current_is_told_at_the_next_quarter_of_mains_with_half_a_half_cycle_of_u(void **state) {
    (void)state;
    charge();
    draw(100 * MS, 16000); /* exactly the sixth period: its own tick */
    run_to(100 * MS);
    draw(101 * MS, 20000);
    run_to(110 * MS);
    PB_CHECK_INT(seen.event_count, 2, "events");
    PB_CHECK_INT(seen.events[0].t_ns, 100 * MS, "ns");
    PB_CHECK_INT(seen.events[0].value, 16000, "mA");
    PB_CHECK_INT(seen.events[1].t_ns, 100 * MS + QUARTER_NS, "ns");
    PB_CHECK_INT(seen.events[1].value, 20000, "mA");
    for (unsigned i = 0; i < 2; i++) PB_CHECK_INT(seen.events[i].u_ns, QUARTER_NS, "ns");
    draw(111 * MS, 3000);
    draw(112 * MS, 0); /* within one tick: only what stands is told */
    run_to(130 * MS);
    PB_CHECK_INT(seen.event_count, 3, "events");
    PB_CHECK_INT(seen.events[2].value, 0, "mA");
    PB_CHECK_BETWEEN(seen.events[2].t_ns - 112 * MS, 0, QUARTER_NS, "ns");
}

static void test_the_vehicles_draw_needs_no_s2_but_a_plug_and_a_contact(void **state) {
    (void)state;
    charge();
    draw(100 * MS, 16000);
    PB_CHECK_INT(last_input(PBW_EV_AMPS)->u.value.a, 16000, "mA");
    set(110 * MS, PBL_OUT_DRAW, 32000); /* a process plays the vehicle: not the bench's any more */
    PB_CHECK_INT(last_input(PBW_EV_AMPS)->u.value.a, 16000, "mA");
    set(120 * MS, PBL_OUT_CONTACTOR, 0);
    run_to(200 * MS);
    PB_CHECK_INT(last_input(PBW_EV_AMPS)->u.value.a, 0, "mA");
}

static void test_a_vehicle_hangs_nothing_on_the_pilot_before_it_says_what(void **state) {
    (void)state;
    set(0, PBL_OUT_PLUG, 1);
    PB_CHECK_INT(last_input(PBW_CP_LOAD)->u.cp_load.kind, PBW_LOAD_R_DIODE, "(kind)");
    attach(MS, PBW_PEV);
    PB_CHECK_INT(last_input(PBW_CP_LOAD)->u.cp_load.kind, PBW_LOAD_OPEN, "(kind)");
    set(2 * MS, PBL_OUT_S2, 1); /* the bench's */
    hang(3 * MS, false, true);
    PB_CHECK_INT(last_input(PBW_CP_LOAD)->u.cp_load.milliohm, 2740000, "mohm");
    hang(4 * MS, true, false);
    PB_CHECK_INT(last_input(PBW_CP_LOAD)->u.cp_load.milliohm, 881683, "mohm");
    PB_CHECK_INT(last_input(PBW_CP_LOAD)->u.cp_load.kind, PBW_LOAD_R, "(kind)");
}

static void test_an_evse_process_takes_generator_and_contactor_from_the_bench(void **state) {
    (void)state;
    charge();
    set(100 * MS, PBL_OUT_SOURCE, PBL_SOURCE_PWM);
    set(100 * MS, PBL_OUT_SOURCE_DUTY, 300000); /* due at the next rise */
    attach(100 * MS + 500, PBW_EVSE);
    PB_CHECK_INT(pilot()->high_uv, 0, "uV");
    run_to(200 * MS);
    PB_CHECK_INT(last_input(PBW_EV_VOLTS)->u.value.a, 0, "mV");
    seen.input_count = 0;
    set(200 * MS, PBL_OUT_SOURCE, PBL_SOURCE_HIGH);
    set(200 * MS, PBL_OUT_CONTACTOR, 0);
    set(200 * MS, PBL_OUT_CONTACTOR, 1);
    run_to(300 * MS);
    PB_CHECK_INT(seen.input_count, 0, "records");
    struct pbw_record pwm = {.type = PBW_CP_PWM};
    pwm.u.cp_pwm = (struct pbw_cp_pwm){12000000, -12000000, 1000000, 1000000000, 266667, 1000, 0};
    pb_model_drive(&model, (pb_instant){300 * MS}, 0, &pwm);
    PB_CHECK_INT(pilot()->duty_ppm, 266667, "ppm");
}

static void test_a_latch_is_an_event(void **state) {
    (void)state;
    attach(0, PBW_PEV);
    struct pbw_record record = {.type = PBW_EV_LATCH};
    record.u.value.a = 1;
    pb_model_drive(&model, (pb_instant){MS}, 0, &record);
    PB_CHECK_INT(seen.event_count, 1, "events");
    PB_CHECK_INT(seen.events[0].kind, PBL_EVENT_LATCH, "(kind)");
    PB_CHECK_INT(seen.events[0].value, 1, "");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, start)
    const struct CMUnitTest tests[] = {
        TEST(test_each_steady_level_of_the_generator_is_what_the_inlet_sees_behind_the_node),
        TEST(test_pwm_of_any_figures_is_told_with_its_levels_behind_the_node),
        TEST(test_a_figure_changed_under_pwm_holds_from_the_next_rise_all_at_once),
        TEST(test_the_connector_tells_its_resistance_and_its_button),
        TEST(test_the_benchs_contactor_brings_volts_to_the_inlet),
        TEST(test_current_is_told_at_the_next_quarter_of_mains_with_half_a_half_cycle_of_u),
        TEST(test_the_vehicles_draw_needs_no_s2_but_a_plug_and_a_contact),
        TEST(test_a_vehicle_hangs_nothing_on_the_pilot_before_it_says_what),
        TEST(test_an_evse_process_takes_generator_and_contactor_from_the_bench),
        TEST(test_a_latch_is_an_event),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
