/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an output touches is a row of a table; what is touched is worked out anew from the whole state and told if it differs. */
#include "world/model.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum touched {
    TOUCHES_LOAD = 1,
    TOUCHES_MAINS = 2,
    TOUCHES_CURRENT = 4,
    TOUCHES_RECORD = 8,
    TOUCHES_INVERSE_RECORD = 16,
    TOUCHES_METER = 32
};

#define OHMS_MAX_MOHM 1000000000000
#define FARADS_MAX_FF 1000000000000 /* 1 mF */
#define WATT_HOURS_MAX 1000000000000
#define PPM_MAX 500000

struct output_row {
    const char *name;
    int64_t min, max;
    unsigned touches;
    uint16_t record;
};

static const struct output_row outputs[PBL_OUT_COUNT] = {
    [PBL_OUT_PLUG] = {"plug", 0, 1, TOUCHES_LOAD | TOUCHES_CURRENT, 0},
    [PBL_OUT_R2] = {"r2", 1, OHMS_MAX_MOHM, TOUCHES_LOAD, 0},
    [PBL_OUT_R3] = {"r3", 1, OHMS_MAX_MOHM, TOUCHES_LOAD, 0},
    [PBL_OUT_S2] = {"s2", 0, 1, TOUCHES_LOAD | TOUCHES_CURRENT, 0},
    [PBL_OUT_DIODE_SHORT] = {"diode_short", 0, 1, TOUCHES_LOAD, 0},
    [PBL_OUT_CP_SHORT] = {"cp_short", 0, OHMS_MAX_MOHM, TOUCHES_LOAD, 0},
    [PBL_OUT_CAPACITANCE] = {"capacitance", 0, FARADS_MAX_FF, TOUCHES_LOAD, 0},
    [PBL_OUT_MAINS] = {"mains", 0, 1, TOUCHES_MAINS | TOUCHES_CURRENT, 0},
    [PBL_OUT_DRAW] = {"draw", 0, 10000000, TOUCHES_CURRENT, 0},
    [PBL_OUT_PE_BREAK] = {"pe_break", 0, 1, TOUCHES_INVERSE_RECORD, PBW_PE_OK},
    [PBL_OUT_RESIDUAL] = {"residual", 0, 1000000000000, TOUCHES_RECORD, PBW_CCID_TRIP},
    [PBL_OUT_NO_VENT] = {"no_vent", 0, 1, TOUCHES_INVERSE_RECORD, PBW_VENT_OK},
    [PBL_OUT_TEMPERATURE] = {"temperature", -273150, 1000000, TOUCHES_RECORD, PBW_TEMP},
    [PBL_OUT_METER_READING] = {"meter_reading", 0, WATT_HOURS_MAX, TOUCHES_METER, 0},
    [PBL_OUT_METER_ERROR] = {"meter_error", -PPM_MAX, PPM_MAX, TOUCHES_METER, 0},
};

const char *pb_model_output_name(unsigned output) { return output < PBL_OUT_COUNT ? outputs[output].name : "?"; }

