/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From a converter's codes to what stands at the far end of the wiring, and back: range, divider and two-point calibration as one
 * line, in integers. Codes become 16-bit counts, left-aligned, so that the ends of any converter are the ends of int16_t, by
 * which the analyser knows saturation. Pure: no libcomedi. */
#ifndef PB_INSTRUMENTS_COMEDI_SCALE_H
#define PB_INSTRUMENTS_COMEDI_SCALE_H

#include "pilot_emulator/analyser.h"

#include <stdbool.h>
#include <stdint.h>

/* A divider in front of the input (top between signal and input, bottom to ground; top 0: none), and two points at which the whole
 * channel was compared with a reference: what it showed uncalibrated, what was true. */
struct comedi_wiring {
    int64_t divider_top_mohm, divider_bottom_mohm; /* 0 to 1e10, 1 to 1e10 */
    int64_t low_read_uv, low_true_uv, high_read_uv, high_true_uv;
};
struct comedi_range_uv {
    int64_t min_uv, max_uv; /* of the board's range, min below max */
};
/* Exact: true uV = (offset_num + code * num) / den, den above 0. */
struct comedi_scale {
    __int128 num, offset_num, den;
    uint32_t maxdata;
};

/* False: the two points do not make a line (equal), or the result does not fit. maxdata at least 1. */
bool comedi_scale_make(const struct comedi_wiring *wiring, const struct comedi_range_uv *range, uint32_t maxdata,
                       struct comedi_scale *ret_scale);
int64_t comedi_scale_uv(const struct comedi_scale *scale, uint32_t code); /* rounded */
/* The nearest code; false: outside what the converter reaches, half a code of tolerance included. */
bool comedi_scale_code(const struct comedi_scale *scale, int64_t uv, uint32_t *ret_code);

/* code -> count: (code << left >> right) - 32768, and the greatest code is INT16_MAX. */
int16_t comedi_count_of(uint32_t code, uint32_t maxdata);
/* Fills uv_num, uv_den and uv_offset for such counts. */
void comedi_scale_sampling(const struct comedi_scale *scale, struct pb_sampling *to);

#endif
