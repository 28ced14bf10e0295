/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tests/dashboard/scenes.h"

#include "judge/summary.h"
#include "pilot_emulator/state.h"
#include "pilot_emulator/synth.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { J = PB_STEP_JUDGED, P = PB_STEP_PLAYED, N = PB_STEP_NOT_OBSERVABLE, R = PB_STEP_NOT_RUN };

static const char *const names[PB_SCENE_COUNT] = {
#define X(name, word) word,
    PB_SCENE_MAP(X)
#undef X
};
const char *pb_scene_name(enum pb_scene scene) { return names[scene]; }
enum pb_scene pb_scene_find(const char *name) {
    int i = 0;
    while (i < PB_SCENE_COUNT && strcmp(names[i], name) != 0) i++;
    return (enum pb_scene)i;
}

/* The steps of test_suites/use_cases/S1.lua, for the cast {evse}. */
static const struct {
    const char *id, *actor, *text;
    int mode;
    int64_t at_ms; /* when it begins */
} s1[] = {
    {"1", "customer", "plugs the cordset into the energy portal; with grid power the EVSE puts 12 V on the pilot", J,
     0},
    {"2", "customer", "plugs the cordset into the vehicle; a resistor there pulls the pilot down to 9 V", J, 1310},
    {"3", "pev", "wakes up by the pilot and latches its power", P, 1420},
    {"4", "evse", "watches the pilot drop from 12 V to 9 V: a vehicle is connected", N, 1420},
    {"5", "evse", "starts the PWM whose duty announces the available line current", J, 1420},
    {"6", "pev", "prepares for the lower of charger size and available line current", P, 1800},
    {"7", "pev", "opens a secure session with the gateway (either side may)", P, 1801},
    {"8", "pev", "sends its VIN", P, 1802},
    {"8a", "pev", "sends the billing request: bill this premise", P, 1803},
    {"9", "pev",
     "sends the energy request: amount from the battery's state of charge, rate the lesser of ALC and charger", P,
     1804},
    {"9a", "pev", "sends the schedule for its request (U1, time of use)", P, 1805},
    {"9b", "pev", "asks for information on discrete events (U2)", R, -1},
    {"9c", "pev", "sends the customer's price information (U3, periodic prices)", R, -1},
    {"10", "utility", "verifies the vehicle's, premise's or customer's ID to the gateway: the vehicle binds", P, 1806},
    {"11", "utility", "confirms the binding to the meter, through the gateway", P, 1807},
    {"12", "utility", "sends the energy available: amount and rate", P, 1808},
    {"12a", "utility", "sends the schedule for the energy available (U1)", P, 1809},
    {"12z", "pev", "takes the granted rate and waits for its time", P, 1810},
    {"13", "pev", "switches a further resistor in, the pilot falls to 6 V; the EVSE closes its switches", J, 25680000},
    {"14", "eumd", "the vehicle charges; the meter records the energy of the session", J, 25680400},
    {"14p", "pev", "pauses between full and balance charge: opens S2; the EVSE opens its switches", J, 42120000},
    {"14b", "pev", "balance charge: closes S2 again; the EVSE closes its switches again", J, 42240000},
    {"stop", "pev", "has its energy: stops drawing and opens S2; the EVSE opens its switches", J, 43920000},
    {"15m", "eumd", "hands the energy of the session to the gateway", P, 43920050},
    {"15", "esci", "sends date, time, duration and energy delivered to utility and vehicle", P, 43920060},
    {"16", "utility", "records the session for the account tied to this premise and vehicle", P, 43920070},
    {"unplug", "customer", "pulls the coupler; the EVSE stops the PWM and goes back to steady 12 V", J, 52200000},
    {"p1", "customer", "plugs the cordset into the energy portal", J, 52210000},
    {"p2", "customer", "plugs the cordset into the vehicle", J, 52211300},
    {"3", "pev", "its diode fails short", P, 52212000},
    {"4", "pev", "closes S2 all the same; the EVSE must not energise", J, 52212100},
    {"p1", "customer", "plugs the cordset into the energy portal", J, 52220000},
    {"p2", "customer", "plugs the cordset into the vehicle", J, 52221300},
    {"p3", "pev", "closes S2 and draws", J, 52222000},
    {"1", "customer", "pulls the coupler while current flows", J, 52229000},
    {"p1", "customer", "plugs the cordset into the energy portal", P, 52240000},
    {"p2", "customer", "plugs the cordset into the vehicle", P, 52241300},
    {"p3", "pev", "closes S2 and draws", P, 52242000},
    {"1", "pev", "30 mA flow to earth", J, 52249000},
    {"2", "pev", "the leakage is gone, the vehicle still asks; the EVSE stays off", J, 52250000},
};
enum { S1_STEPS = sizeof s1 / sizeof *s1 };

