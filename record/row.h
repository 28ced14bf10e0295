/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One row of a run file's log, as struct. record/read and record/write both include this; docs/run-file.md is its text form.
 * What a..d, name and text hold depends on the kind; the table below is the definition. Integers in steps of the unit
 * (base/quantity.h), instants in ns of the bench clock. Rows of one run are hash-chained in order of seq. */
#ifndef PB_RECORD_ROW_H
#define PB_RECORD_ROW_H

#include "base/instant.h"

#include <stdint.h>

/* clang-format off */
/*   X(name,    text)                 name          a             b             c             d        text (JSON, sorted keys, compact)
 */
#define PB_ROW_MAP(X)                                                                                                 \
    X(CASE, "case")         /* plan   case id       -             -             -             -        title, source, evidence ... */ \
    X(STEP, "step")         /* plan   step id       mode          -             -             -        actor, text, evidence, seed */ \
    X(CHECK, "check")       /* plan   check id      limit min     limit max     unit          flags    limit row, clause, source, confidence, rule, extractor, reason if not run */ \
    X(ACTION, "action")     /*        role          value         unit          -             -        what the bench did and why */ \
    X(EVENT, "event")       /*        event name    value now     value before  other date ns u_ns     - or details */ \
    X(MODELLED, "modelled") /*        channel       to ns         -             -             -        what it was */ \
    X(CAPTURE, "capture")   /*        channel       first index   count         -             -        sampling */ \
    X(READING, "reading")   /*        check id      value         u             unit          outcome  recipe */ \
    X(VERDICT, "verdict")   /*        check/case id verdict       reading seq   -             -        reason */ \
    X(FAULT, "fault")       /*        check id      enum pb_side  -             -             -        why that side */ \
    X(MESSAGE, "message")   /*        message type  party from    party to      enum pb_said  link     the message */ \
    X(REQUEST, "request")   /*        verb          -             -             -             -        who asked what, answer */ \
    X(NOTE, "note")         /*        origin        -             -             -             -        text */ \
    X(CLOSE, "close")       /*        -             rows before   exit status   -             -        totals */
/* clang-format on */

enum pb_row_kind {
#define X(name, text) PB_ROW_##name,
    PB_ROW_MAP(X)
#undef X
        PB_ROW_KIND_COUNT
};
const char *pb_row_kind_name(enum pb_row_kind kind);
/* The kind of this name; PB_ROW_KIND_COUNT if none. */
enum pb_row_kind pb_row_kind_find(const char *name);

struct pb_row {
    int64_t seq;   /* from 1; given by the writer */
    pb_instant at; /* bench time; plan rows 0 */
    enum pb_row_kind kind;
    int32_t case_no;  /* from 1; 0: of the whole run */
    int32_t step_no;  /* from 1 within the run; 0: none */
    int32_t check_no; /* from 1 within the run; 0: none */
    const char *name; /* "" for none, never NULL */
    int64_t a, b, c, d;
    const char *text; /* "" for none, never NULL */
};

#endif
