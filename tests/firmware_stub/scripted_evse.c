/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/firmware_stub/scripted_evse.h"

#include "tests/support/check.h"

#define DIODE_MV 700
#define SOURCE_OHM 1000

static const struct pbw_ev_load *load_of(const struct station *station) {
    const struct pbw_record *record = script_last(&station->script, PBW_EV_LOAD);
    return record ? &record->u.ev_load : NULL;
}

static int64_t node_mv(const struct station *station, int64_t open_mv) {
    const struct pbw_ev_load *load = load_of(station);
    if (!load) return open_mv;
    int64_t drop_mv = load->has_diode ? DIODE_MV : 0, r2 = load->r2_milliohm / 1000, r3 = load->r3_milliohm / 1000;
    int64_t ohm = load->s2 ? r2 * r3 / (r2 + r3) : r2;
    if (load->has_diode && open_mv <= drop_mv) return open_mv;
    return drop_mv + (open_mv - drop_mv) * ohm / (ohm + SOURCE_OHM);
}

static void tell_pilot(struct station *station) {
    struct pbw_record record = {.type = PBW_EV_PILOT};
    struct pbw_ev_pilot *pilot = &record.u.ev_pilot;
    if (station->is_plugged) {
        pilot->high_uv = node_mv(station, station->is_pwm ? 12000 : station->open_mv) * 1000;
        pilot->low_uv = station->is_pwm ? node_mv(station, -12000) * 1000 : pilot->high_uv;
        pilot->frequency_uhz = station->is_pwm ? station->frequency_uhz : 0;
        pilot->duty_ppm = station->is_pwm ? station->duty_ppm : 0;
    }
    if (memcmp(pilot, &station->told, sizeof *pilot) == 0) return;
    station->told = *pilot;
    record.seq = station->script.out_seq++;
    record.t_ns = station->script.now_ns;
    script_send(&station->script, &record);
    station->script.is_dirty = true;
}

static void tell_supply(struct station *station) {
    bool is_on =
        station->is_plugged && station->is_pwm && station_is_s2_closed(station) && !station->is_contactor_stuck_open;
    int64_t supply_mv = is_on ? 240000 : 0;
    if (supply_mv == station->supply_mv) return;
    station->supply_mv = supply_mv;
    script_value(&station->script, PBW_EV_VOLTS, 0, supply_mv);
}

void station_open(struct station *station, uint64_t seed, const char *const *arguments) {
    memset(station, 0, sizeof *station);
    script_start_program(&station->script, PB_BUILD_DIR "/stub-pev", arguments);
    script_greet(&station->script, PBW_PEV, seed);
    station->open_mv = 12000;
    station->frequency_uhz = 1000000000;
    script_value(&station->script, PBW_EV_PP, 0, INT64_MAX);
    tell_pilot(station);
    station_run(station, 1 * SECONDS);
}

void station_close(struct station *station) { PB_CHECK_INT(script_close(&station->script), 0, "(exit)"); }

void station_steady(struct station *station, int64_t open_mv) {
    station->is_pwm = false;
    station->open_mv = open_mv;
    tell_pilot(station);
}

void station_pwm(struct station *station, int64_t duty_ppm) {
    station->is_pwm = true;
    station->duty_ppm = duty_ppm;
    tell_pilot(station);
}

void station_plug(struct station *station, bool is_plugged) {
    station->is_plugged = is_plugged;
    script_value(&station->script, PBW_EV_PP, 0, is_plugged ? 150000 : INT64_MAX);
    tell_pilot(station);
    tell_supply(station);
}

void station_press_s3(struct station *station, bool is_pressed) {
    script_value(&station->script, PBW_EV_PP, 0, is_pressed ? 480000 : 150000);
}

/* Without PWM the contactor stays as it is for a while: an EVSE gives the vehicle 6 s. Here for ever, until S2 opens. */
static void answer(struct station *station) {
    tell_pilot(station);
    bool holds_on = station->supply_mv && station_is_s2_closed(station) && station->is_plugged;
    if (!holds_on) tell_supply(station);
}

void station_run(struct station *station, int64_t span_ns) {
    for (int64_t done_ns = 0; done_ns < span_ns; done_ns += 10 * MS) {
        script_run(&station->script, span_ns - done_ns < 10 * MS ? span_ns - done_ns : 10 * MS);
        answer(station);
    }
}

void station_charge(struct station *station, int64_t duty_ppm) {
    station_plug(station, true);
    station_run(station, 2 * SECONDS);
    station_pwm(station, duty_ppm);
    station_run(station, 20 * SECONDS);
}

bool station_is_s2_closed(const struct station *station) {
    const struct pbw_ev_load *load = load_of(station);
    return load && load->s2;
}

int64_t station_drawn_ma(const struct station *station) {
    const struct pbw_record *record = script_last(&station->script, PBW_EV_DRAW);
    return record && station->supply_mv ? record->u.value.a : 0;
}

int64_t station_most_ma(const struct station *station, int64_t from_ns) {
    int64_t most_ma = 0;
    for (size_t i = 0; i < station->script.log_count; i++) {
        const struct pbw_record *record = &station->script.log[i];
        if (record->type != PBW_EV_DRAW) continue;
        bool is_newer = record->t_ns < from_ns || record->u.value.a > most_ma;
        if (is_newer) most_ma = record->u.value.a;
    }
    return most_ma;
}

int64_t station_s2_ns(const struct station *station, bool is_closed, int64_t from_ns) {
    int64_t at_ns = PBW_NEVER;
    for (size_t i = 0; i < station->script.log_count; i++) {
        const struct pbw_record *record = &station->script.log[i];
        if (record->type != PBW_EV_LOAD) continue;
        bool is_so = record->u.ev_load.s2 == is_closed;
        if (record->t_ns <= from_ns) at_ns = is_so ? from_ns : PBW_NEVER;
        else if (is_so && at_ns == PBW_NEVER) return record->t_ns;
    }
    return at_ns;
}

int64_t station_draws_at_most_ns(const struct station *station, int64_t ma, int64_t from_ns) {
    int64_t at_ns = from_ns;
    for (size_t i = 0; i < station->script.log_count; i++) {
        const struct pbw_record *record = &station->script.log[i];
        if (record->type != PBW_EV_DRAW) continue;
        bool is_so = record->u.value.a <= ma;
        if (record->t_ns <= from_ns) at_ns = is_so ? from_ns : PBW_NEVER;
        else if (is_so && at_ns == PBW_NEVER) return record->t_ns;
    }
    return at_ns;
}