enum pb_status pb_model_check(const struct pbl_config *config, struct pb_error *error) {
    const int64_t hour_ns = 3600000000000;
    if (config->version != PBL_VERSION)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, "config", "version is %" PRIu32 ", expected %u", config->version,
                       PBL_VERSION);
    const struct {
        const char *name;
        int64_t value, min, max;
    } figures[] = {
        {"cords", config->cords, 1, PB_CORDS_MAX},
        {"poles", config->poles, 1, PB_POLES_MAX},
        {"sense_period_num_ns", config->sense_period_num_ns, 1, 1000000000000000000},
        {"sense_period_den", config->sense_period_den, 1, 1000000000000000000},
        {"sense_uv_num", config->sense_uv_num, 1, 1000000000000},
        {"sense_uv_den", config->sense_uv_den, 1, 1000000000000},
        {"sense_uv_offset", config->sense_uv_offset, -1000000000000, 1000000000000},
        {"sense_noise_uv", config->sense_noise_uv, 0, 1000000000},
        {"keep_before_ns", config->keep_before_ns, 0, hour_ns},
        {"keep_after_ns", config->keep_after_ns, 0, hour_ns},
        {"sample_throughout", config->sample_throughout, 0, 1},
        {"mains_mv", config->mains_mv, 0, 1000000000},
        {"mains_mhz", config->mains_mhz, 0, 1000000000},
        {"close_delay_ns", config->close_delay_ns, 0, hour_ns},
        {"open_delay_ns", config->open_delay_ns, 0, hour_ns},
        {"bounce_ns", config->bounce_ns, 0, hour_ns},
        {"welded_poles", config->welded_poles, 0, (1 << PB_POLES_MAX) - 1},
        {"answer_ms", config->answer_ms, 1, 3600000},
        {"cable_ff", config->cable_ff, 0, FARADS_MAX_FF},
        {"diode_uv", config->diode_uv, 0, 10000000},
        {"r2_mohm", config->r2_mohm, 1, OHMS_MAX_MOHM},
        {"r3_mohm", config->r3_mohm, 1, OHMS_MAX_MOHM},
        {"quantum_ns", config->quantum_ns, 1, hour_ns},
        {"meter_class_ppm", config->meter_class_ppm, 0, PPM_MAX},
        {"meter_rollover_wh", config->meter_rollover_wh, 1, WATT_HOURS_MAX},
        {"meter_period_ns", config->meter_period_ns, 1000000, 24 * hour_ns},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        if (figures[i].value < figures[i].min || figures[i].value > figures[i].max)
            return pb_fail(error, PB_ERR_RANGE, 0, "config", "%s is %" PRId64 ", expected %" PRId64 " to %" PRId64,
                           figures[i].name, figures[i].value, figures[i].min, figures[i].max);
    if (config->sense_period_num_ns / config->sense_period_den < 100)
        return pb_fail(error, PB_ERR_RANGE, 0, "config", "sense period is below 100 ns, expected at most 10 MS/s");
    return PB_OK;
}

/* R2, with R3 beside it while S2 is closed. */
static double vehicle_ohms(const struct pb_cord *cord) {
    double r2 = (double)cord->outputs[PBL_OUT_R2] / 1e3, r3 = (double)cord->outputs[PBL_OUT_R3] / 1e3;
    return cord->outputs[PBL_OUT_S2] ? r2 * r3 / (r2 + r3) : r2;
}

static int64_t load_ff(const struct pb_model *model, const struct pb_cord *cord) {
    return model->config.cable_ff + (cord->outputs[PBL_OUT_PLUG] ? cord->outputs[PBL_OUT_CAPACITANCE] : 0);
}

static struct pb_cp_load node_load(const struct pb_model *model, const struct pb_cord *cord) {
    int64_t short_mohm = cord->outputs[PBL_OUT_CP_SHORT];
    return (struct pb_cp_load){
        .ohms = cord->outputs[PBL_OUT_PLUG] ? vehicle_ohms(cord) : INFINITY,
        .has_diode = !cord->outputs[PBL_OUT_DIODE_SHORT],
        .diode_volts = (double)model->config.diode_uv / 1e6,
        .short_ohms = short_mohm ? (double)short_mohm / 1e3 : INFINITY,
        .farads = (double)load_ff(model, cord) / 1e15,
    };
}

/* The same for the DUT. A short hides what is beside it. */
static struct pbw_cp_load wire_load(const struct pb_model *model, const struct pb_cord *cord) {
    struct pbw_cp_load load = {.kind = PBW_LOAD_OPEN, .femtofarad = load_ff(model, cord)};
    if (cord->outputs[PBL_OUT_CP_SHORT]) {
        load.kind = PBW_LOAD_SHORT;
        load.milliohm = cord->outputs[PBL_OUT_CP_SHORT];
    } else if (cord->outputs[PBL_OUT_PLUG]) {
        bool has_diode = !cord->outputs[PBL_OUT_DIODE_SHORT];
        load.kind = has_diode ? PBW_LOAD_R_DIODE : PBW_LOAD_R;
        load.milliohm = (int64_t)(vehicle_ohms(cord) * 1e3 + 0.5);
        load.diode_uv = has_diode ? model->config.diode_uv : 0;
    }
    return load;
}

