/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The EVSE's state machine. An event updates facts (the debounced pilot, a fault, a timer gone); then the rule of the
 * present mode is asked, again and again until it changes nothing. Sequence numbers: IEC 61851-1:2017 Table A.6. */
#include "firmware_stub/evse/core/evse.h"

#include <stddef.h>
#include <string.h>

#include "firmware_stub/evse/core/console.h"

enum release { RELEASE_ALONE, RELEASE_UNPLUG, RELEASE_NEVER };

struct fault_row {
    const char *name;
    uint32_t hold_ms; /* in state F at least this; Table A.5: 300 ms */
    enum release release;
};

static const struct fault_row fault_rows[EVSE_FAULT_COUNT] = {
    [EVSE_FAULT_NONE] = {"none", 0, RELEASE_ALONE},
    [EVSE_FAULT_CCID] = {"ccid", 900000, RELEASE_ALONE},
    [EVSE_FAULT_CCID_TEST] = {"ccid-test", 0, RELEASE_NEVER},
    [EVSE_FAULT_WELD] = {"weld", 0, RELEASE_NEVER},
    [EVSE_FAULT_NO_CLOSE] = {"no-close", 10000, RELEASE_UNPLUG},
    [EVSE_FAULT_GROUND] = {"ground", 3000, RELEASE_ALONE},
    [EVSE_FAULT_DIODE] = {"diode", 10000, RELEASE_UNPLUG},
    [EVSE_FAULT_PILOT] = {"pilot", 10000, RELEASE_UNPLUG},
};

static const char *const mode_names[EVSE_MODE_COUNT] = {
    "booting", "ready", "offering", "preparing", "charging", "stopping", "leaving", "waking", "faulted",
};

const char *evse_mode_name(enum evse_mode mode) { return mode_names[mode]; }

const char *evse_fault_name(enum evse_fault fault) { return fault_rows[fault].name; }

void evse_state_name(const struct evse *evse, char ret_name[3]) {
    bool is_pair = evse->mode != EVSE_BOOTING && evse->drive != EVSE_DRIVE_LOW && evse->seen != EVSE_E;
    ret_name[0] = evse->mode == EVSE_BOOTING      ? '-'
                  : evse->drive == EVSE_DRIVE_LOW ? 'F'
                                                  : evse_pilot_letter(evse->seen);
    ret_name[1] = !is_pair ? '\0' : evse->drive == EVSE_DRIVE_PWM ? '2' : '1';
    ret_name[2] = '\0';
}

/* ---- timers ---- */

static void timer_start(struct evse *evse, enum evse_timer timer, uint32_t span_ms) {
    evse_timer_start(&evse->timers, timer, evse->hal->now_ms(evse->board), span_ms);
}

static void timer_stop(struct evse *evse, enum evse_timer timer) { evse_timer_stop(&evse->timers, timer); }

static bool is_running(const struct evse *evse, enum evse_timer timer) {
    return evse_timer_is_running(&evse->timers, timer);
}

static void alarm_update(struct evse *evse) {
    enum evse_timer next = evse_timer_next(&evse->timers, evse->hal->now_ms(evse->board));
    if (next == EVSE_TIMER_COUNT) evse->hal->alarm_clear(evse->board);
    else evse->hal->alarm_set(evse->board, evse->timers.deadline_ms[next]);
}

/* ---- the pilot, read ---- */

static bool is_pwm(const struct evse *evse) { return evse->drive == EVSE_DRIVE_PWM; }

static enum evse_pilot pilot_sample(const struct evse *evse) {
    return evse_pilot_of(evse->hal->pilot_peaks(evse->board), evse->seen, is_pwm(evse), evse->parameters);
}

static void pilot_watch_begin(struct evse *evse) {
    struct evse_window window = evse_pilot_window(evse->seen, is_pwm(evse), evse->parameters);
    evse->hal->pilot_watch(evse->board, &window);
}

