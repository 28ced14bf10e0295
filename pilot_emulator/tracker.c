/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The state tracker. Samples are cut into runs of one band (a window, a gap, or outside); a run that lasts becomes
 * a settled level. All that can happen happens at an index known in advance (a run long enough, a silence long
 * enough), so long runs cost one comparison a sample, and block borders cannot matter. Integers only: the judge
 * needs equal bits. */
#include "pilot_emulator/analyser.h"

#include "pilot_emulator/root.h"
#include "pilot_emulator/sampling.h"

#define BANDS 13
#define SETTLE_PWM_NS 12000
#define SETTLE_STEADY_NS 250000
#define SILENCE_NS 1750000
#define LAG_NS 4100000
#define MIN_SETTLE_SAMPLES 3

/* Bands from below; the letter is the window's, '-' a gap, 0 outside. */
static const char band_letter[BANDS] = {0, 'F', 0, 'E', '-', 'D', '-', 'C', '-', 'B', '-', 'A', 0};
#define HIGHEST_LOW_BAND 2

static const struct {
    char letter;
    enum pb_cp_state steady, pwm;
} state_of_letter[] = {
    {'A', PB_CP_A1, PB_CP_A2}, {'B', PB_CP_B1, PB_CP_B2}, {'C', PB_CP_C1, PB_CP_C2},
    {'D', PB_CP_D1, PB_CP_D2}, {'E', PB_CP_E, PB_CP_E},   {'F', PB_CP_F, PB_CP_F},
};

static enum pb_cp_state state_of_band(int band, bool is_pwm) {
    for (size_t i = 0; i < sizeof state_of_letter / sizeof state_of_letter[0]; i++)
        if (state_of_letter[i].letter == band_letter[band])
            return is_pwm ? state_of_letter[i].pwm : state_of_letter[i].steady;
    return PB_CP_INVALID;
}

int64_t pb_sampling_ns_of(const struct pb_sampling *sampling, int64_t index) {
    return pb_clock_ns_of(sampling->period_num_ns, sampling->period_den, index);
}

int64_t pb_sampling_index_at(const struct pb_sampling *sampling, int64_t at_ns) {
    return pb_clock_index_at(sampling->period_num_ns, sampling->period_den, at_ns);
}

static int64_t above(int64_t uv) { return uv < INT64_MAX ? uv + 1 : uv; }

/* Bands in counts. With a negative slope (an inverting divider) they are mirrored. */
static void bands_init(struct pb_cp_tracker *tracker) {
    const struct pb_cp_windows *w = &tracker->windows;
    const struct pb_sampling *s = &tracker->sampling;
    const int64_t limits_uv[BANDS - 1] = {w->f.min_uv, above(w->f.max_uv), w->e.min_uv, above(w->e.max_uv),
                                          w->d.min_uv, above(w->d.max_uv), w->c.min_uv, above(w->c.max_uv),
                                          w->b.min_uv, above(w->b.max_uv), w->a.min_uv, above(w->a.max_uv)};
    int32_t next = INT16_MIN - 1; /* one below, so that a mirrored -32768 has its place */
    for (int i = 0; i < BANDS; i++) {
        tracker->band_min[i] = next;
        if (i < BANDS - 1) {
            int32_t limit = pb_sampling_limit(s, limits_uv[i]);
            if (limit > next) next = limit;
        } else {
            next = INT16_MAX + 2;
        }
        tracker->band_max[i] = next - 1;
    }
    if (s->uv_num > 0) return;
    for (int i = 0; i < BANDS; i++) {
        int32_t min = tracker->band_min[i];
        tracker->band_min[i] = -tracker->band_max[i];
        tracker->band_max[i] = -min;
    }
}

static void restart(struct pb_cp_tracker *tracker, int64_t index) {
    tracker->next_index = index;
    tracker->band = -1;
    tracker->band_first = tracker->side_run_first = index;
    tracker->has_side = tracker->is_pwm = tracker->is_steady = false;
    tracker->is_low_side = tracker->is_low_run = false;
    tracker->side_first = index;
    tracker->edges = 0;
    tracker->settled_band = tracker->high_band = tracker->home_band = -1;
    tracker->settled_first = tracker->high_first = index;
    tracker->left_index = tracker->last_inside = -1;
    tracker->pwm_left = tracker->pwm_rise = tracker->last_fall = tracker->fall_before = -1;
}