static const struct {
    int step;
    const char *id, *text, *value, *limit, *bad, *reason;
} s1_checks[] = {
    {0, "reaches_A", "the pilot reaches state A", "1.304 s", "at most 10 s", "", ""},
    {0, "level_A", "high level in state A", "11.982 V", "11.4 V to 12.6 V", "", ""},
    {1, "reaches_B", "the pilot reaches state B", "12.4 ms", "at most 200 ms", "", ""},
    {1, "level_B", "high level in state B", "8.996 V", "8.36 V to 9.56 V", "", ""},
    {1, "source", "source resistance of the pilot's driver", "1.0006 kohm", "970 ohm to 1.03 kohm", "", ""},
    {4, "no_pwm", "no PWM before state B", "absent", "", "", ""},
    {4, "pwm_starts", "PWM starts after the vehicle was connected", "356.2 ms", "at most 3 s", "", ""},
    {4, "frequency", "frequency of the PWM", "1.0000 kHz", "980 Hz to 1.02 kHz", "", ""},
    {4, "duty", "duty announces the rated current", "20.004 %", "19.5 % to 20.5 %", "25.97 %",
     "above the limit by 5.47 %"},
    {4, "low_level", "low level of the PWM", "\u221211.98 V", "\u221212.6 V to \u221211.4 V", "\u221210.70 V",
     "above the limit by 0.70 V"},
    {18, "reaches_C", "the pilot reaches state C", "8.9 ms", "at most 200 ms", "", ""},
    {18, "level_C", "high level in state C", "6.004 V", "5.47 V to 6.53 V", "", ""},
    {18, "not_before", "the contactor does not close before state C", "absent", "", "", ""},
    {18, "closes", "all poles conduct after state C", "112.4 ms", "at most 3 s", "4.21 s", "above the limit by 1.21 s"},
    {19, "stays_closed", "every pole conducts until the step's end", "14.2 h", "", "", ""},
    {19, "steady", "the pilot's state does not change", "C2", "", "", ""},
    {20, "opens", "no pole conducts after leaving state C", "31.6 ms", "at most 100 ms", "148 ms",
     "above the limit by 48 ms"},
    {21, "closes", "all poles conduct after state C", "113.0 ms", "at most 3 s", "", ""},
    {22, "opens", "no pole conducts after leaving state C", "30.9 ms", "at most 100 ms", "", ""},
    {26, "pwm_off", "the pilot goes back to A1", "402 ms", "at most 2 s", "", ""},
    {27, "reaches_A", "the pilot reaches state A", "1.301 s", "at most 10 s", "", ""},
    {28, "reaches_B", "the pilot reaches state B", "12.1 ms", "at most 200 ms", "", ""},
    {30, "stays_open", "no pole conducts for 5 s", "absent", "", "", ""},
    {31, "reaches_A", "the pilot reaches state A", "1.299 s", "at most 10 s", "", ""},
    {32, "reaches_B", "the pilot reaches state B", "12.2 ms", "at most 200 ms", "", ""},
    {33, "closes", "all poles conduct after state C", "114.1 ms", "at most 3 s", "", ""},
    {34, "opens", "no pole conducts after the coupler was pulled", "28.4 ms", "at most 100 ms", "", ""},
    {38, "opens", "no pole conducts after the leakage began", "22.0 ms", "at most 25 ms", "", ""},
    {39, "stays_open", "no pole conducts for 20 s", "absent", "", "", ""},
};
enum { S1_CHECKS = sizeof s1_checks / sizeof *s1_checks };

#define PUT(member, ...) snprintf((member), sizeof(member), __VA_ARGS__)

/* IEC 61851-1 Table A.4, A to F. */
static void fill_windows(struct pb_snapshot_body *body) {
    static const int64_t volts[][2] = {{11, 13}, {8, 10}, {5, 7}, {2, 4}, {-1, 1}, {-13, -11}};
    for (int i = 0; i < 6; i++) {
        body->windows[i].min_uv = 1000000 * volts[i][0];
        body->windows[i].max_uv = 1000000 * volts[i][1];
    }
}

