/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The board's model. Latencies, noise and tolerances come from the seed. */
#include "firmware_stub/pev/host/board.h"

#include <string.h>

#define MS_NS INT64_C(1000000)
#define CAPTURE_HZ 16000000 /* of the timer that measures the pulse */
#define DIVIDER_MV 5000     /* J1772's proximity: 5 V, 330 ohm, 2.7 kohm to earth */
#define DIVIDER_TOP_OHM 330
#define DIVIDER_BOTTOM_OHM 2700
#define CHARGER_MA_MAX 1000000

const struct board_parameters board_parameters_standard = {
    .r2_ohm = 2740,
    .r3_ohm = 1300,
    .ventilated_ohm = 270,
    .has_diode = 1,
    .diode_mv = 700,
    .capacitance_pf = 1000,
    .charger_ma = 32000,
    .asks_ventilation = 0,
};

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

static void plan(struct board *board, enum board_due due, int64_t least_ns, int64_t most_ns) {
    if (board->due_ns[due] == PBW_NEVER)
        board->due_ns[due] = board->device.now_ns + random_between(board, least_ns, most_ns);
}

/* ---- output ---- */

static void output_load(struct board *board) {
    const struct board_parameters *part = &board->setup.board;
    struct pbw_ev_load *load = &device_output(&board->device, PBW_EV_LOAD)->u.ev_load;
    load->r2_milliohm = part->r2_ohm * INT64_C(1000);
    load->r3_milliohm = (part->asks_ventilation ? part->ventilated_ohm : part->r3_ohm) * INT64_C(1000);
    load->diode_uv = part->has_diode ? part->diode_mv * INT64_C(1000) : 0;
    load->femtofarad = part->capacitance_pf * INT64_C(1000);
    load->s2 = board->is_s2_closed;
    load->has_diode = part->has_diode != 0;
}

static void output_value(struct board *board, uint16_t type, int64_t value) {
    device_output(&board->device, type)->u.value.a = value;
}

/* ---- the HAL ---- */

static uint32_t hal_now_ms(void *context) {
    const struct board *board = context;
    return (uint32_t)(board->device.now_ns / MS_NS);
}

static void hal_alarm_set(void *context, uint32_t deadline_ms) {
    struct board *board = context;
    int64_t now_ms = board->device.now_ns / MS_NS;
    int32_t left_ms = (int32_t)(deadline_ms - (uint32_t)now_ms);
    board->due_ns[BOARD_ALARM] = left_ms <= 0 ? board->device.now_ns : (now_ms + left_ms) * MS_NS;
}

static void hal_alarm_clear(void *context) {
    struct board *board = context;
    board->due_ns[BOARD_ALARM] = PBW_NEVER;
}

static int16_t adc_mv(struct board *board, int64_t uv) {
    int64_t limit_uv = INT64_C(32000000);
    uv = uv > limit_uv ? limit_uv : uv < -limit_uv ? -limit_uv : uv;
    int64_t mv = uv / 1000;
    return (int16_t)(mv + mv * board->adc_gain_ppm / 1000000 + board->adc_offset_mv + random_between(board, -15, 15));
}

/* By the vehicle's own clock, in whole counts of its timer, which also jitters by one. */
static uint32_t captured_ns(struct board *board, int64_t ns) {
    int64_t real_ns = ns + ns * board->clock_ppm / 1000000;
    int64_t counts = real_ns * (CAPTURE_HZ / 1000000) / 1000 + random_between(board, 0, 1);
    return (uint32_t)(counts * 1000 / (CAPTURE_HZ / 1000000));
}

/* Below 1 Hz and above 1 MHz the timer sees no period. */
static struct pev_pilot hal_pilot_read(void *context) {
    struct board *board = context;
    const struct pbw_ev_pilot *pilot = &board->pilot;
    struct pev_pilot read = {adc_mv(board, pilot->high_uv), adc_mv(board, pilot->low_uv), 0, 0};
    if (pilot->frequency_uhz < 1000000 || pilot->frequency_uhz > 1000000000000) return read;
    int64_t period_ns = INT64_C(1000000000000000) / pilot->frequency_uhz;
    read.period_ns = captured_ns(board, period_ns);
    read.width_ns = captured_ns(board, period_ns * pilot->duty_ppm / 1000000);
    return read;
}

