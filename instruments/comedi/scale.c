/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products of a range (31 bits), maxdata (32), a divider (34) and a calibration (34) stay inside 128 bits once reduced. */
#include "instruments/comedi/scale.h"

#define MAX_TERM 1000000000000 /* of a pb_sampling */

static __int128 magnitude(__int128 value) { return value < 0 ? -value : value; }

static __int128 common_divisor(__int128 a, __int128 b) {
    a = magnitude(a);
    b = magnitude(b);
    while (b) {
        __int128 rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static void reduce(struct comedi_scale *scale) {
    __int128 divisor = common_divisor(common_divisor(scale->num, scale->offset_num), scale->den);
    if (scale->den < 0) divisor = -divisor;
    scale->num /= divisor;
    scale->offset_num /= divisor;
    scale->den /= divisor;
}

/* y = (y * num + add) / den in place; false: overflow. */
static bool append(struct comedi_scale *scale, __int128 num, __int128 den, __int128 add) {
    __int128 shifted;
    if (__builtin_mul_overflow(scale->num, num, &scale->num)) return false;
    if (__builtin_mul_overflow(scale->offset_num, num, &scale->offset_num)) return false;
    if (__builtin_mul_overflow(scale->den, add, &shifted)) return false;
    if (__builtin_add_overflow(scale->offset_num, shifted, &scale->offset_num)) return false;
    if (__builtin_mul_overflow(scale->den, den, &scale->den)) return false;
    reduce(scale);
    return true;
}

bool comedi_scale_make(const struct comedi_wiring *wiring, const struct comedi_range_uv *range, uint32_t maxdata,
                       struct comedi_scale *ret_scale) {
    int64_t read = wiring->high_read_uv - wiring->low_read_uv, shown = wiring->high_true_uv - wiring->low_true_uv;
    if (read == 0 || shown == 0 || range->max_uv <= range->min_uv || maxdata == 0) return false;
    struct comedi_scale scale = {.num = range->max_uv - range->min_uv,
                                 .offset_num = (__int128)range->min_uv * maxdata,
                                 .den = maxdata,
                                 .maxdata = maxdata};
    reduce(&scale);
    /* Divider: y * (top + bottom) / bottom. Calibration: ((y - low_read) * shown + low_true * read) / read. */
    if (!append(&scale, (__int128)wiring->divider_top_mohm + wiring->divider_bottom_mohm, wiring->divider_bottom_mohm,
                0))
        return false;
    if (!append(&scale, shown, read, (__int128)wiring->low_true_uv * read - (__int128)wiring->low_read_uv * shown))
        return false;
    *ret_scale = scale;
    return true;
}

/* den > 0; half away from zero */
static __int128 divide_rounded(__int128 num, __int128 den) {
    return num < 0 ? -((-num + den / 2) / den) : (num + den / 2) / den;
}

int64_t comedi_scale_uv(const struct comedi_scale *scale, uint32_t code) {
    return (int64_t)divide_rounded(scale->offset_num + scale->num * code, scale->den);
}

bool comedi_scale_code(const struct comedi_scale *scale, int64_t uv, uint32_t *ret_code) {
    __int128 steps = (__int128)uv * scale->den - scale->offset_num;
    __int128 code = scale->num > 0 ? divide_rounded(steps, scale->num) : divide_rounded(-steps, -scale->num);
    if (code < 0 || code > scale->maxdata) return false;
    *ret_code = (uint32_t)code;
    return true;
}

static int bits_of(uint32_t maxdata) { return 32 - __builtin_clz(maxdata); }

int16_t comedi_count_of(uint32_t code, uint32_t maxdata) {
    int bits = bits_of(maxdata);
    if (code >= maxdata) return INT16_MAX;
    uint32_t aligned = bits > 16 ? code >> (bits - 16) : code << (16 - bits);
    return (int16_t)((int32_t)aligned - 32768);
}

void comedi_scale_sampling(const struct comedi_scale *scale, struct pb_sampling *to) {
    int bits = bits_of(scale->maxdata);
    /* code = (count + 32768) * 2^(bits - 16) */
    __int128 num = scale->num * ((__int128)1 << (bits > 16 ? bits - 16 : 0));
    __int128 den = scale->den * ((__int128)1 << (bits < 16 ? 16 - bits : 0));
    __int128 at_zero = scale->offset_num * (den / scale->den) + num * 32768;
    to->uv_offset = (int64_t)divide_rounded(at_zero, den);
    __int128 divisor = common_divisor(num, den);
    for (num /= divisor, den /= divisor; magnitude(num) > MAX_TERM || den > MAX_TERM; num /= 2, den /= 2) {}
    to->uv_num = (int64_t)num;
    to->uv_den = (int64_t)den;
}
