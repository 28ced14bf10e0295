/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dashboard/words.h"

#include "judge/summary.h"
#include "pilot_emulator/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

char *pb_words_clock(pb_instant at, char *ret_text, size_t size) {
    const int64_t ms = at.ns > 0 ? at.ns / 1000000 : 0;
    const int used = snprintf(ret_text, size, "%02" PRId64 ":%02d:%02d", ms / 3600000, (int)(ms / 60000 % 60),
                              (int)(ms / 1000 % 60));
    if (ms < (int64_t)1000 * 3600000) snprintf(ret_text + used, size - (size_t)used, ".%03d", (int)(ms % 1000));
    return ret_text;
}

char *pb_words_span(pb_span span, char *ret_text, size_t size) {
    const int64_t ms = span.ns > 0 ? span.ns / 1000000 : 0, s = ms / 1000, min = s / 60;
    if (ms < 1000) snprintf(ret_text, size, "%" PRId64 " ms", ms);
    else if (s < 60) snprintf(ret_text, size, "%" PRId64 ".%" PRId64 " s", s, ms / 100 % 10);
    else if (min < 60) snprintf(ret_text, size, "%" PRId64 " min %02" PRId64 " s", min, s % 60);
    else snprintf(ret_text, size, "%" PRId64 " h %02" PRId64 " min", min / 60, min % 60);
    return ret_text;
}

/* A number of steps as so many places of the unit, rounded away from zero when is_up, else to the nearest; true minus sign. */
static void put_places(int64_t value, int64_t steps, int places, bool is_up, char *ret_text, size_t size) {
    const double one = (double)steps, size_of_value = (double)(value < 0 ? -value : value) / one;
    double place = 1;
    for (int i = 0; i < places; i++) place /= 10;
    const double rounded = (double)(int64_t)(size_of_value / place + (is_up ? 0.999 : 0.5)) * place;
    snprintf(ret_text, size, "%s%.*f", value < 0 && rounded > 0 ? "\u2212" : "", places, rounded);
}

char *pb_words_reading(struct pb_quantity quantity, int most_places, char *ret_text, size_t size) {
    const int64_t steps = pb_unit_steps(quantity.unit);
    int places = 0;
    for (int64_t u = quantity.u; u < 10 * steps && places < most_places; u *= 10) places++;
    char value[32], u[32];
    put_places(quantity.value, steps, places, false, value, sizeof value);
    put_places(quantity.u, steps, places, true, u, sizeof u);
    if (quantity.u > 0) snprintf(ret_text, size, "%s \u00b1 %s %s", value, u, pb_unit_symbol(quantity.unit));
    else snprintf(ret_text, size, "%s %s", value, pb_unit_symbol(quantity.unit));
    return ret_text;
}

const char *pb_words_state(int32_t cp_state) {
    static const char *const letters[] = {"no vehicle",    "connected", "vehicle ready",
                                          "ready, vented", "no pilot",  "EVSE faulty"};
    const char letter = pb_cp_state_letter((enum pb_cp_state)cp_state);
    if (letter) return letters[letter - 'A'];
    return cp_state == PB_CP_INVALID ? "in no window" : "not known";
}

static const struct {
    const char *name, *word, *waiting;
} event_rows[] = {
    {"cp.state", "pilot", "the pilot to change its state"},
    {"contactor", "contactor", "the contactor"},
    {"contactor.0", "pole 1", "pole 1"},
    {"contactor.1", "pole 2", "pole 2"},
    {"contactor.2", "pole 3", "pole 3"},
    {"contactor.3", "pole 4", "pole 4"},
    {"current", "current", "the current"},
    {"coil", "coil", "the contactor's coil"},
    {"lock", "lock", "the lock"},
    {"ccid_test", "CCID test", "the CCID's self-test"},
    {"message", "message", "a message"},
    {"cp.alc", "announced", "what the pilot announces"},
    {"", "", "its time"},
};

const char *pb_words_waiting(const char *event_name) {
    for (size_t i = 0; i < sizeof event_rows / sizeof *event_rows; i++)
        if (strcmp(event_rows[i].name, event_name) == 0) return event_rows[i].waiting;
    return event_name;
}

const char *pb_words_event_name(const char *event_name) {
    for (size_t i = 0; i < sizeof event_rows / sizeof *event_rows; i++)
        if (strcmp(event_rows[i].name, event_name) == 0) return event_rows[i].word;
    return event_name;
}

