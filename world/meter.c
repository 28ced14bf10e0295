/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Integers only: power in uW, time in ns, so energy in 1e-15 J; 128 bits hold the product of any two. */
#include "world/meter.h"

#define FJ_PER_WH INT64_C(3600000000000000000)

__extension__ typedef __int128 wide;

static void count(struct pb_meter *meter, pb_instant now) {
    int64_t power_uw =
        meter->power_uw + (int64_t)((wide)meter->power_uw * (meter->class_ppm + meter->more_ppm) / 1000000);
    wide energy_fj = (wide)power_uw * pb_between(meter->counted, now).ns + meter->rest_fj;
    meter->rest_fj = (int64_t)(energy_fj % FJ_PER_WH);
    meter->reading_wh = (int64_t)((meter->reading_wh + energy_fj / FJ_PER_WH) % meter->rollover_wh);
    meter->counted = now;
}

void pb_meter_init(struct pb_meter *meter, int64_t class_ppm, int64_t rollover_wh, pb_span period) {
    *meter = (struct pb_meter){
        .rollover_wh = rollover_wh, .class_ppm = class_ppm, .period = period, .due = PB_INSTANT_NEVER};
}

void pb_meter_flow(struct pb_meter *meter, pb_instant now, int64_t power_uw) {
    count(meter, now);
    bool has_ended = meter->power_uw > 0 && power_uw == 0, has_begun = meter->power_uw == 0 && power_uw > 0;
    meter->power_uw = power_uw;
    if (has_ended) meter->due = now;
    else if (has_begun) meter->due = pb_earlier(meter->due, pb_after(now, meter->period));
}

void pb_meter_set(struct pb_meter *meter, pb_instant now, int64_t reading_wh) {
    count(meter, now);
    meter->reading_wh = reading_wh % meter->rollover_wh;
    meter->rest_fj = 0;
    meter->due = now;
}

void pb_meter_err(struct pb_meter *meter, pb_instant now, int64_t more_ppm) {
    count(meter, now);
    meter->more_ppm = more_ppm;
}

bool pb_meter_run(struct pb_meter *meter, pb_instant now) {
    if (pb_is_before(now, meter->due)) return false;
    count(meter, now);
    meter->due = meter->power_uw > 0 ? pb_after(now, meter->period) : PB_INSTANT_NEVER;
    return true;
}