void pb_cp_tracker_init(struct pb_cp_tracker *tracker, const struct pb_sampling *sampling,
                        const struct pb_cp_windows *windows, pb_cp_transition_fn *report, void *user) {
    *tracker = (struct pb_cp_tracker){
        .sampling = pb_sampling_sane(sampling), .windows = *windows, .report = report, .user = user};
    const struct pb_sampling *s = &tracker->sampling;
    bands_init(tracker);
    tracker->settle_pwm = pb_sampling_count(s, SETTLE_PWM_NS, MIN_SETTLE_SAMPLES);
    tracker->settle_steady = pb_sampling_count(s, SETTLE_STEADY_NS, MIN_SETTLE_SAMPLES);
    tracker->silence = pb_sampling_count(s, SILENCE_NS, MIN_SETTLE_SAMPLES);
    tracker->lag = pb_sampling_count(s, LAG_NS, MIN_SETTLE_SAMPLES) + INT64_C(4) * MIN_SETTLE_SAMPLES;
    tracker->state = PB_CP_NONE;
    tracker->reported_ns = INT64_MIN;
    restart(tracker, 0);
    tracker->left_index = 0;
}

static int64_t later(int64_t a, int64_t b) { return a > b ? a : b; }

/* A date is known to the samples on both sides of it, and as well as the stream's start. */
static int64_t u_of_dates(const struct pb_cp_tracker *tracker, int64_t spread_samples) {
    int64_t spread_ns = pb_sampling_ns_of(&tracker->sampling, later(spread_samples, 1));
    unsigned __int128 spread = (unsigned __int128)pb_clamped(spread_ns, 0, INT64_MAX / 4) + 1;
    unsigned __int128 u_time = (unsigned __int128)tracker->sampling.u_time_ns;
    unsigned __int128 u_start = (unsigned __int128)tracker->sampling.u_start_ns;
    return (int64_t)pb_root_up(u_time * u_time + u_start * u_start + spread * spread);
}

/* Dates are indices; the old state was last seen spread_samples before. */
static void report(struct pb_cp_tracker *tracker, enum pb_cp_state to, int64_t left, int64_t seen,
                   int64_t spread_samples) {
    int64_t oldest = tracker->next_index - tracker->lag;
    left = later(left, oldest);
    seen = later(seen, left);
    struct pb_cp_transition transition = {.from = tracker->state,
                                          .to = to,
                                          .left_ns =
                                              later(pb_sampling_ns_of(&tracker->sampling, left), tracker->reported_ns),
                                          .u_ns = u_of_dates(tracker, spread_samples)};
    transition.seen_ns = later(pb_sampling_ns_of(&tracker->sampling, seen), transition.left_ns);
    tracker->reported_ns = transition.seen_ns;
    tracker->state = to;
    if (tracker->report) tracker->report(tracker->user, &transition);
}

static bool is_low_band(int band) { return band <= HIGHEST_LOW_BAND; }

/* The level is settled in a band, and it is known whether there is PWM: the state follows. */
static void settle_state(struct pb_cp_tracker *tracker, int band, int64_t first) {
    tracker->home_band = band;
    int64_t left = tracker->left_index >= 0 ? tracker->left_index : first;
    tracker->left_index = -1;
    if (band_letter[band] == '-') return;
    enum pb_cp_state from = tracker->state, to = state_of_band(band, tracker->is_pwm);
    if (to == from) return;
    int64_t spread = tracker->last_inside >= 0 ? left - tracker->last_inside : 1;
    if (pb_cp_state_has_pwm(to) && !pb_cp_state_has_pwm(from)) {
        if (tracker->pwm_left >= 0 && tracker->pwm_left < left) left = tracker->pwm_left;
        report(tracker, to, left, later(tracker->pwm_rise, left), 1);
        return;
    }
    if (pb_cp_state_has_pwm(from) && tracker->is_steady && tracker->last_fall >= 0) {
        int64_t period = tracker->fall_before >= 0 ? tracker->last_fall - tracker->fall_before : tracker->silence;
        report(tracker, to, tracker->last_fall, tracker->last_fall, period);
        return;
    }
    report(tracker, to, left, first, spread);
}

