/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/support/check.h"
#include "world/model.h"

#define MS 1000000LL

struct seen {
    struct pbw_record inputs[64];
    unsigned input_count;
    struct pbl_event events[64];
    unsigned event_count;
    int64_t told, samples;
};

static struct pb_model model;
static struct seen seen;

static void on_event(void *user, const struct pbl_event *event) {
    (void)user;
    seen.events[seen.event_count++] = *event;
}
static void on_input(void *user, unsigned cord, const struct pbw_record *record) {
    (void)user;
    PB_CHECK_INT(cord, 0, "(cord)");
    seen.inputs[seen.input_count++] = *record;
}
static void on_samples(void *user, unsigned cord, int64_t first_index, const int16_t *counts, size_t count) {
    (void)user, (void)cord, (void)counts;
    PB_CHECK_INT(first_index, seen.told, "(index)");
    seen.told += (int64_t)count;
    seen.samples += (int64_t)count;
}
static void on_modelled(void *user, unsigned cord, int64_t to_index) {
    (void)user, (void)cord;
    PB_CHECK_TRUE(to_index > seen.told, "modelled backwards");
    seen.told = to_index;
}

static struct pbl_config good_config(void) {
    return (struct pbl_config){.version = PBL_VERSION,
                               .cords = 1,
                               .poles = 2,
                               .seed = 7,
                               .sense_period_num_ns = 2000,
                               .sense_period_den = 1,
                               .sense_uv_num = 1000,
                               .sense_uv_den = 1,
                               .keep_before_ns = 2 * MS,
                               .keep_after_ns = 10 * MS,
                               .mains_mv = 230000,
                               .mains_mhz = 50000,
                               .close_delay_ns = 20 * MS,
                               .open_delay_ns = 15 * MS,
                               .bounce_ns = 3 * MS,
                               .answer_ms = 1000,
                               .cable_ff = 300000,
                               .diode_uv = 700000,
                               .r2_mohm = 2740000,
                               .r3_mohm = 1300000,
                               .quantum_ns = MS,
                               .meter_rollover_wh = 1000000,
                               .meter_period_ns = 60000 * MS};
}

static int start(void **state) {
    (void)state;
    struct pbl_config config = good_config();
    struct pb_model_sink sink = {
        .event = on_event, .input = on_input, .samples = {.samples = on_samples, .modelled = on_modelled}};
    memset(&seen, 0, sizeof seen);
    pb_model_init(&model, &config, &sink);
    seen.input_count = 0;
    return 0;
}

static void set(int64_t at_ns, enum pbl_output output, int64_t value) {
    struct pb_error error;
    PB_CHECK_OK(pb_model_set(&model, (pb_instant){at_ns}, 0, output, value, &error), &error);
}

static void run_to(int64_t until_ns) {
    for (pb_instant next; (next = pb_model_next(&model)).ns <= until_ns;) pb_model_run(&model, next);
}

static void drive_coil(int64_t at_ns, bool is_on) {
    struct pbw_record record = {.type = PBW_COIL};
    record.u.value = (struct pbw_value){.a = is_on, .index = 255};
    pb_model_drive(&model, (pb_instant){at_ns}, 0, &record);
}

static const struct pbw_record *last_input(uint16_t type) {
    for (unsigned i = seen.input_count; i > 0; i--)
        if (seen.inputs[i - 1].type == type) return &seen.inputs[i - 1];
    fail_msg("no input record of type %u", type);
    return NULL;
}

static void test_the_dut_sees_the_load_that_hangs_on_the_pilot(void **state) {
    (void)state;
    const struct {
        enum pbl_output output;
        int64_t value;
        uint8_t kind;
        int64_t mohm, ff, diode_uv;
    } steps[] = {
        {PBL_OUT_PLUG, 1, PBW_LOAD_R_DIODE, 2740000, 300000, 700000},
        {PBL_OUT_S2, 1, PBW_LOAD_R_DIODE, 881683, 300000, 700000},
        {PBL_OUT_DIODE_SHORT, 1, PBW_LOAD_R, 881683, 300000, 0},
        {PBL_OUT_CAPACITANCE, 500000, PBW_LOAD_R, 881683, 800000, 0},
        {PBL_OUT_CP_SHORT, 100000, PBW_LOAD_SHORT, 100000, 800000, 0},
        {PBL_OUT_CP_SHORT, 0, PBW_LOAD_R, 881683, 800000, 0},
        {PBL_OUT_R2, 1000000, PBW_LOAD_R, 565217, 800000, 0},
        {PBL_OUT_PLUG, 0, PBW_LOAD_OPEN, 0, 300000, 0},
    };
    for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        set(i * MS, steps[i].output, steps[i].value);
        const struct pbw_cp_load *load = &last_input(PBW_CP_LOAD)->u.cp_load;
        PB_CHECK_INT(seen.input_count, i + 1, "records");
        PB_CHECK_INT(load->kind, steps[i].kind, "");
        PB_CHECK_INT(load->milliohm, steps[i].mohm, "mohm");
        PB_CHECK_INT(load->femtofarad, steps[i].ff, "fF");
        PB_CHECK_INT(load->diode_uv, steps[i].diode_uv, "uV");
    }
    set(9 * MS, PBL_OUT_S2, 0); /* not plugged in: nothing changes */
    PB_CHECK_INT(seen.input_count, sizeof steps / sizeof steps[0], "records");
}

