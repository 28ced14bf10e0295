/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An event updates facts (plug, the debounced pilot, a timer gone); then settle() works out from all of them what S2, latch and charger are to do.
 * Sequence numbers: IEC 61851-1:2017 Table A.6. */
#include "firmware_stub/pev/core/pev.h"

#include <string.h>

#include "firmware_stub/pev/core/console.h"

#define LIGHT_LOAD_MA 1000u /* sequence 7: less than this before S2 opens */
#define DUTY_EQUAL_PPM 3000 /* samples of one duty differ by less (own) */
#define OFFER_EQUAL_MA 30u  /* the capture timer's noise is no other offer (own) */
#define NJ_PER_WH UINT64_C(3600000000000)
#define DAY_MS 86400000u

/* J1772: 4.46 V with nothing in the inlet, 2.77 V with S3 pressed, 1.53 V latched; the middles between them. */
#define PRESSED_MAX_MV 3600
#define LATCHED_MAX_MV 2140

/* ---- timers ---- */

static uint32_t now_ms(const struct pev *pev) { return pev->hal->now_ms(pev->board); }

static void timer_start(struct pev *pev, enum pev_timer timer, uint32_t span_ms) {
    pev_timer_start(&pev->timers, timer, now_ms(pev), span_ms);
}

static void timer_stop(struct pev *pev, enum pev_timer timer) { pev_timer_stop(&pev->timers, timer); }

static bool is_running(const struct pev *pev, enum pev_timer timer) {
    return pev_timer_is_running(&pev->timers, timer);
}

/* Runs while it is wanted; it is not begun anew. */
static void timer_want(struct pev *pev, enum pev_timer timer, bool is_wanted, uint32_t span_ms) {
    if (!is_wanted) timer_stop(pev, timer);
    else if (!is_running(pev, timer)) timer_start(pev, timer, span_ms);
}

static void alarm_update(struct pev *pev) {
    enum pev_timer next = pev_timer_next(&pev->timers, now_ms(pev));
    if (next == PEV_TIMER_COUNT) pev->hal->alarm_clear(pev->board);
    else pev->hal->alarm_set(pev->board, pev->timers.deadline_ms[next]);
}

/* ---- sleep ---- */

static bool is_pwm(enum pev_condition condition) { return condition >= PEV_OFFER; }

static void wake(struct pev *pev, uint32_t source) {
    if (pev->parameters->wake_sources & source) pev->is_awake = true;
}

static void wake_by_pilot(struct pev *pev, enum pev_condition before, enum pev_condition now) {
    if (is_pwm(now) && !is_pwm(before)) wake(pev, PEV_WAKE_PWM);
    bool was_down = before == PEV_F || before == PEV_ZERO;
    if (was_down && (now == PEV_STEADY || is_pwm(now))) wake(pev, PEV_WAKE_TOGGLE);
}

/* ---- the pilot, read ---- */

static struct pev_reading pilot_sample(const struct pev *pev) {
    struct pev_pilot pilot = pev->hal->pilot_read(pev->board);
    return pev_pilot_of(&pilot, pev->parameters);
}

static bool are_equal(const struct pev_reading *a, const struct pev_reading *b) {
    int32_t apart_ppm = (int32_t)(a->duty_ppm - b->duty_ppm);
    return a->condition == b->condition && apart_ppm < DUTY_EQUAL_PPM && apart_ppm > -DUTY_EQUAL_PPM;
}

static void sampling_begin(struct pev *pev) {
    pev->candidate = pilot_sample(pev);
    pev->sample_count = 1;
    timer_start(pev, PEV_TIMER_SAMPLE, pev->parameters->sample_ms);
}

static void on_pilot(struct pev *pev) { sampling_begin(pev); }

static void sample_due(struct pev *pev) {
    struct pev_reading sample = pilot_sample(pev);
    pev->sample_count = are_equal(&sample, &pev->candidate) ? (uint8_t)(pev->sample_count + 1) : 1;
    pev->candidate = sample;
    if (pev->sample_count < pev->parameters->sample_count) {
        timer_start(pev, PEV_TIMER_SAMPLE, pev->parameters->sample_ms);
        return;
    }
    wake_by_pilot(pev, pev->seen.condition, sample.condition);
    pev->seen = sample;
    if (sample.condition == PEV_F && !pev->parameters->is_f_forgotten) pev->is_spent = true;
}

/* ---- proximity ---- */

