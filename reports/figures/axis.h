/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A time axis on which 100 ms and 14 h can both be read: pieces, each with a scale of its own. Where something happens the scale
 * is fine; a stretch in which little does is compressed, and says how long it is. Pieces follow one another without a gap and
 * are laid out in rows of one width, as lines of text are. */
#ifndef PB_FIGURES_AXIS_H
#define PB_FIGURES_AXIS_H

#include "base/instant.h"

#include <stdbool.h>
#include <stddef.h>

enum { PB_AXIS_PIECES = 96 };
struct pb_axis_piece {
    pb_instant from, to;
    double x, width; /* px within the row */
    int row;
    bool is_compressed;
};
struct pb_axis {
    struct pb_axis_piece pieces[PB_AXIS_PIECES];
    size_t piece_count;
    int row_count;
    double row_width;
};
/* instants: when something happens, ascending. from < to; what lies outside is ignored. */
void pb_axis_make(struct pb_axis *axis, pb_instant from, pb_instant to, const pb_instant *instants, size_t count,
                  double row_width);
/* One piece, one row. */
void pb_axis_make_linear(struct pb_axis *axis, pb_instant from, pb_instant to, double row_width);
/* px from the piece's row's left edge; the instant is brought into the piece first. */
double pb_axis_x(const struct pb_axis_piece *piece, pb_instant at);
/* The piece that an instant lies in; NULL outside of all. */
const struct pb_axis_piece *pb_axis_find(const struct pb_axis *axis, pb_instant at);
/* A round length (1, 2, 5 times a power of ten, or whole minutes and hours) that takes at most max_width px of the piece. */
pb_span pb_axis_round_span(const struct pb_axis_piece *piece, double max_width);

#endif