static void band_settled(struct pb_cp_tracker *tracker) {
    int band = tracker->band;
    if (tracker->has_side && is_low_band(band) != tracker->is_low_side) return;
    bool is_new = tracker->settled_band != band;
    tracker->settled_band = band;
    if (is_new) tracker->settled_first = tracker->band_first;
    if (!is_low_band(band) && band_letter[band] != '-') {
        tracker->high_band = band;
        tracker->high_first = tracker->band_first;
    }
    if (tracker->is_pwm) {
        if (!is_low_band(band)) settle_state(tracker, band, tracker->band_first);
        return;
    }
    if (!tracker->is_steady) return;
    bool is_leaving_unknown = (tracker->state == PB_CP_E || tracker->state == PB_CP_INVALID) &&
                              band_letter[band] != '-' && state_of_band(band, false) != tracker->state &&
                              !is_low_band(band);
    if (is_leaving_unknown) {
        /* The suffix is not known yet: as after an edge. */
        tracker->is_steady = false;
        tracker->edges = 0;
        tracker->side_first = tracker->band_first;
        return;
    }
    settle_state(tracker, band, tracker->band_first);
}

/* No edge for so long: steady. */
static void silence_passed(struct pb_cp_tracker *tracker) {
    tracker->is_steady = true;
    tracker->edges = 0;
    int band = tracker->settled_band;
    if (band < 0) {
        tracker->is_pwm = false;
        return;
    }
    tracker->is_pwm = false;
    settle_state(tracker, band, tracker->settled_first);
    tracker->pwm_left = tracker->pwm_rise = tracker->last_fall = tracker->fall_before = -1;
}

static void edge_found(struct pb_cp_tracker *tracker) {
    bool is_fall = tracker->is_low_side;
    int64_t at = tracker->side_first;
    tracker->edges = tracker->edges < 2 ? tracker->edges + 1 : 2;
    if (tracker->edges == 1 && !tracker->is_pwm) {
        tracker->pwm_left = tracker->left_index >= 0 ? tracker->left_index : at;
        tracker->pwm_rise = -1;
    }
    if (!is_fall && tracker->pwm_rise < 0) tracker->pwm_rise = at;
    if (is_fall) {
        tracker->fall_before = tracker->last_fall;
        tracker->last_fall = at;
    }
    tracker->is_steady = false;
    if (tracker->edges == 2) tracker->is_pwm = true;
    if (!is_fall) {
        tracker->high_band = -1;
        return;
    }
    if (!tracker->is_pwm) return;
    /* A high phase between two edges: it tells the letter when none has been reported. */
    if (tracker->high_band >= 0 && !pb_cp_state_has_pwm(tracker->state))
        settle_state(tracker, tracker->high_band, tracker->high_first);
    tracker->left_index = -1; /* it was the falling edge */
}

static void side_settled(struct pb_cp_tracker *tracker) {
    bool is_first = !tracker->has_side;
    if (!is_first && tracker->is_low_run == tracker->is_low_side) return;
    tracker->has_side = true;
    tracker->is_low_side = tracker->is_low_run;
    tracker->side_first = tracker->side_run_first;
    tracker->settled_band = -1;
    if (!is_first) edge_found(tracker);
}

/* What falls due when a run, or the silence since the last edge, is long enough. */
enum due { DUE_SIDE, DUE_BAND_PWM, DUE_BAND_STEADY, DUE_SILENCE, DUE_COUNT };

static void due_indices(const struct pb_cp_tracker *tracker, int64_t ret_due[DUE_COUNT]) {
    ret_due[DUE_SIDE] = tracker->side_run_first + tracker->settle_pwm;
    ret_due[DUE_BAND_PWM] = tracker->band_first + tracker->settle_pwm;
    ret_due[DUE_BAND_STEADY] = tracker->band_first + tracker->settle_steady;
    ret_due[DUE_SILENCE] =
        tracker->is_steady || !tracker->has_side ? INT64_MAX : tracker->side_first + tracker->silence;
}

static void handle(struct pb_cp_tracker *tracker, enum due due) {
    bool is_home = tracker->band == tracker->home_band;
    switch (due) {
    case DUE_SIDE: side_settled(tracker); break;
    case DUE_BAND_PWM:
        if (!tracker->is_steady) band_settled(tracker);
        else if (is_home) tracker->left_index = -1;
        break;
    case DUE_BAND_STEADY:
        if (tracker->is_steady) band_settled(tracker);
        break;
    case DUE_SILENCE: silence_passed(tracker); break;
    case DUE_COUNT: break;
    }
}

/* Moves on by samples of the present band, with all that falls due on the way, in order. */
static void advance(struct pb_cp_tracker *tracker, int64_t to_index) {
    while (tracker->next_index < to_index) {
        int64_t due[DUE_COUNT];
        due_indices(tracker, due);
        int64_t next = to_index;
        for (int i = 0; i < DUE_COUNT; i++)
            if (due[i] > tracker->next_index && due[i] < next) next = due[i];
        tracker->next_index = next;
        for (int i = 0; i < DUE_COUNT; i++) {
            due_indices(tracker, due); /* the one handled before may have moved it */
            if (due[i] == next) handle(tracker, (enum due)i);
        }
    }
}

