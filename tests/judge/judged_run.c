/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/judge/judged_run.h"

#include "pilot_emulator/synth.h"
#include "tests/record/run_files.h"
#include "tests/support/check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static struct pb_error error;

void add_row(struct pb_writer *writer, const struct pb_row *row, int64_t *ret_seq) {
    PB_CHECK_OK(pb_writer_add(writer, row, ret_seq, &error), &error);
}

void add_case(struct pb_writer *writer, int32_t case_no, const char *id) {
    add_row(writer,
            &(struct pb_row){.kind = PB_ROW_CASE,
                             .case_no = case_no,
                             .name = id,
                             .text = "{\"source\":\"somewhere\",\"title\":\"Customer connects\"}"},
            NULL);
}

void add_step(struct pb_writer *writer, int32_t case_no, int32_t step_no, const char *id, enum pb_step_mode mode) {
    add_row(
        writer,
        &(struct pb_row){
            .kind = PB_ROW_STEP,
            .case_no = case_no,
            .step_no = step_no,
            .name = id,
            .a = mode,
            .text = "{\"actor\":\"evse\",\"evidence\":\"F\",\"reason\":\"\",\"seed\":\"000\",\"text\":\"does it\"}"},
        NULL);
}

void add_check(struct pb_writer *writer, const struct pb_check *check) {
    struct pb_row row;
    char text[PB_ROW_TEXT_SIZE];
    PB_CHECK_OK(pb_check_to_row(check, &row, text, sizeof text), &error);
    add_row(writer, &row, NULL);
}

void add_event(struct pb_writer *writer, const char *name, int64_t at_ns, int64_t value, int64_t other_ns,
               int64_t u_ns) {
    add_row(writer,
            &(struct pb_row){.kind = PB_ROW_EVENT,
                             .at = {at_ns},
                             .case_no = 1,
                             .step_no = 1,
                             .name = name,
                             .a = value,
                             .c = other_ns,
                             .d = u_ns,
                             .text = ""},
            NULL);
}

/* --- the pilot ---------------------------------------------------------------------------------------------------- */

static const struct pb_cp_load load_b = {
    .ohms = 2740, .has_diode = true, .diode_volts = 0.7, .short_ohms = INFINITY, .farads = 2e-9};
static const struct pb_cp_load load_a = {
    .ohms = INFINITY, .has_diode = true, .diode_volts = 0.7, .short_ohms = INFINITY, .farads = 1e-9};
static const struct pb_cp_pwm pwm = {.high_volts = 12,
                                     .low_volts = -12,
                                     .source_ohms = 1000,
                                     .frequency_uhz = PILOT_HZ * INT64_C(1000000),
                                     .duty_ppm = PILOT_DUTY_PPM,
                                     .ramp_seconds = 2e-6};

static int64_t front_rise_of(const char *channel) {
    if (strcmp(channel, "cp.slow") == 0) return 20000;
    return strcmp(channel, "cp.sense") == 0 ? 1000 : 0;
}

static void capture(struct pb_writer *writer, struct pb_synth *synth, const char *channel, int64_t first,
                    size_t count) {
    static int16_t counts[PWM_COUNT];
    const struct pb_front_end *front_end = &synth->front_end;
    struct pb_sampling sampling = {.period_num_ns = front_end->period_num_ns,
                                   .period_den = front_end->period_den,
                                   .uv_num = front_end->uv_num,
                                   .uv_den = front_end->uv_den,
                                   .uv_offset = front_end->uv_offset,
                                   .u_level_uv = 20000,
                                   .u_time_ns = 500,
                                   .u_rate_ppb = 50000,
                                   .front_rise_ns = front_rise_of(channel)};
    pb_synth_skip_to(synth, first);
    pb_synth_make(synth, counts, count);
    PB_CHECK_OK(pb_writer_capture(writer, (pb_instant){pb_sampling_ns_of(&sampling, first)}, channel, &sampling, first,
                                  counts, count, &error),
                &error);
}

static void add_channel(struct pb_writer *writer, const char *channel, int64_t uv_a_count, int64_t period_ns) {
    struct pb_front_end front_end = {
        .period_num_ns = period_ns, .period_den = 1, .uv_num = uv_a_count, .uv_den = 1, .noise_volts = 0.005};
    struct pb_synth synth;
    pb_synth_init(&synth, &front_end, 7);
    PB_CHECK_TRUE(pb_synth_set_load(&synth, 0, &load_b), "load");
    PB_CHECK_TRUE(pb_synth_set_pwm(&synth, 0, &pwm), "PWM");
    capture(writer, &synth, channel, PWM_FIRST, PWM_COUNT);
    int64_t change_ns = pb_synth_time_of(&front_end, STEADY_FIRST) - MS;
    struct pb_cp_drive steady = {.open_volts = 12, .source_ohms = 1000};
    PB_CHECK_TRUE(pb_synth_set_drive(&synth, change_ns, &steady) && pb_synth_set_load(&synth, change_ns, &load_a),
                  "steady drive");
    capture(writer, &synth, channel, STEADY_FIRST, STEADY_COUNT);
}