static enum pev_plug plug_of(int16_t mv) {
    if (mv > PRESSED_MAX_MV) return PEV_UNPLUGGED;
    return mv > LATCHED_MAX_MV ? PEV_PRESSED : PEV_LATCHED;
}

/* What the empty inlet saw of a pilot says nothing. */
static void session_begin(struct pev *pev) {
    pev->seen.condition = PEV_UNKNOWN;
    pev->energy_nj = 0;
    pev->is_full = pev->is_spent = false;
    pev->bcb_done = 0;
    pev->is_bcb_over = false;
    wake(pev, PEV_WAKE_PLUG);
}

static void on_proximity(struct pev *pev) {
    enum pev_plug before = pev->plug;
    pev->plug = plug_of(pev->hal->proximity_mv(pev->board));
    if (before == PEV_UNPLUGGED && pev->plug != PEV_UNPLUGGED) session_begin(pev);
    bool is_heeded = pev->parameters->s3_ms >= 0;
    timer_want(pev, PEV_TIMER_S3, pev->plug == PEV_PRESSED && is_heeded && !pev->is_released,
               (uint32_t)pev->parameters->s3_ms);
    if (pev->plug != PEV_PRESSED) pev->is_released = false;
}

static void s3_due(struct pev *pev) { pev->is_released = true; }

/* ---- charger and energy ---- */

static void energy_count(struct pev *pev) {
    uint32_t now = now_ms(pev), span_ms = now - pev->counted_ms;
    uint64_t nj = (uint64_t)pev->counted_mv * pev->current_ma * span_ms; /* mV mA is uW, and ms of it nJ */
    pev->energy_nj += nj / 1000000 * pev->parameters->energy_ppm;
    pev->counted_ms = now;
    int32_t mv = pev->hal->inlet_mv(pev->board);
    pev->counted_mv = mv > 0 ? mv : 0;
}

uint32_t pev_energy_wh(struct pev *pev) {
    energy_count(pev);
    return (uint32_t)(pev->energy_nj / NJ_PER_WH);
}

/* When the session's energy will be there, as things stand. */
static void full_plan(struct pev *pev) {
    uint64_t want_nj = pev->parameters->want_wh * NJ_PER_WH, power_uw = (uint64_t)pev->counted_mv * pev->current_ma;
    timer_stop(pev, PEV_TIMER_FULL);
    if (!want_nj || !power_uw || pev->is_full) return;
    uint64_t left_ms = want_nj > pev->energy_nj ? (want_nj - pev->energy_nj) / power_uw : 0;
    timer_start(pev, PEV_TIMER_FULL, left_ms < DAY_MS ? (uint32_t)left_ms : DAY_MS);
}

static void full_due(struct pev *pev) {
    energy_count(pev);
    pev->is_full = pev->energy_nj >= pev->parameters->want_wh * NJ_PER_WH;
    full_plan(pev);
}

static void current_set(struct pev *pev, uint32_t ma) {
    if (ma == pev->current_ma) return;
    energy_count(pev);
    pev->current_ma = ma;
    pev->hal->charger(pev->board, ma);
    full_plan(pev);
}

static bool has_supply(const struct pev *pev) {
    return pev->hal->inlet_mv(pev->board) >= (int32_t)pev->parameters->inlet_min_mv;
}

static uint32_t least(uint32_t a, uint32_t b) { return a < b ? a : b; }

static bool is_in(const struct pev *pev, uint32_t conditions) { return conditions & PEV_IN(pev->seen.condition); }

/* min(available line current, charger), and nothing where nothing is allowed. While it waits to stop it goes on. */
static uint32_t target_ma(const struct pev *pev) {
    bool may_draw = is_in(pev, pev->parameters->draw_in) || is_running(pev, PEV_TIMER_STOP);
    if (!pev->is_s2_closed || pev->is_stopping || !may_draw) return 0;
    uint32_t offer_ma = (uint32_t)((uint64_t)pev->offer_ma * pev->parameters->current_ppm / 1000000);
    uint32_t ma = least(offer_ma, pev->hal->charger_max_ma(pev->board));
    return pev->setting_ma ? least(ma, pev->setting_ma) : ma;
}

static uint32_t ramp_step(const struct pev *pev, uint32_t goal_ma) {
    uint32_t now_ma = pev->current_ma, up_ma = pev->parameters->ramp_up_ma, down_ma = pev->parameters->ramp_down_ma;
    if (now_ma < goal_ma) return goal_ma - now_ma > up_ma ? now_ma + up_ma : goal_ma;
    return now_ma - goal_ma > down_ma ? now_ma - down_ma : goal_ma;
}