static struct pbw_record value_record(uint16_t type, uint8_t index, int64_t a, int64_t b) {
    struct pbw_record record = {.type = type};
    record.u.value = (struct pbw_value){.a = a, .b = b, .index = index};
    return record;
}

static struct pbw_record mains_record(const struct pb_model *model, const struct pb_cord *cord) {
    bool is_on = cord->outputs[PBL_OUT_MAINS] != 0;
    return value_record(PBW_MAINS, 0, is_on ? model->config.mains_mv : 0, is_on ? model->config.mains_mhz : 0);
}

static struct pbw_record pole_record(const struct pb_model *model, const struct pb_cord *cord, unsigned pole) {
    return value_record(PBW_POLE_VOLTS, (uint8_t)pole, cord->has_volts[pole] ? model->config.mains_mv : 0, 0);
}

static struct pbw_record load_record(const struct pb_cord *cord) {
    struct pbw_record record = {.type = PBW_CP_LOAD};
    record.u.cp_load = cord->load;
    return record;
}

static struct pbw_record output_record(const struct pb_cord *cord, unsigned output) {
    bool is_inverse = (outputs[output].touches & TOUCHES_INVERSE_RECORD) != 0;
    int64_t value = cord->outputs[output];
    return value_record(outputs[output].record, 0, is_inverse ? !value : value, 0);
}

static void give(struct pb_model *model, const struct pb_cord *cord, struct pbw_record record) {
    model->sink.input(model->sink.user, (unsigned)(cord - model->cords), &record);
}

static void refresh_load(struct pb_model *model, struct pb_cord *cord, pb_instant now) {
    struct pbw_cp_load load = wire_load(model, cord);
    struct pb_cp_load node = node_load(model, cord);
    bool is_same = memcmp(&load, &cord->load, sizeof load) == 0;
    if (is_same) return;
    cord->load = load;
    pb_sampler_set_load(&cord->sampler, now, &node);
    give(model, cord, load_record(cord));
}

static bool is_conducting(const struct pb_cord *cord, unsigned pole) {
    return cord->poles[pole].is_closed && cord->outputs[PBL_OUT_MAINS];
}

static void sense(struct pb_model *model, struct pb_sensed *sensed, pb_instant now, int64_t actual) {
    if (sensed->actual == actual) return;
    sensed->actual = actual;
    pb_instant tick = {pb_synth_time_of(&model->front_end, pb_synth_index_at(&model->front_end, now.ns))};
    if (sensed->due.ns == PB_INSTANT_NEVER.ns) sensed->due = pb_later(tick, now); /* a tick is rounded down to ns */
}

/* A bouncing pole is no steady supply: neither the DUT's voltage sense nor the vehicle takes it for one. */
static void refresh_current(struct pb_model *model, struct pb_cord *cord, pb_instant now) {
    bool flows = is_conducting(cord, 0) && !cord->poles[0].is_bouncing && cord->outputs[PBL_OUT_PLUG] &&
                 cord->outputs[PBL_OUT_S2];
    int64_t amps_ma = flows ? cord->outputs[PBL_OUT_DRAW] : 0;
    if (amps_ma == cord->amps_ma) return;
    cord->amps_ma = amps_ma;
    pb_meter_flow(&cord->meter, now, model->config.mains_mv * amps_ma);
    sense(model, &cord->current_sense, now, amps_ma);
    give(model, cord, value_record(PBW_EV_AMPS, 0, amps_ma, 0));
}