void add_pilot(struct pb_writer *writer) { add_channel(writer, "cp.sense", 500, 4000); }
void add_saturated_pilot(struct pb_writer *writer) { add_channel(writer, "cp.small", 250, 4000); }
void add_slow_pilot(struct pb_writer *writer) { add_channel(writer, "cp.slow", 500, 4000); }
void add_fast_pilot(struct pb_writer *writer) { add_channel(writer, "cp.fast", 500, 1000); }

/* --- checks ------------------------------------------------------------------------------------------------------- */

struct pb_check check_of(enum pb_extractor extractor) {
    static const struct {
        int64_t min, max;
    } limits[PB_EXTRACTOR_COUNT] = {
        [PB_EXTRACT_PILOT_HIGH] = {8360000, 9560000},           [PB_EXTRACT_PILOT_LOW] = {-12600000, -11400000},
        [PB_EXTRACT_PILOT_FREQUENCY] = {980000000, 1020000000}, [PB_EXTRACT_PILOT_DUTY] = {261670, 271670},
        [PB_EXTRACT_SPAN_TO_FIRST] = {INT64_MIN, 100 * MS},     [PB_EXTRACT_COUNT_EVENTS] = {2, 2},
        [PB_EXTRACT_SOURCE_RESISTANCE] = {970000, 1030000},     [PB_EXTRACT_CURRENT_MAX] = {1, 1},
        [PB_EXTRACT_CURRENT_SETTLES] = {INT64_MIN, 100 * MS},   [PB_EXTRACT_CURRENT_SUM_MAX] = {1, 1},
        [PB_EXTRACT_LEVEL_AT_12V] = {8800000, 9150000},         [PB_EXTRACT_CAPACITANCE] = {0, 3000000},
        [PB_EXTRACT_TOLD_ENERGY] = {950000, 1050000},           [PB_EXTRACT_DWELL_SHORTEST] = {99 * MS, 101 * MS},
        [PB_EXTRACT_DWELL_LONGEST] = {99 * MS, 101 * MS},       [PB_EXTRACT_PILOT_RISE] = {INT64_MIN, EDGE_LIMIT_NS},
        [PB_EXTRACT_PILOT_FALL] = {INT64_MIN, EDGE_LIMIT_NS}};
    struct pb_check check = {.check_no = (int32_t)extractor + 1,
                             .case_no = 1,
                             .step_no = 1,
                             .text = "as it must be",
                             .extractor = extractor,
                             .limit = {.id = "limit",
                                       .min = limits[extractor].min,
                                       .max = limits[extractor].max,
                                       .unit = pb_extractor_unit(extractor),
                                       .clause = "clause",
                                       .source = "source"}};
    snprintf(check.id, sizeof check.id, "S1/1/%s", pb_extractor_name(extractor));
    return check;
}

struct pb_recipe recipe_of(enum pb_extractor extractor) {
    int version = pb_extractor_version(extractor);
    bool is_edge = extractor == PB_EXTRACT_PILOT_RISE || extractor == PB_EXTRACT_PILOT_FALL;
    if (extractor < PB_EXTRACT_SPAN_TO_FIRST || is_edge)
        return (struct pb_recipe){.extractor = extractor,
                                  .version = version,
                                  .name = "cp.sense",
                                  .first = PWM_FIRST,
                                  .count = PWM_COUNT,
                                  .most = is_edge ? EDGE_LIMIT_NS : 0};
    if (extractor == PB_EXTRACT_SOURCE_RESISTANCE)
        return (struct pb_recipe){.extractor = extractor,
                                  .version = version,
                                  .name = "cp.sense",
                                  .first = STEADY_FIRST,
                                  .count = STEADY_COUNT,
                                  .first2 = PWM_FIRST,
                                  .count2 = PWM_COUNT,
                                  .load_mohm = 2740000,
                                  .u_load_mohm = 3000,
                                  .diode_uv = 700000,
                                  .u_diode_uv = 10000};
    if (extractor == PB_EXTRACT_LEVEL_AT_12V)
        return (struct pb_recipe){.extractor = extractor,
                                  .version = version,
                                  .name = "cp.sense",
                                  .first = PWM_FIRST,
                                  .count = PWM_COUNT,
                                  .first2 = STEADY_FIRST,
                                  .count2 = STEADY_COUNT,
                                  .diode_uv = 700000};
    if (extractor == PB_EXTRACT_CAPACITANCE)
        return (struct pb_recipe){.extractor = extractor,
                                  .version = version,
                                  .name = "cp.fast",
                                  .first = PWM_FIRST,
                                  .count = PWM_COUNT,
                                  .load_mohm = 1000000,
                                  .u_load_mohm = 3000,
                                  .own_ff = 300000};
    if (extractor == PB_EXTRACT_TOLD_ENERGY)
        return (struct pb_recipe){.extractor = extractor,
                                  .version = version,
                                  .name = "dut.console",
                                  .from = {1000 * MS},
                                  .until = {2000 * MS},
                                  .supply_uv = 120000000,
                                  .value_u = 20};
    if (extractor == PB_EXTRACT_DWELL_SHORTEST || extractor == PB_EXTRACT_DWELL_LONGEST)
        return (struct pb_recipe){.extractor = extractor,
                                  .version = version,
                                  .name = "contactor",
                                  .from = {800 * MS},
                                  .until = {2000 * MS},
                                  .mask = 1u << 1,
                                  .mask_before = 1u << 0};
    return (struct pb_recipe){.extractor = extractor,
                              .version = version,
                              .name = "contactor",
                              .from = {1000 * MS},
                              .from_u_ns = 2000,
                              .until = {2000 * MS},
                              .least =
                                  extractor == PB_EXTRACT_CURRENT_SETTLES, /* events of `contactor` have values too */
                              .mask = 1u << 1};
}