static void pilot_sampling_begin(struct evse *evse) {
    evse->candidate = pilot_sample(evse);
    evse->sample_count = 1;
    timer_start(evse, EVSE_TIMER_SAMPLE, evse->parameters->sample_ms);
}

static void pilot_forget(struct evse *evse) {
    evse->seen = EVSE_UNKNOWN;
    timer_stop(evse, EVSE_TIMER_SAMPLE);
    evse->hal->pilot_watch(evse->board, NULL);
}

static void on_pilot(struct evse *evse) {
    bool is_readable = evse->drive == EVSE_DRIVE_HIGH || evse->drive == EVSE_DRIVE_PWM;
    if (is_readable && !is_running(evse, EVSE_TIMER_SAMPLE)) pilot_sampling_begin(evse);
}

static void sample_due(struct evse *evse) {
    enum evse_pilot sample = pilot_sample(evse);
    evse->sample_count = sample == evse->candidate ? (uint8_t)(evse->sample_count + 1) : 1;
    evse->candidate = sample;
    if (evse->sample_count < evse->parameters->sample_count) {
        timer_start(evse, EVSE_TIMER_SAMPLE, evse->parameters->sample_ms);
        return;
    }
    evse->seen = sample;
    if (sample == EVSE_A) evse->is_in_use = false;
    if (EVSE_IN(sample) & (EVSE_IN(EVSE_B) | EVSE_IN(EVSE_C) | EVSE_IN(EVSE_D))) evse->is_in_use = true;
    pilot_watch_begin(evse);
}

/* ---- the pilot, driven ---- */

static uint32_t duty_of_offer(const struct evse *evse) {
    int32_t ma = (int32_t)evse->offered_ma + evse->parameters->current_offset_ma;
    int32_t duty_ppm = (int32_t)evse_duty_ppm(ma > 0 ? (uint32_t)ma : 0) + evse->parameters->duty_offset_ppm;
    if (duty_ppm < 0) return 0;
    return duty_ppm > 1000000 ? 1000000 : (uint32_t)duty_ppm;
}

static void drive_steady(struct evse *evse, bool is_high) {
    if (is_pwm(evse)) timer_start(evse, EVSE_TIMER_X1_HOLD, evse->parameters->x1_hold_ms);
    timer_stop(evse, EVSE_TIMER_DUTY_HOLD);
    bool was_readable = evse->drive == EVSE_DRIVE_HIGH || is_pwm(evse);
    evse->drive = is_high ? EVSE_DRIVE_HIGH : EVSE_DRIVE_LOW;
    evse->hal->pilot_steady(evse->board, is_high);
    if (!is_high) {
        pilot_forget(evse);
    } else if (!was_readable) {
        pilot_forget(evse);
        pilot_sampling_begin(evse);
    } else {
        pilot_watch_begin(evse);
    }
}

static void drive_pwm(struct evse *evse) {
    evse->offered_ma = evse_offer_ma(evse);
    evse->drive = EVSE_DRIVE_PWM;
    evse->hal->pilot_pwm(evse->board, duty_of_offer(evse));
    timer_start(evse, EVSE_TIMER_DUTY_HOLD, evse->parameters->duty_hold_ms);
    pilot_watch_begin(evse);
}

uint32_t evse_offer_ma(const struct evse *evse) {
    uint32_t switch_ma = evse->hal->current_switch_ma(evse->board);
    uint32_t ma = evse->setting_ma < switch_ma ? evse->setting_ma : switch_ma;
    uint32_t granted_ma = evse->hal->current_granted_ma(evse->board);
    if (granted_ma < ma) ma = granted_ma;
    if (evse->is_derated) ma /= 2;
    return ma < EVSE_MA_MIN ? EVSE_MA_MIN : ma;
}

bool evse_is_in_use(const struct evse *evse) { return evse->is_in_use; }

uint32_t evse_announced_ma(const struct evse *evse) { return is_pwm(evse) && evse->is_in_use ? evse->offered_ma : 0; }