static void fill_plan(struct pb_snapshot_body *body) {
    int case_no = 0;
    fill_windows(body);
    body->step_count = S1_STEPS;
    body->check_count = body->planned = S1_CHECKS;
    for (int i = 0; i < S1_STEPS; i++) {
        case_no += i == 0 || i == 27 || i == 31 || i == 35;
        struct pb_snapshot_step *step = &body->steps[i];
        PUT(step->id, "%s", s1[i].id);
        PUT(step->actor, "%s", s1[i].actor);
        PUT(step->text, "%s", s1[i].text);
        step->mode = s1[i].mode;
        step->case_no = case_no;
    }
    for (int i = 0; i < S1_CHECKS; i++) {
        struct pb_snapshot_check *check = &body->checks[i];
        PUT(check->id, "S1.%s.%s", s1[s1_checks[i].step].id, s1_checks[i].id);
        PUT(check->text, "%s", s1_checks[i].text);
        PUT(check->limit, "%s", s1_checks[i].limit);
        check->step = s1_checks[i].step;
    }
    static const char *const cases[] = {"S1", "S1-diode", "S1-pulled", "S1-leakage"};
    for (int i = 0; i < 4; i++) PUT(body->case_ids[i], "%s", cases[i]);
    body->cases = case_no;
}

static void judge(struct pb_snapshot_body *body, int number, enum pb_verdict verdict) {
    struct pb_snapshot_check *check = &body->checks[number];
    int32_t *const tally[] = {NULL, &body->passed, &body->inconc, &body->failed, &body->error};
    check->verdict = (int32_t)verdict;
    ++*tally[verdict];
    if (verdict == PB_VERDICT_PASS || verdict == PB_VERDICT_FAIL)
        PUT(check->value, "%s", verdict == PB_VERDICT_FAIL ? s1_checks[number].bad : s1_checks[number].value);
    if (verdict == PB_VERDICT_FAIL) PUT(check->reason, "%s", s1_checks[number].reason);
    if (verdict == PB_VERDICT_INCONC) PUT(check->reason, "not reached");
    if (verdict == PB_VERDICT_ERROR) PUT(check->reason, "the world did not answer within 1 s");
    struct pb_snapshot_step *step = &body->steps[check->step];
    step->verdict = (int32_t)pb_verdict_worst((enum pb_verdict)step->verdict, verdict);
}

/* Steps before `current` are done and their checks judged; those that have a bad value fail when has_failures. */
static void play_to(struct pb_snapshot_body *body, int current, bool has_failures) {
    body->current_step = current < body->step_count ? current : -1;
    for (int i = 0; i <= current && i < body->step_count; i++) {
        struct pb_snapshot_step *step = &body->steps[i];
        if (step->mode == N || step->mode == R) continue;
        step->is_begun = 1;
        step->began_ns = s1[i].at_ms * 1000000;
        step->is_ended = i < current;
    }
    for (int i = 0; i < S1_CHECKS; i++)
        if (s1_checks[i].step < current)
            judge(body, i, has_failures && s1_checks[i].bad[0] ? PB_VERDICT_FAIL : PB_VERDICT_PASS);
    body->judged = body->passed + body->failed;
}

static void add_event(struct pb_snapshot_body *body, int64_t at_ms, const char *name, int64_t value, const char *text) {
    struct pb_snapshot_event *event = &body->events[body->event_count++ % PB_SNAPSHOT_EVENTS];
    *event = (struct pb_snapshot_event){.at_ns = at_ms * 1000000, .value = value};
    PUT(event->name, "%s", name);
    PUT(event->text, "%s", text);
}

