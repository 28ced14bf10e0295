/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Instants closer together than a threshold are a burst, drawn on a fine scale; what lies between bursts is compressed, and so are lone
 * instants (a meter's reading every quarter of an hour), which then stand at their place in the compressed piece. When there would
 * be too many bursts, the threshold grows. */
#include "reports/figures/axis.h"

#include <math.h>

enum { BURSTS_MAX = 30, LONE_INSTANTS = 2 };
static const double fine_px_per_s = 150, fine_min_px = 150, fine_max_px = 1500, compressed_min_px = 74,
                    compressed_max_px = 300;

struct burst {
    pb_instant from, to;
    size_t instants;
};
struct bursts {
    struct burst list[BURSTS_MAX];
    size_t count;
};

static bool is_lone(const struct burst *burst) {
    return burst->instants <= LONE_INSTANTS && pb_between(burst->from, burst->to).ns < pb_s(1).ns;
}

/* Keeps a burst that is over; false when there is no room. The first one is kept also when it is lone. */
static bool keep(struct bursts *bursts, const struct burst *burst) {
    if (!burst->instants || (bursts->count && is_lone(burst))) return true;
    if (bursts->count == BURSTS_MAX) return false;
    bursts->list[bursts->count++] = *burst;
    return true;
}

static bool find_bursts(struct bursts *bursts, pb_instant from, pb_instant to, const pb_instant *instants, size_t count,
                        pb_span threshold) {
    struct burst burst = {0};
    bursts->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (pb_is_before(instants[i], from) || pb_is_before(to, instants[i])) continue;
        if (burst.instants && pb_between(burst.to, instants[i]).ns > threshold.ns) {
            if (!keep(bursts, &burst)) return false;
            burst.instants = 0;
        }
        if (!burst.instants) burst.from = instants[i];
        if (!burst.instants || pb_between(burst.to, instants[i]).ns > pb_ms(1).ns) burst.instants++;
        burst.to = instants[i];
    }
    return keep(bursts, &burst);
}

/* --- laying out ---------------------------------------------------------------------------------------------------------- */

static double clamp(double value, double least, double most) {
    return value < least ? least : value > most ? most : value;
}

static void put(struct pb_axis *axis, pb_instant from, pb_instant to, double width, bool is_compressed) {
    const struct pb_axis_piece *last = axis->piece_count ? &axis->pieces[axis->piece_count - 1] : NULL;
    double x = last ? last->x + last->width : 0;
    int row = last ? last->row : 0;
    if (x + width > axis->row_width + 0.5) {
        x = 0;
        row++;
    }
    if (axis->piece_count == PB_AXIS_PIECES) return;
    axis->pieces[axis->piece_count++] =
        (struct pb_axis_piece){from, to, x, clamp(width, 1, axis->row_width), row, is_compressed};
    axis->row_count = row + 1;
}

/* A fine piece that does not fit is cut where the row ends, unless too little of it would be left on either side. */
static void put_fine(struct pb_axis *axis, pb_instant from, pb_instant to) {
    double width = clamp((double)pb_between(from, to).ns / 1e9 * fine_px_per_s, fine_min_px, fine_max_px);
    while (axis->piece_count < PB_AXIS_PIECES) {
        const struct pb_axis_piece *last = axis->piece_count ? &axis->pieces[axis->piece_count - 1] : NULL;
        double room = last ? axis->row_width - last->x - last->width : axis->row_width;
        if (room < fine_min_px) room = axis->row_width;
        if (width <= room || width < 2 * fine_min_px) break;
        double part = width - room < fine_min_px ? width - fine_min_px : room;
        pb_instant cut = pb_after(from, pb_ns((int64_t)((double)pb_between(from, to).ns * part / width)));
        put(axis, from, cut, part, false);
        width -= part;
        from = cut;
    }
    put(axis, from, to, width, false);
}

