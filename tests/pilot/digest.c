/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feeds integer-made samples to tracker, meter and analyser and prints a digest of everything they say, then one of the
 * figures of versions 1 and 2 alone, which stay. No libm: it links without -lm. */
#include "pilot_emulator/periods.h"
#include "tests/support/windows.h"

#include <inttypes.h>
#include <stdio.h>

#define DIGEST_OF_NOTHING 14695981039346656037u

static uint64_t digest = DIGEST_OF_NOTHING, of_version[4] = {0, DIGEST_OF_NOTHING, DIGEST_OF_NOTHING};

static uint64_t taken(uint64_t before, int64_t value) {
    for (int i = 0; i < 8; i++) before = (before ^ ((uint64_t)value >> 8 * i & 255)) * 1099511628211u;
    return before;
}

static void take(int64_t value) { digest = taken(digest, value); }

static void on_transition(void *user, const struct pb_cp_transition *t) {
    (void)user;
    take(t->from);
    take(t->to);
    take(t->left_ns);
    take(t->seen_ns);
    take(t->u_ns);
}

static void on_period(void *user, const struct pb_cp_period *p) {
    (void)user;
    const int64_t all[] = {p->rise,       p->fall,        p->end,           p->width_ps,      p->period_ps,
                           p->duty_ppm,   p->level_uv[0], p->level_uv[1],   p->ripple_uv[0],  p->ripple_uv[1],
                           p->edge_ps[0], p->edge_ps[1],  p->is_settled[0], p->is_settled[1], p->flags};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) take(all[i]);
}

static void take_measurement(int version, const struct pb_cp_measurement *m) {
    const int64_t all[] = {m->periods,          m->samples,          m->duty_ppm,        m->u_duty_ppm,
                           m->frequency_uhz,    m->u_frequency_uhz,  m->high_uv,         m->u_high_uv,
                           m->low_uv,           m->u_low_uv,         m->is_high_settled, m->is_low_settled,
                           m->is_saturated,     m->is_coherent,      m->ripple_high_uv,  m->ripple_low_uv,
                           m->odd_periods,      m->missing_pulses,   m->glitches,        m->losses,
                           m->is_rise_measured, m->is_fall_measured, m->rise_ns,         m->u_rise_ns,
                           m->fall_ns,          m->u_fall_ns};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        take(all[i]);
        of_version[version] = taken(of_version[version], all[i]);
    }
}

static uint64_t state = 88172645463325252u;

static int noise(void) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (int)(state >> 40 & 31) - 16;
}

int main(void) {
    const struct pb_sampling sampling = {2000, 1, 610, 1, 1500, 10000, 100, 20000, 0, 0};
    static const int highs[] = {19672, 14720, 9830, 4800, 14720, 0, 19672};
    static int16_t counts[20000];
    struct pb_cp_tracker tracker;
    pb_cp_tracker_init(&tracker, &sampling, &table_a4_windows, on_transition, NULL);
    int64_t index = 0;
    int level = 0;
    for (int block = 0; block < 70; block++) {
        int high = highs[block / 10], period = 490 + block % 10 * 2, width = 40 + block * 5;
        for (int i = 0; i < 20000; i++) {
            bool is_high = block % 10 < 3 || i % period < width;
            level += ((is_high ? high : -19672) - level) / 3;
            counts[i] = (int16_t)(level + noise());
        }
        pb_cp_tracker_feed(&tracker, index, counts, 20000);
        index += 20000;
        struct pb_cp_meter meter;
        pb_cp_meter_init(&meter, &sampling);
        pb_cp_meter_feed(&meter, counts, 20000);
        struct pb_cp_measurement m;
        pb_cp_meter_finish(&meter, &m);
        take_measurement(1, &m);
        static struct pb_cp_analyser analyser;
        struct pb_cp_analyser_setup setup = {
            .sampling = sampling, .edge_limit_ns = {13000, 10000}, .report = on_period};
        setup.sampling.front_rise_ns = block % 2 ? 4000 : 0;
        pb_cp_analyser_init(&analyser, &setup);
        pb_cp_analyser_feed(&analyser, counts, 20000);
        for (int version = 2; version <= 3; version++) {
            pb_cp_analyser_measure_as(&analyser, version, &m);
            take_measurement(version, &m);
        }
    }
    printf("%016" PRIx64 " %016" PRIx64 " %016" PRIx64 "\n", digest, of_version[1], of_version[2]);
    return 0;
}