static void test_each_fault_output_has_its_record(void **state) {
    (void)state;
    const struct {
        enum pbl_output output;
        int64_t value;
        uint16_t type;
        int64_t a;
    } steps[] = {
        {PBL_OUT_PE_BREAK, 1, PBW_PE_OK, 0},
        {PBL_OUT_PE_BREAK, 0, PBW_PE_OK, 1},
        {PBL_OUT_NO_VENT, 1, PBW_VENT_OK, 0},
        {PBL_OUT_RESIDUAL, 22000, PBW_CCID_TRIP, 22000},
        {PBL_OUT_TEMPERATURE, -5000, PBW_TEMP, -5000},
        {PBL_OUT_MAINS, 1, PBW_MAINS, 230000},
        {PBL_OUT_MAINS, 0, PBW_MAINS, 0},
    };
    for (unsigned i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        set(i * MS, steps[i].output, steps[i].value);
        PB_CHECK_INT(seen.input_count, i + 1, "records");
        PB_CHECK_INT(last_input(steps[i].type)->u.value.a, steps[i].a, "");
    }
}

static void test_a_dut_that_starts_is_told_of_a_room_without_faults(void **state) {
    (void)state;
    static const struct {
        uint16_t type;
        int64_t a;
    } rows[] = {{PBW_PE_OK, 1}, {PBW_VENT_OK, 1}, {PBW_TEMP, 25000}, {PBW_MAINS, 0}, {PBW_POLE_VOLTS, 0}};
    pb_model_greet(&model, 0, NULL, on_input);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        PB_CHECK_INT(last_input(rows[i].type)->u.value.a, rows[i].a, "");
    PB_CHECK_INT(pb_model_get(&model, 0, PBL_OUT_TEMPERATURE), 25000, "milli degC");
}

static void test_pole_volts_are_told_once_the_bounce_is_over_and_every_bounce_is_an_event(void **state) {
    (void)state;
    set(0, PBL_OUT_MAINS, 1);
    seen.input_count = 0;
    drive_coil(1 * MS, true);
    run_to(100 * MS);
    PB_CHECK_INT(seen.input_count, 2, "POLE_VOLTS records");
    PB_CHECK_INT(last_input(PBW_POLE_VOLTS)->u.value.a, 230000, "mV");
    unsigned edges[2] = {0};
    for (unsigned i = 0; i < seen.event_count; i++) {
        const struct pbl_event *event = &seen.events[i];
        if (event->kind != PBL_EVENT_POLE) continue;
        PB_CHECK_INT(event->value, edges[event->index]++ % 2 == 0, "");
        PB_CHECK_INT(event->u_ns, 2000, "ns");
        PB_CHECK_INT(event->t_ns % 2000, 0, "ns off the sample clock");
    }
    PB_CHECK_TRUE(edges[0] % 2 == 1 && edges[1] % 2 == 1 && edges[0] + edges[1] > 2, "%u and %u edges", edges[0],
                  edges[1]);
}

static void test_mains_behind_a_closed_contactor_is_seen_at_the_next_sample(void **state) {
    (void)state;
    set(0, PBL_OUT_MAINS, 1);
    drive_coil(0, true);
    run_to(100 * MS);
    seen.event_count = 0;
    set(100 * MS + 1, PBL_OUT_MAINS, 0);
    PB_CHECK_INT(seen.event_count, 0, "events before the sample");
    run_to(101 * MS);
    PB_CHECK_INT(seen.event_count, 2, "events");
    PB_CHECK_INT(seen.events[0].t_ns, 100 * MS + 2000, "ns");
    PB_CHECK_INT(seen.events[0].value, 0, "");
    PB_CHECK_INT(last_input(PBW_POLE_VOLTS)->u.value.a, 0, "mV");
}