/* Sequence 6: the vehicle has 5 s to follow a change. */
static void offer_follow(struct evse *evse) {
    if (is_pwm(evse) && !is_running(evse, EVSE_TIMER_DUTY_HOLD) && evse->offered_ma != evse_offer_ma(evse))
        drive_pwm(evse);
}

/* ---- coil, self-test, faults ---- */

static void coil_set(struct evse *evse, bool is_on) {
    if (evse->is_coil_on == is_on) return;
    evse->is_coil_on = is_on;
    evse->hal->coil(evse->board, is_on);
    timer_start(evse, EVSE_TIMER_FEEDBACK, evse->parameters->feedback_ms);
}

static void test_begin(struct evse *evse) {
    evse->test = EVSE_TEST_TRIPPING;
    evse->hal->ccid_test(evse->board, true);
    timer_start(evse, EVSE_TIMER_TEST, evse->parameters->ccid_test_ms);
}

/* The winding is off; the comparator may still have to notice. */
static void test_release(struct evse *evse) {
    if (evse->test != EVSE_TEST_TRIPPING) return;
    evse->test = EVSE_TEST_CLEARING;
    evse->hal->ccid_test(evse->board, false);
    timer_start(evse, EVSE_TIMER_TEST, evse->parameters->ccid_test_ms);
}

static void test_pass(struct evse *evse) {
    evse->test = EVSE_TEST_IDLE;
    timer_stop(evse, EVSE_TIMER_TEST);
}

/* The first fault counts; a later one replaces it only if it is final. */
static void fault_raise(struct evse *evse, enum evse_fault fault) {
    const struct fault_row *row = &fault_rows[fault];
    if (evse->mode == EVSE_FAULTED && (fault == evse->fault || row->release != RELEASE_NEVER)) return;
    const enum evse_timer stopped[] = {EVSE_TIMER_BOOT,  EVSE_TIMER_PWM_START,    EVSE_TIMER_CLOSE,
                                       EVSE_TIMER_LEAVE, EVSE_TIMER_VEHICLE_STOP, EVSE_TIMER_WAKE};
    coil_set(evse, false);
    test_release(evse);
    for (size_t i = 0; i < sizeof stopped / sizeof stopped[0]; i++) timer_stop(evse, stopped[i]);
    if (evse->drive != EVSE_DRIVE_LOW) drive_steady(evse, false);
    evse->fault = fault;
    evse->mode = EVSE_FAULTED;
    uint32_t limit_ms = evse->parameters->fault_hold_limit_ms;
    timer_start(evse, EVSE_TIMER_FAULT_HOLD, row->hold_ms < limit_ms ? row->hold_ms : limit_ms);
    evse_say(evse, "fault", row->name, NULL);
}

static bool is_trip_final(const struct evse *evse) {
    return evse->fault == EVSE_FAULT_CCID && evse->trip_count > evse->parameters->ccid_trips;
}

static bool is_cause_gone(const struct evse *evse) {
    if (evse->fault == EVSE_FAULT_GROUND) return evse->hal->is_ground_ok(evse->board);
    if (evse->fault == EVSE_FAULT_CCID) return !evse->hal->is_leaking(evse->board);
    return true;
}

static bool is_fault_over(const struct evse *evse) {
    if (is_running(evse, EVSE_TIMER_FAULT_HOLD)) return false;
    if (evse->parameters->fault_hold_limit_ms != UINT32_MAX) return true;
    return fault_rows[evse->fault].release != RELEASE_NEVER && !is_trip_final(evse) && is_cause_gone(evse);
}

/* ---- what is allowed ---- */

static bool is_in(const struct evse *evse, uint32_t states) {
    if (!(states & EVSE_IN(evse->seen))) return false;
    bool needs_air = evse->parameters->ventilated_states & EVSE_IN(evse->seen);
    return !needs_air || evse->hal->is_ventilated(evse->board);
}

static bool may_offer(const struct evse *evse) {
    return !evse->is_stopped && !evse->is_hot && evse->fault == EVSE_FAULT_NONE &&
           evse->hal->current_granted_ma(evse->board) >= EVSE_MA_MIN;
}

