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
    TOUCHES_METER = 32,
    TOUCHES_INLET = 64,
    TOUCHES_SOURCE = 128,
    TOUCHES_COILS = 256
};

#define OHMS_MAX_MOHM 1000000000000
#define FARADS_MAX_FF 1000000000000 /* 1 mF */
#define WATT_HOURS_MAX 1000000000000
#define PPM_MAX 500000
#define VOLTS_MAX_UV 1000000000
#define S3_MOHM 330000 /* in the connector's latch, control_pilot.md 4.1 */

struct output_row {
    const char *name;
    int64_t min, max;
    unsigned touches;
    uint16_t record;
    int64_t initial;
};

static const struct output_row outputs[PBL_OUT_COUNT] = {
    [PBL_OUT_PLUG] = {"plug", 0, 1, TOUCHES_LOAD | TOUCHES_CURRENT | TOUCHES_INLET, 0, 0},
    [PBL_OUT_R2] = {"r2", 1, OHMS_MAX_MOHM, TOUCHES_LOAD, 0, 0},
    [PBL_OUT_R3] = {"r3", 1, OHMS_MAX_MOHM, TOUCHES_LOAD, 0, 0},
    [PBL_OUT_S2] = {"s2", 0, 1, TOUCHES_LOAD | TOUCHES_CURRENT, 0, 0},
    [PBL_OUT_DIODE_SHORT] = {"diode_short", 0, 1, TOUCHES_LOAD, 0, 0},
    [PBL_OUT_CP_SHORT] = {"cp_short", 0, OHMS_MAX_MOHM, TOUCHES_LOAD, 0, 0},
    [PBL_OUT_CAPACITANCE] = {"capacitance", 0, FARADS_MAX_FF, TOUCHES_LOAD, 0, 0},
    [PBL_OUT_MAINS] = {"mains", 0, 1, TOUCHES_MAINS | TOUCHES_CURRENT, 0, 0},
    [PBL_OUT_DRAW] = {"draw", 0, 10000000, TOUCHES_CURRENT, 0, 0},
    [PBL_OUT_PE_BREAK] = {"pe_break", 0, 1, TOUCHES_INVERSE_RECORD, PBW_PE_OK, 0},
    [PBL_OUT_RESIDUAL] = {"residual", 0, 1000000000000, TOUCHES_RECORD, PBW_CCID_TRIP, 0},
    [PBL_OUT_NO_VENT] = {"no_vent", 0, 1, TOUCHES_INVERSE_RECORD, PBW_VENT_OK, 0},
    [PBL_OUT_TEMPERATURE] = {"temperature", -273150, 1000000, TOUCHES_RECORD, PBW_TEMP, 25000},
    [PBL_OUT_METER_READING] = {"meter_reading", 0, WATT_HOURS_MAX, TOUCHES_METER, 0, 0},
    [PBL_OUT_METER_ERROR] = {"meter_error", -PPM_MAX, PPM_MAX, TOUCHES_METER, 0, 0},
    [PBL_OUT_SOURCE] = {"source", PBL_SOURCE_OPEN, PBL_SOURCE_PWM, TOUCHES_SOURCE, 0, PBL_SOURCE_OPEN},
    [PBL_OUT_SOURCE_DUTY] = {"source_duty", 0, 1000000, TOUCHES_SOURCE, 0, 100000},
    [PBL_OUT_SOURCE_FREQUENCY] = {"source_frequency", 1000000, 1000000000000, TOUCHES_SOURCE, 0, 1000000000},
    [PBL_OUT_SOURCE_HIGH] = {"source_high", -VOLTS_MAX_UV, VOLTS_MAX_UV, TOUCHES_SOURCE, 0, 12000000},
    [PBL_OUT_SOURCE_LOW] = {"source_low", -VOLTS_MAX_UV, VOLTS_MAX_UV, TOUCHES_SOURCE, 0, -12000000},
    [PBL_OUT_SOURCE_OHM] = {"source_ohm", 1, OHMS_MAX_MOHM, TOUCHES_SOURCE, 0, 1000000},
    [PBL_OUT_SOURCE_EDGE] = {"source_edge", 0, 1000000000, TOUCHES_SOURCE, 0, 1000},
    [PBL_OUT_CONTACTOR] = {"contactor", 0, 1, TOUCHES_COILS, 0, 0},
    [PBL_OUT_PP] = {"pp", 1, OHMS_MAX_MOHM, TOUCHES_INLET, 0, 150000},
    [PBL_OUT_S3] = {"s3", 0, 1, TOUCHES_INLET, 0, 0},
};