struct pb_reading read_with(struct pb_writer *writer, const struct pb_recipe *recipe) {
    struct pb_reader *reader;
    struct pb_reading reading;
    PB_CHECK_OK(pb_writer_flush(writer, &error), &error);
    PB_CHECK_OK(pb_reader_attach(pb_writer_handle(writer), &reader, &error), &error);
    PB_CHECK_OK(pb_judge_read(reader, recipe, &reading, &error), &error);
    pb_reader_close(reader);
    return reading;
}

void check_outcome(const struct pb_reading *reading, enum pb_outcome outcome, const char *reason) {
    PB_CHECK_INT(reading->outcome, outcome, "(outcome)");
    PB_CHECK_CONTAINS(reading->reason, reason);
    PB_CHECK_INT(reading->quantity.value, 0, "steps of an outcome without value");
}

int run_abandon(void **state) {
    pb_writer_abandon(*state);
    return run_folder_remove(NULL) || run_folder_make(NULL);
}

void judge_live(struct pb_writer *writer, const struct pb_check *check, const struct pb_recipe *recipe,
                change_fn *change) {
    struct pb_row row;
    char text[PB_ROW_TEXT_SIZE], reason[PB_REASON_SIZE];
    int64_t seq = 0;
    struct pb_reading reading = read_with(writer, recipe);
    PB_CHECK_OK(pb_reading_to_row(check, recipe, &reading, &row, text, sizeof text), &error);
    row.at.ns = 2000 * MS;
    if (change) change(&row);
    add_row(writer, &row, &seq);
    enum pb_verdict verdict = pb_judge_decide(check, &reading, reason, sizeof reason);
    row = pb_verdict_row(check, verdict, seq, reason);
    row.at.ns = 2000 * MS;
    if (change) change(&row);
    add_row(writer, &row, NULL);
}

void add_verdict(struct pb_writer *writer, const struct pb_check *check, enum pb_verdict verdict, const char *reason) {
    struct pb_row row = pb_verdict_row(check, verdict, 0, reason);
    row.at.ns = 2500 * MS;
    add_row(writer, &row, NULL);
}

void fill_run(struct pb_writer *writer, change_fn *change) {
    add_case(writer, 1, "S1");
    add_step(writer, 1, 1, "1", PB_STEP_JUDGED);
    for (enum pb_extractor i = 0; i < PB_EXTRACTOR_COUNT; i++) {
        struct pb_check check = check_of(i);
        add_check(writer, &check);
    }
    add_pilot(writer);
    add_fast_pilot(writer);
    add_event(writer, "current", 900 * MS, 100000000, 0, 0); /* 100 kA for 0.6 s at 120 V: 2000 Wh */
    add_row(writer,
            &(struct pb_row){
                .at = {1500 * MS}, .kind = PB_ROW_NOTE, .case_no = 1, .name = "dut.console", .text = "energy 2000 Wh"},
            NULL);
    add_event(writer, "contactor", 900 * MS, 1, 900 * MS, 1000);
    add_event(writer, "contactor", 1000 * MS, 0, 1000 * MS, 1000);
    add_event(writer, "contactor", 1020 * MS, 1, 1020 * MS, 1000);
    add_event(writer, "contactor", 1900 * MS, 1, 1900 * MS, 1000);
    for (enum pb_extractor i = 0; i < PB_EXTRACTOR_COUNT; i++) {
        struct pb_check check = check_of(i);
        struct pb_recipe recipe = recipe_of(i);
        judge_live(writer, &check, &recipe, change);
    }
    struct pb_row row = {
        .at = {2500 * MS}, .kind = PB_ROW_VERDICT, .case_no = 1, .name = "S1", .a = PB_VERDICT_PASS, .text = ""};
    if (change) change(&row);
    add_row(writer, &row, NULL);
}