static void refresh_poles(struct pb_model *model, struct pb_cord *cord, pb_instant now) {
    for (unsigned pole = 0; pole < model->config.poles; pole++) {
        bool conducts = is_conducting(cord, pole);
        sense(model, &cord->pole_sense[pole], now, conducts);
        if (conducts == cord->has_volts[pole] || (conducts && cord->poles[pole].is_bouncing)) continue;
        cord->has_volts[pole] = conducts;
        give(model, cord, pole_record(model, cord, pole));
    }
}

static void refresh_meter(struct pb_cord *cord, pb_instant now, unsigned output) {
    if (output == PBL_OUT_METER_READING) pb_meter_set(&cord->meter, now, cord->outputs[output]);
    else pb_meter_err(&cord->meter, now, cord->outputs[output]);
}

#define METER_STREAM 1000 /* of random numbers, one a cord */

static void init_cord(struct pb_model *model, unsigned number) {
    struct pb_cord *cord = &model->cords[number];
    const struct pbl_config *config = &model->config;
    cord->outputs[PBL_OUT_R2] = config->r2_mohm;
    cord->outputs[PBL_OUT_R3] = config->r3_mohm;
    cord->random = pb_random_of(config->seed, 2ull * number);
    cord->current_sense.due = PB_INSTANT_NEVER;
    for (unsigned pole = 0; pole < PB_POLES_MAX; pole++) {
        cord->pole_sense[pole].due = PB_INSTANT_NEVER;
        cord->poles[pole].is_welded = (config->welded_poles >> pole & 1) != 0;
    }
    struct pb_random noise = pb_random_of(config->seed, 2ull * number + 1);
    pb_sampler_init(&cord->sampler, &model->front_end, pb_random_next(&noise), pb_ns(config->keep_before_ns),
                    pb_ns(config->keep_after_ns), number, &model->sink.samples);
    struct pb_random specimen = pb_random_of(config->seed, METER_STREAM + number);
    int64_t class_ppm = config->meter_class_ppm;
    pb_meter_init(&cord->meter, pb_random_below(&specimen, 2 * class_ppm + 1) - class_ppm, config->meter_rollover_wh,
                  pb_ns(config->meter_period_ns));
    cord->load = wire_load(model, cord);
    struct pb_cp_load load = node_load(model, cord);
    pb_sampler_set_load(&cord->sampler, PB_INSTANT_ZERO, &load);
    if (config->sample_throughout) pb_sampler_keep(&cord->sampler, PB_INSTANT_NEVER);
}

void pb_model_init(struct pb_model *model, const struct pbl_config *config, const struct pb_model_sink *sink) {
    *model = (struct pb_model){.config = *config, .sink = *sink};
    model->front_end = (struct pb_front_end){.period_num_ns = config->sense_period_num_ns,
                                             .period_den = config->sense_period_den,
                                             .uv_num = config->sense_uv_num,
                                             .uv_den = config->sense_uv_den,
                                             .uv_offset = config->sense_uv_offset,
                                             .noise_volts = (double)config->sense_noise_uv / 1e6};
    model->figures = (struct pb_pole_figures){.close_delay = pb_ns(config->close_delay_ns),
                                              .open_delay = pb_ns(config->open_delay_ns),
                                              .bounce = pb_ns(config->bounce_ns),
                                              .clock = &model->front_end};
    for (unsigned cord = 0; cord < config->cords; cord++) init_cord(model, cord);
}

bool pb_model_has_output(const struct pb_model *model, unsigned cord, unsigned output) {
    return cord < model->config.cords && output < PBL_OUT_COUNT;
}