/* What has happened up to a time. */
static void add_events(struct pb_snapshot_body *body, int64_t until_ms) {
    const struct {
        int64_t at_ms;
        const char *name;
        int64_t value;
        const char *text;
    } rows[] = {{1304, "cp.state", PB_CP_A1, "A1"},
                {1322, "cp.state", PB_CP_B1, "B1"},
                {1776, "cp.state", PB_CP_B2, "B2"},
                {1801, "message", 1, "session_open"},
                {1804, "message", 4, "energy_request"},
                {1808, "message", 7, "energy_available"},
                {25680009, "cp.state", PB_CP_C2, "C2"},
                {25680101, "coil", 1, ""},
                {25680121, "contactor", 2, ""},
                {25680350, "current", 15600, ""},
                {42120004, "cp.state", PB_CP_B2, "B2"},
                {42120036, "contactor", 0, ""},
                {43920060, "message", 9, "interval_metering"},
                {52200400, "cp.state", PB_CP_A1, "A1"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows && rows[i].at_ms <= until_ms; i++)
        add_event(body, rows[i].at_ms, rows[i].name, rows[i].value, rows[i].text);
}

/* ---- trace ---- */

static void make_trace(struct pb_snapshot_body *body, double vehicle_ohms, bool is_pwm) {
    const struct pb_front_end front = {
        .period_num_ns = 2000, .period_den = 1, .uv_num = 1000, .uv_den = 2, .noise_volts = 0.012};
    struct pb_synth synth;
    int16_t counts[PB_SNAPSHOT_TRACE];
    pb_synth_init(&synth, &front, 1);
    const struct pb_cp_load load = {vehicle_ohms, true, 0.7, INFINITY, 3.3e-10};
    const struct pb_cp_pwm pwm = {12, -12, 1000, 1000000000, 200000, 0, 1e-6, 0};
    const struct pb_cp_drive steady = {12, 1000, false};
    (void)pb_synth_set_load(&synth, 0, &load);
    if (is_pwm) (void)pb_synth_set_pwm(&synth, 0, &pwm);
    else (void)pb_synth_set_drive(&synth, 0, &steady);
    pb_synth_skip_to(&synth, body->now_ns / 2000);
    pb_synth_make(&synth, counts, PB_SNAPSHOT_TRACE);
    memcpy(body->trace, counts, sizeof counts);
    body->trace_count = PB_SNAPSHOT_TRACE;
    body->trace_start = 0;
    body->trace_first_index = body->now_ns / 2000;
    body->trace_period_num_ns = 2000, body->trace_period_den = 1;
    body->trace_uv_num = 1000, body->trace_uv_den = 2;
}

void pb_scene_advance(struct pb_snapshot_body *body, int64_t ns, int64_t now_ns) {
    body->now_ns += ns;
    body->wall_ns = now_ns;
    /* The kept samples hold whole periods, so turning them on is as good as new ones. */
    if (body->trace_count) body->trace_start = (uint32_t)(body->trace_start + (uint32_t)(ns / 2000 % 500)) % 8000;
}

static void set_pilot(struct pb_snapshot_body *body, enum pb_cp_state state, bool is_closed, double vehicle_ohms) {
    body->cp_state = (int32_t)state;
    body->poles = 2;
    body->poles_closed = is_closed ? 2 : 0;
    body->current_ma = is_closed ? 7890 : 0;
    if (pb_cp_state_has_pwm(state))
        body->duty_ppm = 200040, body->u_duty_ppm = 130, body->frequency_uhz = 1000012000,
        body->u_frequency_uhz = 52000;
    body->high_uv = is_closed ? 6004000 : state == PB_CP_A1 ? 11982000 : 8996000;
    body->low_uv = pb_cp_state_has_pwm(state) ? -11981000 : 0;
    body->u_level_uv = 21000;
    make_trace(body, vehicle_ohms, pb_cp_state_has_pwm(state));
}

static void wait_for(struct pb_snapshot_body *body, const char *event, int64_t ms, int64_t so_far_ms) {
    const int64_t began_ns = body->steps[body->current_step].began_ns;
    PUT(body->waiting_for, "%s", event);
    body->now_ns = began_ns + so_far_ms * 1000000;
    body->deadline_ns = began_ns + ms * 1000000;
}

/* ---- scenes ---- */

static void play_connecting(struct pb_snapshot_body *body) {
    play_to(body, 4, false);
    wait_for(body, "cp.state", 3000, 212);
    add_events(body, 1632);
    set_pilot(body, PB_CP_B1, false, 2740);
}

static void play_charging(struct pb_snapshot_body *body, bool has_failures) {
    play_to(body, 18, has_failures);
    wait_for(body, "contactor", 3000, 640);
    add_events(body, 25680640);
    set_pilot(body, PB_CP_C2, true, 882);
    judge(body, 10, PB_VERDICT_PASS);
    judge(body, 11, PB_VERDICT_PASS);
}

static void end_run(struct pb_snapshot_body *body, bool has_failures) {
    play_to(body, S1_STEPS, has_failures);
    body->now_ns = 52281000000000;
    body->is_over = 1;
    body->energy_wh = 4317;
    add_events(body, 52281000);
    set_pilot(body, PB_CP_A1, false, INFINITY);
}

static void fill_text(char *text, size_t size, const char *pattern) {
    size_t used = 0;
    for (; used + 1 < size; used++) text[used] = pattern[used % strlen(pattern)];
    text[used] = 0; /* perhaps in the midst of a character */
}
#define FILL(member, pattern) fill_text((member), sizeof(member), (pattern))

static void lengthen(struct pb_snapshot_body *body) {
    static const char latin[] =
        "a name of two hundred characters that nobody would give to anything but somebody does, ";
    FILL(body->run, "runs/20261121T063000Z-a-very-long-name-of-a-run-");
    FILL(body->dut, latin);
    FILL(body->bench, "\u03c0\u03ac\u03b3\u03ba\u03bf\u03c2 \u03b4\u03bf\u03ba\u03b9\u03bc\u03ce\u03bd ");
    FILL(body->case_id, "S1-with-a-long-identifier-");
    FILL(body->case_title, latin);
    for (int i = 0; i < PB_SNAPSHOT_CASES; i++) FILL(body->case_ids[i], "S1-\u03b1-with-a-long-identifier-");
    FILL(body->version, "0.1.0-rc1+");
    FILL(body->waiting_for, "an event whose name is long and that no table knows ");
    for (int i = 0; i < body->step_count; i++) {
        FILL(body->steps[i].id, "12abcdef");
        FILL(body->steps[i].actor, "customers");
        FILL(body->steps[i].text,
             i % 3 == 0
                 ? "\u043f\u043e\u0434\u043a\u043b\u044e\u0447\u0430\u0435\u0442 \u043a\u0430\u0431\u0435\u043b\u044c "
             : i % 3 == 1 ? latin
                          : "\xff\xfe unbroken");
    }
    for (int i = 0; i < body->check_count; i++) {
        FILL(body->checks[i].id, "S1.12a.identifier");
        FILL(body->checks[i].text, latin);
        FILL(body->checks[i].value, "123456789.123456789 kohm ");
        FILL(body->checks[i].limit, "1.23456789 kohm to 2.3456789 kohm ");
        FILL(body->checks[i].reason, latin);
    }
    for (uint32_t i = 0; i < PB_SNAPSHOT_EVENTS; i++) {
        FILL(body->events[i].name, "namelessthing");
        FILL(body->events[i].text, "\u4e2d\u6587 interval_metering ");
    }
}

static void translate(struct pb_snapshot_body *body) {
    PUT(body->case_title, "%s",
        "\u03a0\u03b5\u03bb\u03ac\u03c4\u03b7\u03c2 \u03c3\u03c5\u03bd\u03b4\u03ad\u03b5\u03b9 \u03cc\u03c7\u03b7\u03bc\u03b1 \u03bc\u03b5 \u03ba\u03b1\u03bb\u03ce\u03b4\u03b9\u03bf");
    PUT(body->dut, "%s",
        "\u0417\u0430\u0440\u044f\u0434\u043d\u0430\u044f \u0441\u0442\u0430\u043d\u0446\u0438\u044f \u2116 7");
    PUT(body->bench, "%s", "Pr\u00fcfstand \u00d8st, \u00c5lesund");
    PUT(body->run, "%s", "runs/\u5145\u7535\u6869-\u6d4b\u8bd5.pbrun");
    PUT(body->steps[18].text, "%s",
        "\u0432\u043a\u043b\u044e\u0447\u0430\u0435\u0442 \u0440\u0435\u0437\u0438\u0441\u0442\u043e\u0440, \u043f\u0438\u043b\u043e\u0442 \u043f\u0430\u0434\u0430\u0435\u0442 \u0434\u043e 6 \u0412; EVSE \u0437\u0430\u043c\u044b\u043a\u0430\u0435\u0442 \u043a\u043e\u043d\u0442\u0430\u043a\u0442\u044b");
    PUT(body->steps[19].text, "%s",
        "\u03c4\u03bf \u03cc\u03c7\u03b7\u03bc\u03b1 \u03c6\u03bf\u03c1\u03c4\u03af\u03b6\u03b5\u03b9\u00b7 \u03bf \u03bc\u03b5\u03c4\u03c1\u03b7\u03c4\u03ae\u03c2 \u03ba\u03b1\u03c4\u03b1\u03b3\u03c1\u03ac\u03c6\u03b5\u03b9");
    PUT(body->steps[20].text, "%s",
        "\u5728\u5145\u6ee1\u4e0e\u5747\u8861\u4e4b\u95f4\u6682\u505c\uff1a\u6253\u5f00 S2");
}

static void fill_up(struct pb_snapshot_body *body) {
    body->step_count = PB_SNAPSHOT_STEPS;
    body->check_count = PB_SNAPSHOT_CHECKS;
    for (int i = 0; i < PB_SNAPSHOT_STEPS; i++) {
        body->steps[i] = body->steps[18];
        body->steps[i].verdict = PB_VERDICT_FAIL;
        body->steps[i].case_no = i + 1;
    }
    for (int i = 0; i < PB_SNAPSHOT_CHECKS; i++) {
        body->checks[i] = body->checks[9];
        body->checks[i].verdict = PB_VERDICT_FAIL;
        PUT(body->checks[i].reason, "above the limit by 0.70 V");
        body->checks[i].step = i % PB_SNAPSHOT_STEPS;
    }
    body->passed = body->failed = body->inconc = body->error = 99999;
    body->planned = 400000;
    body->poles = body->poles_closed = 4;
    body->current_ma = 80000000, body->energy_wh = 999999999;
    body->high_uv = body->low_uv = -123456789, body->u_level_uv = 123456789;
    body->frequency_uhz = 123456789000, body->u_frequency_uhz = 12345678;
    body->u_duty_ppm = 999999;
    body->now_ns = (int64_t)4000 * 3600 * 1000000000;
    body->deadline_ns = body->now_ns + (int64_t)10000 * 3600 * 1000000000;
    body->speed_milli = 123456789;
}

void pb_scene_fill(enum pb_scene scene, int64_t now_ns, struct pb_snapshot_body *ret_body) {
    struct pb_snapshot_body *body = ret_body;
    memset(body, 0, sizeof *body);
    body->wall_ns = now_ns;
    body->current_step = -1;
    body->deadline_ns = INT64_MAX;
    body->speed_milli = 1000;
    PUT(body->version, "0.1.0");
    if (scene == PB_SCENE_EMPTY) return;
    PUT(body->run, "runs/20261121T063000123Z-s1.pbrun");
    PUT(body->dut, "stub EVSE, 12 A cordset");
    PUT(body->bench, "virtual bench");
    PUT(body->case_id, "S1");
    PUT(body->case_title, "Customer connects vehicle to premise using a cordset EVSE");
    fill_plan(body);
    switch (scene) {
    case PB_SCENE_CONNECTING: play_connecting(body); break;
    case PB_SCENE_STEADY:
        play_charging(body, false);
        judge(body, 12, PB_VERDICT_PASS);
        judge(body, 13, PB_VERDICT_PASS);
        body->current_step = 19;
        body->steps[19].is_begun = 1;
        body->steps[19].began_ns = 25680400000000;
        wait_for(body, "", 16439600, 7263000);
        body->is_modelled = 1;
        body->energy_wh = 1914;
        break;
    case PB_SCENE_PASSED: end_run(body, false); break;
    case PB_SCENE_FAILED: end_run(body, true); break;
    case PB_SCENE_ERROR:
        play_charging(body, false);
        judge(body, 12, PB_VERDICT_ERROR);
        for (int i = 13; i < S1_CHECKS; i++) judge(body, i, PB_VERDICT_INCONC);
        body->is_over = 1, body->exit_status = 4;
        body->deadline_ns = INT64_MAX;
        break;
    case PB_SCENE_STALLED:
        play_charging(body, false);
        body->wall_ns = now_ns - 61000000000;
        break;
    case PB_SCENE_GONE:
        play_charging(body, true);
        body->wall_ns = now_ns - 7000000000;
        body->pid = 0x3fffffff; /* beyond what the kernel gives */
        break;
    case PB_SCENE_LONG:
        play_charging(body, true);
        lengthen(body);
        break;
    case PB_SCENE_NON_LATIN:
        play_charging(body, false);
        translate(body);
        break;
    case PB_SCENE_FULL:
        play_charging(body, true);
        fill_up(body);
        break;
    default: play_charging(body, scene == PB_SCENE_FAILING); break;
    }
}
