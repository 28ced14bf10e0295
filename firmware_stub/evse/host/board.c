/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The board's model. Levels in microvolts, int64; a diode is a constant drop (control_pilot.md 1.3). */
#include "firmware_stub/evse/host/board.h"

#include "firmware_stub/evse/host/station.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define MS_NS INT64_C(1000000)
#define TIMER_COUNTS_PER_PERIOD 16000 /* PWM by a 16 MHz timer: 62.5 ppm a count */
#define LIVE_MV 40000                 /* a pole counts as live from 40 V */
#define RECLOSED_NS (300 * MS_NS)     /* a coil that goes on again by itself stays on so long */
#define CHATTER_NS (20 * MS_NS)       /* a coil that chatters is on so long, off so long */
#define NJ_PER_WH INT64_C(3600000000000)
#define METER_MA_MAX 1000000
#define OPEN_MILLIOHM INT64_C(1000000000)

const struct board_parameters board_parameters_standard = {
    .high_mv = 12000,
    .low_mv = -12000,
    .source_milliohm = 1000000,
    .ramp_ns = 1000,
    .fall_ramp_ns = 1000,
    .frequency_ppm = 0,
    .driver_max_ua = INT32_MAX,
    .coil_release_ms = 0,
    .release_from = 1,
    .reclose_ms = 0,
    .closings_max = INT32_MAX,
    .coil_chatter_ms = 0,
    .coil_warm_ms = INT32_MAX,
    .dropout_every_ms = 0,
    .dropout_ms = 0,
    .switch_ma = 32000,
    .is_ventilated = 0,
    .supply_min_mv = 80000,
    .ccid_trip_ua = 17500,
    .is_metered = 0,
    .report_delay_ms = 1000,
    .reports_max = INT32_MAX,
};

const struct station_parameters station_parameters_standard = {.cords = 1, .coil_of = {1, 2}, .vehicle_of = {0, 1}};

/* ---- chance: splitmix64 ---- */