const char *pb_model_output_name(unsigned output) { return output < PBL_OUT_COUNT ? outputs[output].name : "?"; }

enum pb_status pb_model_check(const struct pbl_config *config, struct pb_error *error) {
    const int64_t hour_ns = 3600000000000;
    if (config->version != PBL_VERSION)
        return pb_fail(error, PB_ERR_UNSUPPORTED, 0, "config", "version is %" PRIu32 ", expected %u", config->version,
                       PBL_VERSION);
    int64_t has_scope = config->scope_period_num_ns != 0;
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
        {"scope_period_num_ns", config->scope_period_num_ns, 0, 1000000000000000000},
        {"scope_period_den", config->scope_period_den, has_scope, 1000000000000000000},
        {"scope_uv_num", config->scope_uv_num, has_scope, 1000000000000},
        {"scope_uv_den", config->scope_uv_den, has_scope, 1000000000000},
        {"scope_noise_uv", config->scope_noise_uv, 0, 1000000000},
        {"keep_before_ns", config->keep_before_ns, 0, hour_ns},
        {"keep_after_ns", config->keep_after_ns, 0, hour_ns},
        {"sample_throughout", config->sample_throughout, 0, 1},
        {"current_by_half_cycle", config->current_by_half_cycle, 0, 1},
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
    if (has_scope && config->scope_period_num_ns / config->scope_period_den < 10)
        return pb_fail(error, PB_ERR_RANGE, 0, "config", "scope period is below 10 ns, expected at most 100 MS/s");
    return PB_OK;
}

/* What the vehicle hangs on the pilot when it is plugged in: a process's, else the bench's. */
struct circuit {
    bool is_open, is_s2_closed, has_diode;
    int64_t r2_mohm, r3_mohm, diode_uv, ff;
};

static struct circuit vehicle_circuit(const struct pb_model *model, const struct pb_cord *cord) {
    int64_t bench_ff = cord->outputs[PBL_OUT_CAPACITANCE];
    if (!cord->has_vehicle)
        return (struct circuit){.is_s2_closed = cord->outputs[PBL_OUT_S2] != 0,
                                .has_diode = !cord->outputs[PBL_OUT_DIODE_SHORT],
                                .r2_mohm = cord->outputs[PBL_OUT_R2],
                                .r3_mohm = cord->outputs[PBL_OUT_R3],
                                .diode_uv = model->config.diode_uv,
                                .ff = bench_ff};
    const struct pbw_ev_load *load = &cord->vehicle.load;
    return (struct circuit){.is_open = !cord->vehicle.has_load,
                            .is_s2_closed = load->s2 != 0,
                            .has_diode = load->has_diode != 0,
                            .r2_mohm = load->r2_milliohm,
                            .r3_mohm = load->r3_milliohm,
                            .diode_uv = load->diode_uv,
                            .ff = bench_ff + load->femtofarad};
}

/* R2, with R3 beside it while S2 is closed. */
static double vehicle_ohms(const struct circuit *circuit) {
    double r2 = (double)circuit->r2_mohm / 1e3, r3 = (double)circuit->r3_mohm / 1e3;
    return circuit->is_s2_closed ? r2 * r3 / (r2 + r3) : r2;
}

static bool is_loaded(const struct pb_cord *cord, const struct circuit *circuit) {
    return cord->outputs[PBL_OUT_PLUG] && !circuit->is_open;
}

static int64_t load_ff(const struct pb_model *model, const struct pb_cord *cord, const struct circuit *circuit) {
    return model->config.cable_ff + (cord->outputs[PBL_OUT_PLUG] ? circuit->ff : 0);
}

static struct pb_cp_load node_load(const struct pb_model *model, const struct pb_cord *cord) {
    struct circuit circuit = vehicle_circuit(model, cord);
    int64_t short_mohm = cord->outputs[PBL_OUT_CP_SHORT];
    return (struct pb_cp_load){
        .ohms = is_loaded(cord, &circuit) ? vehicle_ohms(&circuit) : INFINITY,
        .has_diode = circuit.has_diode,
        .diode_volts = (double)circuit.diode_uv / 1e6,
        .short_ohms = short_mohm ? (double)short_mohm / 1e3 : INFINITY,
        .farads = (double)load_ff(model, cord, &circuit) / 1e15,
    };
}