/* ---- one rule a mode: true if it changed the mode ---- */

static bool enter(struct evse *evse, enum evse_mode mode) {
    evse->mode = mode;
    return true;
}

static bool enter_fault(struct evse *evse, enum evse_fault fault) {
    fault_raise(evse, fault);
    return true;
}

static bool enter_ready(struct evse *evse) {
    coil_set(evse, false);
    test_release(evse);
    timer_stop(evse, EVSE_TIMER_CLOSE);
    timer_stop(evse, EVSE_TIMER_VEHICLE_STOP);
    timer_stop(evse, EVSE_TIMER_WAKE);
    if (evse->drive != EVSE_DRIVE_HIGH) drive_steady(evse, true);
    return enter(evse, EVSE_READY);
}

static bool rule_booting(struct evse *evse) {
    if (is_running(evse, EVSE_TIMER_BOOT) || evse->test != EVSE_TEST_IDLE) return false;
    if (evse->hal->is_load_side_live(evse->board)) return enter_fault(evse, EVSE_FAULT_WELD);
    return enter_ready(evse);
}

/* Takes back what only unplugging can. */
static void unplugged(struct evse *evse) {
    evse->is_woken = false;
    evse->trip_count = 0;
    evse->fault = EVSE_FAULT_NONE;
}

static bool rule_ready(struct evse *evse) {
    if (evse->seen == EVSE_A) unplugged(evse);
    if (!may_offer(evse) || !(evse->parameters->offer_states & EVSE_IN(evse->seen))) {
        timer_stop(evse, EVSE_TIMER_PWM_START);
        evse->is_start_due = false;
        return false;
    }
    if (!evse->is_start_due) {
        if (!is_running(evse, EVSE_TIMER_PWM_START))
            timer_start(evse, EVSE_TIMER_PWM_START, evse->parameters->pwm_start_ms);
        return false;
    }
    if (is_running(evse, EVSE_TIMER_X1_HOLD)) return false;
    evse->is_start_due = false;
    drive_pwm(evse);
    if (evse->parameters->wake_after_ms) timer_start(evse, EVSE_TIMER_WAKE, evse->parameters->wake_after_ms);
    return enter(evse, EVSE_OFFERING);
}

/* Legacy wake-up, once a session: state F, then x1, then PWM again. */
static bool wake_vehicle(struct evse *evse) {
    evse->is_woken = true;
    drive_steady(evse, false);
    timer_start(evse, EVSE_TIMER_WAKE, evse->parameters->wake_ms);
    return enter(evse, EVSE_WAKING);
}

static bool rule_offering(struct evse *evse) {
    if (!may_offer(evse)) return enter_ready(evse);
    if (is_in(evse, evse->parameters->close_states)) {
        evse->is_woken = true;
        evse->is_test_begun = false;
        timer_stop(evse, EVSE_TIMER_WAKE);
        timer_start(evse, EVSE_TIMER_CLOSE, evse->parameters->close_ms);
        return enter(evse, EVSE_PREPARING);
    }
    if (!(evse->parameters->offer_states & EVSE_IN(evse->seen))) {
        if (evse->seen != EVSE_A) return enter_ready(evse);
        timer_start(evse, EVSE_TIMER_LEAVE, evse->parameters->leave_ms);
        return enter(evse, EVSE_LEAVING);
    }
    bool is_asleep = evse->parameters->wake_after_ms && !evse->is_woken && evse->seen == EVSE_B;
    return is_asleep && !is_running(evse, EVSE_TIMER_WAKE) && wake_vehicle(evse);
}

/* Sequence 4. The residual current monitor is tested before each closing; the diode is watched all the time. */
static bool rule_preparing(struct evse *evse) {
    if (!may_offer(evse)) return enter_ready(evse);
    if (!is_in(evse, evse->parameters->close_states)) {
        test_release(evse);
        timer_stop(evse, EVSE_TIMER_CLOSE);
        return enter(evse, EVSE_OFFERING);
    }
    if (!evse->is_test_begun && evse->test == EVSE_TEST_IDLE) {
        evse->is_test_begun = true;
        test_begin(evse);
    }
    if (evse->test != EVSE_TEST_IDLE || is_running(evse, EVSE_TIMER_CLOSE) || is_running(evse, EVSE_TIMER_SAMPLE))
        return false;
    coil_set(evse, true);
    return enter(evse, EVSE_CHARGING);
}

