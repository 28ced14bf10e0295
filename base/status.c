/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names and texts of the statuses, from the one list, and the filling of an error context. */
#include "base/status.h"

#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const struct {
    const char *name;
    const char *text;
} statuses[] = {
#define X(name, text) {#name, text},
    PB_STATUS_MAP(X)
#undef X
};

const char *pb_status_name(enum pb_status status) {
    return (unsigned)status < PB_STATUS_COUNT ? statuses[status].name : "?";
}

const char *pb_status_text(enum pb_status status) {
    return (unsigned)status < PB_STATUS_COUNT ? statuses[status].text : "?";
}

enum pb_status pb_fail(struct pb_error *error, enum pb_status status, int vendor_code, const char *where,
                       const char *format, ...) {
    assert(status != PB_OK);
    if (!error) return status;
    error->status = status;
    error->vendor_code = vendor_code;
    if (snprintf(error->where, sizeof error->where, "%s", where ? where : "") >= (int)sizeof error->where)
        pb_text_drop_partial(error->where);
    va_list args;
    va_start(args, format);
    if (vsnprintf(error->text, sizeof error->text, format, args) >= (int)sizeof error->text)
        pb_text_drop_partial(error->text);
    va_end(args);
    return status;
}