enum pb_status pb_model_set(struct pb_model *model, pb_instant now, unsigned cord_number, unsigned output,
                            int64_t value, struct pb_error *error) {
    if (!pb_model_has_output(model, cord_number, output))
        return pb_fail(error, PB_ERR_RANGE, 0, "set",
                       "output %u of cord %u, expected one below %d of a cord below %" PRIu32, output, cord_number,
                       PBL_OUT_COUNT, model->config.cords);
    const struct output_row *row = &outputs[output];
    if (value < row->min || value > row->max)
        return pb_fail(error, PB_ERR_RANGE, 0, "set", "%s is %" PRId64 ", expected %" PRId64 " to %" PRId64, row->name,
                       value, row->min, row->max);
    struct pb_cord *cord = &model->cords[cord_number];
    if (cord->outputs[output] == value && output != PBL_OUT_METER_READING) return PB_OK;
    cord->outputs[output] = value;
    if (row->touches & TOUCHES_METER) refresh_meter(cord, now, output);
    if (row->touches & TOUCHES_LOAD) refresh_load(model, cord, now);
    if (row->touches & TOUCHES_MAINS) {
        give(model, cord, mains_record(model, cord));
        refresh_poles(model, cord, now);
    }
    if (row->touches & TOUCHES_CURRENT) refresh_current(model, cord, now);
    if (row->record) give(model, cord, output_record(cord, output));
    return PB_OK;
}

int64_t pb_model_get(const struct pb_model *model, unsigned cord, unsigned output) {
    return pb_model_has_output(model, cord, output) ? model->cords[cord].outputs[output] : 0;
}

bool pb_model_conducts(const struct pb_model *model, unsigned cord, unsigned pole) {
    return is_conducting(&model->cords[cord], pole);
}

static void tell(struct pb_model *model, const struct pb_cord *cord, pb_instant now, enum pbl_event_kind kind,
                 unsigned index, int64_t value, int64_t u_ns) {
    struct pbl_event event = {.t_ns = now.ns,
                              .value = value,
                              .u_ns = u_ns,
                              .kind = (uint16_t)kind,
                              .index = (uint16_t)index,
                              .cord = (uint16_t)(cord - model->cords)};
    model->sink.event(model->sink.user, &event);
}

static void drive_coil(struct pb_model *model, struct pb_cord *cord, pb_instant now, const struct pbw_value *value) {
    for (unsigned pole = 0; pole < model->config.poles; pole++) {
        bool is_meant = value->index == 255 || value->index == pole;
        if (!is_meant || cord->poles[pole].is_energised == (value->a != 0)) continue;
        pb_pole_energise(&cord->poles[pole], &model->figures, &cord->random, now, value->a != 0);
        tell(model, cord, now, PBL_EVENT_COIL, pole, value->a, 0);
    }
    refresh_poles(model, cord, now); /* letting go in the middle of a bounce can end it */
    refresh_current(model, cord, now);
}

static void drive_level(struct pb_cord *cord, pb_instant now, const struct pbw_cp_drive *wire) {
    struct pb_cp_drive drive = {.open_volts = (double)wire->open_uv / 1e6,
                                .source_ohms = (double)wire->source_milliohm / 1e3,
                                .is_hi_z = wire->hi_z != 0};
    pb_sampler_set_drive(&cord->sampler, now, &drive);
}

static void drive_pwm(struct pb_cord *cord, pb_instant now, const struct pbw_cp_pwm *wire) {
    struct pb_cp_pwm pwm = {.high_volts = (double)wire->high_uv / 1e6,
                            .low_volts = (double)wire->low_uv / 1e6,
                            .source_ohms = (double)wire->source_milliohm / 1e3,
                            .frequency_uhz = wire->frequency_uhz,
                            .duty_ppm = wire->duty_ppm,
                            .first_rise_ns = now.ns,
                            .ramp_seconds = (double)wire->ramp_ns / 1e9};
    pb_sampler_set_pwm(&cord->sampler, now, &pwm);
}

static void drive_flag(struct pb_model *model, struct pb_cord *cord, pb_instant now, bool *flag,
                       enum pbl_event_kind kind, bool is_set) {
    if (*flag == is_set) return;
    *flag = is_set;
    tell(model, cord, now, kind, 0, is_set, 0);
}