static bool rule_charging(struct evse *evse) {
    if (!is_in(evse, evse->parameters->hold_states)) {
        coil_set(evse, false); /* sequences 2.2, 8.1, 12 */
        return enter(evse, EVSE_OFFERING);
    }
    if (may_offer(evse)) return false;
    drive_steady(evse, true);
    timer_start(evse, EVSE_TIMER_VEHICLE_STOP, evse->parameters->vehicle_stop_ms);
    return enter(evse, EVSE_STOPPING);
}

/* Sequences 8.2 and 10.2. */
static bool rule_stopping(struct evse *evse) {
    bool is_waiting = is_in(evse, evse->parameters->hold_states) && is_running(evse, EVSE_TIMER_VEHICLE_STOP);
    return !is_waiting && enter_ready(evse);
}

static bool rule_leaving(struct evse *evse) { return !is_running(evse, EVSE_TIMER_LEAVE) && enter_ready(evse); }

static bool rule_waking(struct evse *evse) { return !is_running(evse, EVSE_TIMER_WAKE) && enter_ready(evse); }

static bool rule_faulted(struct evse *evse) {
    if (!is_fault_over(evse)) return false;
    bool is_limited = evse->parameters->fault_hold_limit_ms != UINT32_MAX;
    if (is_limited || fault_rows[evse->fault].release == RELEASE_ALONE) evse->fault = EVSE_FAULT_NONE;
    timer_start(evse, EVSE_TIMER_X1_HOLD, evse->parameters->x1_hold_ms);
    return enter_ready(evse);
}

static bool (*const rules[EVSE_MODE_COUNT])(struct evse *) = {
    [EVSE_BOOTING] = rule_booting,     [EVSE_READY] = rule_ready,       [EVSE_OFFERING] = rule_offering,
    [EVSE_PREPARING] = rule_preparing, [EVSE_CHARGING] = rule_charging, [EVSE_STOPPING] = rule_stopping,
    [EVSE_LEAVING] = rule_leaving,     [EVSE_WAKING] = rule_waking,     [EVSE_FAULTED] = rule_faulted,
};

/* Causes of faults, whatever the mode. */
static void causes_check(struct evse *evse) {
    if (evse->mode == EVSE_FAULTED) return;
    if (evse->test == EVSE_TEST_IDLE && evse->hal->is_leaking(evse->board)) {
        if (evse->trip_count < UINT8_MAX) evse->trip_count++;
        fault_raise(evse, EVSE_FAULT_CCID);
    } else if (evse->seen == EVSE_DIODE) {
        fault_raise(evse, EVSE_FAULT_DIODE);
    } else if (evse->seen == EVSE_INVALID) {
        fault_raise(evse, EVSE_FAULT_PILOT);
    }
    if (evse->hal->is_ground_ok(evse->board)) timer_stop(evse, EVSE_TIMER_GROUND);
    else if (!is_running(evse, EVSE_TIMER_GROUND)) timer_start(evse, EVSE_TIMER_GROUND, evse->parameters->ground_ms);
}

static void settle(struct evse *evse) {
    do causes_check(evse);
    while (rules[evse->mode](evse));
    offer_follow(evse);
    alarm_update(evse);
}

/* ---- what runs out; a timer without a function is asked for by its mode's rule ---- */

static void test_due(struct evse *evse) {
    bool has_failed = evse->test == EVSE_TEST_TRIPPING || evse->hal->is_leaking(evse->board);
    test_release(evse);
    test_pass(evse);
    if (has_failed && evse->mode != EVSE_FAULTED) fault_raise(evse, EVSE_FAULT_CCID_TEST);
}

