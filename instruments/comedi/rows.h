/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A wiring file: what is connected to which channel of a board, with divider, calibration and harmless value. It is a file of its own,
 * named by the bench file, because it belongs to the board and its cable, is made again at each calibration, and is hashed with the
 * run's inputs. Pure: no libcomedi. */
#ifndef PB_INSTRUMENTS_COMEDI_ROWS_H
#define PB_INSTRUMENTS_COMEDI_ROWS_H

#include "instruments/comedi/scale.h"
#include "instruments/roles/driver.h"

enum { COMEDI_ROWS_MAX = 64 };
/* The order is that of the lists in the file, and of the rows. */
enum comedi_kind {
    COMEDI_STREAM_IN,
    COMEDI_ANALOGUE_IN,
    COMEDI_ANALOGUE_OUT,
    COMEDI_DIGITAL_IN,
    COMEDI_DIGITAL_OUT,
    COMEDI_PULSE_DUTY,
    COMEDI_PULSE_FREQUENCY, /* of a line that has a duty too */
    COMEDI_KINDS
};

struct comedi_row {
    enum comedi_kind kind;
    const char *name, *role;
    int64_t subdevice;      /* -1: the first of its kind */
    int64_t line;           /* the board's channel */
    int reference;          /* AREF_GROUND ... AREF_OTHER */
    int64_t from_uv, to_uv; /* analogue: what must be within range, at the far end of the wiring */
    struct comedi_wiring wiring;
    int64_t u_level_uv, front_rise_ns;
    int64_t change_uv;     /* analogue input that is looked at: smaller ones are not told */
    int64_t frequency_uhz; /* pulses: at the start */
    int64_t safe;          /* uV; 0 or 1; ppm; uHz */
    bool is_inverted, energises;
};
struct comedi_rows {
    struct pb_doc *doc; /* owns the names */
    size_t count;
    struct comedi_row rows[COMEDI_ROWS_MAX];
    struct pb_channel channels[COMEDI_ROWS_MAX]; /* the same rows, as the harness sees them */
};

/* Allocates. Errors: PB_ERR_INPUT with place, found, expected; PB_ERR_IO, PB_ERR_MEMORY. */
PB_MUST_CHECK enum pb_status comedi_rows_read(const char *path, struct comedi_rows **ret_rows, struct pb_error *error);
/* The same of a document that was read already, and that is taken over, also on failure. */
PB_MUST_CHECK enum pb_status comedi_rows_bind(struct pb_doc *doc, struct comedi_rows **ret_rows,
                                              struct pb_error *error);
void comedi_rows_destroy(struct comedi_rows *rows); /* NULL is fine */

#endif