/* The same for the DUT. A short hides what is beside it. */
static struct pbw_cp_load wire_load(const struct pb_model *model, const struct pb_cord *cord) {
    struct circuit circuit = vehicle_circuit(model, cord);
    struct pbw_cp_load load = {.kind = PBW_LOAD_OPEN, .femtofarad = load_ff(model, cord, &circuit)};
    if (cord->outputs[PBL_OUT_CP_SHORT]) {
        load.kind = PBW_LOAD_SHORT;
        load.milliohm = cord->outputs[PBL_OUT_CP_SHORT];
    } else if (is_loaded(cord, &circuit)) {
        load.kind = circuit.has_diode ? PBW_LOAD_R_DIODE : PBW_LOAD_R;
        load.milliohm = (int64_t)(vehicle_ohms(&circuit) * 1e3 + 0.5);
        load.diode_uv = circuit.has_diode ? circuit.diode_uv : 0;
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

/* --- what the vehicle's inlet sees --- */

static int64_t level_uv(const struct pb_cp_load *load, struct pb_cp_drive drive, double open_volts) {
    drive.open_volts = open_volts;
    double uv = pb_cp_node_settled(&drive, load) * 1e6;
    return (int64_t)(uv < 0 ? uv - 0.5 : uv + 0.5);
}

static struct pbw_ev_pilot inlet_pilot(const struct pb_model *model, const struct pb_cord *cord) {
    const struct pb_generator *generator = &cord->generator;
    const struct pb_cp_pwm *pwm = &generator->pwm;
    struct pb_cp_load load = node_load(model, cord);
    struct pb_cp_drive drive = generator->drive;
    struct pbw_ev_pilot pilot = {0};
    if (!cord->outputs[PBL_OUT_PLUG]) return pilot;
    if (!generator->is_pwm) {
        pilot.high_uv = pilot.low_uv = level_uv(&load, drive, drive.open_volts);
        return pilot;
    }
    drive = (struct pb_cp_drive){.source_ohms = pwm->source_ohms};
    pilot.high_uv = level_uv(&load, drive, pwm->duty_ppm > 0 ? pwm->high_volts : pwm->low_volts);
    pilot.low_uv = level_uv(&load, drive, pwm->duty_ppm < 1000000 ? pwm->low_volts : pwm->high_volts);
    if (pwm->duty_ppm <= 0 || pwm->duty_ppm >= 1000000) return pilot; /* steady */
    pilot.frequency_uhz = pwm->frequency_uhz;
    pilot.duty_ppm = pwm->duty_ppm;
    return pilot;
}

static int64_t inlet_pp(const struct pb_cord *cord) {
    if (!cord->outputs[PBL_OUT_PLUG]) return INT64_MAX;
    return cord->outputs[PBL_OUT_PP] + (cord->outputs[PBL_OUT_S3] ? S3_MOHM : 0);
}

static int64_t inlet_mv(const struct pb_model *model, const struct pb_cord *cord, unsigned pole) {
    return cord->outputs[PBL_OUT_PLUG] && cord->has_volts[pole] ? model->config.mains_mv : 0;
}

static struct pbw_record pilot_record(const struct pb_cord *cord) {
    struct pbw_record record = {.type = PBW_EV_PILOT};
    record.u.ev_pilot = cord->vehicle.pilot;
    return record;
}

static void refresh_inlet(struct pb_model *model, struct pb_cord *cord) {
    struct pb_vehicle *vehicle = &cord->vehicle;
    if (!cord->has_vehicle) return;
    struct pbw_ev_pilot pilot = inlet_pilot(model, cord);
    int64_t pp_mohm = inlet_pp(cord);
    if (pp_mohm != vehicle->pp_mohm) {
        vehicle->pp_mohm = pp_mohm;
        give(model, cord, value_record(PBW_EV_PP, 0, pp_mohm, 0));
    }
    if (memcmp(&pilot, &vehicle->pilot, sizeof pilot) != 0) {
        vehicle->pilot = pilot;
        give(model, cord, pilot_record(cord));
    }
    for (unsigned pole = 0; pole < model->config.poles; pole++) {
        int64_t mv = inlet_mv(model, cord, pole);
        if (mv == vehicle->volts_mv[pole]) continue;
        vehicle->volts_mv[pole] = mv;
        give(model, cord, value_record(PBW_EV_VOLTS, (uint8_t)pole, mv, 0));
    }
}

static bool has_scope(const struct pb_model *model) { return model->config.scope_period_num_ns > 0; }

static void refresh_load(struct pb_model *model, struct pb_cord *cord, pb_instant now) {
    struct pbw_cp_load load = wire_load(model, cord);
    struct pb_cp_load node = node_load(model, cord);
    bool is_same = memcmp(&load, &cord->load, sizeof load) == 0;
    if (is_same) return;
    cord->load = load;
    pb_sampler_set_load(&cord->sampler, now, &node);
    if (has_scope(model)) pb_sampler_set_load(&cord->scope, now, &node);
    give(model, cord, load_record(cord));
    refresh_inlet(model, cord);
}

static bool is_conducting(const struct pb_cord *cord, unsigned pole) {
    return cord->poles[pole].is_closed && cord->outputs[PBL_OUT_MAINS];
}

__extension__ typedef __int128 wide;

static int64_t round_up(wide dividend, wide divisor) { return (int64_t)((dividend + divisor - 1) / divisor); }

/* The next quarter of a mains period: what a sensor that makes RMS values of half-cycles knows of a change is half a half-cycle old or younger. */
static pb_instant mains_tick(const struct pb_model *model, pb_instant now) {
    const wide quarter_ns = 1000000000000 / 4; /* times mHz */
    int64_t count = round_up((wide)now.ns * model->config.mains_mhz, quarter_ns);
    return (pb_instant){round_up(count * quarter_ns, model->config.mains_mhz)};
}

static bool is_on_mains(const struct pb_model *model) {
    return model->config.current_by_half_cycle && model->config.mains_mhz > 0;
}

static int64_t sense_u_ns(const struct pb_model *model, bool is_on_mains_clock) {
    const struct pb_front_end *clock = &model->front_end;
    if (is_on_mains_clock) return round_up(1000000000000 / 4, model->config.mains_mhz);
    return (clock->period_num_ns + clock->period_den - 1) / clock->period_den;
}

static pb_instant sample_tick(const struct pb_model *model, pb_instant now) {
    pb_instant tick = {pb_synth_time_of(&model->front_end, pb_synth_index_at(&model->front_end, now.ns))};
    return pb_later(tick, now); /* a tick is rounded down to ns */
}

static void sense(struct pb_sensed *sensed, pb_instant tick, int64_t actual) {
    if (sensed->actual == actual) return;
    sensed->actual = actual;
    if (sensed->due.ns == PB_INSTANT_NEVER.ns) sensed->due = tick;
}

/* A vehicle that is a process draws what it says, whatever it does with S2. */
static int64_t wanted_ma(const struct pb_cord *cord) {
    if (cord->has_vehicle) return cord->vehicle.draw_ma;
    return cord->outputs[PBL_OUT_S2] ? cord->outputs[PBL_OUT_DRAW] : 0;
}

/* A bouncing pole is no steady supply: neither the DUT's voltage sense nor the vehicle takes it for one. */
static void refresh_current(struct pb_model *model, struct pb_cord *cord, pb_instant now) {
    bool flows = is_conducting(cord, 0) && !cord->poles[0].is_bouncing && cord->outputs[PBL_OUT_PLUG];
    int64_t amps_ma = flows ? wanted_ma(cord) : 0;
    if (amps_ma == cord->amps_ma) return;
    cord->amps_ma = amps_ma;
    pb_meter_flow(&cord->meter, now, model->config.mains_mv * amps_ma);
    sense(&cord->current_sense, is_on_mains(model) ? mains_tick(model, now) : sample_tick(model, now), amps_ma);
    give(model, cord, value_record(PBW_EV_AMPS, 0, amps_ma, 0));
}

static void refresh_poles(struct pb_model *model, struct pb_cord *cord, pb_instant now) {
    for (unsigned pole = 0; pole < model->config.poles; pole++) {
        bool conducts = is_conducting(cord, pole);
        sense(&cord->pole_sense[pole], sample_tick(model, now), conducts);
        if (conducts == cord->has_volts[pole] || (conducts && cord->poles[pole].is_bouncing)) continue;
        cord->has_volts[pole] = conducts;
        give(model, cord, pole_record(model, cord, pole));
    }
    refresh_inlet(model, cord);
}

static void refresh_meter(struct pb_cord *cord, pb_instant now, unsigned output) {
    if (output == PBL_OUT_METER_READING) pb_meter_set(&cord->meter, now, cord->outputs[output]);
    else pb_meter_err(&cord->meter, now, cord->outputs[output]);
}

#define METER_STREAM 1000 /* of random numbers, one a cord */

static void init_cord(struct pb_model *model, unsigned number) {
    struct pb_cord *cord = &model->cords[number];
    const struct pbl_config *config = &model->config;
    for (unsigned output = 0; output < PBL_OUT_COUNT; output++) cord->outputs[output] = outputs[output].initial;
    cord->outputs[PBL_OUT_R2] = config->r2_mohm;
    cord->outputs[PBL_OUT_R3] = config->r3_mohm;
    cord->random = pb_random_of(config->seed, 2ull * number);
    cord->generator = (struct pb_generator){.drive.is_hi_z = true, .due = PB_INSTANT_NEVER};
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
    if (has_scope(model)) {
        pb_sampler_init(&cord->scope, &model->scope, pb_random_next(&noise), PB_SPAN_ZERO, PB_SPAN_ZERO, number,
                        &model->sink.scope);
        pb_sampler_set_load(&cord->scope, PB_INSTANT_ZERO, &load);
    }
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
    model->scope = (struct pb_front_end){.period_num_ns = config->scope_period_num_ns,
                                         .period_den = config->scope_period_den,
                                         .uv_num = config->scope_uv_num,
                                         .uv_den = config->scope_uv_den,
                                         .noise_volts = (double)config->scope_noise_uv / 1e6};
    model->figures = (struct pb_pole_figures){.close_delay = pb_ns(config->close_delay_ns),
                                              .open_delay = pb_ns(config->open_delay_ns),
                                              .bounce = pb_ns(config->bounce_ns),
                                              .clock = &model->front_end};
    for (unsigned cord = 0; cord < config->cords; cord++) init_cord(model, cord);
}

void pb_model_keep(struct pb_model *model, pb_instant now, unsigned cord, bool is_scope, pb_instant until) {
    struct pb_cord *of = &model->cords[cord];
    if (is_scope) pb_sampler_complete(&of->scope, now);
    pb_sampler_keep(is_scope ? &of->scope : &of->sampler, until);
}

void pb_model_complete(struct pb_model *model, pb_instant now, unsigned cord) {
    pb_sampler_complete(&model->cords[cord].sampler, now);
    if (has_scope(model)) pb_sampler_complete(&model->cords[cord].scope, now);
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

/* By the bench, which knows what it does: no event. */
static void energise(struct pb_model *model, struct pb_cord *cord, pb_instant now, bool is_energised) {
    for (unsigned pole = 0; pole < model->config.poles; pole++)
        pb_pole_energise(&cord->poles[pole], &model->figures, &cord->random, now, is_energised);
    refresh_poles(model, cord, now);
    refresh_current(model, cord, now);
}

static void generate_level(struct pb_model *model, struct pb_cord *cord, pb_instant now,
                           const struct pb_cp_drive *drive) {
    cord->generator = (struct pb_generator){.drive = *drive, .due = PB_INSTANT_NEVER};
    pb_sampler_set_drive(&cord->sampler, now, drive);
    if (has_scope(model)) pb_sampler_set_drive(&cord->scope, now, drive);
    refresh_inlet(model, cord);
}

static void generate_pwm(struct pb_model *model, struct pb_cord *cord, pb_instant now, const struct pb_cp_pwm *pwm) {
    cord->generator = (struct pb_generator){.is_pwm = true, .pwm = *pwm, .due = PB_INSTANT_NEVER};
    pb_sampler_set_pwm(&cord->sampler, now, pwm);
    if (has_scope(model)) pb_sampler_set_pwm(&cord->scope, now, pwm);
    refresh_inlet(model, cord);
}

static void drive_level(struct pb_model *model, struct pb_cord *cord, pb_instant now, const struct pbw_cp_drive *wire) {
    generate_level(model, cord, now,
                   &(struct pb_cp_drive){.open_volts = (double)wire->open_uv / 1e6,
                                         .source_ohms = (double)wire->source_milliohm / 1e3,
                                         .is_hi_z = wire->hi_z != 0});
}

static void drive_pwm(struct pb_model *model, struct pb_cord *cord, pb_instant now, const struct pbw_cp_pwm *wire) {
    generate_pwm(model, cord, now,
                 &(struct pb_cp_pwm){.high_volts = (double)wire->high_uv / 1e6,
                                     .low_volts = (double)wire->low_uv / 1e6,
                                     .source_ohms = (double)wire->source_milliohm / 1e3,
                                     .frequency_uhz = wire->frequency_uhz,
                                     .duty_ppm = wire->duty_ppm,
                                     .first_rise_ns = now.ns,
                                     .ramp_seconds = (double)wire->ramp_ns / 1e9,
                                     .fall_ramp_seconds = (double)wire->fall_ramp_ns / 1e9});
}

/* --- the bench's own generator --- */

static void generate(struct pb_model *model, struct pb_cord *cord, pb_instant now) {
    const int64_t *set = cord->outputs;
    enum pbl_source source = (enum pbl_source)set[PBL_OUT_SOURCE];
    double high_volts = (double)set[PBL_OUT_SOURCE_HIGH] / 1e6, low_volts = (double)set[PBL_OUT_SOURCE_LOW] / 1e6;
    double ohms = (double)set[PBL_OUT_SOURCE_OHM] / 1e3;
    if (source != PBL_SOURCE_PWM) {
        double volts = source == PBL_SOURCE_HIGH ? high_volts : source == PBL_SOURCE_LOW ? low_volts : 0;
        generate_level(model, cord, now, &(struct pb_cp_drive){volts, ohms, source == PBL_SOURCE_OPEN});
        return;
    }
    generate_pwm(model, cord, now,
                 &(struct pb_cp_pwm){.high_volts = high_volts,
                                     .low_volts = low_volts,
                                     .source_ohms = ohms,
                                     .frequency_uhz = set[PBL_OUT_SOURCE_FREQUENCY],
                                     .duty_ppm = set[PBL_OUT_SOURCE_DUTY],
                                     .first_rise_ns = now.ns,
                                     .ramp_seconds = (double)set[PBL_OUT_SOURCE_EDGE] / 1e9});
}

/* The first rising edge at or after now. */
static pb_instant next_rise(const struct pb_cp_pwm *pwm, pb_instant now) {
    const wide second = 1000000000000000; /* ns times uHz */
    int64_t periods = round_up((wide)(now.ns - pwm->first_rise_ns) * pwm->frequency_uhz, second);
    return (pb_instant){pwm->first_rise_ns + round_up(periods * second, pwm->frequency_uhz)};
}

/* A generator takes new figures at the end of its period, so that no pulse is cut. */
static void refresh_source(struct pb_model *model, struct pb_cord *cord, pb_instant now, unsigned output) {
    bool is_pwm = output != PBL_OUT_SOURCE && cord->outputs[PBL_OUT_SOURCE] == PBL_SOURCE_PWM;
    if (cord->has_evse) return;
    if (is_pwm) cord->generator.due = next_rise(&cord->generator.pwm, now);
    else generate(model, cord, now);
}

/* --- the processes --- */

void pb_model_attach(struct pb_model *model, pb_instant now, unsigned cord_number, enum pbw_actor actor) {
    struct pb_cord *cord = &model->cords[cord_number];
    if (actor == PBW_EVSE && !cord->has_evse) {
        bool was_driven = cord->outputs[PBL_OUT_SOURCE] != PBL_SOURCE_OPEN;
        cord->has_evse = true;
        if (was_driven) generate_level(model, cord, now, &(struct pb_cp_drive){.is_hi_z = true});
        if (cord->outputs[PBL_OUT_CONTACTOR]) energise(model, cord, now, false);
    }
    if (actor != PBW_PEV || cord->has_vehicle) return;
    cord->has_vehicle = true;
    refresh_load(model, cord, now);
    refresh_current(model, cord, now);
    refresh_inlet(model, cord);
}

static void take_load(struct pb_model *model, struct pb_cord *cord, pb_instant now, const struct pbw_ev_load *load) {
    cord->vehicle.has_load = true;
    cord->vehicle.load = *load;
    refresh_load(model, cord, now);
}

static void take_draw(struct pb_model *model, struct pb_cord *cord, pb_instant now, int64_t draw_ma) {
    cord->vehicle.draw_ma = draw_ma;
    refresh_current(model, cord, now);
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
    case PBW_CP_EDGE: drive_level(model, cord, now, &record->u.cp_drive); break;
    case PBW_CP_PWM: drive_pwm(model, cord, now, &record->u.cp_pwm); break;
    case PBW_COIL: drive_coil(model, cord, now, value); break;
    case PBW_LOCK: drive_flag(model, cord, now, &cord->is_locked, PBL_EVENT_LOCK, value->a != 0); break;
    case PBW_CCID_TEST: drive_flag(model, cord, now, &cord->is_ccid_test, PBL_EVENT_CCID_TEST, value->a != 0); break;
    case PBW_EV_LOAD: take_load(model, cord, now, &record->u.ev_load); break;
    case PBW_EV_DRAW: take_draw(model, cord, now, value->a); break;
    case PBW_EV_LATCH: drive_flag(model, cord, now, &cord->vehicle.is_latching, PBL_EVENT_LATCH, value->a != 0); break;
    default: break;
    }
}

static bool has_output(const struct pb_model *model, unsigned cord, unsigned output) {
    return cord < model->config.cords && output < PBL_OUT_COUNT;
}

static enum pb_status set_one(struct pb_model *model, pb_instant now, unsigned cord_number, unsigned output,
                              int64_t value, struct pb_error *error) {
    if (!has_output(model, cord_number, output))
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
    if (row->touches & TOUCHES_INLET) refresh_inlet(model, cord);
    if (row->touches & TOUCHES_SOURCE) refresh_source(model, cord, now, output);
    if (row->touches & TOUCHES_COILS && !cord->has_evse) energise(model, cord, now, value != 0);
    if (row->record) give(model, cord, output_record(cord, output));
    return PB_OK;
}

enum pb_status pb_model_set(struct pb_model *model, pb_instant now, unsigned cord_number, unsigned output,
                            int64_t value, struct pb_error *error) {
    if (cord_number != PBL_EVERY_CORD) return set_one(model, now, cord_number, output, value, error);
    enum pb_status status = PB_OK; /* a value that is refused is refused for the first cord already */
    for (unsigned cord = 0; status == PB_OK && cord < model->config.cords; cord++)
        status = set_one(model, now, cord, output, value, error);
    return status;
}

int64_t pb_model_get(const struct pb_model *model, unsigned cord, unsigned output) {
    if (cord == PBL_EVERY_CORD) cord = 0;
    return has_output(model, cord, output) ? model->cords[cord].outputs[output] : 0;
}

void pb_model_greet(const struct pb_model *model, unsigned cord_number, void *user,
                    void (*give_to)(void *user, unsigned cord, const struct pbw_record *record)) {
    const struct pb_cord *cord = &model->cords[cord_number];
    struct pbw_record records[9 + 2 * PB_POLES_MAX];
    unsigned count = 0;
    records[count++] = load_record(cord);
    records[count++] = value_record(PBW_PP_OHM, 0, INT64_MAX, 0);
    records[count++] = output_record(cord, PBL_OUT_PE_BREAK);
    records[count++] = output_record(cord, PBL_OUT_NO_VENT);
    records[count++] = output_record(cord, PBL_OUT_TEMPERATURE);
    for (unsigned pole = 0; pole < model->config.poles; pole++) records[count++] = pole_record(model, cord, pole);
    records[count++] = mains_record(model, cord);
    if (cord->has_vehicle) {
        records[count++] = value_record(PBW_EV_PP, 0, cord->vehicle.pp_mohm, 0);
        records[count++] = pilot_record(cord);
        for (unsigned pole = 0; pole < model->config.poles; pole++)
            records[count++] = value_record(PBW_EV_VOLTS, (uint8_t)pole, cord->vehicle.volts_mv[pole], 0);
    }
    for (unsigned i = 0; i < count; i++) give_to(user, cord_number, &records[i]);
}

static pb_instant cord_next(const struct pb_model *model, const struct pb_cord *cord) {
    pb_instant next = pb_earlier(cord->current_sense.due, pb_meter_next(&cord->meter));
    next = pb_earlier(next, cord->generator.due);
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
    tell(model, cord, now, kind, index, sensed->told,
         sense_u_ns(model, kind == PBL_EVENT_CURRENT && is_on_mains(model)));
}

static void run_cord(struct pb_model *model, struct pb_cord *cord, pb_instant now) {
    bool has_run = false;
    if (!pb_is_before(now, cord->generator.due)) generate(model, cord, now);
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