static void pwm_start_due(struct evse *evse) { evse->is_start_due = true; }

static void feedback_due(struct evse *evse) {
    bool is_live = evse->hal->is_load_side_live(evse->board);
    if (is_live != evse->is_coil_on) fault_raise(evse, is_live ? EVSE_FAULT_WELD : EVSE_FAULT_NO_CLOSE);
}

static void ground_due(struct evse *evse) {
    if (!evse->hal->is_ground_ok(evse->board)) fault_raise(evse, EVSE_FAULT_GROUND);
}

static void (*const dues[EVSE_TIMER_COUNT])(struct evse *) = {
    [EVSE_TIMER_TEST] = test_due,         [EVSE_TIMER_SAMPLE] = sample_due, [EVSE_TIMER_PWM_START] = pwm_start_due,
    [EVSE_TIMER_FEEDBACK] = feedback_due, [EVSE_TIMER_GROUND] = ground_due,
};

/* ---- events ---- */

static void on_alarm(struct evse *evse) {
    uint32_t now_ms = evse->hal->now_ms(evse->board);
    for (;;) {
        enum evse_timer timer = evse_timer_next(&evse->timers, now_ms);
        if (timer == EVSE_TIMER_COUNT || !evse_timer_is_due(&evse->timers, timer, now_ms)) return;
        timer_stop(evse, timer);
        if (dues[timer]) dues[timer](evse);
    }
}

static void on_leakage(struct evse *evse) {
    bool is_leaking = evse->hal->is_leaking(evse->board);
    if (evse->test == EVSE_TEST_TRIPPING && is_leaking) test_release(evse);
    else if (evse->test == EVSE_TEST_CLEARING && !is_leaking) test_pass(evse);
}

static void on_load_side(struct evse *evse) {
    bool has_followed = evse->hal->is_load_side_live(evse->board) == evse->is_coil_on;
    if (!has_followed && !is_running(evse, EVSE_TIMER_FEEDBACK))
        timer_start(evse, EVSE_TIMER_FEEDBACK, evse->parameters->feedback_ms);
}

/* With hysteresis. */
static bool is_above(bool was_above, int32_t value, int32_t begin, int32_t end) {
    return value >= (was_above ? end : begin);
}

static void on_temperature(struct evse *evse) {
    const struct evse_parameters *limit = evse->parameters;
    int32_t now = evse->hal->temperature_millidegrees(evse->board);
    evse->is_derated = is_above(evse->is_derated, now, limit->derate_millidegrees, limit->derate_end_millidegrees);
    evse->is_hot = is_above(evse->is_hot, now, limit->hot_millidegrees, limit->hot_end_millidegrees);
}

static void (*const events[EVSE_EVENT_COUNT])(struct evse *) = {
    [EVSE_ON_ALARM] = on_alarm,
    [EVSE_ON_PILOT] = on_pilot,
    [EVSE_ON_LEAKAGE] = on_leakage,
    [EVSE_ON_LOAD_SIDE] = on_load_side,
    [EVSE_ON_TEMPERATURE] = on_temperature,
};

void evse_event(struct evse *evse, enum evse_event_kind event) {
    if (events[event]) events[event](evse);
    settle(evse);
}

void evse_console(struct evse *evse, const uint8_t *bytes, uint8_t length) {
    if (evse_console_take(evse, bytes, length)) settle(evse);
}

void evse_power_on(struct evse *evse, const struct evse_parameters *parameters, const struct evse_hal *hal,
                   void *board) {
    memset(evse, 0, sizeof *evse);
    evse->parameters = parameters;
    evse->hal = hal;
    evse->board = board;
    evse->setting_ma = hal->current_switch_ma(board);
    evse->is_stopped = parameters->is_stop_kept && hal->kept_get(board);
    evse_say(evse, EVSE_VERSION, NULL, NULL);
    timer_start(evse, EVSE_TIMER_BOOT, parameters->boot_ms);
    test_begin(evse);
    on_temperature(evse);
    settle(evse);
}