static void put_compressed(struct pb_axis *axis, pb_instant from, pb_instant to, const pb_instant *instants,
                           size_t count) {
    if (pb_between(from, to).ns <= 0) return;
    size_t inside = 0;
    for (size_t i = 0; i < count; i++) inside += !pb_is_before(instants[i], from) && pb_is_before(instants[i], to);
    double decades = log10((double)pb_between(from, to).ns / 1e9 + 1);
    put(axis, from, to,
        clamp(compressed_min_px + 14 * decades + 7 * (double)inside, compressed_min_px, compressed_max_px), true);
}

/* Rows as wide as they may be; the last one only when it nearly is. */
static void justify(struct pb_axis *axis) {
    for (size_t i = 0, end; i < axis->piece_count; i = end) {
        for (end = i; end < axis->piece_count && axis->pieces[end].row == axis->pieces[i].row; end++) {}
        const struct pb_axis_piece *last = &axis->pieces[end - 1];
        double factor = axis->row_width / (last->x + last->width);
        if (end == axis->piece_count && factor > 1.5) continue;
        for (size_t k = i; k < end; k++) {
            axis->pieces[k].x *= factor;
            axis->pieces[k].width *= factor;
        }
    }
}

void pb_axis_make(struct pb_axis *axis, pb_instant from, pb_instant to, const pb_instant *instants, size_t count,
                  double row_width) {
    struct bursts bursts;
    pb_span threshold = pb_s(4);
    *axis = (struct pb_axis){.row_width = row_width};
    while (!find_bursts(&bursts, from, to, instants, count, threshold)) threshold.ns *= 4;
    pb_instant done = from;
    for (size_t i = 0; i < bursts.count; i++) {
        const struct burst *burst = &bursts.list[i];
        pb_span pad = pb_ns(pb_between(burst->from, burst->to).ns / 12 + pb_ms(60).ns);
        pb_instant begin = pb_after(burst->from, pb_ns(-pad.ns)), end = pb_after(burst->to, pad);
        if (pb_between(done, begin).ns < threshold.ns / 2) begin = done;
        begin = pb_later(begin, done);
        end = pb_earlier(end, to);
        put_compressed(axis, done, begin, instants, count);
        put_fine(axis, begin, end);
        done = end;
    }
    if (!bursts.count || pb_between(done, to).ns > threshold.ns / 2) put_compressed(axis, done, to, instants, count);
    else if (axis->piece_count) axis->pieces[axis->piece_count - 1].to = to;
    justify(axis);
}

void pb_axis_make_linear(struct pb_axis *axis, pb_instant from, pb_instant to, double row_width) {
    *axis = (struct pb_axis){.row_width = row_width,
                             .piece_count = 1,
                             .row_count = 1,
                             .pieces = {{.from = from, .to = to, .width = row_width}}};
}

double pb_axis_x(const struct pb_axis_piece *piece, pb_instant at) {
    pb_instant inside = pb_earlier(pb_later(at, piece->from), piece->to);
    int64_t length = pb_between(piece->from, piece->to).ns;
    return piece->x + (length > 0 ? piece->width * (double)pb_between(piece->from, inside).ns / (double)length : 0);
}

const struct pb_axis_piece *pb_axis_find(const struct pb_axis *axis, pb_instant at) {
    for (size_t i = 0; i < axis->piece_count; i++)
        if (!pb_is_before(at, axis->pieces[i].from) &&
            (pb_is_before(at, axis->pieces[i].to) || i + 1 == axis->piece_count))
            return &axis->pieces[i];
    return NULL;
}

pb_span pb_axis_round_span(const struct pb_axis_piece *piece, double max_width) {
    static const int64_t longer_s[] = {10, 20, 30, 60, 120, 300, 600, 1800, 3600, 7200, 18000, 36000};
    double room_ns = (double)pb_between(piece->from, piece->to).ns * max_width / piece->width;
    pb_span best = pb_ns(1);
    for (int64_t ten = 1; ten <= 1000000000; ten *= 10)
        for (int64_t times = 1; times <= 5; times = times == 1 ? 2 : times == 2 ? 5 : 10)
            if ((double)(ten * times) <= room_ns) best = pb_ns(ten * times);
    for (size_t i = 0; i < sizeof longer_s / sizeof *longer_s; i++)
        if ((double)pb_s(longer_s[i]).ns <= room_ns) best = pb_s(longer_s[i]);
    return best;
}
