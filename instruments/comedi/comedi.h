/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The driver for data acquisition boards under Linux's comedi. What a board is wired to stands in a wiring file (rows.h). */
#ifndef PB_INSTRUMENTS_COMEDI_H
#define PB_INSTRUMENTS_COMEDI_H

#include "instruments/roles/driver.h"

extern const struct pb_driver pb_comedi_driver;

/* What the stream's negotiation came to, and how it runs. */
struct pb_comedi_stream_state {
    int64_t wanted_period_ns, period_ns; /* of a scan */
    int64_t wanted_buffer_bytes, buffer_bytes;
    int64_t u_start_ns; /* the whole stream's date may be off by so much */
    int64_t scans;      /* handed on */
    int64_t
        drift_ppb; /* the board's clock against the bench's, beyond what the bench file says; 0 in the first seconds */
    int64_t drift_ns; /* gathered so far */
};
/* NULL: this instrument does not stream. */
const struct pb_comedi_stream_state *pb_comedi_stream_state(struct pb_instrument *instrument);

/* Tells what the boards of this machine have, a line at a time: device, subdevices with lines, ranges and fastest rate. Returns the number
 * of boards found. */
int pb_comedi_scan(void (*tell)(void *user, const char *line), void *user);

#endif