static int16_t hal_proximity_mv(void *context) {
    const struct board *board = context;
    int64_t connector_ohm = board->seen_pp_milliohm / 1000, bottom_ohm = DIVIDER_BOTTOM_OHM;
    if (connector_ohm < 1000000) bottom_ohm = bottom_ohm * connector_ohm / (bottom_ohm + connector_ohm);
    return (int16_t)(DIVIDER_MV * bottom_ohm / (bottom_ohm + DIVIDER_TOP_OHM));
}

static int32_t hal_inlet_mv(void *context) {
    const struct board *board = context;
    return (int32_t)board->seen_inlet_mv;
}

static void hal_s2(void *context, bool is_closed) {
    struct board *board = context;
    board->is_s2_closed = is_closed;
    output_load(board);
}

static void hal_latch(void *context, bool holds) {
    struct board *board = context;
    if (board->is_latching == holds) return;
    board->is_latching = holds;
    output_value(board, PBW_EV_LATCH, holds);
}

static uint32_t hal_charger_max_ma(void *context) {
    const struct board *board = context;
    return (uint32_t)board->setup.board.charger_ma;
}

/* A charger takes a little less than it is told. */
static void hal_charger(void *context, uint32_t ma) {
    struct board *board = context;
    int64_t most_ma = ma < CHARGER_MA_MAX ? ma : CHARGER_MA_MAX;
    int64_t draw_ma = most_ma + most_ma * board->charger_ppm / 1000000;
    if (draw_ma == board->draw_ma) return;
    board->draw_ma = draw_ma;
    output_value(board, PBW_EV_DRAW, draw_ma);
}

static void hal_console_write(void *context, const char *text, uint8_t length) {
    struct board *board = context;
    device_output_bytes(&board->device, PBW_SERIAL_OUT, 0, text, length);
}

static const struct pev_hal board_hal = {
    .now_ms = hal_now_ms,
    .alarm_set = hal_alarm_set,
    .alarm_clear = hal_alarm_clear,
    .pilot_read = hal_pilot_read,
    .proximity_mv = hal_proximity_mv,
    .inlet_mv = hal_inlet_mv,
    .s2 = hal_s2,
    .latch = hal_latch,
    .charger = hal_charger,
    .charger_max_ma = hal_charger_max_ma,
    .console_write = hal_console_write,
};

/* ---- what is due ---- */

static void controller_runs(struct board *board) {
    board->is_running = true;
    output_load(board);
    pev_power_on(&board->core, &board->setup.core, &board_hal, board);
}

static void alarm_rings(struct board *board) { pev_event(&board->core, PEV_ON_ALARM); }

static void pilot_is_seen(struct board *board) { pev_event(&board->core, PEV_ON_PILOT); }

static void proximity_is_seen(struct board *board) {
    board->seen_pp_milliohm = board->pp_milliohm;
    pev_event(&board->core, PEV_ON_PROXIMITY);
}

static void inlet_is_seen(struct board *board) {
    board->seen_inlet_mv = board->pole_mv[0];
    pev_event(&board->core, PEV_ON_INLET);
}

static void (*const due_functions[BOARD_DUE_COUNT])(struct board *) = {
    [BOARD_START] = controller_runs,       [BOARD_ALARM] = alarm_rings,   [BOARD_PILOT] = pilot_is_seen,
    [BOARD_PROXIMITY] = proximity_is_seen, [BOARD_INLET] = inlet_is_seen,
};

static int due_next(const struct board *board) {
    int next = 0;
    for (int due = 1; due < BOARD_DUE_COUNT; due++)
        if (board->due_ns[due] < board->due_ns[next]) next = due;
    return next;
}

static int64_t board_next_ns(const struct device *device) {
    const struct board *board = (const struct board *)device;
    return board->due_ns[due_next(board)];
}

static void board_run(struct device *device, int64_t until_ns) {
    struct board *board = (struct board *)device;
    for (;;) {
        int next = due_next(board);
        int64_t due_ns = board->due_ns[next];
        if (due_ns == PBW_NEVER || due_ns > until_ns || (device->output_count && due_ns > device->now_ns)) break;
        device->now_ns = due_ns;
        board->due_ns[next] = PBW_NEVER;
        due_functions[next](board);
    }
    if (!device->output_count && until_ns > device->now_ns) device->now_ns = until_ns;
}

/* ---- inputs ---- */