static void ramp_due(struct pev *pev) { current_set(pev, ramp_step(pev, pev->goal_ma)); }

/* A ramp up goes beyond its goal by what it overshoots, once. */
static void ramp_plan(struct pev *pev) {
    uint32_t target = target_ma(pev), beyond_ma = target + pev->parameters->overshoot_ma;
    bool is_beyond = target && pev->goal_ma == beyond_ma && pev->current_ma < beyond_ma;
    if (!is_beyond) pev->goal_ma = target > pev->current_ma ? beyond_ma : target;
    timer_want(pev, PEV_TIMER_RAMP, pev->current_ma != pev->goal_ma, pev->parameters->ramp_ms);
}

/* ---- S2 ---- */

static void s2_set(struct pev *pev, bool is_closed) {
    if (pev->is_s2_closed == is_closed) return;
    pev->is_s2_closed = is_closed;
    pev->is_stopping = false;
    pev->hal->s2(pev->board, is_closed);
    pev->hal->latch(pev->board, is_closed);
}

static bool wants_energy(const struct pev *pev) {
    return pev->is_awake && !pev->is_spent && !pev->is_stopped && !pev->is_full && !pev->is_released &&
           !is_running(pev, PEV_TIMER_START);
}

static void s2_due(struct pev *pev) { s2_set(pev, true); }

static void open_due(struct pev *pev) {
    if (!pev->parameters->is_resumed) pev->is_spent = true;
    s2_set(pev, false);
}

static void stop_due(struct pev *pev) { pev->is_stopping = true; }

/* Sequences 7, 10.1 and 11: no load, then S2 opens. */
static void stop_plan(struct pev *pev) {
    bool may_hold = is_in(pev, pev->parameters->hold_in);
    if (!wants_energy(pev)) pev->is_stopping = true;
    timer_want(pev, PEV_TIMER_STOP, !may_hold && !pev->is_stopping, pev->parameters->stop_ms);
    bool is_shed = pev->current_ma < LIGHT_LOAD_MA || !pev->parameters->is_shed_first;
    timer_want(pev, PEV_TIMER_OPEN, pev->is_stopping && is_shed, pev->parameters->open_ms);
}

/* ---- BCB toggle: tells an EVSE that waits that there is somebody ---- */

static void bcb_due(struct pev *pev) {
    pev->bcb_done++;
    pev->hal->s2(pev->board, pev->bcb_done % 2 || pev->is_s2_closed);
}

/* Until PWM comes: it is for whom nobody has noticed. */
static void bcb_plan(struct pev *pev) {
    if (is_pwm(pev->seen.condition)) pev->is_bcb_over = true;
    bool is_wanted = pev->seen.condition == PEV_STEADY && !pev->is_bcb_over && pev->plug != PEV_UNPLUGGED &&
                     wants_energy(pev) && pev->bcb_done < 2 * pev->parameters->bcb_count;
    if (!is_wanted && pev->bcb_done % 2) bcb_due(pev);
    timer_want(pev, PEV_TIMER_BCB, is_wanted, pev->bcb_done ? pev->parameters->bcb_ms : pev->parameters->bcb_after_ms);
}

/* ---- the offer ---- */

static void follow_due(struct pev *pev) {
    uint32_t ma = pev_offer_ma(pev->seen.duty_ppm);
    if (ma > pev->offer_ma || pev->parameters->is_decrease_followed) pev->offer_ma = ma;
}

static bool is_other_offer(const struct pev *pev) {
    uint32_t ma = pev_offer_ma(pev->seen.duty_ppm);
    if (ma < pev->offer_ma) return pev->offer_ma - ma > OFFER_EQUAL_MA && pev->parameters->is_decrease_followed;
    return ma - pev->offer_ma > OFFER_EQUAL_MA;
}

static void follow_plan(struct pev *pev) {
    bool is_offer = is_pwm(pev->seen.condition);
    if (is_offer && !pev->is_s2_closed) pev->offer_ma = pev_offer_ma(pev->seen.duty_ppm);
    timer_want(pev, PEV_TIMER_FOLLOW, is_offer && pev->is_s2_closed && is_other_offer(pev), pev->parameters->follow_ms);
}

/* ---- everything together ---- */