static void test_current_flows_only_through_plug_s2_and_contact(void **state) {
    (void)state;
    set(0, PBL_OUT_MAINS, 1);
    set(0, PBL_OUT_PLUG, 1);
    set(0, PBL_OUT_S2, 1);
    set(0, PBL_OUT_DRAW, 16000);
    for (unsigned i = 0; i < seen.input_count; i++)
        PB_CHECK_TRUE(seen.inputs[i].type != PBW_EV_AMPS, "current without a contact");
    drive_coil(0, true);
    run_to(100 * MS);
    PB_CHECK_INT(last_input(PBW_EV_AMPS)->u.value.a, 16000, "mA");
    PB_CHECK_INT(seen.events[seen.event_count - 1].value != 0, 1, "");
    const enum pbl_output breakers[] = {PBL_OUT_S2, PBL_OUT_PLUG, PBL_OUT_MAINS};
    for (unsigned i = 0; i < 3; i++) {
        set((200 + i) * MS, breakers[i], 0);
        PB_CHECK_INT(last_input(PBW_EV_AMPS)->u.value.a, 0, "mA");
        set((200 + i) * MS, breakers[i], 1);
        PB_CHECK_INT(last_input(PBW_EV_AMPS)->u.value.a, 16000, "mA");
    }
    drive_coil(300 * MS, false);
    run_to(400 * MS);
    PB_CHECK_INT(last_input(PBW_EV_AMPS)->u.value.a, 0, "mA");
}

static const struct pbl_event *last_reading(void) {
    for (unsigned i = seen.event_count; i > 0; i--)
        if (seen.events[i - 1].kind == PBL_EVENT_METER) return &seen.events[i - 1];
    fail_msg("no reading of the meter");
    return NULL;
}

static void test_the_meter_counts_volts_times_amperes_and_tells_by_itself(void **state) {
    (void)state;
    const int64_t hour_ms = 3600000;
    set(0, PBL_OUT_MAINS, 1);
    set(0, PBL_OUT_PLUG, 1);
    set(0, PBL_OUT_S2, 1);
    drive_coil(0, true);
    run_to(100 * MS);
    set(100 * MS, PBL_OUT_DRAW, 10000);
    run_to((100 + 60000) * MS);
    PB_CHECK_INT(last_reading()->t_ns, (100 + 60000) * MS, "ns");
    PB_CHECK_INT(last_reading()->value, 230 * 10 / 60, "Wh in a minute");
    seen.event_count = 0;
    for (int64_t minute = 2; minute <= 60; minute++) {
        run_to((100 + minute * 60000) * MS);
        PB_CHECK_INT(last_reading()->value, 2300 * minute / 60, "Wh");
        seen.event_count = 0;
    }
    set((100 + hour_ms) * MS, PBL_OUT_METER_ERROR, 100000);
    set((100 + 2 * hour_ms) * MS, PBL_OUT_S2, 0);
    run_to((100 + 2 * hour_ms) * MS);
    PB_CHECK_INT(last_reading()->value, 2300 + 2530, "Wh at the end of flow");
    set((100 + 3 * hour_ms) * MS, PBL_OUT_METER_READING, 999999);
    run_to((100 + 3 * hour_ms) * MS);
    PB_CHECK_INT(last_reading()->value, 999999, "Wh as set");
}

static void test_each_meter_has_an_error_of_its_own_within_its_class_by_the_seed(void **state) {
    (void)state;
    struct pbl_config config = good_config();
    struct pb_model_sink sink = {
        .event = on_event, .input = on_input, .samples = {.samples = on_samples, .modelled = on_modelled}};
    int64_t first_ppm = 0, others = 0;
    config.meter_class_ppm = 10000;
    config.cords = 8;
    for (uint64_t seed = 0; seed < 20; seed++) {
        config.seed = seed;
        pb_model_init(&model, &config, &sink);
        for (unsigned cord = 0; cord < config.cords; cord++)
            PB_CHECK_BETWEEN(model.cords[cord].meter.class_ppm, -10000, 10000, "ppm");
        others += model.cords[0].meter.class_ppm != model.cords[1].meter.class_ppm;
        if (seed == 0) first_ppm = model.cords[0].meter.class_ppm;
    }
    config.seed = 0;
    pb_model_init(&model, &config, &sink);
    PB_CHECK_INT(model.cords[0].meter.class_ppm, first_ppm, "ppm, the same seed");
    PB_CHECK_BETWEEN(others, 15, 20, "seeds whose cords differ");
}

static unsigned mains_records[2];

static void count_mains(void *user, unsigned cord, const struct pbw_record *record) {
    (void)user;
    if (record->type == PBW_MAINS) mains_records[cord]++;
}