static void input_pilot(struct device *device, const struct pbw_record *record) {
    struct board *board = (struct board *)device;
    board->pilot = record->u.ev_pilot;
    plan(board, BOARD_PILOT, MS_NS, 3 * MS_NS);
}

static void input_pp(struct device *device, const struct pbw_record *record) {
    struct board *board = (struct board *)device;
    board->pp_milliohm = record->u.value.a;
    plan(board, BOARD_PROXIMITY, 4 * MS_NS, 8 * MS_NS);
}

/* A charger notices at once that it is starved, and takes its time to believe in a supply. */
static void input_volts(struct device *device, const struct pbw_record *record) {
    struct board *board = (struct board *)device;
    board->pole_mv[record->u.value.index] = record->u.value.a;
    bool has_risen = board->pole_mv[0] > board->seen_inlet_mv;
    if (board->pole_mv[0] == board->seen_inlet_mv) board->due_ns[BOARD_INLET] = PBW_NEVER;
    else plan(board, BOARD_INLET, (has_risen ? 20 : 1) * MS_NS, (has_risen ? 40 : 10) * MS_NS);
}

static void input_serial(struct device *device, const struct pbw_record *record) {
    struct board *board = (struct board *)device;
    if (board->is_running && record->u.bytes.link == 0)
        pev_console(&board->core, record->u.bytes.bytes, record->u.bytes.length);
}

/* Said by others on a link; nothing is for this vehicle. */
static void input_message(struct device *device, const struct pbw_record *record) { (void)device, (void)record; }

static bool is_pilot_right(const struct pbw_record *record) {
    const struct pbw_ev_pilot *pilot = &record->u.ev_pilot;
    return pilot->frequency_uhz >= 0 && pilot->duty_ppm >= 0 && pilot->duty_ppm <= 1000000 &&
           DEVICE_IS_ZERO(pilot->reserved);
}

static bool are_bytes_right(const struct pbw_record *record) {
    return device_is_bytes(record) && record->u.bytes.link <= 3;
}

static const struct device_input inputs[] = {
    {.type = PBW_EV_PILOT, .name = "EV_PILOT", .is_right = is_pilot_right, .take = input_pilot},
    {.type = PBW_EV_PP, .name = "EV_PP", .max = INT64_MAX, .take = input_pp},
    {.type = PBW_EV_VOLTS, .name = "EV_VOLTS", .max = 2000000, .index_max = 3, .take = input_volts},
    {.type = PBW_SERIAL_IN, .name = "SERIAL_IN", .is_right = are_bytes_right, .take = input_serial},
    {.type = PBW_MSG_IN, .name = "MSG_IN", .is_right = are_bytes_right, .take = input_message},
};

/* ---- start ---- */

static void board_start(struct device *device, uint32_t cords, uint64_t seed, int64_t now_ns) {
    struct board *board = (struct board *)device;
    (void)cords; /* a vehicle has one */
    struct board_setup setup = board->setup;
    memset(board, 0, sizeof *board);
    board->setup = setup;
    board->random = seed;
    board->device.now_ns = now_ns;
    board->pp_milliohm = board->seen_pp_milliohm = INT64_MAX;
    board->adc_gain_ppm = (int32_t)random_between(board, -3000, 3000);
    board->adc_offset_mv = (int32_t)random_between(board, -20, 20);
    board->clock_ppm = (int32_t)random_between(board, -500, 500);
    board->charger_ppm = (int32_t)random_between(board, -20000, -5000);
    board->setup.board.r2_ohm += (int32_t)(setup.board.r2_ohm * random_between(board, -10000, 10000) / 1000000);
    board->setup.board.r3_ohm += (int32_t)(setup.board.r3_ohm * random_between(board, -10000, 10000) / 1000000);
    board->setup.board.diode_mv += (int32_t)random_between(board, -60, 60);
    for (int due = 0; due < BOARD_DUE_COUNT; due++) board->due_ns[due] = PBW_NEVER;
    board->due_ns[BOARD_START] = now_ns;
}

const struct device_kind board_kind = {
    .name = "stub-pev",
    .actor = PBW_PEV,
    .version = PBW_VERSION_PEV,
    .inputs = inputs,
    .input_count = sizeof inputs / sizeof inputs[0],
    .start = board_start,
    .next_ns = board_next_ns,
    .run = board_run,
};