/* Nothing in the inlet, or its latch is being opened: no current, at once, and S2 opens. */
static void let_go(struct pev *pev) {
    current_set(pev, 0);
    if (pev->plug == PEV_UNPLUGGED) s2_set(pev, false);
}

static void settle(struct pev *pev) {
    if (pev->plug == PEV_UNPLUGGED || pev->is_released) let_go(pev);
    if (!has_supply(pev)) current_set(pev, 0);
    bool may_close = pev->plug != PEV_UNPLUGGED && wants_energy(pev) && is_in(pev, pev->parameters->close_in);
    timer_want(pev, PEV_TIMER_S2, may_close && !pev->is_s2_closed, pev->parameters->s2_ms);
    if (pev->is_s2_closed) {
        stop_plan(pev);
    } else {
        timer_stop(pev, PEV_TIMER_STOP);
        timer_stop(pev, PEV_TIMER_OPEN);
    }
    follow_plan(pev);
    bcb_plan(pev);
    if (has_supply(pev)) ramp_plan(pev);
    else timer_stop(pev, PEV_TIMER_RAMP);
    bool is_idle = !pev->is_s2_closed && !is_running(pev, PEV_TIMER_S2) && !is_running(pev, PEV_TIMER_START);
    timer_want(pev, PEV_TIMER_SLEEP, pev->is_awake && is_idle, pev->parameters->sleep_ms);
    alarm_update(pev);
}

/* ---- what runs out; a timer without a function is asked for by settle() ---- */

static void sleep_due(struct pev *pev) { pev->is_awake = false; }

static void (*const dues[PEV_TIMER_COUNT])(struct pev *) = {
    [PEV_TIMER_SAMPLE] = sample_due, [PEV_TIMER_S2] = s2_due,     [PEV_TIMER_FOLLOW] = follow_due,
    [PEV_TIMER_STOP] = stop_due,     [PEV_TIMER_OPEN] = open_due, [PEV_TIMER_S3] = s3_due,
    [PEV_TIMER_RAMP] = ramp_due,     [PEV_TIMER_FULL] = full_due, [PEV_TIMER_SLEEP] = sleep_due,
    [PEV_TIMER_BCB] = bcb_due,
};

/* ---- events ---- */

static void on_alarm(struct pev *pev) {
    uint32_t now = now_ms(pev);
    for (;;) {
        enum pev_timer timer = pev_timer_next(&pev->timers, now);
        if (timer == PEV_TIMER_COUNT || !pev_timer_is_due(&pev->timers, timer, now)) return;
        timer_stop(pev, timer);
        if (dues[timer]) dues[timer](pev);
    }
}

static void on_inlet(struct pev *pev) {
    energy_count(pev);
    full_plan(pev);
}

static void (*const events[PEV_EVENT_COUNT])(struct pev *) = {
    [PEV_ON_ALARM] = on_alarm,
    [PEV_ON_PILOT] = on_pilot,
    [PEV_ON_PROXIMITY] = on_proximity,
    [PEV_ON_INLET] = on_inlet,
};

void pev_event(struct pev *pev, enum pev_event_kind event) {
    events[event](pev);
    settle(pev);
}

void pev_console(struct pev *pev, const uint8_t *bytes, uint8_t length) {
    if (pev_console_take(pev, bytes, length)) settle(pev);
}

/* The clock began when the board's milliseconds did. */
void pev_start_at(struct pev *pev, uint32_t second) {
    uint32_t early_s = pev->parameters->start_early_s, now = now_ms(pev);
    uint32_t at_ms = (second > early_s ? second - early_s : 0) * 1000;
    timer_want(pev, PEV_TIMER_START, false, 0);
    if (at_ms > now) timer_start(pev, PEV_TIMER_START, at_ms - now);
}

void pev_start_in(struct pev *pev, uint32_t seconds) {
    uint32_t early_s = pev->parameters->start_early_s;
    timer_stop(pev, PEV_TIMER_START);
    if (seconds > early_s) timer_start(pev, PEV_TIMER_START, (seconds - early_s) * 1000);
}

void pev_power_on(struct pev *pev, const struct pev_parameters *parameters, const struct pev_hal *hal, void *board) {
    memset(pev, 0, sizeof *pev);
    pev->parameters = parameters;
    pev->hal = hal;
    pev->board = board;
    pev->counted_ms = now_ms(pev);
    if (parameters->start_s) pev_start_at(pev, parameters->start_s);
    sampling_begin(pev);
    on_proximity(pev);
    settle(pev);
}