static uint64_t random_next(struct board *board) {
    uint64_t z = board->random += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static int64_t random_between(struct board *board, int64_t low, int64_t high) {
    return low + (int64_t)(random_next(board) % (uint64_t)(high - low + 1));
}

static int32_t spread(struct board *board, int32_t nominal, int32_t most_ppm) {
    int64_t ppm = random_between(board, -most_ppm, most_ppm);
    return (int32_t)(nominal + nominal * ppm / 1000000);
}

/* ---- output ---- */

/* The next record; when the output is full the last one is lost, as in a UART that overruns. */
static struct pbw_record *output_add(struct board *board, uint16_t type) {
    if (board->output_count == BOARD_OUTPUT_MAX) board->output_count--;
    struct pbw_record *record = &board->output[board->output_count++];
    memset(record, 0, sizeof *record);
    record->type = type;
    return record;
}

static void output_value(struct board *board, uint16_t type, uint8_t index, int64_t value) {
    struct pbw_record *record = output_add(board, type);
    record->u.value.index = index;
    record->u.value.a = value;
}

/* The driver's high level: what it can keep up at this load. A weak driver sags as if its supply did. */
static int32_t high_mv(const struct board *board) {
    const struct pbw_cp_load *load = &board->load;
    int64_t most_ua = board->parameters.driver_max_ua;
    if (most_ua == INT32_MAX || load->kind == PBW_LOAD_OPEN || load->milliohm >= OPEN_MILLIOHM)
        return board->parameters.high_mv;
    int64_t most_mv = most_ua * (load->milliohm + board->parameters.source_milliohm) / 1000000;
    if (load->kind == PBW_LOAD_R_DIODE) most_mv += load->diode_uv / 1000;
    return most_mv < board->parameters.high_mv ? (int32_t)most_mv : board->parameters.high_mv;
}

static void output_drive(struct board *board, bool is_hi_z, int32_t open_mv) {
    struct pbw_record *record = output_add(board, PBW_CP_EDGE);
    record->u.cp_drive.open_uv = is_hi_z ? 0 : open_mv * INT64_C(1000);
    record->u.cp_drive.source_milliohm = board->parameters.source_milliohm;
    record->u.cp_drive.hi_z = is_hi_z;
}

static void output_pwm(struct board *board) {
    struct pbw_cp_pwm *pwm = &output_add(board, PBW_CP_PWM)->u.cp_pwm;
    int64_t counts = ((int64_t)board->duty_ppm * TIMER_COUNTS_PER_PERIOD + 500000) / 1000000;
    pwm->high_uv = high_mv(board) * INT64_C(1000);
    pwm->low_uv = board->parameters.low_mv * INT64_C(1000);
    pwm->source_milliohm = board->parameters.source_milliohm;
    pwm->frequency_uhz = INT64_C(1000) * (1000000 + board->parameters.frequency_ppm);
    pwm->duty_ppm = counts * 1000000 / TIMER_COUNTS_PER_PERIOD;
    pwm->ramp_ns = board->parameters.ramp_ns;
    pwm->fall_ramp_ns = board->parameters.fall_ramp_ns;
}

static void output_coil(struct board *board, bool is_on) {
    board->due_ns[BOARD_RELEASE] = PBW_NEVER;
    if (board->is_coil_on == is_on) return;
    board->is_coil_on = is_on;
    output_value(board, PBW_COIL, 255, is_on);
}

static void output_ccid_test(struct board *board, bool is_driven) {
    if (board->is_ccid_test == is_driven) return;
    board->is_ccid_test = is_driven;
    output_value(board, PBW_CCID_TEST, 0, is_driven);
}

/* To link 0 of its kind. */
static void output_text(struct board *board, uint16_t type, const char *text, size_t length) {
    for (size_t done = 0; done < length;)
        done += device_fill_bytes(&output_add(board, type)->u.bytes, 0, text + done, length - done);
}

/* ---- pilot: driver, load, ADC ---- */

static int64_t divided_uv(int64_t open_uv, int64_t load_milliohm, int64_t source_milliohm) {
    if (load_milliohm >= INT64_C(1000000000000)) return open_uv; /* over 1 Gohm: open; keeps the product in range */
    return open_uv / 1000 * load_milliohm / (load_milliohm + source_milliohm) * 1000;
}

static int64_t node_uv(const struct board *board, int32_t open_mv) {
    const struct pbw_cp_load *load = &board->load;
    int64_t open_uv = open_mv * INT64_C(1000), source_milliohm = board->parameters.source_milliohm;
    if (load->kind == PBW_LOAD_OPEN) return open_uv;
    if (load->kind != PBW_LOAD_R_DIODE) return divided_uv(open_uv, load->milliohm, source_milliohm);
    if (open_uv <= load->diode_uv) return open_uv;
    return load->diode_uv + divided_uv(open_uv - load->diode_uv, load->milliohm, source_milliohm);
}

static int16_t adc_mv(const struct board *board, int32_t open_mv, int64_t noise_mv) {
    int64_t mv = node_uv(board, open_mv) / 1000;
    mv += mv * board->adc_gain_ppm / 1000000 + board->adc_offset_mv + noise_mv;
    if (mv > INT16_MAX) return INT16_MAX;
    return mv < INT16_MIN ? INT16_MIN : (int16_t)mv;
}

static struct evse_peaks peaks(const struct board *board, int64_t noise_mv) {
    int32_t top_mv = board->drive == EVSE_DRIVE_LOW ? board->parameters.low_mv : high_mv(board);
    bool has_low = board->drive != EVSE_DRIVE_HIGH && !board->is_dropped_out;
    int32_t low_mv = has_low ? board->parameters.low_mv : top_mv;
    struct evse_peaks both = {adc_mv(board, top_mv, noise_mv), adc_mv(board, low_mv, noise_mv)};
    return both;
}

static bool is_outside(const struct evse_window *window, struct evse_peaks now) {
    return now.high_mv < window->high_min_mv || now.high_mv > window->high_max_mv || now.low_mv < window->low_min_mv ||
           now.low_mv > window->low_max_mv;
}

/* The load, the drive or the window has changed: will the watchdog see something at its next sample? */
static void adc_look(struct board *board) {
    bool sees = board->is_running && board->is_watching && is_outside(&board->window, peaks(board, 0));
    if (!sees) board->due_ns[BOARD_ADC] = PBW_NEVER;
    else if (board->due_ns[BOARD_ADC] == PBW_NEVER)
        board->due_ns[BOARD_ADC] = board->now_ns + random_between(board, MS_NS / 2, 2 * MS_NS);
}

/* ---- residual current ---- */

static void ccid_look(struct board *board) {
    bool is_above = board->is_ccid_test || board->residual_ua >= board->parameters.ccid_trip_ua;
    if (!board->is_running || is_above == board->is_ccid_tripped) board->due_ns[BOARD_CCID] = PBW_NEVER;
    else if (board->due_ns[BOARD_CCID] == PBW_NEVER)
        board->due_ns[BOARD_CCID] = board->now_ns + random_between(board, 4 * MS_NS, 12 * MS_NS);
}

/* ---- the meter ---- */

/* What has flowed until now, in whole milliseconds: uW times ms is nJ. */
static void meter_count(struct board *board) {
    struct board_meter *meter = &board->meter;
    int64_t span_ms = (board->now_ns - meter->counted_ns) / MS_NS;
    meter->counted_ns += span_ms * MS_NS;
    if (!meter->amps_ma || board->pole_mv[0] < LIVE_MV) return;
    int64_t energy_nj;
    bool is_full = __builtin_mul_overflow(board->pole_mv[0] * meter->amps_ma, span_ms, &energy_nj) ||
                   __builtin_add_overflow(meter->energy_nj, energy_nj, &meter->energy_nj);
    if (is_full) meter->energy_nj = INT64_MAX;
    meter->charging_ms += span_ms;
}

/* The load side went dead. What flows until the report belongs to it. */
static void meter_end(struct board *board) {
    const struct board_parameters *parameters = &board->parameters;
    bool is_silent = !parameters->is_metered || parameters->report_delay_ms == INT32_MAX ||
                     board->meter.reports_since >= parameters->reports_max;
    if (is_silent || !board->is_running || !board->meter.energy_nj) return;
    board->due_ns[BOARD_REPORT] =
        board->now_ns + board->parameters.report_delay_ms * MS_NS + random_between(board, 0, 1000 * MS_NS);
}

/* An interval_metering of the message catalogue, from the meter to the gateway. A station says which cord and session it is of, and whose. */
static void meter_says(struct board *board) {
    struct board_meter *meter = &board->meter;
    char text[320], cord[24] = "", session[80] = "";
    if (board->station) {
        const char *vin = station_vehicle_of(board->station, board->cord);
        snprintf(cord, sizeof cord, "\"cord\":%" PRIu32 ",", board->cord + 1);
        snprintf(session, sizeof session, ",\"session\":%" PRIu32 "%s%.17s%s",
                 station_session_of(board->station, board->cord), *vin ? ",\"vin\":\"" : "", vin, *vin ? "\"" : "");
    }
    uint32_t id = board->station ? station_next_id(board->station) : meter->reports++;
    int length =
        snprintf(text, sizeof text,
                 "{\"at_ns\":%" PRId64 ",\"fields\":{%s\"duration_s\":%" PRId64 ",\"energy_wh\":%" PRId64
                 "%s},\"from\":\"eumd\",\"id\":%" PRIu32 ",\"to\":\"esci\",\"type\":\"interval_metering\",\"v\":1}",
                 board->now_ns, cord, (meter->charging_ms + 500) / 1000, meter->energy_nj / NJ_PER_WH, session, id);
    output_text(board, PBW_MSG_OUT, text, (size_t)length);
}

void board_take_counts(struct board *board, int64_t *add_energy_nj, int64_t *add_charging_ms) {
    meter_count(board);
    *add_energy_nj += board->meter.energy_nj;
    *add_charging_ms += board->meter.charging_ms;
    board->meter.energy_nj = board->meter.charging_ms = 0;
}

static void meter_reports(struct board *board) {
    struct board_meter *meter = &board->meter;
    meter_count(board);
    if (board->station) station_gather(board->station, board->cord, &meter->energy_nj, &meter->charging_ms);
    meter_says(board);
    if (++meter->reports_since == board->parameters.report_doubled) meter_says(board);
    meter->energy_nj = meter->charging_ms = 0;
}

/* ---- the HAL ---- */

static uint32_t hal_now_ms(void *context) {
    const struct board *board = context;
    return (uint32_t)((board->now_ns - board->powered_ns) / MS_NS);
}

static void hal_alarm_set(void *context, uint32_t deadline_ms) {
    struct board *board = context;
    int64_t now_ms = (board->now_ns - board->powered_ns) / MS_NS;
    int32_t left_ms = (int32_t)(deadline_ms - (uint32_t)now_ms);
    board->due_ns[BOARD_ALARM] = left_ms <= 0 ? board->now_ns : board->powered_ns + (now_ms + left_ms) * MS_NS;
}

static void hal_alarm_clear(void *context) {
    struct board *board = context;
    board->due_ns[BOARD_ALARM] = PBW_NEVER;
}

static void hal_pilot_steady(void *context, bool is_high) {
    struct board *board = context;
    board->drive = is_high ? EVSE_DRIVE_HIGH : EVSE_DRIVE_LOW;
    board->is_dropped_out = false;
    board->due_ns[BOARD_DROPOUT] = PBW_NEVER;
    output_drive(board, false, is_high ? high_mv(board) : board->parameters.low_mv);
    adc_look(board);
}

static void hal_pilot_pwm(void *context, uint32_t duty_ppm) {
    struct board *board = context;
    board->drive = EVSE_DRIVE_PWM;
    board->duty_ppm = duty_ppm;
    board->is_dropped_out = false;
    if (board->parameters.dropout_every_ms)
        board->due_ns[BOARD_DROPOUT] = board->now_ns + board->parameters.dropout_every_ms * MS_NS;
    output_pwm(board);
    adc_look(board);
}

static struct evse_peaks hal_pilot_peaks(void *context) {
    struct board *board = context;
    return peaks(board, random_between(board, -15, 15));
}

static void hal_pilot_watch(void *context, const struct evse_window *window) {
    struct board *board = context;
    board->is_watching = window != NULL;
    if (window) board->window = *window;
    adc_look(board);
}

static void coil_on(struct board *board) {
    board->coil_on_ns = board->now_ns;
    board->due_ns[BOARD_RECLOSE] = PBW_NEVER;
    if (board->closings >= board->parameters.closings_max) return;
    board->closings++;
    output_coil(board, true);
    if (board->parameters.coil_chatter_ms) {
        board->chatter_end_ns = board->now_ns + board->parameters.coil_chatter_ms * MS_NS;
        board->due_ns[BOARD_CHATTER] = board->now_ns + CHATTER_NS;
    }
    if (board->parameters.coil_warm_ms == INT32_MAX) return;
    int64_t left_ms = board->parameters.coil_warm_ms - board->held_ms;
    board->due_ns[BOARD_WARM] = board->now_ns + (left_ms > 1 ? left_ms : 1) * MS_NS;
}

static void coil_off(struct board *board) {
    board->due_ns[BOARD_CHATTER] = board->due_ns[BOARD_WARM] = PBW_NEVER;
    board->held_ms += (board->now_ns - board->coil_on_ns) / MS_NS;
    board->openings++;
    bool is_late = board->parameters.coil_release_ms && board->openings >= board->parameters.release_from;
    if (is_late) board->due_ns[BOARD_RELEASE] = board->now_ns + board->parameters.coil_release_ms * MS_NS;
    else output_coil(board, false);
    if (board->parameters.reclose_ms)
        board->due_ns[BOARD_RECLOSE] = board->now_ns + board->parameters.reclose_ms * MS_NS;
}

void board_switch_coil(struct board *board, bool is_on) {
    if (is_on) coil_on(board);
    else coil_off(board);
}

static void hal_coil(void *context, bool is_energised) {
    struct board *board = context;
    if (board->station) station_switch_coils(board->station, board->cord, is_energised);
    else board_switch_coil(board, is_energised);
}

static bool hal_is_load_side_live(void *context) {
    const struct board *board = context;
    return board->is_load_side_live;
}

static bool hal_is_ground_ok(void *context) {
    const struct board *board = context;
    return board->is_ground_ok;
}

static bool hal_is_ventilated(void *context) {
    const struct board *board = context;
    return board->parameters.is_ventilated && board->has_ventilation;
}

static bool hal_is_leaking(void *context) {
    const struct board *board = context;
    return board->is_ccid_tripped;
}

static void hal_ccid_test(void *context, bool is_driven) {
    struct board *board = context;
    output_ccid_test(board, is_driven);
    ccid_look(board);
}

static int32_t hal_temperature_millidegrees(void *context) {
    const struct board *board = context;
    return (int32_t)board->temperature_millidegrees;
}

static uint32_t hal_current_switch_ma(void *context) {
    const struct board *board = context;
    return (uint32_t)board->parameters.switch_ma;
}

static uint32_t hal_current_granted_ma(void *context) {
    const struct board *board = context;
    return board->granted_ma;
}

static uint8_t hal_kept_get(void *context) {
    const struct board *board = context;
    return board->kept;
}

static void hal_kept_set(void *context, uint8_t value) {
    struct board *board = context;
    board->kept = value;
}

/* A station has one console, and it is the first cord's. */
static void hal_console_write(void *context, const char *text, uint8_t length) {
    const struct board *board = context;
    if (board->cord == 0) output_text(context, PBW_SERIAL_OUT, text, length);
}

static const struct evse_hal board_hal = {
    .now_ms = hal_now_ms,
    .alarm_set = hal_alarm_set,
    .alarm_clear = hal_alarm_clear,
    .pilot_steady = hal_pilot_steady,
    .pilot_pwm = hal_pilot_pwm,
    .pilot_peaks = hal_pilot_peaks,
    .pilot_watch = hal_pilot_watch,
    .coil = hal_coil,
    .is_load_side_live = hal_is_load_side_live,
    .is_ground_ok = hal_is_ground_ok,
    .is_ventilated = hal_is_ventilated,
    .is_leaking = hal_is_leaking,
    .ccid_test = hal_ccid_test,
    .temperature_millidegrees = hal_temperature_millidegrees,
    .current_switch_ma = hal_current_switch_ma,
    .current_granted_ma = hal_current_granted_ma,
    .kept_get = hal_kept_get,
    .kept_set = hal_kept_set,
    .console_write = hal_console_write,
};

/* ---- supply ---- */

static void dues_clear(struct board *board) {
    for (int due = 0; due < BOARD_DUE_COUNT; due++) board->due_ns[due] = PBW_NEVER;
}

static void supply_fail(struct board *board) {
    dues_clear(board);
    output_coil(board, false);
    output_ccid_test(board, false);
    if (board->drive != EVSE_DRIVE_OFF) output_drive(board, true, 0);
    board->drive = EVSE_DRIVE_OFF;
    board->is_powered = board->is_running = board->is_watching = board->is_ccid_tripped = board->is_dropped_out = false;
    board->openings = board->closings = 0;
    board->held_ms = 0;
    board->meter.energy_nj = board->meter.charging_ms = 0;
    board->meter.reports_since = 0;
}

static void supply_look(struct board *board) {
    bool has_supply = board->is_supply_on && board->mains_mv >= board->parameters.supply_min_mv;
    if (has_supply == board->is_powered) return;
    if (!has_supply) {
        supply_fail(board);
        return;
    }
    board->is_powered = true;
    board->due_ns[BOARD_SUPPLY] = board->now_ns + random_between(board, 20 * MS_NS, 60 * MS_NS);
}

/* ---- what is due ---- */

static void supply_risen(struct board *board) {
    board->is_running = true;
    board->powered_ns = board->now_ns;
    evse_power_on(&board->core, &board->core_parameters, &board_hal, board);
    ccid_look(board);
}

static void alarm_rings(struct board *board) { evse_event(&board->core, EVSE_ON_ALARM); }

static void adc_samples(struct board *board) {
    board->is_watching = false;
    evse_event(&board->core, EVSE_ON_PILOT);
}

static void ccid_turns(struct board *board) {
    board->is_ccid_tripped = !board->is_ccid_tripped;
    evse_event(&board->core, EVSE_ON_LEAKAGE);
    ccid_look(board);
}

static void coil_releases(struct board *board) { output_coil(board, false); }

static void coil_recloses(struct board *board) {
    output_coil(board, true);
    board->due_ns[BOARD_RELEASE] = board->now_ns + RECLOSED_NS;
}

static void coil_chatters(struct board *board) {
    bool is_over = board->now_ns >= board->chatter_end_ns;
    output_coil(board, is_over || !board->is_coil_on);
    if (!is_over) board->due_ns[BOARD_CHATTER] = board->now_ns + CHATTER_NS;
}

static void pwm_drops_out(struct board *board) {
    board->is_dropped_out = !board->is_dropped_out;
    int32_t span_ms = board->is_dropped_out ? board->parameters.dropout_ms : board->parameters.dropout_every_ms;
    board->due_ns[BOARD_DROPOUT] = board->now_ns + span_ms * MS_NS;
    if (board->is_dropped_out) output_drive(board, false, high_mv(board));
    else output_pwm(board);
}

static void (*const due_functions[BOARD_DUE_COUNT])(struct board *) = {
    [BOARD_SUPPLY] = supply_risen,   [BOARD_ALARM] = alarm_rings,     [BOARD_ADC] = adc_samples,
    [BOARD_CCID] = ccid_turns,       [BOARD_RELEASE] = coil_releases, [BOARD_CHATTER] = coil_chatters,
    [BOARD_WARM] = coil_releases,    [BOARD_DROPOUT] = pwm_drops_out, [BOARD_REPORT] = meter_reports,
    [BOARD_RECLOSE] = coil_recloses,
};

static int due_next(const struct board *board) {
    int next = 0;
    for (int due = 1; due < BOARD_DUE_COUNT; due++)
        if (board->due_ns[due] < board->due_ns[next]) next = due;
    return next;
}

int64_t board_next_ns(const struct board *board) { return board->due_ns[due_next(board)]; }

void board_run(struct board *board, int64_t until_ns) {
    for (;;) {
        int next = due_next(board);
        int64_t due_ns = board->due_ns[next];
        if (due_ns == PBW_NEVER || due_ns > until_ns || (board->output_count && due_ns > board->now_ns)) break;
        board->now_ns = due_ns;
        board->due_ns[next] = PBW_NEVER;
        due_functions[next](board);
    }
    if (!board->output_count && until_ns > board->now_ns) board->now_ns = until_ns;
}

/* ---- inputs ---- */

static void tell(struct board *board, enum evse_event_kind event) {
    if (board->is_running) evse_event(&board->core, event);
}

static void input_load(struct board *board, const struct pbw_record *record) {
    int32_t before_mv = high_mv(board);
    board->load = record->u.cp_load;
    if (high_mv(board) != before_mv && board->drive == EVSE_DRIVE_PWM && !board->is_dropped_out) output_pwm(board);
    else if (high_mv(board) != before_mv && (board->drive == EVSE_DRIVE_HIGH || board->is_dropped_out))
        output_drive(board, false, high_mv(board));
    adc_look(board);
}

static void input_mains(struct board *board, const struct pbw_record *record) {
    board->mains_mv = record->u.value.a;
    supply_look(board);
}

static void input_amps(struct board *board, const struct pbw_record *record) {
    int64_t ma = record->u.value.a;
    if (record->u.value.index) return;
    meter_count(board);
    board->meter.amps_ma = ma < 0 ? 0 : ma > METER_MA_MAX ? METER_MA_MAX : ma;
}

static void input_pole(struct board *board, const struct pbw_record *record) {
    meter_count(board);
    board->pole_mv[record->u.value.index] = record->u.value.a;
    bool is_live = false;
    for (int pole = 0; pole < 4; pole++) is_live |= board->pole_mv[pole] >= LIVE_MV;
    if (is_live == board->is_load_side_live) return;
    board->is_load_side_live = is_live;
    if (!is_live) meter_end(board);
    tell(board, EVSE_ON_LOAD_SIDE);
}

static void input_ground(struct board *board, const struct pbw_record *record) {
    board->is_ground_ok = record->u.value.a;
    tell(board, EVSE_ON_GROUND);
}

static void input_ventilation(struct board *board, const struct pbw_record *record) {
    board->has_ventilation = record->u.value.a;
    tell(board, EVSE_ON_VENTILATION);
}

static void input_residual(struct board *board, const struct pbw_record *record) {
    board->residual_ua = record->u.value.a;
    ccid_look(board);
}

static void input_temperature(struct board *board, const struct pbw_record *record) {
    board->temperature_millidegrees = record->u.value.a;
    tell(board, EVSE_ON_TEMPERATURE);
}

static void input_power(struct board *board, const struct pbw_record *record) {
    board->is_supply_on = record->u.value.a != 1 ? false : true;
    supply_look(board);
    if (record->u.value.a != 2) return;
    board->is_supply_on = true; /* reset: off and on again */
    supply_look(board);
}

void board_grant(struct board *board, uint32_t ma) {
    board->granted_ma = ma;
    tell(board, EVSE_ON_GRANT);
}

static void input_serial(struct board *board, const struct pbw_record *record) {
    if (board->is_running && record->u.bytes.link == 0)
        evse_console(&board->core, record->u.bytes.bytes, record->u.bytes.length);
}

struct input_row {
    uint16_t type;
    void (*take)(struct board *board, const struct pbw_record *record);
};

/* Types that are not here mean nothing to this board. */
static const struct input_row input_rows[] = {
    {PBW_CP_LOAD, input_load},     {PBW_MAINS, input_mains},         {PBW_POLE_VOLTS, input_pole},
    {PBW_PE_OK, input_ground},     {PBW_VENT_OK, input_ventilation}, {PBW_CCID_TRIP, input_residual},
    {PBW_TEMP, input_temperature}, {PBW_POWER, input_power},         {PBW_SERIAL_IN, input_serial},
    {PBW_EV_AMPS, input_amps},
};

void board_input(struct board *board, const struct pbw_record *record) {
    for (size_t i = 0; i < sizeof input_rows / sizeof input_rows[0]; i++)
        if (input_rows[i].type == record->type) input_rows[i].take(board, record);
}

void board_init(struct board *board, const struct board_setup *setup, uint64_t seed) {
    memset(board, 0, sizeof *board);
    board->parameters = setup->board;
    board->core_parameters = setup->core;
    board->random = seed;
    board->parameters.high_mv = spread(board, setup->board.high_mv, 5000);
    board->parameters.low_mv = spread(board, setup->board.low_mv, 5000);
    board->parameters.source_milliohm = spread(board, setup->board.source_milliohm, 5000);
    board->parameters.ramp_ns = spread(board, setup->board.ramp_ns, 200000);
    board->parameters.fall_ramp_ns = /* of the same driver: as much faster or slower than usual */
        (int32_t)((int64_t)setup->board.fall_ramp_ns * board->parameters.ramp_ns / setup->board.ramp_ns);
    board->parameters.frequency_ppm += (int32_t)random_between(board, -500, 500);
    board->adc_gain_ppm = (int32_t)random_between(board, -3000, 3000);
    board->adc_offset_mv = (int32_t)random_between(board, -20, 20);
    board->granted_ma = UINT32_MAX;
    board->is_supply_on = board->is_ground_ok = true;
    board->temperature_millidegrees = 25000;
    dues_clear(board);
}
