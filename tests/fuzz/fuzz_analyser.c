/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arbitrary samplings, windows and blocks for tracker, meter and analyser, as from a damaged record. Layout: 20
 * little-endian int64, then blocks of a head byte (0-63 feed so often, 64-127 after a loss, 128-255 modelled
 * stretch), a length byte, and samples. */
#include "pilot_emulator/periods.h"
#include "tests/support/windows.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t number(const uint8_t **data, size_t *size) {
    uint64_t value = 0;
    for (int i = 0; i < 8; i++) {
        uint8_t byte = *size > 0 ? **data : 0;
        if (*size > 0) {
            (*data)++;
            (*size)--;
        }
        value |= (uint64_t)byte << 8 * i;
    }
    int64_t number;
    memcpy(&number, &value, sizeof number);
    return number;
}

static int64_t last_ns, promised_ns, transitions;

static void on_transition(void *user, const struct pb_cp_transition *transition) {
    (void)user;
    if (transition->from == transition->to || transition->left_ns > transition->seen_ns || transition->u_ns < 0)
        abort();
    if (transition->left_ns < last_ns || transition->left_ns < promised_ns) abort();
    last_ns = transition->seen_ns;
    transitions++;
}

static void check(const struct pb_cp_measurement *m) {
    if (m->u_duty_ppm < 0 || m->u_frequency_uhz < 0 || m->u_high_uv < 0 || m->u_low_uv < 0 || m->duty_ppm < 0 ||
        m->duty_ppm > 1000000 || m->ripple_high_uv < 0 || m->ripple_low_uv < 0 || m->u_rise_ns < 0 || m->rise_ns < 0)
        abort();
}

static int64_t last_end;

static void on_period(void *user, const struct pb_cp_period *period) {
    (void)user;
    if (period->rise < last_end || period->fall < period->rise || period->end <= period->rise) abort();
    if (period->duty_ppm < 0 || period->duty_ppm > 1000000 || period->edge_ps[0] < 0) abort();
    last_end = period->end;
}

/* The same samples in blocks of one and as they come: equal bits. */
static struct pb_cp_analyser analyser, by_one;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int64_t n[20];
    for (size_t i = 0; i < sizeof n / sizeof n[0]; i++) n[i] = number(&data, &size);
    const struct pb_sampling sampling = {n[0], n[1], n[2], n[3], n[4], n[5], n[6], n[7], n[6] / 2, n[19]};
    struct pb_cp_windows windows = {{n[8], n[9]},   {n[10], n[11]}, {n[12], n[13]},
                                    {n[14], n[15]}, {n[16], n[17]}, {n[18], n[19]}};
    if (n[8] == 0) windows = table_a4_windows;
    struct pb_cp_tracker tracker;
    struct pb_cp_meter meter;
    last_ns = promised_ns = INT64_MIN;
    pb_cp_tracker_init(&tracker, &sampling, &windows, on_transition, NULL);
    pb_cp_meter_init(&meter, &sampling);
    last_end = 0;
    struct pb_cp_analyser_setup setup = {sampling, {n[18], n[17]}, NULL, NULL};
    pb_cp_analyser_init(&by_one, &setup);
    setup.report = on_period;
    pb_cp_analyser_init(&analyser, &setup);
    int64_t index = 0;
    while (size > 2) {
        uint8_t head = data[0];
        size_t count = (size_t)data[1] < (size - 2) / 2 ? data[1] : (size - 2) / 2;
        static int16_t counts[256];
        memcpy(counts, data + 2, 2 * count);
        data += 2 + 2 * count;
        size -= 2 + 2 * count;
        if (head >= 128) {
            index += (int64_t)1 << (head & 31);
            pb_cp_tracker_steady(&tracker, index);
            continue;
        }
        if (head >= 64) index += head;
        /* Repeated, so that short inputs make long levels. */
        for (int i = 0; i <= (head & 63); i++) {
            pb_cp_tracker_feed(&tracker, index, counts, count);
            pb_cp_meter_feed(&meter, counts, count);
            pb_cp_analyser_feed(&analyser, counts, count);
            for (size_t k = 0; k < count; k++) pb_cp_analyser_feed(&by_one, counts + k, 1);
            index += (int64_t)count;
            int64_t complete_ns = pb_cp_tracker_complete_ns(&tracker);
            if (complete_ns > pb_sampling_ns_of(&tracker.sampling, index + 1)) abort();
            if (complete_ns > promised_ns) promised_ns = complete_ns;
        }
        struct pb_cp_measurement m;
        pb_cp_meter_finish(&meter, &m);
        check(&m);
        struct pb_cp_measurement same;
        memset(&m, 0, sizeof m);
        memset(&same, 0, sizeof same);
        pb_cp_analyser_measure(&analyser, &m);
        pb_cp_analyser_measure(&by_one, &same);
        check(&m);
        if (m.duty_ppm != same.duty_ppm || m.u_duty_ppm != same.u_duty_ppm || m.high_uv != same.high_uv ||
            m.u_high_uv != same.u_high_uv || m.low_uv != same.low_uv || m.frequency_uhz != same.frequency_uhz ||
            m.u_frequency_uhz != same.u_frequency_uhz || m.glitches != same.glitches || m.rise_ns != same.rise_ns)
            abort();
    }
    return 0;
}