void pb_model_drive(struct pb_model *model, pb_instant now, unsigned cord_number, const struct pbw_record *record) {
    struct pb_cord *cord = &model->cords[cord_number];
    const struct pbw_value *value = &record->u.value;
    switch (record->type) {
    case PBW_CP_EDGE: drive_level(cord, now, &record->u.cp_drive); break;
    case PBW_CP_PWM: drive_pwm(cord, now, &record->u.cp_pwm); break;
    case PBW_COIL: drive_coil(model, cord, now, value); break;
    case PBW_LOCK: drive_flag(model, cord, now, &cord->is_locked, PBL_EVENT_LOCK, value->a != 0); break;
    case PBW_CCID_TEST: drive_flag(model, cord, now, &cord->is_ccid_test, PBL_EVENT_CCID_TEST, value->a != 0); break;
    default: break;
    }
}

void pb_model_greet(const struct pb_model *model, unsigned cord_number, void *user,
                    void (*give_to)(void *user, unsigned cord, const struct pbw_record *record)) {
    const struct pb_cord *cord = &model->cords[cord_number];
    struct pbw_record records[7 + PB_POLES_MAX];
    unsigned count = 0;
    records[count++] = load_record(cord);
    records[count++] = value_record(PBW_PP_OHM, 0, INT64_MAX, 0);
    records[count++] = output_record(cord, PBL_OUT_PE_BREAK);
    records[count++] = output_record(cord, PBL_OUT_NO_VENT);
    records[count++] = output_record(cord, PBL_OUT_TEMPERATURE);
    for (unsigned pole = 0; pole < model->config.poles; pole++) records[count++] = pole_record(model, cord, pole);
    records[count++] = mains_record(model, cord);
    for (unsigned i = 0; i < count; i++) give_to(user, cord_number, &records[i]);
}

static pb_instant cord_next(const struct pb_model *model, const struct pb_cord *cord) {
    pb_instant next = pb_earlier(cord->current_sense.due, pb_meter_next(&cord->meter));
    for (unsigned pole = 0; pole < model->config.poles; pole++) {
        next = pb_earlier(next, pb_pole_next(&cord->poles[pole]));
        next = pb_earlier(next, cord->pole_sense[pole].due);
    }
    return next;
}

pb_instant pb_model_next(const struct pb_model *model) {
    pb_instant next = PB_INSTANT_NEVER;
    for (unsigned cord = 0; cord < model->config.cords; cord++)
        next = pb_earlier(next, cord_next(model, &model->cords[cord]));
    return next;
}

static void run_sensed(struct pb_model *model, const struct pb_cord *cord, struct pb_sensed *sensed, pb_instant now,
                       enum pbl_event_kind kind, unsigned index) {
    if (pb_is_before(now, sensed->due)) return;
    sensed->due = PB_INSTANT_NEVER;
    if (sensed->actual == sensed->told) return;
    sensed->told = sensed->actual;
    const struct pb_front_end *clock = &model->front_end;
    tell(model, cord, now, kind, index, sensed->told,
         (clock->period_num_ns + clock->period_den - 1) / clock->period_den);
}

static void run_cord(struct pb_model *model, struct pb_cord *cord, pb_instant now) {
    bool has_run = false;
    for (unsigned pole = 0; pole < model->config.poles; pole++) {
        if (pb_is_before(now, pb_pole_next(&cord->poles[pole]))) continue;
        pb_pole_run(&cord->poles[pole], now);
        has_run = true;
    }
    if (has_run) {
        refresh_poles(model, cord, now);
        refresh_current(model, cord, now);
    }
    for (unsigned pole = 0; pole < model->config.poles; pole++)
        run_sensed(model, cord, &cord->pole_sense[pole], now, PBL_EVENT_POLE, pole);
    run_sensed(model, cord, &cord->current_sense, now, PBL_EVENT_CURRENT, 0);
    if (pb_meter_run(&cord->meter, now)) tell(model, cord, now, PBL_EVENT_METER, 0, cord->meter.reading_wh, 0);
}

void pb_model_run(struct pb_model *model, pb_instant now) {
    for (unsigned cord = 0; cord < model->config.cords; cord++) run_cord(model, &model->cords[cord], now);
}
