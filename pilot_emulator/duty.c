/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "pilot_emulator/duty.h"

static const int64_t ppm_per_percent = 10000;

static const struct pb_duty_row *find(const struct pb_duty_row *rows, size_t count, int64_t value) {
    for (size_t i = 0; i < count; i++)
        if (value >= rows[i].from && value <= rows[i].to) return &rows[i];
    return NULL;
}

const struct pb_duty_row *pb_duty_row_read(const struct pb_duty_law *law, int64_t duty_ppm) {
    return find(law->read, law->read_count, duty_ppm);
}

const struct pb_duty_row *pb_duty_row_announced(const struct pb_duty_law *law, int64_t ma) {
    return find(law->announced, law->announced_count, ma);
}

enum pb_duty_meaning pb_duty_read(const struct pb_duty_law *law, int64_t duty_ppm, int64_t *ret_ma) {
    const struct pb_duty_row *row = pb_duty_row_read(law, duty_ppm);
    *ret_ma = 0;
    if (!row) return PB_DUTY_NO_CHARGING;
    if (row->meaning == PB_DUTY_CURRENT)
        *ret_ma = row->slope_ma ? ((duty_ppm - row->zero_ppm) * row->slope_ma + ppm_per_percent / 2) / ppm_per_percent
                                : row->fixed_ma;
    return row->meaning;
}

int64_t pb_duty_announce(const struct pb_duty_law *law, int64_t ma) {
    const struct pb_duty_row *row = pb_duty_row_announced(law, ma);
    if (!row || !row->slope_ma) return 0;
    return row->zero_ppm + (ma * ppm_per_percent + row->slope_ma / 2) / row->slope_ma;
}
