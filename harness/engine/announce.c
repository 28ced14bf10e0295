/* SPDX-License-Identifier: GPL-3.0-or-later */
/* See announce.h. The analyser begins anew after each gap, so that no period spans one. */
#include "harness/engine/announce.h"

#include <stdlib.h>

enum { Q = 20 }; /* the analyser's dates: 1/2^20 sample */

/* Of one cord's announcement. */
static int64_t give_of(const struct pb_duty_law *law, int64_t ma, int64_t ppm) {
    int64_t duty_ppm = pb_duty_announce(law, ma), below_ma = ma, above_ma = ma;
    if (!duty_ppm) return 0;
    (void)pb_duty_read(law, duty_ppm - ppm, &below_ma);
    (void)pb_duty_read(law, duty_ppm + ppm, &above_ma);
    int64_t down_ma = below_ma ? ma - below_ma : 0, up_ma = above_ma ? above_ma - ma : 0; /* 0 A: no current any more */
    return down_ma > up_ma ? down_ma : up_ma;
}

int64_t pb_announce_give(const struct pb_duty_law *law, int64_t ma, int64_t ppm) {
    int64_t whole_ma = give_of(law, ma, ppm), halves_ma = 2 * give_of(law, ma / 2, ppm);
    return whole_ma > halves_ma ? whole_ma : halves_ma;
}

static void tell(struct pb_announce *announce, pb_instant at) {
    int64_t ma = 0;
    if (announce->is_offered && announce->duty_ppm) (void)pb_duty_read(announce->law, announce->duty_ppm, &ma);
    if (ma == announce->told_ma) return;
    announce->told_ma = ma;
    announce->told_at = pb_later(announce->told_at, at);
    announce->report(announce->user, announce->told_at, ma);
}

static bool is_near(int64_t a_ppm, int64_t b_ppm) { return llabs(a_ppm - b_ppm) <= PB_ANNOUNCE_STEP_PPM; }

static void on_period(void *user, const struct pb_cp_period *period) {
    struct pb_announce *announce = user;
    int64_t index = announce->first_index + (period->rise >> Q);
    if (period->flags || is_near(period->duty_ppm, announce->duty_ppm)) {
        announce->candidate_ppm = 0;
    } else if (announce->candidate_ppm && is_near(period->duty_ppm, announce->candidate_ppm)) {
        announce->duty_ppm = period->duty_ppm;
        announce->candidate_ppm = 0;
        tell(announce, (pb_instant){pb_sampling_ns_of(&announce->sampling, announce->candidate_index)});
    } else {
        announce->candidate_ppm = period->duty_ppm;
        announce->candidate_index = index;
    }
}

static void start_analyser(struct pb_announce *announce, int64_t first_index) {
    pb_cp_analyser_init(
        &announce->analyser,
        &(struct pb_cp_analyser_setup){.sampling = announce->sampling, .report = on_period, .user = announce});
    announce->first_index = announce->next_index = first_index;
    announce->candidate_ppm = 0;
}

void pb_announce_init(struct pb_announce *announce, const struct pb_sampling *sampling, const struct pb_duty_law *law,
                      pb_announce_fn *report, void *user) {
    *announce = (struct pb_announce){.sampling = *sampling, .law = law, .report = report, .user = user};
    start_analyser(announce, 0);
}

void pb_announce_feed(struct pb_announce *announce, int64_t first_index, const int16_t *counts, size_t count) {
    if (first_index != announce->next_index) start_analyser(announce, first_index);
    pb_cp_analyser_feed(&announce->analyser, counts, count);
    announce->next_index = first_index + (int64_t)count;
}

void pb_announce_state(struct pb_announce *announce, enum pb_cp_state state, pb_instant at) {
    char letter = pb_cp_state_letter(state);
    bool has_pwm = pb_cp_state_has_pwm(state);
    announce->is_offered = has_pwm && letter >= 'B' && letter <= 'D';
    if (!has_pwm) announce->duty_ppm = 0; /* what comes next is learnt anew */
    tell(announce, at);
}