static void test_the_supply_of_a_station_is_one_for_all_its_cords_and_a_plug_is_a_cord_s_own(void **state) {
    (void)state;
    struct pb_error error;
    struct pbl_config config = good_config();
    struct pb_model_sink sink = {
        .event = on_event, .input = count_mains, .samples = {.samples = on_samples, .modelled = on_modelled}};
    config.cords = 2;
    pb_model_init(&model, &config, &sink);
    memset(mains_records, 0, sizeof mains_records);
    PB_CHECK_OK(pb_model_set(&model, PB_INSTANT_ZERO, PBL_EVERY_CORD, PBL_OUT_MAINS, 1, &error), &error);
    PB_CHECK_OK(pb_model_set(&model, PB_INSTANT_ZERO, 1, PBL_OUT_PLUG, 1, &error), &error);
    for (unsigned cord = 0; cord < 2; cord++) {
        PB_CHECK_INT(mains_records[cord], 1, "MAINS records");
        PB_CHECK_INT(pb_model_get(&model, cord, PBL_OUT_MAINS), 1, "(mains)");
        PB_CHECK_INT(pb_model_get(&model, cord, PBL_OUT_PLUG), cord == 1, "(plug)");
    }
    PB_CHECK_INT(pb_model_set(&model, PB_INSTANT_ZERO, PBL_EVERY_CORD, PBL_OUT_MAINS, 2, &error), PB_ERR_RANGE, "");
    PB_CHECK_INT(pb_model_get(&model, PBL_EVERY_CORD, PBL_OUT_MAINS), 1, "(mains)");
}

static void test_samples_are_made_around_a_change_only(void **state) {
    (void)state;
    struct pb_sampler *sampler = &model.cords[0].sampler;
    pb_sampler_complete(sampler, (pb_instant){500 * MS});
    PB_CHECK_INT(seen.samples, 5000, "samples after the start");
    set(1000 * MS, PBL_OUT_PLUG, 1);
    PB_CHECK_INT(seen.samples, 6000, "samples: 2 ms before the change");
    pb_sampler_complete(sampler, (pb_instant){1500 * MS});
    PB_CHECK_INT(seen.samples, 11000, "samples: 10 ms after it");
    PB_CHECK_INT(seen.told, 750000, "samples told");
}

static void test_nonsense_is_refused_with_what_is_allowed(void **state) {
    (void)state;
    struct pb_error error;
    struct pbl_config config = good_config();
    config.poles = 5;
    PB_CHECK_INT(pb_model_check(&config, &error), PB_ERR_RANGE, "");
    PB_CHECK_TEXT(error.text, "poles is 5, expected 1 to 4");
    config = good_config();
    config.version = PBL_VERSION + 1;
    PB_CHECK_INT(pb_model_check(&config, &error), PB_ERR_UNSUPPORTED, "");
    config = good_config();
    PB_CHECK_OK(pb_model_check(&config, &error), &error);
    PB_CHECK_INT(pb_model_set(&model, PB_INSTANT_ZERO, 0, PBL_OUT_PLUG, 2, &error), PB_ERR_RANGE, "");
    PB_CHECK_TEXT(error.text, "plug is 2, expected 0 to 1");
    PB_CHECK_INT(pb_model_set(&model, PB_INSTANT_ZERO, 1, PBL_OUT_PLUG, 1, &error), PB_ERR_RANGE, "");
    PB_CHECK_INT(pb_model_set(&model, PB_INSTANT_ZERO, 0, PBL_OUT_COUNT, 1, &error), PB_ERR_RANGE, "");
    config.meter_rollover_wh = 0;
    PB_CHECK_INT(pb_model_check(&config, &error), PB_ERR_RANGE, "");
    PB_CHECK_INT(seen.input_count, 0, "records");
}

int main(void) {
#define TEST(name) cmocka_unit_test_setup(name, start)
    const struct CMUnitTest tests[] = {
        TEST(test_the_dut_sees_the_load_that_hangs_on_the_pilot),
        TEST(test_each_fault_output_has_its_record),
        TEST(test_a_dut_that_starts_is_told_of_a_room_without_faults),
        TEST(test_pole_volts_are_told_once_the_bounce_is_over_and_every_bounce_is_an_event),
        TEST(test_mains_behind_a_closed_contactor_is_seen_at_the_next_sample),
        TEST(test_current_flows_only_through_plug_s2_and_contact),
        TEST(test_the_meter_counts_volts_times_amperes_and_tells_by_itself),
        TEST(test_each_meter_has_an_error_of_its_own_within_its_class_by_the_seed),
        TEST(test_the_supply_of_a_station_is_one_for_all_its_cords_and_a_plug_is_a_cord_s_own),
        TEST(test_samples_are_made_around_a_change_only),
        TEST(test_nonsense_is_refused_with_what_is_allowed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