static int band_of(const struct pb_cp_tracker *tracker, int16_t count) {
    for (int i = 0; i < BANDS - 1; i++)
        if (count >= tracker->band_min[i] && count <= tracker->band_max[i]) return i;
    return BANDS - 1;
}

/* A sample of another band than the one before. */
static void band_changed(struct pb_cp_tracker *tracker, int band) {
    int64_t index = tracker->next_index;
    bool was_home = tracker->band >= 0 && tracker->band == tracker->home_band;
    if (was_home && tracker->left_index < 0) tracker->last_inside = index - 1;
    bool is_compared = tracker->has_side && (!tracker->is_pwm || (!tracker->is_low_side && !is_low_band(band)));
    bool is_edge_start = tracker->is_pwm && !tracker->is_low_side;
    if (tracker->left_index < 0 && band != tracker->home_band && tracker->home_band >= 0 &&
        (is_compared || is_edge_start))
        tracker->left_index = index;
    if (tracker->band < 0 || is_low_band(band) != tracker->is_low_run) {
        tracker->is_low_run = is_low_band(band);
        tracker->side_run_first = index;
    }
    tracker->band = band;
    tracker->band_first = index;
}

static size_t run_length(const int16_t *counts, size_t count, int32_t min, int32_t max) {
    size_t i = 0;
    while (i < count && counts[i] >= min && counts[i] <= max) i++;
    return i;
}

bool pb_cp_tracker_feed(struct pb_cp_tracker *tracker, int64_t first_index, const int16_t *counts, size_t count) {
    bool is_whole = first_index == tracker->next_index;
    if (!is_whole) {
        restart(tracker, first_index);
        tracker->state = PB_CP_NONE;
        tracker->left_index = first_index;
    }
    while (count > 0) {
        size_t run = 0;
        if (tracker->band >= 0)
            run = run_length(counts, count, tracker->band_min[tracker->band], tracker->band_max[tracker->band]);
        if (run == 0) {
            band_changed(tracker, band_of(tracker, counts[0]));
            run = 1;
        }
        advance(tracker, tracker->next_index + (int64_t)run);
        counts += run;
        count -= run;
    }
    return is_whole;
}

void pb_cp_tracker_steady(struct pb_cp_tracker *tracker, int64_t to_index) {
    if (to_index <= tracker->next_index) return;
    bool is_pwm = pb_cp_state_has_pwm(tracker->state);
    bool is_known = tracker->state != PB_CP_NONE;
    int home_band = tracker->home_band;
    restart(tracker, to_index);
    if (!is_known) {
        tracker->left_index = to_index;
        return;
    }
    tracker->is_pwm = is_pwm;
    tracker->is_steady = !is_pwm;
    tracker->home_band = home_band;
    tracker->last_inside = to_index - 1;
    if (is_pwm || home_band < 0) return;
    tracker->has_side = true;
    tracker->is_low_side = is_low_band(home_band);
}

static bool is_settling(const struct pb_cp_tracker *tracker) {
    return tracker->band >= 0 && tracker->band != tracker->home_band && band_letter[tracker->band] != '-';
}

/* Each is what a transition that may still come could be dated to: where the old state was left, the last edges, and, where nothing else tells, the run
 * whose level is settling. */
int64_t pb_cp_tracker_complete_ns(const struct pb_cp_tracker *tracker) {
    int64_t index = tracker->next_index;
    int64_t oldest = index - tracker->lag;
    bool is_told = pb_cp_state_has_pwm(tracker->state);
    const int64_t pending[] = {tracker->left_index,
                               tracker->is_pwm ? tracker->last_fall : -1,
                               tracker->is_steady ? -1 : tracker->side_first,
                               !is_told && !tracker->is_steady ? tracker->pwm_left : -1,
                               is_settling(tracker) ? tracker->band_first : -1,
                               !is_told && tracker->high_band >= 0 ? tracker->high_first : -1};
    for (size_t i = 0; i < sizeof pending / sizeof pending[0]; i++)
        if (pending[i] >= 0 && pending[i] < index) index = pending[i];
    return later(pb_sampling_ns_of(&tracker->sampling, later(index, oldest)), tracker->reported_ns);
}

int64_t pb_cp_tracker_lag_ns(const struct pb_cp_tracker *tracker) {
    return pb_sampling_ns_of(&tracker->sampling, tracker->lag + 1);
}
