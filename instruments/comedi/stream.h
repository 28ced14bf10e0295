/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Analogue inputs sampled throughout: one command for all of them, negotiated, its ring mapped twice in a row so that no scan is ever cut
 * by its end, and drained by whoever polls.
 * Dating: scan i is taken at start + i * period, one period after the start at the latest; the start is the middle between two readings
 * of the clock around the command. Sample indices are those of the bench clock (index * period = bench instant), so the first is not 0. */
#ifndef PB_INSTRUMENTS_COMEDI_STREAM_H
#define PB_INSTRUMENTS_COMEDI_STREAM_H

#include "instruments/comedi/board.h"
#include "instruments/comedi/comedi.h"
#include "instruments/comedi/drift.h"

enum { COMEDI_BLOCK = 4096 }; /* scans handed on at a time */

struct comedi_stream {
    const struct comedi_board *board;
    unsigned subdevice, channel_count; /* 0: no stream */
    unsigned row[COMEDI_ROWS_MAX];     /* of each channel in the scan */
    struct comedi_line lines[COMEDI_ROWS_MAX];
    struct pb_sampling sampling[COMEDI_ROWS_MAX];
    int64_t first_index[COMEDI_ROWS_MAX];
    bool is_wide; /* samples of 32 bits */
    size_t scan_bytes, ring_bytes;
    size_t read_at, held; /* in the ring; bytes of a scan that is not whole yet, marked as read */
    const uint8_t *ring;  /* twice ring_bytes */
    bool is_running, is_overrun;
    int64_t scans; /* handed on */
    pb_instant wall_zero;
    struct comedi_drift drift;
    struct pb_comedi_stream_state state;
    int16_t *block; /* COMEDI_BLOCK of each channel */
};

struct comedi_stream_wish {
    pb_span period, buffer;
    int64_t clock_ppm,
        u_clock_ppm; /* the board's clock: how much its periods are longer than it says, and how well that is known */
    pb_span u_time;
};

/* `stream` has board, channel_count (above 0), row and lines; the rest is made here. Leaves nothing running on failure. */
PB_MUST_CHECK enum pb_status comedi_stream_start(struct comedi_stream *stream, const struct comedi_rows *rows,
                                                 const struct comedi_stream_wish *wish, pb_instant wall_zero,
                                                 struct pb_error *error);
/* Hands on all whole scans that the ring holds now. PB_ERR_OVERRUN once everything before the gap was handed on; PB_ERR_GONE; PB_ERR_IO when
 * the clocks part by more than the bench file allows. */
PB_MUST_CHECK enum pb_status comedi_stream_drain(struct comedi_stream *stream, const struct pb_sink *sink,
                                                 struct pb_error *error);
/* Date of the first sample that was not handed on yet. */
pb_instant comedi_stream_complete(const struct comedi_stream *stream);
void comedi_stream_stop(struct comedi_stream *stream); /* also one that never started */

#endif