char *pb_words_event_value(const struct pb_snapshot_event *event, char *ret_text, size_t size) {
    static const char *const switches[] = {"contactor.0", "contactor.1", "contactor.2", "contactor.3",
                                           "lock",        "coil",        "ccid_test"};
    if (strcmp(event->name, "cp.state") == 0)
        snprintf(ret_text, size, "%s, %s", event->text, pb_words_state((int32_t)event->value));
    else if (event->text[0]) snprintf(ret_text, size, "%s", event->text);
    else if (strcmp(event->name, "contactor") == 0)
        snprintf(ret_text, size, event->value ? "%" PRId64 " %s closed" : "open", event->value,
                 event->value == 1 ? "pole" : "poles");
    else if (strcmp(event->name, "current") == 0 || strcmp(event->name, "cp.alc") == 0)
        pb_quantity_format(event->value, PB_UNIT_AMPERE, 4, ret_text, size);
    else {
        const char *word = NULL;
        for (size_t i = 0; i < sizeof switches / sizeof *switches; i++)
            if (strcmp(switches[i], event->name) == 0)
                word = i < 5 ? (event->value ? "closed" : "open") : event->value ? "on" : "off";
        if (word) snprintf(ret_text, size, "%s", word);
        else snprintf(ret_text, size, "%" PRId64, event->value);
    }
    return ret_text;
}

/* ---- signs ---- */

static const struct pb_sign verdict_signs[PB_VERDICT_COUNT] = {
    [PB_VERDICT_NONE] = {"\u25cb", "to judge", PB_INK_MUTED, PB_INK_GROUND},
    [PB_VERDICT_PASS] = {"\u2713", "pass", PB_INK_PASS, PB_INK_ON_PASS},
    [PB_VERDICT_INCONC] = {"?", "inconc", PB_INK_INCONC, PB_INK_ON_INCONC},
    [PB_VERDICT_FAIL] = {"\u2717", "FAIL", PB_INK_FAIL, PB_INK_ON_FAIL},
    [PB_VERDICT_ERROR] = {"!", "ERROR", PB_INK_ERROR, PB_INK_ON_ERROR},
};
static const struct pb_sign now_sign = {"\u25b6", "now", PB_INK_ACCENT, PB_INK_ON_ACCENT};
static const struct pb_sign played_sign = {"\u2022", "played", PB_INK_MUTED, PB_INK_GROUND};
static const struct pb_sign to_play_sign = {"\u25cb", "to play", PB_INK_MUTED, PB_INK_GROUND};
static const struct pb_sign not_observable_sign = {"\u2013", "not observable", PB_INK_MUTED, PB_INK_GROUND};
static const struct pb_sign not_run_sign = {"\u2298", "not run", PB_INK_MUTED, PB_INK_GROUND};
static const struct pb_sign not_reached_sign = {"\u25cb", "not reached", PB_INK_MUTED, PB_INK_GROUND};

static const struct pb_sign no_verdict_sign = {"?", "no verdict", PB_INK_INCONC, PB_INK_ON_INCONC};

static bool is_verdict(int32_t verdict) { return verdict > PB_VERDICT_NONE && verdict < PB_VERDICT_COUNT; }

const struct pb_sign *pb_sign_of_verdict(enum pb_verdict verdict) {
    return &verdict_signs[is_verdict((int32_t)verdict) ? verdict : PB_VERDICT_NONE];
}

const struct pb_sign *pb_sign_of_step(const struct pb_snapshot_step *step, bool is_current, bool is_over) {
    if (step->verdict == PB_VERDICT_FAIL || step->verdict == PB_VERDICT_ERROR) return &verdict_signs[step->verdict];
    if (is_current) return &now_sign;
    if (is_verdict(step->verdict)) return &verdict_signs[step->verdict];
    if (step->mode == PB_STEP_NOT_OBSERVABLE) return &not_observable_sign;
    if (step->mode == PB_STEP_NOT_RUN) return &not_run_sign;
    if (is_over && !step->is_begun) return &not_reached_sign;
    if (is_over && step->mode == PB_STEP_JUDGED) return &no_verdict_sign;
    if (step->mode == PB_STEP_PLAYED) return step->is_begun ? &played_sign : &to_play_sign;
    return &verdict_signs[PB_VERDICT_NONE];
}

const struct pb_sign *pb_sign_of_check(const struct pb_snapshot_check *check, bool is_over) {
    if (is_verdict(check->verdict)) return &verdict_signs[check->verdict];
    return is_over ? &not_reached_sign : &verdict_signs[PB_VERDICT_NONE];
}

enum pb_verdict pb_verdict_of_run(const struct pb_snapshot_body *body) {
    if (body->failed > 0) return PB_VERDICT_FAIL;
    if (body->error > 0 || (body->is_over && body->exit_status == 4)) return PB_VERDICT_ERROR;
    if (body->inconc > 0 || body->passed < body->planned || body->planned == 0) return PB_VERDICT_INCONC;
    return PB_VERDICT_PASS;
}
